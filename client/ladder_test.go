package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/modes"
	"portside/client/transcript"
)

// dialAuto opens a session in mode Auto on srv.
func dialAuto(t *testing.T, srv *ftptest.Server, change ...func(*client.Options)) (*client.Session, *transcript.Recorder) {
	t.Helper()
	rec := transcript.New(0, nil)
	opt := client.Options{Security: client.SecurityOff, Timeout: 20 * time.Second, Transcript: rec}
	for _, c := range change {
		c(&opt)
	}
	s, err := client.Dial(t.Context(), srv.Addr, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, rec
}

func preferActive(o *client.Options) { o.PreferActive = true }

// wantFile checks that a listing of dir has the file, that a download has the
// bytes, and that an upload arrives once and whole.
func wantFile(t *testing.T, srv *ftptest.Server, s *client.Session) {
	t.Helper()
	l, err := s.List(t.Context(), "/in")
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	if len(l.Entries) != 1 || l.Entries[0].Name != "a.txt" {
		t.Errorf("listed %v, want a.txt", l.Entries)
	}
	var got bytes.Buffer
	if _, err = s.Retrieve(t.Context(), "/in/a.txt", &got, client.TransferOptions{}); err != nil || got.String() != "hello" {
		t.Errorf("retrieved %q, %v", got.String(), err)
	}
	if _, err = s.Store(t.Context(), "/up.txt", strings.NewReader("upwards"), client.TransferOptions{}); err != nil {
		t.Errorf("store: %v", err)
	}
	if data := srv.File("/up.txt"); string(data) != "upwards" {
		t.Errorf("stored %q", data)
	}
	if n := srv.Count("STOR"); n != 1 {
		t.Errorf("%d STOR, want 1", n)
	}
	if err = s.Noop(t.Context()); err != nil {
		t.Errorf("noop afterwards: %v", err)
	}
}

// An autoCase is a server and the way that mode Auto has to find.
type autoCase struct {
	name   string
	opts   []ftptest.Option
	change func(*client.Options)
	want   client.Method
	within time.Duration
	never  []string // verbs that must not have been sent
}

// try has a session list, and move files, and returns what it took too long for or did
// although it was not necessary.
func (c autoCase) try(t *testing.T) (wrong []string) {
	t.Helper()
	srv := ftptest.NewServer(t, append(slices.Clone(c.opts), ftptest.File("/in/a.txt", "hello"))...)
	change := []func(*client.Options){}
	if c.change != nil {
		change = append(change, c.change)
	}
	s, _ := dialAuto(t, srv, change...)
	began := time.Now()
	if _, err := s.List(t.Context(), "/in"); err != nil {
		t.Fatalf("list: %v", err)
	}
	if took := time.Since(began); took > c.within {
		wrong = append(wrong, fmt.Sprintf("took %v, want at most %v", took, c.within))
	}
	wantFile(t, srv, s)
	if m := s.Info().Method; m != c.want {
		wrong = append(wrong, fmt.Sprintf("method %v, want %v; failed: %v", m, c.want, s.Info().Failed))
	}
	for _, v := range c.never {
		if slices.Contains(srv.Verbs(), v) {
			wrong = append(wrong, v+" was sent")
		}
	}
	return wrong
}

// What is found rests on times, so that a busy computer may spoil a try.
func TestAutoFindsAWay(t *testing.T) {
	silent := func(verb string) ftptest.Option {
		return ftptest.Handle(verb, func(*ftptest.Conn, string) bool { return true })
	}
	noActive := []ftptest.Option{ftptest.Reply("PORT", "500 Illegal PORT command."), ftptest.Reply("EPRT", "500 Illegal EPRT command.")}
	for _, c := range []autoCase{
		{name: "all is well", want: client.MethodEPSV, within: time.Second, never: []string{"PASV", "EPRT", "PORT"}},
		{name: "EPSV refused", opts: []ftptest.Option{ftptest.Without("EPSV")}, want: client.MethodPASV, within: time.Second, never: []string{"EPRT", "PORT"}},
		{name: "passive dropped", opts: []ftptest.Option{ftptest.BlackHolePassive()}, want: client.MethodEPRT, within: 2 * time.Second, never: []string{"PASV", "PORT"}},
		{name: "passive refused", opts: []ftptest.Option{ftptest.RefusePassive()}, want: client.MethodEPRT, within: 2 * time.Second},
		{name: "EPSV dropped, active refused", opts: append(noActive, ftptest.BlackHolePassive("EPSV")), want: client.MethodPASV, within: 4 * time.Second},
		{name: "EPSV swallowed, active refused", opts: append(noActive, silent("EPSV")), want: client.MethodPASV, within: 4 * time.Second},
		{name: "EPSV and PASV refused, EPRT refused", opts: []ftptest.Option{ftptest.Without("EPSV", "PASV", "EPRT")}, want: client.MethodPORT, within: time.Second},
		{name: "active first, silent", opts: []ftptest.Option{ftptest.NeverConnect()}, change: preferActive, want: client.MethodEPSV, within: 2 * time.Second, never: []string{"PORT"}},
		{name: "active first, 425 late", opts: []ftptest.Option{ftptest.Late425(time.Second)}, change: preferActive, want: client.MethodEPSV, within: 3 * time.Second},
		{name: "active first, PORT and EPRT refused", opts: noActive, change: preferActive, want: client.MethodEPSV, within: time.Second},
		{name: "passive dropped, one connection only", opts: []ftptest.Option{ftptest.BlackHolePassive(), ftptest.MaxConns(1)}, want: client.MethodEPRT, within: 8 * time.Second},
		{name: "active first, silent, one connection only", opts: []ftptest.Option{ftptest.NeverConnect(), ftptest.MaxConns(1)}, change: preferActive, want: client.MethodEPSV, within: 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			unspoilt(t, func() []string { return c.try(t) })
		})
	}
}

// TestAutoKeepsPlace has a server without MLSD, whose LIST is of the working
// directory, and whose first control connection is given up in the middle.
func TestAutoKeepsPlace(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Without("MLSD", "MLST"), ftptest.NeverConnect(), ftptest.File("/in/a.txt", "hello"), ftptest.File("/root.txt", "x"))
	s, _ := dialAuto(t, srv, preferActive)
	l, err := s.List(t.Context(), "/in")
	if err != nil || len(l.Entries) != 1 || l.Entries[0].Name != "a.txt" {
		t.Fatalf("listed %v, %v", l, err)
	}
	select {
	case <-s.Done():
		t.Error("the session is over though its control connection was replaced")
	default:
	}
	wantFile(t, srv, s)
}

// TestAutoIsNotMovedByFiles has refusals that are about the file or the folder.
func TestAutoIsNotMovedByFiles(t *testing.T) {
	for _, reply := range []string{"550 No such folder.", "450 Busy.", "530 Not allowed.", "552 Full.", "553 Bad name."} {
		t.Run(reply[:3], func(t *testing.T) {
			t.Parallel()
			srv := ftptest.NewServer(t, ftptest.Reply("MLSD", reply), ftptest.Reply("RETR", reply), ftptest.Reply("STOR", reply))
			s, _ := dialAuto(t, srv)
			ctx := t.Context()
			_, listErr := s.List(ctx, "/")
			_, getErr := s.Retrieve(ctx, "/a", io.Discard, client.TransferOptions{})
			_, putErr := s.Store(ctx, "/b", strings.NewReader("b"), client.TransferOptions{})
			for what, err := range map[string]error{"list": listErr, "retrieve": getErr, "store": putErr} {
				if re, ok := errors.AsType[*client.ReplyError](err); !ok || re.Reply.String() != reply {
					t.Errorf("%s: error = %v, want the refusal", what, err)
				}
			}
			for _, v := range []string{"PASV", "EPRT", "PORT"} {
				if n := srv.Count(v); n > 0 {
					t.Errorf("%s was sent %d times", v, n)
				}
			}
		})
	}
}

// TestAutoNeverReplaysAnUpload cuts an upload after bytes were taken.
func TestAutoNeverReplaysAnUpload(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.CutData(1000, "STOR"))
	s, _ := dialAuto(t, srv)
	if _, err := s.Store(t.Context(), "/up", bytes.NewReader(make([]byte, 8<<20)), client.TransferOptions{}); err == nil {
		t.Error("no error")
	}
	if n := srv.Count("STOR"); n != 1 {
		t.Errorf("%d STOR, want 1", n)
	}
}

// A ghostDialer completes every connection but that to the control port itself,
// as a local antivirus or proxy may: what is sent is swallowed, nothing comes.
type ghostDialer struct {
	t       *testing.T
	control string
	ghost   string
}

func newGhostDialer(t *testing.T, control string) *ghostDialer {
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, nc) }()
		}
	}()
	return &ghostDialer{t: t, control: control, ghost: ln.Addr().String()}
}

func (g *ghostDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	if addr != g.control {
		addr = g.ghost
	}
	return d.DialContext(ctx, network, addr)
}

func TestAutoGhostAccept(t *testing.T) {
	for _, early := range []bool{false, true} {
		t.Run(map[bool]string{false: "150 after the connection", true: "150 first"}[early], func(t *testing.T) {
			t.Parallel()
			opts := []ftptest.Option{ftptest.File("/in/a.txt", "hello"), ftptest.DataTimeout(15 * time.Second)}
			if !early {
				opts = append(opts, ftptest.ConnectFirst())
			}
			inTime(t, "the upload", 4*time.Second, func() time.Duration {
				srv := ftptest.NewServer(t, opts...)
				s, _ := dialAuto(t, srv, func(o *client.Options) { o.Dialer = newGhostDialer(t, srv.Addr) })
				began := time.Now()
				// The upload comes first: what it sends into the void must not be lost.
				if _, err := s.Store(t.Context(), "/first", strings.NewReader("first"), client.TransferOptions{}); err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				if got := srv.File("/first"); string(got) != "first" {
					t.Errorf("stored %q", got)
				}
				if m := s.Info().Method; m != client.MethodEPRT {
					t.Errorf("method %v", m)
				}
				return took
			})
		})
	}
}

func TestMemoryOfMethods(t *testing.T) {
	path := filepath.Join(t.TempDir(), "networks.json")
	srv := ftptest.NewServer(t, ftptest.BlackHolePassive(), ftptest.File("/in/a.txt", "hello"))
	open := func() *modes.Memory {
		mem, err := modes.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return mem
	}
	mem := open()
	s, _ := dialAuto(t, srv, func(o *client.Options) { o.Memory = mem })
	wantFile(t, srv, s)
	_ = s.Close()
	if err := mem.Close(); err != nil {
		t.Fatal(err)
	}

	mem = open()
	defer mem.Close()
	before := srv.Count("EPSV")
	inTime(t, "a warm listing", 300*time.Millisecond, func() time.Duration {
		s, _ = dialAuto(t, srv, func(o *client.Options) { o.Memory = mem })
		began := time.Now()
		if _, err := s.List(t.Context(), "/in"); err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		if n := srv.Count("EPSV") - before; n != 0 {
			t.Errorf("EPSV was sent %d times though it is known to fail", n)
		}
		if !s.Info().FromMemory {
			t.Error("Info does not say that the memory knew it")
		}
		return took
	})
}

// TestMemoryIsWrong has a remembered method that does not work any more.
func TestMemoryIsWrong(t *testing.T) {
	mem, err := modes.Open(filepath.Join(t.TempDir(), "networks.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	srv := ftptest.NewServer(t, ftptest.BlackHolePassive(), ftptest.File("/in/a.txt", "hello"))
	s, _ := dialAuto(t, srv)
	key := modes.Key{Server: srv.Addr, Network: modes.LocalNetwork(t.Context(), s.Info().Local.Addr()).String()}
	inTime(t, "the listing", 4*time.Second, func() time.Duration {
		if err := mem.Forget(key); err != nil {
			t.Fatal(err)
		}
		mem.Worked(key, client.MethodPASV, time.Now())
		s, _ = dialAuto(t, srv, func(o *client.Options) { o.Memory = mem })
		began := time.Now()
		if _, err := s.List(t.Context(), "/in"); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	})
	if best := mem.Lookup(key).Best(time.Now()); best != client.MethodEPRT {
		t.Errorf("the memory says %v now, want EPRT", best)
	}
}

// TestActiveByChoice is told in time, and stays active.
func TestActiveByChoice(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, ftptest.NeverConnect())
	s, _ := dialAuto(t, srv, func(o *client.Options) { o.Mode = client.Active })
	var err error
	inTime(t, "being told", 10*time.Second, func() time.Duration {
		began := time.Now()
		_, err = s.List(t.Context(), "/")
		return time.Since(began)
	})
	if de, ok := errors.AsType[*client.DataError](err); !ok || de.Step != client.StepAccept {
		t.Errorf("error = %v, want a DataError of step accept", err)
	}
	if v := srv.Verbs(); slices.Contains(v, "EPSV") || slices.Contains(v, "PASV") {
		t.Error("went passive behind the user's back")
	}
	if a := client.Explain(err); a.Kind != client.KindData || a.Next == "" {
		t.Errorf("explained as %+v", a)
	}
}

// TestNothingWorks names every method.
func TestNothingWorks(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, ftptest.RefusePassive(), ftptest.Reply("PORT", "500 No."), ftptest.Reply("EPRT", "500 No."))
	s, _ := dialAuto(t, srv)
	_, err := s.List(t.Context(), "/")
	ne, ok := errors.AsType[*client.NoMethodError](err)
	if !ok || len(ne.Tried) != 4 {
		t.Fatalf("error = %v", err)
	}
	if a := client.Explain(err); a.Kind != client.KindData || !strings.Contains(a.Sentence, "either direction") {
		t.Errorf("explained as %+v", a)
	}
	if err = s.Noop(t.Context()); err != nil {
		t.Errorf("noop afterwards: %v", err)
	}
}

// A patchyDialer lets every third data connection through, as a firewall does in
// which a part of the passive ports is open.
type patchyDialer struct {
	control string
	n       atomic.Int32
}

func (p *patchyDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	if addr != p.control && p.n.Add(1)%3 != 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return d.DialContext(ctx, network, addr)
}

func TestPartOfTheRange(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, ftptest.File("/in/a.txt", "hello"), ftptest.Reply("PORT", "500 No."), ftptest.Reply("EPRT", "500 No."))
	inTime(t, "the listing", 8*time.Second, func() time.Duration {
		s, _ := dialAuto(t, srv, func(o *client.Options) { o.Dialer = &patchyDialer{control: srv.Addr} })
		began := time.Now()
		if _, err := s.List(t.Context(), "/in"); err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		wantFile(t, srv, s)
		return took
	})
}

// TestLadderEnds is cancelled, and closed, in the middle of the ladder.
func TestLadderEnds(t *testing.T) {
	t.Parallel()
	unspoilt(t, func() []string { return ladderEnds(t) })
}

func ladderEnds(t *testing.T) (late []string) {
	t.Helper()
	quick := func(t *testing.T, what string, f func()) {
		t.Helper()
		began := time.Now()
		f()
		if took := time.Since(began); took > 2*time.Second {
			late = append(late, fmt.Sprintf("%s took %v", what, took))
		}
	}
	srv := ftptest.NewServer(t, ftptest.BlackHolePassive(), ftptest.NeverConnect())
	s, _ := dialAuto(t, srv)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { _, err := s.List(ctx, "/"); result <- err }()
	if err := srv.WaitForCount(t.Context(), "EPRT", 1); err != nil { // the race is on
		t.Fatal(err)
	}
	quick(t, "cancelling", func() {
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
	})
	go func() { _, err := s.List(t.Context(), "/"); result <- err }()
	if err := srv.WaitForCount(t.Context(), "EPRT", 2); err != nil {
		t.Fatal(err)
	}
	quick(t, "closing", func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-result; err == nil {
			t.Error("a listing on a closed session has no error")
		}
	})
	if err := srv.WaitConns(t.Context(), 0); err != nil {
		t.Error(err)
	}
	return late
}
