#!/usr/bin/env bash
# What make test tries in small, at full length: half an hour or so. Arguments
# are the names of what to run: kill, many, memory; without any, all of them.
# KILLS, ENTRIES and FILES change the numbers.
. "$(dirname "$0")/lib.sh"
need_go
scripts/deps.sh test
scripts/servers.sh

# soak NAME VARIABLE NUMBER TEST runs one test of the queue with a number.
soak() {
	local name=$1
	if [ -n "$only" ]; then
		case " $only " in *" $name "*) ;; *) return 0 ;; esac
	fi
	step "$name: $3"
	env "$2=$3" CGO_ENABLED=0 go test ./transfers/queue -count=1 -timeout 3h -v -run "^$4\$" | grep -v '^=== '
}

only="$*"
status=0
# The program is killed at random moments, and every file ends identical.
soak kill PORTSIDE_KILL_CYCLES "${KILLS:-500}" TestKill || status=1
# A million entries in the queue.
soak many PORTSIDE_QUEUE_ENTRIES "${ENTRIES:-1000000}" TestManyEntries || status=1
# A hundred thousand small files, and the memory meanwhile.
soak memory PORTSIDE_QUEUE_FILES "${FILES:-100000}" TestSmallFiles || status=1
exit $status
