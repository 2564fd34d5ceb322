#!/usr/bin/env bash
# Measures portside-cli against curl, lftp and rclone; takes about half an hour.
# Arguments go to the bench program, see: scripts/bench.sh -h
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
"$CACHE/bin/bench" "$@"
case " $* " in
*" -only "* | *" -h "*) exit 0 ;;
esac

# The window, on a virtual display of its own: the same everywhere.
scripts/deps.sh run bench-window
go build -trimpath -tags "$GOTAGS" -o bin/portside ./cmd/portside
say; say "the window (wanted: first rows within 500 ms, 50 frames a second)"
export LIBGL_ALWAYS_SOFTWARE=1 FYNE_SCALE=1 WAYLAND_DISPLAY='' DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent
xvfb-run -a -s "-screen 0 1280x800x24" bin/portside --bench-table 100000 2>"$CACHE/bench-window.log" || {
	cat "$CACHE/bench-window.log" >&2
	exit 1
}
