package exchange

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// readWinSCP reads the sessions in WinSCP.ini.
func readWinSCP(s *source) error {
	const security = `Configuration\Security`
	want := func(name string) bool {
		_, ok := sessionName(name)
		return ok || name == security
	}
	return s.sections(want, func(sec section) error {
		if sec.name == security {
			if sec.get("UseMasterPassword") == "1" {
				s.note("WinSCP's master password protects the passwords in this file; they will be asked for.")
			}
			return nil
		}
		name, _ := sessionName(sec.name)
		if sec.get("IsWorkspace") == "1" || name == "Default%20Settings" {
			return nil
		}
		path := strings.Split(name, "/")
		var folder []string
		for _, f := range path[:len(path)-1] {
			if f, _ = title(winscpText(f)); f != "" {
				folder = append(folder, f)
			}
		}
		if len(folder) > MaxDepth {
			return s.fail(sec.line, "has folders more than %d deep", MaxDepth)
		}
		e := newEntry(fmt.Sprintf("line %d", sec.line), folder...)
		e.name(winscpText(path[len(path)-1]))
		e.fromWinSCP(sec)
		return s.add(e.row)
	})
}

func sessionName(section string) (string, bool) { return strings.CutPrefix(section, `Sessions\`) }

// winscpText undoes WinSCP's percent escapes. A byte-order mark says that the text is
// UTF-8; without one it is in a character set of Windows.
func winscpText(v string) string {
	out, err := url.PathUnescape(v)
	if err != nil {
		out = v
	}
	out = strings.TrimPrefix(out, bomUTF8)
	if !utf8.ValidString(out) {
		if text, err := client.DecodeText("windows-1252", out); err == nil {
			return text
		}
	}
	return out
}

func (e *entry) fromWinSCP(sec section) {
	text := func(key string) string { return winscpText(sec.get(key)) }
	if !e.winscpProtocol(sec.get("FSProtocol")) {
		return
	}
	site := &e.row.Site
	switch v := sec.get("Ftps"); v {
	case "", "0":
		site.Security = client.SecurityOff
	case "1":
		site.Security = client.SecurityImplicit
	case "2", "3":
		site.Security = client.SecurityRequire
	default:
		site.Security = client.SecurityRequire
		e.lose("the kind of TLS %q, which is not known here; TLS is required", cut(v))
	}
	e.host(text("HostName"))
	port := sec.get("PortNumber")
	if port == "" {
		port = "22" // WinSCP's default, which it does not write
	}
	e.port(port)
	e.winscpLogon(sec)
	if sec.get("FtpPasvMode") == "0" {
		site.Mode = client.Active
	}
	site.TrustPASVAddress = sec.get("FtpForcePasvIp2") == "1"
	site.LocalDir = e.localDir("the local start folder", text("LocalDirectory"))
	site.RemoteDir = e.remoteDir("the start folder on the server", text("RemoteDirectory"))
	site.SyncDirs = sec.get("SynchronizeBrowsing") == "1"
	site.ClientCert = e.localDir("the client certificate", text("TlsCertificateFile"))
	for c := range strings.SplitSeq(strings.ReplaceAll(text("PostLoginCommands"), "\r", "\n"), "\n") {
		e.command(c)
	}
	e.notes(text("Note"))
	e.winscpColour(sec.get("Color"))
	e.winscpProxy(sec)
	e.winscpLost(sec)
}

// winscpProtocol skips what is no FTP.
func (e *entry) winscpProtocol(v string) bool {
	names := map[string]string{"": "SFTP", "0": "SCP", "1": "SFTP", "2": "SFTP", "6": "WebDAV", "7": "S3"}
	name, known := names[v]
	switch {
	case v == "5":
		return true
	case known:
		e.otherProtocol(name)
	default:
		e.skip("its protocol (number %s) is not known here", cut(v))
	}
	return false
}

func (e *entry) winscpLogon(sec section) {
	user := winscpText(sec.get("UserName"))
	site := &e.row.Site
	switch {
	case strings.EqualFold(user, "anonymous"):
		e.anonymous()
		return
	case user == "":
		site.Logon = sites.LogonAsk
		return
	}
	e.user(user)
	site.Logon = sites.LogonKeyring
	if acct := winscpText(sec.get("FtpAccount")); acct != "" {
		site.Logon = sites.LogonAccount
		e.account(acct)
	}
	e.winscpSecret(secrets.Password, sec.get("PasswordPlain"), sec.get("Password"), user+winscpText(sec.get("HostName")))
}

// winscpSecret takes a password that is there plain, or hidden behind key.
func (e *entry) winscpSecret(kind secrets.Kind, plain, hidden, key string) {
	if plain != "" {
		e.secret(kind, winscpText(plain))
		return
	}
	if hidden == "" {
		return
	}
	got, err := winscpReveal(hidden, key)
	switch {
	case errors.Is(err, errMaster), errors.Is(err, errHidden):
		e.lose("the %s, %s; it will be asked for", kind.Words(), err)
	default:
		e.secret(kind, got)
	}
}

func (e *entry) winscpProxy(sec section) {
	host := winscpText(sec.get("ProxyHost"))
	method, form := sec.get("ProxyMethod"), sec.get("FtpProxyLogonType")
	forms := map[string]client.ProxyForm{
		"1": client.ProxySite, "2": client.ProxyUserAtHost, "3": client.ProxyOpen, "5": client.ProxyUserAtHost,
		"7": client.ProxyUserBlank, "8": client.ProxyUserAtProxy,
	}
	var p sites.Proxy
	usual := ""
	f, known := forms[form]
	switch {
	case known:
		p, usual = sites.Proxy{Kind: client.ProxyFTP, Form: f}, "21"
	case form != "" && form != "0":
		e.lose("the FTP proxy, whose form of login is not known here")
		return
	case method == "2":
		p, usual = sites.Proxy{Kind: client.ProxySOCKS5}, "1080"
	case method == "3":
		p, usual = sites.Proxy{Kind: client.ProxyHTTP}, "80"
	case method != "" && method != "0":
		names := map[string]string{"1": "SOCKS4", "4": "Telnet", "5": "command", "6": "SSH"}
		e.lose("the proxy, which is of the kind %s", cut(names[method]))
		return
	default:
		return
	}
	port := sec.get("ProxyPort")
	if port == "" {
		port = usual
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || host == "" || flaw(host, maxHost) != "" || strings.ContainsAny(host, " \t/@") {
		e.lose("the proxy, whose address is not written well")
		return
	}
	user := winscpText(sec.get("ProxyUsername"))
	if flaw(user, maxUser) != "" {
		e.lose("the proxy, whose user name is not written well")
		return
	}
	p.Addr = net.JoinHostPort(host, port)
	if form != "5" {
		p.User = user
		e.winscpSecret(secrets.ProxyPassword, "", sec.get("ProxyPasswordEnc"), user+host)
	}
	e.row.Site.Proxy = p
}

// winscpLost names settings that were set and have no equal here.
func (e *entry) winscpLost(sec section) {
	switch v := strings.ToLower(sec.get("Utf")); v {
	case "1", "on":
		e.row.Site.Charset = "utf-8"
	case "0", "off":
		e.lose("that names are not in UTF-8: choose the server's character set")
	}
	words := map[string]string{
		"TimeDifference":      "the difference of the server's clock, which WinSCP counts from the clock of its computer",
		"TimeDifferenceAuto":  "",
		"MinTlsVersion":       "the lowest version of TLS",
		"MaxTlsVersion":       "the highest version of TLS",
		"SslSessionReuse":     "whether TLS sessions are resumed",
		"AddressFamily":       "the choice of IPv4 or IPv6",
		"Timeout":             "the time that is waited for the server",
		"FtpPingType":         "the way in which connections are kept alive",
		"FtpPingInterval":     "the time after which connections are kept alive",
		"FtpUseMlsd":          "whether MLSD is used: Portside finds it out by itself",
		"FtpListAll":          "whether hidden files are listed: Portside finds it out by itself",
		"FtpHost":             "whether the name of the host is sent (HOST)",
		"FtpDupFF":            "doubled bytes in names",
		"FtpUndupFF":          "doubled bytes in names",
		"FtpTransferActiveMP": "",
	}
	for _, key := range slices.Sorted(maps.Keys(words)) {
		if v := sec.get(key); v != "" && words[key] != "" && v != "0" || key == "FtpUseMlsd" && v == "0" {
			e.lose("%s", words[key])
		}
	}
}

// winscpColour takes the nearest of our colours; WinSCP has any, written as a number
// of blue, green and red.
func (e *entry) winscpColour(v string) {
	n, err := strconv.ParseUint(v, 10, 32)
	if v == "" || v == "0" {
		return
	}
	if err != nil {
		e.lose("the colour %q, which is not known here", cut(v))
		return
	}
	r, g, b := int(n&0xff), int(n>>8&0xff), int(n>>16&0xff)
	palette := []struct {
		name    string
		r, g, b int
	}{
		{"red", 230, 70, 70},
		{"orange", 240, 160, 60},
		{"yellow", 240, 230, 90},
		{"green", 90, 200, 90},
		{"blue", 90, 130, 240},
		{"magenta", 220, 90, 210},
		{"cyan", 90, 220, 230},
		{"grey", 160, 160, 160},
	}
	best := 1 << 30
	for _, p := range palette {
		if d := (p.r-r)*(p.r-r) + (p.g-g)*(p.g-g) + (p.b-b)*(p.b-b); d < best {
			best, e.row.Site.Colour = d, p.name
		}
	}
}
