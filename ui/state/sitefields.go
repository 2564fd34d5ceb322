package state

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// A SiteSection is a part of the form of a site.
type SiteSection uint8

// The sections, in the order of the form.
const (
	SiteGeneral SiteSection = iota
	SiteFolders
	SiteConnection
	SiteTransfers
	SiteServer
	SiteNotes
)

// SiteSections returns the names of the sections, in order.
func SiteSections() []string {
	return []string{"General", "Folders", "Connection", "Transfers", "Server", "Notes"}
}

// A SiteFieldKind says how a field is filled in.
type SiteFieldKind uint8

// The kinds of fields.
const (
	SiteText      SiteFieldKind = iota // one line
	SiteChoice                         // one of Choices
	SiteCheck                          // "yes" or ""
	SiteLines                          // several lines
	SiteSecret                         // a password, which no SiteForm holds
	SiteFile                           // the path of a file
	SiteDir                            // the path of a folder on this computer
	SiteColour                         // one of sites.Colours, or ""
	SiteBookmarks                      // a list of its own
)

// A SiteField is one field of the form of a site, with all that is said about it.
type SiteField struct {
	Key     string // as in sites.FieldError
	Section SiteSection
	Kind    SiteFieldKind
	Label   string
	Prompt  string // in the empty field
	Choices []string
	Short   bool         // a few characters are all that goes in
	Secret  secrets.Kind // of SiteSecret
	Heading string       // above the field, where a group begins

	hint  func(*sites.Site) string
	get   func(*sites.Site) string
	set   func(*sites.Site, string) error // nil for SiteSecret and SiteBookmarks
	shown func(*sites.Site) bool          // nil: always
}

// alwaysSaid is a hint that is always the same.
func alwaysSaid(text string) func(*sites.Site) string {
	return func(*sites.Site) string { return text }
}

// textField reads and writes one string of a site.
func textField(f SiteField, at func(*sites.Site) *string) SiteField {
	f.get = func(s *sites.Site) string { return *at(s) }
	f.set = func(s *sites.Site, text string) error {
		*at(s) = text
		return nil
	}
	return f
}

// trimmedField is textField for what neither begins nor ends in a space.
func trimmedField(f SiteField, at func(*sites.Site) *string) SiteField {
	f = textField(f, at)
	f.set = func(s *sites.Site, text string) error {
		*at(s) = strings.TrimSpace(text)
		return nil
	}
	return f
}

// checkField reads and writes one boolean of a site.
func checkField(f SiteField, at func(*sites.Site) *bool) SiteField {
	f.Kind = SiteCheck
	f.get = func(s *sites.Site) string {
		if *at(s) {
			return "yes"
		}
		return ""
	}
	f.set = func(s *sites.Site, text string) error {
		*at(s) = text != ""
		return nil
	}
	return f
}

// choiceField reads and writes one of a list of values.
func choiceField[V comparable](f SiteField, values []V, at func(*sites.Site) *V) SiteField {
	f.Kind = SiteChoice
	f.get = func(s *sites.Site) string {
		if i := slices.Index(values, *at(s)); i >= 0 {
			return f.Choices[i]
		}
		return f.Choices[0]
	}
	f.set = func(s *sites.Site, text string) error {
		i := slices.Index(f.Choices, text)
		if i < 0 {
			return fmt.Errorf("%q is no choice", text)
		}
		*at(s) = values[i]
		return nil
	}
	return f
}

// SiteFields returns all fields, in the order of the form.
func SiteFields() []SiteField {
	return slices.Concat(generalFields(), folderFields(), connectionFields(), proxyFields(), transferFields(), serverFields(), noteFields())
}

// SecurityChoices are the labels of client.Security, in its order.
func SecurityChoices() []string {
	return []string{"TLS if offered", "No TLS", "TLS required", "Implicit TLS"}
}

func securityHint(s *sites.Site) string {
	switch s.Security {
	case client.SecurityOff:
		return "Nothing is encrypted: whoever is on the way can read the password and the files."
	case client.SecurityRequire:
		return "Without encryption there is no login. The safe choice for every server that has TLS."
	case client.SecurityImplicit:
		return "Encrypted from the first byte, as older servers want it on port 990."
	case client.SecurityAuto:
	}
	return "Encrypted where the server offers it. Where it does not, the password is sent readable."
}

// EffectiveLogon is the logon that a site has, with the default spelled out.
func EffectiveLogon(s *sites.Site) sites.Logon {
	switch {
	case s.Logon != sites.LogonDefault:
		return s.Logon
	case s.User == "":
		return sites.LogonAnonymous
	default:
		return sites.LogonKeyring
	}
}

func logonHint(s *sites.Site) string {
	switch EffectiveLogon(s) {
	case sites.LogonAnonymous:
		if s.Logon == sites.LogonDefault {
			return "As long as there is no user below."
		}
		return "Nobody's own account: what public servers let in."
	case sites.LogonAsk:
		return "The password is asked for each time the program connects, and kept nowhere."
	case sites.LogonAccount:
		return "A few servers want an account (ACCT) besides user and password."
	case sites.LogonKeyring, sites.LogonDefault:
	}
	return "Kept in the keyring of this computer's system, never in a file of Portside."
}

func generalFields() []SiteField {
	logons := []sites.Logon{sites.LogonAnonymous, sites.LogonKeyring, sites.LogonAsk, sites.LogonAccount}
	logon := choiceField(SiteField{
		Key: "logon", Label: "Logon", Choices: []string{"Anonymous", "Password in the keyring", "Ask each time", "Password and account"}, hint: logonHint,
	}, logons, func(s *sites.Site) *sites.Logon { return &s.Logon })
	logon.get = func(s *sites.Site) string { return logon.Choices[max(0, slices.Index(logons, EffectiveLogon(s)))] }
	named := func(s *sites.Site) bool { return s.Logon != sites.LogonAnonymous }
	kept := func(s *sites.Site) bool {
		return s.User != "" && slices.Contains([]sites.Logon{sites.LogonKeyring, sites.LogonAccount}, EffectiveLogon(s))
	}
	return []SiteField{
		trimmedField(SiteField{Key: "name", Label: "Name", Prompt: "My web site", hint: alwaysSaid("What you call the site. Any words will do.")}, func(s *sites.Site) *string { return &s.Name }),
		trimmedField(SiteField{Key: "host", Label: "Host", Prompt: "ftp.example.org", hint: alwaysSaid("Its name or IP address. A whole ftp:// address fills in the other fields, too.")}, func(s *sites.Site) *string { return &s.Host }),
		{
			Key: "port", Label: "Port", Prompt: "usual", Short: true, get: portText, set: setPort,
			hint: alwaysSaid("Empty for the usual one: 21, or 990 with implicit TLS."),
		},
		choiceField(SiteField{Key: "security", Label: "Security", Choices: SecurityChoices(), hint: securityHint},
			[]client.Security{client.SecurityAuto, client.SecurityOff, client.SecurityRequire, client.SecurityImplicit},
			func(s *sites.Site) *client.Security { return &s.Security }),
		logon,
		shownIf(trimmedField(SiteField{Key: "user", Label: "User", Prompt: "anonymous", hint: alwaysSaid("The name that your provider gave you.")}, func(s *sites.Site) *string { return &s.User }), named),
		{Key: "password", Kind: SiteSecret, Secret: secrets.Password, Label: "Password", shown: kept, get: func(*sites.Site) string { return "" }},
		shownIf(textField(SiteField{Key: "account", Label: "Account", hint: alwaysSaid("Sent with ACCT after the password.")}, func(s *sites.Site) *string { return &s.Account }),
			func(s *sites.Site) bool { return s.Logon == sites.LogonAccount }),
	}
}

func shownIf(f SiteField, shown func(*sites.Site) bool) SiteField {
	f.shown = shown
	return f
}

func portText(s *sites.Site) string {
	if s.Port == 0 {
		return ""
	}
	return strconv.Itoa(int(s.Port))
}

func setPort(s *sites.Site, text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		s.Port = 0
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return errors.New("want a number from 1 to 65535, or nothing for the usual port")
	}
	s.Port = uint16(n)
	return nil
}

func folderFields() []SiteField {
	return []SiteField{
		textField(SiteField{Key: "local_dir", Section: SiteFolders, Kind: SiteDir, Label: "On this computer", Prompt: "where the pane is", hint: alwaysSaid("The folder that the left pane goes to when the site connects.")}, func(s *sites.Site) *string { return &s.LocalDir }),
		textField(SiteField{Key: "remote_dir", Section: SiteFolders, Label: "On the server", Prompt: "where the login ends", hint: alwaysSaid("The folder that the right pane begins in, such as /public_html.")}, func(s *sites.Site) *string { return &s.RemoteDir }),
		checkField(SiteField{Key: "sync_dirs", Section: SiteFolders, Label: "Synchronised browsing", hint: alwaysSaid("Going into a folder in one pane goes into the one of that name in the other.")}, func(s *sites.Site) *bool { return &s.SyncDirs }),
		{Key: "bookmarks", Section: SiteFolders, Kind: SiteBookmarks, Label: "Bookmarks", hint: alwaysSaid("Pairs of folders of this site, a click away once it is connected."), get: func(*sites.Site) string { return "" }},
	}
}

func modeHint(s *sites.Site) string {
	switch s.Mode {
	case client.Auto:
		return "Finds the way that works and remembers it for each network."
	case client.Passive:
		return "This computer opens the connections for listings and files."
	case client.Active:
		return "The server opens the connections to this computer. Seldom gets through a router."
	case client.EPSV, client.PASV:
		return "Passive, and by this command only."
	case client.EPRT, client.PORT:
	}
	return "Active, and by this command only."
}

func usesActive(s *sites.Site) bool {
	return slices.Contains([]client.ConnMode{client.Auto, client.Active, client.EPRT, client.PORT}, s.Mode)
}

func usesPassive(s *sites.Site) bool {
	return slices.Contains([]client.ConnMode{client.Auto, client.Passive, client.PASV}, s.Mode)
}

func connectionFields() []SiteField {
	const c = SiteConnection
	return []SiteField{
		choiceField(SiteField{
			Key: "mode", Section: c, Label: "Connection mode", hint: modeHint,
			Choices: []string{"Automatic", "Passive", "Active", "EPSV only", "PASV only", "EPRT only", "PORT only"},
		}, []client.ConnMode{client.Auto, client.Passive, client.Active, client.EPSV, client.PASV, client.EPRT, client.PORT},
			func(s *sites.Site) *client.ConnMode { return &s.Mode }),
		shownIf(checkField(SiteField{Key: "prefer_active", Section: c, Label: "Try active first", hint: alwaysSaid("For servers behind a firewall that lets no passive connections in.")}, func(s *sites.Site) *bool { return &s.PreferActive }),
			func(s *sites.Site) bool { return s.Mode == client.Auto }),
		shownIf(trimmedField(SiteField{Key: "active_ports", Section: c, Label: "Active ports", Prompt: "any, or 50000-50100", hint: alwaysSaid("The ports of this computer that the server may connect to, as opened in your firewall.")}, func(s *sites.Site) *string { return &s.ActivePorts }), usesActive),
		shownIf(trimmedField(SiteField{Key: "active_address", Section: c, Label: "External address", Prompt: "this computer's own", hint: alwaysSaid("What the server is told to connect to: an IP address, or “server” for the one that the server sees.")}, func(s *sites.Site) *string { return &s.ActiveAddress }), usesActive),
		shownIf(checkField(SiteField{Key: "trust_pasv_address", Section: c, Label: "Trust a foreign passive address", hint: alwaysSaid("Connect to the address in a 227 reply though it is not the server's. Only for servers that you know.")}, func(s *sites.Site) *bool { return &s.TrustPASVAddress }), usesPassive),
		{
			Key: "max_connections", Section: c, Label: "Connections at most", Prompt: "no limit", Short: true, get: countText, set: setCount,
			hint: alwaysSaid("Some servers let in only one or two at a time. Portside notices that by itself, too."),
		},
		{
			Key: "after_login", Section: c, Kind: SiteLines, Label: "Commands after login", Prompt: "SITE UMASK 022",
			hint: alwaysSaid("One a line, sent as they are after each login. A refusal is noted and does no harm."),
			get:  func(s *sites.Site) string { return strings.Join(s.AfterLogin, "\n") },
			set: func(s *sites.Site, text string) error {
				s.AfterLogin = nil
				for line := range strings.Lines(text) {
					if line = strings.TrimSpace(line); line != "" {
						s.AfterLogin = append(s.AfterLogin, line)
					}
				}
				return nil
			},
		},
	}
}

func countText(s *sites.Site) string {
	if s.MaxConnections == 0 {
		return ""
	}
	return strconv.Itoa(s.MaxConnections)
}

func setCount(s *sites.Site, text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		s.MaxConnections = 0
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return errors.New("want a number from 1 on, or nothing for no limit")
	}
	s.MaxConnections = n
	return nil
}
