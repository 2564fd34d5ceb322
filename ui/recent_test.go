package ui

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
)

func addRecent(t *testing.T, r *recents, address string, minute int) {
	t.Helper()
	to, err := fields{Address: address}.target()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Add(to, time.Date(2026, 11, 20, 12, minute, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
}

func TestRecentsAreKeptWithoutPasswords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portside", "recent.json")
	r, err := loadRecents(path)
	if err != nil {
		t.Fatal(err)
	}
	addRecent(t, r, "ftp://bob:s3cret@b.example.org:2121/pub", 1)
	addRecent(t, r, "a.example.org", 2)
	addRecent(t, r, "ftps://c.example.org", 3)
	addRecent(t, r, "ftp://bob:other@b.example.org:2121/pub", 4) // the same place again
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(data); strings.Contains(s, "s3cret") || strings.Contains(s, "other") {
		t.Errorf("a password is on disk:\n%s", s)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	again, err := loadRecents(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ftp://bob@b.example.org:2121/pub", "ftps://c.example.org", "ftp://a.example.org"}
	if got := again.Match("", 10); !slices.Equal(got, want) {
		t.Errorf("read back %q, want %q", got, want)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 || entries[0].Name() != "recent.json" || entries[1].Name() != "recent.json.lock" {
		t.Errorf("beside the file and its lock: %v, %v", entries, err)
	}
}

func TestRecentsKeepWhatAnotherWindowWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recent.json")
	one, err := loadRecents(path)
	if err != nil {
		t.Fatal(err)
	}
	two, err := loadRecents(path)
	if err != nil {
		t.Fatal(err)
	}
	addRecent(t, one, "one.example.org", 1)
	addRecent(t, two, "two.example.org", 2)
	want := []string{"ftp://two.example.org", "ftp://one.example.org"}
	if got := two.Match("", 10); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDamagedRecentsAreSetAside(t *testing.T) {
	for _, content := range []string{"{", `{"recent": []}`, "\x00\x01"} {
		path := filepath.Join(t.TempDir(), "recent.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := loadRecents(path)
		if err == nil || !strings.Contains(err.Error(), path+".damaged") {
			t.Errorf("%q: error %v does not say where the file went", content, err)
		}
		addRecent(t, r, "a.example.org", 1)
		if kept, err := os.ReadFile(path + ".damaged"); err != nil || string(kept) != content {
			t.Errorf("the damaged file is %q, %v; want %q", kept, err, content)
		}
		if again, err := loadRecents(path); err != nil || len(again.list) != 1 {
			t.Errorf("after setting it aside: %v, %v", again.list, err)
		}
	}
}

// What a newer version of the program wrote is neither read nor written over; the
// list is kept as long as the window.
func TestRecentsOfANewerVersionAreLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recent.json")
	const content = `{"version": 99, "recent": {"somehow": "else"}}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := loadRecents(path)
	if err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("error %v", err)
	}
	to, err := fields{Address: "a.example.org"}.target()
	if err != nil {
		t.Fatal(err)
	}
	if err = r.Add(to, time.Now()); err == nil {
		t.Error("adding to it has no error")
	}
	if got := r.Match("", 9); !slices.Equal(got, []string{"ftp://a.example.org"}) {
		t.Errorf("known in the window: %q", got)
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != content {
		t.Errorf("the file is %q, %v", kept, err)
	}
}

func TestRecentsDropPasswordsWrittenByHand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recent.json")
	content := `{"version": 1, "recent": [{"address": "ftp://a:b@c"}, {"address": "ftp://a@c"}]}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := loadRecents(path)
	if err != nil || !slices.Equal(r.Match("", 9), []string{"ftp://a@c"}) {
		t.Errorf("%v, %v", r.list, err)
	}
}

func TestRecentsMatch(t *testing.T) {
	r := &recents{}
	for i, a := range []string{"ftp://bob@mirror.example.org", "ftp://files.mirror.net", "ftps://mirror.example.com", "ftp://other.org"} {
		r.list = append(r.list, recentAddress{Address: a, Used: time.Unix(int64(i), 0)})
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{"mirror", []string{"ftp://bob@mirror.example.org", "ftps://mirror.example.com", "ftp://files.mirror.net"}},
		{"FTPS", []string{"ftps://mirror.example.com"}},
		{"other.org", nil}, // complete already
		{"zzz", nil},
	} {
		if got := r.Match(c.text, 10); !slices.Equal(got, c.want) {
			t.Errorf("Match(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	if got := r.Match("", 2); len(got) != 2 {
		t.Errorf("limit 2 gave %q", got)
	}
	if err := r.Add(target{URL: client.URL{Host: "h"}}, time.Now()); err != nil {
		t.Errorf("a list without a file: %v", err)
	}
}
