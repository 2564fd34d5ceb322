package transfers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
	"portside/transfers/internal/servertest"
)

// copyTime is the time of the files that are copied.
func copyTime() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }

// pair makes two servers, of which the first has the file /big.
func pair(t *testing.T, data []byte, from, to []ftptest.Option) (a, b *site) {
	t.Helper()
	a = newSite(t, append([]ftptest.Option{ftptest.FileAt("/big", string(data), copyTime(), 0o644)}, from...)...)
	return a, newSite(t, to...)
}

func isSide(err error, source bool) bool {
	se, ok := errors.AsType[*transfers.SideError](err)
	return ok && se.Source == source
}

func TestCopyBetweenServers(t *testing.T) {
	for _, size := range []int{0, 1, 100_000, 3_000_000} {
		data := pattern(size)
		a, b := pair(t, data, nil, nil)
		from, to := a.session(), b.session()
		for _, name := range []string{"/first", "/second"} { // both sessions are good for more
			out, err := transfers.MoveBetween(t.Context(), from, to, transfers.CopyFile{Remote: "/big", Target: name}, transfers.Options{Times: true})
			if err != nil || out.Skipped || out.Size != int64(size) || out.Moved != int64(size) {
				t.Fatalf("%d bytes: %+v, %v", size, out, err)
			}
			if got := b.srv.File(name); !bytes.Equal(got, data) {
				t.Errorf("%s has %d bytes, want %d, or they differ", name, len(got), size)
			}
			e, err := to.Stat(t.Context(), name)
			if err != nil || !e.ModTime.Equal(copyTime()) {
				t.Errorf("%s: time %v, %v", name, e.ModTime, err)
			}
		}
	}
}

func TestCopyWhereSomethingIs(t *testing.T) {
	data := pattern(1_000_000)
	half := ftptest.FileAt("/big", string(data[:600_000]), copyTime().Add(time.Hour), 0o644)
	other := ftptest.FileAt("/big", string(pattern(700_000)[1:]), copyTime().Add(time.Hour), 0o644)
	whole := ftptest.FileAt("/big", string(data), copyTime().Add(time.Hour), 0o644)
	tests := []struct {
		name    string
		from    []ftptest.Option
		to      []ftptest.Option
		rule    transfers.Exists
		moved   int64
		skipped bool
	}{
		{"half of it", nil, []ftptest.Option{half}, transfers.Resume, 400_000, false},
		{"half, no REST there", nil, []ftptest.Option{half, ftptest.NoREST()}, transfers.Resume, 1_000_000, false},
		{"half, no REST here", []ftptest.Option{ftptest.NoREST()}, []ftptest.Option{half}, transfers.Resume, 1_000_000, false},
		{"half, REST ignored here", []ftptest.Option{ftptest.IgnoreREST()}, []ftptest.Option{half}, transfers.Resume, 1_000_000, false},
		{"half, REST ignored there", nil, []ftptest.Option{half, ftptest.IgnoreREST()}, transfers.Resume, 1_000_000, false},
		{"something else", nil, []ftptest.Option{other}, transfers.Resume, 1_000_000, false},
		{"all of it", nil, []ftptest.Option{whole}, transfers.Resume, 0, true},
		{"overwrite", nil, []ftptest.Option{half}, transfers.Overwrite, 1_000_000, false},
		{"skip", nil, []ftptest.Option{half}, transfers.Skip, 0, true},
		{"newer there", nil, []ftptest.Option{half}, transfers.Newer, 0, true},
		{"other size", nil, []ftptest.Option{half}, transfers.SizeDiffers, 1_000_000, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := pair(t, data, tt.from, tt.to)
			before := b.srv.File("/big")
			r := transfers.CopyFile{Remote: "/big", Target: "/big"}
			out, err := transfers.MoveBetween(t.Context(), a.session(), b.session(), r, transfers.Options{Exists: tt.rule})
			// A comparison that fails may cost a session; the next try has new ones.
			for tries := 0; err != nil && tries < 2; tries++ {
				t.Log(err)
				r.GoOn = true
				out, err = transfers.MoveBetween(t.Context(), a.session(), b.session(), r, transfers.Options{Exists: transfers.Overwrite})
			}
			if err != nil {
				t.Fatal(err)
			}
			if out.Skipped != tt.skipped {
				t.Errorf("skipped: %v", out.Skipped)
			}
			want := data
			if tt.skipped {
				want = before
			}
			if got := b.srv.File("/big"); !bytes.Equal(got, want) {
				t.Errorf("the target has %d bytes, want %d, or they differ", len(got), len(want))
			}
			if tt.moved < 1_000_000 && out.Moved != tt.moved {
				t.Errorf("%d bytes moved, want %d", out.Moved, tt.moved)
			}
		})
	}
}

func TestCopyAsks(t *testing.T) {
	data := pattern(1000)
	a, b := pair(t, data, nil, []ftptest.Option{ftptest.File("/big", "there")})
	f := transfers.CopyFile{Remote: "/big", Target: "/big"}
	_, err := transfers.MoveBetween(t.Context(), a.session(), b.session(), f, transfers.Options{})
	ce, ok := errors.AsType[*transfers.ConflictError](err)
	if !ok || ce.SourceSize != 1000 || ce.TargetSize != 5 || ce.Direction != transfers.Uploading {
		t.Fatalf("error = %v (%+v)", err, ce)
	}
	if got := b.srv.Count("STOR"); got != 0 || string(b.srv.File("/big")) != "there" {
		t.Errorf("%d STOR before the answer", got)
	}
	var settled transfers.Settled
	f.OnSettled = func(s transfers.Settled) func(context.Context) error { settled = s; return nil }
	if _, err = transfers.MoveBetween(t.Context(), a.session(), b.session(), f, transfers.Options{Exists: transfers.RenameNew}); err != nil {
		t.Fatal(err)
	}
	if settled.Action != transfers.RenameNew || settled.Name != "/big (1)" || !bytes.Equal(b.srv.File("/big (1)"), data) {
		t.Errorf("settled %+v; the server has %q", settled, b.srv.Names("/"))
	}
	// A run after a crash comes to the same result.
	f.Settled, f.GoOn, f.OnSettled = settled, true, nil
	out, err := transfers.MoveBetween(t.Context(), a.session(), b.session(), f, transfers.Options{})
	if err != nil || !out.Skipped || len(b.srv.Names("/")) != 2 {
		t.Errorf("%+v, %v, %q", out, err, b.srv.Names("/"))
	}
}

// What cannot be read leaves its target as it is.
func TestCopyUnreadable(t *testing.T) {
	a, b := pair(t, nil, []ftptest.Option{ftptest.Reply("RETR", "550 Permission denied.")}, []ftptest.Option{ftptest.File("/big", "there")})
	f := transfers.CopyFile{Remote: "/big", Target: "/big"}
	_, err := transfers.MoveBetween(t.Context(), a.session(), b.session(), f, transfers.Options{Exists: transfers.Overwrite})
	if !isSide(err, true) || b.srv.Count("STOR") != 0 || string(b.srv.File("/big")) != "there" {
		t.Errorf("%v, %q, %q", err, b.srv.Verbs(), b.srv.File("/big"))
	}
}

// Whatever breaks on either side, the next try ends with the right bytes, and
// says which side it was.
func TestCopyThroughFaults(t *testing.T) {
	data := pattern(2_000_000)
	once := func(o ftptest.Option) []ftptest.Option { return []ftptest.Option{ftptest.Times(1, o)} }
	tests := []struct {
		name     string
		from, to []ftptest.Option
		source   bool
	}{
		{"source cut", once(ftptest.CutData(700_000, "RETR")), nil, true},
		{"source gone", once(ftptest.DropData(700_000, "RETR")), nil, true},
		{"source short, 226", once(ftptest.TruncateData(700_000, "RETR")), nil, true},
		{"target cut", nil, once(ftptest.CutData(700_000, "STOR")), false},
		{"target gone", nil, once(ftptest.DropData(700_000, "STOR")), false},
		{"target short, 226", nil, once(ftptest.TruncateData(700_000, "STOR")), false},
		{"target full", nil, once(ftptest.Reply("STOR", "452 No space.")), false},
		{"target says 451", nil, once(ftptest.Final("451 Local error.", "STOR")), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := pair(t, data, tt.from, tt.to)
			f := transfers.CopyFile{Remote: "/big", Target: "/copy"}
			out, err := transfers.MoveBetween(t.Context(), a.session(), b.session(), f, transfers.Options{Exists: transfers.Overwrite})
			if err == nil && !strings.Contains(tt.name, "226") {
				t.Errorf("the fault was not met: %+v", out)
			}
			if err != nil && !isSide(err, tt.source) {
				t.Errorf("error = %v; the other side", err)
			}
			f.GoOn = true
			for tries := 0; err != nil; tries++ {
				if tries > 2 {
					t.Fatal(err)
				}
				_, err = transfers.MoveBetween(t.Context(), a.session(), b.session(), f, transfers.Options{Exists: transfers.Overwrite})
			}
			if got := b.srv.File("/copy"); !bytes.Equal(got, data) {
				t.Errorf("the target has %d bytes, want %d, or they differ", len(got), len(data))
			}
		})
	}
}

// With a temporary name nothing half is ever under the final one, and what is
// there stays until the new file is whole.
func TestCopyToTemporaryName(t *testing.T) {
	data := pattern(2_000_000)
	a, b := pair(t, data, []ftptest.Option{ftptest.Times(1, ftptest.CutData(700_000, "RETR"))}, []ftptest.Option{ftptest.File("/copy", "old")})
	f := transfers.CopyFile{Remote: "/big", Target: "/copy"}
	opt := transfers.Options{Exists: transfers.Overwrite, TempUpload: true, Times: true}
	if _, err := transfers.MoveBetween(t.Context(), a.session(), b.session(), f, opt); err == nil || string(b.srv.File("/copy")) != "old" {
		t.Errorf("%v; the target is %q", err, b.srv.Names("/"))
	}
	f.GoOn = true
	f.Settled = transfers.Settled{Action: transfers.Overwrite, Name: "/copy"}
	out, err := transfers.MoveBetween(t.Context(), a.session(), b.session(), f, opt)
	if err != nil || out.Moved > 1_900_000 || !bytes.Equal(b.srv.File("/copy"), data) || len(b.srv.Names("/")) != 1 {
		t.Errorf("%+v, %v, %q", out, err, b.srv.Names("/"))
	}
	// A crash after the last step: nothing is copied again.
	out, err = transfers.MoveBetween(t.Context(), a.session(), b.session(), f, opt)
	if err != nil || !out.Skipped || out.Moved != 0 || len(b.srv.Names("/")) != 1 {
		t.Errorf("%+v, %v, %q", out, err, b.srv.Names("/"))
	}
}

func TestCopyEndsWithContext(t *testing.T) {
	a := newSite(t, ftptest.BigFile("/big", 1<<40), ftptest.Bandwidth(1<<20))
	b := newSite(t, ftptest.DiscardUploads())
	ctx, cancel := context.WithCancel(t.Context())
	opt := transfers.Options{Progress: func(p transfers.Progress) {
		if p.Moved > 0 {
			cancel()
		}
	}}
	_, err := transfers.MoveBetween(ctx, a.session(), b.session(), transfers.CopyFile{Remote: "/big", Target: "/big"}, opt)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

// Between two real servers, with and without TLS, and within one.
func TestCopyRealServers(t *testing.T) {
	program := servertest.Build(t)
	plain := servertest.Start(t, program, "vsftpd")
	protected, tlsOpt := startTLS(t, program, "proftpd")
	plainOpt := client.Options{User: plain.User, Password: plain.Password, Security: client.SecurityOff, Timeout: 15 * time.Second}
	dialTo := func(srv servertest.Server, opt client.Options) *client.Session {
		s, err := client.Dial(t.Context(), srv.Addr, opt)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Abort)
		return s
	}
	a, b, c := dialTo(plain, plainOpt), dialTo(protected, tlsOpt), dialTo(plain, plainOpt)
	data := pattern(5_000_000)
	if _, err := a.Store(t.Context(), "/one", bytes.NewReader(data), client.TransferOptions{}); err != nil {
		t.Fatal(err)
	}
	for i, way := range []struct {
		from, to *client.Session
		src, dst string
	}{{a, b, "/one", "/two"}, {b, a, "/two", "/three"}, {a, c, "/three", "/four"}} {
		// Half of it is there already.
		if _, err := way.to.Store(t.Context(), way.dst, bytes.NewReader(data[:2_000_000]), client.TransferOptions{}); err != nil {
			t.Fatal(err)
		}
		f := transfers.CopyFile{Remote: way.src, Target: way.dst}
		out, err := transfers.MoveBetween(t.Context(), way.from, way.to, f, transfers.Options{Exists: transfers.Resume})
		if err != nil || out.Moved != 3_000_000 {
			t.Fatalf("%d: %+v, %v", i, out, err)
		}
		var got bytes.Buffer
		if _, err = way.to.Retrieve(t.Context(), way.dst, &got, client.TransferOptions{}); err != nil || !bytes.Equal(got.Bytes(), data) {
			t.Errorf("%d: %d bytes, %v", i, got.Len(), err)
		}
	}
	if _, err := transfers.MoveBetween(t.Context(), a, b, transfers.CopyFile{Remote: "/missing", Target: "/x"}, transfers.Options{}); err == nil {
		t.Error(fmt.Errorf("a missing file was copied: %w", err))
	}
}
