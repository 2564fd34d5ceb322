package contract

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"portside/client"
	"portside/client/internal/realserver"
	memory "portside/client/modes"
	"portside/client/transcript"
)

// The further logins to every server wait for fewer replies than the first one, and
// show the same.
func TestRelogin(t *testing.T) {
	for _, kind := range realserver.Kinds() {
		for _, sec := range []realserver.Security{realserver.Plain, realserver.Explicit} {
			cfg := realserver.Config{Kind: kind, Security: sec}
			t.Run(cfg.String(), func(t *testing.T) { checkRelogin(t, cfg) })
		}
	}
}

func checkRelogin(t *testing.T, cfg realserver.Config) {
	srv, err := realserver.Start(t.Context(), cfg)
	var gone *realserver.Unavailable
	if errors.As(err, &gone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = srv.Close() }()
	mem, err := memory.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mem.Close() }()
	opt := client.Options{User: srv.User, Password: srv.Password, RootCAs: srv.CA, Memory: mem, Mode: client.Passive}
	if cfg.Security == realserver.Explicit {
		opt.Security = client.SecurityRequire
	}
	first, before, sent := login(t, srv.Addr, opt)
	t.Logf("first: %d waits, %q", before, sent)
	second, skipped, sent := login(t, srv.Addr, opt)
	t.Logf("what is known is not asked: %d waits, %q", skipped, sent)
	if skipped >= before || slices.Contains(sent, "FEAT") || slices.Contains(sent, "SYST") {
		t.Errorf("%d waits, then %d", before, skipped)
	}
	local := filepath.Join(t.TempDir(), "f")
	if err = os.WriteFile(local, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err = storeFile(t, first, local, fmt.Sprintf("f%d", i), i < 2); err != nil {
			t.Fatal(err)
		}
	}
	third, together, sent := login(t, srv.Addr, opt)
	t.Logf("sent together: %d waits, %q", together, sent)
	switch takes := cfg.Kind != realserver.PyFTPDLib; {
	case takes && together != 5, !takes && together != skipped:
		t.Errorf("%d waits: %q", together, sent)
	}
	for _, s := range []*client.Session{second, third} {
		if !slices.Equal(s.Features().Lines(), first.Features().Lines()) || s.Info().System != first.Info().System || s.Info().Home != first.Info().Home {
			t.Errorf("got %q, %+v", s.Features().Lines(), s.Info())
		}
		if l, listErr := s.List(t.Context(), "."); listErr != nil || len(l.Entries) != 3 {
			t.Errorf("listing: %v", listErr)
		}
		if err = storeFile(t, s, local, "again", false); err != nil {
			t.Error(err)
		}
		if err = s.Delete(t.Context(), "again"); err != nil {
			t.Error(err)
		}
	}
}

// login logs in. waits counts the greeting, and the commands as often as a reply was
// waited for.
func login(t *testing.T, addr string, opt client.Options) (s *client.Session, waits int, sent []string) {
	t.Helper()
	opt.Transcript = transcript.New(2000, nil)
	s, err := client.Dial(t.Context(), addr, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	last := transcript.Command
	for _, l := range opt.Transcript.Lines() {
		if l.Kind == transcript.Note {
			continue
		}
		if l.Kind == transcript.Received && last == transcript.Command {
			waits++
		}
		if last = l.Kind; last == transcript.Command {
			sent = append(sent, l.Text)
		}
	}
	return s, waits, sent
}
