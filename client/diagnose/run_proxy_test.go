package diagnose_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/client/diagnose"
	"portside/client/ftptest"
)

// behind is a host name that the proxies of the tests know, and nobody else.
const behind = "ftp.behind.test"

// gateSecret is the password for a proxy.
const gateSecret = "gate-secret"

// named is srv's address under behind.
func named(t *testing.T, srv *ftptest.Server) string {
	t.Helper()
	_, port, err := net.SplitHostPort(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort(behind, port)
}

// An onlyDialer connects to the proxy and notes what else was asked of it.
type onlyDialer struct {
	proxy string

	mu   sync.Mutex // guards past
	past []string
}

func (d *onlyDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr != d.proxy {
		d.mu.Lock()
		d.past = append(d.past, addr)
		d.mu.Unlock()
		return nil, errNowhere
	}
	var nd net.Dialer
	return nd.DialContext(ctx, network, addr)
}

// newProxy starts a proxy of a kind that knows behind.
func newProxy(t *testing.T, kind client.ProxyKind, opts ...ftptest.ProxyOption) *ftptest.ProxyServer {
	t.Helper()
	opts = append(opts, ftptest.ProxyName(behind, "127.0.0.1"))
	if kind == client.ProxySOCKS5 {
		return ftptest.NewSOCKS5(t, opts...)
	}
	return ftptest.NewHTTPProxy(t, opts...)
}

// through diagnoses addr through a proxy, checks that nothing goes past it, and judges.
func through(t *testing.T, addr, proxy string, kind client.ProxyKind, o client.Options, opt diagnose.Options) *diagnose.Report {
	t.Helper()
	d := &onlyDialer{proxy: proxy}
	o.Dialer, o.Proxy.Kind, o.Proxy.Addr = d, kind, proxy
	rep, err := diagnose.Run(t.Context(), diagnose.Target{Addr: addr, Options: o}, opt)
	if err != nil {
		t.Fatal(err)
	}
	checkForm(t, rep, opt)
	if len(d.past) > 0 {
		t.Errorf("went past the proxy: %q", d.past)
	}
	if rep.Proxy == nil || rep.Proxy.Kind != kind.String() || rep.Proxy.Addr != proxy {
		t.Fatalf("proxy: %+v", rep.Proxy)
	}
	diagnose.Judge(rep)
	return rep
}

// codes are the verdicts in order, such as "PASV_OK/ok".
func codes(rep *diagnose.Report) string {
	out := make([]string, 0, len(rep.Verdicts))
	for _, v := range rep.Verdicts {
		out = append(out, v.Code+"/"+v.Severity.String())
	}
	return strings.Join(out, " ")
}

// bothKinds runs a test with SOCKS5 and with HTTP.
func bothKinds(t *testing.T, test func(*testing.T, client.ProxyKind)) {
	t.Helper()
	for _, kind := range []client.ProxyKind{client.ProxySOCKS5, client.ProxyHTTP} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// All is well through a proxy, with the server given as an address and as a name that only
// the proxy can look up: everything goes through it, and what cannot is left out, with the
// reason.
func TestThroughAProxy(t *testing.T) {
	t.Parallel()
	bothKinds(t, func(t *testing.T, kind client.ProxyKind) {
		for _, byName := range []bool{false, true} {
			srv := ftptest.NewServer(t, append(files(), ftptest.RequireSessionReuse())...)
			proxy := newProxy(t, kind, ftptest.ProxyLogin("gate", gateSecret))
			o := secure(srv)
			o.Proxy.User, o.Proxy.Password = "gate", gateSecret
			addr := srv.Addr
			if byName {
				addr, o.ServerName = named(t, srv), "127.0.0.1"
			}
			var rep *diagnose.Report
			unspoilt(t, func() (wrong []string) {
				rep = through(t, addr, proxy.Addr, kind, o, diagnose.Options{MapPort: func(context.Context, netip.AddrPort) (diagnose.Mapping, error) {
					t.Error("a port mapping was asked for")
					return diagnose.Mapping{}, errNowhere
				}})
				if got := codes(rep); got != "TLS_REUSE_REQUIRED/note PROXY_IN_USE/note PASV_OK/ok" || rep.ExitCode() != diagnose.ExitWell || rep.Recommended != "passive" {
					wrong = append(wrong, fmt.Sprintf("by name %v: %s, exit %d, recommended %q, error %q: %+v", byName, got, rep.ExitCode(), rep.Recommended, rep.Error, rep.Methods))
					t.Log(wrong)
				}
				return wrong
			})
			checkLeftOut(t, rep, srv)
			for _, m := range []string{"EPSV", "PASV"} {
				if list := attempts(rep, m); len(list) == 0 || list[0].Result != diagnose.Works {
					t.Errorf("%s: %+v", m, list)
				}
			}
			if len(rep.Coverage) != 12 || len(rep.Ports.Samples) < 12 || rep.TLS == nil || rep.TLS.Worked != 6 || len(rep.Sizes) != 2 {
				t.Errorf("%d covered, %d samples, TLS %+v, sizes %+v", len(rep.Coverage), len(rep.Ports.Samples), rep.TLS, rep.Sizes)
			}
			if byName && (rep.Server.Remote.IsValid() || len(rep.Server.Addresses) > 0) {
				t.Errorf("addresses that nobody can know: %+v", rep.Server)
			}
			checkNoSecret(t, rep, proxy.Addr)
		}
	})
}

// checkLeftOut checks that what goes past a proxy was not run, and why.
func checkLeftOut(t *testing.T, rep *diagnose.Report, srv *ftptest.Server) {
	t.Helper()
	for id, why := range map[string]string{
		"self": "active mode cannot work", "eprt": "active mode cannot work", "port": "active mode cannot work", "mapped": "active mode cannot work",
		"outside": "meets the firewall", "trace": "meets the firewall", "relatives": "made past it", "family-passive": "made past it", "family-active": "made past it",
	} {
		if p := probe(t, rep, id); p.State != diagnose.StateSkipped || !strings.Contains(p.Detail, why) || !strings.Contains(p.Detail, rep.Proxy.Addr) {
			t.Errorf("%s: %s, %q", id, p.State, p.Detail)
		}
	}
	if l := rep.Local; l.External.IsValid() || l.NAT != diagnose.Unknown || l.SelfReach != diagnose.Unknown {
		t.Errorf("what the server sees is the proxy: %+v", l)
	}
	if srv.Count("PORT")+srv.Count("EPRT") > 0 {
		t.Error("active mode was tried")
	}
	if len(rep.Control) != 1 {
		t.Errorf("other ports were tried: %+v", rep.Control)
	}
}

// checkNoSecret looks for the proxy's password in a report, and for its name in a redacted
// one.
func checkNoSecret(t *testing.T, rep *diagnose.Report, proxy string) {
	t.Helper()
	all, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(all), gateSecret) {
		t.Error("the report holds the proxy's password")
	}
	var text strings.Builder
	if err = diagnose.WriteText(&text, rep, diagnose.TextStyle{Verbose: true}); err != nil || strings.Contains(text.String(), "invalid") {
		t.Errorf("%v:\n%s", err, text.String())
	}
	if !strings.Contains(text.String(), proxy) {
		t.Errorf("the proxy is not named:\n%s", text.String())
	}
}

// A proxy that does not let the control connection through has a verdict of its own.
func TestProxyStopsTheLogin(t *testing.T) {
	t.Parallel()
	bothKinds(t, func(t *testing.T, kind client.ProxyKind) {
		srv := ftptest.NewServer(t, files()...)
		for name, c := range map[string]struct {
			opts  []ftptest.ProxyOption
			addr  string
			proxy string
			want  string
			actor string
			admin string
		}{
			"unreachable": {proxy: ftptest.ClosedPort(t).String(), want: diagnose.ProxyUnreachable, actor: diagnose.ActYou, admin: "Please say at which address"},
			"closes":      {opts: []ftptest.ProxyOption{ftptest.ProxyCloses()}, want: diagnose.ProxyOdd, actor: diagnose.ActYou},
			"not one":     {opts: []ftptest.ProxyOption{ftptest.ProxyReplies("220 FTP ready\r\n")}, want: diagnose.ProxyOdd, actor: diagnose.ActYou},
			"login":       {opts: []ftptest.ProxyOption{ftptest.ProxyLogin("gate", "other")}, want: diagnose.ProxyLogin, actor: diagnose.ActYou},
			"denied":      {opts: []ftptest.ProxyOption{ftptest.ProxyPermits(func(string) bool { return false })}, want: diagnose.ProxyDenied, actor: diagnose.ActNetwork, admin: "Please permit"},
			"no server":   {addr: ftptest.ClosedPort(t).String(), want: diagnose.ProxyNoServer, actor: diagnose.ActYou, admin: "Please permit"},
		} {
			proxy := c.proxy
			if proxy == "" {
				proxy = newProxy(t, kind, c.opts...).Addr
			}
			addr := c.addr
			if addr == "" {
				addr = srv.Addr
			}
			o := plain()
			o.Proxy.User, o.Proxy.Password = "gate", gateSecret
			rep := through(t, addr, proxy, kind, o, diagnose.Options{})
			if codes(rep) != c.want+"/failure" || rep.ExitCode() != diagnose.ExitControl || rep.ErrKind != client.KindProxy.String() {
				t.Errorf("%s: %s, exit %d, kind %q, error %q", name, codes(rep), rep.ExitCode(), rep.ErrKind, rep.Error)
				continue
			}
			v := rep.Verdicts[0]
			if v.Actor != c.actor || !strings.Contains(v.ForAdmin, c.admin) || !strings.Contains(v.Sentence, proxy) || len(v.Evidence) == 0 {
				t.Errorf("%s: %+v", name, v)
			}
			checkNoSecret(t, rep, proxy)
		}
	})
}

// Many proxies permit the control port alone, or a part of the ports for files.
func TestProxyStopsTheFiles(t *testing.T) {
	t.Parallel()
	bothKinds(t, func(t *testing.T, kind client.ProxyKind) {
		for name, c := range map[string]struct {
			server  []ftptest.Option
			permits func(control, target string) bool
			want    string
			exit    int
			actor   string
			step    string
		}{
			"control alone": {
				permits: func(control, target string) bool { return target == control },
				want:    "PROXY_DATA_DENIED/failure PROXY_IN_USE/note", exit: diagnose.ExitNoData, actor: diagnose.ActNetwork, step: client.ProxyDenied,
			},
			"server's ports are shut": {
				server: []ftptest.Option{ftptest.RefusePassive()},
				want:   "PROXY_DATA_FAILED/failure PROXY_IN_USE/note", exit: diagnose.ExitNoData, step: client.ProxyServer,
			},
		} {
			srv := ftptest.NewServer(t, append(files(), c.server...)...)
			opts := []ftptest.ProxyOption{}
			if c.permits != nil {
				opts = append(opts, ftptest.ProxyPermits(func(target string) bool { return c.permits(named(t, srv), target) }))
			}
			proxy := newProxy(t, kind, opts...)
			rep := through(t, named(t, srv), proxy.Addr, kind, plain(), diagnose.Options{})
			// The ports that a server of the tests has closed may come in order.
			if got := strings.ReplaceAll(codes(rep), " PORTS_SEQUENTIAL/warning", ""); got != c.want || rep.ExitCode() != c.exit {
				t.Errorf("%s: %s, exit %d", name, codes(rep), rep.ExitCode())
				continue
			}
			v, list := rep.Verdicts[0], attempts(rep, "EPSV")
			if len(list) == 0 || list[0].How != diagnose.HowProxy || list[0].ProxyStep != c.step || !strings.HasPrefix(list[0].Target, behind+":") {
				t.Errorf("%s: %+v", name, list)
			}
			if p := probe(t, rep, "compare"); p.State != diagnose.StateSkipped || !strings.Contains(p.Detail, "by the proxy") {
				t.Errorf("%s: compared: %s, %q", name, p.State, p.Detail)
			}
			port := fmt.Sprint(rep.Ports.Samples[0].Port)
			if c.actor != "" && v.Actor != c.actor || !strings.Contains(v.ForAdmin, port) || !strings.Contains(strings.Join(v.Evidence, "\n"), port) {
				t.Errorf("%s: %+v", name, v)
			}
			if squid := strings.Contains(v.ForAdmin, "SSL_ports"); squid != (kind == client.ProxyHTTP) {
				t.Errorf("%s: the letter:\n%s", name, v.ForAdmin)
			}
			if took := time.Duration(rep.Took); took > wellFor {
				t.Errorf("%s: took %s", name, took)
			}
			checkNoSecret(t, rep, proxy.Addr)
		}
	})
}

// A proxy that permits a part of the server's ports is told from one that permits none.
func TestProxyPermitsAPart(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, files()...)
	var mu sync.Mutex
	n := 0
	proxy := newProxy(t, client.ProxySOCKS5, ftptest.ProxyPermits(func(target string) bool {
		mu.Lock()
		defer mu.Unlock()
		if target == srv.Addr {
			return true
		}
		n++
		return n%2 == 0
	}))
	rep := through(t, srv.Addr, proxy.Addr, client.ProxySOCKS5, plain(), diagnose.Options{})
	if got := codes(rep); got != "PROXY_DATA_DENIED/warning PROXY_IN_USE/note PASV_OK/ok" || rep.ExitCode() != diagnose.ExitWarnings {
		t.Fatalf("%s, exit %d", got, rep.ExitCode())
	}
	if s := rep.Verdicts[0].Sentence; !strings.Contains(s, "only some of the ports") {
		t.Error(s)
	}
}

// A site that asks for active mode is logged in to all the same, and told.
func TestActiveThroughAProxy(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, files()...)
	proxy := newProxy(t, client.ProxySOCKS5)
	o := plain()
	o.Mode = client.Active
	rep := through(t, srv.Addr, proxy.Addr, client.ProxySOCKS5, o, diagnose.Options{})
	if got := codes(rep); got != "PROXY_IN_USE/failure PASV_OK/ok" || rep.Verdicts[0].Mode != "passive" || rep.Mode != "active" {
		t.Errorf("%s: %+v", got, rep.Verdicts[0])
	}
}

// An FTP proxy stands in the server's place: it is what is connected to, by all methods.
func TestByAnFTPProxy(t *testing.T) {
	t.Parallel()
	const target = behind + ":2121"
	proxy := ftptest.NewServer(t, append(files(), ftptest.User("gate", gateSecret), ftptest.User("anna@"+target, "topsecret"), ftptest.NoAnonymous())...)
	o := plain()
	o.User, o.Password = "anna", "topsecret"
	o.Proxy = client.Proxy{Kind: client.ProxyFTP, Addr: proxy.Addr, User: "gate", Password: gateSecret}
	rep, err := diagnose.Run(t.Context(), diagnose.Target{Addr: target, Options: o}, diagnose.Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkForm(t, rep, diagnose.Options{})
	diagnose.Judge(rep)
	if got := codes(rep); got != "PROXY_IN_USE/note PASV_OK/ok ACTIVE_OK/ok" || rep.Proxy == nil || rep.Proxy.Kind != "ftp" {
		t.Errorf("%s, proxy %+v, error %q", got, rep.Proxy, rep.Error)
	}
	if rep.Server.Remote.String() != proxy.Addr || len(rep.Control) != 1 || rep.Control[0].What != diagnose.WhatProxy {
		t.Errorf("remote %s, control %+v", rep.Server.Remote, rep.Control)
	}
	checkNoSecret(t, rep, proxy.Addr)

	o.Proxy.Password = "wrong password"
	for addr, want := range map[string]string{proxy.Addr: diagnose.ProxyLogin, ftptest.ClosedPort(t).String(): diagnose.ProxyUnreachable} {
		o.Proxy.Addr = addr
		if rep, err = diagnose.Run(t.Context(), diagnose.Target{Addr: target, Options: o}, diagnose.Options{}); err != nil {
			t.Fatal(err)
		}
		diagnose.Judge(rep)
		if got := codes(rep); got != want+"/failure" {
			t.Errorf("%s, want %s; error %q", got, want, rep.Error)
		}
	}
}

// The system's proxy is looked up once more for the diagnosis; a setting that cannot be
// read is told, and nothing is connected to.
func TestSystemProxy(t *testing.T) {
	srv := ftptest.NewServer(t, files()...)
	proxy := newProxy(t, client.ProxySOCKS5, ftptest.ProxyLogin("gate", gateSecret))
	t.Setenv("NO_PROXY", "")
	t.Setenv("no_proxy", "")
	for value, want := range map[string]string{
		"socks5://gate:" + gateSecret + "@" + proxy.Addr: "PROXY_IN_USE/note PASV_OK/ok",
		"gopher://" + gateSecret + "@nowhere.test":       "PROXY_UNREACHABLE/failure",
	} {
		t.Setenv("ALL_PROXY", value)
		d := &onlyDialer{proxy: proxy.Addr}
		o := plain()
		o.Dialer, o.Proxy.Kind = d, client.ProxySystem
		rep, err := diagnose.Run(t.Context(), diagnose.Target{Addr: named(t, srv), Options: o}, diagnose.Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkForm(t, rep, diagnose.Options{})
		diagnose.Judge(rep)
		all, err := json.Marshal(rep)
		if err != nil || codes(rep) != want || len(d.past) > 0 || strings.Contains(string(all), gateSecret) {
			t.Errorf("%s, want %s; past it %q; error %q, %v; password shown: %v", codes(rep), want, d.past, rep.Error, err, strings.Contains(string(all), gateSecret))
		}
		if want != "PROXY_UNREACHABLE/failure" && (rep.Proxy == nil || rep.Proxy.From != "ALL_PROXY" || rep.Proxy.Kind != "socks5") {
			t.Errorf("proxy %+v", rep.Proxy)
		}
		if want == "PROXY_UNREACHABLE/failure" && slices.ContainsFunc(rep.Probes, func(p diagnose.Probe) bool { return p.ID != "local" && p.State == diagnose.StateDone }) {
			t.Errorf("more was done: %+v", rep.Probes)
		}
	}
}

// What waits for a proxy is bounded: one that never answers, and one whose connection to
// the server's port gets no answer.
func TestProxyKeepsSilent(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, append(files(), ftptest.BlackHolePassive())...)
	for name, c := range map[string]struct {
		opts   []ftptest.ProxyOption
		want   string
		within time.Duration
	}{
		"from the first": {[]ftptest.ProxyOption{ftptest.ProxySilent()}, "PROXY_ODD/failure", 10 * time.Second},
		"at the files":   {nil, "PROXY_DATA_FAILED/failure PROXY_IN_USE/note", 25 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := newProxy(t, client.ProxySOCKS5, c.opts...)
			var rep *diagnose.Report
			unspoilt(t, func() (wrong []string) {
				rep = through(t, srv.Addr, proxy.Addr, client.ProxySOCKS5, plain(), diagnose.Options{Only: []string{diagnose.GroupControl, diagnose.GroupPassive}})
				if got := codes(rep); got != c.want || time.Duration(rep.Took) > c.within || rep.Stopped != "" {
					wrong = append(wrong, fmt.Sprintf("%s in %s, stopped %q, error %q", got, time.Duration(rep.Took), rep.Stopped, rep.Error))
				}
				return wrong
			})
			if !strings.Contains(rep.Verdicts[0].Sentence+rep.Verdicts[0].Meaning, "in time") && !strings.Contains(rep.Verdicts[0].Meaning, "firewall beyond the proxy") {
				t.Errorf("%+v", rep.Verdicts[0])
			}
		})
	}
}
