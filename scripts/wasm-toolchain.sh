#!/usr/bin/env bash
# Answers which Rust toolchain builds for the browser.
#
#   wasm-toolchain.sh           prints nothing when the active toolchain has the
#                               target, `wasm32` when the linked fall-back of
#                               setup/wasm-target.sh does; fails when none has it
#   wasm-toolchain.sh CMD...    runs CMD with that toolchain
#
# CONNECT_WASM_FALLBACK=1 takes the fall-back even where it is not needed: it
# is there to test the fall-back on a machine that has the target.
set -euo pipefail
target=wasm32-unknown-unknown

has_target() {
  local std
  for std in "$1/lib/rustlib/$target/lib"/libstd-*.rlib; do
    [ -e "$std" ] && return
  done
  return 1
}

# The toolchain that the rest of the workspace is built with.
sysroot=$(rustc --print sysroot)

if [ "${CONNECT_WASM_FALLBACK:-}" != 1 ] && has_target "$sysroot"; then
  toolchain=
elif fallback=$(RUSTUP_TOOLCHAIN=wasm32 rustc --print sysroot 2>/dev/null) && has_target "$fallback" &&
  # An upgraded compiler cannot read the library that its predecessor built.
  [ "$(cat "$fallback/lib/rustlib/$target/built-by" 2>/dev/null)" = "$("$fallback/bin/rustc" --version)" ]; then
  toolchain=wasm32
else
  echo "error: no Rust toolchain here builds for $target; scripts/setup/wasm-target.sh gets one" >&2
  exit 1
fi

if [ $# -eq 0 ]; then
  printf '%s' "$toolchain"
  exit
fi

if [ -n "$toolchain" ]; then
  export RUSTUP_TOOLCHAIN=$toolchain
  # Debian's rustc links with a `rust-lld` from PATH, which Debian does not
  # ship and rustup does.
  host=$(rustc -vV | sed -n 's/^host: //p')
  export PATH="$PATH:$sysroot/lib/rustlib/$host/bin"
fi
exec "$@"
