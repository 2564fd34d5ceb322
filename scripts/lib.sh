# shellcheck shell=bash
# Shared by every script in this folder: source it first. It moves to the
# project's root and offers say, die, need_go and apt_install.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# An empty or missing home folder must not stop the Go command.
if [ -z "${HOME:-}" ] || [ ! -w "${HOME:-}" ]; then
	mkdir -p .cache/home
	export HOME="$PWD/.cache/home"
fi

CACHE="$PWD/.cache"
GO_MIN=1.26

# The build of the window: OpenGL ES compiles three times as fast as desktop
# OpenGL and looks the same; X11 runs everywhere on Linux, also under XWayland.
if [ "$(uname -s)" = Linux ]; then
	GOTAGS="${GOTAGS-gles,x11,migrated_fynedo}"
else
	GOTAGS="${GOTAGS-migrated_fynedo}"
fi
export GOTAGS

# Debian's packages by what needs them.
# A build of the window (and, with gcc, the race detector).
PACKAGES_BUILD="gcc libc6-dev pkgconf libgl-dev libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev"
# Opened by the window while it runs.
PACKAGES_WINDOW="fonts-droid-fallback libgl1 libgl1-mesa-dri libxcursor1 libxi6 libxinerama1 libxrandr2"
# A display where there is none.
PACKAGES_VIRTUAL="xvfb xauth"
# The end-to-end test, and a keyring of the tests' own.
PACKAGES_TEST="xdotool dbus gnome-keyring libsecret-tools openssl"
# The networks of the lab.
PACKAGES_LAB="iproute2 nftables"
# What the benchmarks measure against.
PACKAGES_BENCH="curl lftp rclone"
# Window programs for Windows.
PACKAGES_WINDOWS="gcc-mingw-w64-x86-64"

say() { printf '%s\n' "$*"; }

die() {
	printf '%s\n' "$*" >&2
	exit 1
}

# step NAME prints a heading that is easy to find in a long log.
step() { printf '\n== %s\n' "$*"; }

# need_go checks that a new enough Go is there.
need_go() {
	if ! command -v go >/dev/null 2>&1 && [ -x /usr/local/go/bin/go ]; then
		PATH="$PATH:/usr/local/go/bin"
	fi
	command -v go >/dev/null 2>&1 ||
		die "Portside is built with Go $GO_MIN or newer, and there is no go command here. Install Go (https://go.dev/doc/install) and try again."
	# go env fails where go.mod asks for a newer Go that cannot be fetched.
	local have
	have=$(go env GOVERSION 2>/dev/null) || have=$(GOTOOLCHAIN=local go version 2>/dev/null | cut -d' ' -f3)
	have=${have#go}
	if [ "$(printf '%s\n%s\n' "$GO_MIN" "$have" | sort -V | head -n 1)" != "$GO_MIN" ]; then
		die "Portside is built with Go $GO_MIN or newer; this is Go $have. Install a newer one (https://go.dev/doc/install) and try again."
	fi
	# Without git, or in a tree that belongs to somebody else, go build cannot
	# read the version from git: build without it.
	if ! git rev-parse HEAD >/dev/null 2>&1; then
		export GOFLAGS="${GOFLAGS:-} -buildvcs=false"
	fi
}

# missing PACKAGE... prints those that are not installed. It asks dpkg only,
# which takes milliseconds.
missing() {
	local p
	for p in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || printf '%s\n' "$p"
	done
}

# as_root COMMAND... runs it as root, by sudo where this is another user.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo -- "$@"
	else
		return 1
	fi
}

# root_exec prints the arguments that make go test run its binaries as root,
# one a line: none for root, and none where sudo would ask for a password, so
# that what needs root says that it is skipped.
root_exec() {
	if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then
		printf '%s\n' -exec 'sudo -n -E --'
	fi
}

# apt_update reads the package lists again, at most once in a run.
apt_updated=
apt_update() {
	[ -z "$apt_updated" ] || return 0
	apt_updated=yes
	say "Reading the package lists"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >"$CACHE/apt.log" 2>&1 || {
		tail -n 5 "$CACHE/apt.log" >&2
		say "The package lists could not be read again; going on with those that are here." >&2
	}
}

# apt_install WHY PACKAGE... installs what is missing of the packages on Debian
# and its relatives. WHY ends the sentence "... are needed to".
apt_install() {
	local why=$1 want
	shift
	mkdir -p "$CACHE"
	mapfile -t want < <(missing "$@")
	[ "${#want[@]}" -gt 0 ] || return 0
	say "Installing what is needed to $why: ${want[*]}"
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
		die "These packages are needed to $why, and neither root nor sudo is here to install them: apt-get install ${want[*]}"
	fi
	apt_update
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${want[@]}" >"$CACHE/apt.log" 2>&1 || {
		tail -n 20 "$CACHE/apt.log" >&2
		die "apt-get could not install: ${want[*]}"
	}
}

# have_apt is true on Debian, Ubuntu and their relatives.
have_apt() { command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1; }

# elsewhere WHY names, for systems without apt-get, the packages for a build of
# the window, and stops.
elsewhere() {
	local list
	if [ "$(uname -s)" = Darwin ]; then
		list="the Xcode command line tools: xcode-select --install"
	elif command -v dnf >/dev/null 2>&1; then
		list="dnf install gcc pkgconf-pkg-config mesa-libGL-devel libX11-devel libXcursor-devel libXrandr-devel libXinerama-devel libXi-devel libXxf86vm-devel xorg-x11-server-Xvfb xdotool"
	elif command -v pacman >/dev/null 2>&1; then
		list="pacman -S --needed gcc pkgconf libglvnd libx11 libxcursor libxrandr libxinerama libxi libxxf86vm xorg-server-xvfb xdotool"
	else
		list="a C compiler, pkg-config, and the development files of OpenGL, X11, Xcursor, Xrandr, Xinerama, Xi and Xxf86vm; Xvfb and xdotool for the tests"
	fi
	die "Something is missing to $1. Install $list"
}

# can_build_window is true where a C compiler and the libraries are there.
can_build_window() {
	command -v "${CC:-cc}" >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || return 1
	[ "$(uname -s)" = Darwin ] || pkg-config --exists gl x11 xcursor xrandr xinerama xi xxf86vm 2>/dev/null
}

# has_display is true where the window that is built here can open.
has_display() {
	[ "$(uname -s)" = Linux ] || return 0
	[ -n "${DISPLAY:-}" ] && return 0
	case ",$GOTAGS," in
	*,x11,*) return 1 ;;
	*) [ -n "${WAYLAND_DISPLAY:-}" ] ;;
	esac
}
