package proxydial

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
)

// oneConn hands out one end of a pipe.
type oneConn struct{ nc net.Conn }

func (o oneConn) DialContext(context.Context, string, string) (net.Conn, error) { return o.nc, nil }

// through connects while a proxy says reply, whatever it is asked, and then what follows.
func through(t testing.TB, p Proxy, target, reply string) (rest string, err error) {
	t.Helper()
	here, there := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		go func() { _, _ = io.Copy(io.Discard, there) }()
		_, _ = io.WriteString(there, reply)
		_ = there.Close()
	}()
	p.Addr = "proxy.test:1"
	nc, err := (&Dialer{Proxy: p, Forward: oneConn{here}}).DialContext(t.Context(), "tcp", target)
	if err == nil {
		b, _ := io.ReadAll(nc)
		rest = string(b)
	}
	_ = here.Close()
	<-done
	return rest, err
}

// What follows the proxy's reply is the server's, to the byte.
func TestRest(t *testing.T) {
	for name, c := range map[string]struct {
		kind  Kind
		reply string
	}{
		"socks, address":     {SOCKS5, "\x05\x00" + "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x15"},
		"socks, IPv6":        {SOCKS5, "\x05\x00" + "\x05\x00\x00\x04" + strings.Repeat("x", 18)},
		"socks, name":        {SOCKS5, "\x05\x00" + "\x05\x00\x00\x03\x04nameyy"},
		"socks, login":       {SOCKS5, "\x05\x02" + "\x01\x00" + "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x15"},
		"http":               {HTTP, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"},
		"http 1.0, bare":     {HTTP, "HTTP/1.0 200\n\n"},
		"http, 204 and body": {HTTP, "HTTP/1.1 204 x\r\n\r\n"},
		"http, interim":      {HTTP, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"},
	} {
		rest, err := through(t, Proxy{Kind: c.kind, User: "u", Password: "p"}, "ftp.test:21", c.reply+"220 hello\r\n")
		if err != nil || rest != "220 hello\r\n" {
			t.Errorf("%s: %q, %v", name, rest, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		kind        Kind
		reply, step string
		text        string
	}{
		"socks, not allowed":     {SOCKS5, "\x05\x00\x05\x02\x00\x01", StepDenied, "does not permit"},
		"socks, network":         {SOCKS5, "\x05\x00\x05\x03\x00\x01", StepServer, "network is unreachable"},
		"socks, refused":         {SOCKS5, "\x05\x00\x05\x05\x00\x01", StepServer, "refused"},
		"socks, unknown failure": {SOCKS5, "\x05\x00\x05\x63\x00\x01", StepServer, "failure 99"},
		"socks, no login fits":   {SOCKS5, "\x05\xff", StepLogin, "no login by user and password"},
		"socks, GSSAPI":          {SOCKS5, "\x05\x01", StepLogin, "no login by user and password"},
		"socks, cut":             {SOCKS5, "\x05\x00\x05\x00\x00\x01\x7f", StepTalk, "closed"},
		"socks, odd address":     {SOCKS5, "\x05\x00\x05\x00\x00\x09", StepTalk, "kind 9"},
		"socks 4":                {SOCKS5, "\x00\x5b", StepTalk, "not with 5"},
		"http, 407 Basic":        {HTTP, "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=x\r\n\r\n", StepLogin, "is wrong"},
		"http, 407 NTLM":         {HTTP, "HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\n\r\n", StepLogin, "NTLM"},
		"http, 403":              {HTTP, "HTTP/1.1 403 Policy\r\n\r\n", StepDenied, "403 Policy"},
		"http, 502":              {HTTP, "HTTP/1.1 502 Bad Gateway\r\n\r\n", StepServer, "502 Bad Gateway"},
		"http, 302":              {HTTP, "HTTP/1.1 302 Found\r\nLocation: http://login.test/\r\n\r\n", StepDenied, "302"},
		"http, endless interim":  {HTTP, strings.Repeat("HTTP/1.1 100 x\r\n\r\n", 20), StepTalk, "no end"},
		"http, no number":        {HTTP, "HTTP/1.1 twohundred\r\n\r\n", StepTalk, "not HTTP"},
		"http, repeats both":     {HTTP, "HTTP/1.1 403 u:very-secret is dTp2ZXJ5LXNlY3JldA==\r\n\r\n", StepDenied, "403 u:**** is ****"},
		"http, asks for it":      {HTTP, "HTTP/1.1 407 No\r\nProxy-Authenticate: dTp2ZXJ5LXNlY3JldA==\r\n\r\n", StepLogin, "****"},
		"http, cut":              {HTTP, "HTTP/1.1 200 OK\r\nVia", StepTalk, "closed"},
		"http, endless":          {HTTP, "HTTP/1.1 200 OK\r\n" + strings.Repeat("y", maxHead), StepTalk, "longer than"},
	} {
		_, err := through(t, Proxy{Kind: c.kind, User: "u", Password: "very-secret"}, "ftp.test:21", c.reply)
		pe, ok := errors.AsType[*Error](err)
		if !ok || pe.Step != c.step || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "very-secret") || strings.Contains(err.Error(), "dTp2") {
			t.Errorf("%s: %v, want %s and %q", name, err, c.step, c.text)
		}
	}
}

// What cannot be asked for is not.
func TestUnfit(t *testing.T) {
	for _, target := range []string{"ftp.test", ":21", "a\r\nb:21", "a b:21", "ftp.test:21\r\n", "user@ftp.test:21", "a/b:21"} {
		if _, err := through(t, Proxy{Kind: HTTP}, target, "HTTP/1.1 200 OK\r\n\r\n"); err == nil {
			t.Errorf("%q was asked for", target)
		}
	}
	long := strings.Repeat("a", 256)
	for _, p := range []Proxy{{Kind: SOCKS5, User: long}, {Kind: SOCKS5, User: "u", Password: long}} {
		if _, err := through(t, p, "ftp.test:21", "\x05\x02\x01\x00"); err == nil {
			t.Error("a login that is too long was sent")
		}
	}
	for _, target := range []string{long + ":21", "ftp.test:http", "ftp.test:70000"} {
		if _, err := through(t, Proxy{Kind: SOCKS5}, target, "\x05\x00"); err == nil {
			t.Errorf("%q was asked for", target)
		}
	}
}

// The end of ctx ends a wait, and its reason is told.
func TestCancelled(t *testing.T) {
	here, there := net.Pipe()
	defer func() { _ = there.Close() }()
	reason := errors.New("the user gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		_, _ = there.Read(make([]byte, 1))
		cancel(reason)
	}()
	_, err := (&Dialer{Proxy: Proxy{Kind: HTTP, Addr: "proxy.test:1"}, Forward: oneConn{here}}).DialContext(ctx, "tcp", "ftp.test:21")
	if !errors.Is(err, reason) {
		t.Errorf("DialContext = %v", err)
	}
	if _, err = here.Write([]byte("x")); err == nil {
		t.Error("the connection was left open")
	}
}

func FuzzReplies(f *testing.F) {
	for _, s := range []string{"\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x15220 x", "\x05\x02\x01\x00\x05\x05", "HTTP/1.1 200 OK\r\n\r\n220 x", "HTTP/1.1 407 x\r\nProxy-Authenticate: \r\n\r\n", "HTTP/1.1 100 x\n\nHTTP/1.1 5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, reply string) {
		for _, kind := range []Kind{SOCKS5, HTTP} {
			rest, err := through(t, Proxy{Kind: kind, User: "u", Password: "p"}, "ftp.test:21", reply)
			var pe *Error
			switch {
			case err == nil && !strings.HasSuffix(reply, rest):
				t.Errorf("%q: %q is left, which is no end of it", reply, rest)
			case err != nil && (!errors.As(err, &pe) || err.Error() == ""):
				t.Errorf("%q: %v", reply, err)
			}
		}
	})
}
