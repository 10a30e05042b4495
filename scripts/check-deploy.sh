#!/usr/bin/env bash
# Reads the alert rules, the manifests and the compose file of deploy/ with tools
# that know what they may hold.
set -euo pipefail
cd "$(dirname "$0")/.."

promtool check rules deploy/alerts.yaml
promtool test rules deploy/alerts.test.yaml

CONNECT_SESSION_SECRETS=x CONNECT_API_KEYS=x docker-compose -f deploy/compose.yaml config >/dev/null
echo "deploy/compose.yaml: read"

version=1.37.0
tools=$(realpath -m "${CARGO_TARGET_DIR:-target}")/kubernetes-validate-$version
if [ ! -x "$tools/bin/kubernetes-validate" ]; then
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "kubernetes-validate==$version"
fi
for manifest in deploy/kubernetes/*.yaml; do
  # Kustomize's own file is not for the cluster.
  [ "$manifest" = deploy/kubernetes/kustomization.yaml ] || "$tools/bin/kubernetes-validate" --strict "$manifest"
done
