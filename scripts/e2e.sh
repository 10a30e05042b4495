#!/usr/bin/env bash
# Runs the end-to-end tests. Usage: e2e.sh [OPTION...]   of `node --test`
# or, for the hosts of examples/ with the packed npm package: e2e.sh hosts [NAME...]
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = hosts ]; then
  HOSTS="${*:2}" exec npm run hosts -w e2e
fi
GALLERY=$(scripts/build-gallery.sh)
YEW_APP=$(scripts/build-yew-app.sh)
export GALLERY YEW_APP
exec npm test -w e2e -- "$@"
