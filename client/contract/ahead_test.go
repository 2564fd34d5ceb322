package contract

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/internal/realserver"
	"portside/client/transcript"
)

// Many small files with More go up and come down whole on every server, and the
// servers that take commands ahead are asked ahead.
func TestMore(t *testing.T) {
	for _, kind := range realserver.Kinds() {
		for _, sec := range []realserver.Security{realserver.Plain, realserver.Explicit} {
			cfg := realserver.Config{Kind: kind, Security: sec}
			t.Run(cfg.String(), func(t *testing.T) { checkMore(t, cfg) })
		}
	}
}

// set is the time that the files of TestMore are given.
var set = time.Date(2023, 4, 5, 6, 7, 8, 0, time.UTC)

// moreSize is the size of the ith file: small ones, and some at the bound of those that
// are sent without waiting.
func moreSize(i int) int64 {
	if i%20 == 19 {
		return 64<<10 + int64(i/20-5)
	}
	return int64(i * 23)
}

func storeFile(t *testing.T, s *client.Session, local, remote string, more bool) error {
	t.Helper()
	f, err := os.Open(local)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	_, err = s.Store(t.Context(), remote, f, client.TransferOptions{More: more})
	return err
}

// askNow asks for the size and sets the time, and waits for each reply.
func askNow(t *testing.T, s *client.Session, name string, want int64) {
	t.Helper()
	if n, err := s.Size(t.Context(), name); err != nil || n != want {
		t.Fatalf("size of %s: %d, %v, want %d", name, n, err, want)
	}
	if err := s.SetModTime(t.Context(), name, set); err != nil && !errors.Is(err, client.ErrUnsupported) {
		t.Fatalf("time of %s: %v", name, err)
	}
}

func checkMore(t *testing.T, cfg realserver.Config) {
	srv, err := realserver.Start(t.Context(), cfg)
	var gone *realserver.Unavailable
	if errors.As(err, &gone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = srv.Close() }()
	rec := transcript.New(20000, nil)
	opt := client.Options{User: srv.User, Password: srv.Password, RootCAs: srv.CA, Transcript: rec, Mode: client.Passive}
	if cfg.Security == realserver.Plain {
		opt.Security = client.SecurityOff
	}
	s, err := client.Dial(t.Context(), srv.Addr, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const files = 200
	local := filepath.Join(t.TempDir(), "f")
	var checks []*client.Check
	for i := range files {
		if err = os.WriteFile(local, noise(moreSize(i), uint64(i)), 0o600); err != nil {
			t.Fatal(err)
		}
		if i%10 == 3 { // a refused one in between disturbs nothing
			var refused *client.ReplyError
			if err = storeFile(t, s, local, "no-such-folder/f", true); !errors.As(err, &refused) || refused.Verb != "STOR" || refused.Reply.Class() != 5 {
				t.Fatalf("refused store %d: %v", i, err)
			}
		}
		name := fmt.Sprintf("more-%d", i)
		if err = storeFile(t, s, local, name, i < files-1); err != nil {
			t.Fatalf("store %d: %v", i, err)
		}
		check, checkErr := s.CheckLater(t.Context(), name, set, true)
		if errors.Is(checkErr, client.ErrUnsupported) {
			askNow(t, s, name, moreSize(i))
			continue
		}
		if checkErr != nil {
			t.Fatalf("check %d: %v", i, checkErr)
		}
		checks = append(checks, check)
	}
	if takes := cfg.Kind != realserver.PyFTPDLib; takes != (len(checks) > files*9/10) {
		t.Errorf("%d of %d files were checked later, the server takes it: %v", len(checks), files, takes)
	}
	for i, c := range checks {
		i += files - len(checks)
		if res, waitErr := c.Wait(t.Context()); waitErr != nil || res.SizeErr != nil || res.TimeErr != nil || res.Size != moreSize(i) {
			t.Fatalf("check %d: %+v, %v", i, res, waitErr)
		}
		if info, statErr := os.Stat(filepath.Join(srv.Root, fmt.Sprintf("more-%d", i))); statErr != nil || !info.ModTime().Equal(set) {
			t.Fatalf("time of file %d: %v, %v", i, info.ModTime(), statErr)
		}
	}
	if l, listErr := s.ListWith(t.Context(), "/", client.ListOptions{More: true}); listErr != nil || len(l.Entries) != files {
		t.Fatalf("listing: %v", listErr)
	}
	for i := range files {
		var b buffer
		if _, err = s.Retrieve(t.Context(), fmt.Sprintf("more-%d", i), &b, client.TransferOptions{More: i < files-1}); err != nil {
			t.Fatalf("retrieve %d: %v", i, err)
		}
		want := noise(moreSize(i), uint64(i))
		stored, readErr := os.ReadFile(filepath.Join(srv.Root, fmt.Sprintf("more-%d", i)))
		if readErr != nil || !bytes.Equal(b.data, want) || !bytes.Equal(stored, want) {
			t.Fatalf("file %d differs (%v)", i, readErr)
		}
	}
	// A transfer command and the EPSV behind it are in one write, so that no reply is between them.
	ahead, last := 0, ""
	for _, l := range rec.Lines() {
		if l.Kind == transcript.Command && l.Text == "EPSV" && (strings.HasPrefix(last, "RETR") || strings.HasPrefix(last, "STOR")) {
			ahead++
		}
		if l.Kind != transcript.Note {
			last = l.Text
		}
	}
	takes := cfg.Kind != realserver.PyFTPDLib
	if takes && ahead < files*19/10 || !takes && ahead > 0 {
		t.Errorf("%d of %d transfers asked ahead, the server takes it: %v", ahead, 2*files, takes)
	}
}
