package dtp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"portside/client/internal/pi"
)

// quiet is a control connection on which nothing is said.
type quiet struct {
	Control
	replies chan pi.Reply
	done    chan struct{}
}

func (q quiet) Replies() <-chan pi.Reply { return q.replies }
func (q quiet) Done() <-chan struct{}    { return q.done }
func (q quiet) Timeout() time.Duration   { return 3 * time.Second }

// pairOf returns a Data whose connection is made, and its other end.
func pairOf(t *testing.T, cfg Config) (*Data, net.Conn) {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	var d net.Dialer
	nc, err := d.DialContext(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	other, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = nc.Close(), other.Close() })
	return newData(quiet{replies: make(chan pi.Reply), done: make(chan struct{})}, EPSV, cfg, nc, nil), other
}

// A download of which nothing comes is suspected to lose large packets, once the server
// has agreed to it, and only where that is asked for.
func TestNothingComesOfADownload(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		after  time.Duration
		agreed bool
		sent   string
		want   bool
	}{
		{"suspected", time.Millisecond, true, "", true},
		{"not agreed to", time.Millisecond, false, "", false},
		{"not asked for", 0, true, "", false},
		{"something came", time.Second, true, "x", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, other := pairOf(t, Config{NarrowAfter: tt.after, Agreed: func() bool { return tt.agreed }})
			if _, err := other.Write([]byte(tt.sent)); err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			_, _, err := d.Receive(t.Context(), &got, 0, nil)
			if err == nil || errors.Is(err, ErrNarrow) != tt.want {
				t.Errorf("got %v, want ErrNarrow: %v", err, tt.want)
			}
			if got.String() != tt.sent {
				t.Errorf("received %q", got.String())
			}
		})
	}
}

// An upload that arrives is not suspected, and is over as soon as it has arrived.
func TestAnUploadArrives(t *testing.T) {
	t.Parallel()
	d, other := pairOf(t, Config{NarrowUp: true})
	read := make(chan error, 1)
	go func() {
		_, err := bytes.NewBuffer(nil).ReadFrom(other)
		read <- err
	}()
	if _, err := d.Send(t.Context(), bytes.NewReader(make([]byte, 1<<20)), nil); err != nil {
		t.Fatal(err)
	}
	if err := d.FinishUpload(t.Context()); err != nil {
		t.Errorf("FinishUpload: %v", err)
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
}

// The end of ctx ends the wait for an upload that nobody takes.
func TestAwaitArrivalEndsWithItsContext(t *testing.T) {
	t.Parallel()
	d, _ := pairOf(t, Config{NarrowUp: true})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // for a busy computer to begin
	defer cancel()
	_, _ = d.Send(ctx, bytes.NewReader(make([]byte, 64<<20)), nil) // it fills what the systems hold
	if err := d.awaitArrival(ctx); CanNarrow && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
