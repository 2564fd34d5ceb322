package client

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// A URL is the address of a server, and perhaps of a file on it.
//
// Path is raw bytes after percent-decoding. As RFC 1738, 3.2.2 has it, the slash
// after the host is no part of it, so that "ftp://h/a/b" is a/b below the
// directory in which the login ends, and "ftp://h//a" or "ftp://h/%2Fa" is /a.
type URL struct {
	Security    Security // Auto for ftp, Implicit for ftps, Require for ftpes
	Host        string
	Port        uint16 // 0: the default
	User        string
	Password    string
	HasPassword bool
	Path        string
}

// ParseURL reads an ftp, ftps or ftpes URL; text without a scheme is taken for
// ftp. Errors never hold the password.
func ParseURL(s string) (URL, error) {
	s = strings.TrimSpace(s)
	u := URL{}
	rest := s
	if scheme, after, found := strings.Cut(s, "://"); found {
		rest = after
		switch strings.ToLower(scheme) {
		case "ftp":
		case "ftps":
			u.Security = SecurityImplicit
		case "ftpes":
			u.Security = SecurityRequire
		default:
			return URL{}, fmt.Errorf("%q is no scheme that Portside speaks; use ftp://, ftpes:// (explicit TLS) or ftps:// (implicit TLS)", Printable(scheme))
		}
	}
	authority, path, hasPath := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if err := u.setUser(authority[:at]); err != nil {
			return URL{}, err
		}
		authority = authority[at+1:]
	}
	if err := u.setHost(authority); err != nil {
		return URL{}, err
	}
	if hasPath {
		raw, err := unescape(strings.TrimSuffix(path, ";type=i")) // one that is escaped belongs to the name
		if err != nil {
			return URL{}, fmt.Errorf("the path of the address: %w", err)
		}
		u.Path = raw
	}
	return u, nil
}

func (u *URL) setUser(info string) error {
	user, password, has := strings.Cut(info, ":")
	var err error
	if u.User, err = unescape(user); err != nil {
		return fmt.Errorf("the user in the address: %w", err)
	}
	u.HasPassword = has
	if u.Password, err = unescape(password); err != nil {
		return fmt.Errorf("the password in the address is not written well: a %% in it has to be written %%25")
	}
	return nil
}

// unescape decodes percent escapes; the result is raw bytes.
func unescape(s string) (string, error) {
	out, err := url.PathUnescape(s)
	if err != nil {
		return "", fmt.Errorf("%q is not written well: a %% has to be written %%25", Printable(s))
	}
	if strings.ContainsAny(out, "\r\n\x00") {
		return "", fmt.Errorf("%w: it holds a line break or a NUL", ErrBadName)
	}
	return out, nil
}

func (u *URL) setHost(s string) error {
	host, port := s, ""
	switch {
	case strings.HasPrefix(s, "["):
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return fmt.Errorf("the address %q has no ] after the IPv6 address", Printable(s))
		}
		host, port = s[1:end], s[end+1:]
		host = strings.Replace(host, "%25", "%", 1) // before a zone (RFC 6874)
		if port != "" && !strings.HasPrefix(port, ":") {
			return fmt.Errorf("the address %q is not written well after the ]", Printable(s))
		}
		port = strings.TrimPrefix(port, ":")
	case strings.Count(s, ":") == 1:
		host, port, _ = strings.Cut(s, ":")
	case strings.Count(s, ":") > 1 && net.ParseIP(s) == nil:
		return fmt.Errorf("the address %q is not written well; an IPv6 address stands in brackets: [2001:db8::1]:21", Printable(s))
	}
	if host == "" {
		return fmt.Errorf("the address names no host; write it as ftp://host or host:port")
	}
	if strings.ContainsAny(host, " \t\r\n\x00/\\") {
		return fmt.Errorf("the host name %q is not written well", Printable(host))
	}
	u.Host = host
	if port == "" {
		return nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		// Not quoted: it is a part of the password where that holds a slash.
		return errors.New("the port in the address is not a number from 1 to 65535; a slash in a user name or a password has to be written %2F")
	}
	u.Port = uint16(n)
	return nil
}

// Addr returns "host:port", with the default port where none is given.
func (u URL) Addr() string {
	port := u.Port
	if port == 0 {
		port = 21
		if u.Security == SecurityImplicit {
			port = 990
		}
	}
	return net.JoinHostPort(u.Host, strconv.Itoa(int(port)))
}

// Scheme returns ftp, ftps or ftpes.
func (u URL) Scheme() string {
	switch u.Security {
	case SecurityImplicit:
		return "ftps"
	case SecurityRequire:
		return "ftpes"
	default:
		return "ftp"
	}
}

// String writes the URL without its password.
func (u URL) String() string {
	var b strings.Builder
	b.WriteString(u.Scheme() + "://")
	if u.User != "" {
		b.WriteString(url.PathEscape(u.User) + "@")
	}
	host := u.Host
	if strings.Contains(host, ":") {
		host = "[" + strings.Replace(host, "%", "%25", 1) + "]"
	}
	b.WriteString(host)
	if u.Port != 0 {
		fmt.Fprintf(&b, ":%d", u.Port)
	}
	b.WriteByte('/')
	for i, part := range strings.Split(u.Path, "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(url.PathEscape(part))
	}
	return b.String()
}

// Options returns base with the user, password and security of the URL; security
// is left as it is where the URL's scheme is ftp.
func (u URL) Options(base Options) Options {
	if u.User != "" {
		base.User = u.User
	}
	if u.HasPassword {
		base.Password = u.Password
	}
	if u.Security != SecurityAuto {
		base.Security = u.Security
	}
	return base
}
