package client_test

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/transcript"
)

// Each form of logging in to an FTP proxy, plain and with TLS, in the words that the proxy
// has to hear.
func TestFTPProxies(t *testing.T) {
	const target, secret = "ftp.example.org:2121", "proxy secret"
	proxyLogin := []string{"USER gate", "PASS " + secret}
	for form, c := range map[client.ProxyForm]struct {
		opts []ftptest.Option
		want []string
	}{
		client.ProxyUserAtHost: {
			[]ftptest.Option{ftptest.User("gate", secret), ftptest.User("anna@"+target, "topsecret")},
			append(slices.Clone(proxyLogin), "USER anna@"+target, "PASS topsecret"),
		},
		client.ProxySite: {
			[]ftptest.Option{ftptest.User("gate", secret), ftptest.User("anna", "topsecret"), ftptest.Reply("SITE", "220 ftp.example.org is here")},
			append(slices.Clone(proxyLogin), "SITE "+target, "USER anna", "PASS topsecret"),
		},
		client.ProxyOpen: {
			[]ftptest.Option{ftptest.User("gate", secret), ftptest.User("anna", "topsecret"), ftptest.Reply("OPEN", "220 ftp.example.org is here")},
			append(slices.Clone(proxyLogin), "OPEN "+target, "USER anna", "PASS topsecret"),
		},
		client.ProxyUserAtProxy: {
			[]ftptest.Option{ftptest.User("anna@gate@"+target, "topsecret@"+secret)},
			[]string{"USER anna@gate@" + target, "PASS topsecret@" + secret},
		},
		client.ProxyUserBlank: {
			[]ftptest.Option{ftptest.User("anna@"+target+" gate", "topsecret"), ftptest.RequireAccount(secret)},
			[]string{"USER anna@" + target + " gate", "PASS topsecret", "ACCT " + secret},
		},
	} {
		for _, sec := range []client.Security{client.SecurityOff, client.SecurityRequire} {
			t.Run(form.String()+"/"+sec.String(), func(t *testing.T) {
				t.Parallel()
				proxy := ftptest.NewServer(t, append(c.opts, ftptest.TLS(), ftptest.NoAnonymous(), ftptest.File("/a.txt", "hello\n"))...)
				rec := transcript.New(0, nil)
				s, err := client.Dial(t.Context(), target, client.Options{
					User: "anna", Password: "topsecret", Security: sec, RootCAs: proxy.RootCAs(), Transcript: rec, Timeout: patience,
					Proxy: client.Proxy{Kind: client.ProxyFTP, Addr: proxy.Addr, User: "gate", Password: secret, Form: form},
				})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = s.Close() }()
				said := slices.DeleteFunc(proxy.Commands(), func(cmd string) bool {
					verb, arg, _ := strings.Cut(cmd, " ")
					return !slices.Contains([]string{"USER", "PASS", "ACCT", "OPEN"}, verb) && (verb != "SITE" || !strings.HasPrefix(arg, "ftp"))
				})
				if !slices.Equal(said, c.want) {
					t.Errorf("the proxy heard %q, want %q", said, c.want)
				}
				moveFiles(t, s, proxy)
				if i := s.Info(); i.Addr != target || i.Remote.String() != proxy.Addr || i.Proxy != "FTP "+proxy.Addr || i.OffersTLS {
					t.Errorf("Info = %+v", i)
				}
				if all := says(rec); strings.Contains(all, "secret") {
					t.Errorf("a password is in the transcript:\n%s", all)
				}
			})
		}
	}
}

// A proxy without a login of its own hears none, and the usual port is left out.
func TestFTPProxyWithoutLogin(t *testing.T) {
	proxy := ftptest.NewServer(t, ftptest.User("anna@ftp.example.org", "pw1"), ftptest.NoAnonymous())
	s, err := client.Dial(t.Context(), "ftp.example.org", client.Options{
		User: "anna", Password: "pw1", Security: client.SecurityOff, Proxy: client.Proxy{Kind: client.ProxyFTP, Addr: proxy.Addr},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if n := proxy.Count("USER"); n != 1 {
		t.Errorf("USER was sent %d times", n)
	}
}

// What goes wrong with an FTP proxy says so, and says no password, though the proxy
// repeats it.
func TestFTPProxyFailures(t *testing.T) {
	const secret = "gate-secret"
	gone := ftptest.ClosedPort(t).String()
	for name, c := range map[string]struct {
		opts []ftptest.Option
		form client.ProxyForm
		step string
		says string
	}{
		"wrong password": {[]ftptest.Option{ftptest.Reply("PASS", "530 "+secret+" is wrong")}, client.ProxyUserAtHost, client.ProxyLogin, "did not accept the login"},
		"unknown server": {[]ftptest.Option{ftptest.User("gate", secret), ftptest.Reply("SITE", "421-No such host\n421 "+secret)}, client.ProxySite, client.ProxyServer, "could not connect to ftp.example.org:21"},
		"no such form":   {[]ftptest.Option{ftptest.User("gate", secret)}, client.ProxyOpen, client.ProxyServer, "could not connect to ftp.example.org:21"},
		"never answers":  {[]ftptest.Option{ftptest.User("gate", secret), ftptest.Reply("SITE", ftptest.Silence)}, client.ProxySite, "", "did not answer"},
		"the server's":   {[]ftptest.Option{ftptest.Reply("PASS", "530 topsecret@"+secret+" is wrong")}, client.ProxyUserAtProxy, "", "did not accept the user name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := ftptest.NewServer(t, append(c.opts, ftptest.NoAnonymous())...)
			rec, timeout := transcript.New(0, nil), patience
			if name == "never answers" {
				timeout = 2 * time.Second
			}
			_, err := client.Dial(t.Context(), "ftp.example.org", client.Options{
				User: "anna", Password: "topsecret", Security: client.SecurityOff, Timeout: timeout, Transcript: rec,
				Proxy: client.Proxy{Kind: client.ProxyFTP, Addr: proxy.Addr, User: "gate", Password: secret, Form: c.form},
			})
			pe, ok := errors.AsType[*client.ProxyError](err)
			a := client.Explain(err)
			if err == nil || ok != (c.step != "") || ok && pe.Step != c.step || !strings.Contains(a.Sentence, c.says) {
				t.Errorf("Dial = %v, %+v", err, a)
			}
			if text := err.Error() + a.Sentence + a.Next + says(rec); strings.Contains(text, "secret") {
				t.Errorf("a password is in %s", text)
			}
		})
	}
	_, err := client.Dial(t.Context(), "ftp.example.org", client.Options{Proxy: client.Proxy{Kind: client.ProxyFTP, Addr: gone}})
	var oe *net.OpError
	if pe, ok := errors.AsType[*client.ProxyError](err); !ok || pe.Step != client.ProxyReach || !errors.As(err, &oe) {
		t.Errorf("a proxy that is not there: %v", err)
	}
}

// The certificate of an FTP proxy is made out for the proxy, which the connection ends at.
func TestFTPProxyCertificate(t *testing.T) {
	wrong, err := ftptest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := wrong.Issue("ftp.example.org")
	if err != nil {
		t.Fatal(err)
	}
	proxy := ftptest.NewServer(t, ftptest.Certificate(cert), ftptest.User("anna@ftp.example.org", "pw1"))
	_, err = client.Dial(t.Context(), "ftp.example.org", client.Options{
		User: "anna", Password: "pw1", Security: client.SecurityRequire, RootCAs: wrong.Pool(), Proxy: client.Proxy{Kind: client.ProxyFTP, Addr: proxy.Addr},
	})
	if ce, ok := errors.AsType[*client.CertError](err); !ok || ce.Host != "127.0.0.1" || ce.Addr != proxy.Addr {
		t.Errorf("Dial = %v, want a CertError about the proxy", err)
	}
	if proxy.Count("USER") != 0 {
		t.Error("the login was sent all the same")
	}
}
