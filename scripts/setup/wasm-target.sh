#!/usr/bin/env bash
# Makes sure that Rust can build for the browser: by rustup's target, or, where
# rustup's servers cannot be reached, by a toolchain from Debian's packages with
# a standard library built here. ../wasm-toolchain.sh tells which one is used.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/messages.sh"
target=wasm32-unknown-unknown

command -v cargo >/dev/null || fail "cargo is missing: install the stable Rust toolchain with rustup, then run this again"

if toolchain=$("$here/../wasm-toolchain.sh" 2>/dev/null); then
  say "wasm32 target" "present${toolchain:+ (fall-back toolchain $toolchain)}"
  exit
fi

command -v rustup >/dev/null || fail "the Rust toolchain on PATH has no $target target and there is no rustup to add it"

if [ "${CONNECT_WASM_FALLBACK:-}" != 1 ]; then
  say "wasm32 target" "installing with rustup"
  if rustup target add "$target"; then
    exit
  fi
  say "wasm32 target" "rustup could not get it"
fi
say "wasm32 target" "building it from Debian's packages (about a minute)"

debian_packages=(rustc-web cargo-web rust-web-src)
if ! dpkg -s "${debian_packages[@]}" >/dev/null 2>&1; then
  apt_install "wasm32 target" "${debian_packages[@]}"
fi
can_be_root || fail "the wasm32 target's fall-back writes to /usr/lib/rustlib and must be run as root"

# The standard library is a by-product of building an empty crate. `test` is
# among its parts because the browser tests need it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
echo '#![no_std]' >"$work/src/lib.rs"
printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
(
  cd "$work"
  RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$work/target" \
    /usr/bin/cargo build --quiet -Zbuild-std=std,panic_abort,test --target "$target" --release
)
rm -f "$work/target/$target/release/deps"/libempty-*.rlib
library=/usr/lib/rustlib/$target
# A library of an earlier compiler would be found beside the new one.
as_root rm -rf "$library"
as_root mkdir -p "$library/lib"
as_root cp "$work/target/$target/release/deps"/*.rlib "$library/lib/"
/usr/bin/rustc --version | as_root tee "$library/built-by" >/dev/null

rustup toolchain link wasm32 /usr
say "wasm32 target" "installed as the toolchain 'wasm32', which is used for the browser's code only"
