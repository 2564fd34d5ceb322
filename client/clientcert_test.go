package client_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/internal/realserver"
)

// A server that wants a certificate of its clients gets it on both kinds of connections,
// and who has none, or a wrong one, is told so.
func TestClientCertificates(t *testing.T) {
	authority, err := ftptest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	good, err := authority.Client()
	if err != nil {
		t.Fatal(err)
	}
	wrong, _ := selfSigned(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, sec := range []client.Security{client.SecurityRequire, client.SecurityImplicit} {
			t.Run(tls.VersionName(version)+"/"+sec.String(), func(t *testing.T) {
				opts := []ftptest.Option{ftptest.TLSVersions(version, version), ftptest.RequireClientCertificate(authority.Pool()), ftptest.File("/a.txt", "hello\n")}
				if sec == client.SecurityImplicit {
					opts = append(opts, ftptest.ImplicitTLS())
				} else {
					opts = append(opts, ftptest.RequireSessionReuse())
				}
				srv := ftptest.NewServer(t, opts...)
				opt := secure(srv, sec)
				for shown, certs := range map[bool][]tls.Certificate{false: nil, true: {wrong}} {
					opt.Certificates = certs
					_, err := client.Dial(t.Context(), srv.Addr, opt)
					ce, ok := errors.AsType[*client.CertWantedError](err)
					de, isDial := errors.AsType[*client.DialError](err)
					if !ok || ce.Shown != shown || !isDial || de.Op != client.OpTLS {
						t.Errorf("Dial = %v, want a CertWantedError with Shown %v", err, shown)
					}
					if a := client.Explain(err); a.Kind != client.KindCert || !strings.Contains(a.Sentence, "client certificate") {
						t.Errorf("advice = %+v", a)
					}
				}
				if srv.Count("USER") != 0 && version == tls.VersionTLS12 {
					t.Error("somebody could log in without a certificate")
				}
				opt.Certificates = []tls.Certificate{good}
				moveFiles(t, dial(t, srv, opt), srv)
			})
		}
	}
}

// A server that asks and does not insist lets in who shows none.
func TestClientCertificateNotWanted(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.TLS())
	opt := secure(srv, client.SecurityRequire)
	wrong, _ := selfSigned(t)
	opt.Certificates = []tls.Certificate{wrong}
	dial(t, srv, opt)
}

// vsftpd and ProFTPD demand a certificate on both kinds of connections.
func TestClientCertificatesReal(t *testing.T) {
	for _, kind := range []realserver.Kind{realserver.VSFTPD, realserver.ProFTPD} {
		for _, older := range []bool{false, true} {
			cfg := realserver.Config{Kind: kind, Security: realserver.Explicit, TLS12: older, ClientCerts: true}
			t.Run(cfg.String(), func(t *testing.T) {
				srv, err := realserver.Start(t.Context(), cfg)
				if gone, ok := errors.AsType[*realserver.Unavailable](err); ok {
					t.Skip(gone)
				}
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = srv.Close() })
				opt := client.Options{User: srv.User, Password: srv.Password, Security: client.SecurityRequire, RootCAs: srv.CA}
				if _, err = client.Dial(t.Context(), srv.Addr, opt); err == nil {
					t.Fatal("the server lets in anybody")
				}
				t.Logf("without a certificate: %v (%s)", err, client.Explain(err).Sentence)
				if ce, ok := errors.AsType[*client.CertWantedError](err); !ok || ce.Shown {
					t.Errorf("Dial = %v, want a CertWantedError", err)
				}
				opt.Certificates = []tls.Certificate{srv.ClientCert}
				s, err := client.Dial(t.Context(), srv.Addr, opt)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = s.Close() }()
				put(t, s, "a.txt", "hello\n", client.TransferOptions{})
				if got := get(t, s, "a.txt"); string(got) != "hello\n" {
					t.Errorf("got %q", got)
				}
				if l, err := s.List(t.Context(), ""); err != nil || len(l.Entries) != 1 {
					t.Errorf("List = %v, %v", l, err)
				}
			})
		}
	}
}
