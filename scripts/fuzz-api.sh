#!/usr/bin/env bash
# Holds the running service against its own description of its API: Schemathesis
# makes requests up from /openapi.json, right ones and wrong ones, and checks
# what is answered.
# Usage: fuzz-api.sh [EXAMPLES]   of each operation, others each time; when not
# given, the same 10 of them every time
set -euo pipefail
cd "$(dirname "$0")/.."

examples=${1:-10}
seed=()
[ $# -gt 0 ] || seed=(--seed 1)
version=4.32.5
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
tools=$target/schemathesis-$version
folder=$(mktemp -d)
service=
trap '[ -z "$service" ] || kill "$service" 2>/dev/null; rm -rf "$folder"' EXIT

if [ ! -x "$tools/bin/schemathesis" ]; then
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi

: >"$folder/log"
key=$(head -c 24 /dev/urandom | base64)
CONNECT_SESSION_SECRETS=$(head -c 32 /dev/urandom | base64) CONNECT_API_KEYS=$key \
  "$target/debug/sse-service" serve --listen 127.0.0.1:0 --broker memory --directory memory \
  --heartbeat-seconds 1 --drain-seconds 0 2>"$folder/log" &
service=$!
url=
for _ in $(seq 100); do
  url=$(sed -n 's/.*listening on \(http[^ ]*\).*/\1/p' "$folder/log")
  [ -z "$url" ] || break
  sleep 0.1
done
[ -n "$url" ] || { cat "$folder/log" >&2; exit 1; }

# ask METHOD PATH JSON [MEMBER]: as the host's server; prints a member of the answer.
ask() {
  curl --silent --fail-with-body -X "$1" "$url$2" -H "X-API-Key: $key" -H 'Content-Type: application/json' -d "$3" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "${4:-id}"
}

# One connection to be changed at will, and one whose job has ended: its streams end too.
changed=$(cat /proc/sys/kernel/random/uuid)
ended=$(cat /proc/sys/kernel/random/uuid)
for connection in "$changed" "$ended"; do
  ask PUT "/connect/source-connections/$connection" \
    '{"name": "Chat", "short_name": "slack", "readable_collection_id": "acme"}' >/dev/null
done
running=$(ask POST "/connect/source-connections/$changed/jobs" '{"status": "running"}')
ask POST "/connect/source-connections/$ended/jobs" '{"status": "completed"}' >/dev/null
token=$(ask POST /connect/sessions '{"readable_collection_id": "acme", "ttl_seconds": 3600}' session_token)

cat >"$folder/schemathesis.toml" <<END
request-timeout = 3

[auth.openapi.session]
bearer = "$token"

[auth.openapi.api_key]
api_key = "$key"

[[operations]]
include-path-regex = "/source-connections/[^/]+(/jobs)?$"
parameters = { id = "$changed" }

[[operations]]
include-path-regex = "/subscribe$"
parameters = { id = "$ended", connection_id = ["$ended"], wait = 1 }
# A stream that waits lasts a second.
generation = { max-examples = 5 }

[[operations]]
include-path-regex = "/progress$"
parameters = { job_id = "$running" }
# What workers say is read with more patience than it is described with.
checks = { negative_data_rejection.enabled = false, positive_data_acceptance.enabled = false }
END
# fuzz NAME FLAG...: with some of the operations, in a folder for the notes that it leaves where it runs. One thread each:
# Python 3.11 confuses its parser with several.
fuzz() {
  mkdir "$folder/$1"
  cd "$folder/$1"
  "$tools/bin/schemathesis" --config-file "$folder/schemathesis.toml" run "$url/openapi.json" "${@:2}" \
    --phases coverage,fuzzing --max-examples "$examples" "${seed[@]}" --suppress-health-check all --no-color
}

# Streams take their time, meanwhile the rest is tried.
(fuzz streams --include-path-regex '/subscribe$') >"$folder/streams.log" 2>&1 &
streams=$!
failed=0
(fuzz rest --exclude-path-regex '/subscribe$') || failed=1
wait "$streams" || failed=1
cat "$folder/streams.log"
exit "$failed"
