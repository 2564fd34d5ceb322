package client_test

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"

	"portside/client"
	"portside/client/ftptest"
)

// selfSigned is a certificate that nobody vouches for, with its fingerprint.
func selfSigned(t *testing.T) (cert tls.Certificate, fingerprint string) {
	t.Helper()
	cert, err := ftptest.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	return cert, client.Fingerprint(cert.Leaf)
}

func TestTrusted(t *testing.T) {
	first, firstPrint := selfSigned(t)
	second, secondPrint := selfSigned(t)
	good := ftptest.NewServer(t, ftptest.TLS(), ftptest.File("/a", "x"))
	self := ftptest.NewServer(t, ftptest.Certificate(first), ftptest.RequireSessionReuse(), ftptest.File("/a", "x"))
	foreign := ftptest.NewServer(t, ftptest.Certificate(first), ftptest.DataCertificate(second), ftptest.File("/a", "x"))
	for name, c := range map[string]struct {
		srv   *ftptest.Server
		opt   client.Options
		known string // of the CertError
		print string
		data  error
		ok    bool
	}{
		"self-signed and trusted":           {srv: self, opt: client.Options{Trusted: firstPrint}, ok: true},
		"trusted, written with colons":      {srv: self, opt: client.Options{Trusted: "SHA256:" + colons(firstPrint)}, ok: true},
		"self-signed, nothing trusted":      {srv: self, print: firstPrint},
		"self-signed, another one trusted":  {srv: self, opt: client.Options{Trusted: secondPrint}, known: secondPrint, print: firstPrint},
		"verified, and another one trusted": {srv: good, opt: client.Options{Trusted: secondPrint, RootCAs: good.RootCAs()}, ok: true},
		"a pin decides alone":               {srv: self, opt: client.Options{Trusted: firstPrint, Pin: secondPrint}, print: firstPrint},
		"another one on data connections":   {srv: foreign, opt: client.Options{Trusted: firstPrint}, data: client.ErrForeignDataCert, ok: true},
	} {
		t.Run(name, func(t *testing.T) {
			c.opt.Security = client.SecurityRequire
			s, err := client.Dial(t.Context(), c.srv.Addr, c.opt)
			if c.ok {
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = s.Close() }()
				if _, err = s.List(t.Context(), "/"); !errors.Is(err, c.data) {
					t.Errorf("List = %v, want %v", err, c.data)
				}
				return
			}
			ce, ok := errors.AsType[*client.CertError](err)
			if !ok || ce.Known != c.known || ce.Addr != c.srv.Addr || ce.Fingerprint != c.print {
				t.Fatalf("Dial = %v, %+v, want a CertError with Known %q and Fingerprint %q", err, ce, c.known, c.print)
			}
			if loud := strings.HasPrefix(client.Explain(err).Sentence, "STOP"); loud != (c.known != "") {
				t.Errorf("the advice is %+v", client.Explain(err))
			}
		})
	}
	if users := slices.DeleteFunc(self.Verbs(), func(v string) bool { return v != "USER" }); len(users) != 2 {
		t.Errorf("%d logins were sent to the server whose certificate was trusted twice", len(users))
	}
	if _, err := client.Dial(t.Context(), self.Addr, client.Options{Trusted: "abc", Security: client.SecurityRequire}); err == nil {
		t.Error("a fingerprint that is none was taken")
	}
}

func colons(fingerprint string) string {
	var pairs []string
	for pair := range slices.Chunk([]byte(strings.ToUpper(fingerprint)), 2) {
		pairs = append(pairs, string(pair))
	}
	return strings.Join(pairs, ":")
}

func TestOffersTLS(t *testing.T) {
	offers := ftptest.NewServer(t, ftptest.TLS())
	plain := ftptest.NewServer(t)
	refuses := ftptest.NewServer(t, ftptest.TLS(), ftptest.Reply("AUTH", "534 not now"))
	for name, c := range map[string]struct {
		srv  *ftptest.Server
		sec  client.Security
		want bool
	}{
		"plain by choice":       {offers, client.SecurityOff, true},
		"protected":             {offers, client.SecurityRequire, false},
		"a server without TLS":  {plain, client.SecurityAuto, false},
		"listed and refused it": {refuses, client.SecurityAuto, false},
	} {
		s := dial(t, c.srv, client.Options{Security: c.sec, RootCAs: c.srv.RootCAs()})
		if got := s.Info().OffersTLS; got != c.want {
			t.Errorf("%s: OffersTLS = %v", name, got)
		}
	}
}
