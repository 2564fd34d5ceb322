package client_test

import (
	"errors"
	"strings"
	"testing"

	"portside/client"
)

func TestParseURL(t *testing.T) {
	cases := []struct {
		in   string
		want client.URL
		addr string
		out  string
	}{
		{"ftp://h", client.URL{Host: "h"}, "h:21", "ftp://h/"},
		{"h", client.URL{Host: "h"}, "h:21", "ftp://h/"},
		{"h:2121/a b", client.URL{Host: "h", Port: 2121, Path: "a b"}, "h:2121", "ftp://h:2121/a%20b"},
		{"ftps://joe@h/", client.URL{Security: client.SecurityImplicit, Host: "h", User: "joe"}, "h:990", "ftps://joe@h/"},
		{"ftpes://joe:p%40ss@[2001:db8::1]:2121/%E6%B1%89", client.URL{Security: client.SecurityRequire, Host: "2001:db8::1", Port: 2121, User: "joe", Password: "p@ss", HasPassword: true, Path: "汉"}, "[2001:db8::1]:2121", "ftpes://joe@[2001:db8::1]:2121/%E6%B1%89"},
		{"ftp://h//abs/x", client.URL{Host: "h", Path: "/abs/x"}, "h:21", "ftp://h//abs/x"},
		{"ftp://h/%2Fabs", client.URL{Host: "h", Path: "/abs"}, "h:21", "ftp://h//abs"},
		{"ftp://h/caf%E9", client.URL{Host: "h", Path: "caf\xe9"}, "h:21", "ftp://h/caf%E9"},
		{"ftp://a@b@h/", client.URL{Host: "h", User: "a@b"}, "h:21", "ftp://a@b@h/"},
		{"2001:db8::1", client.URL{Host: "2001:db8::1"}, "[2001:db8::1]:21", "ftp://[2001:db8::1]/"},
		{"ftp://joe:@h/", client.URL{Host: "h", User: "joe", HasPassword: true}, "h:21", "ftp://joe@h/"},
	}
	for _, c := range cases {
		got, err := client.ParseURL(c.in)
		if err != nil || got != c.want {
			t.Errorf("ParseURL(%q) = %+v, %v, want %+v", c.in, got, err, c.want)
			continue
		}
		if got.Addr() != c.addr {
			t.Errorf("%q: Addr %s, want %s", c.in, got.Addr(), c.addr)
		}
		if s := got.String(); s != c.out && !strings.HasPrefix(c.in, "ftp://a@b") {
			t.Errorf("%q: String %s, want %s", c.in, s, c.out)
		}
	}
	for _, bad := range []string{"", "ftp://", "http://h/", "ftp://h:0/", "ftp://h:99999/", "ftp://[::1/", "ftp://h/%zz", "ftp://h/a%0d%0aDELE", "ftp://u:s3cret%@h/", "ftp://a b/", "ftp://1:2:3/"} {
		got, err := client.ParseURL(bad)
		if err == nil {
			t.Errorf("ParseURL(%q) = %+v", bad, got)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain 汉字 😀 é":     "plain 汉字 😀 é",
		"👨\u200d👩\u200d👧":  "👨\u200d👩\u200d👧",
		"a\x1b[31mred":     `a\x1b[31mred`,
		"rtl\u202egnp.exe": `rtl\u202egnp.exe`,
		"bad\xff":          `bad\xff`,
		"nul\x00tab\tnl\n": `nul\x00tab\x09nl\x0a`,
		"csi\u009b1m":      `csi\u009b1m`,
		"tag\U000e0041":    `tag\U000e0041`,
		"line\u2028sep":    `line\u2028sep`,
		"zero\u200bwidth":  `zero\u200bwidth`,
	} {
		if got := client.Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 lines", 1: "1 line", 2: "2 lines"} {
		if got := client.Counted(n, "line", "lines"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestDecodeText(t *testing.T) {
	for _, c := range []struct{ charset, raw, want string }{
		{"", "汉字", "汉字"},
		{"", "caf\xe9", "café"},
		{"latin1", "caf\xe9", "café"},
		{"koi8-r", "\xf0\xd2\xc9", "При"},
		{"shift_jis", "\x95\x5c", "表"},
		{"utf-8", "\x81", "\u0081"},
	} {
		got, err := client.DecodeText(c.charset, c.raw)
		if err != nil || got != c.want {
			t.Errorf("DecodeText(%q, %q) = %q, %v", c.charset, c.raw, got, err)
		}
	}
	if _, err := client.DecodeText("klingon", "x"); err == nil {
		t.Error("an unknown character set is taken")
	}
}

func TestCleanName(t *testing.T) {
	for _, bad := range []string{"", ".", "..", "a/b", "/etc", "a\x00"} {
		if err := client.CleanName(bad); !errors.Is(err, client.ErrBadName) {
			t.Errorf("CleanName(%q) = %v", bad, err)
		}
	}
	for _, good := range []string{"a", "...", " ", "a\\b", "汉", "\xff"} {
		if err := client.CleanName(good); err != nil {
			t.Errorf("CleanName(%q) = %v", good, err)
		}
	}
}
