#!/usr/bin/env bash
# Runs the service against the Redis at 127.0.0.1:6379 with settings that are
# fit for development only; starts a Redis that keeps nothing if there is none.
# Arguments are passed on to `sse-service serve`.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! redis-cli -p 6379 ping >/dev/null 2>&1; then
  echo "redis: starting one at 127.0.0.1:6379, which ends with the service" >&2
  redis-server --bind 127.0.0.1 --port 6379 --save '' --loglevel warning &
  trap 'kill %1 2>/dev/null || true' EXIT
fi

cargo run -p sse-service -- serve \
  --listen 127.0.0.1:8080 \
  --broker redis --directory redis --redis-url redis://127.0.0.1:6379 \
  --session-secret development-only-session-secret \
  --api-key development-only-api-key \
  --allow-origin http://localhost:5173 \
  "$@"
