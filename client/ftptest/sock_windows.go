package ftptest

import (
	"errors"
	"net"
	"syscall"
)

// shrinkBacklog is not possible here: listen cannot be called twice.
func shrinkBacklog(net.Listener) error {
	return errors.New("black-holed ports need a Unix system")
}

// reuseAddr lets several connections start from port 20.
func reuseAddr(_, _ string, rc syscall.RawConn) error {
	var serr error
	err := rc.Control(func(fd uintptr) {
		serr = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	})
	return errors.Join(err, serr)
}
