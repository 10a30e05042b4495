# shellcheck shell=bash
# Messages and privileges shared by the set-up scripts; sourced, not run.

# One line for each thing that a recipe needs: what it is, then its state.
say() { printf '%s: %s\n' "$1" "$2" >&2; }

# Ends the set-up with what the reader has to do by hand.
fail() {
  printf 'error: %s\n' "$@" >&2
  exit 1
}

# Whether `as_root` can work here without asking for a password.
can_be_root() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

# Installs Debian packages. The first argument says what they are for, for the
# message on a machine where they cannot be installed from here.
apt_install() {
  local purpose=$1
  shift
  if ! command -v apt-get >/dev/null || ! can_be_root; then
    fail "$purpose needs what these Debian packages hold: $*" \
      "install them (as root: apt-get install --no-install-recommends $*) or their equivalent, then run this again"
  fi
  say "$purpose" "installing $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
