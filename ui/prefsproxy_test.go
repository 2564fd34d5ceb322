package ui

import (
	"testing"

	"portside/client"
	"portside/ui/state"
)

// The password of the proxy is for the proxy that it was typed for.
func TestTheProxysPasswordGoesToNoOtherOne(t *testing.T) {
	b := openSettings(t, state.PrefConnection)
	b.choose("proxy", "HTTP CONNECT")
	b.enter("proxy_address", "proxy.example.org:3128")
	b.enter("proxy_user", "ann")
	b.w.changePrefs(func(p *state.Prefs) { p.ProxyPasswordFor = p.ProxyWhom() })
	b.w.secrets.Remember(proxyKey(), "s3cret")
	used := func() string {
		var opt client.Options
		b.w.usualOptions(t.Context(), &opt)
		return opt.Proxy.Password
	}
	if got := used(); got != "s3cret" {
		t.Errorf("its own proxy is told %q", got)
	}
	b.enter("proxy_address", "other.example.org:3128")
	if got := used(); got != "" {
		t.Errorf("another proxy is told %q", got)
	}
	b.enter("proxy_address", "proxy.example.org:3128")
	if got := used(); got != "s3cret" {
		t.Errorf("back again it is told %q", got)
	}
}
