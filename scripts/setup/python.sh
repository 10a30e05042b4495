#!/usr/bin/env bash
# Makes sure that Python can make environments with packages of their own.
set -euo pipefail
source "$(dirname "$0")/messages.sh"

if python3 -c 'import ensurepip, venv' 2>/dev/null; then
  say python3 "present"
else
  apt_install python3 python3 python3-venv
fi
