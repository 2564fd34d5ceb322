package transfers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestUploadTree(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{
		"a.txt": bytesOf(1000, 1), "empty": nil, "sub/b": bytesOf(70_000, 2), "sub/deep/中文 🚢": bytesOf(10, 3), "caf\xe9": bytesOf(20, 4),
	}
	for name, data := range files {
		write(t, filepath.Join(dir, name), data)
	}
	write(t, filepath.Join(dir, ".x.portside-part"), nil)
	outside := t.TempDir()
	write(t, filepath.Join(outside, "linked"), bytesOf(5, 5))
	for name, to := range map[string]string{"ln": filepath.Join(outside, "linked"), "dirln": outside, "broken": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "void"), 0o777); err != nil {
		t.Fatal(err)
	}
	f := newFake()
	opt := quick(Fail)
	opt.Times = true
	sum, err := UploadTree(t.Context(), f, dir, "/copy", opt)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if got := f.content("/copy/" + name); !slices.Equal(got, data) {
			t.Errorf("%q has %d bytes, want %d, or they differ", name, len(got), len(data))
		}
	}
	if !slices.Equal(f.content("/copy/ln"), bytesOf(5, 5)) || f.exists("/copy/dirln") || f.exists("/copy/broken") || f.exists("/copy/.x.portside-part") {
		t.Error("links: want the file's contents, and not the folder, the broken one or the unfinished download")
	}
	if !f.exists("/copy/void") || sum.Files != 6 || sum.Dirs != 4 || sum.Skipped != 3 || len(sum.Notes) != 3 {
		t.Errorf("summary = %+v", sum)
	}
	if n := len(f.lines("LIST")) + len(f.lines("STAT")); n != 0 {
		t.Errorf("%d questions about folders that are new", n)
	}

	// Again, into what is there now.
	sum, err = UploadTree(t.Context(), f, dir, "/copy", quick(SizeDiffers))
	if err != nil || sum.Skipped != 6+3 || sum.Files != 0 {
		t.Errorf("again: %+v, %v", sum, err)
	}
	if n := len(f.lines("LIST")); n != 3 {
		t.Errorf("%d listings, want one of each folder with files", n)
	}
	opt.FollowLinks = true
	if err = os.Symlink(dir, filepath.Join(dir, "sub", "loop")); err != nil {
		t.Fatal(err)
	}
	if _, err = UploadTree(t.Context(), f, dir, "/followed", opt); err != nil {
		t.Fatal(err)
	}
	if !f.exists("/followed/dirln/linked") || f.exists("/followed/sub/loop") {
		t.Error("links to folders: want them followed, and loops not")
	}
}

func TestUploadTreeFailures(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "sub/c", "中"} {
		write(t, filepath.Join(dir, name), bytesOf(10, 1))
	}
	f := latin1()
	f.on = func(verb, p string) error {
		if strings.HasPrefix(p, "/up/a") && verb == "STOR" || p == "/up/sub" && verb == "MKD" {
			return refuse(verb, 553, "Not allowed.")
		}
		return nil
	}
	sum, err := UploadTree(t.Context(), f, dir, "/up", quick(Overwrite))
	if !isA[*IncompleteError](err) || len(sum.Failed) != 3 || sum.Files != 1 || !f.exists("/up/b") {
		t.Errorf("error = %v, summary = %+v", err, sum)
	}
	if _, err = UploadTree(t.Context(), f, filepath.Join(dir, "a"), "/up", quick(Overwrite)); !isLocalKind(LocalNotDir)(err) {
		t.Errorf("a file: error = %v", err)
	}
	f.file("/taken", nil)
	if _, err = UploadTree(t.Context(), f, dir, "/taken", quick(Overwrite)); !isReply(550)(err) {
		t.Errorf("onto a file: error = %v", err)
	}
}
