package client_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/modes"
	"portside/client/transcript"
)

func TestCheckAfterLogin(t *testing.T) {
	for _, good := range []string{"SITE UMASK 022", "cwd /a b", " NOOP ", "OPTS UTF8 ON", "STAT", "XCWD x", "SITE CHARSET \xff"} {
		if err := client.CheckAfterLogin(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	bad := []string{"", "  ", "NOOP\r\nDELE x", "NOOP\n", "a\x00b", "# no command", "SITE\tX", "-x"}
	for _, verb := range []string{"LIST", "RETR", "stor", "PASV", "EPSV", "Port", "EPRT", "AUTH", "USER", "PASS", "ACCT", "REIN", "QUIT", "PROT", "PBSZ", "CCC", "MLSD", "NLST", "APPE", "STOU", "ABOR", "TYPE", "REST", "MODE", "STRU"} {
		bad = append(bad, verb, verb+" x", " "+verb+" x")
	}
	for _, line := range bad {
		err := client.CheckAfterLogin(line)
		ae, ok := errors.AsType[*client.AfterLoginError](err)
		if !ok || client.Explain(err).Next == "" || strings.Contains(ae.Error(), "\n") {
			t.Errorf("%q: %v", line, err)
		}
		srv := client.Options{AfterLogin: []string{"NOOP", line}}
		if _, err = client.Dial(t.Context(), "127.0.0.1:1", srv); !errors.As(err, &ae) {
			t.Errorf("Dial with %q: %v, want it refused before anything is connected to", line, err)
		}
	}
}

// The commands go out after each login; refusals are noted, and what they change holds.
func TestAfterLogin(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/in/a.txt", "hello\n"), ftptest.User("anna", "topsecret"),
		ftptest.Reply("SITE UMASK", "150-wait\n150 wait", "200 done"), ftptest.Reply("SITE PSWD", "550 topsecret is no good"), ftptest.Reply("SITE UMASK", "200 done"))
	rec := transcript.New(0, nil)
	s := dial(t, srv, client.Options{
		User: "anna", Password: "topsecret", Security: client.SecurityOff, Transcript: rec,
		AfterLogin: []string{"SITE UMASK 022", "site pswd old-one new-one", "XYZZY topsecret", "CWD /in"},
	})
	info := s.Info()
	if info.Home != "/in" || len(info.AfterLogin) != 2 {
		t.Fatalf("Info = %+v", info)
	}
	if r := info.AfterLogin[1]; r.Command != "XYZZY ****" || r.Reply.Code/100 != 5 {
		t.Errorf("the refusal is %+v", r)
	}
	if l, err := s.List(t.Context(), ""); err != nil || len(l.Entries) != 1 || l.Entries[0].Name != "a.txt" {
		t.Errorf("List = %v, %v", l, err)
	}
	all := says(rec)
	for _, secret := range []string{"topsecret", "old-one", "new-one"} {
		if strings.Contains(all, secret) {
			t.Errorf("%s is in the transcript:\n%s", secret, all)
		}
	}
	if strings.Count(all, "going on") != 2 {
		t.Errorf("the refusals are not noted:\n%s", all)
	}
	verbs := srv.Verbs()
	if i := slices.Index(verbs, "SITE"); i < 0 || i < slices.Index(verbs, "PASS") || i > slices.Index(verbs, "PWD") {
		t.Errorf("the order was %q", verbs)
	}
}

// Further sessions, one that finds out about the other direction and one that takes the
// place of a lost one, get the same commands; so do those whose commands go out together.
func TestAfterLoginOfFurtherSessions(t *testing.T) {
	mem, err := modes.Open(filepath.Join(t.TempDir(), "m.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mem.Close() }()
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello\n"), ftptest.BlackHolePassive())
	opt := client.Options{Security: client.SecurityOff, Memory: mem, AfterLogin: []string{"SITE UMASK 022"}, Timeout: 20 * time.Second}
	s := dial(t, srv, opt)
	if _, err = s.List(t.Context(), "/"); err != nil {
		t.Fatal(err)
	}
	logins := srv.Count("USER")
	if logins < 2 {
		t.Fatalf("there were %d logins, and a scout was to be expected", logins)
	}
	if n := srv.Count("SITE"); n != logins {
		t.Errorf("SITE was sent %d times after %d logins", n, logins)
	}
	mem.Ahead(mem.Entries()[0].Key, true, time.Now())
	dial(t, srv, opt)
	if n := srv.Count("SITE"); n != logins+1 {
		t.Errorf("SITE was sent %d times after %d logins", n, logins+1)
	}
}

// A server that hangs up over a command ends the login.
func TestAfterLoginLost(t *testing.T) {
	for _, reply := range []string{ftptest.CloseConn, ftptest.ThenClose("421 bye")} {
		srv := ftptest.NewServer(t, ftptest.Reply("SITE", reply))
		_, err := client.Dial(t.Context(), srv.Addr, client.Options{Security: client.SecurityOff, AfterLogin: []string{"SITE X"}})
		if de, ok := errors.AsType[*client.DialError](err); !ok || de.Op != client.OpLogin {
			t.Errorf("Dial = %v", err)
		}
	}
}

// The times of LIST are the server's; those of MLSD, MDTM and MLST are UTC.
func TestTimeOffset(t *testing.T) {
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	when := time.Date(2026, 6, 15, 9, 30, 0, 0, time.UTC) // as the server writes it
	for name, c := range map[string]struct {
		opts   []ftptest.Option
		offset time.Duration
		shift  time.Duration
	}{
		"unix":          {[]ftptest.Option{ftptest.Without("MLST", "MLSD")}, 2 * time.Hour, 2 * time.Hour},
		"unix, behind":  {[]ftptest.Option{ftptest.Without("MLST", "MLSD")}, -5*time.Hour - 30*time.Minute, -5*time.Hour - 30*time.Minute},
		"unix, none":    {[]ftptest.Option{ftptest.Without("MLST", "MLSD")}, 0, 0},
		"dos":           {[]ftptest.Option{ftptest.Without("MLST", "MLSD"), ftptest.DOSListing()}, 2 * time.Hour, 2 * time.Hour},
		"MLSD is UTC":   {nil, 2 * time.Hour, 0},
		"MLSD, no zone": {nil, 0, 0},
	} {
		opts := append(c.opts, ftptest.FileAt("/f", "x", when, 0o644), ftptest.Now(clock))
		srv := ftptest.NewServer(t, opts...)
		s := dial(t, srv, client.Options{Security: client.SecurityOff, TimeOffset: c.offset, Now: clock})
		l, err := s.List(t.Context(), "/")
		if err != nil || len(l.Entries) != 1 {
			t.Fatalf("%s: List = %v, %v", name, l, err)
		}
		if got, want := l.Entries[0].ModTime, when.Add(-c.shift); !got.Equal(want) {
			t.Errorf("%s: the listing says %s, want %s", name, got, want)
		}
		if got, err := s.ModTime(t.Context(), "/f"); err != nil || !got.Equal(when) {
			t.Errorf("%s: MDTM says %s, %v, want %s", name, got, err, when)
		}
	}
}
