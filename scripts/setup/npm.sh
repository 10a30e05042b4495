#!/usr/bin/env bash
# Makes sure that the npm packages of package-lock.json are installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/messages.sh"
cd "$here/../.."

# npm writes this file at the end of each installation.
installed=node_modules/.package-lock.json
if [ ! -e package-lock.json ]; then
  say "npm packages" "installing, and writing package-lock.json"
  npm install --no-audit --no-fund --loglevel=error
elif [ "$installed" -nt package-lock.json ]; then
  say "npm packages" "present"
else
  say "npm packages" "installing"
  npm ci --no-audit --no-fund --loglevel=error
fi
