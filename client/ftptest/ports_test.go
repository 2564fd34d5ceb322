package ftptest_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"portside/client/ftptest"
)

// TestPassivePorts takes the ports that were chosen, and passes over one that
// is taken.
func TestPassivePorts(t *testing.T) {
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := uint16(taken.Addr().(*net.TCPAddr).Port)
	var asked []string
	srv := ftptest.NewServer(t, ftptest.PassivePorts(func(verb string) uint16 {
		asked = append(asked, verb)
		if len(asked) == 1 {
			return port
		}
		return 0
	}))
	c := login(t, srv)
	msg := c.cmd(229, "EPSV")
	if strings.Contains(msg, fmt.Sprint(port)) || len(asked) != 2 {
		t.Errorf("EPSV = %q after asking %v: want another port than %d, which is taken", msg, asked, port)
	}
	free, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = uint16(free.Addr().(*net.TCPAddr).Port)
	_ = free.Close()
	asked = nil
	msg = c.cmd(227, "PASV")
	if want := fmt.Sprintf("%d,%d)", port>>8, port&0xff); !strings.Contains(msg, want) || asked[0] != "PASV" {
		t.Errorf("PASV = %q after asking %v, want port %d", msg, asked, port)
	}
}
