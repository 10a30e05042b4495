#!/usr/bin/env bash
# Runs the fault tests in their long form, which takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/table.sh

# A file descriptor for each end of 2,000 streams, and some more.
ulimit -n "$(ulimit -Hn)"
export CONNECT_TEST_SCALE=full
table '| fault | streams | jobs | ends that nobody heard | recovery | came back | ends lost | memory at most |' \
  --skip soak --skip cluster
