package diagnose

import (
	"fmt"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"portside/client"
)

// Bounds of what is taken over from a server into a report.
const (
	longestLine   = 300
	longestDetail = 400
	mostLines     = 60
)

// said makes a line of the server fit to be shown: bounded, and without characters
// that do harm.
func said(s string) string { return client.Printable(clip(strings.TrimRight(s, "\r\n"), longestLine)) }

// said is the function of the same name for what may hold a secret: servers
// repeat what they were told.
func (r *run) said(s string) string { return said(r.mask(s)) }

// saidLines is said for a text of several lines.
func (r *run) saidLines(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if len(out) == mostLines {
			out = append(out, "…")
			break
		}
		out = append(out, r.said(l))
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// saidReply is a reply as one line.
func (r *run) saidReply(rep client.Reply) string {
	if rep.Code == 0 {
		return ""
	}
	return r.said(rep.String())
}

// leastSecret is the length of the shortest string that is masked.
const leastSecret = 3

// secretsOf are the strings of a target that must not be in a report. What equals
// the user's name is no secret, and a short one would blot out ordinary text.
func secretsOf(o client.Options) []string {
	var out []string
	for _, s := range []string{o.Password, o.Account, o.Proxy.Password} {
		if len(s) >= leastSecret && s != o.User && s != "anonymous@" {
			out = append(out, s)
		}
	}
	return out
}

func (r *run) mask(s string) string {
	for _, secret := range r.secrets {
		s = strings.ReplaceAll(s, secret, "****")
	}
	return s
}

// clip bounds s to most bytes, at a whole letter.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	if n := len(s); n > 0 && s[n-1] >= utf8.RuneSelf {
		s = s[:n-1] // the first byte of a letter that was cut
	}
	return s + "…"
}

// round makes a time fit to be read.
func round(d time.Duration) time.Duration {
	switch {
	case d >= time.Second:
		return d.Round(100 * time.Millisecond)
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond)
	default:
		return d.Round(10 * time.Microsecond)
	}
}

// count gives "1 port", "2 ports".
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// splitTarget reads the address of a target; the port is 990 for implicit TLS,
// else 21.
func splitTarget(t Target) (host, hostPort string, err error) {
	port := "21"
	if t.Options.Security == client.SecurityImplicit {
		port = "990"
	}
	host, p, splitErr := net.SplitHostPort(t.Addr)
	if splitErr != nil {
		host, p = strings.TrimSuffix(strings.TrimPrefix(t.Addr, "["), "]"), port
	}
	if p == "" {
		p = port
	}
	if host == "" {
		return "", "", fmt.Errorf("the address %q names no host", t.Addr)
	}
	return host, net.JoinHostPort(host, p), nil
}
