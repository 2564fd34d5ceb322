package ui

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/listing"
	"portside/ui/state"
)

func TestLocalSource(t *testing.T) {
	dir, src := t.TempDir(), NewLocalSource()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	must(src.Mkdir(ctx, filepath.Join(dir, "sub")))
	must(os.WriteFile(filepath.Join(dir, "sub", "in.txt"), []byte("1"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "a\u202e.txt"), []byte("12345"), 0o600))
	must(os.Symlink("sub", filepath.Join(dir, "link")))
	must(os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	l, err := src.List(ctx, dir)
	must(err)
	byName := map[string]state.Row{}
	for _, r := range l.Rows {
		byName[r.Name] = r
	}
	if len(byName) != 4 || l.Note != "" {
		t.Errorf("%d rows, note %q", len(byName), l.Note)
	}
	if r := byName["a\u202e.txt"]; r.Type != listing.File || r.Size != 5 || r.Text != `a\u202e.txt` {
		t.Errorf("file: %+v", r)
	}
	if r := byName["link"]; !r.IsDir() || r.Type != listing.Link || r.Target != "sub" {
		t.Errorf("link to a folder: %+v", r)
	}
	if r := byName["dangling"]; r.IsDir() || r.Target != "nowhere" {
		t.Errorf("link to nowhere: %+v", r)
	}
	if err = src.Rename(ctx, filepath.Join(dir, "dangling"), filepath.Join(dir, "link")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("renaming onto another file gives %v", err)
	}
	must(src.Rename(ctx, filepath.Join(dir, "dangling"), filepath.Join(dir, "renamed")))
	must(src.Delete(ctx, filepath.Join(dir, "link"), byName["link"]))
	if _, err = os.Stat(filepath.Join(dir, "sub", "in.txt")); err != nil {
		t.Errorf("deleting a link deletes what it leads to: %v", err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if err = src.Delete(stopped, filepath.Join(dir, "sub"), byName["sub"]); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled delete gives %v", err)
	}
	must(src.Delete(ctx, filepath.Join(dir, "sub"), byName["sub"]))
	if _, err = os.Lstat(filepath.Join(dir, "sub")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, err = src.List(stopped, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled listing gives %v", err)
	}
	_, err = src.List(ctx, filepath.Join(dir, "sub"))
	if sentence, next := src.Explain(err); !strings.Contains(sentence, "There is no") || next == "" {
		t.Errorf("explained as %q, %q", sentence, next)
	}
}

// fakeFTP is a RemoteSession of fixed answers.
type fakeFTP struct {
	l    *listing.Listing
	home string
	did  []string
}

func (s *fakeFTP) List(context.Context, string) (*listing.Listing, error) { return s.l, nil }
func (s *fakeFTP) do(verb, path string) error {
	s.did = append(s.did, verb+" "+path)
	return nil
}
func (s *fakeFTP) MakeDir(_ context.Context, path string) error   { return s.do("mkd", path) }
func (s *fakeFTP) RemoveDir(_ context.Context, path string) error { return s.do("rmd", path) }
func (s *fakeFTP) Delete(_ context.Context, path string) error    { return s.do("dele", path) }
func (s *fakeFTP) Rename(_ context.Context, from, to string) error {
	return s.do("rename", from+" "+to)
}

func (s *fakeFTP) Text(raw string) string {
	text, err := client.DecodeText("latin1", raw)
	if err != nil {
		return raw
	}
	return text
}
func (s *fakeFTP) Encode(text string) (string, error) { return text, nil }
func (s *fakeFTP) Info() client.Info                  { return client.Info{Home: s.home} }

func TestRemoteSource(t *testing.T) {
	clock := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	s := &fakeFTP{home: "/srv/me", l: &listing.Listing{
		Entries: []listing.Entry{
			{Name: "caf\xe9", Type: listing.File, Size: 3, ModTime: clock, Precise: true},
			{Name: "../evil", Type: listing.File},
			{Name: "..", Type: listing.Dir},
			{Name: "esc\x1b[31m", Type: listing.Dir},
		},
		Unread: []string{"total nonsense"},
	}}
	src := NewRemoteSource(s, RemoteOptions{URL: client.URL{Host: "h", User: "me"}, Zone: time.FixedZone("", 3600)})
	l, err := src.List(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Rows) != 2 || l.Note != "3 entries could not be read" {
		t.Fatalf("%d rows, note %q", len(l.Rows), l.Note)
	}
	if r := l.Rows[0]; r.Name != "caf\xe9" || r.Text != "café" || r.Cell(state.ColumnModified) != "2026-11-02 13:00" {
		t.Errorf("row %+v", r)
	}
	if r := l.Rows[1]; r.Text != `esc\x1b[31m` {
		t.Errorf("an escape sequence is shown as %q", r.Text)
	}
	for _, row := range []state.Row{{Type: listing.Dir}, {Type: listing.File}, {Type: listing.Link, LeadsTo: listing.Dir}} {
		if err = src.Delete(t.Context(), "/x", row); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(s.did, []string{"rmd /x", "dele /x", "dele /x"}) {
		t.Errorf("deleted %q", s.did)
	}
	for path, want := range map[string]string{
		"/srv/me":       "ftp://me@h/",
		"/srv/me/a b":   "ftp://me@h/a%20b",
		"/srv/mexico":   "ftp://me@h//srv/mexico",
		"/":             "ftp://me@h//",
		"/srv/me/a/caf": "ftp://me@h/a/caf",
	} {
		got := src.Address(path)
		if got != want {
			t.Errorf("Address(%q) = %q, want %q", path, got, want)
		}
		u, parseErr := client.ParseURL(got)
		if back := state.SlashPaths.Resolve("/srv/me", u.Path); parseErr != nil || back != path {
			t.Errorf("%q leads to %q, %v", got, back, parseErr)
		}
	}
	s.home = "/"
	if got := src.Address("/a/b"); got != "ftp://me@h/a/b" {
		t.Errorf("with the root as home: %q", got)
	}
	if got := NewRemoteSource(s, RemoteOptions{}).Address("/a"); got != "" {
		t.Errorf("without a host: %q", got)
	}
}
