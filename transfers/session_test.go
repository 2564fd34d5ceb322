package transfers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

// pattern makes n bytes in which no two places are alike.
func pattern(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// A site is a test server and the sessions with it.
type site struct {
	t   *testing.T
	srv *ftptest.Server
	opt client.Options

	mu   sync.Mutex // guards open
	open *client.Session
}

func newSite(t *testing.T, opts ...ftptest.Option) *site {
	t.Helper()
	s := &site{t: t, srv: ftptest.NewServer(t, opts...), opt: client.Options{Security: client.SecurityOff, Timeout: 20 * time.Second}}
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open != nil {
			_ = s.open.Close()
		}
	})
	return s
}

// dial makes a session and ends the one before.
func (s *site) dial(ctx context.Context) (transfers.Remote, error) {
	next, err := client.Dial(ctx, s.srv.Addr, s.opt)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != nil {
		s.open.Abort()
	}
	s.open = next
	return next, nil
}

func (s *site) session() transfers.Remote {
	s.t.Helper()
	r, err := s.dial(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *site) options(rule transfers.Exists) transfers.Options {
	return transfers.Options{Exists: rule, Redial: s.dial, Backoff: time.Millisecond}
}

// restarts returns the arguments of the REST commands.
func (s *site) restarts() []string {
	var found []string
	for _, c := range s.srv.Commands() {
		if arg, ok := strings.CutPrefix(c, "REST "); ok {
			found = append(found, arg)
		}
	}
	return found
}

func check(t *testing.T, name string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes, want %d, or they differ", filepath.Base(name), len(got), len(want))
	}
}

// Whatever the server does in the middle of a file, the file that is there in
// the end is the right one.
func TestDownloadThroughFaults(t *testing.T) {
	data := pattern(2_000_000)
	tests := []struct {
		name   string
		faults []ftptest.Option
		anew   bool // the second try begins at the first byte
	}{
		{"nothing", nil, false},
		{"reset data connection", []ftptest.Option{ftptest.Times(1, ftptest.CutData(700_000, "RETR"))}, false},
		{"data ends early, 226", []ftptest.Option{ftptest.Times(1, ftptest.TruncateData(700_000, "RETR"))}, false},
		{"control connection gone as well", []ftptest.Option{ftptest.Times(1, ftptest.DropData(700_000, "RETR"))}, false},
		{"426 at the end", []ftptest.Option{ftptest.Times(1, ftptest.Final("426 Connection closed.", "RETR"))}, false},
		{"425", []ftptest.Option{ftptest.Times(1, ftptest.Reply("RETR", "425 No data connection."))}, false},
		{"421", []ftptest.Option{ftptest.Times(1, ftptest.Reply("RETR", ftptest.ThenClose("421 Going down.")))}, false},
		{"450", []ftptest.Option{ftptest.Times(1, ftptest.Reply("RETR", "450 Busy."))}, false},
		{"REST ignored", []ftptest.Option{ftptest.IgnoreREST(), ftptest.Times(1, ftptest.CutData(700_000, "RETR"))}, true},
		{"no REST", []ftptest.Option{ftptest.NoREST(), ftptest.Times(1, ftptest.CutData(700_000, "RETR"))}, true},
		{"no SIZE, MLST, MDTM", []ftptest.Option{ftptest.Without("SIZE", "MLST", "MLSD", "MDTM"), ftptest.Times(1, ftptest.CutData(700_000, "RETR"))}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, append(tt.faults, ftptest.FileAt("/big", string(data), time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), 0o644))...)
			name := filepath.Join(t.TempDir(), "big")
			opt := s.options(transfers.Overwrite)
			var retries []string
			opt.OnRetry = func(err error, _ time.Duration) { retries = append(retries, err.Error()) }
			sum, err := transfers.Download(t.Context(), s.session(), "/big", name, opt)
			if err != nil {
				t.Fatalf("%v, after %q", err, retries)
			}
			check(t, name, data)
			if sum.Files != 1 {
				t.Errorf("summary = %+v", sum)
			}
			if entries, _ := os.ReadDir(filepath.Dir(name)); len(entries) != 1 {
				t.Errorf("%d names in the folder, want the file alone", len(entries))
			}
			// With all bytes there, a checksum takes the place of another RETR.
			if got := s.srv.Count("RETR") + s.srv.Count("HASH"); tt.name != "nothing" && got < 2 {
				t.Errorf("%d RETR: the fault was not met", got)
			}
			if tt.anew && s.srv.Moved() < int64(len(data)) {
				t.Errorf("%d bytes moved, want the whole file once more", s.srv.Moved())
			}
		})
	}
}

func TestResumeDownloadOfSession(t *testing.T) {
	data := pattern(2_000_000)
	s := newSite(t, ftptest.FileAt("/big", string(data), time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), 0o644))
	dir := t.TempDir()
	name := filepath.Join(dir, "big")
	if err := os.WriteFile(name, data[:1_500_000], 0o600); err != nil {
		t.Fatal(err)
	}
	sum, err := transfers.Download(t.Context(), s.session(), "/big", name, s.options(transfers.Resume))
	if err != nil {
		t.Fatal(err)
	}
	check(t, name, data)
	if got := s.restarts(); !slices.Equal(got, []string{fmt.Sprint(1_500_000 - 64<<10)}) {
		t.Errorf("REST %q", got)
	}
	if s.srv.Count("RETR") != 1 || sum.Bytes != 500_000+64<<10 {
		t.Errorf("%d RETR, %d bytes: want one data connection", s.srv.Count("RETR"), sum.Bytes)
	}
	// Other bytes at the end of what is there.
	damaged := bytes.Clone(data[:1_500_000])
	damaged[1_499_000] ^= 1
	if err = os.WriteFile(name, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = transfers.Download(t.Context(), s.session(), "/big", name, s.options(transfers.Resume)); err != nil {
		t.Fatal(err)
	}
	check(t, name, data)
	// Complete: nothing moves.
	before := s.srv.Count("RETR")
	sum, err = transfers.Download(t.Context(), s.session(), "/big", name, s.options(transfers.Resume))
	if err != nil || sum.Skipped != 1 || s.srv.Count("RETR") != before {
		t.Errorf("complete file: %+v, %v", sum, err)
	}
}

func TestUploadThroughFaults(t *testing.T) {
	data := pattern(2_000_000)
	tests := []struct {
		name   string
		faults []ftptest.Option
		want   string // the command that finishes it
	}{
		{"nothing", nil, "STOR"},
		{"reset data connection", []ftptest.Option{ftptest.Times(1, ftptest.CutData(700_000, "STOR"))}, "STOR"},
		{"control connection gone as well", []ftptest.Option{ftptest.Times(1, ftptest.DropData(700_000, "STOR"))}, "STOR"},
		{"bytes lost, 226", []ftptest.Option{ftptest.Times(1, ftptest.TruncateData(700_000, "STOR"))}, "STOR"},
		{"no REST", []ftptest.Option{ftptest.NoREST(), ftptest.Times(1, ftptest.CutData(700_000, "STOR"))}, ""},
		{"REST ignored", []ftptest.Option{ftptest.IgnoreREST(), ftptest.Times(1, ftptest.CutData(700_000, "STOR"))}, "STOR"},
		{"451 at the end", []ftptest.Option{ftptest.Times(1, ftptest.Final("451 Local error.", "STOR"))}, "STOR"},
		{"452", []ftptest.Option{ftptest.Times(1, ftptest.Reply("STOR", "452 No space."))}, "STOR"},
		{"421", []ftptest.Option{ftptest.Times(1, ftptest.Reply("STOR", ftptest.ThenClose("421 Going down.")))}, "STOR"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, tt.faults...)
			name := filepath.Join(t.TempDir(), "big")
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
			opt := s.options(transfers.Overwrite)
			opt.Times = true
			var retries []string
			opt.OnRetry = func(err error, _ time.Duration) { retries = append(retries, err.Error()) }
			_, err := transfers.Upload(t.Context(), s.session(), name, "/big", opt)
			if err != nil {
				t.Fatalf("%v, after %q", err, retries)
			}
			if got := s.srv.File("/big"); !bytes.Equal(got, data) {
				t.Errorf("the server has %d bytes, want %d, or they differ; %q", len(got), len(data), s.srv.Verbs())
			}
			if got := s.srv.Count("STOR") + s.srv.Count("APPE"); tt.name != "nothing" && got < 2 {
				t.Errorf("%d STOR and APPE: the fault was not met", got)
			}
		})
	}
}

func TestPermanentRefusals(t *testing.T) {
	s := newSite(t, ftptest.File("/a", "hello"), ftptest.Reply("RETR", "550 Permission denied."), ftptest.Reply("STOR", "553 Not allowed."))
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	_, err := transfers.Download(t.Context(), s.session(), "/a", name, s.options(transfers.Overwrite))
	if re, ok := errors.AsType[*client.ReplyError](err); !ok || re.Reply.Code != 550 {
		t.Errorf("download: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("the folder holds %v", entries)
	}
	if err = os.WriteFile(name, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = transfers.Upload(t.Context(), s.session(), name, "/b", s.options(transfers.Overwrite))
	if re, ok := errors.AsType[*client.ReplyError](err); !ok || re.Reply.Code != 553 {
		t.Errorf("upload: %v", err)
	}
	if s.srv.Count("RETR") != 1 || s.srv.Count("STOR") != 1 {
		t.Errorf("%q: tried again what was refused for good", s.srv.Verbs())
	}
}

func TestCancelWithinASecond(t *testing.T) {
	var took time.Duration
	for range 3 { // a busy computer may spoil a try
		if took = timeToStop(t); took <= time.Second {
			return
		}
	}
	t.Errorf("it took %v to stop, three times longer than a second", took)
}

// timeToStop cancels a download in its middle, and returns how long that took.
func timeToStop(t *testing.T) time.Duration {
	t.Helper()
	s := newSite(t, ftptest.BigFile("/big", 1<<40), ftptest.Bandwidth(1<<20))
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var stopped time.Time
	opt := s.options(transfers.Overwrite)
	opt.Progress = func(p transfers.Progress) {
		if p.Moved > 0 && stopped.IsZero() {
			stopped = time.Now()
			cancel()
		}
	}
	_, err := transfers.Download(ctx, s.session(), "/big", filepath.Join(dir, "big"), opt)
	took := time.Since(stopped)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
	if _, err = os.Stat(filepath.Join(dir, "big")); err == nil {
		t.Error("the final name exists")
	}
	return took
}
