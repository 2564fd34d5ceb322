#!/usr/bin/env bash
# Measures portside-cli against curl and lftp; takes a few minutes. Arguments go
# to the bench program, see: scripts/bench.sh -h
. "$(dirname "$0")/lib.sh"
need_go
[ "$(uname -s)" = Linux ] || die "The benchmarks measure zero-copy transfers and peak memory as Linux has them."
scripts/deps.sh bench
scripts/servers.sh

mkdir -p bin "$CACHE/bin"
CGO_ENABLED=0 go build -trimpath -o bin/portside-cli ./cmd/portside-cli
CGO_ENABLED=0 go build -o "$CACHE/bin/serve" ./client/internal/realserver/serve
CGO_ENABLED=0 go test -c -o "$CACHE/bin/ftptest" ./client/ftptest
CGO_ENABLED=0 go build -o "$CACHE/bin/bench" ./bench
exec "$CACHE/bin/bench" "$@"
