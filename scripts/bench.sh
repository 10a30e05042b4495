#!/usr/bin/env bash
# Measures what its arguments name, `service` without any:
#   service    the service, a bare loop and nchan under the same loads; writes docs/performance.md
#   quick      the same with small loads, to standard output
#   micro      hot paths, with criterion
#   callgrind  instructions that a message costs, by function
#   widget     sizes
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
      npx -y rust-just widget
      ;;
    *)
      echo "bench.sh does not know '$name'" >&2
      exit 2
      ;;
  esac
done
