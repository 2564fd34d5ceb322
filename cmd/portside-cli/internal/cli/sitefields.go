package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"portside/client"
	"portside/client/sites"
)

// A siteField is one setting of a saved site, as an option of "sites add" and "sites
// edit", a line of "sites show", and names in the file.
type siteField struct {
	option string
	json   string // names in the file, with blanks between them
	arg    string // what the option takes; "": it is a switch
	many   bool   // it may be repeated
	help   string
	get    func(s *sites.Site) []string // as the option takes it; none: as usual
	set    func(s *sites.Site, values []string) error
}

// siteFields are all settings, in the order in which they are shown. The table is the
// only place that knows them.
func siteFields() []siteField {
	return append(append(placeFields(), connectionFields()...), folderFields()...)
}

func placeFields() []siteField {
	return []siteField{
		textField("name", "name", "NAME", "name of the site", func(s *sites.Site) *string { return &s.Name }),
		parsedField("folder", "folder", "FOLDER", "folder in the tree of sites, such as Work/Clients", func(s *sites.Site) *[]string { return &s.Folder }, parseFolder, folderText),
		textField("host", "host", "HOST", "the server", func(s *sites.Site) *string { return &s.Host }),
		parsedField("port", "port", "N", "its port, where that is not the usual one", func(s *sites.Site) *uint16 { return &s.Port }, parsePort, numberText[uint16]),
		parsedField("tls", "security", "WHEN", "off, auto, require (explicit) or implicit", func(s *sites.Site) *client.Security { return &s.Security }, client.ParseSecurity, client.Security.String),
		textField("user", "user", "NAME", "user; none: anonymous", func(s *sites.Site) *string { return &s.User }),
		parsedField("logon", "logon", "KIND", "where the password comes from: keyring, ask (each time), account (as keyring, with --account), anonymous", func(s *sites.Site) *sites.Logon { return &s.Logon }, parseLogon, func(l sites.Logon) string { return string(l) }),
		textField("account", "account", "NAME", "account, for servers that ask for one", func(s *sites.Site) *string { return &s.Account }),
	}
}

func connectionFields() []siteField {
	return []siteField{
		parsedField("mode", "mode", "MODE", "data connections: auto, passive, active, epsv, pasv, eprt or port", func(s *sites.Site) *client.ConnMode { return &s.Mode }, client.ParseMode, client.ConnMode.String),
		switchField("prefer-active", "prefer_active", "in mode auto try the active methods first", func(s *sites.Site) *bool { return &s.PreferActive }),
		textField("active-ports", "active_ports", "MIN-MAX", "ports to listen on in active mode", func(s *sites.Site) *string { return &s.ActivePorts }),
		textField("active-address", "active_address", "ADDRESS", "address to announce in active mode; server: the one that the server sees", func(s *sites.Site) *string { return &s.ActiveAddress }),
		switchField("trust-pasv-address", "trust_pasv_address", "connect to the address that the server names in passive mode, also where it is not its own", func(s *sites.Site) *bool { return &s.TrustPASVAddress }),
		textField("charset", "charset", "NAME", "character set of names on the server; none: UTF-8", func(s *sites.Site) *string { return &s.Charset }),
		parsedField("time-offset", "time_offset", "TIME", "how far the server's clock is ahead of UTC in listings without a zone: 2h, -05:30", func(s *sites.Site) *int { return &s.TimeOffset }, parseOffsetMinutes, offsetText),
		{
			option: "after-login", json: "after_login", arg: "COMMAND", many: true, help: "send this after each login (may be repeated)",
			get: func(s *sites.Site) []string { return s.AfterLogin },
			set: func(s *sites.Site, values []string) error { s.AfterLogin = values; return nil },
		},
		{
			option: "proxy", json: "proxy.kind proxy.address proxy.user", arg: "URL", help: "connect through socks5://[user@]host[:port], http://…, ftp://…, system or none",
			get: proxyOf, set: setProxy,
		},
		parsedField("proxy-form", "proxy.form", "FORM", "how an FTP proxy is told where to go: "+strings.Join(proxyForms(), ", "), func(s *sites.Site) *client.ProxyForm { return &s.Proxy.Form }, client.ParseProxyForm, client.ProxyForm.String),
		pathField("client-cert", "client_certificate", "FILE", "show the server the certificate in this file (PEM or PKCS#12)", func(s *sites.Site) *string { return &s.ClientCert }),
		pathField("client-key", "client_key", "FILE", "its key, where that is a file of its own", func(s *sites.Site) *string { return &s.ClientKey }),
	}
}

func folderFields() []siteField {
	return []siteField{
		pathField("local-dir", "local_dir", "FOLDER", "folder on this computer to begin in", func(s *sites.Site) *string { return &s.LocalDir }),
		textField("remote-dir", "remote_dir", "PATH", "folder on the server to begin in; SITE:path starts there", func(s *sites.Site) *string { return &s.RemoteDir }),
		switchField("sync-dirs", "sync_dirs", "synchronised browsing: both panes change folder together", func(s *sites.Site) *bool { return &s.SyncDirs }),
		parsedField("max-connections", "max_connections", "N", "connections at most; 0: no limit of its own", func(s *sites.Site) *int { return &s.MaxConnections }, parseCount, numberText[int]),
		parsedField("down-limit", "down_limit", "RATE", "bytes a second at most in downloads: 500k, 2M; 0: no limit", func(s *sites.Site) *int64 { return &s.DownLimit }, parseRate, numberText[int64]),
		parsedField("up-limit", "up_limit", "RATE", "the same in uploads", func(s *sites.Site) *int64 { return &s.UpLimit }, parseRate, numberText[int64]),
		textField("exists", "exists", "RULE", "where a target exists: "+strings.Join(sites.ExistsRules(), ", "), func(s *sites.Site) *string { return &s.Exists }),
		switchField("temp-upload", "temp_upload", "send to a temporary name first, and rename what is complete", func(s *sites.Site) *bool { return &s.TempUpload }),
		textField("colour", "colour", "COLOUR", strings.Join(sites.Colours(), ", "), func(s *sites.Site) *string { return &s.Colour }),
		textField("notes", "notes", "TEXT", "whatever is worth knowing", func(s *sites.Site) *string { return &s.Notes }),
		{
			option: "bookmark", json: "bookmarks", arg: "NAME=REMOTE[=LOCAL[=sync]]", many: true, help: "a pair of folders as NAME=REMOTE[=LOCAL[=sync]] (may be repeated)",
			get: bookmarksOf, set: setBookmarks,
		},
	}
}

// parsedField is a field with a parser and its inverse. The zero value is as usual, and
// an empty text sets it.
func parsedField[T any](option, json, arg, help string, of func(*sites.Site) *T, parse func(string) (T, error), text func(T) string) siteField {
	return siteField{
		option: option, json: json, arg: arg, help: help,
		get: func(s *sites.Site) []string {
			var zero T
			if v := text(*of(s)); v != "" && v != text(zero) {
				return []string{v}
			}
			return nil
		},
		set: func(s *sites.Site, values []string) (err error) {
			var v T
			if values[0] != "" {
				if v, err = parse(values[0]); err != nil {
					return err
				}
			}
			*of(s) = v
			return nil
		},
	}
}

func textField(option, json, arg, help string, of func(*sites.Site) *string) siteField {
	same := func(s string) (string, error) { return s, nil }
	return parsedField(option, json, arg, help, of, same, func(s string) string { return s })
}

// pathField is a path of this computer, which the file has from the root on.
func pathField(option, json, arg, help string, of func(*sites.Site) *string) siteField {
	return parsedField(option, json, arg, help, of, filepath.Abs, func(s string) string { return s })
}

func switchField(option, json, help string, of func(*sites.Site) *bool) siteField {
	f := parsedField(option, json, "", help, of, strconv.ParseBool, strconv.FormatBool)
	return f
}

func numberText[T uint16 | int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }

func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, errors.New("must be a number from 1 to 65535; 0 for the usual port")
	}
	return uint16(n), nil
}

func parseCount(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, errors.New("must be a number, 0 for no limit")
	}
	return n, nil
}

func parseLogon(s string) (sites.Logon, error) {
	var words []string
	for _, l := range sites.Logons() {
		if strings.EqualFold(s, string(l)) {
			return l, nil
		}
		words = append(words, string(l))
	}
	return "", fmt.Errorf("must be %s", strings.Join(words, ", "))
}

func parseFolder(s string) ([]string, error) {
	var path []string
	for part := range strings.SplitSeq(s, "/") {
		if part = strings.TrimSpace(part); part != "" {
			path = append(path, part)
		}
	}
	return path, nil
}

func folderText(path []string) string { return strings.Join(path, "/") }

func parseOffsetMinutes(s string) (int, error) {
	d, err := parseOffset(s)
	return int(d.Minutes()), err
}

func proxyOf(s *sites.Site) []string {
	if s.Proxy.Kind == client.ProxyNone {
		return nil
	}
	return []string{proxyURL(s.Proxy.Kind, s.Proxy.Addr, s.Proxy.User)}
}

func setProxy(s *sites.Site, values []string) error {
	p, err := parseProxy(values[0])
	if err != nil {
		return err
	}
	form := s.Proxy.Form
	if p.Kind != client.ProxyFTP {
		form = client.ProxyUserAtHost
	}
	s.Proxy = sites.Proxy{Kind: p.Kind, Addr: p.Addr, User: p.User, Form: form}
	return nil
}

func bookmarksOf(s *sites.Site) []string {
	var out []string
	for _, b := range s.Bookmarks {
		text := b.Name + "=" + b.RemoteDir
		if b.LocalDir != "" || b.SyncDirs {
			text += "=" + b.LocalDir
		}
		if b.SyncDirs {
			text += "=sync"
		}
		out = append(out, text)
	}
	return out
}

func setBookmarks(s *sites.Site, values []string) error {
	s.Bookmarks = nil
	for _, v := range values {
		if v == "" {
			continue
		}
		parts := strings.Split(v, "=")
		if len(parts) < 2 || len(parts) > 4 || len(parts) == 4 && parts[3] != "sync" && parts[3] != "" {
			return errors.New("must be NAME=REMOTE, NAME=REMOTE=LOCAL or NAME=REMOTE=LOCAL=sync")
		}
		b := sites.Bookmark{Name: parts[0], RemoteDir: parts[1], SyncDirs: len(parts) == 4 && parts[3] == "sync"}
		if len(parts) > 2 && parts[2] != "" {
			var err error
			if b.LocalDir, err = filepath.Abs(parts[2]); err != nil {
				return err
			}
		}
		s.Bookmarks = append(s.Bookmarks, b)
	}
	return nil
}

// A siteFlags holds the options of the fields, as they were given.
type siteFlags struct {
	fields []siteField
	values map[string]*siteValue
}

// A siteValue collects what was given for one option.
type siteValue struct {
	field *siteField
	given []string
}

// addSiteFlags adds an option for each field. They stand in for the options of every
// command of the same name, which are about one connection.
func addSiteFlags(fs *pflag.FlagSet) *siteFlags {
	f := &siteFlags{fields: siteFields(), values: map[string]*siteValue{}}
	for i := range f.fields {
		field := &f.fields[i]
		v := &siteValue{field: field}
		f.values[field.option] = v
		flag := fs.VarPF(v, field.option, "", field.help)
		if field.option == "user" {
			flag.Shorthand = ""
		}
		if field.arg == "" {
			flag.NoOptDefVal = "true"
		}
	}
	return f
}

// Set implements pflag.Value.
func (v *siteValue) Set(s string) error {
	if !v.field.many {
		v.given = nil
	}
	v.given = append(v.given, s)
	return nil
}

// String implements pflag.Value.
func (v *siteValue) String() string { return "" }

// Type implements pflag.Value.
func (v *siteValue) Type() string {
	if v.field == nil || v.field.arg == "" {
		return "bool"
	}
	return v.field.arg
}

// any reports whether an option was given.
func (f *siteFlags) any() bool {
	for _, v := range f.values {
		if v.given != nil {
			return true
		}
	}
	return false
}

// apply puts what was given into s.
func (f *siteFlags) apply(s *sites.Site) error {
	for i := range f.fields {
		field := &f.fields[i]
		v := f.values[field.option]
		if v.given == nil {
			continue
		}
		values := v.given
		if field.many && len(values) == 1 && values[0] == "" {
			values = nil
		}
		if err := field.set(s, values); err != nil {
			return usagef("--%s: %w", field.option, err)
		}
	}
	if s.Account != "" && f.given("account") && !f.given("logon") && (s.Logon == sites.LogonDefault || s.Logon == sites.LogonKeyring) {
		s.Logon = sites.LogonAccount // with the others it would not be sent
	}
	return nil
}

func (f *siteFlags) given(option string) bool {
	v := f.values[option]
	return v != nil && v.given != nil
}
