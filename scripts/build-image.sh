#!/usr/bin/env bash
# Builds the image localhost/sse-service, or of the name that is given, with
# docker, podman or buildah: the first that is there.
set -euo pipefail
cd "$(dirname "$0")/.."

name=${1:-localhost/sse-service}
folder=$(scripts/build-static.sh)
for engine in docker podman buildah; do
  if command -v "$engine" >/dev/null; then
    "$engine" build --tag "$name" --file deploy/Containerfile "$folder"
    exit
  fi
done
echo "error: docker, podman or buildah is needed; what would be in the image is in $folder" >&2
exit 1
