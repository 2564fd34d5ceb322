package client_test

import (
	"crypto/tls"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/transcript"
)

// TestOddServers holds the rules of the gateway: replies that servers really
// send, though RFC 959 has others.
func TestOddServers(t *testing.T) {
	cases := []struct {
		name string
		opts []ftptest.Option
	}{
		{"no FEAT", []ftptest.Option{ftptest.NoFeat()}},
		{"FEAT without blanks", []ftptest.Option{ftptest.Reply("FEAT", "211-Features\nUTF8\nMDTM\n211 End")}},
		{"FEAT in one line", []ftptest.Option{ftptest.Reply("FEAT", "211 none")}},
		{"OPTS UTF8 refused", []ftptest.Option{ftptest.Reply("OPTS", "451 No UTF8")}},
		{"200 for 250", []ftptest.Option{ftptest.Handle("DELE", func(c *ftptest.Conn, _ string) bool { c.Send("200 Deleted."); return true })}},
		{"202 after PASS", []ftptest.Option{ftptest.NoPassword(), ftptest.Reply("PASS", "202 Superfluous.")}},
		{"230 after USER", []ftptest.Option{ftptest.NoPassword()}},
		{"250 for 200 after TYPE", []ftptest.Option{ftptest.Reply("TYPE", "250 Fine.")}},
		{"no SYST", []ftptest.Option{ftptest.Without("SYST")}},
		{"no PWD", []ftptest.Option{ftptest.Without("PWD")}},
		{"no SIZE and MDTM", []ftptest.Option{ftptest.Without("SIZE", "MDTM")}},
		{"no MLSD, but MLST in FEAT", []ftptest.Option{ftptest.Reply("MLSD", "500 Unknown command.")}},
		{"DOS listing", []ftptest.Option{ftptest.DOSListing(), ftptest.Without("MLSD", "MLST"), ftptest.Reply("SYST", "215 Windows_NT")}},
		{"LF alone", []ftptest.Option{ftptest.Reply("NOOP", ftptest.Raw("200 Fine\n"))}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := ftptest.NewServer(t, append(c.opts, ftptest.File("/a", "hello"))...)
			rec := transcript.New(0, nil)
			s := dial(t, srv, client.Options{Transcript: rec})
			if got := get(t, s, "/a"); string(got) != "hello" {
				t.Errorf("got %q", got)
			}
			if l, err := s.List(t.Context(), "/"); err != nil || len(l.Entries) != 1 || l.Entries[0].Name != "a" {
				t.Errorf("List = %+v, %v", l, err)
			}
			if e, err := s.Stat(t.Context(), "/a"); err != nil || e.Type.String() != "file" {
				t.Errorf("Stat = %+v, %v", e, err)
			}
			if err := s.Noop(t.Context()); err != nil {
				t.Error(err)
			}
			if err := s.Delete(t.Context(), "/a"); err != nil {
				t.Error(err)
			}
			for _, l := range rec.Lines() {
				if l.Kind == transcript.Received && strings.Contains(l.Text, "ready") && strings.HasPrefix(l.Text, "220 ready") {
					t.Errorf("the transcript holds an invented reply: %s", l)
				}
			}
		})
	}
}

func TestTLSVersions(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.TLSVersions(v, v), ftptest.RequireSessionReuse(), ftptest.File("/a", "x"))
		s := dial(t, srv, secure(srv, client.SecurityRequire))
		for range 12 {
			get(t, s, "/a")
		}
		info := s.Info()
		if info.TLS == nil || info.TLS.Version != tls.VersionName(v) || !info.TLS.Resumed {
			t.Errorf("%s: info %+v", tls.VersionName(v), info.TLS)
		}
	}
	old := ftptest.NewServer(t, ftptest.TLS(), ftptest.TLSVersions(tls.VersionTLS10, tls.VersionTLS11))
	opt := secure(old, client.SecurityRequire)
	opt.Timeout = patience
	if s, err := client.Dial(t.Context(), old.Addr, opt); err == nil {
		_ = s.Close()
		t.Error("TLS 1.1 was taken")
	}
}

func TestActiveRangeAndAddress(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a", "x"), ftptest.AllowForeignData())
	s := dial(t, srv, client.Options{Mode: client.PORT, ActivePorts: client.PortRange{Min: 42000, Max: 42400}})
	get(t, s, "/a")
	for _, c := range srv.Commands() {
		if arg, ok := strings.CutPrefix(c, "PORT 127,0,0,1,"); ok && !strings.HasPrefix(arg, "164,") && !strings.HasPrefix(arg, "165,") {
			t.Errorf("the port is out of the range: %s", c)
		}
	}
	s = dial(t, srv, client.Options{Mode: client.PORT, Timeout: 2 * time.Second, ActiveAddress: netip.MustParseAddr("192.0.2.7")})
	if _, err := s.List(t.Context(), "/"); err == nil {
		t.Error("the server connected to an address that is not ours")
	}
	if !slices.ContainsFunc(srv.Commands(), func(c string) bool { return strings.HasPrefix(c, "PORT 192,0,2,7,") }) {
		t.Errorf("the external address was not announced: %v", srv.Commands())
	}
}

func TestKeepAlive(t *testing.T) {
	srv := ftptest.NewServer(t)
	dial(t, srv, client.Options{KeepAlive: 40 * time.Millisecond})
	if err := srv.WaitForCount(t.Context(), "NOOP", 2); err != nil {
		t.Fatal(err)
	}
}

func TestFallBackToPlainIsSaid(t *testing.T) {
	srv := ftptest.NewServer(t)
	rec := transcript.New(0, nil)
	s := dial(t, srv, client.Options{Transcript: rec})
	if !s.Info().FellBackToPlain || !strings.Contains(notes(rec), "plain text") {
		t.Errorf("it is not said; notes:\n%s", notes(rec))
	}
}

func TestTurnsAreTaken(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a", "hello"), ftptest.RTT(time.Millisecond))
	s := dial(t, srv, client.Options{})
	errs := make(chan error, 20)
	for range cap(errs) {
		go func() {
			if _, err := s.Size(t.Context(), "/a"); err != nil {
				errs <- err
				return
			}
			_, err := s.List(t.Context(), "/")
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestCloseIsIdempotentAndQuick(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Reply("QUIT", ""))
	inTime(t, "Close", 2*time.Second, func() time.Duration {
		s, err := client.Dial(t.Context(), srv.Addr, client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		s.Abort()
		took := time.Since(start)
		if _, err := s.List(t.Context(), "/"); err == nil {
			t.Error("a closed session lists")
		}
		return took
	})
}

// TestHomeWithoutSlash holds that listings leave the working directory as it was
// where names are taken from it, as on MVS and VMS.
func TestHomeWithoutSlash(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Without("MLSD", "MLST"), ftptest.File("/a", "x"),
		ftptest.Reply("PWD", `257 "HOME:" is the working directory`), ftptest.Reply("CWD", "250 Fine."))
	s := dial(t, srv, client.Options{})
	for _, path := range []string{"", "SUB", ""} {
		if _, err := s.List(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	var said []string
	for _, c := range srv.Commands() {
		if strings.HasPrefix(c, "CWD") || strings.HasPrefix(c, "LIST") {
			said = append(said, c)
		}
	}
	want := []string{"LIST -a", "CWD SUB", "LIST -a", "CWD HOME:", "LIST -a"}
	if !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}

func TestServerFailsAfterThePassword(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Reply("PASS", "500 OOPS: cannot change directory:/home/joe"))
	_, err := client.Dial(t.Context(), srv.Addr, client.Options{Timeout: patience})
	if a := client.Explain(err); a.Kind != client.KindDenied || strings.Contains(a.Sentence, "password") {
		t.Errorf("explained as %+v", a)
	}
}
