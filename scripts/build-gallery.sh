#!/usr/bin/env bash
# Builds the gallery: its wasm, and beside it what its page loads. Prints the folder.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
folder=$target/gallery
scripts/wasm-toolchain.sh cargo build --quiet -p widget --example gallery --target wasm32-unknown-unknown
mkdir -p "$folder"
wasm-bindgen --target web --no-typescript --out-dir "$folder" "$target/wasm32-unknown-unknown/debug/examples/gallery.wasm"
cp widget/examples/gallery/{index.html,page.css,page.js} npm-package/dist/texts-ar.js "$folder"
echo "$folder"
