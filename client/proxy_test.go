package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/internal/realserver"
	"portside/client/modes"
	"portside/client/transcript"
)

// serverName is a host name that a proxy knows and nobody else.
const serverName = "ftp.behind.test"

// named is srv's address under serverName.
func named(t *testing.T, srv *ftptest.Server) string {
	t.Helper()
	_, port, err := net.SplitHostPort(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort(serverName, port)
}

// proxies starts a proxy of each kind; both know serverName.
func proxies(t *testing.T, opts ...ftptest.ProxyOption) map[client.ProxyKind]*ftptest.ProxyServer {
	t.Helper()
	opts = append(opts, ftptest.ProxyName(serverName, "127.0.0.1"))
	return map[client.ProxyKind]*ftptest.ProxyServer{client.ProxySOCKS5: ftptest.NewSOCKS5(t, opts...), client.ProxyHTTP: ftptest.NewHTTPProxy(t, opts...)}
}

const (
	proxyUser     = "proxy-user"
	proxyPassword = "pr0xy:secret word"
)

// says is all that a transcript holds.
func says(rec *transcript.Recorder) string {
	var b strings.Builder
	for _, l := range rec.Lines() {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// moveFiles lists, downloads, uploads and lists again.
func moveFiles(t *testing.T, s *client.Session, srv *ftptest.Server) {
	t.Helper()
	for i := range 3 {
		name := fmt.Sprintf("/up-%d", i)
		if l, err := s.List(t.Context(), "/"); err != nil || len(l.Entries) != i+1 {
			t.Fatalf("List = %v, %v", l, err)
		}
		if got := get(t, s, "/a.txt"); string(got) != "hello\n" {
			t.Errorf("got %q", got)
		}
		put(t, s, name, "upload", client.TransferOptions{More: i < 2})
		if got := string(srv.File(name)); got != "upload" {
			t.Errorf("the server has %q", got)
		}
	}
}

// Everything goes through a proxy, with a name that it alone can look up.
func TestThroughProxies(t *testing.T) {
	for kind, proxy := range proxies(t, ftptest.ProxyLogin(proxyUser, proxyPassword), ftptest.ProxyTogether()) {
		for name, c := range map[string]struct {
			sec  client.Security
			mode client.ConnMode
			opts []ftptest.Option
		}{
			"plain":        {client.SecurityOff, client.Auto, nil},
			"plain PASV":   {client.SecurityOff, client.PASV, []ftptest.Option{ftptest.PassiveAddress("203.0.113.9")}},
			"no EPSV":      {client.SecurityOff, client.Auto, []ftptest.Option{ftptest.Without("EPSV")}},
			"explicit TLS": {client.SecurityRequire, client.Auto, []ftptest.Option{ftptest.RequireSessionReuse()}},
		} {
			t.Run(kind.String()+"/"+name, func(t *testing.T) {
				srv := ftptest.NewServer(t, append(c.opts, ftptest.User("anna", "server-secret"), ftptest.File("/a.txt", "hello\n"), ftptest.ConnectFirst())...)
				rec := transcript.New(0, nil)
				before := len(proxy.Targets())
				s, err := client.Dial(t.Context(), named(t, srv), client.Options{
					User: "anna", Password: "server-secret", Security: c.sec, Mode: c.mode, RootCAs: srv.RootCAs(), ServerName: "localhost",
					Proxy: client.Proxy{Kind: kind, Addr: proxy.Addr, User: proxyUser, Password: proxyPassword}, Transcript: rec, Timeout: 10 * time.Second,
				})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = s.Close() }()
				moveFiles(t, s, srv)
				info := s.Info()
				if info.Remote.IsValid() || !strings.Contains(info.Proxy, proxy.Addr) || info.Method.Active() {
					t.Errorf("Info = %+v", info)
				}
				targets := proxy.Targets()[before:]
				if len(targets) < 10 || slices.ContainsFunc(targets, func(a string) bool { return !strings.HasPrefix(a, serverName+":") }) {
					t.Errorf("the proxy was asked for %q", targets)
				}
				all := says(rec)
				if strings.Contains(all, "secret") {
					t.Errorf("a password is in the transcript:\n%s", all)
				}
				if left := strings.Contains(all, "active modes are left out"); left != (c.mode == client.Auto) {
					t.Errorf("the transcript on active modes:\n%s", all)
				}
				if slices.ContainsFunc(srv.Verbs(), func(v string) bool { return v == "PORT" || v == "EPRT" }) {
					t.Error("an active mode was tried")
				}
			})
		}
	}
}

// An address instead of a name works as well, and is known.
func TestThroughProxyToAddress(t *testing.T) {
	for kind, proxy := range proxies(t) {
		for _, family := range []ftptest.Option{ftptest.Addr("127.0.0.1:0"), ftptest.IPv6()} {
			srv := ftptest.NewServer(t, family, ftptest.ImplicitTLS(), ftptest.File("/a.txt", "hello\n"))
			opt := secure(srv, client.SecurityImplicit)
			opt.Proxy = client.Proxy{Kind: kind, Addr: proxy.Addr}
			s := dial(t, srv, opt)
			moveFiles(t, s, srv)
			if got := s.Info().Remote.String(); got != srv.Addr {
				t.Errorf("%s: Remote = %s, want %s", kind, got, srv.Addr)
			}
		}
	}
}

// What a proxy does wrong is told as such, without its password and without waiting for
// longer than is allowed.
func TestProxyFailures(t *testing.T) {
	dead := ftptest.ClosedPort(t).String()
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello\n"))
	control := named(t, srv)
	type failure struct {
		opts  []ftptest.ProxyOption
		login client.Proxy
		to    string
		step  string
		says  map[client.ProxyKind]string // in the advice
	}
	both := func(s string) map[client.ProxyKind]string {
		return map[client.ProxyKind]string{client.ProxySOCKS5: s, client.ProxyHTTP: s}
	}
	for name, c := range map[string]failure{
		"wrong password": {opts: []ftptest.ProxyOption{ftptest.ProxyLogin(proxyUser, "other")}, login: client.Proxy{User: proxyUser, Password: proxyPassword}, step: client.ProxyLogin, says: both("the user or the password is wrong")},
		"no password":    {opts: []ftptest.ProxyOption{ftptest.ProxyLogin(proxyUser, "other")}, step: client.ProxyLogin, says: both("wants a user and a password")},
		"closes":         {opts: []ftptest.ProxyOption{ftptest.ProxyCloses()}, step: client.ProxyTalk, says: both("closed the connection")},
		"never answers":  {opts: []ftptest.ProxyOption{ftptest.ProxySilent()}, step: client.ProxyTalk, says: both("did not answer in time")},
		"denied":         {opts: []ftptest.ProxyOption{ftptest.ProxyPermits(func(string) bool { return false })}, step: client.ProxyDenied, says: map[client.ProxyKind]string{client.ProxySOCKS5: "does not permit", client.ProxyHTTP: "403 Forbidden by the policy"}},
		"unknown host":   {to: "nowhere.test:21", step: client.ProxyServer, says: map[client.ProxyKind]string{client.ProxySOCKS5: "host is unknown", client.ProxyHTTP: "502 Unknown host"}},
		"not a proxy":    {opts: []ftptest.ProxyOption{ftptest.ProxyReplies("220 I am a mail server\r\n\r\n")}, step: client.ProxyTalk, says: map[client.ProxyKind]string{client.ProxySOCKS5: "not with 5", client.ProxyHTTP: "not HTTP"}},
		"endless head":   {opts: []ftptest.ProxyOption{ftptest.ProxyReplies("HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 10000))}, step: client.ProxyTalk, says: map[client.ProxyKind]string{client.ProxyHTTP: "longer than"}},
	} {
		for kind, proxy := range proxies(t, c.opts...) {
			want, ok := c.says[kind]
			if !ok {
				continue
			}
			t.Run(kind.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				p := c.login
				p.Kind, p.Addr = kind, proxy.Addr
				to := c.to
				if to == "" {
					to = control
				}
				rec, timeout := transcript.New(0, nil), patience
				if name == "never answers" {
					timeout = 2 * time.Second
				}
				began := time.Now()
				_, err := client.Dial(t.Context(), to, client.Options{Proxy: p, Timeout: timeout, Transcript: rec})
				pe, isProxy := errors.AsType[*client.ProxyError](err)
				if !isProxy || pe.Step != c.step || pe.Addr != proxy.Addr {
					t.Fatalf("Dial = %v (%+v), want a ProxyError of step %s", err, pe, c.step)
				}
				a := client.Explain(err)
				if a.Kind != client.KindProxy || !strings.Contains(a.Sentence, want) || a.Next == "" {
					t.Errorf("advice = %+v, want %q in it", a, want)
				}
				if strings.Contains(err.Error()+a.Sentence+a.Next+says(rec), "secret") {
					t.Errorf("the password is in %v, %+v or\n%s", err, a, says(rec))
				}
				if took := time.Since(began); took > patience*3/4 {
					t.Errorf("it took %s", took)
				}
			})
		}
	}
	_, err := client.Dial(t.Context(), control, client.Options{Proxy: client.Proxy{Kind: client.ProxySOCKS5, Addr: dead}})
	if pe, ok := errors.AsType[*client.ProxyError](err); !ok || pe.Step != client.ProxyReach || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a proxy that is not there: %v", err)
	}
}

// A proxy that lets through the control connection alone is no riddle.
func TestProxyRefusesData(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello\n"))
	to := named(t, srv)
	for kind, proxy := range proxies(t, ftptest.ProxyPermits(func(target string) bool { return target == to })) {
		s, err := client.Dial(t.Context(), to, client.Options{Proxy: client.Proxy{Kind: kind, Addr: proxy.Addr}, Security: client.SecurityOff, Timeout: patience})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.List(t.Context(), "/")
		pe, ok := errors.AsType[*client.ProxyError](err)
		a := client.Explain(err)
		if !ok || pe.Step != client.ProxyDenied || a.Kind != client.KindProxy || !strings.Contains(a.Sentence, "The login works") {
			t.Errorf("%s: List = %v, %+v", kind, err, a)
		}
		if n := len(proxy.Targets()); n > 4 {
			t.Errorf("%s: the proxy was asked %d times, though it had said no", kind, n)
		}
		_ = s.Close()
	}
}

// A forced active mode is refused before anything is sent.
func TestActiveThroughProxy(t *testing.T) {
	srv := ftptest.NewServer(t)
	for kind, proxy := range proxies(t) {
		for _, mode := range []client.ConnMode{client.Active, client.EPRT, client.PORT} {
			_, err := client.Dial(t.Context(), named(t, srv), client.Options{Mode: mode, Proxy: client.Proxy{Kind: kind, Addr: proxy.Addr}})
			if !errors.Is(err, client.ErrActiveProxy) || client.Explain(err).Kind != client.KindProxy {
				t.Errorf("%s %s: %v", kind, mode, err)
			}
		}
		if n := len(proxy.Targets()); n != 0 {
			t.Errorf("%s: the proxy was asked %d times", kind, n)
		}
	}
	if n := len(srv.Conns()); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// What works straight is not remembered for the way through a proxy, nor the other way
// round, and a lost control connection is made again through the proxy.
func TestMemoryOfProxies(t *testing.T) {
	mem, err := modes.Open(filepath.Join(t.TempDir(), "networks.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mem.Close() }()
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello\n"))
	proxy := ftptest.NewSOCKS5(t)
	for _, p := range []client.Proxy{{}, {Kind: client.ProxySOCKS5, Addr: proxy.Addr}} {
		s := dial(t, srv, client.Options{Memory: mem, Proxy: p, Security: client.SecurityOff})
		if _, err = s.List(t.Context(), "/"); err != nil {
			t.Fatal(err)
		}
		if s.Info().FromMemory {
			t.Errorf("through %q the method was taken from the memory", p.Addr)
		}
	}
	if n := srv.Count("SYST"); n != 2 {
		t.Errorf("SYST was asked %d times, want once for each way", n)
	}
	keys := mem.Entries()
	if len(keys) != 2 || keys[0].Network == keys[1].Network {
		t.Errorf("the memory has %+v", keys)
	}
}

// What a server said to one user, under one certificate, is not believed of another.
func TestLoginMemoryIsKeyed(t *testing.T) {
	mem, err := modes.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mem.Close() }()
	first, firstPrint := selfSigned(t)
	second, secondPrint := selfSigned(t)
	own, _ := selfSigned(t)
	srv := ftptest.NewServer(t, ftptest.Certificate(first))
	options := func(trusted string, change func(*client.Options)) client.Options {
		opt := client.Options{Memory: mem, Security: client.SecurityRequire, Trusted: trusted}
		if change != nil {
			change(&opt)
		}
		return opt
	}
	asked := func(what string, opt client.Options, want int) {
		t.Helper()
		before := srv.Count("SYST")
		dial(t, srv, opt)
		if got := srv.Count("SYST") - before; got != want {
			t.Errorf("%s: SYST was asked %d times, want %d", what, got, want)
		}
	}
	asked("the first login", options(firstPrint, nil), 1)
	asked("the same again", options(firstPrint, nil), 0)
	asked("with a client certificate", options(firstPrint, func(o *client.Options) { o.Certificates = append(o.Certificates, own) }), 1)
	asked("with a command after the login", options(firstPrint, func(o *client.Options) { o.AfterLogin = []string{"NOOP"} }), 1)
	if err = srv.Apply(ftptest.Certificate(second)); err != nil {
		t.Fatal(err)
	}
	asked("under another certificate", options(secondPrint, nil), 1)
}

// The environment names a proxy, and the hosts that it is not for.
func TestSystemProxy(t *testing.T) {
	proxy := ftptest.NewSOCKS5(t, ftptest.ProxyName(serverName, "127.0.0.1"), ftptest.ProxyLogin("me", "sys secret"))
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello\n"))
	opt := client.Options{Proxy: client.Proxy{Kind: client.ProxySystem}, Security: client.SecurityOff, Transcript: transcript.New(0, nil)}
	t.Setenv("ALL_PROXY", "socks5h://me:sys%20secret@"+proxy.Addr)
	t.Setenv("NO_PROXY", "")
	s, err := client.Dial(t.Context(), named(t, srv), opt)
	if err != nil {
		t.Fatal(err)
	}
	moveFiles(t, s, srv)
	_ = s.Close()
	n := len(proxy.Targets())
	if n == 0 {
		t.Error("the proxy was passed by")
	}
	if s, err = client.Dial(t.Context(), srv.Addr, opt); err != nil { // this computer
		t.Fatal(err)
	}
	_ = s.Close()
	if len(proxy.Targets()) != n {
		t.Error("a connection to this computer went through the proxy")
	}
	t.Setenv("ALL_PROXY", "gopher://me:sys%20secret@"+proxy.Addr)
	_, err = client.Dial(t.Context(), named(t, srv), opt)
	if pe, ok := errors.AsType[*client.ProxyError](err); !ok || pe.Kind != "system" || !strings.Contains(err.Error(), "ALL_PROXY") {
		t.Errorf("an unreadable setting: %v", err)
	}
	if text := fmt.Sprint(err, client.Explain(err), says(opt.Transcript)); strings.Contains(text, "sys secret") || strings.Contains(text, "sys%20secret") {
		t.Errorf("the password is in %s", text)
	}
}

// A session whose control connection was upset is mended through the proxy, and a foreign
// address in a 227 is asked of the proxy only where the site trusts it.
func TestMendThroughProxy(t *testing.T) {
	for kind, proxy := range proxies(t) {
		srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello\n"), ftptest.Handle("EPSV", func(*ftptest.Conn, string) bool { return true }))
		s, err := client.Dial(t.Context(), named(t, srv), client.Options{Proxy: client.Proxy{Kind: kind, Addr: proxy.Addr}, Security: client.SecurityOff, Timeout: 20 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = s.List(t.Context(), "/"); err != nil || s.Info().Method != client.MethodPASV {
			t.Errorf("%s: List = %v by %s", kind, err, s.Info().Method)
		}
		if n := srv.Count("USER"); n != 2 {
			t.Errorf("%s: %d logins, want that of the mended session too", kind, n)
		}
		_ = s.Close()
		for _, trust := range []bool{false, true} {
			other := ftptest.NewServer(t, ftptest.PassiveAddress("203.0.113.9"))
			before := len(proxy.Targets())
			s, err = client.Dial(t.Context(), named(t, other), client.Options{
				Proxy: client.Proxy{Kind: kind, Addr: proxy.Addr}, Security: client.SecurityOff, Mode: client.PASV, TrustPASVAddress: trust, Timeout: 2 * time.Second,
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.List(t.Context(), "/")
			asked := slices.ContainsFunc(proxy.Targets()[before:], func(a string) bool { return strings.HasPrefix(a, "203.0.113.9:") })
			if asked != trust || (err == nil) == trust {
				t.Errorf("%s, trusted %v: List = %v, the proxy was asked for %q", kind, trust, err, proxy.Targets()[before:])
			}
			_ = s.Close()
		}
	}
}

// The password is in no form of a Proxy that may be printed.
func TestProxyIsPrintedWithoutPassword(t *testing.T) {
	p := client.Proxy{Kind: client.ProxySOCKS5, Addr: "proxy.test", User: "me", Password: proxyPassword}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{p.String(), fmt.Sprintf("%v %+v %#v", p, p, p), fmt.Sprintf("%+v", client.Options{Proxy: p}), string(text)} {
		if strings.Contains(s, "secret") || !strings.Contains(s, "proxy.test") {
			t.Errorf("printed as %s", s)
		}
	}
}

// Real servers that demand resumed TLS sessions on data connections, through each proxy.
func TestThroughProxiesReal(t *testing.T) {
	all := proxies(t)
	for _, server := range realserver.Kinds() {
		for _, sec := range []realserver.Security{realserver.Plain, realserver.Explicit} {
			cfg := realserver.Config{Kind: server, Security: sec, Name: serverName}
			t.Run(cfg.String(), func(t *testing.T) {
				srv, err := realserver.Start(t.Context(), cfg)
				if gone, ok := errors.AsType[*realserver.Unavailable](err); ok {
					t.Skip(gone)
				}
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = srv.Close() })
				_, port, err := net.SplitHostPort(srv.Addr)
				if err != nil {
					t.Fatal(err)
				}
				for kind, proxy := range all {
					opt := client.Options{User: srv.User, Password: srv.Password, Security: client.SecurityOff, RootCAs: srv.CA, Proxy: client.Proxy{Kind: kind, Addr: proxy.Addr}}
					if sec == realserver.Explicit {
						opt.Security = client.SecurityRequire
					}
					s, err := client.Dial(t.Context(), net.JoinHostPort(serverName, port), opt)
					if err != nil {
						t.Fatal(err)
					}
					text := strings.Repeat("through "+kind.String()+"\n", 50_000)
					for range 3 {
						put(t, s, "a.txt", text, client.TransferOptions{More: true})
						if got := get(t, s, "a.txt"); string(got) != text {
							t.Errorf("%s: got %d bytes, want %d", kind, len(got), len(text))
						}
					}
					if l, err := s.List(t.Context(), ""); err != nil || len(l.Entries) != 1 {
						t.Errorf("%s: List = %v, %v", kind, l, err)
					}
					_ = s.Close()
				}
			})
		}
	}
}
