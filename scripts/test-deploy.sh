#!/usr/bin/env bash
# Runs what docs/deploy.md says for one machine, word for word but for installing
# packages, then looks at the page with a browser. Needs to be root, as nginx does,
# and the ports that the page names.
set -euo pipefail
cd "$(dirname "$0")/.."

for port in 3000 6379 8081 8082 8443; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "error: something listens at port $port already" >&2
    exit 1
  fi
done

folder=$(mktemp -d)
# The fenced blocks of the first part that are for a shell.
awk '/^## / { part++ } part == 1 && /^```$/ { inside = 0 } inside && part == 1 { print } part == 1 && /^```sh$/ { inside = 1; print "# --" }' \
  docs/deploy.md | grep -v '^apt-get install' >"$folder/commands"
cat >>"$folder/commands" <<'END'
live() { CONNECTION=$connection COUNT=$1 npm run --silent deploy -w e2e; }
live 1,200
api "jobs/$job/progress" -d '{"inserted": 2400, "total": 5000}'
live 2,400
kill %3
wait %3
api "jobs/$job/progress" -d '{"inserted": 3600, "total": 5000}'
live 3,600
END
cat >"$folder/run" <<END
stop() {
  nginx -c "$PWD/target/nginx.conf" -s stop || true
  for job in \$(jobs -p); do kill "\$job" 2>/dev/null || true; done
  wait
}
trap stop EXIT
set -euxo pipefail
source "$folder/commands"
END
bash "$folder/run"
rm -r "$folder"
echo "docs/deploy.md: two replicas behind nginx, and the widget live, also after one of them has stopped"
