#!/usr/bin/env bash
# Makes sure that cargo-fuzz is there.
set -euo pipefail
source "$(dirname "$0")/messages.sh"

if version=$(cargo fuzz --version 2>/dev/null); then
  say "cargo-fuzz" "present ($version)"
else
  say "cargo-fuzz" "installing with cargo (about a minute)"
  cargo install --quiet --locked cargo-fuzz
fi
