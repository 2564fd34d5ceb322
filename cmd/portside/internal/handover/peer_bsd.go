//go:build darwin || freebsd

package handover

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// peerIsUs reports whether the other end of a connection is a process of this user.
func peerIsUs(c *net.UnixConn) bool {
	return ask(c, func(fd int) bool {
		cred, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
		return err == nil && int(cred.Uid) == os.Geteuid()
	})
}
