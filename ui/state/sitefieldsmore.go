package state

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

func proxyHint(s *sites.Site) string {
	switch s.Proxy.Kind {
	case client.ProxyNone:
		return "Straight to the server."
	case client.ProxySystem:
		return "What this computer's settings name, if anything."
	case client.ProxySOCKS5:
		return "Passes every kind of connection. Active mode does not work through it."
	case client.ProxyHTTP:
		return "A web proxy, by CONNECT. Many let through port 443 only."
	case client.ProxyFTP:
	}
	return "An FTP server that passes on to others."
}

func proxyFields() []SiteField {
	const c = SiteConnection
	own := func(s *sites.Site) bool {
		return s.Proxy.Kind != client.ProxyNone && s.Proxy.Kind != client.ProxySystem
	}
	return []SiteField{
		choiceField(SiteField{
			Key: "proxy.kind", Section: c, Label: "Kind", Heading: "Proxy", hint: proxyHint,
			Choices: []string{"None", "As the system has it", "SOCKS5", "HTTP CONNECT", "FTP proxy"},
		}, []client.ProxyKind{client.ProxyNone, client.ProxySystem, client.ProxySOCKS5, client.ProxyHTTP, client.ProxyFTP},
			func(s *sites.Site) *client.ProxyKind { return &s.Proxy.Kind }),
		shownIf(trimmedField(SiteField{Key: "proxy.address", Section: c, Label: "Address", Prompt: "proxy.example.org:1080", hint: alwaysSaid("Host and port. Without a port: 1080 for SOCKS5, 3128 for HTTP, 21 for FTP.")}, func(s *sites.Site) *string { return &s.Proxy.Addr }), own),
		shownIf(choiceField(SiteField{
			Key: "proxy.form", Section: c, Label: "Login form", hint: alwaysSaid("How the proxy is told where to go. Its administrator knows."),
			Choices: []string{"USER user@host", "SITE host", "OPEN host", "USER user@proxyuser@host", "USER user@host proxyuser"},
		}, []client.ProxyForm{client.ProxyUserAtHost, client.ProxySite, client.ProxyOpen, client.ProxyUserAtProxy, client.ProxyUserBlank},
			func(s *sites.Site) *client.ProxyForm { return &s.Proxy.Form }), func(s *sites.Site) bool { return s.Proxy.Kind == client.ProxyFTP }),
		shownIf(trimmedField(SiteField{Key: "proxy.user", Section: c, Label: "User", Prompt: "none", hint: alwaysSaid("Where the proxy wants a login of its own.")}, func(s *sites.Site) *string { return &s.Proxy.User }), own),
		{
			Key: "proxy.password", Section: c, Kind: SiteSecret, Secret: secrets.ProxyPassword, Label: "Password",
			shown: func(s *sites.Site) bool { return own(s) && s.Proxy.User != "" }, get: func(*sites.Site) string { return "" },
		},
	}
}

// existsChoices are the rules for targets that are there, with their names in a
// sites.Site.
func existsChoices() (labels, values []string) {
	return []string{"As the program does", "Ask", "Overwrite", "Overwrite if newer", "Overwrite if the size differs", "Resume", "Keep both", "Skip"},
		[]string{"", "ask", "overwrite", "newer", "size", "resume", "rename", "skip"}
}

func transferFields() []SiteField {
	const t = SiteTransfers
	limit := func(key, label, hint string, at func(*sites.Site) *int64) SiteField {
		return SiteField{
			Key: key, Section: t, Label: label, Prompt: "no limit", hint: alwaysSaid(hint),
			get: func(s *sites.Site) string {
				if *at(s) <= 0 {
					return ""
				}
				return LimitText(*at(s))
			},
			set: func(s *sites.Site, text string) error {
				n, err := ParseLimit(text)
				if err == nil {
					*at(s) = n
				}
				return err
			},
		}
	}
	labels, values := existsChoices()
	return []SiteField{
		limit("down_limit", "Download limit", "Such as 500 kB/s or 8 Mbit/s, over all connections to this site together.", func(s *sites.Site) *int64 { return &s.DownLimit }),
		limit("up_limit", "Upload limit", "A little less than your line has keeps other programs usable.", func(s *sites.Site) *int64 { return &s.UpLimit }),
		choiceField(SiteField{Key: "exists", Section: t, Label: "If the file is there", Choices: labels, hint: alwaysSaid("What happens to a target that is there already.")}, values, func(s *sites.Site) *string { return &s.Exists }),
		checkField(SiteField{Key: "temp_upload", Section: t, Label: "Upload to a temporary name", hint: alwaysSaid("Others see a file only once all of it is there: it is renamed at the end.")}, func(s *sites.Site) *bool { return &s.TempUpload }),
	}
}

func serverFields() []SiteField {
	const v = SiteServer
	return []SiteField{
		trimmedField(SiteField{Key: "charset", Section: v, Label: "Character set", Prompt: "UTF-8", hint: alwaysSaid("Of file names, on servers without UTF-8: windows-1252, iso-8859-2, shift_jis, gbk and others.")}, func(s *sites.Site) *string { return &s.Charset }),
		{
			Key: "time_offset", Section: v, Label: "Server's clock", Prompt: "+0:00", Short: true, get: offsetText, set: setOffset,
			hint: alwaysSaid("How far its times in listings are ahead of UTC, such as +2:00. Only for servers without MLSD."),
		},
		textField(SiteField{Key: "client_certificate", Section: v, Kind: SiteFile, Label: "Certificate", Prompt: "none", Heading: "Client certificate", hint: alwaysSaid("A PEM or PKCS#12 file that you prove yourself with. Few servers ask for one.")}, func(s *sites.Site) *string { return &s.ClientCert }),
		shownIf(textField(SiteField{Key: "client_key", Section: v, Kind: SiteFile, Label: "Key", Prompt: "in the same file", hint: alwaysSaid("Where the certificate's file does not hold its private key.")}, func(s *sites.Site) *string { return &s.ClientKey }),
			func(s *sites.Site) bool { return s.ClientCert != "" }),
		{
			Key: "certificate_passphrase", Section: v, Kind: SiteSecret, Secret: secrets.CertPassphrase, Label: "Passphrase",
			shown: func(s *sites.Site) bool { return s.ClientCert != "" }, get: func(*sites.Site) string { return "" },
		},
	}
}

func noteFields() []SiteField {
	return []SiteField{
		textField(SiteField{Key: "colour", Section: SiteNotes, Kind: SiteColour, Label: "Colour", hint: alwaysSaid("A dot beside the name, and in the window while the site is connected.")}, func(s *sites.Site) *string { return &s.Colour }),
		textField(SiteField{Key: "notes", Section: SiteNotes, Kind: SiteLines, Label: "Notes", Prompt: "Whatever you want to remember. No passwords: notes are kept in a file.", hint: alwaysSaid("Found by the search, too.")}, func(s *sites.Site) *string { return &s.Notes }),
	}
}

var errOffset = errors.New("want hours and minutes such as +2:00 or -3:30, at most 24 hours")

// offsetText writes minutes as "+2:00"; nothing for none.
func offsetText(s *sites.Site) string {
	n, sign := s.TimeOffset, "+"
	if n == 0 {
		return ""
	}
	if n < 0 {
		n, sign = -n, "-"
	}
	return fmt.Sprintf("%s%d:%02d", sign, n/60, n%60)
}

// setOffset reads "+2:00", "2", "-03:30".
func setOffset(s *sites.Site, text string) error {
	text = strings.TrimSpace(strings.ReplaceAll(text, "−", "-"))
	if text == "" {
		s.TimeOffset = 0
		return nil
	}
	sign := 1
	switch text[0] {
	case '-':
		sign, text = -1, text[1:]
	case '+':
		text = text[1:]
	}
	hours, minutes, split := strings.Cut(text, ":")
	h, err := strconv.ParseUint(hours, 10, 8)
	m := uint64(0)
	if err == nil && split {
		m, err = strconv.ParseUint(minutes, 10, 8)
	}
	const most = 24
	if err != nil || m >= 60 || h*60+m > most*60 {
		return errOffset
	}
	s.TimeOffset = sign * int(h*60+m)
	return nil
}
