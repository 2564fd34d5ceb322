#!/usr/bin/env bash
# Format, vet, lint, known vulnerabilities. Changes nothing.
. "$(dirname "$0")/lib.sh"
need_go
scripts/deps.sh build
scripts/tools.sh
PATH="$CACHE/tools:$PATH"

failed=()

step "Format (gofumpt)"
mapfile -t sources < <(find . -name '*.go' -not -path './.cache/*' -not -path './bin/*' -not -path './dist/*')
unformatted=$(gofumpt -l "${sources[@]}")
if [ -n "$unformatted" ]; then
	say "These files are not formatted; gofumpt -w mends them:"
	say "$unformatted"
	failed+=(format)
else
	say "${#sources[@]} files"
fi

step "Vet (go vet)"
go vet -tags "$GOTAGS,e2e,uiprobe" ./... || failed+=(vet)

step "Lint (golangci-lint)"
golangci-lint run ./... || failed+=(lint)

step "Known vulnerabilities (govulncheck)"
log="$CACHE/govulncheck.log"
if govulncheck -tags "$GOTAGS" ./... >"$log" 2>&1; then
	tail -n 3 "$log"
elif grep -qE '^=== Symbol Results|Your code is affected' "$log"; then
	cat "$log"
	failed+=(vulnerabilities)
elif grep -qiE 'fetching vulnerabilities|dial tcp|no such host|connection refused|timeout|bad response' "$log"; then
	say "SKIPPED: the vulnerability database cannot be reached from here."
else
	cat "$log"
	failed+=(vulnerabilities)
fi

say
[ "${#failed[@]}" -eq 0 ] || die "make check: not clean: ${failed[*]}"
say "make check: clean"
