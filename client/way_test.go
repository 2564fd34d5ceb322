package client_test

import (
	"fmt"
	"strings"
	"testing"

	"portside/client"
)

func TestFindWay(t *testing.T) {
	t.Setenv("ALL_PROXY", "socks5://gate:gate-secret@proxy.test")
	t.Setenv("NO_PROXY", "inner.test")
	for name, c := range map[string]struct {
		addr string
		opt  client.Options
		want client.Way // but for its Dialer
		text string
	}{
		"straight":         {"ftp.test", client.Options{}, client.Way{First: "ftp.test:21"}, "straight"},
		"straight, TLS":    {"ftp.test", client.Options{Security: client.SecurityImplicit}, client.Way{First: "ftp.test:990"}, "straight"},
		"HTTP":             {"ftp.test:2121", client.Options{Proxy: client.Proxy{Kind: client.ProxyHTTP, Addr: "proxy.test"}}, client.Way{Kind: client.ProxyHTTP, Proxy: "proxy.test:3128", Tunnel: "ftp.test", First: "ftp.test:2121"}, "an HTTP proxy at proxy.test:3128"},
		"active mode":      {"ftp.test", client.Options{Mode: client.Active, Proxy: client.Proxy{Kind: client.ProxySOCKS5, Addr: "proxy.test"}}, client.Way{Kind: client.ProxySOCKS5, Proxy: "proxy.test:1080", Tunnel: "ftp.test", First: "ftp.test:21"}, "a SOCKS5 proxy at proxy.test:1080"},
		"FTP":              {"ftp.test", client.Options{Proxy: client.Proxy{Kind: client.ProxyFTP, Addr: "proxy.test"}}, client.Way{Kind: client.ProxyFTP, Proxy: "proxy.test:21", First: "proxy.test:21"}, "an FTP proxy at proxy.test:21"},
		"system":           {"ftp.test", client.Options{Proxy: client.Proxy{Kind: client.ProxySystem}}, client.Way{Kind: client.ProxySOCKS5, Proxy: "proxy.test:1080", From: "ALL_PROXY", Tunnel: "ftp.test", First: "ftp.test:21"}, "a SOCKS5 proxy at proxy.test:1080"},
		"system, straight": {"a.inner.test", client.Options{Proxy: client.Proxy{Kind: client.ProxySystem}}, client.Way{First: "a.inner.test:21"}, "straight"},
	} {
		got, err := client.FindWay(t.Context(), c.addr, c.opt)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Kind != c.want.Kind || got.Proxy != c.want.Proxy || got.From != c.want.From || got.Tunnel != c.want.Tunnel || got.First != c.want.First || got.Dialer == nil || got.String() != c.text {
			t.Errorf("%s: %+v, want %+v, %q", name, got, c.want, c.text)
		}
		if secrets := strings.Join(got.Secrets(), " "); (secrets == "gate-secret") != (name == "system") {
			t.Errorf("%s: secrets %q", name, secrets)
		}
		if all := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(all, "secret") {
			t.Errorf("%s: %s", name, all)
		}
	}
	if _, err := client.FindWay(t.Context(), "", client.Options{}); err == nil {
		t.Error("no address is taken")
	}
}
