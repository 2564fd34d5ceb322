package proxydial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Settings are what a desktop has set.
type Settings struct {
	SOCKS   string // URL or host:port; empty: none
	HTTPS   string // of the HTTP proxy for https, as SOCKS
	NoProxy string // hosts that are connected to straight, as in NO_PROXY; "<local>" for names without a dot
}

// System returns the proxy for the server at host and port that the environment has set
// (ALL_PROXY, then HTTPS_PROXY, unless NO_PROXY names the server; also in small letters),
// or else the desktop; from says who. This computer itself is connected to straight, which
// is Kind None. A setting that cannot be read is an *Error, so that nobody connects past a
// proxy without wanting it.
func System(ctx context.Context, getenv func(string) string, desktop func(context.Context) (Settings, error), host, port string) (p Proxy, from string, err error) {
	for _, name := range []string{"ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"} {
		text := strings.TrimSpace(getenv(name))
		if text == "" {
			continue
		}
		if !wanted(orElse(getenv("NO_PROXY"), getenv("no_proxy")), host, port) {
			return Proxy{}, "NO_PROXY", nil
		}
		p, err = parse(text, "http")
		return p, name, unreadable(err, name)
	}
	set, err := desktop(ctx)
	if err != nil {
		return Proxy{}, "", unreadable(err, "the desktop")
	}
	if !wanted(set.NoProxy, host, port) {
		return Proxy{}, "", nil
	}
	const desk = "the desktop"
	switch {
	case set.SOCKS != "":
		p, err = parse(set.SOCKS, "socks5")
	case set.HTTPS != "":
		p, err = parse(set.HTTPS, "http")
	default:
		return Proxy{}, "", nil
	}
	return p, desk, unreadable(err, desk)
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// unreadable names who has set what cannot be read, and never what was set: it may hold
// a password.
func unreadable(err error, name string) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: "system", Step: StepReach, Err: fmt.Errorf("the setting of %s: %w", name, err)}
}

// wanted reports whether the server at host is reached by a proxy at all.
func wanted(noProxy, host, port string) bool {
	for _, name := range strings.FieldsFunc(noProxy, func(r rune) bool { return r == ',' || r == ';' }) {
		if strings.TrimSpace(name) == "<local>" && !strings.ContainsAny(host, ".:") {
			return false
		}
	}
	cfg := httpproxy.Config{HTTPSProxy: "http://proxy.invalid", NoProxy: noProxy}
	u, err := cfg.ProxyFunc()(&url.URL{Scheme: "https", Host: net.JoinHostPort(host, port)})
	return err != nil || u != nil
}

// errNoURL is the error of text that names no proxy; the text is no part of it.
var errNoURL = errors.New("it names no proxy, such as socks5://proxy.example.org:1080")

// parse reads "socks5://user:password@host:port", or without the scheme.
func parse(text, scheme string) (Proxy, error) {
	if !strings.Contains(text, "://") {
		text = scheme + "://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return Proxy{}, errNoURL
	}
	p, port := Proxy{}, ""
	switch strings.ToLower(u.Scheme) {
	case "socks5", "socks5h", "socks":
		p.Kind, port = SOCKS5, "1080"
	case "http":
		p.Kind, port = HTTP, "80"
	case "https":
		p.Kind, p.TLS, port = HTTP, true, "443"
	default:
		return Proxy{}, errors.New("it is neither socks5:// nor http:// nor https://")
	}
	if p.Addr, err = withPort(u.Host, port); err != nil {
		return Proxy{}, errNoURL
	}
	p.User = u.User.Username()
	p.Password, _ = u.User.Password()
	return p, nil
}
