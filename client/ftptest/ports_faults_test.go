package ftptest_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"portside/client/ftptest"
)

// dialPassive connects to the passive port that was announced.
func (c *rawClient) dialPassive(timeout time.Duration) (net.Conn, error) {
	d := net.Dialer{Timeout: timeout}
	return d.DialContext(c.t.Context(), "tcp", c.addr)
}

// TestDropPorts: some ports answer nothing, and the others work.
func TestDropPorts(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a full queue drops connections on Linux")
	}
	srv := ftptest.NewServer(t, ftptest.File("/a", "hello"),
		ftptest.DropPorts(func(verb string, _ uint16) bool { return verb == "EPSV" }))
	c := login(t, srv)
	for range 2 {
		c.prepare("EPSV")
		if conn, err := c.dialPassive(time.Second); !isTimeout(err) {
			t.Errorf("a dropped port: %v, %v", conn, err)
		}
		if data, _ := c.get("PASV", "RETR a"); string(data) != "hello" {
			t.Errorf("by PASV: %q", data)
		}
	}
}

// TestRefusePorts: some ports refuse.
func TestRefusePorts(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a", "hello"), ftptest.DataTimeout(50*time.Millisecond),
		ftptest.RefusePorts(func(verb string, _ uint16) bool { return verb == "PASV" }))
	c := login(t, srv)
	c.prepare("PASV")
	if _, err := c.dialPassive(time.Minute); err == nil || isTimeout(err) {
		t.Errorf("a refused port: %v", err)
	}
	c.cmd(150, "RETR a")
	c.expect(425)
	if data, _ := c.get("EPSV", "RETR a"); string(data) != "hello" {
		t.Errorf("by EPSV: %q", data)
	}
}

// TestBreakTLS13: a handshake that offers 1.3 fails, one that does not works.
func TestBreakTLS13(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BreakTLS13(), ftptest.File("/a", "hello"))
	conf := clientConfig(srv)
	c := connect(t, srv)
	c.expect(220)
	c.cmd(234, "AUTH TLS")
	if err := tls.Client(c.nc, conf).HandshakeContext(t.Context()); err == nil {
		t.Error("TLS 1.3 was offered and accepted")
	}
	conf.MaxVersion = tls.VersionTLS12
	if data, _ := loginTLS(t, srv, conf).get("EPSV", "RETR a"); string(data) != "hello" {
		t.Errorf("by TLS 1.2: %q", data)
	}
}

// TestGhostPassive: connected here, and nobody there.
func TestGhostPassive(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a", "hello"), ftptest.DataTimeout(50*time.Millisecond), ftptest.ConnectFirst(), ftptest.GhostPassive())
	c := login(t, srv)
	c.prepare("EPSV")
	conn, err := c.dialPassive(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	c.cmd(425, "RETR a")
	// The ghost holds the connection, and lets it go with the next command.
	c.cmd(229, "EPSV")
	if n, err := conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("read %d, %v", n, err)
	}
	_ = conn.Close()
}

// TestIdleTimeout: 421 after silence, and not within a transfer.
func TestIdleTimeout(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/big", 300_000), ftptest.IdleTimeout(time.Second), ftptest.Bandwidth(150_000))
	c := login(t, srv)
	if data, _ := c.get("EPSV", "RETR big"); len(data) != 300_000 {
		t.Errorf("%d bytes", len(data))
	}
	c.expect(421)
	if _, err := c.tp.ReadLine(); !errors.Is(err, io.EOF) {
		t.Errorf("after 421: %v", err)
	}
}
