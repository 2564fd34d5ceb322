package pi

import (
	"net"
	"syscall"
)

// quickAck has the replies to what was just sent acknowledged at once. A server that
// says 150 and 226 in two small writes waits with the second for the acknowledgement
// of the first (RFC 896), and Linux holds that back for 40 ms.
func (c *Conn) quickAck() {
	t, ok := c.raw.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { // without it the connection is only slower
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
