#!/usr/bin/env bash
# Measures what its arguments name, `service` without any:
#   service    the service, a bare loop and nchan under the same loads; writes docs/performance.md
#   quick      the same with small loads, to standard output
#   micro      hot paths, with criterion
#   callgrind  instructions that a message costs, by function
#   widget     sizes, what takes the room, and what 500 live rows cost a page beside the same page in React; writes docs/performance.md
set -euo pipefail
cd "$(dirname "$0")/.."
# Where Debian keeps nginx.
PATH=$PATH:/usr/sbin
target=${CARGO_TARGET_DIR:-target}

servers() {
  scripts/setup/system.sh cc redis-server
  scripts/setup/nchan.sh
  cargo build --release -p sse-service -p bench
}

for name in "${@:-service}"; do
  case $name in
    service)
      servers
      "$target/release/bench" full docs/performance.md
      ;;
    quick)
      servers
      "$target/release/bench" quick
      ;;
    micro)
      scripts/setup/system.sh cc
      cargo bench -p sse-service
      ;;
    callgrind)
      servers
      scripts/setup/system.sh valgrind
      scripts/callgrind.sh
      ;;
    widget)
      scripts/setup/system.sh cc openssl redis-server chromium
      npx -y rust-just widget
      node scripts/room.mjs
      cargo build --release -p sse-service
      WRITE=1 SSE_SERVICE_BIN=$(realpath "$target")/release/sse-service CHROMIUM_BIN=$(command -v chromium) npm run bench -w e2e
      ;;
    *)
      echo "bench.sh does not know '$name'" >&2
      exit 2
      ;;
  esac
done
