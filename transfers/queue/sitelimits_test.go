package queue_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
	"portside/transfers/queue"
)

// A site's number of connections holds beside the queue's own limit, and for no
// other site.
func TestConnectionsOfOneSite(t *testing.T) {
	files := []ftptest.Option{ftptest.RTT(20 * time.Millisecond)}
	for i := range 60 {
		files = append(files, ftptest.File(fmt.Sprintf("/f%d", i), "x"))
	}
	var open, most atomic.Int32
	var b *bench
	b = start(t, queue.Options{Dial: func(ctx context.Context, site string) (transfers.RemoteCloser, error) {
		s, err := client.Dial(ctx, b.srvs[site].Addr, client.Options{Security: client.SecurityOff, Timeout: 20 * time.Second})
		if err != nil {
			return nil, err
		}
		if n := open.Add(1); n > most.Load() {
			most.Store(n)
		}
		return &counted{s, &open}, nil
	}}, map[string][]ftptest.Option{"a": files})
	if err := b.q.AddSite(t.Context(), queue.Site{Key: "a", Name: "a", MaxConnections: 2}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i := range 60 {
		b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: fmt.Sprintf("/f%d", i), Local: filepath.Join(dir, fmt.Sprint(i))})
	}
	b.wait()
	b.only(map[queue.State]int{queue.Done: 60})
	if n := most.Load(); n > 2 {
		t.Errorf("%d connections at once, want 2 at most", n)
	}
}

type counted struct {
	*client.Session
	open *atomic.Int32
}

func (c *counted) Close() error {
	c.open.Add(-1)
	return c.Session.Close()
}

// A site's rate holds, and can be taken away while something moves.
func TestRateOfOneSite(t *testing.T) {
	const size = 400_000
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": {ftptest.File("/f", string(pattern(size, 1)))}})
	if err := b.q.AddSite(t.Context(), queue.Site{Key: "a", Down: 400_000}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/f", Local: filepath.Join(t.TempDir(), "f")})
	b.wait()
	if took := time.Since(began); took < 700*time.Millisecond {
		t.Errorf("%d bytes took %v at %d bytes a second", size, took, 400_000)
	}
	if err := b.q.AddSite(t.Context(), queue.Site{Key: "a", Down: 10}); err != nil {
		t.Fatal(err)
	}
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/f", Local: filepath.Join(t.TempDir(), "f")})
	if err := b.q.AddSite(t.Context(), queue.Site{Key: "a"}); err != nil {
		t.Fatal(err)
	}
	b.wait()
	b.only(map[queue.State]int{queue.Done: 2})
}

// The limits of a site may change at any moment.
func TestLimitsChangeMeanwhile(t *testing.T) {
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": {ftptest.File("/f", "x")}})
	dir := t.TempDir()
	over := make(chan struct{})
	go func() {
		defer close(over)
		for i := range 40 {
			if err := b.q.AddSite(t.Context(), queue.Site{Key: "a", Name: fmt.Sprint(i), MaxConnections: 1 + i%4}); err != nil {
				t.Error(err)
			}
		}
	}()
	for i := range 40 {
		b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/f", Local: filepath.Join(dir, fmt.Sprint(i))})
	}
	<-over
	b.wait()
	b.only(map[queue.State]int{queue.Done: 40})
}

// A queue that is held makes no connection, and then keeps to what it was told meanwhile.
func TestHeldQueue(t *testing.T) {
	var dialled, open, most atomic.Int32
	var b *bench
	b = start(t, queue.Options{Held: true, Dial: func(ctx context.Context, site string) (transfers.RemoteCloser, error) {
		dialled.Add(1)
		s, err := client.Dial(ctx, b.srvs[site].Addr, client.Options{Security: client.SecurityOff, Timeout: 20 * time.Second})
		if err != nil {
			return nil, err
		}
		most.Store(max(most.Load(), open.Add(1)))
		return &counted{s, &open}, nil
	}}, map[string][]ftptest.Option{"a": {ftptest.File("/f", "x"), ftptest.RTT(20 * time.Millisecond)}})
	dir := t.TempDir()
	for i := range 20 {
		b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/f", Local: filepath.Join(dir, fmt.Sprint(i))})
	}
	time.Sleep(300 * time.Millisecond) // three looks at the clocks
	if n := dialled.Load(); n != 0 {
		t.Errorf("%d connections before the start", n)
	}
	if err := b.q.AddSite(t.Context(), queue.Site{Key: "a", MaxConnections: 1}); err != nil {
		t.Fatal(err)
	}
	b.q.Start()
	b.wait()
	b.only(map[queue.State]int{queue.Done: 20})
	if n := most.Load(); n != 1 {
		t.Errorf("%d connections at once, want 1", n)
	}
}
