#!/usr/bin/env bash
# Lets a fuzzer look for what breaks the readers of what strangers send.
# Usage: fuzz.sh SECONDS   for each target
set -euo pipefail
cd "$(dirname "$0")/.."

# The sanitizers are unstable. A nightly toolchain has them; a stable one shows
# them when it is asked to, since its own library is the same.
if cargo +nightly --version >/dev/null 2>&1; then
  toolchain=(+nightly)
else
  toolchain=()
  export RUSTC_BOOTSTRAP=1
fi
# Apart from other builds, whose flags differ.
if [ -n "${CARGO_TARGET_DIR:-}" ]; then export CARGO_TARGET_DIR=$CARGO_TARGET_DIR/fuzz; fi

for target in fuzz/targets/*.rs; do
  target=$(basename "$target" .rs)
  mkdir -p "fuzz/corpus/$target"
  # What is found is kept in the first folder; the seeds are read only.
  cargo "${toolchain[@]}" fuzz run "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
    -max_total_time="$1" -max_len=8192 -print_final_stats=1
done
