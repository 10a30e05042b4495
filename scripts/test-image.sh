#!/usr/bin/env bash
# Runs the static binary in a root that holds nothing but what the image holds and
# what container engines add: does it find names by hosts and by DNS, and does it
# trust whom the image trusts? Then builds the image. Needs to be root.
set -euo pipefail
cd "$(dirname "$0")/.."

image=$(scripts/build-static.sh)
if ! LC_ALL=C ldd "$image/sse-service" 2>&1 | grep --quiet -e 'statically linked' -e 'not a dynamic executable'; then
  echo "error: the binary needs libraries:" >&2
  ldd "$image/sse-service" >&2
  exit 1
fi
echo "static: $(stat -c %s "$image/sse-service") bytes"

folder=$(mktemp -d)
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap stop EXIT

# The host's API with a certificate for a name, and the only name server that knows it.
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=host.test \
  -addext subjectAltName=DNS:host.test -addext basicConstraints=critical,CA:FALSE \
  -keyout "$folder/key.pem" -out "$folder/chain.pem" 2>/dev/null
python3 scripts/test-image-host.py "$folder/chain.pem" "$folder/key.pem" >"$folder/port" &
pids+=($!)
redis=$((20000 + RANDOM % 10000))
redis-server --bind 127.0.0.1 --port "$redis" --save '' >/dev/null &
pids+=($!)

root=$folder/root
mkdir -p "$root/etc/ssl/certs" "$root/dev"
# Where random numbers come from: a static binary cannot ask the C library.
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
cp "$image/sse-service" "$root/"
cat "$image/ca-certificates.crt" "$folder/chain.pem" >"$root/etc/ssl/certs/ca-certificates.crt"
echo '127.0.0.1 redis.test' >"$root/etc/hosts"
echo 'nameserver 127.0.0.77' >"$root/etc/resolv.conf"
: >"$folder/log"
until [ -s "$folder/port" ]; do sleep 0.1; done

key=$(head -c 24 /dev/urandom | base64)
env -i CONNECT_SESSION_SECRETS="$(head -c 32 /dev/urandom | base64)" CONNECT_API_KEYS="$key" \
  "$(PATH=$PATH:/usr/sbin command -v chroot)" --userspec 65532:65532 "$root" /sse-service serve --listen 127.0.0.1:0 --drain-seconds 0 \
  --redis-url "redis://redis.test:$redis" --directory upstream \
  --upstream-url "https://host.test:$(cat "$folder/port")" 2>"$folder/log" &
pids+=($!)
url=
for _ in $(seq 100); do
  url=$(sed -n 's/.*listening on \(http[^ ]*\).*/\1/p' "$folder/log")
  [ -z "$url" ] || break
  sleep 0.1
done
[ -n "$url" ] || { cat "$folder/log" >&2; exit 1; }

curl --silent --fail --retry 20 --retry-delay 1 --retry-all-errors "$url/readyz" >/dev/null
echo "hosts: Redis was found by its name"
token=$(curl --silent --fail-with-body "$url/connect/sessions" -H "X-API-Key: $key" \
  -H 'Content-Type: application/json' -d '{"readable_collection_id": "acme"}' |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["session_token"])')
curl --silent --show-error --fail-with-body "$url/connect/source-connections" -H "Authorization: Bearer $token" |
  grep --quiet 'Found by DNS'
echo "DNS and TLS: the host's API was found by its name, and trusted"

buildah build --isolation chroot --storage-driver vfs --quiet --tag localhost/sse-service-test \
  --file deploy/Containerfile "$image" >/dev/null
container=$(buildah --storage-driver vfs from localhost/sse-service-test)
buildah --storage-driver vfs run --isolation chroot "$container" -- /sse-service --version
buildah --storage-driver vfs inspect --type image \
  --format 'user {{.OCIv1.Config.User}}, entry {{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}' \
  localhost/sse-service-test
buildah --storage-driver vfs rm "$container" >/dev/null
buildah --storage-driver vfs rmi localhost/sse-service-test >/dev/null
