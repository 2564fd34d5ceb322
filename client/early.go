package client

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"time"

	"portside/client/internal/dtp"
	"portside/client/internal/pi"
)

const (
	// readyFor is how long a data connection that was made ahead waits for a transfer.
	readyFor = 10 * time.Second
	// readyFresh is how long it is believed to be alive without a look.
	readyFresh = 500 * time.Millisecond
	// aheadMoment is how long a finished transfer waits for the answer to the command
	// behind it, which comes with the transfer's own.
	aheadMoment = 10 * time.Millisecond
	// outOfTurnFor is how long a probe waits for a server that answers out of turn,
	// beside two round trips.
	outOfTurnFor = 100 * time.Millisecond
)

// A ready is a passive data connection for the next transfer, asked for ahead.
type ready struct {
	method Method
	asked  *pi.Ahead // its reply is to be looked at; nil: done
	aborts int32     // of the control connection, when it was asked for
	data   *dtp.Data // made, or being made; nil: not yet
	at     time.Time
	timer  *time.Timer // ends it
}

// kill ends what is there of r.
func (r *ready) kill() {
	if r == nil {
		return
	}
	if r.timer != nil {
		r.timer.Stop()
	}
	if r.data != nil {
		r.data.Kill()
	}
}

// takeReady takes the connection that was made ahead out of s.
func (s *Session) takeReady() *ready {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.ready
	s.ready = nil
	return r
}

// setReady keeps r for the next transfer.
func (s *Session) setReady(r *ready) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		r.kill()
		return
	}
	s.ready.kill()
	s.ready = r
}

// worksAhead reports whether the server is known to take EPSV together with a
// transfer command, by a method that has worked.
func (s *Session) worksAhead() bool {
	if s.ctx == nil || s.proven == MethodNone || s.proven.Active() || s.shaky {
		return false
	}
	if s.ahead == unknown {
		if known, works := s.opt.Memory.Lookup(s.key).Ahead(s.opt.Now()); known {
			s.ahead = no
			if works {
				s.ahead = yes
			}
		}
	}
	return s.ahead == yes
}

// learnedAhead keeps what a server does with commands that are sent ahead.
func (s *Session) learnedAhead(works bool, why string) {
	if works {
		s.ahead = yes
	} else {
		s.ahead = no
		s.note("nothing is sent ahead to this server any more: %s", why)
	}
	s.opt.Memory.Ahead(s.key, works, s.opt.Now())
}

// askAhead has the next data connection asked for together with the transfer command
// of the attempt under way.
func (s *Session) askAhead(m Method) {
	verb := ""
	if s.more && m == s.proven && s.worksAhead() {
		verb = m.String()
	}
	s.aborts = s.ctl.Aborts()
	s.gate.Behind(verb)
}

// keepAhead keeps what askAhead has asked for.
func (s *Session) keepAhead(m Method) {
	asked := s.gate.Asked()
	if asked == nil {
		return
	}
	s.gate.Behind("")
	r := &ready{method: m, asked: asked, aborts: s.aborts, at: time.Now()}
	t := time.NewTimer(aheadMoment + s.ctl.RTT()/4)
	defer t.Stop()
	select {
	case <-asked.Done():
		s.answered(r)
	case <-t.C:
	}
	s.setReady(r)
}

// answered begins to make the connection that the reply to r.asked names.
func (s *Session) answered(r *ready) {
	rep, inTurn, err := r.asked.Reply()
	r.asked = nil
	switch {
	case err != nil && !errors.Is(err, pi.ErrSwallowed):
		return // it says nothing of the server
	case err != nil:
		s.learnedAhead(false, err.Error())
		return
	case !inTurn:
		s.learnedAhead(false, "it did not answer in turn")
		return
	}
	d, err := dtp.Ahead(s.ctx, s.ctl, r.method, s.dataConfig(r.method, false), rep)
	if err != nil {
		s.learnedAhead(false, err.Error())
		return
	}
	r.data = d
	r.timer = time.AfterFunc(readyFor, d.Kill)
}

// openReady returns the connection that was made ahead for the attempt under way; nil
// where there is none that can be used.
func (s *Session) openReady(ctx context.Context) *dtp.Data {
	r := s.takeReady()
	if r == nil {
		return nil
	}
	if r.asked != nil {
		t := time.NewTimer(s.patience(negotiateFor))
		defer t.Stop()
		select {
		case <-r.asked.Done():
			s.answered(r)
		case <-t.C:
			s.learnedAhead(false, "it did not answer in time")
		case <-ctx.Done():
		}
	}
	switch {
	case r.data == nil:
		return nil
	case r.aborts != s.ctl.Aborts() || r.method != s.method || s.method != s.proven || r.data.Gone(time.Since(r.at) > readyFresh):
		r.kill()
		return nil
	}
	if !r.timer.Stop() {
		r.kill()
		return nil
	}
	r.data.Take(s.data)
	return r.data
}

// learnAhead finds out whether the server takes EPSV together with a transfer command,
// where that is not known. It lists the file at path and holds its own connection back:
// a server that answers the EPSV before there was one does not wait for the end of a
// transfer with its next command, and would break it off.
func (s *Session) learnAhead(ctx context.Context, path string) error {
	if path == "" || s.worksAhead() || s.ahead != unknown || s.ctx == nil || s.proven == MethodNone || s.proven.Active() || s.shaky {
		return nil
	}
	over, mine := s.opt.Memory.TryAhead(s.key)
	defer over()
	if s.worksAhead() || s.ahead != unknown || !mine {
		return nil // another Session is at it, or has just been
	}
	ctx, stop := s.bound(ctx)
	defer stop()
	s.takeReady().kill()
	defer s.hold()()
	s.note("finding out whether this server takes commands ahead")
	if err := s.probeAhead(ctx, path); err != nil {
		// A server that was led astray may keep the listing for the next connection, as
		// pyftpdlib does, and ABOR does not make it forget.
		_ = s.ctl.Close()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.learnedAhead(false, err.Error())
	}
	return s.mend(ctx, nil, nil)
}

// probeAhead is the exchange of learnAhead. Its error says what was odd.
func (s *Session) probeAhead(ctx context.Context, path string) error {
	m := s.proven
	cfg := s.dataConfig(m, false)
	where, err := dtp.AskPassive(ctx, s.ctl, m, cfg)
	if err != nil {
		return err
	}
	aheads, err := s.ctl.SendWith(ctx, pi.Command{Verb: "LIST", Arg: path}, pi.Command{Verb: m.String()})
	if err != nil {
		return err
	}
	asked := aheads[0]
	t := time.NewTimer(outOfTurnFor + 2*s.ctl.RTT())
	defer t.Stop()
	select {
	case <-asked.Done():
	case <-t.C:
	case <-ctx.Done():
	}
	if ctx.Err() == nil && !isDone(asked.Done()) {
		err = s.listProbe(ctx, m, cfg, where)
	} else if _, inTurn, _ := asked.Reply(); ctx.Err() == nil && !inTurn {
		err = errOutOfTurn
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	return s.endProbe(ctx, m, asked)
}

// errOutOfTurn says that a server answers EPSV while a transfer is under way.
var errOutOfTurn = errors.New("it answers out of turn")

func isDone(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// listProbe makes the connection of the probe and reads the listing to its end.
func (s *Session) listProbe(ctx context.Context, m Method, cfg dtp.Config, where netip.AddrPort) error {
	d := dtp.Later(ctx, s.ctl, m, cfg, where)
	defer d.Kill()
	in, err := d.NewReader(ctx, nil)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(io.Discard, in)
	return err
}

// endProbe reads the end of the listing and judges the reply to what was sent behind it.
// Where the listing was refused nothing is learned, but the port is there all the same.
func (s *Session) endProbe(ctx context.Context, m Method, asked *pi.Ahead) error {
	rep, err := s.ctl.Read(ctx, "the end of LIST")
	for err == nil && rep.Class() == 1 {
		rep, err = s.ctl.Read(ctx, "the end of LIST")
	}
	if err != nil {
		return err
	}
	t := time.NewTimer(s.patience(negotiateFor))
	defer t.Stop()
	select {
	case <-asked.Done():
	case <-t.C:
		return pi.ErrSwallowed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	r := &ready{method: m, asked: asked, aborts: s.ctl.Aborts(), at: time.Now()}
	if rep.Class() == 2 {
		s.ahead = yes // unless answered finds something odd
	}
	s.answered(r)
	switch {
	case s.ahead == yes && r.data != nil:
		s.learnedAhead(true, "")
	case s.ahead == unknown && rep.Class() != 2:
		if s.unsure++; s.unsure >= 2 {
			s.learnedAhead(false, "what was tried told nothing")
		}
	}
	s.setReady(r)
	return nil
}

// follows prepares for a transfer that another one follows, where more is set. file is
// one that is there, to find out what the server does.
func (s *Session) follows(ctx context.Context, more bool, file string) error {
	if !more {
		return nil
	}
	if err := s.learnAhead(ctx, file); err != nil {
		return err
	}
	s.more = true
	return nil
}
