package transfers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"portside/client/keep"
)

func TestParseExists(t *testing.T) {
	for e := Ask; e <= Fail; e++ {
		got, err := ParseExists(e.String())
		if err != nil || got != e {
			t.Errorf("ParseExists(%q) = %v, %v", e, got, err)
		}
	}
	for _, s := range []string{"", "Overwrite", "never", "Exists(8)"} {
		if _, err := ParseExists(s); err == nil {
			t.Errorf("ParseExists(%q) has no error", s)
		}
	}
}

// existsCases are the rules and what becomes of a target; the source has 1000
// bytes and is from epoch.
func existsCases() []existsCase {
	old, recent := epoch().Add(-time.Hour), epoch().Add(time.Hour)
	return []existsCase{
		{Overwrite, 10, recent, "replaced"},
		{Newer, 10, old, "replaced"},
		{Newer, 10, recent, "skipped"},
		{Newer, 10, epoch(), "skipped"},
		{Newer, 10, epoch().Add(300 * time.Millisecond), "skipped"},
		{Newer, 10, epoch().Add(-time.Second), "replaced"},
		{SizeDiffers, 10, recent, "replaced"},
		{SizeDiffers, 1000, old, "skipped"},
		{RenameNew, 10, old, "renamed"},
		{Skip, 10, old, "skipped"},
		{Fail, 10, old, "failed"},
		{Ask, 10, old, "failed"}, // nobody to ask
	}
}

type existsCase struct {
	rule Exists
	size int
	time time.Time
	want string
}

func TestExistsDownload(t *testing.T) {
	for _, tt := range existsCases() {
		f := newFake().file("/a.txt", bytesOf(1000, 1))
		dir := t.TempDir()
		name := filepath.Join(dir, "a.txt")
		old := bytesOf(tt.size, 2)
		write(t, name, old)
		if err := os.Chtimes(name, tt.time, tt.time); err != nil {
			t.Fatal(err)
		}
		sum, err := Download(t.Context(), f, "/a.txt", name, quick(tt.rule))
		got := "nothing"
		switch {
		case isLocalKind(LocalExists)(err):
			got = "failed"
		case err != nil:
			t.Errorf("%v: %v", tt.rule, err)
		case sum.Skipped == 1 && sum.Files == 0:
			got = "skipped"
		case sum.Files == 1 && len(sum.Notes) == 1:
			got = "renamed"
		case sum.Files == 1:
			got = "replaced"
		}
		if got != tt.want {
			t.Errorf("%v over %d bytes from %v: %s, want %s", tt.rule, tt.size, tt.time, got, tt.want)
		}
		switch tt.want {
		case "replaced":
			wantFile(t, name, bytesOf(1000, 1))
			wantNames(t, dir, "a.txt")
		case "renamed":
			wantFile(t, name, old)
			wantFile(t, filepath.Join(dir, "a (1).txt"), bytesOf(1000, 1))
		default:
			wantFile(t, name, old)
			wantNames(t, dir, "a.txt")
			if n := len(f.lines("RETR")); n != 0 {
				t.Errorf("%v: %d transfers for nothing", tt.rule, n)
			}
		}
	}
}

func TestExistsUpload(t *testing.T) {
	for _, tt := range existsCases() {
		local := filepath.Join(t.TempDir(), "a.txt")
		write(t, local, bytesOf(1000, 1))
		if err := os.Chtimes(local, epoch(), epoch()); err != nil {
			t.Fatal(err)
		}
		old := bytesOf(tt.size, 2)
		f := newFake().file("/a.txt", old)
		f.nodes["/a.txt"].mtime = tt.time
		sum, err := Upload(t.Context(), f, local, "/a.txt", quick(tt.rule))
		got := "nothing"
		switch {
		case isA[*RemoteExistsError](err):
			got = "failed"
		case err != nil:
			t.Errorf("%v: %v", tt.rule, err)
		case sum.Skipped == 1 && sum.Files == 0:
			got = "skipped"
		case f.exists("/a (1).txt"):
			got = "renamed"
		case sum.Files == 1:
			got = "replaced"
		}
		if got != tt.want {
			t.Errorf("%v over %d bytes from %v: %s, want %s", tt.rule, tt.size, tt.time, got, tt.want)
		}
		want := old
		if tt.want == "replaced" {
			want = bytesOf(1000, 1)
		}
		if !slices.Equal(f.content("/a.txt"), want) {
			t.Errorf("%v: the target holds the wrong bytes", tt.rule)
		}
	}
}

// A listing to the minute is made exact by MDTM, where the rule asks for it.
func TestNewerAsksForTheExactTime(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a")
	write(t, name, []byte("old"))
	before := epoch().Add(-5 * time.Second)
	if err := os.Chtimes(name, before, before); err != nil {
		t.Fatal(err)
	}
	f := newFake().file("/a", bytesOf(1000, 1))
	f.plain = true
	if sum, err := Download(t.Context(), f, "/a", name, quick(Newer)); err != nil || sum.Files != 1 {
		t.Errorf("summary = %+v, %v: want the newer file", sum, err)
	}
	// Without MDTM the minute decides, and it is the same.
	write(t, name, []byte("old"))
	if err := os.Chtimes(name, before, before); err != nil {
		t.Fatal(err)
	}
	f.noMDTM = true
	if sum, err := Download(t.Context(), f, "/a", name, quick(Newer)); err != nil || sum.Skipped != 1 {
		t.Errorf("summary = %+v, %v: want it skipped", sum, err)
	}
}

func TestRenameFindsAFreeName(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.txt", "a (1).txt", ".a (2).txt.portside-part", ".a (3).txt.portside-part"} {
		write(t, filepath.Join(dir, name), []byte("old"))
	}
	// Another transfer has taken the second name; the third was left behind.
	taken, err := os.OpenFile(filepath.Join(dir, ".a (2).txt.portside-part"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	if err = keep.TryLock(taken); err != nil {
		t.Fatal(err)
	}
	f := newFake().file("/a.txt", bytesOf(10, 1))
	if _, err = Download(t.Context(), f, "/a.txt", filepath.Join(dir, "a.txt"), quick(RenameNew)); err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "a (3).txt"), bytesOf(10, 1))
	if _, err = os.Lstat(filepath.Join(dir, ".a (3).txt.portside-part")); err == nil {
		t.Error("what was left behind is still there")
	}

	f = newFake().file("/a.txt", nil).file("/a (1).txt", nil)
	if _, err := Upload(t.Context(), f, filepath.Join(dir, "a (3).txt"), "/a.txt", quick(RenameNew)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.content("/a (2).txt"), bytesOf(10, 1)) {
		t.Error("not uploaded to the first free name")
	}
}

func TestAsk(t *testing.T) {
	f := newFake().file("/top/a", bytesOf(1000, 1))
	name := filepath.Join(t.TempDir(), "a")
	write(t, name, []byte("old"))
	var asked []Conflict
	opt := quick(Ask)
	opt.Ask = func(_ context.Context, c Conflict) (Decision, error) {
		asked = append(asked, c)
		return Decision{Action: Skip}, nil
	}
	sum, err := Download(t.Context(), f, "/top/a", name, opt)
	if err != nil || sum.Skipped != 1 || len(asked) != 1 {
		t.Fatalf("summary = %+v, %v, asked %d times", sum, err, len(asked))
	}
	c := asked[0]
	if c.Remote != "/top/a" || c.Local != name || c.SourceSize != 1000 || c.TargetSize != 3 ||
		!c.SourceTime.Equal(epoch()) || c.TargetTime.IsZero() || c.Direction != Downloading {
		t.Errorf("asked about %+v", c)
	}
}

// An answer for all is asked for once a task.
func TestAskForAll(t *testing.T) {
	f := newFake()
	dir := t.TempDir()
	n := 0
	opt := quick(Ask)
	opt.Ask = func(context.Context, Conflict) (Decision, error) {
		n++
		return Decision{Action: Skip, ForAll: true}, nil
	}
	task := newTask(f, Uploading, opt)
	for _, name := range []string{"a", "b", "c"} {
		f.file("/up/"+name, bytesOf(1000, 1))
		write(t, filepath.Join(dir, name), []byte("new"))
		if _, err := task.upload(t.Context(), filepath.Join(dir, name), &target{path: "/up/" + name}); err != nil {
			t.Error(err)
		}
	}
	if n != 1 || task.sum.Skipped != 3 {
		t.Errorf("asked %d times, %+v", n, task.sum)
	}
}

func TestAskFails(t *testing.T) {
	f := newFake().file("/a", bytesOf(1000, 1))
	name := filepath.Join(t.TempDir(), "a")
	write(t, name, []byte("old"))
	why := errors.New("window closed")
	opt := quick(Ask)
	opt.Ask = func(context.Context, Conflict) (Decision, error) { return Decision{}, why }
	if _, err := Download(t.Context(), f, "/a", name, opt); !errors.Is(err, why) {
		t.Errorf("error = %v", err)
	}
	opt.Ask = func(context.Context, Conflict) (Decision, error) { return Decision{}, nil }
	if _, err := Download(t.Context(), f, "/a", name, opt); !isLocalKind(LocalExists)(err) {
		t.Errorf("an empty answer: error = %v, want that it exists", err)
	}
	wantFile(t, name, []byte("old"))
}
