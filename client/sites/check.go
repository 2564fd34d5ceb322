package sites

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"portside/client"
)

// Bounds of what a site may say.
const (
	MaxDepth = 64 // of folders

	maxName      = 200 // characters, also of a folder and a bookmark
	maxText      = 4096
	maxNotes     = 64 << 10
	maxCommands  = 50
	maxCommand   = 512
	maxBookmarks = 1000
	maxSessions  = 1000
	maxOffset    = 1440 // minutes
)

// ExistsRules are the words that Exists may be.
func ExistsRules() []string {
	return []string{"ask", "overwrite", "newer", "size", "resume", "rename", "skip"}
}

// Check returns every problem of the site, in the order of its fields; none: it can
// be saved and used.
func (s Site) Check() []FieldError {
	var p problems
	s.checkPlace(&p)
	s.checkServer(&p)
	s.checkLogon(&p)
	s.checkData(&p)
	s.checkFolders(&p)
	s.checkProxy(&p)
	s.checkBookmarks(&p)
	return p
}

type problems []FieldError

func (p *problems) add(field, format string, args ...any) {
	*p = append(*p, FieldError{Field: field, What: fmt.Sprintf(format, args...)})
}

// line adds a problem where value is no single line of text.
func (p *problems) line(field, value string, most int) bool {
	what := lineProblem(value, most)
	if what != "" {
		p.add(field, "%s", what)
	}
	return what == ""
}

// lineProblem says why value is no single line of at most so many characters.
func lineProblem(value string, most int) string {
	switch {
	case !utf8.ValidString(value):
		return "this is not valid text (UTF-8); write it anew"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "a line break or another control character is in it; remove it"
	case utf8.RuneCountInString(value) > most:
		return fmt.Sprintf("this is longer than %d characters; shorten it", most)
	}
	return ""
}

// nameProblem says why name cannot be that of a site or a folder.
func nameProblem(name string) string {
	if strings.TrimSpace(name) == "" {
		return "a name is missing"
	}
	return lineProblem(name, maxName)
}

func (s Site) checkPlace(p *problems) {
	if s.ID != "" && !validID(s.ID) {
		p.add("id", "this is not an ID, which has 16 digits from 0 to 9 and a to f; leave it out to get a new one")
	}
	if what := nameProblem(s.Name); what != "" {
		p.add("name", "%s", what)
	}
	if len(s.Folder) > MaxDepth {
		p.add("folder", "folders are nested deeper than %d; put the site in a folder higher up", MaxDepth)
		return
	}
	for _, name := range s.Folder {
		if what := nameProblem(name); what != "" {
			p.add("folder", "%s", what)
			return
		}
	}
}

func validID(id string) bool {
	return len(id) == 16 && strings.Trim(id, "0123456789abcdef") == ""
}

func (s Site) checkServer(p *problems) {
	if what := hostProblem(s.Host); what != "" {
		p.add("host", "%s", what)
	}
	if s.Security > client.SecurityImplicit {
		p.add("security", "choose one of auto, off, require, implicit")
	}
}

// hostProblem says why host is not the name or address of a server. It never quotes
// it: there may be a password in what was pasted.
func hostProblem(host string) string {
	host = strings.TrimSpace(host)
	_, addrErr := netip.ParseAddr(host)
	switch {
	case host == "":
		return "the server's name is missing; write it as ftp.example.org or 192.0.2.7"
	case addrErr == nil:
		return ""
	case strings.Contains(host, "://"):
		return "this is a whole address; write only the server's name, without ftp:// in front"
	case strings.Contains(host, "@"):
		return "there is a user in it; write only the server's name, and the user in its own field"
	case strings.ContainsAny(host, "/\\"):
		return "there is a path in it; write only the server's name, and the folder in its own field"
	case strings.ContainsFunc(host, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return "there is a blank in it; a server's name has none"
	case strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]"):
		return "write an IPv6 address without brackets"
	case strings.Contains(host, ":") && strings.Count(host, ":") == 1:
		return "there is a port in it; write it in its own field"
	case strings.ContainsAny(host, ":[]"):
		return "this is not an IPv6 address, such as 2001:db8::1"
	case strings.ContainsAny(host, "?#%\"'<>(),;"):
		return "there is a character in it that no server's name has"
	case len(host) > 253:
		return "this is longer than 253 characters, which no server's name is"
	case strings.HasPrefix(host, ".") || strings.Contains(host, ".."):
		return "there is a dot too many in it"
	case !utf8.ValidString(host):
		return "this is not valid text (UTF-8); write it anew"
	}
	return ""
}

func (s Site) checkLogon(p *problems) {
	if p.line("user", s.User, maxText) && s.User == "" {
		switch s.Logon {
		case LogonKeyring, LogonAccount:
			p.add("user", "the user's name is missing; write it, or choose anonymous")
		case LogonDefault, LogonAnonymous, LogonAsk:
		}
	}
	if !slices.Contains(Logons(), s.Logon) && s.Logon != LogonDefault {
		p.add("logon", "choose one of anonymous, keyring, ask, account")
	}
	p.line("account", s.Account, maxText)
	if len(s.AfterLogin) > maxCommands {
		p.add("after_login", "these are more than %d commands; leave some out", maxCommands)
		return
	}
	for i, command := range s.AfterLogin {
		if what := commandProblem(command); what != "" {
			p.add("after_login", "command %d: %s", i+1, what)
		}
	}
}

// Logons are the kinds of logon but the zero value.
func Logons() []Logon {
	return []Logon{LogonAnonymous, LogonKeyring, LogonAsk, LogonAccount}
}

// commandProblem says why command cannot be sent after login. It is not quoted.
func commandProblem(command string) string {
	if strings.TrimSpace(command) == "" {
		return "it is empty; remove it"
	}
	if what := lineProblem(command, maxCommand); what != "" {
		return what
	}
	err := client.CheckAfterLogin(command)
	if e, ok := errors.AsType[*client.AfterLoginError](err); ok {
		if e.Verb == "" {
			return "it " + e.What
		}
		return e.Verb + " cannot be sent after the login: " + e.What + "; remove it"
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (s Site) checkData(p *problems) {
	if s.Mode > client.PORT {
		p.add("mode", "choose one of auto, passive, active, epsv, pasv, eprt, port")
	}
	if _, err := client.ParsePortRange(s.ActivePorts); err != nil {
		p.add("active_ports", "this is not a range of ports; write it as 50000-50100, from 1024 to 65535")
	}
	if a := s.ActiveAddress; a != "" && a != FromServer {
		addr, err := netip.ParseAddr(a)
		if err != nil || addr.Zone() != "" || addr.IsUnspecified() || addr.IsMulticast() {
			p.add("active_address", "this is not an address of this computer; write one such as 203.0.113.7, or %q for the one that the server sees", FromServer)
		}
	}
	if _, err := client.DecodeText(s.Charset, ""); err != nil {
		p.add("charset", "this character set is not known; try utf-8, latin1, windows-1252, koi8-r, shift_jis, gbk or big5")
	}
	if s.TimeOffset < -maxOffset || s.TimeOffset > maxOffset {
		p.add("time_offset", "the server's clock cannot be off by more than a day; write minutes from -%d to %d", maxOffset, maxOffset)
	}
}

func (s Site) checkFolders(p *problems) {
	checkLocal(p, "local_dir", s.LocalDir)
	p.line("remote_dir", s.RemoteDir, maxText)
	if s.MaxConnections < 0 || s.MaxConnections > maxSessions {
		p.add("max_connections", "write a number from 1 to %d, or 0 for no limit", maxSessions)
	}
	if s.DownLimit < 0 {
		p.add("down_limit", "a limit cannot be negative; write bytes a second, or 0 for none")
	}
	if s.UpLimit < 0 {
		p.add("up_limit", "a limit cannot be negative; write bytes a second, or 0 for none")
	}
	if s.Exists != "" && !slices.Contains(ExistsRules(), s.Exists) {
		p.add("exists", "choose one of %s", strings.Join(ExistsRules(), ", "))
	}
}

// checkLocal checks a path of this computer. One of another system is let pass: the
// file may be used on both.
func checkLocal(p *problems, field, path string) {
	if p.line(field, path, maxText) && path != "" && !absolute(path) {
		p.add(field, "write the whole path, from the root on, such as /home/anna/site or C:\\Sites")
	}
}

// absolute reports whether path is an absolute one on any system.
func absolute(path string) bool {
	drive := len(path) >= 3 && path[1] == ':' && (path[2] == '\\' || path[2] == '/') &&
		('a' <= path[0]|0x20 && path[0]|0x20 <= 'z')
	return drive || strings.HasPrefix(path, "/") || strings.HasPrefix(path, `\\`)
}

func (s Site) checkProxy(p *problems) {
	switch x := s.Proxy; x.Kind {
	case client.ProxyNone, client.ProxySystem:
	case client.ProxySOCKS5, client.ProxyHTTP, client.ProxyFTP:
		if what := proxyProblem(x.Addr); what != "" {
			p.add("proxy.address", "%s", what)
		}
	default:
		p.add("proxy.kind", "choose one of none, system, socks5, http, ftp")
	}
	p.line("proxy.user", s.Proxy.User, maxText)
	if s.Proxy.Form > client.ProxyUserBlank {
		p.add("proxy.form", "choose one of user@host, site, open, user@proxyuser@host, user@host proxyuser")
	}
	checkLocal(p, "client_certificate", s.ClientCert)
	checkLocal(p, "client_key", s.ClientKey)
	if s.ClientKey != "" && s.ClientCert == "" {
		p.add("client_key", "this is the key of a certificate that is not named; choose the certificate too, or leave the key out")
	}
}

// proxyProblem says why addr is not host or host:port.
func proxyProblem(addr string) string {
	if strings.TrimSpace(addr) == "" {
		return "the proxy's address is missing; write it as proxy.example.org:1080"
	}
	if strings.Contains(addr, "://") || strings.Contains(addr, "@") {
		return "write only the proxy's name and port, such as proxy.example.org:1080, and its user in its own field"
	}
	u, err := client.ParseURL(addr)
	if err != nil || u.Path != "" || hostProblem(u.Host) != "" {
		return "this is not the address of a proxy; write it as proxy.example.org:1080"
	}
	return ""
}

func (s Site) checkBookmarks(p *problems) {
	if s.Colour != "" && !slices.Contains(Colours(), s.Colour) {
		p.add("colour", "choose one of %s", strings.Join(Colours(), ", "))
	}
	if !utf8.ValidString(s.Notes) {
		p.add("notes", "this is not valid text (UTF-8); write it anew")
	} else if len(s.Notes) > maxNotes {
		p.add("notes", "these are longer than %d KiB; shorten them", maxNotes>>10)
	}
	if len(s.Bookmarks) > maxBookmarks {
		p.add("bookmarks", "these are more than %d; remove some", maxBookmarks)
		return
	}
	seen := map[string]bool{}
	for i, b := range s.Bookmarks {
		var local problems
		if what := nameProblem(b.Name); what != "" {
			local.add("", "%s", what)
		} else if seen[fold(b.Name)] {
			local.add("", "there is another one of this name; give it another one")
		}
		seen[fold(b.Name)] = true
		checkLocal(&local, "local_dir", b.LocalDir)
		local.line("remote_dir", b.RemoteDir, maxText)
		for _, e := range local {
			field := ""
			if e.Field != "" {
				field = e.Field + ": "
			}
			p.add("bookmarks", "bookmark %d: %s%s", i+1, field, e.What)
		}
	}
}
