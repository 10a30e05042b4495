#!/usr/bin/env bash
# Makes sure that cargo-machete, which finds unused dependencies, is there.
set -euo pipefail
source "$(dirname "$0")/messages.sh"

if version=$(cargo machete --version 2>/dev/null); then
  say "cargo-machete" "present ($version)"
else
  say "cargo-machete" "installing with cargo (about a minute)"
  cargo install --quiet --locked cargo-machete
fi
