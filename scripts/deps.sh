#!/usr/bin/env bash
# Installs what a target needs and is not here: deps.sh build|run|test|lab|bench|windows...
. "$(dirname "$0")/lib.sh"

mkdir -p "$CACHE"
for target in "$@"; do
	case $target in
	build) packages=$PACKAGES_BUILD why="build the window" ;;
	run)
		packages="$PACKAGES_BUILD $PACKAGES_WINDOW" why="build and open the window"
		has_display || packages="$packages $PACKAGES_VIRTUAL"
		;;
	test) packages="$PACKAGES_BUILD $PACKAGES_WINDOW $PACKAGES_VIRTUAL $PACKAGES_TEST $PACKAGES_LAB" why="run the tests" ;;
	lab) packages="gcc libc6-dev $PACKAGES_LAB" why="build the networks of the lab" ;;
	bench) packages="gcc libc6-dev $PACKAGES_BENCH" why="measure" ;;
	bench-window) packages=$PACKAGES_VIRTUAL why="measure the window" ;;
	windows) packages=$PACKAGES_WINDOWS why="build for Windows" ;;
	*) die "deps.sh: no such target: $target" ;;
	esac
	if have_apt; then
		# shellcheck disable=SC2086 # a list of words
		apt_install "$why" $packages
		continue
	fi
	case $target in
	build | run) can_build_window || elsewhere "$why" ;;
	test)
		can_build_window || elsewhere "$why"
		if [ "$(uname -s)" = Linux ]; then
			command -v Xvfb >/dev/null && command -v xdotool >/dev/null || elsewhere "$why"
		fi
		;;
	bench) command -v curl >/dev/null && command -v lftp >/dev/null && command -v rclone >/dev/null || die "Install curl, lftp and rclone to measure against them" ;;
	bench-window) command -v xvfb-run >/dev/null || elsewhere "$why" ;;
	windows) command -v x86_64-w64-mingw32-gcc >/dev/null || die "Install the mingw-w64 C compiler (x86_64-w64-mingw32-gcc) to build for Windows" ;;
	esac
done
