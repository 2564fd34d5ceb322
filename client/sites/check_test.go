package sites

import (
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
)

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Site)
		field  string // "": nothing is wrong
		what   string
	}{
		"all is well": {change: func(*Site) {}},
		"anonymous":   {change: func(s *Site) { *s = Site{Name: "x", Host: "h"} }},

		"no name":            {change: func(s *Site) { s.Name = " " }, field: "name", what: "missing"},
		"name of two lines":  {change: func(s *Site) { s.Name = "a\nb" }, field: "name", what: "line break"},
		"name with a slash":  {change: func(s *Site) { s.Name = "a/b" }},
		"long name":          {change: func(s *Site) { s.Name = strings.Repeat("x", 201) }, field: "name", what: "longer than 200"},
		"name of bad bytes":  {change: func(s *Site) { s.Name = "\xff" }, field: "name", what: "UTF-8"},
		"id":                 {change: func(s *Site) { s.ID = "../../x" }, field: "id", what: "leave it out"},
		"deep folder":        {change: func(s *Site) { s.Folder = slices.Repeat([]string{"x"}, 65) }, field: "folder", what: "deeper than 64"},
		"not so deep folder": {change: func(s *Site) { s.Folder = slices.Repeat([]string{"x"}, 64) }},
		"nameless folder":    {change: func(s *Site) { s.Folder = []string{"x", ""} }, field: "folder", what: "missing"},

		"no host":             {change: func(s *Site) { s.Host = " " }, field: "host", what: "missing"},
		"host with a scheme":  {change: func(s *Site) { s.Host = "ftp://example.org" }, field: "host", what: "without ftp://"},
		"host with a blank":   {change: func(s *Site) { s.Host = "example .org" }, field: "host", what: "blank"},
		"host with a tab":     {change: func(s *Site) { s.Host = "a\tb" }, field: "host", what: "blank"},
		"host with a user":    {change: func(s *Site) { s.Host = "anna@example.org" }, field: "host", what: "user in it"},
		"host with a path":    {change: func(s *Site) { s.Host = "example.org/pub" }, field: "host", what: "path in it"},
		"host with a port":    {change: func(s *Site) { s.Host = "example.org:2121" }, field: "host", what: "port in it"},
		"host in brackets":    {change: func(s *Site) { s.Host = "[::1]" }, field: "host", what: "without brackets"},
		"IPv6 host":           {change: func(s *Site) { s.Host = "2001:db8::1" }},
		"IPv6 host of a zone": {change: func(s *Site) { s.Host = "fe80::1%eth0" }},
		"half an IPv6 host":   {change: func(s *Site) { s.Host = "2001:db8:1" }, field: "host", what: "IPv6"},
		"host of a language":  {change: func(s *Site) { s.Host = "büro.example" }},
		"host with a comma":   {change: func(s *Site) { s.Host = "a,b" }, field: "host", what: "character"},
		"host with dots":      {change: func(s *Site) { s.Host = "a..b" }, field: "host", what: "dot"},
		"long host":           {change: func(s *Site) { s.Host = strings.Repeat("x", 254) }, field: "host", what: "253"},
		"security":            {change: func(s *Site) { s.Security = 9 }, field: "security", what: "auto, off"},

		"user of two lines":  {change: func(s *Site) { s.User = "a\r\nb" }, field: "user", what: "line break"},
		"user missing":       {change: func(s *Site) { s.User = "" }, field: "user", what: "or choose anonymous"},
		"user missing, key":  {change: func(s *Site) { s.User, s.Logon = "", LogonKeyring }, field: "user", what: "missing"},
		"user asked for":     {change: func(s *Site) { s.User, s.Logon = "", LogonAsk }},
		"logon":              {change: func(s *Site) { s.Logon = "x" }, field: "logon", what: "anonymous, keyring"},
		"account":            {change: func(s *Site) { s.Account = "a\nb" }, field: "account", what: "line break"},
		"command of lines":   {change: func(s *Site) { s.AfterLogin = []string{"SITE X", "NOOP\r\nDELE x"} }, field: "after_login", what: "command 2: a line break"},
		"empty command":      {change: func(s *Site) { s.AfterLogin = []string{" "} }, field: "after_login", what: "command 1: it is empty"},
		"command PASS":       {change: func(s *Site) { s.AfterLogin = []string{"pass x"} }, field: "after_login", what: "PASS cannot be sent after the login"},
		"command PORT":       {change: func(s *Site) { s.AfterLogin = []string{"PORT 1,2,3,4,5,6"} }, field: "after_login", what: "PORT cannot be sent"},
		"command of no verb": {change: func(s *Site) { s.AfterLogin = []string{"s3cret! x"} }, field: "after_login", what: "command 1: it does not begin"},
		"many commands":      {change: func(s *Site) { s.AfterLogin = slices.Repeat([]string{"NOOP"}, 51) }, field: "after_login", what: "more than 50"},

		"mode":                 {change: func(s *Site) { s.Mode = 99 }, field: "mode", what: "auto, passive"},
		"active ports":         {change: func(s *Site) { s.ActivePorts = "50100-50000" }, field: "active_ports", what: "50000-50100"},
		"low active ports":     {change: func(s *Site) { s.ActivePorts = "20-21" }, field: "active_ports", what: "1024"},
		"one active port":      {change: func(s *Site) { s.ActivePorts = "50000" }},
		"active address":       {change: func(s *Site) { s.ActiveAddress = "router.example" }, field: "active_address", what: "203.0.113.7"},
		"active address all":   {change: func(s *Site) { s.ActiveAddress = "0.0.0.0" }, field: "active_address", what: "server"},
		"active address seen":  {change: func(s *Site) { s.ActiveAddress = FromServer }},
		"charset":              {change: func(s *Site) { s.Charset = "utf-9" }, field: "charset", what: "latin1"},
		"charset koi8":         {change: func(s *Site) { s.Charset = "koi8-r" }},
		"clock ahead":          {change: func(s *Site) { s.TimeOffset = 1441 }, field: "time_offset", what: "1440"},
		"clock behind":         {change: func(s *Site) { s.TimeOffset = -1441 }, field: "time_offset", what: "-1440"},
		"clock a day ahead":    {change: func(s *Site) { s.TimeOffset = 1440 }},
		"local folder":         {change: func(s *Site) { s.LocalDir = "site" }, field: "local_dir", what: "whole path"},
		"local folder of home": {change: func(s *Site) { s.LocalDir = "~/site" }, field: "local_dir", what: "whole path"},
		"a drive's folder":     {change: func(s *Site) { s.LocalDir = `c:\Sites` }},
		"a share's folder":     {change: func(s *Site) { s.LocalDir = `\\nas\sites` }},
		"a drive only":         {change: func(s *Site) { s.LocalDir = "C:" }, field: "local_dir", what: "whole path"},
		"remote folder":        {change: func(s *Site) { s.RemoteDir = "a\nb" }, field: "remote_dir", what: "line break"},
		"connections":          {change: func(s *Site) { s.MaxConnections = -1 }, field: "max_connections", what: "0 for no limit"},
		"down limit":           {change: func(s *Site) { s.DownLimit = -1 }, field: "down_limit", what: "negative"},
		"up limit":             {change: func(s *Site) { s.UpLimit = -1 }, field: "up_limit", what: "negative"},
		"exists":               {change: func(s *Site) { s.Exists = "replace" }, field: "exists", what: "overwrite"},

		"no proxy":            {change: func(s *Site) { s.Proxy = Proxy{} }},
		"system's proxy":      {change: func(s *Site) { s.Proxy = Proxy{Kind: client.ProxySystem} }},
		"proxy, no address":   {change: func(s *Site) { s.Proxy.Addr = "" }, field: "proxy.address", what: "missing"},
		"proxy with a scheme": {change: func(s *Site) { s.Proxy.Addr = "socks5://p:1080" }, field: "proxy.address", what: "name and port"},
		"proxy with a path":   {change: func(s *Site) { s.Proxy.Addr = "p/x" }, field: "proxy.address", what: "not the address"},
		"proxy of a bad port": {change: func(s *Site) { s.Proxy.Addr = "p:99999" }, field: "proxy.address", what: "not the address"},
		"proxy of IPv6":       {change: func(s *Site) { s.Proxy.Addr = "[2001:db8::1]:1080" }},
		"proxy's user":        {change: func(s *Site) { s.Proxy.User = "a\nb" }, field: "proxy.user", what: "line break"},
		"proxy's kind":        {change: func(s *Site) { s.Proxy.Kind = 9 }, field: "proxy.kind", what: "socks5"},
		"proxy's form":        {change: func(s *Site) { s.Proxy.Form = 9 }, field: "proxy.form", what: "user@host"},
		"certificate":         {change: func(s *Site) { s.ClientCert = "cert.pem" }, field: "client_certificate", what: "whole path"},
		"key":                 {change: func(s *Site) { s.ClientKey = "key.pem" }, field: "client_key", what: "whole path"},
		"key alone":           {change: func(s *Site) { s.ClientCert = "" }, field: "client_key", what: "certificate that is not named"},

		"colour":            {change: func(s *Site) { s.Colour = "pink" }, field: "colour", what: "red"},
		"notes":             {change: func(s *Site) { s.Notes = "\xff" }, field: "notes", what: "UTF-8"},
		"long notes":        {change: func(s *Site) { s.Notes = strings.Repeat("x", 64<<10+1) }, field: "notes", what: "64 KiB"},
		"bookmark's name":   {change: func(s *Site) { s.Bookmarks[0].Name = "" }, field: "bookmarks", what: "bookmark 1: a name is missing"},
		"bookmarks' names":  {change: func(s *Site) { s.Bookmarks = append(s.Bookmarks, Bookmark{Name: "IMAGES"}) }, field: "bookmarks", what: "bookmark 2: there is another"},
		"bookmark's folder": {change: func(s *Site) { s.Bookmarks[0].LocalDir = "x" }, field: "bookmarks", what: "bookmark 1: local_dir: write the whole path"},
		"bookmark's remote": {change: func(s *Site) { s.Bookmarks[0].RemoteDir = "\x00" }, field: "bookmarks", what: "bookmark 1: remote_dir: a line break or another"},
		"many bookmarks":    {change: func(s *Site) { s.Bookmarks = make([]Bookmark, 1001) }, field: "bookmarks", what: "more than 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			s := full()
			c.change(&s)
			got := s.Check()
			if c.field == "" {
				if len(got) > 0 {
					t.Errorf("Check: %v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Field != c.field || !strings.Contains(got[0].What, c.what) || strings.HasSuffix(got[0].What, ".") {
				t.Errorf("Check: %v, want %s: … %s …", got, c.field, c.what)
			}
			if names := layoutOf(reflect.TypeFor[Site]()).names; !slices.Contains(names, strings.Split(c.field, ".")[0]) {
				t.Errorf("%s is no field", c.field)
			}
			if _, err := s.Options(client.Options{}); err == nil {
				t.Error("Options takes it")
			}
		})
	}
}

func TestEveryProblemIsTold(t *testing.T) {
	s := Site{Host: "a b", Charset: "x", UpLimit: -1, DownLimit: -1, Colour: "x", Logon: LogonKeyring}
	var fields []string
	for _, p := range s.Check() {
		fields = append(fields, p.Field)
	}
	if got := strings.Join(fields, " "); got != "name host user charset down_limit up_limit colour" {
		t.Errorf("the problems are with %s", got)
	}
}

func TestOptions(t *testing.T) {
	base := client.Options{
		User: "x", Password: "secret", Account: "x", Timeout: time.Minute, ActivePorts: client.PortRange{Min: 1, Max: 2},
		ActiveAddress: netip.MustParseAddr("192.0.2.1"), AfterLogin: []string{"X"}, Proxy: client.Proxy{Kind: client.ProxyHTTP}, Insecure: true,
	}
	s := full()
	got, err := s.Options(base)
	if err != nil {
		t.Fatal(err)
	}
	if got.User != "anna" || got.Account != "accounting" || got.Password != "secret" || got.Timeout != time.Minute || !got.Insecure ||
		got.Security != client.SecurityRequire || got.Mode != client.EPSV || !got.PreferActive || !got.TrustPASVAddress ||
		got.ActivePorts != (client.PortRange{Min: 50000, Max: 50100}) || got.ActiveAddress.String() != "203.0.113.7" || got.ActiveFromServer ||
		got.Charset != "windows-1252" || got.TimeOffset != -90*time.Minute || !slices.Equal(got.AfterLogin, s.AfterLogin) ||
		got.Proxy != (client.Proxy{Kind: client.ProxyFTP, Addr: "proxy.example.org:2121", User: "bob", Form: client.ProxyUserAtProxy}) {
		t.Errorf("%+v", got)
	}
	got, err = Site{Name: "x", Host: "h", ActiveAddress: FromServer, Account: "left over"}.Options(base)
	if err != nil || got.User != "" || got.Account != "" || got.ActivePorts != (client.PortRange{}) || got.ActiveAddress.IsValid() || !got.ActiveFromServer ||
		len(got.AfterLogin) > 0 || got.Proxy != (client.Proxy{}) || got.Security != client.SecurityAuto {
		t.Errorf("%+v, %v", got, err)
	}
}

// Whoever is asked for a password is not logged in as anonymous with it.
func TestOptionsWithoutUser(t *testing.T) {
	_, err := Site{Name: "x", Host: "h", Logon: LogonAsk}.Options(client.Options{})
	if ce, ok := errors.AsType[*CheckError](err); !ok || len(ce.Problems) != 1 || ce.Problems[0].Field != "user" {
		t.Errorf("%v", err)
	}
	for _, s := range []Site{{Name: "x", Host: "h", Logon: LogonAsk, User: "anna"}, {Name: "x", Host: "h", Logon: LogonAnonymous}} {
		if _, err = s.Options(client.Options{}); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		site     Site
		url      string
		addr     string
		password bool
	}{
		{Site{Host: "h"}, "ftp://h/", "h:21", false},
		{Site{Host: "h", User: "Anonymous"}, "ftp://h/", "h:21", false},
		{Site{Host: "h", User: "anna", Logon: LogonAnonymous}, "ftp://h/", "h:21", false},
		{Site{Host: "h", User: "anna", RemoteDir: "/x"}, "ftp://anna@h/", "h:21", true},
		{Site{Host: "h", Logon: LogonAsk}, "ftp://h/", "h:21", true},
		{Site{Host: "h", User: "anna", Logon: LogonAsk, Security: client.SecurityImplicit}, "ftps://anna@h/", "h:990", true},
		{Site{Host: "::1", Port: 2121, Security: client.SecurityRequire}, "ftpes://[::1]:2121/", "[::1]:2121", false},
	} {
		if c.site.URL().String() != c.url || c.site.Addr() != c.addr || c.site.NeedsPassword() != c.password {
			t.Errorf("%+v: %s, %s, %v", c.site, c.site.URL(), c.site.Addr(), c.site.NeedsPassword())
		}
	}
}

func TestFromURL(t *testing.T) {
	for text, want := range map[string]Site{
		"ftp://h":                            {Name: "h", Host: "h", Security: client.SecurityOff},
		"ftp://h:21/a%20b":                   {Name: "h", Host: "h", Security: client.SecurityOff, RemoteDir: "a b"},
		"ftpes://anna:secret@h:2121//x":      {Name: "anna@h", Host: "h", Port: 2121, User: "anna", Security: client.SecurityRequire, RemoteDir: "/x"},
		"ftps://anonymous@[2001:db8::1]/%FC": {Name: "2001:db8::1", Host: "2001:db8::1", Security: client.SecurityImplicit, RemoteDir: "ü"},
	} {
		u, err := client.ParseURL(text)
		if err != nil {
			t.Fatal(err)
		}
		got := FromURL(u, client.SecurityOff)
		if !validID(got.ID) || len(got.Check()) > 0 {
			t.Errorf("%s: ID %q, %v", text, got.ID, got.Check())
		}
		want.ID = got.ID
		if !sameSite(got, want) {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

func sameSite(a, b Site) bool {
	x, err1 := entry{Site: a}.encode()
	y, err2 := entry{Site: b}.encode()
	return err1 == nil && err2 == nil && string(x) == string(y)
}
