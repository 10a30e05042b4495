#!/usr/bin/env bash
# Makes sure that cargo-deny, which checks dependencies, is there.
set -euo pipefail
source "$(dirname "$0")/messages.sh"

if version=$(cargo deny --version 2>/dev/null); then
  say "cargo-deny" "present ($version)"
else
  say "cargo-deny" "installing with cargo (several minutes)"
  cargo install --quiet --locked cargo-deny
fi
