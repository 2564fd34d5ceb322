package handover

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// mostVisitors bounds how many requests are under way at once.
const mostVisitors = 8

// A Door is where a window takes requests. Those that come before Serve wait.
type Door struct {
	listener *net.UnixListener
	lock     *os.File
	running  sync.WaitGroup
	end      context.CancelFunc // set by Serve
	once     sync.Once
}

// Serve begins to take requests, until Close or the end of ctx. take is called for each,
// on a goroutine of its own; it has to be over, or to have given up, when its context
// ends. An error is told to who asked as a refusal, without its text.
func (d *Door) Serve(ctx context.Context, take func(context.Context, Request) error) {
	ctx, d.end = context.WithCancel(ctx)
	visitors := make(chan struct{}, mostVisitors)
	d.running.Go(func() {
		stop := context.AfterFunc(ctx, func() { _ = d.listener.Close() })
		defer stop()
		for {
			c, err := d.listener.AcceptUnix()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil { // too many open files, which passes
				select {
				case <-ctx.Done():
				case <-time.After(again):
				}
				continue
			}
			visitors <- struct{}{}
			d.running.Go(func() {
				serve(ctx, c, take)
				<-visitors
			})
		}
	})
}

// serve takes the request of one connection.
func serve(ctx context.Context, c *net.UnixConn, take func(context.Context, Request) error) {
	defer func() { _ = c.Close() }()
	if !peerIsUs(c) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, takeTime)
	defer cancel()
	until, _ := ctx.Deadline()
	if c.SetDeadline(until) != nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := io.WriteString(c, greeting+"\n"); err != nil {
		return
	}
	answer := taken
	m, err := decode(c)
	if err == nil {
		err = taking(ctx, m, take)
	}
	if err != nil {
		answer = refused
	}
	_ = c.SetWriteDeadline(time.Now().Add(takeTime)) // take may have used up its own
	_, _ = io.WriteString(c, answer+"\n")            // who has gone meanwhile opens a window
}

// taking gives take the time in which the sender still learns of it.
func taking(ctx context.Context, m message, take func(context.Context, Request) error) error {
	within := min(max(m.Within, 0), int64(Patience/time.Millisecond))
	ctx, cancel := context.WithTimeout(ctx, time.Duration(within)*time.Millisecond*9/10)
	defer cancel()
	return take(ctx, m.Request)
}

// Close ends the Door and waits until nothing runs any more. The next start of the
// program finds nobody.
func (d *Door) Close() {
	d.once.Do(func() {
		if d.end != nil {
			d.end()
		}
		_ = d.listener.Close() // which removes the socket
		d.running.Wait()
		_ = d.lock.Close() // nothing was written
	})
}
