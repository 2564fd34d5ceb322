package ui

import (
	"strings"
	"testing"

	"portside/client"
)

func TestSpreadMovesEveryPartToItsField(t *testing.T) {
	for _, c := range []struct {
		name string
		in   fields
		want fields
	}{
		{"bare host", fields{Address: " ftp.example.org "}, fields{Address: "ftp.example.org"}},
		{
			"whole URL",
			fields{Address: "ftp://bob:s3cret@ftp.example.org:2121/pub", User: "eve", Password: "old", Port: "21"},
			fields{Address: "ftp.example.org/pub", User: "bob", Password: "s3cret", Port: "2121"},
		},
		{
			"implicit TLS",
			fields{Address: "ftps://ftp.example.org"},
			fields{Address: "ftp.example.org", Security: client.SecurityImplicit},
		},
		{
			"the choice of security stays when the address has none",
			fields{Address: "ftp.example.org", Security: client.SecurityRequire},
			fields{Address: "ftp.example.org", Security: client.SecurityRequire},
		},
		{
			"another user, so another password",
			fields{Address: "ftp://bob@ftp.example.org", User: "eve", Password: "eves"},
			fields{Address: "ftp.example.org", User: "bob"},
		},
		{
			"the fields stay when the address says nothing",
			fields{Address: "ftp.example.org", User: "eve", Password: "eves", Port: "2121"},
			fields{Address: "ftp.example.org", User: "eve", Password: "eves", Port: "2121"},
		},
	} {
		got, err := c.in.spread()
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

// homeIn is a session whose login ended in a folder.
type homeIn string

func (h homeIn) Info() client.Info                  { return client.Info{Home: string(h)} }
func (h homeIn) Encode(text string) (string, error) { return text, nil }

func TestTargetOfFields(t *testing.T) {
	got, err := fields{Address: "ftpes://bob:s3cret@ftp.example.org/pub", Port: "2121"}.target()
	if err != nil {
		t.Fatal(err)
	}
	if got.addr() != "ftp.example.org:2121" || got.URL.User != "bob" || got.Password != "s3cret" ||
		got.Security != client.SecurityRequire || got.URL.Path != "pub" {
		t.Errorf("target %+v", got)
	}
	if got.URL.HasPassword || strings.Contains(got.URL.String()+got.name(), "s3cret") {
		t.Errorf("the password can be seen in %q or %q", got.URL.String(), got.name())
	}
	if got.name() != "bob@ftp.example.org:2121" {
		t.Errorf("name %q", got.name())
	}
	if at := got.start(homeIn("/home/bob")); at != "/home/bob/pub" {
		t.Errorf("begins in %q, want the folder below the login's", at)
	}
	opt, err := got.options(client.Options{Charset: "latin1"})
	if err != nil || opt.User != "bob" || opt.Password != "s3cret" || opt.Security != client.SecurityRequire || opt.Charset != "latin1" {
		t.Errorf("options %+v", opt)
	}
	for _, bad := range []fields{{}, {Address: "  "}, {Address: "host", Port: "0"}, {Address: "host", Port: "70000"}, {Address: "host", Port: "ftp"}} {
		if _, err := bad.target(); err == nil {
			t.Errorf("%+v was taken for a target", bad)
		}
	}
}

func TestNeedsPassword(t *testing.T) {
	for _, c := range []struct {
		user, password string
		want           bool
	}{
		{"", "", false},
		{"anonymous", "", false},
		{"ftp", "", false},
		{"bob", "", true},
		{"bob", "x", false},
	} {
		to := target{URL: client.URL{Host: "h", User: c.user}, Password: c.password}
		if got := to.needsPassword(); got != c.want {
			t.Errorf("user %q, password %q: %v, want %v", c.user, c.password, got, c.want)
		}
	}
}
