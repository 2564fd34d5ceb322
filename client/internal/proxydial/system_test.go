package proxydial

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestSystem(t *testing.T) {
	desk := Settings{HTTPS: "desk.test:3128", NoProxy: "*.inner.test, <local>,10.0.0.0/8"}
	socks := Settings{SOCKS: "desk.test:1080", HTTPS: "other.test"}
	for name, c := range map[string]struct {
		env  map[string]string
		desk Settings
		host string
		want Proxy
		from string
	}{
		"nothing set":        {host: "ftp.test"},
		"ALL_PROXY":          {env: map[string]string{"ALL_PROXY": "socks5://u:p%40w@proxy.test", "HTTPS_PROXY": "other"}, desk: desk, host: "ftp.test", want: Proxy{Kind: SOCKS5, Addr: "proxy.test:1080", User: "u", Password: "p@w"}, from: "ALL_PROXY"},
		"small letters":      {env: map[string]string{"all_proxy": "socks5h://proxy.test:99"}, host: "ftp.test", want: Proxy{Kind: SOCKS5, Addr: "proxy.test:99"}, from: "all_proxy"},
		"HTTPS_PROXY":        {env: map[string]string{"HTTPS_PROXY": "proxy.test:8080"}, host: "ftp.test", want: Proxy{Kind: HTTP, Addr: "proxy.test:8080"}, from: "HTTPS_PROXY"},
		"over TLS":           {env: map[string]string{"https_proxy": "https://proxy.test/"}, host: "ftp.test", want: Proxy{Kind: HTTP, Addr: "proxy.test:443", TLS: true}, from: "https_proxy"},
		"NO_PROXY":           {env: map[string]string{"ALL_PROXY": "proxy.test", "NO_PROXY": "x.test,.ftp.test"}, desk: desk, host: "a.ftp.test", from: "NO_PROXY"},
		"NO_PROXY by port":   {env: map[string]string{"ALL_PROXY": "proxy.test", "no_proxy": "ftp.test:22"}, host: "ftp.test", want: Proxy{Kind: HTTP, Addr: "proxy.test:80"}, from: "ALL_PROXY"},
		"this computer":      {env: map[string]string{"ALL_PROXY": "proxy.test"}, host: "127.0.0.9", from: "NO_PROXY"},
		"this computer, v6":  {desk: desk, host: "::1"},
		"by its name":        {desk: desk, host: "localhost"},
		"the desktop":        {desk: desk, host: "ftp.test", want: Proxy{Kind: HTTP, Addr: "desk.test:3128"}, from: "the desktop"},
		"the desktop, SOCKS": {desk: socks, host: "ftp.test", want: Proxy{Kind: SOCKS5, Addr: "desk.test:1080"}, from: "the desktop"},
		"its exceptions":     {desk: desk, host: "a.inner.test"},
		"a name without dot": {desk: desk, host: "nas"},
		"an address range":   {desk: desk, host: "10.1.2.3"},
		"no address range":   {desk: desk, host: "fe80::1", want: Proxy{Kind: HTTP, Addr: "desk.test:3128"}, from: "the desktop"},
	} {
		got, from, err := System(t.Context(), func(k string) string { return c.env[k] }, func(context.Context) (Settings, error) { return c.desk, nil }, c.host, "21")
		if err != nil || got != c.want || from != c.from {
			t.Errorf("%s: %+v from %q, %v, want %+v from %q", name, got, from, err, c.want, c.from)
		}
	}
}

// A setting that cannot be read is told, and not passed by; what it holds is not told.
func TestSystemUnreadable(t *testing.T) {
	none := func(context.Context) (Settings, error) { return Settings{}, nil }
	for _, text := range []string{"ftp://secret@proxy.test", "http://", "http://user:secret@[::1", "socks4://secret@proxy.test", "http://pro xy.test/secret", "http://secret%zz@proxy.test", "http://secret@:8080"} {
		_, _, err := System(t.Context(), func(k string) string { return map[string]string{"ALL_PROXY": text}[k] }, none, "ftp.test", "21")
		pe, ok := errors.AsType[*Error](err)
		if !ok || pe.Kind != "system" || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "ALL_PROXY") {
			t.Errorf("%q: %v", text, err)
		}
	}
	broken := errors.New("no desktop")
	_, _, err := System(t.Context(), func(string) string { return "" }, func(context.Context) (Settings, error) { return Settings{}, broken }, "ftp.test", "21")
	if !errors.Is(err, broken) {
		t.Errorf("the desktop's error is %v", err)
	}
}
