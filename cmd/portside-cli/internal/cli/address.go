package cli

import (
	"fmt"
	"net/url"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"portside/client"
	"portside/client/sites"
)

// An address is a place on a server, as named on the command line: by a URL, or by a
// saved site and a path.
type address struct {
	url   client.URL
	text  string // for people, without the password
	typed string // as typed
	path  string // raw bytes; see remotePath

	site  *sites.Site // the saved one that was named; nil: none
	below string      // of a saved site: the path as typed
}

// parseAddress reads one address.
func (p *program) parseAddress(s string) (address, error) {
	if s == "" {
		return address{}, usagef("an empty address")
	}
	site, below, found, err := p.splitSite(s)
	if err != nil {
		return address{}, err
	}
	if found {
		if strings.ContainsAny(below, "\r\n\x00") {
			return address{}, &usageError{err: fmt.Errorf("%w: it holds a line break or a NUL", client.ErrBadName)}
		}
		return siteAddress(site, s, below), nil
	}
	if err = p.maybeBroken(s); err != nil {
		return address{}, err
	}
	if typed, meant := p.misnamesSite(s); meant {
		return address{}, unknownSite(typed, p.savedSites().Content().Sites)
	}
	u, err := client.ParseURL(s)
	if err != nil {
		if typed, meant := likeSite(s); meant {
			return address{}, unknownSite(typed, p.savedSites().Content().Sites)
		}
		if hasStraySlash(s) {
			return address{}, usagef("the address is not written well: in a user name or password, write / as %%2F, @ as %%40 and %% as %%25")
		}
		return address{}, &usageError{err: err}
	}
	if u.HasPassword {
		p.conceal(u.Password)
	}
	return address{url: u, text: client.Printable(u.String()), typed: s, path: u.Path}, nil
}

// maybeBroken is the error for NAME: and NAME:/path where the file of saved sites has a
// mistake in it: the name may be that of a site which cannot be read, and is then no host.
func (p *program) maybeBroken(s string) error {
	_, rest, _ := strings.Cut(s, ":")
	if _, meant := likeSite(s); !meant || rest != "" && rest[0] != '/' {
		return nil
	}
	if err := p.savedSites().Problem(); err != nil {
		return siteTrouble(err)
	}
	return nil
}

// likeSite reports whether s, which is no address, was meant as NAME:path. What may
// hold a password is none.
func likeSite(s string) (typed string, meant bool) {
	typed, rest, _ := strings.Cut(s, ":")
	if !mayNameSite(s, runtime.GOOS) || strings.Contains(s, "@") {
		return "", false
	}
	port, _, _ := strings.Cut(rest, "/")
	_, err := strconv.Atoi(port)
	return typed, err != nil
}

// misnamesSite reports whether s, which reads as an address as well, is meant to be a
// saved site: NAME: without a port, where one is called nearly so, or a name behind a
// folder that there is.
func (p *program) misnamesSite(s string) (typed string, meant bool) {
	typed, rest, colon := strings.Cut(s, ":")
	if !colon || !mayNameSite(s, runtime.GOOS) || strings.Contains(s, "@") {
		return "", false
	}
	folder, _, within := strings.Cut(typed, "/")
	if !within {
		return typed, rest == "" && len(nearSites(typed, p.savedSites().Content().Sites)) > 0
	}
	return typed, slices.ContainsFunc(p.savedSites().Content().Sites, func(site sites.Site) bool {
		return len(site.Folder) > 0 && strings.EqualFold(site.Folder[0], folder)
	})
}

// hasStraySlash reports whether s may hold a password that was cut at a slash,
// so that nothing of s may be shown.
func hasStraySlash(s string) bool {
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+3:]
	}
	before, after, cut := strings.Cut(s, "/")
	return cut && strings.Contains(before, ":") && strings.Contains(after, "@")
}

// encode writes the letters of the path that were typed as they are in the
// server's character set. Bytes given as %XX stay what they are.
func (a *address) encode(encode func(string) (string, error)) error {
	if a.site != nil {
		raw, err := encode(a.path)
		if err != nil {
			return &usageError{err: err}
		}
		a.path = raw
		return nil
	}
	typed, err := encodePath(a.typed, encode)
	if err != nil {
		return &usageError{err: err}
	}
	u, err := client.ParseURL(typed)
	if err != nil {
		return &usageError{err: err}
	}
	a.path = u.Path
	return nil
}

// parseAddresses reads several.
func (p *program) parseAddresses(list []string) ([]address, error) {
	out := make([]address, 0, len(list))
	for _, s := range list {
		a, err := p.parseAddress(s)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// isAddress reports whether s is an address beyond doubt, with its scheme.
func isAddress(s string) bool {
	scheme, _, ok := strings.Cut(s, "://")
	if !ok {
		return false
	}
	switch strings.ToLower(scheme) {
	case "ftp", "ftps", "ftpes":
		return true
	default:
		return false
	}
}

// encodePath replaces the runs outside ASCII in the path of an address by what
// encode makes of them, percent-encoded.
func encodePath(s string, encode func(string) (string, error)) (string, error) {
	if isASCII(s) {
		return s, nil
	}
	start := 0
	if i := strings.Index(s, "://"); i >= 0 {
		start = i + 3
	}
	slash := strings.IndexByte(s[start:], '/')
	if slash < 0 {
		return s, nil
	}
	start += slash
	var b strings.Builder
	b.WriteString(s[:start])
	for rest := s[start:]; rest != ""; {
		n := asciiPrefix(rest)
		b.WriteString(rest[:n])
		rest = rest[n:]
		n = otherPrefix(rest)
		raw, err := encode(rest[:n])
		if err != nil {
			return "", err
		}
		b.WriteString(url.PathEscape(raw))
		rest = rest[n:]
	}
	return b.String(), nil
}

func isASCII(s string) bool { return asciiPrefix(s) == len(s) }

// asciiPrefix is the length of the ASCII text that s begins with.
func asciiPrefix(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}

// otherPrefix is the length of the text outside ASCII that s begins with.
func otherPrefix(s string) int {
	for i := range len(s) {
		if s[i] < utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}

// remotePath makes the path of an address into one the server takes. As
// RFC 1738, 3.2.2 has it, it starts at the folder in which the login ended, and
// at the root where it begins with a slash. A final slash is dropped.
func remotePath(home, path string) string {
	if trimmed := strings.TrimRight(path, "/"); trimmed != "" {
		path = trimmed
	} else if path != "" {
		path = "/"
	}
	switch {
	case path == "":
		return home
	case path[0] == '/':
		return "/" + strings.TrimLeft(path, "/")
	case home == "" || home[0] != '/':
		return path
	case strings.HasSuffix(home, "/"):
		return home + path
	default:
		return home + "/" + path
	}
}

// baseName is the last component of a raw remote path; "" where it has none.
func baseName(raw string) string {
	b := path.Base(raw)
	if b == "/" || b == "." {
		return ""
	}
	return b
}

// parentOf is the folder that a raw path is in.
func parentOf(raw string) string { return path.Dir(raw) }
