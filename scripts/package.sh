#!/usr/bin/env bash
# Builds the archives of a release into dist/: package.sh linux|windows...
# The command-line program is built for Linux, macOS and Windows in any case,
# since it needs no C compiler.
. "$(dirname "$0")/lib.sh"
need_go

mkdir -p dist "$CACHE/bin"
go build -o "$CACHE/bin/pack" ./scripts/pack
version=$(sed -nE 's/^Version = "(.*)"/\1/p' FyneApp.toml)
arch=$(go env GOARCH)

# common FOLDER puts into it what every archive has.
common() {
	rm -rf "$1"
	mkdir -p "$1"
	cp README.md CHANGELOG.md LICENSE docs/cli.md "$1"
}

package_linux() {
	[ "$(uname -s)" = Linux ] || die "The window for Linux is built on Linux."
	scripts/deps.sh build
	local name="portside-$version-linux-$arch" at
	at="$CACHE/package/$name"
	common "$at"
	mkdir -p "$at/bin" "$at/share/applications" "$at/share/mime/packages" "$at/share/icons/hicolor/256x256/apps" "$at/share/icons/hicolor/scalable/apps" \
		"$at/share/man/man1" "$at/share/bash-completion/completions" "$at/share/zsh/site-functions" "$at/share/fish/vendor_completions.d"
	go build -trimpath -ldflags '-s -w' -tags "$GOTAGS" -o "$at/bin/portside" ./cmd/portside
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$at/bin/portside-cli" ./cmd/portside-cli
	cp assets/icon.png "$at/share/icons/hicolor/256x256/apps/org.portside.Portside.png"
	cp assets/icon.svg "$at/share/icons/hicolor/scalable/apps/org.portside.Portside.svg"
	cp assets/org.portside.Portside.desktop "$at/share/applications/"
	cp assets/org.portside.Portside.xml "$at/share/mime/packages/"
	"$at/bin/portside-cli" man "$at/share/man/man1" >/dev/null
	"$at/bin/portside-cli" completion bash >"$at/share/bash-completion/completions/portside-cli"
	"$at/bin/portside-cli" completion zsh >"$at/share/zsh/site-functions/_portside-cli"
	"$at/bin/portside-cli" completion fish >"$at/share/fish/vendor_completions.d/portside-cli.fish"
	"$CACHE/bin/pack" "$at" "dist/$name.tar.gz"
}

package_windows() {
	scripts/deps.sh windows
	local name="portside-$version-windows-amd64" at
	at="$CACHE/package/$name"
	common "$at"
	say "Building the window for Windows (the first time takes minutes)"
	CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc GOOS=windows GOARCH=amd64 \
		go build -trimpath -ldflags '-s -w -H windowsgui' -tags migrated_fynedo -o "$at/portside.exe" ./cmd/portside
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -trimpath -ldflags '-s -w' -o "$at/portside-cli.exe" ./cmd/portside-cli
	"$CACHE/bin/pack" "$at" "dist/$name.zip"
}

package_cli() {
	local os=$1 cpu=$2 name at
	name="portside-cli-$version-$os-$cpu"
	at="$CACHE/package/$name"
	common "$at"
	CGO_ENABLED=0 GOOS=$os GOARCH=$cpu go build -trimpath -ldflags '-s -w' -o "$at/portside-cli" ./cmd/portside-cli
	"$CACHE/bin/pack" "$at" "dist/$name.tar.gz"
}

for target in "$@"; do
	case $target in
	linux)
		package_linux
		package_cli linux amd64
		package_cli linux arm64
		package_cli darwin amd64
		package_cli darwin arm64
		;;
	windows) package_windows ;;
	*) die "package.sh: no such target: $target" ;;
	esac
done
(cd dist && sha256sum -- *.tar.gz *.zip 2>/dev/null >SHA256SUMS || true)
ls -l dist
