package client

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"
)

const (
	// againAfter and dialTries are for servers that count a connection which has
	// just ended.
	againAfter = 500 * time.Millisecond
	dialTries  = 3
)

// siblingOptions are those of a second control connection like s's own: to the
// same address, and no less protected.
func (s *Session) siblingOptions(mode ConnMode) (opt Options, addr string) {
	info := s.Info()
	opt = s.opt
	opt.Mode, opt.Memory, opt.KeepAlive = mode, nil, 0
	addr = info.Remote.String()
	if s.route.proxy != "" {
		addr = info.Addr // the proxy finds the way
	} else {
		opt.Proxy = Proxy{} // straight again, whatever the system has for the bare address
	}
	if opt.ServerName == "" && s.route.proxy == "" {
		if host, _, err := net.SplitHostPort(info.Addr); err == nil {
			opt.ServerName = host
		}
	}
	switch {
	case opt.Security != SecurityAuto:
	case info.TLS != nil:
		opt.Security = SecurityRequire
	default:
		opt.Security = SecurityOff
	}
	return opt, addr
}

// mend sees to it that the control connection is clean after an attempt that
// ended with why: by ABOR, by taking over the scout's, or by a new login.
func (s *Session) mend(ctx context.Context, r *race, why error) error {
	if s.ctl.Err() == nil && !s.ctl.Busy() {
		return nil
	}
	if o := r.take(ctx); o != nil {
		s.note("going on over control connection %d", o.number)
		return s.adopt(ctx, o)
	}
	var de *DataError
	swallowed := errors.As(why, &de) && de.Step == StepNegotiate && de.Timeout()
	if s.ctl.Err() == nil && !swallowed && !s.gate.Unanswered() {
		err := s.ctl.Abort(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	_ = s.ctl.Close()
	opt, addr := s.siblingOptions(s.opt.Mode)
	o, err := dialAgain(ctx, addr, opt)
	if err != nil {
		return err
	}
	return s.adopt(ctx, o)
}

// dialAgain dials until the server does not count the connection any more that has
// just ended.
func dialAgain(ctx context.Context, addr string, opt Options) (*Session, error) {
	for n := 1; ; n++ {
		o, err := dial(ctx, addr, opt)
		var re *ReplyError
		if err == nil || n == dialTries || ctx.Err() != nil || !errors.As(err, &re) {
			return o, err
		}
		t := time.NewTimer(againAfter)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return nil, context.Cause(ctx)
		}
	}
}

// adopt makes o's control connection that of s, in the same state. o is of no use
// afterwards.
func (s *Session) adopt(ctx context.Context, o *Session) error {
	typ, cwd := s.typ, s.serverCwd
	o.gate.ListAs(s.gate.Listing())
	o.gate.Rehook(s.hooks())
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		_ = o.ctl.Close()
		return ErrClosed
	}
	old := s.ctl
	s.ready.kill()
	s.wire = o.wire
	s.info.Remote, s.info.Local, s.info.TLS = o.info.Remote, o.info.Local, o.info.TLS
	s.mu.Unlock()
	_ = old.Close()
	haveTyp, haveCwd := s.typ, s.serverCwd
	s.typ, s.serverCwd = 0, "" // not known until the replies have come
	if typ != haveTyp && typ != 0 {
		if err := s.again(ctx, "TYPE", string(typ)); err != nil {
			return err
		}
	}
	s.typ = typ
	if cwd != haveCwd && cwd != "" {
		err := s.again(ctx, "CWD", cwd)
		var refused *ReplyError
		switch {
		case errors.As(err, &refused) && cwd != s.cwd && strings.HasPrefix(s.cwd, "/"):
			cwd = "" // it is gone, and nothing is taken from there
		case err != nil:
			return err
		}
	}
	s.serverCwd = cwd
	return nil
}

// again says on a new control connection what was said on the old one.
func (s *Session) again(ctx context.Context, verb, arg string) error {
	rep, err := s.ctl.Cmd(ctx, verb, arg)
	if err == nil && rep.Class() != 2 {
		err = &ReplyError{Verb: verb, Reply: rep}
	}
	return err
}
