#!/usr/bin/env bash
# Builds the widget into npm-package: its wasm with wasm-pack, then the custom
# element around it. Does each of the two only if something changed since.
set -euo pipefail
cd "$(dirname "$0")/.."

wasm=npm-package/wasm/connect_widget_bg.wasm
dist=npm-package/dist

# Whether $1 is there and nothing among the other arguments has changed since.
is_newer() {
  local output=$1
  shift
  [ -e "$output" ] && [ -z "$(find "$@" -newer "$output" -print -quit)" ]
}

started=$(mktemp)
# What a build that did not get to its end leaves behind must not pass for its result.
unfinished=
trap 'rm -rf "$started" ${unfinished:+"$unfinished"}' EXIT

sources=(Cargo.toml Cargo.lock scripts/build-widget.sh scripts/wasm-toolchain.sh)
sources+=(widget/build.rs widget/styles)
for crate in protocol widget; do sources+=("$crate/Cargo.toml" "$crate/src"); done
if is_newer "$wasm" "${sources[@]}"; then
  echo "wasm: up to date" >&2
else
  echo "wasm: building" >&2
  unfinished=npm-package/wasm
  rm -rf "$unfinished"
  # Where this machine keeps its sources is nobody's business who loads the widget.
  cargo_home=${CARGO_HOME:-$HOME/.cargo}
  CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f%s' \
    "--remap-path-prefix=$cargo_home/registry/src=registry" "--remap-path-prefix=$PWD=.") \
    scripts/wasm-toolchain.sh wasm-pack build widget --mode no-install --no-pack --no-gitignore \
    --target web --profile wasm-release --out-dir ../npm-package/wasm --out-name connect_widget \
    -- --features element
  if grep -qF -e "$cargo_home" -e "$HOME/" -e "$PWD" "$wasm"; then
    echo "error: the wasm names folders of this machine" >&2
    exit 1
  fi
  # The time of its sources: what changed during the build is newer.
  touch -r "$started" "$wasm"
  unfinished=
fi

touch "$started"
sources=("$wasm" package-lock.json tsconfig.base.json npm-package/package.json)
for path in npm-package/src npm-package/tsconfig*.json npm-package/*.mjs npm-package/slim; do
  [ -e "$path" ] && sources+=("$path")
done
if is_newer "$dist" "${sources[@]}"; then
  echo "npm package: up to date" >&2
else
  echo "npm package: building" >&2
  unfinished=$dist
  npm run --silent build -w npm-package
  touch -r "$started" "$dist"
  unfinished=
fi
