package exchange

import (
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"

	"portside/client"
	"portside/client/sites"
)

// judge finishes the rows: names where there are none, the usual port as none, what
// the book would refuse as skipped, and duplicates.
func (s *source) judge(existing []sites.Site) error {
	seen := make(map[string]int, len(existing)+len(s.imp.Rows)) // index in rows; below zero: in existing, from -1 on
	for i, e := range existing {
		seen[identity(e)] = -1 - i
	}
	for i := range s.imp.Rows {
		if i%256 == 0 && s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		r := &s.imp.Rows[i]
		finish(r)
		if r.Outcome == Skipped {
			continue
		}
		key := identity(r.Site)
		switch at, ok := seen[key]; {
		case ok && at < 0:
			r.Outcome, r.Why = Duplicate, fmt.Sprintf("your site %q is the same server and user", cut(existing[-1-at].Path()))
		case ok:
			r.Outcome, r.Why = Duplicate, fmt.Sprintf("%q in this file is the same server and user", cut(s.imp.Rows[at].Site.Path()))
		default:
			r.Chosen = true
			seen[key] = i
		}
	}
	s.warn()
	return nil
}

// warn notes what people should look at before they take the rows.
func (s *source) warn() {
	hidden, commands, proxies := 0, 0, 0
	for i := range s.imp.Rows {
		r := &s.imp.Rows[i]
		if r.Outcome == Skipped {
			continue
		}
		if len(r.Secrets) > 0 {
			hidden++
		}
		if len(r.Site.AfterLogin) > 0 {
			commands++
		}
		if r.Site.Proxy.Kind != client.ProxyNone {
			proxies++
		}
	}
	if hidden > 0 && s.mode.Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		s.note("Other users of this computer may read this file, and it holds passwords.")
	}
	if commands > 0 {
		s.note("%d of these sites send commands after login; look at them before you connect.", commands)
	}
	if proxies > 0 {
		s.note("%d of these sites connect through a proxy; look at it before you connect.", proxies)
	}
}

// finish completes a row that has been read.
func finish(r *Row) {
	site := &r.Site
	if site.Name == "" {
		site.Name, _ = title(site.Host)
	}
	if r.Where == "" {
		r.Where = site.Path()
	}
	if r.Outcome != Skipped && usualPort(*site) {
		site.Port = 0
	}
	if r.Outcome != Skipped {
		if problems := site.Check(); len(problems) > 0 {
			r.Outcome, r.Why = Skipped, problems[0].Field+": "+problems[0].What
		}
	}
	if r.Outcome != Skipped && site.Logon == sites.LogonAsk && site.User == "" {
		r.Lost = append(r.Lost, "no user is named: write one before you connect")
	}
	if r.Outcome == Skipped {
		r.Secrets, r.Lost, r.Chosen = nil, nil, false
		// What is left is to show it by; all of it has been checked.
		r.Site = sites.Site{Name: site.Name, Folder: site.Folder, Host: site.Host, Port: site.Port, Security: site.Security, User: site.User}
	}
	r.Where = cut(r.Where)
}

func usualPort(s sites.Site) bool {
	if s.Security == client.SecurityImplicit {
		return s.Port == 990
	}
	return s.Port == 21
}

// identity is what two sites that are the same one have in common: host, port and
// user.
func identity(s sites.Site) string {
	port := s.Port
	switch {
	case port != 0:
	case s.Security == client.SecurityImplicit:
		port = 990
	default:
		port = 21
	}
	host := strings.ToLower(strings.TrimSuffix(s.Host, "."))
	if ip := net.ParseIP(host); ip != nil {
		host = ip.String()
	}
	user := s.User
	if !s.NeedsPassword() {
		user = ""
	}
	return host + "\x00" + strconv.Itoa(int(port)) + "\x00" + user
}
