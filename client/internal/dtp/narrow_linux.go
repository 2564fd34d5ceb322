package dtp

import (
	"net"

	"golang.org/x/sys/unix"
)

// CanNarrow says whether this system lets the size of segments be set.
const CanNarrow = true

// lostTries is how often the system has sent the same again, each time after twice the
// wait, when it is taken for lost on purpose: three seconds at least.
const lostTries = 4

func setSegment(fd uintptr, size int) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, size) // without it the connection is an ordinary one
}

// An ackMark is how much the other end of a connection had received at some time.
type ackMark struct {
	set   bool
	bytes uint64
}

// mark remembers how much the other end of nc has received, and is about to receive of
// what was sent before.
func (a *ackMark) mark(nc net.Conn) {
	if info := tcpInfo(nc); info != nil {
		sent := info.Bytes_sent - min(info.Bytes_retrans, info.Bytes_sent)
		a.set, a.bytes = true, max(info.Bytes_acked, sent)
	}
}

// none reports whether nothing has arrived since the mark, though it was sent again and
// again.
func (a *ackMark) none(nc net.Conn) bool {
	if !a.set {
		return false
	}
	info := tcpInfo(nc)
	return info != nil && info.Unacked > 0 && info.Backoff >= lostTries && info.Bytes_acked <= a.bytes+1 // the handshake counts for one
}

// all reports whether all that was sent has arrived, as far as that can be told.
func (a *ackMark) all(nc net.Conn) bool {
	info := tcpInfo(nc)
	return !a.set || info == nil || info.Unacked == 0 && info.Notsent_bytes == 0
}

// tcpInfo is what the system knows of nc; nil where it does not say.
func tcpInfo(nc net.Conn) *unix.TCPInfo {
	t, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return nil
	}
	var info *unix.TCPInfo
	var infoErr error
	if err = raw.Control(func(fd uintptr) {
		info, infoErr = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); err != nil || infoErr != nil {
		return nil
	}
	return info
}
