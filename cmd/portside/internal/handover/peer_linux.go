package handover

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// peerIsUs reports whether the other end of a connection is a process of this user.
func peerIsUs(c *net.UnixConn) bool {
	return ask(c, func(fd int) bool {
		cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
		return err == nil && int(cred.Uid) == os.Geteuid()
	})
}
