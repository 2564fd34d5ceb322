package ui

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"portside/client"
)

// fakeSession is a session that ends when told.
type fakeSession struct {
	name string
	once sync.Once
	done chan struct{}
	err  error

	mu     sync.Mutex // guards closed
	closed bool
}

func newFakeSession(name string) *fakeSession {
	return &fakeSession{name: name, done: make(chan struct{})}
}

func (s *fakeSession) Done() <-chan struct{} { return s.done }
func (s *fakeSession) Err() error            { return s.err }
func (s *fakeSession) Info() client.Info     { return client.Info{Addr: s.name} }
func (s *fakeSession) Abort()                { s.once.Do(func() { close(s.done) }) }
func (s *fakeSession) lose(err error)        { s.err = err; s.Abort() }
func (s *fakeSession) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.Abort()
	return nil
}

func (s *fakeSession) wasClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func targetFor(host string) target { return target{URL: client.URL{Host: host}} }

func TestLinkConnectsLosesAndReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dialled []*fakeSession
		l := newLink(t.Context(), func(_ context.Context, to target) (*fakeSession, error) {
			s := newFakeSession(to.URL.Host)
			dialled = append(dialled, s)
			return s, nil
		}, func() {})
		if got := l.View().State; got != linkIdle {
			t.Fatalf("begins in state %v", got)
		}
		l.Connect(targetFor("a"))
		synctest.Wait()
		if v := l.View(); v.State != linkUp || v.Session != dialled[0] {
			t.Fatalf("after the dial: %+v", v)
		}
		gone := errors.New("cable cut")
		dialled[0].lose(gone)
		synctest.Wait()
		if v := l.View(); v.State != linkLost || !errors.Is(v.Err, gone) || v.Session != dialled[0] {
			t.Fatalf("after the loss: %+v", v)
		}
		l.Reconnect()
		synctest.Wait()
		if v := l.View(); v.State != linkUp || v.Session != dialled[1] || v.Target.URL.Host != "a" {
			t.Fatalf("after reconnecting: %+v", v)
		}
		l.Close()
		if v := l.View(); v.State != linkIdle || !dialled[1].wasClosed() {
			t.Errorf("after Close: %+v, session closed %v", v, dialled[1].wasClosed())
		}
	})
}

func TestLinkCancelsADial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(t.Context(), func(ctx context.Context, _ target) (*fakeSession, error) {
			<-ctx.Done() // a server that never answers
			return nil, ctx.Err()
		}, func() {})
		l.Connect(targetFor("silent"))
		synctest.Wait()
		if got := l.View().State; got != linkConnecting {
			t.Fatalf("state %v while dialling", got)
		}
		l.Disconnect()
		l.running.Wait()
		if v := l.View(); v.State != linkIdle || v.Err != nil {
			t.Errorf("after cancelling: %+v, want idle and no error", v)
		}
	})
}

func TestLinkDropsALateSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, fast := newFakeSession("slow"), newFakeSession("fast")
		release := make(chan struct{})
		l := newLink(t.Context(), func(_ context.Context, to target) (*fakeSession, error) {
			if to.URL.Host == "slow" {
				<-release // answers though nobody wants it any more
				return slow, nil
			}
			return fast, nil
		}, func() {})
		l.Connect(targetFor("slow"))
		synctest.Wait()
		l.Connect(targetFor("fast"))
		synctest.Wait()
		close(release)
		synctest.Wait()
		if v := l.View(); v.State != linkUp || v.Session != fast {
			t.Errorf("the late dial won: %+v", v)
		}
		if !slow.wasClosed() {
			t.Error("the late session was left open")
		}
		l.Close()
	})
}

func TestLinkTellsEveryChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l *link[*fakeSession]
		var mu sync.Mutex
		var seen []linkState
		refused := errors.New("refused")
		l = newLink(t.Context(), func(context.Context, target) (*fakeSession, error) { return nil, refused }, func() {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, l.View().State)
		})
		l.Connect(targetFor("a"))
		synctest.Wait()
		if v := l.View(); v.State != linkFailed || !errors.Is(v.Err, refused) {
			t.Fatalf("%+v", v)
		}
		if n := len(seen); n != 2 || seen[n-1] != linkFailed {
			t.Errorf("told %v, want two changes that end in failed", seen)
		}
		if got := l.View().Change; got != 2 {
			t.Errorf("counted %d changes, want 2", got)
		}
		l.Close()
	})
}
