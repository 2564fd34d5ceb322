package transfers_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

func bits(mode uint32) *uint32 { return &mode }

// chmods returns the arguments of SITE CHMOD, in their order.
func (s *site) chmods() []string {
	var found []string
	for _, c := range s.srv.Commands() {
		if arg, ok := strings.CutPrefix(c, "SITE CHMOD "); ok {
			found = append(found, arg)
		}
	}
	return found
}

func TestChmodTree(t *testing.T) {
	tree := []ftptest.Option{
		ftptest.File("/top/a", "a"), ftptest.File("/top/sub/b", "b"), ftptest.File("/top/sub/with blank", "c"), ftptest.Dir("/top/void"),
		ftptest.File("/elsewhere/x", "x"), ftptest.Symlink("/top/to-file", "/elsewhere/x"), ftptest.Symlink("/top/to-dir", "/elsewhere"),
	}
	tests := []struct {
		name    string
		path    string
		opt     transfers.ChmodOptions
		want    []string
		skipped int
	}{
		{
			"all", "/top",
			transfers.ChmodOptions{File: bits(0o640), Dir: bits(0o750), Recursive: true},
			[]string{"640 /top/a", "640 /top/sub/b", "640 /top/sub/with blank", "750 /top/sub", "750 /top/void", "750 /top"},
			2,
		},
		{
			"files only", "/top",
			transfers.ChmodOptions{File: bits(0o600), Recursive: true},
			[]string{"600 /top/a", "600 /top/sub/b", "600 /top/sub/with blank"},
			2,
		},
		{"folders only", "/top", transfers.ChmodOptions{Dir: bits(0o700), Recursive: true}, []string{"700 /top/sub", "700 /top/void", "700 /top"}, 2},
		{"the folder alone", "/top", transfers.ChmodOptions{File: bits(0o600), Dir: bits(0o2775)}, []string{"2775 /top"}, 0},
		{"a file", "/top/a", transfers.ChmodOptions{File: bits(0o4755), Dir: bits(0o700), Recursive: true}, []string{"4755 /top/a"}, 0},
		{"a link to a file", "/top/to-file", transfers.ChmodOptions{File: bits(0o777), Recursive: true}, nil, 1},
		{"a link to a folder", "/top/to-dir", transfers.ChmodOptions{File: bits(0o777), Dir: bits(0o777), Recursive: true}, nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, tree...)
			sum, err := transfers.ChmodTree(t.Context(), s.session(), tt.path, tt.opt, s.options(transfers.Fail))
			if err != nil {
				t.Fatalf("%v: %+v", err, sum)
			}
			got := s.chmods()
			// The order of entries is the server's; a folder comes after what is in it.
			for i, c := range got {
				mode, p, _ := strings.Cut(c, " ")
				later := slices.IndexFunc(got[i:], func(o string) bool { return strings.Contains(o, " "+p+"/") })
				if later >= 0 {
					t.Errorf("%s %s came before %s", mode, p, got[i+later])
				}
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("SITE CHMOD %q, want %q", got, tt.want)
			}
			if sum.Skipped != tt.skipped || sum.Files+sum.Dirs != len(tt.want) {
				t.Errorf("%+v", sum)
			}
		})
	}
}

// A server that lists links to folders as folders does not get what they lead to
// changed.
func TestChmodTreeMaskedLink(t *testing.T) {
	s := newSite(t, ftptest.File("/top/a", "a"), ftptest.File("/elsewhere/x", "x"), ftptest.Symlink("/top/link", "/elsewhere"),
		ftptest.Times(1, ftptest.MLSDLines("type=file;size=1;modify=20260101000000; a", "type=dir;modify=20260101000000; link")))
	opt := transfers.ChmodOptions{File: bits(0o600), Dir: bits(0o700), Recursive: true}
	_, _ = transfers.ChmodTree(t.Context(), s.session(), "/top", opt, s.options(transfers.Fail))
	for _, c := range s.chmods() {
		if strings.Contains(c, "link") || strings.Contains(c, "elsewhere") {
			t.Errorf("SITE CHMOD %s", c)
		}
	}
}

func TestChmodRefused(t *testing.T) {
	opt := transfers.ChmodOptions{File: bits(0o600), Recursive: true}
	files := []ftptest.Option{ftptest.File("/top/a", "a"), ftptest.File("/top/b", "b"), ftptest.File("/top/c", "c")}
	s := newSite(t, append(files, ftptest.Reply("SITE", "500 Unknown SITE command."))...)
	_, err := transfers.ChmodTree(t.Context(), s.session(), "/top", opt, s.options(transfers.Fail))
	if !errors.Is(err, client.ErrUnsupported) || len(s.chmods()) != 1 {
		t.Errorf("%v after %q; want one try", err, s.chmods())
	}
	s = newSite(t, append(files, ftptest.Times(1, ftptest.Reply("SITE", "550 Not yours.")))...)
	sum, err := transfers.ChmodTree(t.Context(), s.session(), "/top", opt, s.options(transfers.Fail))
	if _, ok := errors.AsType[*transfers.IncompleteError](err); !ok || sum.Files+len(sum.Failed) != 3 || len(sum.Failed) == 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	if err = transfers.Chmod(t.Context(), s.session(), "/top/a", 0o444); err != nil || !slices.Contains(s.chmods(), "444 /top/a") {
		t.Errorf("%v, %q", err, s.chmods())
	}
}

// Folders that contain themselves end by themselves, and a lost session is
// replaced.
func TestChmodTreeOfTrouble(t *testing.T) {
	var opts []ftptest.Option
	for _, name := range []string{"/top/1", "/top/2", "/top/3", "/top/s/4", "/top/s/5", "/top/s/6"} {
		opts = append(opts, ftptest.FileAt(name, name, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 0o644))
	}
	s := newSite(t, append(opts, ftptest.CutControlAfter(14))...)
	sum, err := transfers.ChmodTree(t.Context(), s.session(), "/top", transfers.ChmodOptions{File: bits(0o600), Recursive: true}, s.options(transfers.Fail))
	if err != nil || sum.Files != 6 || len(s.srv.Conns()) < 2 {
		t.Errorf("%+v, %v, %d connections", sum, err, len(s.srv.Conns()))
	}
}
