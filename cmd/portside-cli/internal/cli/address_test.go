package cli

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

func TestRemotePath(t *testing.T) {
	for _, tt := range []struct{ home, path, want string }{
		{"/", "", "/"},
		{"/", "pub", "/pub"},
		{"/", "pub/", "/pub"},
		{"/", "/pub", "/pub"},
		{"/", "/", "/"},
		{"/", "//", "/"},
		{"/home/mara", "", "/home/mara"},
		{"/home/mara", "a/b/", "/home/mara/a/b"},
		{"/home/mara/", "a", "/home/mara/a"},
		{"/home/mara", "/etc", "/etc"},
		{"/home/mara", "//etc//", "/etc"},
		{"/", "a//b", "/a//b"},
		{"/", " a ", "/ a "},
		{"", "a", "a"},
		{"DISK:[MARA]", "a.txt;1", "a.txt;1"},
		{"/", "caf\xe9", "/caf\xe9"},
	} {
		if got := remotePath(tt.home, tt.path); got != tt.want {
			t.Errorf("remotePath(%q, %q) = %q, want %q", tt.home, tt.path, got, tt.want)
		}
	}
}

func TestEncodePath(t *testing.T) {
	latin1 := func(s string) (string, error) { return charmap.ISO8859_1.NewEncoder().String(s) }
	for _, tt := range []struct{ in, want string }{
		{"ftp://h/plain", "ftp://h/plain"},
		{"ftp://h/café.txt", "ftp://h/caf%E9.txt"},
		{"ftp://h/é%E9é", "ftp://h/%E9%E9%E9"},
		{"ftp://jürgen@h/é", "ftp://jürgen@h/%E9"},
		{"h/é", "h/%E9"},
		{"ftp://hé", "ftp://hé"},
	} {
		got, err := encodePath(tt.in, latin1)
		if err != nil || got != tt.want {
			t.Errorf("encodePath(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	if got, err := encodePath("ftp://h/中", latin1); err == nil {
		t.Errorf("a letter that Latin-1 has not became %q", got)
	}
}

func TestIsAddress(t *testing.T) {
	for _, s := range []string{"ftp://h", "FTPS://h/x", "ftpes://h"} {
		if !isAddress(s) {
			t.Errorf("isAddress(%q) = false", s)
		}
	}
	for _, s := range []string{"", "h/x", "http://h", "./ftp:/x", "C:\\x"} {
		if isAddress(s) {
			t.Errorf("isAddress(%q) = true", s)
		}
	}
}

// A password must not show in an error about its own address.
func TestAddressErrorsHoldNoPassword(t *testing.T) {
	for _, s := range []string{
		"ftp://mara:hunter2%zz@host/",
		"ftp://mara:hunter2/x@host/",
		"ftp://mara:hunter2@host:port/",
		"ftp://mara:hunter2@:21/",
		"ftp://mara:hunter2@[::1/",
		"http://mara:hunter2@host/",
		"mara:hunter2@host:99999",
		"ftp://mara:hunter2@ho st/",
	} {
		p := &program{}
		_, err := p.parseAddress(s)
		if err == nil {
			t.Errorf("%q was taken", s)
			continue
		}
		pr, _ := explain(err)
		if strings.Contains(p.mask(pr.Message+pr.Hint), "hunter2") {
			t.Errorf("%q: %s", s, pr.Message)
		}
	}
}

func TestMask(t *testing.T) {
	p := &program{secrets: []string{"s3cr et", "ab"}}
	for in, want := range map[string]string{
		"said s3cr et twice: s3cr et":    "said **** twice: ****",
		"in an address s3cr%20et":        "in an address ****",
		"ftp://u:other@h/x":              "ftp://u:****@h/x",
		"FTPES://u:o@p@h/x ":             "FTPES://u:****@h/x ",
		"about nothing":                  "about nothing",
		"ftp://h:21/a@b":                 "ftp://h:21/a@b",
		"see ftp://u@h/ and ftps://v:w@": "see ftp://u@h/ and ftps://v:****@",
	} {
		if got := p.mask(in); got != want {
			t.Errorf("mask(%q) = %q, want %q", in, got, want)
		}
	}
}
