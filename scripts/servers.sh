#!/usr/bin/env bash
# Fetches the FTP servers that the contract suite runs on from the package
# archive and unpacks each, with the libraries that this machine lacks, into a
# folder of its own below .cache/servers. Nothing is installed: the packages
# conflict with each other, and installing one would start it.
. "$(dirname "$0")/lib.sh"
have_apt || {
	say "SKIPPED: the real servers come from Debian's package archive, and there is no apt-get here."
	exit 0
}
mkdir -p "$CACHE/servers"

# fetch FOLDER FILE PACKAGE... unpacks the packages, and what they need and the
# machine lacks, into .cache/servers/FOLDER, whose FILE shows that it is whole.
fetch() {
	local folder="$CACHE/servers/$1" file=$2 work want
	shift 2
	if [ -e "$folder/$file" ] && [ -e "$folder/.complete" ] && runs "$folder" "$file"; then
		return 0
	fi
	# The lists of a fresh machine are empty, or older than the archive.
	if ! download "$folder" "$@"; then
		apt_update
		download "$folder" "$@" || {
			tail -n 5 "$CACHE/servers.log" >&2
			die "could not fetch $* from the package archive"
		}
	fi
	[ -e "$folder/$file" ] || die "the packages $* hold no $file"
}

# runs FOLDER FILE is false where a library of an unpacked program is gone,
# because the machine has changed since.
runs() {
	case $2 in
	*sbin/*) ! LD_LIBRARY_PATH="$(libraries "$1")" ldd "$1/$2" 2>/dev/null | grep -q 'not found' ;;
	esac
}

libraries() {
	local d list=
	for d in "$1"/usr/lib/*-linux-gnu* "$1"/lib/*-linux-gnu*; do
		[ -d "$d" ] && list="$list:$d"
	done
	printf '%s' "${list#:}"
}

download() {
	local folder=$1 work want
	shift
	work="$CACHE/servers/.download"
	rm -rf "$work" "$folder"
	mkdir -p "$work" "$folder"
	chmod 755 "$work"
	# What an installation would bring, without one.
	apt-get -s --no-install-recommends install "$@" >"$CACHE/servers.log" 2>&1 || return 1
	mapfile -t want < <(sed -nE 's/^Inst ([^ ]+) .*\(([^ ]+) .*/\1=\2/p' "$CACHE/servers.log" | keep "$@")
	# Those that are installed already are unpacked as well.
	local p
	for p in "$@"; do
		printf '%s\n' "${want[@]}" | grep -q "^$p=" || want+=("$p")
	done
	(cd "$work" && apt-get -q download "${want[@]}") >>"$CACHE/servers.log" 2>&1 || return 1
	for p in "$work"/*.deb; do
		dpkg -x "$p" "$folder" || return 1
	done
	rm -rf "$work"
	touch "$folder/.complete"
}

# keep drops what a server on its own folder has no use for.
keep() { grep -vE '^(update-inetd|tcpd|openbsd-inetd|ucf|adduser|debconf|logrotate|netbase|perl.*|libperl.*)=' || true; }

say "Fetching the servers of the contract suite (unpacked into .cache/servers, not installed)"
fetch vsftpd usr/sbin/vsftpd vsftpd
fetch proftpd usr/sbin/proftpd proftpd-core proftpd-mod-crypto
fetch pureftpd usr/sbin/pure-ftpd pure-ftpd
fetch pyftpdlib usr/lib/python3/dist-packages/pyftpdlib/__init__.py python3-pyftpdlib python3-openssl
# A router that maps ports, for the tests of port mappings.
fetch miniupnpd usr/sbin/miniupnpd miniupnpd-nftables
rm -f "$CACHE/servers.log"
