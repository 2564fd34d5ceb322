package ftptest_test

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"

	"portside/client/ftptest"
)

// The port of a server that was closed goes to nobody but a server that is told to come
// back there.
func TestPortIsKept(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: ports are held on Linux only")
	}
	for name, opt := range map[string]ftptest.Option{"IPv4": ftptest.Addr("127.0.0.1:0"), "IPv6": ftptest.IPv6()} {
		t.Run(name, func(t *testing.T) {
			other, err := ftptest.Start(opt)
			if err != nil {
				t.Skip("SKIPPED:", err)
			}
			defer other.Close()
			srv := ftptest.NewServer(t, opt)
			srv.Close()
			from, err := net.ResolveTCPAddr("tcp", srv.Addr)
			if err != nil {
				t.Fatal(err)
			}
			taker := net.Dialer{LocalAddr: from}
			if conn, err := taker.DialContext(t.Context(), "tcp", other.Addr); !errors.Is(err, syscall.EADDRINUSE) {
				t.Errorf("the port was given away: %v, %v", conn, err)
			}
			var d net.Dialer
			if _, err := d.DialContext(t.Context(), "tcp", srv.Addr); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("after Close: %v, want a refusal", err)
			}
			login(t, ftptest.NewServer(t, ftptest.Addr(srv.Addr))).cmd(200, "NOOP")
		})
	}
}
