#!/usr/bin/env bash
# fuzz.sh FOLDER TIME DIR TARGET runs one fuzz target of the package in DIR, on
# one processor. Its output stays in FOLDER, and is shown where the target fails.
. "$(dirname "$0")/lib.sh"
log=$(mktemp "$1/fuzz.XXXXXX")

# ran_out reports that nothing was found, and that the end of the time met a worker
# that had not answered yet: the Go command then says FAIL all the same.
ran_out() {
	grep -qE '^ +context deadline exceeded$' "$log" && ! grep -qE 'Failing input|panic:|_test\.go:[0-9]+:|DATA RACE' "$log"
}

if go test -run '^$' -fuzz "^$4\$" -fuzztime "$2" -parallel 1 "$3" >"$log" 2>&1 || ran_out; then
	say "ok   $3 $4: $(grep -oE 'execs: [0-9]+' "$log" | tail -n 1)"
else
	# In one piece, whatever else is printed at the time.
	printf '%s\nFAIL %s %s\n' "$(cat "$log")" "$3" "$4"
	exit 1
fi
