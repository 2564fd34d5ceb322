//go:build !windows

package proxydial

import "testing"

func TestParseScutil(t *testing.T) {
	const text = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  ExcludeSimpleHostnames : 1
  FTPPassive : 1
  HTTPEnable : 0
  HTTPSEnable : 1
  HTTPSPort : 3128
  HTTPSProxy : proxy.example.org
  SOCKSEnable : 0
  SOCKSPort : 1080
  SOCKSProxy : socks.example.org
}
`
	want := Settings{HTTPS: "proxy.example.org:3128", NoProxy: "*.local,169.254/16,<local>"}
	if got := parseScutil(text); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := parseScutil("<dictionary> {\n}\n"); got != (Settings{}) {
		t.Errorf("nothing set: %+v", got)
	}
}

func TestParseGSettings(t *testing.T) {
	const text = `org.gnome.system.proxy autoconfig-url ''
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1']
org.gnome.system.proxy mode 'manual'
org.gnome.system.proxy.https host 'proxy.example.org'
org.gnome.system.proxy.https port 3128
org.gnome.system.proxy.socks host ''
org.gnome.system.proxy.socks port 1080
`
	want := Settings{HTTPS: "proxy.example.org:3128", NoProxy: "localhost,127.0.0.0/8,::1"}
	if got := parseGSettings(text); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, off := range []string{"", "org.gnome.system.proxy mode 'none'\norg.gnome.system.proxy.socks host 'x'\norg.gnome.system.proxy.socks port 1\n"} {
		if got := parseGSettings(off); got != (Settings{}) {
			t.Errorf("%q: %+v", off, got)
		}
	}
}
