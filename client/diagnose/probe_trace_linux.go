package diagnose

import (
	"net"
	"strings"
	"syscall"
)

// canTrace reports whether connect fails at once where a router reports that the
// time to live was over; Linux does that.
const canTrace = true

// hopDialer makes connections that live for so many hops.
func hopDialer(ttl int) *net.Dialer {
	return &net.Dialer{Control: func(network, _ string, c syscall.RawConn) error {
		level, option := syscall.IPPROTO_IP, syscall.IP_TTL
		if strings.HasSuffix(network, "6") {
			level, option = syscall.IPPROTO_IPV6, syscall.IPV6_UNICAST_HOPS
		}
		var setErr error
		if err := c.Control(func(fd uintptr) { setErr = syscall.SetsockoptInt(int(fd), level, option, ttl) }); err != nil {
			return err
		}
		return setErr
	}}
}
