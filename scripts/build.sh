#!/usr/bin/env bash
# Builds bin/portside and bin/portside-cli for this machine.
. "$(dirname "$0")/lib.sh"
need_go
scripts/deps.sh build

mkdir -p bin
go build -trimpath -tags "$GOTAGS" -o bin/portside ./cmd/portside
CGO_ENABLED=0 go build -trimpath -o bin/portside-cli ./cmd/portside-cli
say "Built bin/portside and bin/portside-cli"
