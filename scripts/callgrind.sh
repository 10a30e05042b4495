#!/usr/bin/env bash
# Counts the instructions that messages to many jobs cost the service, by function, those that it calls included.
set -euo pipefail
cd "$(dirname "$0")/.."
release=$(realpath "${CARGO_TARGET_DIR:-target}/release")
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# The measuring program starts the service that lies beside it: here, one under callgrind.
cp "$release/bench" "$folder"
printf '#!/bin/sh\nexec valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file=%q %q "$@"\n' \
  "$folder/out.%p" "$release/sse-service" >"$folder/sse-service"
chmod +x "$folder/sse-service"
"$folder/bench" profile wide &
# Streams are open then, and messages come; the first heartbeats do not yet.
sleep 25
service=$(basename "$folder"/out.*)
service=${service#out.}
callgrind_control --instr=on "$service"
sleep 10
callgrind_control --dump "$service"
callgrind_annotate --inclusive=yes "$folder/out.$service.1" | head -100
kill "$service"
wait
