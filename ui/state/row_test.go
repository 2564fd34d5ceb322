package state

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"portside/client/listing"
)

func TestFromListing(t *testing.T) {
	zone := time.FixedZone("here", 2*3600)
	place := Place{Zone: zone, Text: strings.ToUpper}
	clock := time.Date(2026, 11, 2, 14, 3, 0, 0, time.UTC)
	day := time.Date(2024, 1, 9, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what string
		e    listing.Entry
		want Row
		cell string
	}{
		{
			"a precise time is shown in the zone of who looks",
			listing.Entry{Name: "a", Owner: "o", Size: 3, ModTime: clock, Precise: true, Type: listing.File},
			Row{Name: "a", Text: "A", Owner: "O", Size: 3, Type: listing.File},
			"2026-11-02 16:03",
		},
		{
			"that of ls as it was sent",
			listing.Entry{Name: "b", ModTime: clock, Type: listing.Dir, Size: listing.UnknownSize},
			Row{Name: "b", Text: "B", Size: listing.UnknownSize, Type: listing.Dir},
			"2026-11-02 14:03",
		},
		{
			"without a clock to the day",
			listing.Entry{Name: "c", ModTime: day, Type: listing.Link, Target: "t", Size: listing.UnknownSize},
			Row{Name: "c", Text: "C", Target: "T", Size: listing.UnknownSize, Type: listing.Link, DayOnly: true},
			"2024-01-09",
		},
		{"no time", listing.Entry{Name: "d"}, Row{Name: "d", Text: "D"}, ""},
	} {
		got := FromListing(c.e, place)
		if cell := got.Cell(ColumnModified); cell != c.cell {
			t.Errorf("%s: shown as %q, want %q", c.what, cell, c.cell)
		}
		got.ModTime = time.Time{}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
	got := FromListing(listing.Entry{Name: "a", Owner: "www", Group: "data"}, Place{})
	if got.Owner != "www:data" {
		t.Errorf("owner %q", got.Owner)
	}
	if got = FromListing(listing.Entry{Name: "a", Owner: "www", Group: "www"}, Place{}); got.Owner != "www" {
		t.Errorf("owner %q", got.Owner)
	}
}

func TestFromFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f.txt")
	if err := os.WriteFile(path, []byte("12345"), 0o640); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	got := FromFile("f.txt", info, "me", Place{})
	if got.Size != 5 || got.Type != listing.File || got.Owner != "me" || got.Text != "f.txt" {
		t.Errorf("file: %+v", got)
	}
	if runtime.GOOS != "windows" && got.Mode != 0o640 {
		t.Errorf("mode %o", got.Mode)
	}
	info, err = os.Lstat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got = FromFile("d", info, "", Place{}); got.Type != listing.Dir || got.Size != listing.UnknownSize {
		t.Errorf("folder: %+v", got)
	}
	link := filepath.Join(dir, "l")
	if err = os.Symlink("f.txt", link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	info, err = os.Lstat(link)
	if err != nil {
		t.Fatal(err)
	}
	got = FromFile("l", info, "", Place{Link: func(string) LinkEnd { return LinkEnd{Target: "f.txt", Type: listing.Dir} }})
	if got.Type != listing.Link || got.Target != "f.txt" || !got.IsDir() {
		t.Errorf("link: %+v", got)
	}
}

func TestKindOf(t *testing.T) {
	for _, c := range []struct {
		name string
		mode uint32
		want FileKind
	}{
		{"a.txt", 0o644, TextFile},
		{"B.JPG", 0o644, ImageFile},
		{"a.tar.gz", 0o644, ArchiveFile},
		{"a.mkv", 0o644, MediaFile},
		{"run.sh", 0o644, ProgramFile},
		{"run", 0o755, ProgramFile},
		{"run", listing.ModeUnknown, PlainFile},
		{"Makefile", 0o644, PlainFile},
		{"x.unknown", 0o755, PlainFile},
	} {
		if got := KindOf(&Row{Text: c.name, Mode: c.mode}); got != c.want {
			t.Errorf("KindOf(%q) = %v, want %v", c.name, got, c.want)
		}
	}
}
