#!/usr/bin/env bash
# Builds the window and opens it on the embedded demo server. Without a display
# it opens on a virtual one and leaves a picture of itself.
. "$(dirname "$0")/lib.sh"
need_go
scripts/deps.sh run

mkdir -p bin
say "Building bin/portside (the first time takes a minute or two)"
go build -trimpath -tags "$GOTAGS" -o bin/portside ./cmd/portside
if has_display; then
	exec bin/portside --demo "$@"
fi
say "There is no display here; a picture of the window goes to $PWD/bin/portside.png"
exec bin/portside --demo --screenshot "$PWD/bin/portside.png" "$@"
