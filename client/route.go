package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"portside/client/internal/dtp"
	"portside/client/internal/proxydial"
)

// A ProxyError says at which step a connection through a proxy failed. It is found in a
// DialError or a DataError, and never holds a password.
type ProxyError = proxydial.Error

// The values of ProxyError.Step.
const (
	ProxyReach  = proxydial.StepReach  // the connection to the proxy, or which one it is
	ProxyTalk   = proxydial.StepTalk   // it says nothing, or what is not its protocol
	ProxyLogin  = proxydial.StepLogin  // it wants a login, or another one
	ProxyDenied = proxydial.StepDenied // it does not let anybody connect there
	ProxyServer = proxydial.StepServer // it could not connect to the server itself
)

// ErrActiveProxy says that an active mode was asked for through a proxy that takes no
// connections for this computer.
var ErrActiveProxy = errors.New("active modes cannot work through this proxy: the server cannot connect through it")

// A route is the way to a server: straight, through a proxy, or to an FTP proxy.
type route struct {
	kind   ProxyKind // never ProxySystem, which has been looked up
	proxy  string    // "host:port" of the proxy; empty: none
	secret string    // its password
	from   string    // who has set it, where that is the system
	dialer Dialer    // makes all connections, to what tunnel says
	tunnel string    // the server's host as it was named, where connections go to it through a proxy
	first  string    // "host:port" of the control connection, for dialer
}

// route finds the way to hostPort, and refuses what cannot be gone.
func (o Options) route(ctx context.Context, hostPort string) (route, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return route{}, err
	}
	r := route{kind: o.Proxy.Kind, dialer: o.Dialer, first: hostPort, secret: o.Proxy.Password}
	p := proxydial.Proxy{User: o.Proxy.User, Password: o.Proxy.Password}
	switch o.Proxy.Kind {
	case ProxyNone:
		return route{dialer: o.Dialer, first: hostPort}, nil
	case ProxyFTP:
		if _, r.proxy, err = dialPort(o.Proxy.Addr, o.Security); err != nil {
			return route{}, &ProxyError{Kind: "FTP", Target: hostPort, Step: ProxyReach, Err: err}
		}
		r.first = r.proxy
		return r, nil
	case ProxySystem:
		if p, r.from, err = proxydial.System(ctx, os.Getenv, proxydial.Desktop, host, port); err != nil {
			return route{}, err
		}
		r.secret = p.Password
	case ProxySOCKS5:
		p.Kind = proxydial.SOCKS5
	case ProxyHTTP:
		p.Kind = proxydial.HTTP
	}
	switch {
	case p.Kind == proxydial.None:
		return route{dialer: o.Dialer, first: hostPort}, nil
	case p.Addr == "":
		if p.Addr, err = proxydial.Address(p.Kind, o.Proxy.Addr); err != nil {
			return route{}, &ProxyError{Kind: p.Kind.String(), Target: hostPort, Step: ProxyReach, Err: err}
		}
	}
	if o.Mode.methods()[0].Active() {
		return route{}, ErrActiveProxy
	}
	r.kind = ProxySOCKS5
	if p.Kind == proxydial.HTTP {
		r.kind = ProxyHTTP
	}
	r.proxy, r.tunnel = p.Addr, host
	r.dialer = &proxydial.Dialer{Proxy: p, Forward: o.Dialer}
	return r, nil
}

// String is the way as people call it: "SOCKS5 proxy.example.org:1080"; empty where it is
// straight.
func (r route) String() string {
	switch r.kind {
	case ProxySOCKS5:
		return "SOCKS5 " + r.proxy
	case ProxyHTTP:
		return "HTTP " + r.proxy
	case ProxyFTP:
		return "FTP " + r.proxy
	case ProxyNone, ProxySystem:
	}
	return ""
}

// network is the network in which methods are remembered: what is open straight may be
// closed through a proxy, and the other way round.
func (r route) network(local string) string {
	if r.proxy == "" {
		return local
	}
	return fmt.Sprintf("%s through %s proxy %s", local, r.kind, r.proxy)
}

// certHost is the host that a certificate has to be made out for: an FTP proxy is the end
// of the protected connection.
func (r route) certHost(host string) string {
	if r.kind != ProxyFTP {
		return host
	}
	if h, _, err := net.SplitHostPort(r.proxy); err == nil {
		return h
	}
	return host
}

// remote is the server's address on the connection nc; it is not known where a proxy has
// resolved a name.
func (r route) remote(nc net.Addr) netip.AddrPort {
	if r.tunnel == "" {
		return tcpAddr(nc)
	}
	where, err := netip.ParseAddrPort(r.first)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(where.Addr().Unmap(), where.Port())
}

// connect makes the TCP connection. Its segments are small: that costs nothing where
// little is said, and a protected control connection comes up where large packets get
// lost on the way, as the server's certificates fill some.
func (r route) connect(ctx context.Context, o Options, hostPort string) (net.Conn, error) {
	dctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	nc, err := dtp.Narrow(r.dialer).DialContext(dctx, "tcp", r.first)
	if err == nil {
		return nc, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	op := OpConnect
	var pe *ProxyError
	if r.kind == ProxyFTP && !errors.As(err, &pe) {
		err = &ProxyError{Kind: "FTP", Addr: r.proxy, Target: hostPort, Step: ProxyReach, Err: err}
	}
	switch {
	case errors.As(err, &pe):
		if dctx.Err() != nil {
			pe.Err = &TimeoutError{What: "the proxy to make the connection", After: o.Timeout}
		}
	case dctx.Err() != nil:
		err = &TimeoutError{What: "the server to take the connection", After: o.Timeout}
	case isDNS(err):
		op = OpResolve
	}
	return nil, &DialError{Op: op, Addr: hostPort, Err: err}
}
