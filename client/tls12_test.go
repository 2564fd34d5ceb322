package client_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
)

// TestOlderTLSForData has a server that serves protected data under TLS 1.2 only.
func TestOlderTLSForData(t *testing.T) {
	for _, reply := range []string{"522 SSL connection failed: session reuse required.", "425 Unable to build data connection: TLS session of data connection not resumed."} {
		t.Run(reply[:3], func(t *testing.T) {
			refuse := func(c *ftptest.Conn, _ string) bool {
				if c.TLSVersion() != tls.VersionTLS13 {
					return false
				}
				c.Send(reply)
				return true
			}
			srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.File("/in/a.txt", "hello"), ftptest.Handle("MLSD", refuse), ftptest.Handle("RETR", refuse), ftptest.Handle("STOR", refuse))
			s, rec := dialAuto(t, srv, func(o *client.Options) { o.Security, o.Insecure = client.SecurityRequire, true })
			wantFile(t, srv, s)
			info := s.Info()
			if !info.TLSDowngraded || info.TLS.Version != "TLS 1.2" || info.Method != client.MethodEPSV {
				t.Errorf("%s by %v, downgraded: %v\n%s", info.TLS.Version, info.Method, info.TLSDowngraded, notes(rec))
			}
		})
	}
}

// A dialer13 breaks every connection over which TLS 1.3 is offered, as something
// on the way may that cannot read it.
type dialer13 struct{ net.Dialer }

func (d *dialer13) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := d.Dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &conn13{nc}, nil
}

type conn13 struct{ net.Conn }

func (c *conn13) Write(b []byte) (int, error) {
	// The extension supported_versions with 1.3 in it: 0x002b, lengths, 0x0304.
	if len(b) > 5 && b[0] == 22 && strings.Contains(string(b), "\x00\x2b\x00\x05\x04\x03\x04") {
		_ = c.Close()
		return 0, io.ErrClosedPipe
	}
	return c.Conn.Write(b)
}

func TestOlderTLSForControl(t *testing.T) {
	for _, sec := range []client.Security{client.SecurityRequire, client.SecurityImplicit} {
		t.Run(sec.String(), func(t *testing.T) {
			opt := ftptest.TLS()
			if sec == client.SecurityImplicit {
				opt = ftptest.ImplicitTLS()
			}
			srv := ftptest.NewServer(t, opt, ftptest.File("/in/a.txt", "hello"))
			s, _ := dialAuto(t, srv, func(o *client.Options) {
				o.Security, o.Insecure, o.Dialer, o.Timeout = sec, true, &dialer13{}, 10*time.Second
			})
			wantFile(t, srv, s)
			if info := s.Info(); !info.TLSDowngraded || info.TLS.Version != "TLS 1.2" {
				t.Errorf("%s, downgraded: %v", info.TLS.Version, info.TLSDowngraded)
			}
		})
	}
}
