#!/usr/bin/env bash
# Builds the tools of `make check` into .cache/tools, each once for its version.
. "$(dirname "$0")/lib.sh"
need_go

# tool NAME MODULE PACKAGE VERSION
tool() {
	local name=$1 module=$2 package=$3 version=$4 at
	at="$CACHE/tools/$name"
	if has_version "$at" "$module" "$version"; then
		return 0
	fi
	# One that is installed already, in the same version, is as good.
	local other
	for other in "$(command -v "$name" || true)" "$(go env GOPATH)/bin/$name"; do
		if [ "$other" != "$at" ] && has_version "$other" "$module" "$version"; then
			mkdir -p "$CACHE/tools"
			ln -sf "$other" "$at"
			return 0
		fi
	done
	mkdir -p "$CACHE/tools"
	say "Building $name $version (once; minutes for the linter)"
	GOBIN="$CACHE/tools" GOFLAGS='' go install "$package@$version" >"$CACHE/tools.log" 2>&1 || {
		tail -n 30 "$CACHE/tools.log" >&2
		die "could not build $name"
	}
}

# has_version FILE MODULE VERSION
has_version() {
	[ -x "$1" ] && go version -m "$1" 2>/dev/null | grep -q "^[[:space:]]*mod[[:space:]]$2[[:space:]]$3[[:space:]]"
}

tool gofumpt mvdan.cc/gofumpt mvdan.cc/gofumpt v0.12.0
tool golangci-lint github.com/golangci/golangci-lint/v2 github.com/golangci/golangci-lint/v2/cmd/golangci-lint v2.15.0
tool govulncheck golang.org/x/vuln golang.org/x/vuln/cmd/govulncheck v1.9.0
