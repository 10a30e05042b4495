#!/usr/bin/env bash
# Installs what the publishers of examples/ need, and lets each of them publish
# to the real service, whose listeners must hear the same of all.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/setup/messages.sh

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")

python=$target/publisher-python
wanted=examples/publisher-python/requirements.txt
if cmp -s "$wanted" "$python/requirements.txt"; then
  say "Python packages" "present"
else
  say "Python packages" "installing"
  rm -rf "$python"
  python3 -m venv "$python"
  "$python/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$python/requirements.txt"
fi

node=examples/publisher-node
# npm writes this file at the end of each installation.
if [ "$node/node_modules/.package-lock.json" -nt "$node/package-lock.json" ]; then
  say "npm packages" "present"
else
  say "npm packages" "installing"
  npm ci --prefix "$node" --no-audit --no-fund --loglevel=error
fi

# Of the same parts as `test-rust`, so that nothing is built twice.
parts=(--workspace --features sse-service/otel,widget/ssr)
cargo build --quiet "${parts[@]}" --examples
PUBLISHERS_PYTHON=$python/bin/python cargo test "${parts[@]}" --test publishers -- --include-ignored

# Temporal's SDK is a workspace of its own, and takes some minutes to build for the first time.
CARGO_TARGET_DIR=$target/temporal-worker SSE_SERVICE_BIN=$target/debug/sse-service \
  cargo test --manifest-path examples/temporal-worker/Cargo.toml
