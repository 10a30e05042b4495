#!/usr/bin/env bash
# Lints what is built for the browser: the widget, and the app that uses it.
set -euo pipefail
cd "$(dirname "$0")/.."

browser=(-p widget -p yew-app --target wasm32-unknown-unknown --all-targets --features widget/element)
if scripts/wasm-toolchain.sh cargo clippy --version >/dev/null 2>&1; then
  scripts/wasm-toolchain.sh cargo clippy "${browser[@]}" -- -D warnings
else
  echo "clippy for wasm32: the fall-back toolchain has none, so the compiler alone checks" >&2
  scripts/wasm-toolchain.sh cargo check "${browser[@]}"
fi
