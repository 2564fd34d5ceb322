package transfers_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

// segmentSite is a server with a large file, and a way to it.
type segmentSite struct {
	*site
	size    int64
	dir     string
	dialled atomic.Int32
	shift   int64 // how far before the place asked for it begins
}

// A shifted session begins elsewhere than it was told.
type shifted struct {
	*client.Session
	by int64
}

func (s *shifted) Retrieve(ctx context.Context, path string, dst io.Writer, opt client.TransferOptions) (int64, error) {
	opt.Offset = max(opt.Offset-s.by, 0)
	return s.Session.Retrieve(ctx, path, dst, opt)
}

const bigSegments = 32 << 20

func newSegmentSite(t *testing.T, opts ...ftptest.Option) *segmentSite {
	t.Helper()
	s := newSite(t, append([]ftptest.Option{ftptest.BigFile("/big", bigSegments)}, opts...)...)
	return &segmentSite{site: s, size: bigSegments, dir: t.TempDir()}
}

func (s *segmentSite) sessions(ctx context.Context) (transfers.RemoteCloser, error) {
	s.dialled.Add(1)
	r, err := client.Dial(ctx, s.srv.Addr, s.opt)
	if err != nil {
		return nil, err
	}
	return &shifted{r, s.shift}, nil
}

func (s *segmentSite) file() transfers.File {
	return transfers.File{Remote: "/big", Root: s.dir, Local: "big"}
}

// quickly are options for a file of this size.
func quickly(most int) transfers.SegmentOptions {
	return transfers.SegmentOptions{Max: most, MinSize: 1 << 20, Window: 200 * time.Millisecond}
}

// want compares the file with what the server has, and looks for what is left.
func (s *segmentSite) want(t *testing.T) {
	t.Helper()
	f, err := os.Open(filepath.Join(s.dir, "big"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	want := ftptest.BigContent(s.size)
	a, b := make([]byte, 1<<20), make([]byte, 1<<20)
	at := 0
	for {
		n, err := io.ReadFull(f, a)
		m, _ := io.ReadFull(want, b)
		if n != m || string(a[:n]) != string(b[:m]) {
			t.Fatalf("other bytes after %d (%d and %d)", at, n, m)
		}
		at += n
		if err != nil {
			break
		}
	}
	if left := s.left(t); len(left) != 1 {
		t.Errorf("the folder holds %q", left)
	}
}

func (s *segmentSite) left(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Where each connection has a limit of its own, several are faster. Speeds are
// measured, so that a busy computer may spoil one try.
func TestSegmentsPay(t *testing.T) {
	t.Parallel()
	const alone = 5300 * time.Millisecond
	for tries := 1; ; tries++ {
		s := newSegmentSite(t, ftptest.Bandwidth(6<<20))
		start := time.Now()
		out, err := transfers.MoveSegmented(t.Context(), s.sessions, s.file(), transfers.Options{}, quickly(4))
		took := time.Since(start)
		if err != nil || out.Size != s.size {
			t.Fatalf("%+v, %v", out, err)
		}
		s.want(t)
		t.Logf("32 MiB at 6 MiB/s a connection: %v over %d connections; one takes %v", took.Round(time.Millisecond), s.dialled.Load(), alone)
		if again := out.Moved - s.size; again > 1<<20 {
			t.Errorf("%d bytes were fetched twice", again)
		}
		if n := s.srv.Count("RETR"); n > 12 {
			t.Errorf("%d RETR", n)
		}
		if took < alone*85/100 && s.dialled.Load() > 1 {
			return
		}
		if tries == 3 {
			t.Fatal("several connections were no faster than one")
		}
	}
}

// Where all connections share one limit, the second one is given up, and costs
// nothing.
func TestSegmentsDoNotPay(t *testing.T) {
	t.Parallel()
	for tries := 1; ; tries++ {
		s := newSegmentSite(t, ftptest.TotalBandwidth(16<<20))
		out, err := transfers.MoveSegmented(t.Context(), s.sessions, s.file(), transfers.Options{}, quickly(4))
		if err != nil || out.Size != s.size {
			t.Fatalf("%+v, %v", out, err)
		}
		s.want(t)
		n := s.dialled.Load()
		if n <= 3 { // a busy computer may let a second one look good
			return
		}
		if tries == 3 {
			t.Fatalf("%d connections for a line that one fills", n)
		}
	}
}

func TestSegmentsThroughFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		opts  []ftptest.Option
		most  int32 // connections
		shift int64
	}{
		{"REST ignored", []ftptest.Option{ftptest.IgnoreREST()}, 2, 0},
		{"no REST", []ftptest.Option{ftptest.NoREST()}, 2, 0},
		{"one connection only", []ftptest.Option{ftptest.MaxConns(1)}, 2, 0},
		{"begins elsewhere", nil, 4, 777},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSegmentSite(t, append(tt.opts, ftptest.Bandwidth(16<<20))...)
			s.shift = tt.shift
			out, err := transfers.MoveSegmented(t.Context(), s.sessions, s.file(), transfers.Options{}, quickly(4))
			if err != nil || out.Size != s.size {
				t.Fatalf("%+v, %v", out, err)
			}
			s.want(t)
			if n := s.dialled.Load(); n > tt.most {
				t.Errorf("%d connections", n)
			}
			if s.dialled.Load() < 2 {
				t.Error("nothing was tried")
			}
		})
	}
}

// What a broken or cancelled call leaves is gone on from, and taken for no
// beginning by a download in one piece.
func TestSegmentsResume(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		s := newSegmentSite(t, ftptest.Bandwidth(8<<20))
		ctx, cancel := context.WithCancel(t.Context())
		opt := transfers.Options{Progress: func(p transfers.Progress) {
			if p.FileBytes > bigSegments/2 {
				cancel()
			}
		}}
		_, err := transfers.MoveSegmented(ctx, s.sessions, s.file(), opt, quickly(4))
		cancel()
		ke, ok := errors.AsType[*transfers.KeptError](err)
		if !errors.Is(err, context.Canceled) || !ok || ke.Bytes < bigSegments/2 {
			t.Fatalf("error = %v (%q)", err, s.left(t))
		}
		if left := s.left(t); len(left) != 2 {
			t.Errorf("the folder holds %q", left)
		}
		for _, name := range s.left(t) {
			if !transfers.IsPartName(name) {
				t.Errorf("%q looks like a finished file", name)
			}
		}
		f := s.file()
		f.GoOn = true
		var out transfers.Outcome
		if plain {
			out, err = transfers.Move(t.Context(), s.session(), f, transfers.Options{})
			_ = os.Remove(filepath.Join(s.dir, ".big.portside-map"))
			_ = os.Remove(filepath.Join(s.dir, ".big.portside-segments"))
		} else {
			out, err = transfers.MoveSegmented(t.Context(), s.sessions, f, transfers.Options{}, quickly(4))
			if out.Moved > bigSegments-ke.Bytes+1<<20 {
				t.Errorf("%d bytes were fetched, %d were missing", out.Moved, bigSegments-ke.Bytes)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		s.want(t)
	}
}

// Another file of the same size has come in the place of the one that was begun.
func TestSegmentsResumeOtherSource(t *testing.T) {
	t.Parallel()
	first, second := pattern(20<<20), pattern(20<<20 + 1)[1:]
	then := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	s := newSegmentSite(t, ftptest.FileAt("/other", string(first), then, 0o644), ftptest.Bandwidth(8<<20))
	f := s.file()
	f.Remote = "/other"
	ctx, cancel := context.WithCancel(t.Context())
	opt := transfers.Options{Progress: func(p transfers.Progress) {
		if p.FileBytes > 12<<20 {
			cancel()
		}
	}}
	_, err := transfers.MoveSegmented(ctx, s.sessions, f, opt, quickly(2))
	cancel()
	if !errors.Is(err, context.Canceled) || len(s.left(t)) != 2 {
		t.Fatalf("%v, %q", err, s.left(t))
	}
	if err = s.srv.Apply(ftptest.FileAt("/other", string(second), then.Add(time.Minute), 0o644)); err != nil {
		t.Fatal(err)
	}
	f.GoOn = true
	if _, err = transfers.MoveSegmented(t.Context(), s.sessions, f, transfers.Options{}, quickly(2)); err != nil {
		t.Fatal(err)
	}
	check(t, filepath.Join(s.dir, "big"), second)
}

// A part whose bytes were changed at the end of a piece is found out.
func TestSegmentsResumeChanged(t *testing.T) {
	t.Parallel()
	s := newSegmentSite(t, ftptest.Bandwidth(8<<20))
	ctx, cancel := context.WithCancel(t.Context())
	opt := transfers.Options{Progress: func(p transfers.Progress) {
		if p.FileBytes > bigSegments/2 {
			cancel()
		}
	}}
	_, err := transfers.MoveSegmented(ctx, s.sessions, s.file(), opt, quickly(2))
	cancel()
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	name := filepath.Join(s.dir, ".big.portside-segments")
	h, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	fi, err := h.Stat()
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	if _, err = h.ReadAt(b, fi.Size()-100); err != nil { // at the end of a piece
		t.Fatal(err)
	}
	b[0] ^= 1
	if _, err = h.WriteAt(b, fi.Size()-100); err != nil {
		t.Fatal(err)
	}
	if err = h.Close(); err != nil {
		t.Fatal(err)
	}
	f := s.file()
	f.GoOn = true
	if _, err = transfers.MoveSegmented(t.Context(), s.sessions, f, transfers.Options{}, quickly(2)); err != nil {
		t.Fatal(err)
	}
	s.want(t)
}

// Connections that break are made up for by the others, and what is left after
// all of them broke is gone on from.
func TestSegmentsBreak(t *testing.T) {
	t.Parallel()
	s := newSegmentSite(t, ftptest.Bandwidth(8<<20), ftptest.Times(2, ftptest.CutData(6<<20, "RETR")))
	f := s.file()
	for tries := 0; ; tries++ {
		_, err := transfers.MoveSegmented(t.Context(), s.sessions, f, transfers.Options{}, quickly(4))
		if err == nil {
			break
		}
		if tries > 3 {
			t.Fatal(err)
		}
		f.GoOn = true
	}
	s.want(t)
}
