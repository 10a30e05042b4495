#!/usr/bin/env bash
# Builds examples/yew-app: its wasm, and its page beside it. Prints the folder.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
folder=$target/yew-app
scripts/wasm-toolchain.sh cargo build --quiet -p yew-app --target wasm32-unknown-unknown
mkdir -p "$folder"
wasm-bindgen --target web --no-typescript --out-dir "$folder" "$target/wasm32-unknown-unknown/debug/yew_app.wasm"
# Served from one folder.
sed 's|\./pkg/|./|' examples/yew-app/index.html >"$folder/index.html"
echo "$folder"
