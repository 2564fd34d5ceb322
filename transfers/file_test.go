package transfers

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// contents returns the files below dir by path, hidden ones included.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		found[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestMoveDownloadMakesFolders(t *testing.T) {
	f := newFake().file("/a/b/x.bin", bytesOf(100_000, 1))
	dir := filepath.Join(t.TempDir(), "new")
	var told []Settled
	awaited := false
	entry := f.entry("/a/b/x.bin", f.nodes["/a/b/x.bin"])
	out, err := Move(t.Context(), f, File{
		Remote: "/a/b/x.bin", Root: dir, Local: filepath.Join("a", "b", "x.bin"), Source: &entry,
		OnSettled: func(s Settled) func(context.Context) error {
			told = append(told, s)
			return func(context.Context) error {
				awaited = true
				if len(contents(t, filepath.Join(dir, "a", "b"))) != 1 {
					t.Error("the file is under its final name before the decision is kept")
				}
				return nil
			}
		},
	}, quick(Ask))
	if err != nil || out.Size != 100_000 || out.Moved != 100_000 || out.Skipped {
		t.Fatalf("%+v, %v", out, err)
	}
	want := Settled{Action: Overwrite, Name: filepath.Join("a", "b", "x.bin")}
	if len(told) != 1 || told[0] != want || !awaited {
		t.Errorf("told %+v, awaited %v", told, awaited)
	}
	if got := contents(t, dir); len(got) != 1 || got["a/b/x.bin"] != string(bytesOf(100_000, 1)) {
		t.Errorf("files: %d", len(got))
	}
	if n := len(f.lines("STAT")); n != 0 {
		t.Errorf("asked %d times for what the listing had said", n)
	}
}

func TestMoveAsksAndGoesOn(t *testing.T) {
	f := newFake().file("/x", []byte("new"))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	down := File{Remote: "/x", Root: dir, Local: "x"}
	_, err := Move(t.Context(), f, down, quick(Ask))
	ce, ok := errors.AsType[*ConflictError](err)
	if !ok || ce.TargetSize != 3 || !Judge(err).NeedsUser {
		t.Fatalf("want a conflict, got %v", err)
	}
	if got := contents(t, dir); len(got) != 1 || got["x"] != "old" {
		t.Fatalf("something was touched: %q", got)
	}
	for _, tt := range []struct {
		settled Settled
		want    map[string]string
		skipped bool
	}{
		{Settled{Action: Skip}, map[string]string{"x": "old"}, true},
		{Settled{Action: RenameNew, Name: "x (7)"}, map[string]string{"x": "old", "x (7)": "new"}, false},
		{Settled{Action: RenameNew, Name: "x (7)"}, map[string]string{"x": "old", "x (7)": "new"}, false},
		{Settled{Action: Overwrite, Name: "x"}, map[string]string{"x": "new", "x (7)": "new"}, false},
	} {
		down.Settled = tt.settled
		out, err := Move(t.Context(), f, down, quick(Ask))
		if err != nil || out.Skipped != tt.skipped {
			t.Fatalf("%+v: %+v, %v", tt.settled, out, err)
		}
		got := contents(t, dir)
		if len(got) != len(tt.want) {
			t.Errorf("%+v: %q", tt.settled, got)
		}
		for name, text := range tt.want {
			if got[name] != text {
				t.Errorf("%+v: %s holds %q", tt.settled, name, got[name])
			}
		}
	}
}

func TestMoveUploadAsksAndGoesOn(t *testing.T) {
	f := newFake().file("/x", []byte("old"))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("newer"), 0o600); err != nil {
		t.Fatal(err)
	}
	up := File{Direction: Uploading, Remote: "/x", Root: dir, Local: "x"}
	if _, err := Move(t.Context(), f, up, quick(Ask)); !isA[*ConflictError](err) {
		t.Fatalf("want a conflict, got %v", err)
	}
	up.Settled = Settled{Action: RenameNew, Name: "/x (1)"}
	for range 2 {
		out, err := Move(t.Context(), f, up, quick(Ask))
		if err != nil || out.Size != 5 {
			t.Fatalf("%+v, %v", out, err)
		}
		if string(f.content("/x")) != "old" || string(f.content("/x (1)")) != "newer" || f.exists("/x (2)") {
			t.Errorf("%q, %q", f.content("/x"), f.content("/x (1)"))
		}
	}
	up.Settled = Settled{}
	up.OnSettled = func(s Settled) func(context.Context) error {
		if s != (Settled{Action: Overwrite, Name: "/x"}) {
			t.Errorf("settled %+v", s)
		}
		return func(context.Context) error {
			if !bytes.Equal(f.content("/x"), []byte("old")) {
				t.Error("written before the decision was kept")
			}
			return nil
		}
	}
	if _, err := Move(t.Context(), f, up, quick(Overwrite)); err != nil || string(f.content("/x")) != "newer" {
		t.Errorf("%q, %v", f.content("/x"), err)
	}
}

func TestMoveStaysBelowRoot(t *testing.T) {
	f := newFake().file("/x", []byte("x"))
	outside := t.TempDir()
	dir := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "planted")); err != nil {
		t.Skip("no links here:", err)
	}
	for _, local := range []string{
		filepath.Join("planted", "x"), filepath.Join("..", "x"), filepath.Join("a", "..", "..", "x"),
		filepath.Join(outside, "x"), ".", "",
	} {
		_, err := Move(t.Context(), f, File{Remote: "/x", Root: dir, Local: local}, quick(Overwrite))
		if le, ok := errors.AsType[*LocalError](err); !ok || le.Kind != LocalEscape {
			t.Errorf("%q: %v", local, err)
		}
	}
	if got := contents(t, outside); len(got) != 0 {
		t.Errorf("written outside: %q", got)
	}
}

func TestMoveIsOneTry(t *testing.T) {
	f := newFake().file("/x", bytesOf(200_000, 1))
	f.cut = func(string, string) (int64, error) { return 100_000, brokenData() }
	out, err := Move(t.Context(), f, File{Remote: "/x", Root: t.TempDir(), Local: "x"}, Options{Backoff: time.Hour})
	if err == nil || out.Far != 100_000 || !Judge(err).Again || Judge(err).SessionLost {
		t.Errorf("%+v, %v, %+v", out, err, Judge(err))
	}
	if n := len(f.lines("RETR")); n != 1 {
		t.Errorf("%d tries", n)
	}
}

// A part whose source was listed to the minute is gone on from, although the
// exact time is later than what the listing said.
func TestMoveGoesOnWhereTimesAreCoarse(t *testing.T) {
	whole := bytesOf(500_000, 3)
	f := newFake().file("/x", whole)
	f.plain = true
	f.nodes["/x"].mtime = time.Now().Add(-time.Hour).Truncate(time.Minute).Add(45 * time.Second)
	first := true
	f.cut = func(string, string) (int64, error) {
		if !first {
			return -1, nil
		}
		first = false
		return 200_000, brokenData()
	}
	dir := t.TempDir()
	listed := f.entry("/x", f.nodes["/x"])
	down := File{Remote: "/x", Root: dir, Local: "x", Source: &listed}
	if _, err := Move(t.Context(), f, down, quick(Overwrite)); !isA[*KeptError](err) {
		t.Fatalf("want a part that is kept, got %v", err)
	}
	down.GoOn = true
	if _, err := Move(t.Context(), f, down, quick(Overwrite)); err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "x"), whole)
	if got, want := f.lines("RETR"), []string{"RETR /x @0", "RETR /x @134464"}; !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}
