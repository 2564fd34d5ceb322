package exchange

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"portside/client"
	"portside/client/sites"
)

// judge finishes the rows: names where there are none, the usual port as none, what
// the book would refuse as skipped, and duplicates.
func (s *source) judge(existing []sites.Site) error {
	seen := make(map[string]string, len(existing)+len(s.imp.Rows))
	for _, e := range existing {
		seen[identity(e)] = fmt.Sprintf("your site %q is the same server and user", cut(e.Path()))
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
		if why, ok := seen[key]; ok {
			r.Outcome, r.Why = Duplicate, why
			continue
		}
		r.Chosen = true
		seen[key] = fmt.Sprintf("%q in this file is the same server and user", cut(r.Site.Path()))
	}
	return nil
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
	if r.Outcome == Skipped {
		r.Secrets, r.Lost, r.Chosen = nil, nil, false
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
