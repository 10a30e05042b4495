#!/usr/bin/env bash
# Runs a whole cluster on this machine, kills its parts one after the other, and
# prints a table of what the clients saw. Usage: cluster.sh STREAMS
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/table.sh

# A file descriptor for each client, two in the proxy, one in the service.
ulimit -n "$(ulimit -Hn)"
export CONNECT_TEST_STREAMS=$1
table '| what happens | streams | jobs that end meanwhile | until all have the end | came back | messages | older than one before | ends lost |' \
  cluster
