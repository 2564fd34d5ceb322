// Package proxydial makes connections through a proxy: SOCKS5 (RFC 1928, with the login
// of RFC 1929) and the CONNECT method of HTTP (RFC 9110, 9.3.6, with the login of RFC
// 7617). It also finds out which proxy the environment or the desktop has set.
//
// Names are given to the proxy as they are, so that they are resolved behind it. What a
// proxy says is bounded, and read no further than its reply goes: what follows is the
// server's. No error holds a password.
//
// It leaves out UDP, BIND, SOCKS4, and FTP proxies, which are logged in to and not
// connected through.
package proxydial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// A Kind is a protocol that is spoken with a proxy.
type Kind uint8

// The kinds.
const (
	None Kind = iota // straight to the server
	SOCKS5
	HTTP
)

// String returns the name for people.
func (k Kind) String() string {
	switch k {
	case SOCKS5:
		return "SOCKS5"
	case HTTP:
		return "HTTP"
	default:
		return "no"
	}
}

// port is the usual one.
func (k Kind) port() string {
	if k == SOCKS5 {
		return "1080"
	}
	return "3128"
}

// A Proxy is where to connect first, and how to log in there.
type Proxy struct {
	Kind           Kind
	Addr           string // "host:port"
	User, Password string
	TLS            bool // the proxy itself is spoken to over TLS (HTTP only)
}

// Address returns addr with the usual port of k where it has none.
func Address(k Kind, addr string) (string, error) {
	return withPort(addr, k.port())
}

func withPort(addr, port string) (string, error) {
	h, p, err := net.SplitHostPort(addr)
	if err != nil {
		h, p = strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]"), port
	}
	if p == "" {
		p = port
	}
	if h == "" || strings.ContainsFunc(h+p, unfit) {
		return "", fmt.Errorf("%q is no address of a proxy", addr)
	}
	return net.JoinHostPort(h, p), nil
}

// unfit reports whether r can be in no host name, and could end a line.
func unfit(r rune) bool { return r <= ' ' || r == 0x7f || r == '/' || r == '@' }

// A Forward makes the connection to the proxy; net.Dialer is one.
type Forward interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// A Dialer connects through a proxy.
type Dialer struct {
	Proxy
	Forward Forward
}

// DialContext connects to addr ("host:port") through the proxy. ctx bounds all of it.
// What it returns over a proxy that is not spoken to over TLS is the connection that
// Forward made. Its errors are *Error, or the cause of ctx's end where that came first
// and is no deadline.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" || strings.ContainsFunc(host+port, unfit) {
		return nil, d.failed(addr, StepServer, "", fmt.Errorf("%q cannot be asked for", addr))
	}
	raw, err := d.Forward.DialContext(ctx, network, d.Addr)
	if err != nil {
		return nil, d.failed(addr, StepReach, "", err)
	}
	nc, err := d.talk(ctx, raw, host, port)
	if err != nil {
		_ = raw.Close()
		if ctx.Err() != nil {
			err = d.failed(addr, StepTalk, "", context.Cause(ctx))
		}
		return nil, err
	}
	return nc, nil
}

// talk asks the proxy for the connection. The end of ctx interrupts it.
func (d *Dialer) talk(ctx context.Context, raw net.Conn, host, port string) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	nc, addr := raw, net.JoinHostPort(host, port)
	if d.TLS {
		name, _, err := net.SplitHostPort(d.Addr)
		if err != nil {
			return nil, d.failed(addr, StepReach, "", err)
		}
		t := tls.Client(raw, &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12})
		if err = t.HandshakeContext(ctx); err != nil {
			return nil, d.failed(addr, StepReach, "", err)
		}
		nc = t
	}
	var err error
	if d.Kind == SOCKS5 {
		err = d.socks5(nc, host, port)
	} else {
		err = d.connect(nc, addr)
	}
	switch {
	case err != nil:
		return nil, err
	case !stop():
		return nil, d.failed(addr, StepTalk, "", context.Cause(ctx))
	}
	return nc, nil
}

// The steps in which a proxy can fail.
const (
	StepReach  = "reach"  // the connection to the proxy
	StepTalk   = "talk"   // it says nothing, or what is not its protocol
	StepLogin  = "login"  // it wants a login, or another one
	StepDenied = "denied" // it does not let anybody connect there
	StepServer = "server" // it could not connect to the server itself
)

// An Error says at which step a connection through a proxy failed.
type Error struct {
	Kind   string // "SOCKS5", "HTTP", "FTP"; "system" where it is not known which one there is
	Addr   string // of the proxy, "host:port"; empty where it is not known
	Target string // what it was asked for, "host:port"
	Step   string // one of the Step constants
	Said   string // in the proxy's own words, where there are any; hostile text
	Err    error  // may be nil
}

// Error says which proxy failed, and why.
func (e *Error) Error() string {
	what := map[string]string{
		StepReach: "could not be reached", StepTalk: "does not answer as one", StepLogin: "did not accept the login",
		StepDenied: "does not permit the connection", StepServer: "could not connect to the server",
	}[e.Step]
	text := fmt.Sprintf("the %s proxy %s", e.Kind, e.Addr)
	text = strings.TrimSuffix(text, " ") + " " + what
	if e.Said != "" {
		text += fmt.Sprintf(" (it said %q)", e.Said)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Timeout reports whether a wait ran out.
func (e *Error) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.As(e.Err, &t) && t.Timeout()
}

// Temporary reports whether the same may work later.
func (e *Error) Temporary() bool { return e.Step != StepLogin && e.Step != StepDenied }

func (d *Dialer) failed(target, step, said string, err error) *Error {
	return &Error{Kind: d.Kind.String(), Addr: d.Addr, Target: target, Step: step, Said: said, Err: err}
}
