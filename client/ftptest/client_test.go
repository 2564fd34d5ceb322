package ftptest_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
	"time"

	"portside/client/ftptest"
)

// rawClient is the least FTP client that shows what the server does.
type rawClient struct {
	t    *testing.T
	srv  *ftptest.Server
	nc   net.Conn
	tp   *textproto.Conn
	conf *tls.Config // after AUTH
	prot bool
	ln   net.Listener // after PORT or EPRT
	addr string       // after PASV or EPSV
}

func connect(t *testing.T, srv *ftptest.Server) *rawClient {
	t.Helper()
	var d net.Dialer
	nc, err := d.DialContext(t.Context(), "tcp", srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	c := &rawClient{t: t, srv: srv, nc: nc, tp: textproto.NewConn(nc)}
	t.Cleanup(func() {
		_ = c.tp.Close()
		if c.ln != nil {
			_ = c.ln.Close()
		}
	})
	return c
}

// login connects, reads the greeting and logs in.
func login(t *testing.T, srv *ftptest.Server) *rawClient {
	t.Helper()
	c := connect(t, srv)
	c.expect(220)
	c.cmd(331, "USER anonymous")
	c.cmd(230, "PASS x@")
	c.cmd(200, "TYPE I")
	return c
}

// loginTLS is login after AUTH TLS, with protected data connections.
func loginTLS(t *testing.T, srv *ftptest.Server, conf *tls.Config) *rawClient {
	t.Helper()
	c := connect(t, srv)
	c.expect(220)
	c.cmd(234, "AUTH TLS")
	c.startTLS(conf)
	c.cmd(331, "USER anonymous")
	c.cmd(230, "PASS x@")
	c.cmd(200, "PBSZ 0")
	c.cmd(200, "PROT P")
	c.cmd(200, "TYPE I")
	c.prot = true
	return c
}

func clientConfig(srv *ftptest.Server) *tls.Config {
	return &tls.Config{
		RootCAs: srv.RootCAs(), ServerName: "localhost",
		ClientSessionCache: tls.NewLRUClientSessionCache(8), MinVersion: tls.VersionTLS12,
	}
}

func (c *rawClient) startTLS(conf *tls.Config) {
	c.t.Helper()
	tc := tls.Client(c.nc, conf)
	if err := tc.HandshakeContext(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.conf, c.nc = conf, tc
	c.tp = textproto.NewConn(tc)
}

func (c *rawClient) send(format string, args ...any) {
	c.t.Helper()
	if err := c.tp.PrintfLine(format, args...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *rawClient) expect(code int) string {
	c.t.Helper()
	_, msg, err := c.tp.ReadResponse(code)
	if err != nil {
		c.t.Fatalf("reply = %v, want %d", err, code)
	}
	return msg
}

func (c *rawClient) cmd(code int, format string, args ...any) string {
	c.t.Helper()
	c.send(format, args...)
	return c.expect(code)
}

// prepare negotiates a data connection by one of the four methods.
func (c *rawClient) prepare(method string) {
	c.t.Helper()
	host, _, err := net.SplitHostPort(c.nc.LocalAddr().String())
	if err != nil {
		c.t.Fatal(err)
	}
	switch method {
	case "PASV":
		msg := c.cmd(227, "PASV")
		f := strings.FieldsFunc(msg, func(r rune) bool { return r == '(' || r == ')' || r == ',' })
		p1, _ := strconv.Atoi(f[len(f)-3])
		p2, _ := strconv.Atoi(f[len(f)-2])
		c.addr = net.JoinHostPort(host, strconv.Itoa(p1<<8|p2))
	case "EPSV":
		msg := c.cmd(229, "EPSV")
		c.addr = net.JoinHostPort(host, strings.Split(msg, "|")[3])
	case "PORT", "EPRT":
		var lc net.ListenConfig
		if c.ln, err = lc.Listen(c.t.Context(), "tcp", net.JoinHostPort(host, "0")); err != nil {
			c.t.Fatal(err)
		}
		port := c.ln.Addr().(*net.TCPAddr).Port
		if method == "PORT" {
			c.cmd(200, "PORT %s,%d,%d", strings.ReplaceAll(host, ".", ","), port>>8, port&0xff)
			return
		}
		family := 1
		if strings.Contains(host, ":") {
			family = 2
		}
		c.cmd(200, "EPRT |%d|%s|%d|", family, host, port)
	}
}

// open opens the data connection that prepare negotiated.
func (c *rawClient) open() net.Conn {
	c.t.Helper()
	var conn net.Conn
	var err error
	if c.ln != nil {
		if tl, ok := c.ln.(*net.TCPListener); ok {
			if err = tl.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				c.t.Fatal(err)
			}
		}
		conn, err = c.ln.Accept()
		_ = c.ln.Close()
		c.ln = nil
	} else {
		var d net.Dialer
		conn, err = d.DialContext(c.t.Context(), "tcp", c.addr)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// secure starts TLS on a data connection, if PROT P is on.
func (c *rawClient) secure(conn net.Conn) (net.Conn, error) {
	if !c.prot {
		return conn, nil
	}
	tc := tls.Client(conn, c.conf)
	return tc, tc.HandshakeContext(c.t.Context())
}

// start sends a transfer command, and opens its data connection: a passive one
// at once, which a server may wait for before it says 150.
func (c *rawClient) start(method, format string, args ...any) net.Conn {
	c.t.Helper()
	c.prepare(method)
	c.send(format, args...)
	var conn net.Conn
	if c.ln == nil {
		conn = c.open()
	}
	c.expect(150)
	if c.ln != nil {
		conn = c.open()
	}
	conn, err := c.secure(conn)
	if err != nil {
		c.t.Fatal(err)
	}
	return conn
}

// get runs a transfer command that sends, and returns what was sent and the
// final reply.
func (c *rawClient) get(method, format string, args ...any) ([]byte, string) {
	c.t.Helper()
	conn := c.start(method, format, args...)
	data, _ := io.ReadAll(conn) // faults show in the final reply
	_ = conn.Close()
	return data, c.final()
}

// put runs a transfer command that receives.
func (c *rawClient) put(method string, data []byte, format string, args ...any) string {
	c.t.Helper()
	conn := c.start(method, format, args...)
	_, _ = io.Copy(conn, bytes.NewReader(data)) // faults show in the final reply
	_ = conn.Close()
	return c.final()
}

// final reads any reply.
func (c *rawClient) final() string {
	c.t.Helper()
	code, msg, err := c.tp.ReadResponse(0)
	if err != nil {
		return "error: " + err.Error()
	}
	return fmt.Sprintf("%d %s", code, msg)
}

func wantPrefix(t *testing.T, what, got, want string) {
	t.Helper()
	if !strings.HasPrefix(got, want) {
		t.Errorf("%s = %q, want %q...", what, got, want)
	}
}
