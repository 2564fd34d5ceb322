package client

import (
	"context"
	"sync"
	"time"

	"portside/client/internal/pi"
)

// A life holds what begins with a Session and ends with it.
type life struct {
	ctx       context.Context // ended by Close and Abort
	end       context.CancelFunc
	letGo     func()         // of whoever has the turn: what hold returned last
	over      chan struct{}  // closed when the control connection has ended for good
	helpers   sync.WaitGroup // goroutines of the Session
	closeOnce sync.Once

	// Guarded by Session.mu:
	closed  bool          // by Close or Abort
	mending chan struct{} // while a lost control connection may be replaced; closed at the end of that
}

// start begins the life of s, which has a control connection.
func (s *Session) start() {
	s.ctx, s.end = context.WithCancel(context.Background())
	s.over = make(chan struct{})
	s.helpers.Go(s.watch)
	if s.opt.KeepAlive > 0 {
		s.helpers.Go(s.keepAlive)
	}
}

// control returns the control connection of the moment.
func (s *Session) control() *pi.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ctl
}

// watch tells the end of the control connection, unless it is replaced.
func (s *Session) watch() {
	defer close(s.over)
	for {
		ctl := s.control()
		<-ctl.Done()
		s.mu.Lock()
		replaced, mending := s.ctl != ctl, s.mending
		if s.closed {
			mending = nil // by Close or Abort: nothing is adopted any more, however long a call takes to end
		}
		if !replaced && mending == nil {
			s.closed = true // nothing replaces it any more
		}
		s.mu.Unlock()
		switch {
		case replaced:
		case mending != nil:
			select {
			case <-mending:
			case <-s.ctx.Done():
			}
		default:
			return
		}
	}
}

// hold keeps the end of the control connection from being told while the caller
// may still replace it. The caller has the turn and calls the returned function.
func (s *Session) hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mending := make(chan struct{})
	s.mending = mending
	s.letGo = sync.OnceFunc(func() {
		s.mu.Lock()
		s.mending = nil
		s.mu.Unlock()
		close(mending)
		if s.over != nil && s.control().Err() != nil {
			<-s.over // told before the call ends
		}
	})
	return s.letGo
}

// Done is closed when the control connection has ended.
func (s *Session) Done() <-chan struct{} { return s.over }

// Err tells why the control connection ended; nil while it has not, ErrClosed
// after Close or Abort.
func (s *Session) Err() error {
	select {
	case <-s.over:
		return s.control().Err()
	default:
		return nil
	}
}

// Close says QUIT where nothing is on its way, and closes the connection. It
// takes no longer than about a second and may be called again.
func (s *Session) Close() error {
	s.closeOnce.Do(func() {
		s.finish()
		select {
		case s.turn <- struct{}{}:
			_ = s.ctl.Quit() // the connection is closed in any case
			<-s.turn
		default:
			_ = s.control().Close()
		}
		s.helpers.Wait()
	})
	return nil
}

// Abort closes the connection at once. Calls that are on their way fail.
func (s *Session) Abort() {
	s.closeOnce.Do(func() {
		s.finish()
		_ = s.control().Close()
		s.helpers.Wait()
	})
}

// finish ends what goes on beside the calls.
func (s *Session) finish() {
	s.mu.Lock()
	s.closed = true
	s.ready.kill()
	s.ready = nil
	s.mu.Unlock()
	s.end()
}

// keepAlive sends NOOP while nothing else is said.
func (s *Session) keepAlive() {
	every := s.opt.KeepAlive
	ticker := time.NewTicker(every / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.mu.Lock()
			idle := time.Since(s.lastUsed)
			s.mu.Unlock()
			if idle >= every {
				_ = s.Noop(s.ctx) // a lost connection is told by Done
			}
		case <-s.over:
			return
		case <-s.ctx.Done():
			return
		}
	}
}
