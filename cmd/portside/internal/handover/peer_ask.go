//go:build linux || darwin || freebsd

package handover

import "net"

// ask puts a question to the system about a connection; no answer is a no.
func ask(c *net.UnixConn, question func(fd int) bool) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	yes := false
	err = raw.Control(func(fd uintptr) { yes = question(int(fd)) })
	return err == nil && yes
}
