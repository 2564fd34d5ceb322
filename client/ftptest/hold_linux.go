package ftptest

import (
	"net"
	"net/netip"
	"os"
	"syscall"
)

// holdPort takes a free port of the address in addr without listening on it, where addr
// names an IP address and no port, and returns the address with that port. Until held
// is closed the system gives the port to nobody: who names it can listen there, and
// connections to it are refused while nobody does. Where it cannot, it returns addr.
func holdPort(addr string) (with string, held *os.File) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil || at.Port() != 0 || at.Addr().Zone() != "" {
		return addr, nil
	}
	family, sa := syscall.AF_INET6, syscall.Sockaddr(&syscall.SockaddrInet6{Addr: at.Addr().As16()})
	if at.Addr().Is4() {
		family, sa = syscall.AF_INET, &syscall.SockaddrInet4{Addr: at.Addr().As4()}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return addr, nil
	}
	held = os.NewFile(uintptr(fd), "port")
	// Two of which neither listens may have one port, and so one that listens beside it.
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(fd, sa)
	}
	if err == nil {
		sa, err = syscall.Getsockname(fd)
	}
	port := 0
	switch sa := sa.(type) {
	case *syscall.SockaddrInet4:
		port = sa.Port
	case *syscall.SockaddrInet6:
		port = sa.Port
	}
	if err != nil || port == 0 {
		_ = held.Close() // nothing was taken
		return addr, nil
	}
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(at.Addr(), uint16(port))).String(), held
}
