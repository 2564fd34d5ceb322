package dtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

func listenHere(t *testing.T, addr string) *net.TCPListener {
	t.Helper()
	ln, err := Listen(t.Context(), netip.MustParseAddr(addr), PortRange{})
	if err != nil {
		t.Skipf("no listener on %s: %v", addr, err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	return ln
}

func dialHere(t *testing.T, ln net.Listener) (net.Conn, error) {
	t.Helper()
	var d net.Dialer
	return d.DialContext(t.Context(), "tcp", ln.Addr().String())
}

// late reports that a SelfReach had no time.
func late(err error) bool {
	return errors.Is(err, errSelfReachSlow) || errors.Is(err, os.ErrDeadlineExceeded)
}

// reach is SelfReach, which a busy computer may keep from its end in time twice.
func reach(t *testing.T, ln *net.TCPListener) (err error) {
	t.Helper()
	for range 3 {
		if err = SelfReach(t.Context(), ln); !late(err) {
			break
		}
	}
	return err
}

func TestSelfReach(t *testing.T) {
	for _, addr := range []string{"127.0.0.1", "::1"} {
		ln := listenHere(t, addr)
		began := time.Now()
		if err := reach(t, ln); err != nil {
			t.Fatalf("%s: %v", addr, err)
		}
		t.Logf("%s: %v", addr, time.Since(began))
		// Nothing of ours waits in the listener, and it waits for ever again: the next
		// connection is the next that somebody makes.
		nc, err := dialHere(t, ln)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ln.Accept()
		if err != nil {
			t.Fatalf("%s: accept after SelfReach: %v", addr, err)
		}
		if got.RemoteAddr().String() != nc.LocalAddr().String() {
			t.Errorf("%s: accepted %v, want %v", addr, got.RemoteAddr(), nc.LocalAddr())
		}
		_, _ = got.Close(), nc.Close()
	}
}

// Strangers who came first are turned away, also those who say something.
func TestSelfReachAmongStrangers(t *testing.T) {
	ln := listenHere(t, "127.0.0.1")
	var strangers []net.Conn
	for range 5 {
		nc, err := dialHere(t, ln)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = nc.Close() }()
		if _, err = nc.Write(make([]byte, selfReachToken)); err != nil {
			t.Fatal(err)
		}
		strangers = append(strangers, nc)
	}
	if err := reach(t, ln); err != nil {
		t.Fatal(err)
	}
	for _, nc := range strangers {
		if err := nc.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := nc.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a stranger is still connected: %v", err)
		}
	}
}

// Somebody else answers in our place: the listener that is asked never sees the knock.
func TestSelfReachAnsweredByAnother(t *testing.T) {
	ln := listenHere(t, "127.0.0.1")
	thief, err := dialHere(t, ln)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = thief.Close() }()
	dialled := make(chan knock, 1)
	elsewhere := listenHere(t, "127.0.0.1")
	other, err := dialHere(t, elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	dialled <- knock{nc: other} // went to another socket than ln
	if err = ln.SetDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err = letIn(ctx, ln, dialled, make([]byte, selfReachToken)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("letIn = %v, want the deadline", err)
	}
	if k := <-dialled; k.nc != other {
		t.Error("the knock was lost")
	}
	_ = other.Close()
}

func TestSelfReachFails(t *testing.T) {
	ln := listenHere(t, "127.0.0.1")
	_ = ln.Close()
	if err := SelfReach(t.Context(), ln); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed listener: %v", err)
	}
	ln = listenHere(t, "127.0.0.1")
	reason := errors.New("the user gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(reason)
	if err := SelfReach(ctx, ln); !errors.Is(err, reason) {
		t.Errorf("cancelled: %v", err)
	}
	if where, err := SelfReachAt(t.Context(), netip.MustParseAddr("192.0.2.99"), PortRange{}); err == nil || where.IsValid() {
		t.Errorf("an address of somebody else: %v, %v", where, err)
	}
	for tries := 1; ; tries++ {
		where, err := SelfReachAt(t.Context(), netip.MustParseAddr("127.0.0.1"), PortRange{})
		if tries < 3 && late(err) {
			continue // a busy computer
		}
		if err != nil || where.Port() == 0 {
			t.Errorf("SelfReachAt = %v, %v", where, err)
		}
		break
	}
}

func BenchmarkSelfReach(b *testing.B) {
	ln, err := Listen(b.Context(), netip.MustParseAddr("127.0.0.1"), PortRange{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	for b.Loop() {
		if err := SelfReach(b.Context(), ln); err != nil {
			b.Fatal(err)
		}
	}
}

// Where the connection is refused there is no knock, and nothing to close.
func TestKnockRefused(t *testing.T) {
	near, err := dialHere(t, listenHere(t, "127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = near.Close() }()
	addr, err := AddrPort(near.LocalAddr()) // taken, and nobody listens
	if err != nil {
		t.Fatal(err)
	}
	if k := knockAt(t.Context(), addr, make([]byte, selfReachToken)); k.err == nil || k.nc != nil {
		t.Errorf("a closed port took the knock: %+v", k)
	}
}

// A watchedContext counts how often it is asked for its deadline, and ends at one of the
// questions.
type watchedContext struct {
	context.Context
	end   context.CancelFunc
	endAt int32
	asked atomic.Int32
}

func (w *watchedContext) Deadline() (time.Time, bool) {
	if w.asked.Add(1) == w.endAt {
		w.end()
	}
	return w.Context.Deadline()
}

// The end of the context comes when our own connection has just been let in, as where
// another method delivers at that moment: SelfReach gives up, and does not wait for a
// connection that it has already had.
func TestSelfReachEndsWhileItIsLetIn(t *testing.T) {
	run := func(endAt int32) (asked int32, err error) {
		ln := listenHere(t, "127.0.0.1")
		ctx, cancel := context.WithTimeout(t.Context(), SelfReachTime*9/10) // so that its own deadline is asked for
		defer cancel()
		w := &watchedContext{Context: ctx, end: cancel, endAt: endAt}
		ended := make(chan error, 1)
		go func() { ended <- SelfReach(w, ln) }()
		select {
		case err = <-ended:
		case <-time.After(time.Minute):
			t.Fatal("SelfReach does not return")
		}
		return w.asked.Load(), err
	}
	wrong := ""
	for range 3 { // a busy computer may let the time pass before that
		if wrong = endsAtAnyQuestion(run); wrong == "" {
			return
		}
		t.Log(wrong)
	}
	t.Errorf("three times, in the end: %s", wrong)
}

// endsAtAnyQuestion has the context end at each question for its deadline, and returns
// what was wrong.
func endsAtAnyQuestion(run func(endAt int32) (asked int32, err error)) string {
	last, err := run(0)
	if err != nil || last < 2 {
		return fmt.Sprintf("asked %d times: %v", last, err)
	}
	// The last question is that before the token is read.
	if _, err = run(last); !errors.Is(err, context.Canceled) {
		return fmt.Sprintf("the error is %v, want the end of the context", err)
	}
	for at := range last { // and at all others
		if _, err = run(at + 1); err == nil {
			return fmt.Sprintf("it ended at question %d, and that was passed over", at+1)
		}
	}
	return ""
}

// The context ends at any moment.
func TestSelfReachEndsAtAnyMoment(t *testing.T) {
	const rounds = 300
	for i := range rounds {
		ln := listenHere(t, "127.0.0.1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*2*time.Microsecond)
		ended := make(chan struct{})
		go func() { defer close(ended); _ = SelfReach(ctx, ln) }()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatal("SelfReach does not return")
		}
		cancel()
		_ = ln.Close()
	}
}
