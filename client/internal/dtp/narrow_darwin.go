package dtp

import "golang.org/x/sys/unix"

// CanNarrow says whether this system lets the size of segments be set.
const CanNarrow = true

func setSegment(fd uintptr, size int) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, size) // without it the connection is an ordinary one
}
