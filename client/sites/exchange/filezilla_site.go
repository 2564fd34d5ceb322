package exchange

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// zillaProtocols are the names of FileZilla's protocols by number.
func zillaProtocols() []string {
	return []string{
		"FTP", "SFTP", "HTTP", "FTPS", "FTPES", "HTTPS", "FTP", "Amazon S3", "Storj", "WebDAV", "Azure files", "Azure blobs",
		"Swift", "Google Cloud", "Google Drive", "Dropbox", "OneDrive", "Backblaze B2", "Box", "WebDAV",
	}
}

// zillaTypes are the names of FileZilla's types of servers by number.
func zillaTypes() []string {
	return []string{
		"auto", "Unix", "VMS", "DOS with backslashes", "MVS", "VxWorks", "z/VM", "HP NonStop", "DOS-like with virtual paths",
		"Cygwin", "DOS with slashes",
	}
}

// zillaColours are the names of FileZilla's background colours by number.
func zillaColours() []string {
	return []string{"", "red", "green", "blue", "yellow", "cyan", "magenta", "orange"}
}

// fromZilla fills the entry from FileZilla's fields.
func (e *entry) fromZilla(r *record) {
	e.name(r.name())
	e.zillaProtocol(strings.TrimSpace(r.get("Protocol")))
	e.host(r.get("Host"))
	e.port(r.get("Port"))
	e.zillaLogon(r)
	e.zillaConnection(r)
	site := &e.row.Site
	site.LocalDir = e.localDir("the local start folder", r.get("LocalDir"))
	site.RemoteDir = e.safePath("the start folder on the server", r.get("RemoteDir"))
	site.SyncDirs = r.yes("SyncBrowsing")
	if r.yes("DirectoryComparison") {
		e.lose("comparing folders")
	}
	for _, c := range r.cmds {
		e.command(c)
	}
	e.notes(r.get("Comments"))
	e.zillaColour(strings.TrimSpace(r.get("Colour")))
	for i := range r.marks {
		m := &r.marks[i]
		b := sites.Bookmark{Name: m.name(), SyncDirs: m.yes("SyncBrowsing")}
		what := "of the bookmark " + strconv.Quote(cut(b.Name))
		b.LocalDir = e.localDir("the local folder "+what, m.get("LocalDir"))
		b.RemoteDir = e.safePath("the folder on the server "+what, m.get("RemoteDir"))
		if m.yes("DirectoryComparison") {
			e.lose("comparing folders %s", what)
		}
		e.bookmark(b)
	}
	e.zillaUnknown(r)
}

// zillaUnknown names settings that no field has been read from.
func (e *entry) zillaUnknown(r *record) {
	known := []string{
		"Host", "Port", "Protocol", "Type", "User", "Pass", "Account", "Logontype", "TimezoneOffset", "PasvMode",
		"MaximumMultipleConnections", "EncodingType", "CustomEncoding", "BypassProxy", "Name", "Comments", "Colour", "LocalDir",
		"RemoteDir", "SyncBrowsing", "DirectoryComparison",
	}
	for _, name := range slices.Sorted(maps.Keys(r.fields)) {
		switch {
		case slices.Contains(known, name) || strings.TrimSpace(r.get(name)) == "":
		case name == "Keyfile":
			e.lose("the key file, which FTP has no use for")
		default:
			e.lose("the setting %q, which is not known here", cut(name))
		}
	}
	for _, p := range r.params {
		e.lose("the parameter %q of another protocol", cut(p))
	}
}

func (e *entry) zillaProtocol(v string) {
	n, err := strconv.Atoi(v)
	if v == "" {
		n, err = 0, nil // as very old files have it
	}
	if err != nil || n < 0 {
		e.skip("the protocol %q is not known", cut(v))
		return
	}
	switch n {
	case 0:
		e.row.Site.Security = client.SecurityAuto
	case 3:
		e.row.Site.Security = client.SecurityImplicit
	case 4:
		e.row.Site.Security = client.SecurityRequire
	case 6:
		e.row.Site.Security = client.SecurityOff
	default:
		if all := zillaProtocols(); n < len(all) {
			e.otherProtocol(all[n])
			return
		}
		e.skip("its protocol (number %d) is not known here", n)
	}
}

// otherProtocol skips an entry since it is not about FTP.
func (e *entry) otherProtocol(name string) {
	e.skip("%s is another protocol; Portside speaks FTP, and FTP over TLS", name)
}

func (e *entry) zillaLogon(r *record) {
	e.user(r.get("User"))
	logon := strings.TrimSpace(r.get("Logontype"))
	if logon == "" {
		logon = "0"
		if r.get("User") != "" {
			logon = "1"
		}
	}
	site := &e.row.Site
	switch logon {
	case "0":
		e.anonymous()
		return
	case "1":
		site.Logon = sites.LogonKeyring
	case "2":
		site.Logon = sites.LogonAsk
	case "3":
		site.Logon = sites.LogonAsk
		e.lose("the interactive login: the password is asked for each time")
	case "4":
		site.Logon = sites.LogonAccount
		e.account(r.get("Account"))
	case "5":
		site.Logon = sites.LogonAsk
		e.lose("the login by a key file, which FTP does not have: the password is asked for each time")
	default:
		e.skip("the type of login %q is not known", cut(logon))
		return
	}
	if site.User == "" && site.Logon != sites.LogonAsk {
		e.skip("it names no user")
	}
	if logon == "1" || logon == "4" {
		e.zillaPassword(r.fields["Pass"])
	}
}

func (e *entry) zillaPassword(pass field) {
	switch pass.encoding {
	case "", "plain":
		e.secret(secrets.Password, pass.text)
	case "base64":
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(pass.text))
		if err != nil || !utf8.Valid(raw) {
			e.lose("the password, which is not written well (base64); it will be asked for")
			return
		}
		e.secret(secrets.Password, string(raw))
	case "crypt":
		e.lose("the password, which FileZilla's master password protects; it will be asked for")
	default:
		e.lose("the password, which is encoded in an unknown way (%s); it will be asked for", cut(pass.encoding))
	}
}

func (e *entry) zillaConnection(r *record) {
	site := &e.row.Site
	switch strings.TrimSpace(r.get("PasvMode")) {
	case "MODE_ACTIVE":
		site.Mode = client.Active
	case "MODE_PASSIVE":
		site.Mode = client.Passive
	}
	e.connections(strings.TrimSpace(r.get("MaximumMultipleConnections")))
	switch kind := strings.TrimSpace(r.get("EncodingType")); kind {
	case "", "Auto":
	case "UTF-8":
		site.Charset = "utf-8"
	case "Custom":
		if r.get("CustomEncoding") == "" {
			e.lose("the character set, which is not named")
		}
		e.charset(r.get("CustomEncoding"))
	default:
		e.lose("the kind of character set %q, which is not known here", cut(kind))
	}
	if v := strings.TrimSpace(r.get("TimezoneOffset")); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			e.lose("the offset of the server's clock %q, which is no number of minutes", cut(v))
		} else {
			// FileZilla adds its offset to what the server says; ours is how far the
			// server is ahead.
			e.offset(-n)
		}
	}
	if v := strings.TrimSpace(r.get("Type")); v != "" && v != "0" {
		n, err := strconv.Atoi(v)
		if all := zillaTypes(); err == nil && n > 0 && n < len(all) {
			v = all[n]
		}
		e.lose("the type of the server (%s): Portside finds it out by itself", cut(v))
	}
}

func (e *entry) zillaColour(v string) {
	if v == "" {
		return
	}
	n, err := strconv.Atoi(v)
	if all := zillaColours(); err == nil && n >= 0 && n < len(all) {
		e.row.Site.Colour = all[n]
		return
	}
	e.lose("the colour %q, which is not known here", cut(v))
}
