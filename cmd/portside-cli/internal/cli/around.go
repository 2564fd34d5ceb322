package cli

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"portside/client"
)

// around are the options about what stands around a session: proxy, client certificate,
// commands after the login, the server's clock.
type around struct {
	proxyText, proxyForm string
	proxy                client.Proxy // of both, without a password
	clientCert           string
	clientKey            string
	afterLogin           []string
	timeOffset           time.Duration
}

// addAround adds the options to fs.
func (o *around) addAround(fs *pflag.FlagSet) {
	fs.StringVar(&o.proxyText, "proxy", "", "connect through `URL`: socks5://[user@]host[:port], http://… (CONNECT), ftp://…, system or none; its password: PORTSIDE_PROXY_PASSWORD, the keyring or a prompt")
	fs.StringVar(&o.proxyForm, "proxy-form", "", "how an FTP proxy is told where to go: "+strings.Join(proxyForms(), ", ")+"; default user@host")
	fs.StringVar(&o.clientCert, "client-cert", "", "show the server the certificate in `FILE` (PEM or PKCS#12)")
	fs.StringVar(&o.clientKey, "client-key", "", "its key, where that is a `FILE` of its own")
	fs.StringArrayVar(&o.afterLogin, "after-login", nil, "send `COMMAND` after each login (may be repeated)")
	fs.Var(option(&o.timeOffset, parseOffset, "TIME"), "time-offset", "how far the server's clock is ahead of UTC in listings without a zone: 2h, -05:30")
}

// checkAround checks the options, and puts the proxy together.
func (o *around) checkAround() error {
	for _, c := range o.afterLogin {
		if err := client.CheckAfterLogin(c); err != nil {
			return &usageError{err: err}
		}
	}
	if o.clientKey != "" && o.clientCert == "" {
		return usagef("--client-key is the key of a certificate: give that with --client-cert")
	}
	if o.proxyForm != "" && o.proxyText == "" {
		return usagef("--proxy-form is for --proxy ftp://…")
	}
	if o.proxyText == "" {
		return nil
	}
	var err error
	o.proxy, err = parseProxy(o.proxyText)
	if err == nil && o.proxyForm != "" {
		if o.proxy.Kind != client.ProxyFTP {
			return usagef("--proxy-form is for --proxy ftp://…")
		}
		o.proxy.Form, err = client.ParseProxyForm(o.proxyForm)
	}
	if err != nil {
		return &usageError{err: err}
	}
	return nil
}

// proxyForms are the names of the ways to log in to an FTP proxy.
func proxyForms() []string {
	var names []string
	for f := client.ProxyUserAtHost; f <= client.ProxyUserBlank; f++ {
		names = append(names, f.String())
	}
	return names
}

// errProxyPassword is told for a password in the URL of a proxy, which other users of
// the computer could read.
var errProxyPassword = errors.New("a proxy's password does not belong on the command line: leave it out, and give it in PORTSIDE_PROXY_PASSWORD, with login --for proxy, or at the prompt")

// parseProxy reads the value of --proxy. Its errors never hold the value, which may
// have a password in it.
func parseProxy(s string) (client.Proxy, error) {
	bad := errors.New("--proxy is none, system, or a URL such as socks5://proxy.example.org:1080, http://anna@proxy.example.org:3128 or ftp://proxy.example.org")
	switch strings.ToLower(s) {
	case "", "none":
		return client.Proxy{}, nil
	case "system":
		return client.Proxy{Kind: client.ProxySystem}, nil
	}
	scheme, rest, found := strings.Cut(s, "://")
	if !found {
		return client.Proxy{}, bad
	}
	kinds := map[string]client.ProxyKind{"socks5": client.ProxySOCKS5, "socks5h": client.ProxySOCKS5, "http": client.ProxyHTTP, "ftp": client.ProxyFTP}
	kind, known := kinds[strings.ToLower(scheme)]
	if !known {
		return client.Proxy{}, bad
	}
	p := client.Proxy{Kind: kind, Addr: strings.TrimSuffix(rest, "/")}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		info := rest[:i]
		p.Addr = strings.TrimSuffix(rest[i+1:], "/")
		if strings.Contains(info, ":") {
			return client.Proxy{}, errProxyPassword
		}
		user, err := url.PathUnescape(info)
		if err != nil {
			return client.Proxy{}, bad
		}
		p.User = user
	}
	if u, err := client.ParseURL(p.Addr); err != nil || u.Path != "" || strings.Contains(p.Addr, "/") {
		return client.Proxy{}, bad
	}
	return p, nil
}

// proxyURL is the inverse of parseProxy, for people.
func proxyURL(kind client.ProxyKind, addr, user string) string {
	if kind == client.ProxyNone || kind == client.ProxySystem {
		return kind.String()
	}
	if user != "" {
		addr = url.PathEscape(user) + "@" + addr
	}
	return kind.String() + "://" + addr
}

// proxyHost is the proxy as a prompt names it.
func proxyHost(p client.Proxy) string {
	if host, _, err := net.SplitHostPort(p.Addr); err == nil {
		return host
	}
	return p.Addr
}

// parseOffset reads how far a clock is ahead of UTC: "2h", "-90m", "+05:30", "-0330".
func parseOffset(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		d, err = parseZone(s)
	}
	if err != nil || d < -24*time.Hour || d > 24*time.Hour || d%time.Minute != 0 {
		return 0, errors.New("must be a time of whole minutes, a day at most, such as 2h, -90m or +05:30")
	}
	return d, nil
}

// parseZone reads "+05:30", "-0330" and "0".
func parseZone(s string) (time.Duration, error) {
	sign, digits := time.Duration(1), s
	switch {
	case strings.HasPrefix(s, "-"):
		sign, digits = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		digits = s[1:]
	}
	hours, minutes, found := strings.Cut(digits, ":")
	if !found && len(digits) == 4 {
		hours, minutes, found = digits[:2], digits[2:], true
	}
	h, herr := strconv.ParseUint(hours, 10, 8)
	m, merr := strconv.ParseUint(minutes, 10, 8)
	if !found || herr != nil || merr != nil || h > 24 || m > 59 {
		return 0, errors.New("no zone")
	}
	return sign * (time.Duration(h)*time.Hour + time.Duration(m)*time.Minute), nil
}

// offsetText is an offset as parseOffset reads it.
func offsetText(minutes int) string {
	sign := "+"
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	return fmt.Sprintf("%s%02d:%02d", sign, minutes/60, minutes%60)
}
