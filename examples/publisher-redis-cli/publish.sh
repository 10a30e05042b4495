#!/usr/bin/env bash
# A whole sync, told by redis-cli alone.
# Usage: publish.sh JOB_ID
#   REDIS_URL       where to publish (redis://127.0.0.1:6379)
#   PAUSE_SECONDS   between two messages (1)
set -euo pipefail

job=${1:?usage: publish.sh JOB_ID}
redis=(redis-cli -u "${REDIS_URL:-redis://127.0.0.1:6379}")
pause=${PAUSE_SECONDS:-1}

# The snapshot is what a browser sees that comes later than the message. It is kept for half an hour.
tell() {
  "${redis[@]}" SET "sync_progress_snapshot:$job" "$1" EX 1800 >/dev/null
  "${redis[@]}" PUBLISH "sync_job:$job" "$1" >/dev/null
  echo "$1"
}

# Counts are cumulative: each message replaces the one before.
counts() {
  printf '"inserted":%d,"updated":%d,"deleted":0,"kept":%d,"skipped":%d,"entities_encountered":{"Message":%d,"Channel":%d}' "$@"
}

for step in $(seq 1 20); do
  tell "{$(counts $((step * 57)) $((step * 3)) $((step * 21)) $((step / 4)) $((step * 76)) $((step * 5))),\"is_complete\":false}"
  sleep "$pause"
done
tell "{$(counts 1140 60 420 5 1520 100),\"is_complete\":true}"
