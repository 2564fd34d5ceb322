package client

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/jlaffaye/ftp"

	"portside/client/internal/dtp"
	"portside/client/modes"
)

// The bounds of an attempt by a method that has not worked yet. Each grows with
// the round trip where that is long.
const (
	negotiateFor = 2500 * time.Millisecond // for the reply to EPSV, PASV, EPRT, PORT
	connectFor   = 3 * time.Second         // for the passive connect
	acceptFor    = 8 * time.Second         // for the server's connection, at the longest
	firstAccept  = 5 * time.Second         // the same where another active method is left
	begunFor     = 2 * time.Second         // for the first bytes after a reply on one, where another method delivers
	silentFor    = 4 * time.Second         // for a first sign on a connected passive method
	proxyFactor  = 2                       // connections through a proxy take several round trips
	provenFactor = 3                       // methods that worked get so many times as long
	drawFor      = 1100 * time.Millisecond // for the passive connect to one more port
	mostDraws    = 5                       // further ports that are tried
	drawUntil    = 9 * time.Second         // since the first method, so that somebody who waits is told in time
)

// A request is an operation with a data connection, which the ladder may run more
// than once.
type request struct {
	op       func(*ftp.ServerConn) error
	move     func(context.Context, *dtp.Data) error
	download bool        // move takes all that comes, to its end
	size     int64       // what a download is expected to bring; 0: not known
	whole    func() bool // of a download whose size is known: all of it came
	// touched reports whether something has moved that cannot be taken back.
	touched func() bool
}

var (
	// errOvertaken ends an attempt because the other direction has delivered.
	errOvertaken = errors.New("nothing came while another method delivered")
	// errSilent ends an attempt on a connection that gives no sign of life.
	errSilent = errors.New("it connected, and neither data nor a reply came")
)

// transfer runs req by the methods of the mode, in order, until one makes a data
// connection. Only evidence about the channel moves it on, and nothing is run
// again once something has moved. What worked is kept for the next time.
func (s *Session) transfer(ctx context.Context, req request) error {
	ctx, stop := s.bound(ctx)
	defer stop()
	defer s.hold()() // an attempt may end with the control connection closed, and is mended
	s.recallNarrow()
	err := s.transferBy(ctx, req)
	if s.goNarrow(err) && !req.touched() && ctx.Err() == nil {
		err = s.transferNarrow(ctx, req, err)
	}
	if ctx.Err() == nil {
		s.judgeNarrow(err)
	}
	return err
}

func (s *Session) transferBy(ctx context.Context, req request) error {
	if s.proven != MethodNone {
		err := s.attempt(ctx, s.proven, req, nil)
		if s.half.blamed && ctx.Err() == nil && !req.touched() {
			s.takeReady().kill()
			if mendErr := s.mend(ctx, nil, err); mendErr != nil {
				return errors.Join(err, mendErr)
			}
			err = s.attempt(ctx, s.proven, req, nil)
		}
		if err != nil && s.fromReady && s.movesOn(ctx, err, req) {
			// The connection that was made ahead was of no use: as if it had not been.
			s.learnedAhead(false, "the connection that was made ahead did not work")
			if mendErr := s.mend(ctx, nil, err); mendErr != nil {
				return errors.Join(err, mendErr)
			}
			err = s.attempt(ctx, s.proven, req, nil)
		}
		if err == nil || !s.movesOn(ctx, err, req) {
			return s.settleProven(err)
		}
		f := s.failed(s.proven, err)
		s.proven = MethodNone
		if err = s.mend(ctx, nil, err); err != nil {
			return errors.Join(f.Err, err)
		}
		err = newClimb(s, req).run(ctx)
		// One port was dead, and another one of the same method is not.
		s.shaky = s.shaky || err == nil && s.proven == f.Method && f.Step == StepDial
		return err
	}
	return newClimb(s, req).run(ctx)
}

// settleProven keeps the proven method unless the channel is in doubt.
func (s *Session) settleProven(err error) error {
	if err != nil && !s.half.blamed && (modes.Channel(err) || nobodyThere(err)) {
		s.proven = MethodNone
	}
	return err
}

// bound ends with ctx and with the Session.
func (s *Session) bound(ctx context.Context) (context.Context, func()) {
	if s.ctx == nil {
		return ctx, func() {} // beside another Session, whose ctx is its own
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.ctx, func() { cancel(ErrClosed) })
	return ctx, func() { stop(); cancel(nil) }
}

// movesOn reports whether another method may be tried after err.
func (s *Session) movesOn(ctx context.Context, err error, req request) bool {
	if ctx.Err() != nil || req.touched() || errors.Is(err, ErrNarrow) {
		return false
	}
	return errors.Is(err, errOvertaken) || errors.Is(err, errSilent) || modes.Channel(err) || nobodyThere(err)
}

// nobodyThere reports whether the server says that it saw no data connection, or
// lost it, where we had one: something on the way may have answered in its place.
func nobodyThere(err error) bool {
	var re *ReplyError
	return errors.As(err, &re) && (re.Reply.Code == 425 || re.Reply.Code == 426)
}

// order returns the methods to try, the likeliest first.
func (s *Session) order() []Method {
	all := s.opt.Mode.methods()
	if s.route.tunnel != "" {
		all = slices.DeleteFunc(all, Method.Active)
	}
	if len(all) == 1 {
		return all
	}
	return modes.Order(modes.Choice{Methods: all, IPv6: s.info.Remote.Addr().Is6(), PreferActive: s.opt.PreferActive}, s.known, s.opt.Now())
}

// attempt runs req by method m. r, where it is not nil, may overtake it.
func (s *Session) attempt(ctx context.Context, m Method, req request, r *race) error {
	actx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sign := newSign(cancel)
	s.sign = sign
	var grace time.Duration
	if !m.Active() && s.tlsData == nil {
		grace = s.patience(begunFor)
	}
	defer r.watch(sign, grace)()
	s.method = m
	s.data = s.dataConfig(m, m != s.proven)
	if m.Active() {
		announce, err := s.announceAddress(ctx)
		if err != nil {
			return err
		}
		s.data.ActiveAddress = announce
	}
	s.data.OnFirst = sign.delivered
	s.data.NarrowAfter, s.data.NarrowUp = s.watched()
	s.data.Agreed = sign.reply.Load
	s.gate.OnReply(sign.begun)
	s.opened = func() {}
	s.askAhead(m)
	defer s.keepAhead(m)
	s.askHalf(m, req)
	var ended time.Time
	if m != s.proven && !m.Active() && s.silence > 0 {
		var limit func() bool
		s.opened = func() { limit = sign.within(s.silence) }
		defer func() {
			if limit != nil {
				limit()
			}
		}()
	}
	var st *TLSInfo
	err := s.gate.Transfer(actx, req.op, func(d *dtp.Data) error {
		moveErr := req.move(actx, d)
		ended = time.Now()
		if errors.Is(moveErr, ErrNarrow) {
			cancel(moveErr) // the server does not know of it, and its reply is not waited for
		}
		if tlsState := d.TLS(); tlsState != nil {
			st = tlsInfo(tlsState)
			st.Resumed = tlsState.DidResume
		}
		return moveErr
	})
	if req.download {
		s.sawEnd(ctx, req, err, time.Since(ended))
	}
	switch cause := context.Cause(actx); {
	case err == nil:
		s.showed(m, st)
		return nil
	case ctx.Err() == nil && errors.Is(cause, ErrNarrow):
		return cause
	case ctx.Err() == nil && (errors.Is(cause, errOvertaken) || errors.Is(cause, errSilent)):
		return &DataError{Method: m, Step: StepCopy, Err: cause}
	case errors.Is(err, ftp.ErrInvalidCommand):
		return badLine()
	}
	return err
}

// showed keeps what a data connection showed.
func (s *Session) showed(m Method, st *TLSInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proven, s.info.Method = m, m
	if st != nil && s.info.TLS != nil {
		s.info.TLS.Resumed = st.Resumed
	}
}

// openData makes the data connection of the attempt under way.
func (s *Session) openData(ctx context.Context) (*dtp.Data, error) {
	d := s.openReady(ctx)
	if s.fromReady = d != nil; s.fromReady {
		return d, nil
	}
	d, err := dtp.Open(ctx, s.ctl, s.method, s.data)
	if err == nil {
		s.opened()
	}
	return d, err
}

// dataConfig says how a data connection by m is made; fresh: it has not worked yet
// in this Session.
func (s *Session) dataConfig(m Method, fresh bool) dtp.Config {
	cfg := dtp.Config{
		Dialer: s.route.dialer, Through: s.route.tunnel, TLS: s.tlsData, ActivePorts: s.opt.ActivePorts,
		TrustPASVAddress: s.opt.TrustPASVAddress,
		Announce:         announcer(s.opt.Announce, s.info.Local.Addr(), s.info.Remote.Addr(), s.external.addr), OnStranger: s.opt.OnStranger,
		NegotiateTimeout: s.patience(negotiateFor), ConnectTimeout: s.patience(connectFor),
		AcceptTimeout: s.accepting, Overlap: !fresh && !s.shaky, Narrow: s.width.narrow,
	}
	if s.opt.OnPassive != nil {
		cfg.OnPassive = func(said netip.AddrPort, foreign bool) {
			s.opt.OnPassive(PassivePort{Time: s.opt.Now(), Method: m, Said: said, Foreign: foreign})
		}
	}
	if fresh {
		cfg.SelfReach = func(err error) error {
			s.note("%v", err)
			if s.opt.Mode == Auto {
				return err
			}
			return nil // the user wants active: the server has the last word
		}
	}
	if m == MethodEPRT && s.opt.Mode != EPRT {
		cfg.AcceptTimeout = min(firstAccept, s.accepting)
	}
	switch {
	case s.drawing || s.shaky && !fresh:
		cfg.ConnectTimeout = s.patience(drawFor)
	case fresh:
	default:
		cfg.NegotiateTimeout *= provenFactor
		cfg.ConnectTimeout *= provenFactor
		cfg.AcceptTimeout = acceptFor * provenFactor
	}
	if s.route.tunnel != "" {
		cfg.ConnectTimeout *= proxyFactor
	}
	return cfg
}

// patience is d, or four round trips where those are longer.
func (s *Session) patience(d time.Duration) time.Duration { return max(d, 4*s.ctl.RTT()) }

// failed notes that m made no data connection.
func (s *Session) failed(m Method, err error) Failed {
	f := Failed{Method: m, Reason: reason(err), Err: err}
	var de *DataError
	if errors.As(err, &de) {
		f.Step = de.Step
	}
	s.note("%s did not work: %s", m, f.Reason)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info.Failed = append(slices.DeleteFunc(s.info.Failed, func(x Failed) bool { return x.Method == m }), f)
	return f
}

// worked keeps that m works, and what did not before it.
func (s *Session) worked(m Method, tried []Failed) {
	now := s.opt.Now()
	s.mu.Lock()
	s.info.Failed = slices.DeleteFunc(s.info.Failed, func(x Failed) bool { return x.Method == m })
	s.info.FromMemory = len(tried) == 0 && s.known.Of(m).Works(now)
	s.mu.Unlock()
	if len(tried) > 0 {
		s.note("%s works", m)
	}
	for _, f := range tried {
		if !modes.Lasting(f.Err) && !errors.Is(f.Err, errOvertaken) && !errors.Is(f.Err, errSilent) && !nobodyThere(f.Err) {
			continue
		}
		s.opt.Memory.Failed(s.key, f.Method, f.Reason, now)
	}
	if s.opt.Mode == Auto || s.known.Best(now) == MethodNone {
		// What the user forced says little of what is best.
		s.opt.Memory.Worked(s.key, m, now)
	}
	s.known = s.opt.Memory.Lookup(s.key)
}

// trusted reports whether the method that will be tried first worked here before.
func (s *Session) trusted() bool {
	order := s.order()
	return len(order) > 0 && s.known.Of(order[0]).Works(s.opt.Now())
}
