package transfers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"portside/client/listing"
)

// What cannot be listed as a whole keeps everything that only the other side
// has.
func TestMirrorDeletionSafety(t *testing.T) {
	refused := refuse("MLSD", 550, "Permission denied.")
	type world struct {
		f   *fake
		opt MirrorOptions
	}
	tests := []struct {
		name string
		make func(w *world) Remote
		kept []string // beside what is in the source
		note bool
	}{
		{"all is well", func(w *world) Remote { return w.f }, nil, false},
		{"550 below", func(w *world) Remote {
			w.f.on = onList("/top/sub", refused)
			return w.f
		}, []string{"sub/extra"}, true},
		{"connection broken below", func(w *world) Remote {
			w.f.on = onList("/top/sub", brokenData())
			return w.f
		}, []string{"sub/extra"}, true},
		{"limit below", func(w *world) Remote {
			w.opt.MaxDepth = 1
			return w.f
		}, []string{"sub/extra", "old/", "old/x"}, true},
		{"unread line", func(w *world) Remote {
			return tampered{w.f, "/top/sub", func(l *listing.Listing) { l.Unread = []string{"?"} }}
		}, []string{"sub/extra"}, true},
		{"cut line", func(w *world) Remote {
			return tampered{w.f, "/top/sub", func(l *listing.Listing) { l.Unended = true }}
		}, []string{"sub/extra"}, true},
		{"void listing of a server that frames them", func(w *world) Remote {
			return framed{tampered{w.f, "/top/sub", func(l *listing.Listing) { l.Entries, l.Self, l.Lines = nil, 0, 0 }}}
		}, []string{"sub/extra", "sub/b"}, true},
		{"hostile name", func(w *world) Remote {
			return tampered{w.f, "/top/sub", func(l *listing.Listing) {
				l.Entries = append(l.Entries, listing.Entry{Name: "../../evil", Type: listing.File, Size: 1})
			}}
		}, []string{"sub/extra"}, true},
		{"excluded", func(w *world) Remote {
			w.opt.Exclude = []string{"extra", "old/"}
			return w.f
		}, []string{"extra", "sub/extra", "old/", "old/x"}, false},
		{"excluded in a folder that goes", func(w *world) Remote {
			w.opt.Exclude = []string{"x"}
			return w.f
		}, []string{"old/", "old/x"}, false},
		{"second listing has it", func(w *world) Remote {
			n := 0
			return tampered{w.f, "/top", func(l *listing.Listing) {
				if n++; n > 1 {
					l.Entries = append(l.Entries, listing.Entry{Name: "extra", Type: listing.File})
				}
			}}
		}, []string{"extra"}, true},
		{"second listing fails", func(w *world) Remote {
			w.f.on = onNthList("/top/sub", 2, refused)
			return w.f
		}, []string{"sub/extra"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &world{f: newFake().file("/top/a", nil).file("/top/sub/b", nil), opt: MirrorOptions{Delete: true}}
			dir := localTree(t, map[string]string{"a": "", "extra": "", "sub/b": "", "sub/extra": "", "old/x": ""})
			r := tt.make(w)
			_, sum, _ := mirrored(t, r, dir, "/top", w.opt)
			wantTree(t, dir, unique("a", "sub/", "sub/b", tt.kept)...)
			if (len(sum.Notes) > 0) != tt.note {
				t.Errorf("notes = %v", sum.Notes)
			}
		})
	}
}

func unique(a, b, c string, more []string) []string {
	out := append([]string{a, b, c}, more...)
	slices.Sort(out)
	return slices.Compact(out)
}

func onList(path string, err error) func(verb, p string) error {
	return onNthList(path, 1, err)
}

// onNthList fails the nth listing of a path, and those that follow.
func onNthList(path string, n int, err error) func(verb, p string) error {
	return func(verb, p string) error {
		if verb != "LIST" || p != path {
			return nil
		}
		if n--; n > 0 {
			return nil
		}
		return err
	}
}

// tampered changes what a server lists of one folder.
type tampered struct {
	*fake
	path   string
	change func(l *listing.Listing)
}

func (r tampered) List(ctx context.Context, p string) (*listing.Listing, error) {
	l, err := r.fake.List(ctx, p)
	if err == nil && p == r.path {
		r.change(l)
	}
	return l, err
}

// framed lists a folder itself beside its entries, as most servers do.
type framed struct{ tampered }

func (r framed) List(ctx context.Context, p string) (*listing.Listing, error) {
	l, err := r.fake.List(ctx, p)
	if err == nil {
		l.Self, l.Lines = 2, 2+len(l.Entries)
		if p == r.path {
			r.change(l)
		}
	}
	return l, err
}

// The same, with the server as the target.
func TestMirrorDeletionSafetyUp(t *testing.T) {
	tests := []struct {
		name string
		make func(f *fake) Remote
		kept []string
	}{
		{"all is well", func(f *fake) Remote { return f }, nil},
		{"550 in the target", func(f *fake) Remote {
			f.on = onList("/top/sub", refuse("MLSD", 550, "no"))
			return f
		}, []string{"sub/extra"}},
		{"550 below what goes", func(f *fake) Remote {
			f.on = onList("/top/old/er", refuse("MLSD", 550, "no"))
			return f
		}, []string{"old/", "old/x", "old/er/", "old/er/y"}},
		{"unread line below what goes", func(f *fake) Remote {
			return tampered{f, "/top/old/er", func(l *listing.Listing) { l.Unread = []string{"?"} }}
		}, []string{"old/", "old/x", "old/er/", "old/er/y"}},
		{"cut line", func(f *fake) Remote {
			return tampered{f, "/top", func(l *listing.Listing) { l.Unended = true }}
		}, []string{"extra", "old/", "old/x", "old/er/", "old/er/y"}},
		{"hostile names", func(f *fake) Remote {
			return tampered{f, "/top", func(l *listing.Listing) {
				for _, name := range []string{"../top/sub", "/top/sub", "..", ".", "", "a\x00b"} {
					l.Entries = append(l.Entries, listing.Entry{Name: name, Type: listing.Dir})
				}
			}}
		}, []string{"extra", "old/", "old/x", "old/er/", "old/er/y"}},
		{"filled while it was deleted", func(f *fake) Remote {
			f.on = func(verb, p string) error {
				if verb == "DELE" && p == "/top/old/er/y" {
					f.file("/top/old/er/new", nil)
				}
				return nil
			}
			return f
		}, []string{"old/", "old/er/", "old/er/new"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake().file("/top/a", nil).file("/top/sub/b", nil).
				file("/top/extra", nil).file("/top/sub/extra", nil).file("/top/old/x", nil).file("/top/old/er/y", nil)
			dir := localTree(t, map[string]string{"a": "", "sub/b": ""})
			_, _, err := mirrored(t, tt.make(f), dir, "/top", MirrorOptions{Upload: true, Delete: true})
			wantRemote(t, f, "/top", unique("a", "sub/", "sub/b", tt.kept)...)
			for _, p := range f.lines("DELE") {
				if strings.Contains(p, "..") || !strings.HasPrefix(p, "DELE /top/") {
					t.Errorf("sent %q", p)
				}
			}
			if tt.kept != nil && tt.name != "cut line" && !isA[*IncompleteError](err) && !strings.HasPrefix(tt.name, "hostile") {
				t.Errorf("error = %v", err)
			}
		})
	}
}

// A file that could not be copied may have been moved: what was there stays.
func TestMirrorDeletesNothingAfterFailure(t *testing.T) {
	f := newFake().file("/top/moved", []byte("x"))
	f.on = func(verb, _ string) error {
		if verb == "RETR" {
			return refuse("RETR", 550, "no")
		}
		return nil
	}
	dir := localTree(t, map[string]string{"before": "x"})
	_, sum, err := mirrored(t, f, dir, "/top", MirrorOptions{Delete: true})
	if !isA[*IncompleteError](err) {
		t.Errorf("error = %v", err)
	}
	wantTree(t, dir, "before")
	if len(sum.Notes) != 1 || !strings.Contains(sum.Notes[0].Text, "nothing was deleted") {
		t.Errorf("notes = %v", sum.Notes)
	}
}

func TestMirrorEmptySource(t *testing.T) {
	for _, upload := range []bool{false, true} {
		f := newFake().dir("/top")
		dir := localTree(t, map[string]string{"a": ""})
		if upload {
			f, dir = newFake().file("/top/a", nil), t.TempDir()
		}
		opt := MirrorOptions{Upload: upload, Delete: true}
		if _, err := PlanMirror(t.Context(), f, dir, "/top", opt); !errors.Is(err, ErrEmptySource) {
			t.Errorf("upload %v: error = %v", upload, err)
		}
		opt.ForceEmpty = true
		plan, _, err := mirrored(t, f, dir, "/top", opt)
		if err != nil {
			t.Error(err)
		}
		wantPlan(t, plan, "delete a")
		if upload {
			wantRemote(t, f, "/top")
		} else {
			wantTree(t, dir)
		}
		if !f.exists("/top") {
			t.Error("the root is gone")
		}
	}
}

func TestMirrorLocalChangedBeforeDeletion(t *testing.T) {
	f := newFake().file("/top/a", nil)
	dir := localTree(t, map[string]string{"a": "", "extra": "x"})
	plan, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{Delete: true})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "extra"), []byte("edited"), 0o644))
	_, err = plan.Apply(t.Context(), f, nil)
	if le, ok := errors.AsType[*LocalError](err); !ok || le.Kind != LocalChanged {
		t.Errorf("error = %v", err)
	}
	wantTree(t, dir, "a", "extra")
}
