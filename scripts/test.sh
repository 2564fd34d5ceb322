#!/usr/bin/env bash
# Every test: units under the race detector, the window without a display, the
# contract on real servers, the lab of networks with faults, fuzzing, the build
# for other systems, and the real window on a virtual display. Everything runs;
# what failed is named in the end.
. "$(dirname "$0")/lib.sh"
need_go
FUZZ_TIME="${FUZZ_TIME:-10s}"
scripts/deps.sh test
scripts/servers.sh

mkdir -p "$CACHE/bin"
sums="$CACHE/test-sums"
matrix="$CACHE/contract-matrix.txt"
tables="$CACHE/lab-tables.txt"
again="$CACHE/test-again"
races="$CACHE/test-races"
rm -f "$sums" "$matrix" "$tables" "$races"
go build -o "$CACHE/bin/tally" ./scripts/tally
failed=() times=() unsteady=()

# phase NAME COMMAND... runs it and keeps its time and whether it failed.
phase() {
	local name=$1 start=$SECONDS
	shift
	step "$name"
	"$@" || failed+=("$name")
	times+=("$(printf '%5d s  %s' $((SECONDS - start)) "$name")")
}

# run_tests ARGUMENT... is go test with a short, countable output. A few tests that
# fail are looked at again: with thousands of them beside each other, by the clock and on
# real networks, one may fail by accident. What passes three times alone is named in the
# summary, to be mended, and fails nothing. A data race, a panic or a build that fails
# has no second look, see scripts/tally.
run_tests() {
	rm -f "$again"
	go test -json "$@" | "$CACHE/bin/tally" -again "$again" -races "$races" "$sums" && return 0
	[ -s "$again" ] || return 1
	local broken pkg pattern name keep=() skip=
	broken=$(awk 'END {print $2}' "$sums")
	for arg in "$@"; do # all but the packages, and which tests
		case $skip$arg in
		-run) skip=yes ;;
		yes*) skip= ;;
		./* | portside | portside/*) ;;
		*) keep+=("$arg") ;;
		esac
	done
	while read -r pkg pattern name; do
		say "again, alone, three times: $pkg $name"
		env -u PORTSIDE_LAB_TABLES -u PORTSIDE_MATRIX go test -json "${keep[@]}" -count 3 -failfast -run "$pattern" "$pkg" | "$CACHE/bin/tally" -thrice "$name" "$FENCE/second" || return 1
		unsteady+=("$pkg $name")
	done <"$again"
	printf '0 -%d 0\n' "$broken" >>"$sums"
}

# The race detector watches the code of this project. SQLite, which is C made Go and
# keeps to one goroutine a connection, takes three times as long under it.
race=(-race "-gcflags=modernc.org/...=-race=false")

# packages PATTERN... lists the packages that the patterns match.
packages() { go list -tags "$GOTAGS" "$@"; }

# Tests see no settings of the user and no session bus, and nothing of theirs
# reaches the user's folders.
fence() {
	FENCE=$(mktemp -d)
	trap 'rm -rf "$FENCE"' EXIT
	# The Go command keeps its own places and settings.
	local name value
	for name in GOENV GOPATH GOCACHE GOMODCACHE; do
		value=$(go env "$name")
		export "$name=$value"
	done
	export HOME="$FENCE/home" XDG_RUNTIME_DIR="$FENCE/run"
	export XDG_CONFIG_HOME="$HOME/.config" XDG_CACHE_HOME="$HOME/.cache" XDG_DATA_HOME="$HOME/.local/share" XDG_STATE_HOME="$HOME/.local/state"
	mkdir -p "$HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_DATA_HOME" "$XDG_STATE_HOME"
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	export FYNE_SCALE=1 LANG=C.UTF-8 LC_ALL=C.UTF-8 DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent
	unset DISPLAY WAYLAND_DISPLAY PORTSIDE_PASSWORD || true
}

# under_race runs everything that has no phase of its own under the race detector.
# The window is first: its tests take turns. The others fill the second processor, two
# at a time, since many of them wait for a clock.
under_race() {
	mapfile -t list < <(packages ./ui/... ./cmd/portside/... && packages . ./assets/... ./scripts/... ./client/... ./transfers/... ./cmd/portside-cli/... ./bench/... | grep -vE '/client/(contract|lab)$')
	run_tests "${race[@]}" -p $(($(getconf _NPROCESSORS_ONLN) + 1)) -timeout 15m -tags "$GOTAGS" "${list[@]}"
}

# Every server in every form without the race detector, which makes TLS ten times
# as slow, and a part of them with it: the engine's own tests run under it as well.
contract() {
	local status=0
	PORTSIDE_MATRIX="$matrix" run_tests -timeout 15m ./client/contract/... || status=1
	run_tests "${race[@]}" -timeout 15m -run '^(TestMore|TestRelogin|TestMatrix)$/^(ftptest|vsftpd)$/^(plain|tls1.3)$/^ipv4$' ./client/contract || status=1
	[ ! -e "$matrix" ] || cat "$matrix"
	return $status
}

# The lab's times are those of a program without the race detector.
lab() {
	local status=0
	mapfile -t as < <(root_exec)
	# Built here: who runs the tests as root may have no Go.
	CGO_ENABLED=0 go build -o "$FENCE/portside-cli" ./cmd/portside-cli || return 1
	CGO_ENABLED=0 PORTSIDE_LAB_CLI="$FENCE/portside-cli" PORTSIDE_LAB_TABLES="$tables" run_tests -timeout 10m "${as[@]}" ./client/lab || status=1
	[ ! -e "$tables" ] || cat "$tables"
	return $status
}

window() { CGO_ENABLED=0 run_tests -timeout 10m ./ui/...; }

# fuzzing runs every fuzz target of the project for $FUZZ_TIME, as many at a
# time as there are processors.
fuzzing() {
	local targets count
	targets=$(grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' ./client ./transfers ./ui ./cmd 2>/dev/null | sed -E 's/^([^:]+)\/[^/:]+:[0-9]+:func (.*)$/\1 \2/' | sort)
	count=$(grep -c . <<<"$targets")
	say "$count fuzz targets, $FUZZ_TIME each"
	[ "$count" -gt 0 ] && xargs -P "$(getconf _NPROCESSORS_ONLN)" -L 1 scripts/fuzz.sh "$FENCE" "$FUZZ_TIME" <<<"$targets"
}

# cross builds the engine and the command-line program for every system.
cross() {
	local os status=0
	for os in linux darwin windows; do
		if CGO_ENABLED=0 GOOS=$os go build ./client/... ./transfers/... ./cmd/portside-cli/...; then
			say "ok   $os without cgo"
		else
			say "FAIL $os without cgo"
			status=1
		fi
	done
	return $status
}

# end_to_end drives the real window on a virtual display.
end_to_end() {
	if [ "$(uname -s)" != Linux ]; then
		say "SKIPPED: the end-to-end test drives a virtual X display, which is for Linux."
		return 0
	fi
	run_tests -timeout 10m -tags "e2e,uiprobe,$GOTAGS" ./ui/e2e/...
}

fence
phase "Window, engine, transfers, command line (race detector)" under_race
phase "Contract on real servers" contract
phase "Lab: networks with faults" lab
phase "Window without a display (no cgo)" window
phase "Fuzzing" fuzzing
phase "Other systems" cross
phase "End to end: the real window" end_to_end

step "Summary"
printf '%s\n' "${times[@]}"
read -r passed broken skipped < <(awk '{p += $1; f += $2; s += $3} END {print p + 0, f + 0, s + 0}' "$sums")
for name in "${unsteady[@]+"${unsteady[@]}"}"; do
	say "UNSTEADY: $name failed once among the others, and passed three times alone"
done
for name in "${failed[@]+"${failed[@]}"}"; do
	say "FAILED: $name"
done
[ ! -e "$races" ] || head -n 150 "$races"
# A phase that failed without a failed test, such as a build, counts as one.
[ "${#failed[@]}" -eq 0 ] || [ "$broken" -gt 0 ] || broken=1
say "$passed passed, $broken failed, $skipped skipped"
[ "${#failed[@]}" -eq 0 ]
