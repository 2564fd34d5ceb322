package sitekey_test

import (
	"crypto/tls"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/sitekey"
)

// A key comes back as the same site, and has one form only.
func TestThereAndBack(t *testing.T) {
	for _, c := range []struct {
		site sitekey.Site
		key  string
	}{
		{sitekey.Site{Host: "example.org"}, "ftp://example.org?security=auto"},
		{
			sitekey.Site{Host: "example.org", User: "anna", Port: 2121, Security: client.SecurityRequire, Charset: "latin1"},
			"ftpes://anna@example.org:2121?charset=latin1&security=require",
		},
		{sitekey.Site{Host: "h", Security: client.SecurityImplicit}, "ftps://h?security=implicit"},
		{sitekey.Site{Host: "h", Security: client.SecurityOff, Insecure: true}, "ftp://h?insecure=true&security=off"},
		{sitekey.Site{Host: "h", User: "a@b/c:d?e"}, "ftp://a%40b%2Fc%3Ad%3Fe@h?security=auto"},
		{sitekey.Site{Host: "::1", Port: 21}, "ftp://[::1]:21?security=auto"},
		{sitekey.Site{Host: "h", Mode: client.PASV, PreferActive: true, TrustPASVAddress: true}, "ftp://h?mode=pasv&prefer-active=true&security=auto&trust-pasv-address=true"},
		{
			sitekey.Site{Host: "h", ActivePorts: client.PortRange{Min: 50000, Max: 50010}, ActiveAddress: netip.MustParseAddr("192.0.2.7")},
			"ftp://h?active-address=192.0.2.7&active-ports=50000-50010&security=auto",
		},
		{sitekey.Site{Host: "h", ActiveFromServer: true, Account: "x y"}, "ftp://h?account=x+y&active-address=server&security=auto"},
		{
			sitekey.Site{Host: "h", CAFile: "/etc/ca & co.pem", Pin: "ab12", MaxTLS: tls.VersionTLS12},
			"ftp://h?cacert=%2Fetc%2Fca+%26+co.pem&max-tls=771&pin=ab12&security=auto",
		},
		{
			sitekey.Site{Host: "h", Proxy: client.Proxy{Kind: client.ProxySOCKS5, Addr: "proxy.example.org", User: "pu"}},
			"ftp://h?proxy=socks5&proxy-address=proxy.example.org&proxy-user=pu&security=auto",
		},
		{
			sitekey.Site{Host: "h", Proxy: client.Proxy{Kind: client.ProxyFTP, Addr: "p:2121", Form: client.ProxyUserBlank}},
			"ftp://h?proxy=ftp&proxy-address=p%3A2121&proxy-form=user%40host+proxyuser&security=auto",
		},
		{sitekey.Site{Host: "h", Proxy: client.Proxy{Kind: client.ProxySystem}}, "ftp://h?proxy=system&security=auto"},
		{
			sitekey.Site{Host: "h", ClientCert: "/c.pem", ClientKey: "/k.pem", SiteID: "0123456789abcdef", TimeOffset: -90 * time.Minute, AfterLogin: "SITE UMASK 022\nCWD /x y"},
			"ftp://h?after-login=SITE+UMASK+022%0ACWD+%2Fx+y&client-cert=%2Fc.pem&client-key=%2Fk.pem&security=auto&site=0123456789abcdef&time-offset=-1h30m0s",
		},
	} {
		if got := c.site.Encode(); got != c.key {
			t.Errorf("Encode(%+v) = %q, want %q", c.site, got, c.key)
		}
		back, err := sitekey.Parse(c.key)
		if err != nil || back != c.site {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", c.key, back, err, c.site)
		}
	}
}

// What is not understood as a whole is refused: a setting that is passed over
// might be the one that protects the connection.
func TestRefused(t *testing.T) {
	for _, key := range []string{
		"", "demo", "example.org", "ftp://h", "ftp://h?", "h?security=auto",
		"ftp://h?security=strong", "ftp://h?security=auto&newer=thing", "ftp://h?security=auto&security=off",
		"ftpes://h?security=auto", "ftp://a:secret@h?security=auto", "ftp://h/path?security=auto",
		"ftp://h?security=auto&insecure=perhaps", "ftp://h?security=auto&mode=sideways",
		"ftp://h?security=auto&active-ports=x", "ftp://h?security=auto&active-address=x", "ftp://h?security=auto&%zz",
		"ftp://h?security=auto&max-tls=99999",
		"ftp://h?security=auto&proxy=tunnel", "ftp://h?security=auto&proxy=socks5", "ftp://h?security=auto&proxy-user=me",
		"ftp://h?security=auto&proxy=system&proxy-address=p", "ftp://h?security=auto&proxy=http&proxy-address=p&proxy-form=open",
		"ftp://h?security=auto&proxy=none&proxy-address=p", "ftp://h?security=auto&after-login=QUIT",
		"ftp://h?security=auto&after-login=NOOP%0A", "ftp://h?security=auto&after-login=NOOP%0D%0ADELE+x", "ftp://h?security=auto&time-offset=soon",
	} {
		s, err := sitekey.Parse(key)
		if _, ok := errors.AsType[*sitekey.KeyError](err); !ok {
			t.Errorf("Parse(%q) = %+v, %v, want a KeyError", key, s, err)
		}
	}
}

// The options of a session give its site, and the site gives them back. No
// password gets into a key.
func TestOptions(t *testing.T) {
	u, err := client.ParseURL("ftpes://anna:topsecret@example.org:2121/some/path")
	if err != nil {
		t.Fatal(err)
	}
	opt := u.Options(client.Options{
		Mode: client.Active, Charset: "koi8-r", Pin: "ff", AfterLogin: []string{"NOOP", "SITE X"}, TimeOffset: time.Hour,
		Proxy: client.Proxy{Kind: client.ProxyHTTP, Addr: "p:3128", User: "pu", Password: "topsecret"},
	})
	site := sitekey.Of(u, opt, "")
	key := site.Encode()
	if strings.Contains(key, "topsecret") {
		t.Fatalf("the password is in %q", key)
	}
	back, err := sitekey.Parse(key)
	if err != nil {
		t.Fatal(err)
	}
	got := back.Options(client.Options{Password: "other", Proxy: client.Proxy{Password: "third"}})
	if want := (client.Proxy{Kind: client.ProxyHTTP, Addr: "p:3128", User: "pu", Password: "third"}); got.Proxy != want ||
		!slices.Equal(got.AfterLogin, opt.AfterLogin) || got.TimeOffset != time.Hour {
		t.Errorf("options = %+v", got)
	}
	if got.User != "anna" || got.Security != client.SecurityRequire || got.Mode != client.Active ||
		got.Charset != "koi8-r" || got.Pin != "ff" || got.Password != "other" {
		t.Errorf("options = %+v", got)
	}
	if addr := back.URL().Addr(); addr != "example.org:2121" {
		t.Errorf("address = %s", addr)
	}
}

func TestName(t *testing.T) {
	for key, want := range map[string]string{
		"ftp://anna@example.org?security=auto":      "anna@example.org",
		"ftp://anna@example.org:21?security=auto":   "anna@example.org",
		"ftp://anna@example.org:2121?security=auto": "anna@example.org:2121",
		"ftps://example.org:990?security=implicit":  "example.org",
		"ftps://example.org:21?security=implicit":   "example.org:21",
		"ftp://anonymous@[::1]:21?security=auto":    "::1",
	} {
		s, err := sitekey.Parse(key)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Name(); got != want {
			t.Errorf("name of %s = %q, want %q", key, got, want)
		}
	}
}

// What is usual gives the same key whether or not it was written.
func TestUsual(t *testing.T) {
	for _, c := range []struct {
		u    client.URL
		opt  client.Options
		want string
	}{
		{client.URL{Host: "h", Port: 21}, client.Options{User: "Anonymous"}, "ftp://h?security=auto"},
		{client.URL{Host: "h", Port: 990}, client.Options{Security: client.SecurityImplicit}, "ftps://h?security=implicit"},
		{client.URL{Host: "h", Port: 990}, client.Options{User: "ftp"}, "ftp://ftp@h:990?security=auto"},
		{client.URL{Host: "::1", Port: 21}, client.Options{}, "ftp://[::1]?security=auto"},
	} {
		if got := sitekey.Of(c.u, c.opt, "").Encode(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.u, got, c.want)
		}
	}
}
