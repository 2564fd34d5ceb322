package transfers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

// mirrorOptions are those of a run over the site.
func (s *site) mirrorOptions() transfers.MirrorOptions {
	opt := transfers.MirrorOptions{Options: s.options(transfers.Overwrite)}
	opt.Dial = func(ctx context.Context) (transfers.RemoteCloser, error) {
		return client.Dial(ctx, s.srv.Addr, s.opt)
	}
	return opt
}

// mirror plans and carries out; what is changed is returned as "new a".
func mirror(t *testing.T, r transfers.Remote, local, remote string, opt transfers.MirrorOptions) ([]string, transfers.Summary, error) {
	t.Helper()
	plan, err := transfers.PlanMirror(t.Context(), r, local, remote, opt)
	if err != nil {
		return nil, transfers.Summary{}, err
	}
	var did []string
	sum, err := plan.Apply(t.Context(), r, func(e transfers.MirrorEntry, err error) {
		if err == nil {
			did = append(did, e.Action.String()+" "+e.Path)
		}
	})
	return did, sum, err
}

// twice mirrors, and holds that a second run finds nothing to do.
func twice(t *testing.T, r transfers.Remote, local, remote string, opt transfers.MirrorOptions) []string {
	t.Helper()
	did, _, err := mirror(t, r, local, remote, opt)
	if err != nil {
		t.Fatal(err)
	}
	again, sum, err := mirror(t, r, local, remote, opt)
	if err != nil || len(again) > 0 || sum.Bytes > 0 {
		t.Errorf("the second run did %q (%d bytes), %v", again, sum.Bytes, err)
	}
	return did
}

// tree writes a local tree of some depth, with times of different age.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, n int, age time.Duration) {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, pattern(n), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(at, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	const day = 24 * time.Hour
	write("a.txt", 1000, time.Hour)
	write("empty", 0, 3*day)
	write("sub/b", 70_000, 400*day)
	write("sub/deep/中文 🚢", 10, 20*day)
	write("sub/deep/with blanks  in it", 11, 200*day)
	for i := range 12 {
		write(fmt.Sprintf("many/%d", i), 2000+i, time.Duration(i)*10*day)
	}
	if err := os.MkdirAll(filepath.Join(dir, "void"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sameTrees compares names and contents.
func sameTrees(t *testing.T, a, b string) {
	t.Helper()
	files := func(dir string) map[string][]byte {
		all := make(map[string][]byte)
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(dir, p)
			if d.IsDir() {
				all[rel+"/"] = nil
				return nil
			}
			all[rel], err = os.ReadFile(p)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	x, y := files(a), files(b)
	for name, data := range x {
		if got, ok := y[name]; !ok || !bytes.Equal(data, got) {
			t.Errorf("%q is missing (%v), or differs", name, !ok)
		}
	}
	for name := range y {
		if _, ok := x[name]; !ok {
			t.Errorf("%q is too many", name)
		}
	}
}

// Up, and down again, on servers of different abilities; second runs find
// nothing to do.
func TestMirrorRoundTrip(t *testing.T) {
	tests := []struct {
		name    string
		options []ftptest.Option
	}{
		{"all abilities", nil},
		{"LIST only", []ftptest.Option{ftptest.Without("MLSD", "MLST")}},
		{"LIST only, no times but those of listings", []ftptest.Option{ftptest.Without("MLSD", "MLST", "MDTM", "MFMT")}},
		{"DOS listing", []ftptest.Option{ftptest.Without("MLSD", "MLST"), ftptest.DOSListing()}},
		{"no MFMT", []ftptest.Option{ftptest.Without("MFMT")}},
		{"no FEAT", []ftptest.Option{ftptest.NoFeat()}},
		{"no SIZE, no REST", []ftptest.Option{ftptest.Without("SIZE"), ftptest.NoREST()}},
		{"one connection", []ftptest.Option{ftptest.MaxConns(1)}},
		{"three connections", []ftptest.Option{ftptest.MaxConns(3)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, tt.options...)
			src, back := tree(t), filepath.Join(t.TempDir(), "back")
			r := s.session()
			up := s.mirrorOptions()
			up.Upload, up.Delete, up.Jobs = true, true, 5
			if did := twice(t, r, src, "/copy", up); len(did) != 17+5 {
				t.Errorf("did %q", did)
			}
			down := s.mirrorOptions()
			down.Delete, down.Jobs = true, 5
			twice(t, r, back, "/copy", down)
			sameTrees(t, src, back)

			// Something goes at the source, on either side.
			if err := os.RemoveAll(filepath.Join(src, "many")); err != nil {
				t.Fatal(err)
			}
			if did := twice(t, r, src, "/copy", up); len(did) != 13 {
				t.Errorf("did %q", did)
			}
			twice(t, r, back, "/copy", down)
			sameTrees(t, src, back)
			if n := s.srv.OpenConns(); n > 1 {
				t.Errorf("%d connections are left", n)
			}
		})
	}
}

// A listing that fails, or is cut anywhere, never deletes what is in the
// source, nor anything in the folder that it is of.
func TestMirrorCutListings(t *testing.T) {
	for _, verb := range []string{"MLSD", "LIST"} {
		for _, fault := range []string{"cut", "truncate"} {
			t.Run(verb+" "+fault, func(t *testing.T) {
				var opts []ftptest.Option
				if verb == "LIST" {
					opts = append(opts, ftptest.Without("MLSD", "MLST"))
				}
				s := newSite(t, opts...)
				src := tree(t)
				r := s.session()
				up := s.mirrorOptions()
				up.Upload = true
				twice(t, r, src, "/copy", up)
				down := s.mirrorOptions()
				down.Delete, down.Retries = true, -1
				down.Redial = nil
				for n := int64(0); n < 400; n += 7 {
					make := ftptest.CutData
					if fault == "truncate" {
						make = ftptest.TruncateData
					}
					if err := s.srv.Apply(ftptest.Times(1, make(n, verb))); err != nil {
						t.Fatal(err)
					}
					if _, _, err := mirror(t, s.session(), src, "/copy", down); err != nil {
						if _, ok := errors.AsType[*transfers.IncompleteError](err); !ok && fault == "truncate" && !errors.Is(err, transfers.ErrEmptySource) {
							t.Errorf("after %d bytes: %v", n, err)
						}
					}
					s.srv.ClearFaults()
				}
				back := filepath.Join(t.TempDir(), "back")
				if _, _, err := mirror(t, s.session(), back, "/copy", s.mirrorOptions()); err != nil {
					t.Fatal(err)
				}
				sameTrees(t, back, src)
			})
		}
	}
}

// The same of the target: a cut listing there makes nothing go that should not.
func TestMirrorCutTarget(t *testing.T) {
	s := newSite(t, ftptest.File("/copy/a.txt", "1"), ftptest.File("/copy/extra", "1"), ftptest.File("/copy/old/x", "1"))
	src := t.TempDir()
	if err := os.WriteFile(filepath.Join(src, "a.txt"), []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	opt := s.mirrorOptions()
	opt.Upload, opt.Delete, opt.Retries = true, true, -1
	for i, fault := range []ftptest.Option{
		ftptest.CutData(1, "MLSD"),
		ftptest.TruncateData(30, "MLSD"),
		ftptest.Reply("MLSD", "450 Busy."),
		ftptest.Reply("MLSD", "550 Permission denied."),
		ftptest.MLSDLines("type=file;size=1;modify=20260101000000; extra", "what is this"),
		ftptest.MLSDLines("type=file;size=1;modify=20260101000000; extra", "type=file;size=1; nul\x00byte"),
	} {
		if err := s.srv.Apply(fault); err != nil {
			t.Fatal(err)
		}
		did, _, err := mirror(t, s.session(), src, "/copy", opt)
		if slices.ContainsFunc(did, func(d string) bool { return strings.HasPrefix(d, "delete") }) {
			t.Errorf("fault %d: did %q, %v", i, did, err)
		}
		s.srv.ClearFaults()
	}
	if !s.srv.Exists("/copy/extra") || !s.srv.Exists("/copy/old/x") || s.srv.Count("DELE") > 0 || s.srv.Count("RMD") > 0 {
		t.Errorf("%d × DELE, %d × RMD", s.srv.Count("DELE"), s.srv.Count("RMD"))
	}
	did, _, err := mirror(t, s.session(), src, "/copy", opt)
	if err != nil || len(did) != 3 {
		t.Errorf("did %q, %v", did, err)
	}
}

// The connection breaks again and again; the trees are the same in the end.
func TestMirrorThroughFaults(t *testing.T) {
	s := newSite(t)
	src := tree(t)
	up := s.mirrorOptions()
	up.Upload, up.Jobs = true, 3
	faults := ftptest.Times(4, ftptest.DropData(500, "STOR", "RETR"), ftptest.CutData(1000, "STOR", "RETR"))
	if err := s.srv.Apply(faults); err != nil {
		t.Fatal(err)
	}
	if _, _, err := mirror(t, s.session(), src, "/copy", up); err != nil {
		t.Fatal(err)
	}
	s.srv.ClearFaults()
	if err := s.srv.Apply(faults); err != nil {
		t.Fatal(err)
	}
	back := filepath.Join(t.TempDir(), "back")
	down := s.mirrorOptions()
	down.Jobs = 3
	if _, _, err := mirror(t, s.session(), back, "/copy", down); err != nil {
		t.Fatal(err)
	}
	sameTrees(t, src, back)
	twice(t, s.session(), back, "/copy", down)
}

// A run that is interrupted, and one after it.
func TestMirrorInterrupted(t *testing.T) {
	s := newSite(t, ftptest.BigFile("/d/big", 3_000_000), ftptest.File("/d/small", "x"))
	dir := t.TempDir()
	opt := s.mirrorOptions()
	r := s.session()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stopped := opt
	stopped.Progress = func(p transfers.Progress) {
		if p.FileBytes >= 900_000 {
			cancel()
		}
	}
	plan, err := transfers.PlanMirror(t.Context(), r, dir, "/d", stopped)
	if err != nil {
		t.Fatal(err)
	}
	if err = s.srv.Apply(ftptest.Bandwidth(2_000_000)); err != nil {
		t.Fatal(err)
	}
	if _, err = plan.Apply(ctx, r, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("error = %v", err)
	}
	if _, err = os.Stat(filepath.Join(dir, "big")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a part is under the final name")
	}
	if err = s.srv.Apply(ftptest.Bandwidth(0)); err != nil {
		t.Fatal(err)
	}
	_, sum, err := mirror(t, s.session(), dir, "/d", opt)
	if err != nil || sum.Bytes > 2_900_000 {
		t.Errorf("%+v, %v", sum, err)
	}
	twice(t, s.session(), dir, "/d", opt)
}

// Servers that list a link as the folder that it leads to are asked by LIST as
// well; where that does not have a folder, nothing is deleted in it.
func TestMirrorLinksListedAsFolders(t *testing.T) {
	const facts = "type=dir;modify=20260101000000; "
	s := newSite(t, ftptest.File("/copy/sub/a", "1"), ftptest.File("/copy/gone/x", "1"), ftptest.File("/copy/hidden/x", "1"),
		ftptest.File("/copy/veiled/x", "1"), ftptest.File("/precious/x", "1"), ftptest.Symlink("/copy/link", "/precious"))
	if err := s.srv.Apply(
		ftptest.Times(1, ftptest.MLSDLines(facts+"sub", facts+"gone", facts+"hidden", facts+"veiled", facts+"link")),
		ftptest.Times(1, ftptest.ListLines(
			"drwxr-xr-x 1 u g 0 Jan 1 2026 sub", "drwxr-xr-x 1 u g 0 Jan 1 2026 gone", "lrwxrwxrwx 1 u g 0 Jan 1 2026 link -> /precious",
		)),
	); err != nil {
		t.Fatal(err)
	}
	src := t.TempDir()
	for _, dir := range []string{"sub", "veiled"} {
		if err := os.Mkdir(filepath.Join(src, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	opt := s.mirrorOptions()
	opt.Upload, opt.Delete = true, true
	did, _, err := mirror(t, s.session(), src, "/copy", opt)
	if err != nil || !slices.Equal(did, []string{"delete sub/a", "delete gone/x", "delete gone"}) {
		t.Errorf("did %q, %v", did, err)
	}
	for _, p := range []string{"/copy/hidden/x", "/copy/veiled/x", "/precious/x"} {
		if !s.srv.Exists(p) {
			t.Errorf("%s is gone", p)
		}
	}
}
