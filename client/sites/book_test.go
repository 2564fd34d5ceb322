package sites

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"portside/client"
)

// full is a site with something in every field.
func full() Site {
	return Site{
		ID: "0123456789abcdef", Name: "Büro & Lager", Folder: []string{"Work", "Clients"},
		Host: "ftp.example.org", Port: 2121, Security: client.SecurityRequire, User: "anna",
		Logon: LogonAccount, Account: "accounting",
		Mode: client.EPSV, PreferActive: true, ActivePorts: "50000-50100", ActiveAddress: "203.0.113.7", TrustPASVAddress: true,
		Charset: "windows-1252", TimeOffset: -90,
		LocalDir: "/home/anna/site", RemoteDir: "/public_html", SyncDirs: true,
		MaxConnections: 4, DownLimit: 1 << 20, UpLimit: 1 << 19, Exists: "newer", TempUpload: true,
		AfterLogin: []string{"SITE UMASK 022"},
		Proxy:      Proxy{Kind: client.ProxyFTP, Addr: "proxy.example.org:2121", User: "bob", Form: client.ProxyUserAtProxy},
		ClientCert: "/home/anna/cert.pem", ClientKey: "/home/anna/key.pem",
		Colour: "green", Notes: "call <Ben>\nfirst", Used: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC),
		Bookmarks: []Bookmark{{Name: "images", LocalDir: "/home/anna/img", RemoteDir: "/public_html/img", SyncDirs: true}},
	}
}

func openBook(t *testing.T, path string) *Book {
	t.Helper()
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bookPath(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "portside", "sites.json")
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// writeFile edits the file by hand.
func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEveryFieldIsKept(t *testing.T) {
	want := full()
	v := reflect.ValueOf(want)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test says nothing of %s", v.Type().Field(i).Name)
		}
	}
	path := bookPath(t)
	b := openBook(t, path)
	added, err := b.Add(want)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]Site{
		"Add": added, "Content": b.Content().Sites, "a second Open": openBook(t, path).Content().Sites,
	} {
		if len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("%s returns %+v, want %+v", name, got, want)
		}
	}
	if b.Changed() {
		t.Error("Changed reports our own change")
	}
	text := fileText(t, path)
	if !strings.HasPrefix(text, "{\n\t\"version\": 1,\n\t\"folders\": [\n\t\t[\"Work\"],\n\t\t[\"Work\",\"Clients\"]\n\t],\n\t\"sites\": [\n\t\t{\n\t\t\t\"id\"") {
		t.Errorf("the file is not laid out for people:\n%s", text)
	}
	if info, statErr := os.Stat(path); statErr != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), statErr)
	}
}

func TestContentIsACopy(t *testing.T) {
	b := openBook(t, "")
	if _, err := b.Add(full()); err != nil {
		t.Fatal(err)
	}
	c := b.Content()
	c.Sites[0].Folder[0], c.Sites[0].AfterLogin[0], c.Sites[0].Bookmarks[0].Name, c.Folders[0][0] = "x", "x", "x", "x"
	if got := b.Content(); !reflect.DeepEqual(got.Sites[0], full()) || got.Folders[0][0] != "Work" {
		t.Errorf("a change of the copy changed the book: %+v", got)
	}
}

func TestMissingFileIsAnEmptyBook(t *testing.T) {
	path := bookPath(t)
	b := openBook(t, path)
	if c := b.Content(); len(c.Sites)+len(c.Folders)+len(c.Notes) != 0 || b.Changed() {
		t.Errorf("Content %+v, Changed %v", c, b.Changed())
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("reading made the folder")
	}
	if err := b.Touch("0123456789abcdef", time.Now()); !errors.Is(err, ErrGone) {
		t.Errorf("Touch: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a change that failed made the file")
	}
}

// What another Book of the same file does is seen, and kept.
func TestTwoBooks(t *testing.T) {
	path := bookPath(t)
	a, b := openBook(t, path), openBook(t, path)
	if _, err := a.Add(Site{Name: "one", Host: "h"}); err != nil {
		t.Fatal(err)
	}
	if !b.Changed() || a.Changed() {
		t.Errorf("Changed: %v, and of who did it %v", b.Changed(), a.Changed())
	}
	if _, err := b.Add(Site{Name: "two", Host: "h"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if c := a.Content(); len(c.Sites) != 2 {
			t.Errorf("%d sites", len(c.Sites))
		}
	}
	if a.Changed() {
		t.Error("Changed after Content")
	}
	if err := a.Put(Site{ID: "0"}); err == nil || a.Changed() {
		t.Errorf("after a change that failed (%v) the file has changed", err)
	}
	if err := b.AddFolder([]string{"F"}); err != nil {
		t.Fatal(err)
	}
	if err := a.Put(Site{ID: "0"}); err == nil || a.Changed() || len(a.Content().Folders) != 1 {
		t.Errorf("a change that failed (%v) did not take in what others wrote", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if !a.Changed() || len(a.Content().Sites) != 0 {
		t.Error("the file is gone, and its sites are not")
	}
}

func TestUpdateKeepsWhatAnotherProgramChanged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sites.json")
	ours, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	added, err := ours.Add(Site{Name: "A", Host: "a.example"}, Site{Name: "B", Host: "b.example"})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := added[0]
	changed.Bookmarks = []Bookmark{{Name: "docs", RemoteDir: "/docs"}}
	if err = theirs.Put(changed); err != nil {
		t.Fatal(err)
	}
	got, err := ours.Update(added[0].ID, func(s *Site) error {
		s.Notes = "mine"
		return nil
	})
	if err != nil || got.Notes != "mine" || len(got.Bookmarks) != 1 {
		t.Errorf("the updated site is %+v, %v; want both changes", got, err)
	}
	if s, _ := theirs.Content().ByID(added[0].ID); s.Notes != "mine" || len(s.Bookmarks) != 1 {
		t.Errorf("the file has %+v, want both changes", s)
	}
	no := errors.New("not now")
	if _, err = ours.Update(added[0].ID, func(s *Site) error { s.Host = "evil.example"; return no }); !errors.Is(err, no) {
		t.Errorf("the error of the change is %v, want it back", err)
	}
	if _, err = ours.Update(added[0].ID, func(s *Site) error { s.Name, s.ID = "B", "other"; return nil }); !errors.Is(err, ErrExists) {
		t.Errorf("a name that is taken: %v, want ErrExists", err)
	}
	if _, err = ours.Update("0123456789abcdef", func(*Site) error { return nil }); !errors.Is(err, ErrGone) {
		t.Errorf("a site that is not there: %v, want ErrGone", err)
	}
	if s, _ := ours.Content().ByID(added[0].ID); s.Host != "a.example" || s.Name != "A" {
		t.Errorf("a refused change has been made: %+v", s)
	}
}
