#!/usr/bin/env bash
# Makes sure that wasm-pack is there, and wasm-bindgen's command line in exactly
# the version of the `wasm-bindgen` crate in Cargo.lock: the two exchange data in
# a format that is private to a version.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/messages.sh"

if version=$(wasm-pack --version 2>/dev/null); then
  say "wasm-pack" "present (${version#* })"
else
  say "wasm-pack" "installing with cargo (two to three minutes)"
  cargo install --quiet --locked wasm-pack
fi

lock=$here/../../Cargo.lock
wanted=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/.*= "|"/, ""); print }' "$lock")
[ -n "$wanted" ] || fail "Cargo.lock names no version of wasm-bindgen"
installed=$(wasm-bindgen --version 2>/dev/null || true)
if [ "$installed" = "wasm-bindgen $wanted" ]; then
  say "wasm-bindgen" "present ($wanted)"
else
  say "wasm-bindgen" "installing $wanted with cargo${installed:+ in place of ${installed#* }} (two to three minutes)"
  # Not --locked: its lock file may name a version that was withdrawn or that a
  # mirror does not carry.
  cargo install --quiet --version "$wanted" wasm-bindgen-cli
fi
