package contract

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	for i := range files {
		if err = os.WriteFile(local, noise(int64(i*23), uint64(i)), 0o600); err != nil {
			t.Fatal(err)
		}
		f, openErr := os.Open(local)
		if openErr != nil {
			t.Fatal(openErr)
		}
		_, err = s.Store(t.Context(), fmt.Sprintf("more-%d", i), f, client.TransferOptions{More: i < files-1})
		_ = f.Close()
		if err != nil {
			t.Fatalf("store %d: %v", i, err)
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
		want := noise(int64(i*23), uint64(i))
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
