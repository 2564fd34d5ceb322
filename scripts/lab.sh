#!/usr/bin/env bash
# The lab: portside-cli and its diagnosis in networks with faults, which are
# network namespaces. SCENE=NAME plays one scene, a regular expression several;
# KEEP=FOLDER keeps what was said in them.
. "$(dirname "$0")/lib.sh"
need_go
scripts/deps.sh lab
scripts/servers.sh

[ -z "${KEEP:-}" ] || PORTSIDE_LAB_KEEP=$(realpath -m "$KEEP")
export PORTSIDE_LAB_KEEP=${PORTSIDE_LAB_KEEP:-}
run='.'
[ -z "${SCENE:-}" ] || run="^TestLab$/^scene$/^(${SCENE})$"
mapfile -t as < <(root_exec)

# Built here: who runs the tests as root may have no Go.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PORTSIDE_LAB_CLI="$work/portside-cli"
CGO_ENABLED=0 go build -o "$PORTSIDE_LAB_CLI" ./cmd/portside-cli
set +e
CGO_ENABLED=0 go test -v -count=1 -timeout 10m "${as[@]}" -run "$run" ./client/lab 2>&1 | grep -vE '^=== |^ *--- PASS'
exit "${PIPESTATUS[0]}"
