#!/usr/bin/env bash
# Checks licences, duplicates and sources of all crates, and known
# vulnerabilities where their database is there or can be had.
set -euo pipefail
cd "$(dirname "$0")/.."

# Where cargo-deny keeps the database.
database=${CARGO_HOME:-$HOME/.cargo}/advisory-dbs
checks=(bans licenses sources)
options=(--hide-inclusion-graph)
if cargo deny --log-level error fetch db 2>/dev/null; then
  checks+=(advisories)
elif compgen -G "$database/*/crates" >/dev/null; then
  echo "advisories: the database cannot be renewed, so the one that is here is used" >&2
  options+=(--disable-fetch)
  checks+=(advisories)
else
  echo "advisories: the database cannot be had here, so they are not checked" >&2
fi
cargo deny --workspace check "${options[@]}" "${checks[@]}"
