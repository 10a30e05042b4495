#!/usr/bin/env bash
# Makes sure that programs of the operating system are there.
# Usage: system.sh PROGRAM...   of: cc, c++, curl, redis-server, chromium, chromedriver, valgrind
set -euo pipefail
source "$(dirname "$0")/messages.sh"

packages_of() {
  case $1 in
    cc) echo gcc libc6-dev ;;
    c++) echo g++ ;;
    curl) echo curl ca-certificates ;;
    redis-server) echo redis-server ;;
    chromium) echo chromium ;;
    chromedriver) echo chromium-driver ;;
    valgrind) echo valgrind ;;
    *) fail "system.sh does not know the program '$1'" ;;
  esac
}

missing=() packages=()
for program in "$@"; do
  wanted=$(packages_of "$program")
  if path=$(command -v "$program"); then
    say "$program" "present ($path)"
  else
    missing+=("$program")
    # shellcheck disable=SC2206 # a program may come in several packages
    packages+=($wanted)
  fi
done

if [ ${#missing[@]} -gt 0 ]; then
  apt_install "${missing[*]}" "${packages[@]}"
  for program in "${missing[@]}"; do
    command -v "$program" >/dev/null || fail "$program is still not on PATH after the installation"
  done
fi
