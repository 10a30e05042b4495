#!/usr/bin/env bash
# Lets streams come and go. Usage: soak.sh MINUTES
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/table.sh

export CONNECT_SOAK_MINUTES=$1
table '| | when | elapsed | visits | jobs | streams | hubs | memory | descriptors | threads |' soak
