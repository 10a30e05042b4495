#!/usr/bin/env bash
# Builds the service as a binary that needs no library, for an image FROM scratch,
# and puts it with the certificates of those to be trusted into target/image.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(realpath -m "${CARGO_TARGET_DIR:-target}")
target=$(rustc -vV | sed -n 's/^host: //p')
case $target in
  *-linux-*) ;;
  *) echo "error: an image for Linux is built on Linux, not for $target" >&2; exit 1 ;;
esac

# With a target named, the flags are not for build scripts and macros, which cannot be static.
RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static" \
  cargo build --release -p sse-service --bin sse-service --target "$target" >&2

mkdir -p "$folder/image"
cp "$folder/$target/release/sse-service" "$folder/image/sse-service"
strip "$folder/image/sse-service"
certificates=/etc/ssl/certs/ca-certificates.crt
[ -e "$certificates" ] || certificates=$(openssl version -d | sed 's/.*"\(.*\)"/\1/')/cert.pem
cp -L "$certificates" "$folder/image/ca-certificates.crt"
echo "$folder/image"
