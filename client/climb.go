package client

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A climb is one run up the ladder: the methods one after the other, beside a race
// in the other direction, until one makes a data connection.
type climb struct {
	s     *Session
	req   request
	race  *race
	order []Method // still to be tried
	tried []Failed
	older Method // failed under TLS 1.3, and is tried again under 1.2
	quiet Method // the first that connected and gave no sign
	draws int    // further passive ports that were tried
	began time.Time
}

func newClimb(s *Session, req request) *climb {
	return &climb{s: s, req: req, order: s.order(), began: time.Now()}
}

// run returns the result of the operation, or a *NoMethodError.
func (c *climb) run(ctx context.Context) error {
	s := c.s
	s.accepting, s.silence, s.drawing = acceptFor, 0, false
	if s.opt.Mode == Auto {
		s.silence = s.patience(silentFor)
	}
	defer func() { s.drawing = false }()
	c.race = s.startRace(ctx, c.order)
	defer c.race.stop()
	for {
		m := c.next(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if m == MethodNone {
			return noWay(c.tried)
		}
		err := s.attempt(ctx, m, c.req, c.race)
		if err == nil {
			s.shaky = s.shaky || c.draws > 0
			s.worked(m, c.tried)
			if m == c.older {
				s.opt.Memory.BoundTLS(s.key, s.opt.MaxTLS, s.opt.Now())
			}
			return nil
		}
		if errors.Is(err, errEnough) { // the server may have hung up over the ABOR
			if mendErr := s.mend(ctx, c.race, nil); mendErr != nil {
				return mendErr
			}
			return err
		}
		if !s.movesOn(ctx, err, c.req) {
			return err
		}
		if s.wantsOlderTLS(err) && s.useTLS12(ctx, err) == nil {
			c.older = m
			c.order = slices.Insert(c.order, 0, m)
			continue
		}
		if s.worthOutside(ctx, m, err) {
			c.order = slices.Insert(c.order, 0, m)
			continue
		}
		c.lost(m, s.blocked(ctx, err))
		if c.over() && !s.gate.Unanswered() {
			return noWay(c.tried)
		}
		if mendErr := s.mend(ctx, c.race, err); mendErr != nil {
			return errors.Join(noWay(c.tried), mendErr)
		}
	}
}

// lost takes note that m failed with err.
func (c *climb) lost(m Method, err error) {
	f := c.s.failed(m, err)
	c.tried = append(slices.DeleteFunc(c.tried, func(x Failed) bool { return x.Method == m }), f)
	c.order = c.s.postpone(c.order, m, err)
	if errors.Is(err, errSilent) && c.quiet == MethodNone {
		c.quiet = m
	}
}

// next chooses the method to try; MethodNone where nothing is left. What the race
// is about to find out is not tried twice: meanwhile further passive ports are
// drawn, where those that were tried were dead, and then its end is waited for.
func (c *climb) next(ctx context.Context) Method {
	for ctx.Err() == nil {
		if w := c.race.winner(); w != MethodNone && slices.Contains(c.order, w) {
			c.order = slices.Insert(slices.DeleteFunc(c.order, func(x Method) bool { return x == w }), 0, w)
		} else if c.race.has(c.order) {
			if m := c.draw(); m != MethodNone {
				return m
			}
			c.race.wait(ctx)
			continue
		}
		c.take()
		if len(c.order) > 0 {
			m := c.order[0]
			c.order = c.order[1:]
			c.s.drawing = false
			return m
		}
		if m := c.draw(); m != MethodNone {
			return m
		}
		if m := c.quiet; m != MethodNone {
			// Nothing else works: perhaps the server is only slow.
			c.quiet, c.s.silence, c.s.drawing = MethodNone, 0, false
			return m
		}
		break
	}
	return MethodNone
}

// take strikes out what the race has tried in vain.
func (c *climb) take() {
	for _, f := range c.race.failures() {
		if slices.Contains(c.order, f.Method) {
			c.order = slices.DeleteFunc(c.order, func(x Method) bool { return x == f.Method })
			c.tried = append(c.tried, f)
			c.order = c.s.postpone(c.order, f.Method, f.Err)
			if errors.Is(f.Err, errSilent) && c.quiet == MethodNone {
				c.quiet = f.Method
			}
		}
	}
}

// draw returns a passive method whose port was dead, to try one more port: a
// firewall may have opened a part of the server's range only. The methods take
// turns.
func (c *climb) draw() Method {
	if c.drawn() {
		return MethodNone
	}
	for _, f := range c.tried { // the one that failed longest ago first
		if !f.Method.Active() && f.Step == StepDial && !judgedByProxy(f.Err) {
			c.draws++
			c.s.drawing = true
			return f.Method
		}
	}
	return MethodNone
}

// judgedByProxy reports whether a proxy has refused in a way that is the same for each port.
func judgedByProxy(err error) bool {
	var pe *ProxyError
	return errors.As(err, &pe) && pe.Step != ProxyServer
}

// drawn reports whether enough further ports were tried, or for long enough. None
// are tried where the user has asked for one method, and is to see what it does.
func (c *climb) drawn() bool {
	return len(c.s.opt.Mode.methods()) == 1 || c.draws >= mostDraws || time.Since(c.began) > drawUntil
}

// over reports whether nothing is left to be tried, so that the control connection
// need not be mended.
func (c *climb) over() bool {
	if len(c.order) > 0 || c.quiet != MethodNone || c.race.winner() != MethodNone {
		return false
	}
	return c.drawn() || !slices.ContainsFunc(c.tried, func(f Failed) bool { return !f.Method.Active() && f.Step == StepDial && !judgedByProxy(f.Err) })
}

// postpone judges what is left after m, which failed with err. Where the server
// accepted the one active command and its connection did not come, the other is
// of use only where something on the way rewrites it, which it can in plain text
// alone: it goes last, and gets the rest of the time for the server's connection.
func (s *Session) postpone(order []Method, m Method, err error) []Method {
	var de *DataError
	if !m.Active() || !errors.As(err, &de) || de.Step != StepAccept || !de.Timeout() {
		return order
	}
	s.accepting = acceptFor - firstAccept
	passive := slices.DeleteFunc(slices.Clone(order), Method.Active)
	if s.tlsData != nil {
		return passive
	}
	return append(passive, slices.DeleteFunc(order, func(x Method) bool { return !x.Active() })...)
}
