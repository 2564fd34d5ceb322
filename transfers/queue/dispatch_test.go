package queue

import (
	"context"
	"errors"
	"testing"
	"time"

	"portside/transfers"
	"portside/transfers/queue/store"
)

// Nobody is sent for an entry for which somebody comes: a single file is one login.
func TestNobodyBesideWhoComes(t *testing.T) {
	t.Parallel()
	q, _, err := Open(t.Context(), Options{Held: true, Dial: func(context.Context, string) (transfers.RemoteCloser, error) {
		return nil, errors.New("not here")
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close(context.WithoutCancel(t.Context())) })
	if err = q.AddSite(t.Context(), Site{Key: "a"}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what                          string
		entries, sessions, busy, idle int
		leaving, dialling             int
		want                          int // workers that are sent for
	}{
		{"nobody is there", 1, 0, 0, 0, 0, 0, 1},
		{"the first to be logged in has not taken it yet", 1, 1, 0, 0, 0, 0, 0},
		{"one is logged in, the other entry wants another", 2, 1, 0, 0, 0, 0, 1},
		{"one is at work", 1, 1, 1, 0, 0, 0, 1},
		{"one is at work, another comes", 1, 1, 1, 0, 0, 1, 0},
		{"one is idle", 1, 1, 0, 1, 0, 0, 0},
		{"one leaves", 1, 1, 0, 0, 1, 0, 1},
		{"one leaves, one is at work, one comes", 2, 2, 1, 0, 1, 1, 1},
	} {
		q.mu.Lock()
		s := q.byKey["a"]
		s.grow, s.idle, s.files, s.stopped, s.fails, s.retry = growth{target: 8, proven: true}, nil, nil, Reason{}, 0, time.Time{}
		s.workers, s.sessions = tt.sessions+tt.dialling, tt.sessions
		s.busy, s.leaving, s.dialing = tt.busy, tt.leaving, tt.dialling
		for range tt.idle {
			s.idle = append(s.idle, &worker{q: q, s: s, wake: make(chan struct{}, 1)})
		}
		for i := range tt.entries {
			s.files = append(s.files, newEntry(store.Row{ID: int64(i + 1)}, s))
		}
		before := s.workers
		q.workers, q.leaving, q.held, q.holding = s.workers, s.leaving, false, 0
		q.feed(s)
		if got := s.workers - before; got != tt.want {
			t.Errorf("%s: %d are sent for, want %d", tt.what, got, tt.want)
		}
		s.files, q.holding = nil, 1 // so that whoever was sent for leaves
		q.mu.Unlock()
		for over := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			q.mu.Lock()
			left := s.workers - before
			q.mu.Unlock()
			if left == 0 {
				break
			}
			if time.Now().After(over) {
				t.Fatalf("%s: %d do not leave", tt.what, left)
			}
		}
	}
	q.mu.Lock()
	q.workers, q.leaving = 0, 0
	q.mu.Unlock()
}
