package ftptest_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"portside/client/ftptest"
)

func TestCertificates(t *testing.T) {
	ca, err := ftptest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		make func() (tls.Certificate, error)
		want func(error) bool
	}{
		{"good", ca.Server, func(err error) bool { return err == nil }},
		{"wrong name", ca.WrongName, func(err error) bool {
			var e x509.HostnameError
			return errors.As(err, &e)
		}},
		{"expired", ca.Expired, func(err error) bool {
			var e x509.CertificateInvalidError
			return errors.As(err, &e) && e.Reason == x509.Expired
		}},
		{"wrong usage", ca.WrongUsage, func(err error) bool {
			var e x509.CertificateInvalidError
			return errors.As(err, &e) && e.Reason == x509.IncompatibleUsage
		}},
		{"self-signed", ftptest.SelfSigned, func(err error) bool {
			var e x509.UnknownAuthorityError
			return errors.As(err, &e)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cert, err := tt.make()
			if err != nil {
				t.Fatal(err)
			}
			srv := ftptest.NewServer(t, ftptest.Certificate(cert), ftptest.ImplicitTLS())
			if got := srv.Fingerprint(); got != ftptest.Fingerprint(cert) || len(got) != 64 {
				t.Errorf("fingerprint = %q", got)
			}
			for _, host := range []string{"127.0.0.1", "localhost"} {
				d := tls.Dialer{Config: &tls.Config{RootCAs: ca.Pool(), ServerName: host, MinVersion: tls.VersionTLS12}}
				conn, err := d.DialContext(t.Context(), "tcp", srv.Addr)
				if !tt.want(err) {
					t.Errorf("dial as %s: %v", host, err)
				}
				if conn == nil {
					continue
				}
				if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "220 ") {
					t.Errorf("greeting = %q, %v", line, err)
				}
				_ = conn.Close()
			}
		})
	}
}

func TestRequireTLS(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.RequireTLS(), ftptest.File("/f", "x"))
	c := connect(t, srv)
	c.expect(220)
	c.cmd(530, "USER anonymous")
	c.cmd(504, "AUTH KERBEROS")
	c.cmd(234, "AUTH TLS")
	c.startTLS(clientConfig(srv))
	c.cmd(503, "AUTH TLS")
	c.cmd(331, "USER anonymous")
	c.cmd(230, "PASS x")
	c.prepare("EPSV")
	c.cmd(522, "RETR /f")
	c.cmd(534, "PROT C")
	c.cmd(536, "PROT X")
	if !srv.Conns()[0].TLS {
		t.Error("connection is not marked as TLS")
	}
}

func TestSessionReuse(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		srv := ftptest.NewServer(t, ftptest.RequireSessionReuse(), ftptest.TLSVersions(version, version))
		conf := clientConfig(srv)
		conf.ClientSessionCache = nil
		c := loginTLS(t, srv, conf)
		_, reply := c.get("EPSV", "LIST")
		wantPrefix(t, "LIST without a session cache", reply, "522")

		// A session of another control connection will not do.
		conf = clientConfig(srv)
		loginTLS(t, srv, conf)
		other := loginTLS(t, srv, clientConfig(srv))
		other.conf = conf
		_, reply = other.get("EPSV", "LIST")
		wantPrefix(t, "LIST with another connection's session", reply, "522")
		_, reply = loginTLS(t, srv, clientConfig(srv)).get("EPRT", "LIST")
		wantPrefix(t, "LIST with a session cache", reply, "226")
	}
}

func TestDataCertificate(t *testing.T) {
	cert, err := ftptest.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	srv := ftptest.NewServer(t, ftptest.DataCertificate(cert))
	c := loginTLS(t, srv, clientConfig(srv))
	c.prepare("EPSV")
	c.send("LIST")
	c.expect(150)
	_, err = c.secure(c.open())
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("data handshake: %v, want an unknown authority", err)
	}
	c.expect(426)
}

func TestCloseNotify(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.RequireCloseNotify())
	c := loginTLS(t, srv, clientConfig(srv))
	c.prepare("EPSV")
	c.send("STOR /up")
	raw := c.open()
	c.expect(150)
	conn, err := c.secure(raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "content"); err != nil {
		t.Fatal(err)
	}
	_ = raw.Close()
	c.expect(426)
	if got := srv.Transfers()[0]; got.Clean || got.Read != 7 {
		t.Errorf("transfer = %+v, want 7 bytes, not clean", got)
	}
}

// endConn remembers whether TCP ended: crypto/tls does not tell an end without
// close_notify from one with it.
type endConn struct {
	net.Conn
	ended bool
}

func (c *endConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.ended = c.ended || errors.Is(err, io.EOF)
	return n, err
}

func TestNoCloseNotify(t *testing.T) {
	for want, opt := range map[bool]ftptest.Option{true: ftptest.NoCloseNotify(), false: ftptest.TLS()} {
		srv := ftptest.NewServer(t, opt, ftptest.File("/f", "x"))
		c := loginTLS(t, srv, clientConfig(srv))
		c.prepare("EPSV")
		c.send("RETR /f")
		raw := &endConn{Conn: c.open()}
		c.expect(150)
		conn, err := c.secure(raw)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(conn); err != nil || string(data) != "x" {
			t.Errorf("RETR: %q, %v", data, err)
		}
		if raw.ended != want {
			t.Errorf("TCP ended before TLS: %t, want %t", raw.ended, want)
		}
		c.expect(226)
	}
}

func TestPlainData(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.PlainData(), ftptest.File("/f", "in the clear"))
	c := loginTLS(t, srv, clientConfig(srv))
	c.prot = false
	if data, _ := c.get("EPSV", "RETR /f"); string(data) != "in the clear" {
		t.Errorf("RETR = %q", data)
	}
}

func TestInjectAfterAuth(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.InjectAfterAuth("230 Already logged in.\r\n"))
	c := connect(t, srv)
	c.expect(220)
	c.send("AUTH TLS")
	buf := make([]byte, 200)
	n, err := c.nc.Read(buf)
	if got := string(buf[:n]); err != nil || !strings.HasSuffix(got, "handshake.\r\n230 Already logged in.\r\n") {
		t.Errorf("one packet = %q, %v", got, err)
	}
}

func TestCommandsBeforeHandshake(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.TLS())
	c := connect(t, srv)
	c.expect(220)
	if _, err := io.WriteString(c.nc, "AUTH TLS\r\nUSER evil\r\n"); err != nil {
		t.Fatal(err)
	}
	c.expect(234)
	if _, err := c.tp.ReadLine(); err == nil || isTimeout(err) {
		t.Errorf("after commands in the clear: %v, want the end of the connection", err)
	}
	if n := srv.Count("USER"); n != 0 {
		t.Error("a command sent in the clear was taken")
	}
}

func TestImplicitTLSv6(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.IPv6(), ftptest.ImplicitTLS())
	host, _, err := net.SplitHostPort(srv.Addr)
	if err != nil || host != "::1" {
		t.Fatalf("address %s: %v", srv.Addr, err)
	}
	if !strings.HasPrefix(srv.URL, "ftps://[::1]:") {
		t.Errorf("URL = %s", srv.URL)
	}
}
