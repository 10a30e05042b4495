#!/usr/bin/env bash
# Makes sure that nginx with nchan, beside which the service is measured, is there.
set -euo pipefail
source "$(dirname "$0")/messages.sh"

if [ -e /usr/lib/nginx/modules/ngx_nchan_module.so ] && version=$(nginx -v 2>&1); then
  say nchan "present (${version#*: })"
else
  apt_install nchan nginx libnginx-mod-nchan
fi
