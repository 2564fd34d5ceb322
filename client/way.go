package client

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A Way is how Dial connects to a server: straight, or by a proxy.
type Way struct {
	Kind   ProxyKind // never ProxySystem, which has been looked up
	Proxy  string    // "host:port" of the proxy; empty: there is none
	From   string    // of a proxy that the system has set: the variable, or "the desktop"
	Tunnel string    // the server's host as it was named, where Dialer connects to it through the proxy; an FTP proxy stands in its place
	First  string    // "host:port" of the control connection, for Dialer
	Dialer Dialer    // makes all connections

	secret string
}

// FindWay finds out how Dial would connect to addr ("host" or "host:port"), whatever the
// Mode. Its errors are *ProxyError, or about addr.
func FindWay(ctx context.Context, addr string, opt Options) (Way, error) {
	opt = opt.withDefaults()
	opt.Mode = Auto
	_, hostPort, err := dialPort(addr, opt.Security)
	if err != nil {
		return Way{}, err
	}
	r, err := opt.route(ctx, hostPort)
	if err != nil {
		return Way{}, err
	}
	return Way{Kind: r.kind, Proxy: r.proxy, From: r.from, Tunnel: r.tunnel, First: r.first, Dialer: r.dialer, secret: r.secret}, nil
}

// Secrets are the words that a proxy may repeat and nobody is to see.
func (w Way) Secrets() []string {
	return slices.DeleteFunc([]string{w.secret}, func(s string) bool { return s == "" })
}

// String is the way for people: "straight", "a SOCKS5 proxy at proxy.example.org:1080".
func (w Way) String() string {
	if w.Proxy == "" {
		return "straight"
	}
	return Printable(fmt.Sprintf("%s proxy at %s", article(w.Kind), w.Proxy))
}

// GoString is String: the password stays away from %#v too.
func (w Way) GoString() string { return w.String() }

// article is the kind with its article.
func article(k ProxyKind) string {
	if k == ProxySOCKS5 {
		return "a SOCKS5"
	}
	return "an " + strings.ToUpper(k.String())
}
