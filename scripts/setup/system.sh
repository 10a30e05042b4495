#!/usr/bin/env bash
# Makes sure that programs of the operating system are there, and the font of pictures.
# Usage: system.sh PROGRAM...   of: cc, c++, curl, git, openssl, redis-server, chromium, chromedriver,
# nginx, haproxy, caddy, buildah, promtool, docker-compose, dejavu, valgrind
set -euo pipefail
source "$(dirname "$0")/messages.sh"

# Debian keeps servers where only root looks for programs.
PATH=$PATH:/usr/sbin

packages_of() {
  case $1 in
    cc) echo gcc libc6-dev ;;
    c++) echo g++ ;;
    curl) echo curl ca-certificates ;;
    git) echo git ;;
    openssl) echo openssl ;;
    redis-server) echo redis-server ;;
    chromium) echo chromium ;;
    chromedriver) echo chromium-driver ;;
    dejavu) echo fonts-dejavu-core ;;
    nginx | haproxy | caddy | buildah | docker-compose) echo "$1" ;;
    promtool) echo prometheus ;;
    valgrind) echo valgrind ;;
    *) fail "system.sh does not know the program '$1'" ;;
  esac
}

# Where it is.
find_program() {
  case $1 in
    dejavu) ls /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf 2>/dev/null ;;
    *) command -v "$1" ;;
  esac
}

missing=() packages=()
for program in "$@"; do
  wanted=$(packages_of "$program")
  if path=$(find_program "$program"); then
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
    find_program "$program" >/dev/null || fail "$program is still not there after the installation"
  done
fi
