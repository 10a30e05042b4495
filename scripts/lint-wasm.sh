#!/usr/bin/env bash
# Lints the widget as it is built for the browser.
set -euo pipefail
cd "$(dirname "$0")/.."

browser=(-p widget --target wasm32-unknown-unknown --all-targets --features element)
if scripts/wasm-toolchain.sh cargo clippy --version >/dev/null 2>&1; then
  scripts/wasm-toolchain.sh cargo clippy "${browser[@]}" -- -D warnings
else
  echo "clippy for wasm32: the fall-back toolchain has none, so the compiler alone checks" >&2
  scripts/wasm-toolchain.sh cargo check "${browser[@]}"
fi
