package diagnose

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"portside/client"
)

// byProxy sends the scene through a proxy that looks the server's name up itself.
func (s *scene) byProxy(kind string) *scene {
	s.Proxy = &ProxyFacts{Kind: kind, Addr: "proxy.example.net:1080"}
	if s.Proxy.tunnels() {
		s.Local = Local{Addr: ipAddr(homeIP), Class: "private"}
		s.Server.Remote, s.Server.Addresses, s.Server.ConnectRTT = netip.AddrPort{}, nil, 0
		s.Control = []Control{{Target: "ftp.example.org:21", What: WhatFTP, Class: ClassOpen, Took: millis(60), Said: "220 (vsFTPd 3.0.5)"}}
	}
	return s
}

// proxyStops ends the scene at a step of the proxy, before there is a session.
func (s *scene) proxyStops(step, why string) *scene {
	s.Proxy.Step, s.Proxy.Err = step, why
	for i := range s.Control {
		s.Control[i].Class, s.Control[i].Said, s.Control[i].Proxy = ClassProxy, "", why
	}
	s.Server.Banner, s.Server.Software, s.Error, s.ErrKind = "", "", "connect ftp.example.org:21: "+why, client.KindProxy.String()
	s.Limits, s.Ports = Limits{}, PortFinding{}
	return s
}

// tunnelled appends passive attempts through the proxy, one each by EPSV and PASV; step is
// where it failed, "" that it did not.
func (s *scene) tunnelled(port uint16, step, why string) *scene {
	for i, m := range []string{"EPSV", "PASV"} {
		p := port + uint16(i)
		a := Attempt{Method: m, Result: Works, Target: fmt.Sprintf("ftp.example.org:%d", p), Connect: millis(60)}
		if step != "" {
			a.Result, a.How, a.Step, a.ProxyStep, a.Err = Fails, HowProxy, client.StepDial, step, why
		}
		s.add(a)
	}
	return s
}

// proxyScenes are about proxies that the user has chosen.
func proxyScenes() []sceneCase {
	const refused = "the SOCKS5 proxy proxy.example.net:1080 could not connect to the server: connection refused, as seen from the proxy"
	stops := func(kind, step, why string) func() *scene {
		return func() *scene { return newScene().byProxy(kind).proxyStops(step, why) }
	}
	return []sceneCase{
		{"proxy: all well", func() *scene { return newScene().byProxy("socks5").tunnelled(50001, "", "") }, "PROXY_IN_USE/note PASV_OK/ok", "passive", 0},
		{"proxy: the site asks for active mode", func() *scene { return newScene().byProxy("http").mode("port").tunnelled(50001, "", "") }, "PROXY_IN_USE/failure PASV_OK/ok", "passive", 4},
		{"proxy: files denied", func() *scene { return newScene().byProxy("http").tunnelled(50001, client.ProxyDenied, "403 Forbidden") }, "PROXY_DATA_DENIED/failure PROXY_IN_USE/note", "", 3},
		{"proxy: files denied at some ports", func() *scene {
			return newScene().byProxy("http").tunnelled(50001, "", "").tunnelled(50011, client.ProxyDenied, "403 Forbidden")
		}, "PROXY_DATA_DENIED/warning PROXY_IN_USE/note PASV_OK/ok", "passive", 4},
		{"proxy: files refused beyond it", func() *scene { return newScene().byProxy("socks5").tunnelled(50001, client.ProxyServer, refused) }, "PROXY_DATA_FAILED/failure PROXY_IN_USE/note", "", 3},
		{"proxy: files lost beyond it", func() *scene {
			return newScene().byProxy("socks5").tunnelled(50001, client.ProxyTalk, "no answer within 6s")
		}, "PROXY_DATA_FAILED/failure PROXY_IN_USE/note", "", 3},
		{"proxy: not reached", stops("socks5", client.ProxyReach, "connection refused"), "PROXY_UNREACHABLE/failure", "", 2},
		{"proxy: setting of the system is of no use", stops("system", client.ProxyReach, "it names no proxy"), "PROXY_UNREACHABLE/failure", "", 2},
		{"proxy: does not speak", stops("http", client.ProxyTalk, "its reply is not HTTP"), "PROXY_ODD/failure", "", 2},
		{"proxy: is silent", func() *scene {
			s := stops("socks5", client.ProxyTalk, "no answer within 8s")()
			s.Proxy.Late = true
			return s
		}, "PROXY_ODD/failure", "", 2},
		{"proxy: login", stops("http", client.ProxyLogin, "407 Login"), "PROXY_LOGIN/failure", "", 2},
		{"proxy: denies the server", stops("http", client.ProxyDenied, "403 Forbidden"), "PROXY_DENIED/failure", "", 2},
		{"proxy: does not get to the server", stops("socks5", client.ProxyServer, refused), "PROXY_NO_SERVER/failure", "", 2},
		{"FTP proxy: all well", func() *scene {
			return newScene().byProxy("ftp").passive(Works, "", 50001, millis(30)).active(Works, "")
		}, "PROXY_IN_USE/note PASV_OK/ok ACTIVE_OK/ok", "passive", 0},
		{"FTP proxy: not reached", stops("ftp", client.ProxyReach, "connection refused"), "PROXY_UNREACHABLE/failure", "", 2},
	}
}

// Who has to act on a proxy, and with what letter.
func TestWhoMustActOnAProxy(t *testing.T) {
	want := map[string]struct{ actor, admin, provider string }{
		"proxy: files denied":               {ActNetwork, "acl SSL_ports port 21 50001-50002 (and the same for Safe_ports where that is asked for)\n\nTest: portside-cli diagnose --only control,passive --proxy http://proxy.example.net:1080 ftp://ftp.example.org/", ""},
		"proxy: files refused beyond it":    {ActProvider, "TCP port 21", "pasv_min_port="},
		"proxy: files lost beyond it":       {ActYou, "to its passive ports 50001-50002", "pasv_min_port="},
		"proxy: not reached":                {ActYou, "Please say at which address", ""},
		"proxy: login":                      {ActYou, "", ""},
		"proxy: denies the server":          {ActNetwork, "acl SSL_ports port 21 1024-65535", ""},
		"proxy: does not get to the server": {ActYou, "TCP port 21", "cannot be reached from the proxy"},
	}
	for _, c := range proxyScenes() {
		who, ok := want[c.name]
		if !ok {
			continue
		}
		delete(want, c.name)
		s := c.make()
		Judge(&s.Report)
		v := s.Verdicts[0]
		if v.Actor != who.actor || !strings.Contains(v.ForAdmin, who.admin) || !strings.Contains(v.ForProvider, who.provider) || (who.provider == "") != (v.ForProvider == "") || (who.admin == "") != (v.ForAdmin == "") {
			t.Errorf("%s: %s must act\nadmin: %s\nprovider: %s", c.name, v.Actor, v.ForAdmin, v.ForProvider)
		}
		if letters := v.ForAdmin + v.ForProvider; letters != "" && (!strings.Contains(letters, "ftp.example.org") || !strings.Contains(letters, "2026-03-14")) {
			t.Errorf("%s: %s", c.name, letters)
		}
	}
	for name := range want {
		t.Errorf("no scene %q", name)
	}
}

// In the picture a proxy stands where this network's firewall does.
func TestProxyInThePicture(t *testing.T) {
	for name, want := range map[string]struct {
		line int
		at   float64
		text string
	}{
		"proxy: denies the server":          {0, AtNear, "the proxy says no"},
		"proxy: not reached":                {0, AtNear, "the proxy cannot be reached"},
		"proxy: does not get to the server": {0, (AtNear + AtFar) / 2, "the proxy gets nowhere"},
		"proxy: files denied":               {1, AtNear, "the proxy did not make it"},
	} {
		for _, c := range proxyScenes() {
			if c.name != name {
				continue
			}
			s := c.make()
			for i := range s.Methods {
				s.Methods[i].Stop = HopNear // as an attempt has it that was denied
			}
			if l := PathLines(&s.Report)[want.line]; l.To != want.at || l.Text != want.text || l.Result != Fails {
				t.Errorf("%s: %+v", name, l)
			}
		}
	}
}

// The proxy's name is taken out, and what is a word of this package stays.
func TestRedactProxy(t *testing.T) {
	s := newScene().byProxy("socks5").tunnelled(50001, client.ProxyDenied, "the SOCKS5 proxy proxy.example.net:1080 does not permit the connection")
	Judge(&s.Report)
	r := Redact(&s.Report, "denied", "socks5")
	var b strings.Builder
	if err := WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "example") || r.Proxy.Addr != "proxy:1080" || r.Proxy.Kind != "socks5" || r.Methods[0].ProxyStep != client.ProxyDenied || r.Methods[0].Target != "server:50001" {
		t.Errorf("%+v %+v\n%s", r.Proxy, r.Methods[0], b.String())
	}
}
