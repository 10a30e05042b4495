#!/usr/bin/env bash
# Makes sure that a tool that cargo calls is there.
# Usage: cargo-tool.sh NAME   as in `cargo NAME`: deny, fuzz, machete
set -euo pipefail
source "$(dirname "$0")/messages.sh"

tool=cargo-$1
if version=$(cargo "$1" --version 2>/dev/null); then
  say "$tool" "present ($version)"
else
  say "$tool" "installing with cargo (a minute or more)"
  cargo install --quiet --locked "$tool"
fi
