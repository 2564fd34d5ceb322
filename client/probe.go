package client

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// A ProbeSpec says which data connection Probe makes and how long it waits. Zero
// waits and bounds stand for the defaults.
type ProbeSpec struct {
	Method  Method
	AtReply bool // PASV: connect to the address in the 227, whoever's it is
	AskOnly bool // passive: ask for a port, and leave it at that

	// Announce is told to the server in EPRT and PORT; default: the local address.
	// Map, where set, is asked for it once our listener is there; release gives
	// back what it took.
	Announce netip.Addr
	Map      func(ctx context.Context, listener netip.AddrPort) (announce netip.AddrPort, release func(), err error)

	Retrieve string // raw pathname of a file to receive; "": the working directory is listed
	MaxBytes int64  // the transfer is given up after so many; default 128 KiB
	Keep     int    // how many bytes to keep in ProbeResult.Data
	FreshTLS bool   // do not resume the TLS session
	Narrow   bool   // passive: with small segments, which fit any path

	Answer  time.Duration // for the reply to the method's command; default 5 s
	Connect time.Duration // passive; default 3 s
	Accept  time.Duration // active; default 5 s
	Silence time.Duration // without a byte or a reply, once connected; default 5 s
}

func (p ProbeSpec) withDefaults() ProbeSpec {
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&p.Answer, 5*time.Second)
	set(&p.Connect, 3*time.Second)
	set(&p.Accept, 5*time.Second)
	set(&p.Silence, 5*time.Second)
	if p.MaxBytes <= 0 {
		p.MaxBytes = 128 << 10
	}
	return p
}

// A ProbeResult is what one data connection showed. What was not reached is zero.
type ProbeResult struct {
	Method      Method
	Began       time.Time
	Reply       Reply          // to EPSV, PASV, EPRT or PORT; Code 0: none came
	Preliminary Reply          // 1yz to the transfer command
	Final       Reply          // to the transfer command
	Announced   netip.AddrPort // by the server in 227 or 229, or by us
	Dialled     netip.AddrPort // passive
	Listener    netip.AddrPort // active: ours
	Connected   bool           // the TCP connection came up
	Peer        netip.AddrPort // of it
	Strangers   []netip.AddrPort

	ReplyTook time.Duration // to Reply
	Connect   time.Duration // SYN to result; active: transfer command to the connection
	FirstByte time.Duration // transfer command to the first byte
	FinalTook time.Duration // transfer command to Final
	Took      time.Duration // all of it, without the tidying up

	Bytes       int64
	Data        []byte // the first Keep bytes
	Cut         bool   // given up at MaxBytes
	TLS         *TLSInfo
	CloseNotify bool // the protected end was marked

	Step  string // one of the Step constants: where Err happened
	Err   error  // nil: the connection delivered, and the server confirmed
	Clean bool   // the control connection is ready for the next command
}

// errCut ends a transfer that has brought enough.
var errCut = errors.New("enough was received")

// Probe makes one data connection by one method and no other, lists the working
// directory over it or receives a file, and tells everything that was measured.
// What comes is not read as a listing. Nothing on the server is changed.
//
// A probe that ends in silence is cleared up by ABOR (RFC 959, 4.1.3). Where that
// does not help, or ctx ends, the control connection is closed and Clean is false:
// the Session is of no use then and is to be aborted.
func (s *Session) Probe(ctx context.Context, spec ProbeSpec) ProbeResult {
	p := &prober{s: s, spec: spec.withDefaults()}
	p.res.Method, p.res.Began = spec.Method, s.opt.Now()
	release, err := s.acquire(ctx)
	if err != nil {
		p.res.Step, p.res.Err = StepNegotiate, err
		return p.res
	}
	defer release()
	p.began = time.Now()
	p.res.Step, p.res.Err = p.run(ctx)
	p.res.Took = time.Since(p.began)
	p.close()
	p.res.Clean = p.tidy(ctx)
	return p.res
}

// run goes through the steps; it returns the one that failed.
func (p *prober) run(ctx context.Context) (string, error) {
	if !p.spec.Method.Active() {
		if err := p.askPassive(ctx); err != nil {
			return StepNegotiate, err
		}
		if p.spec.AskOnly {
			return "", nil
		}
		if err := p.dial(ctx); err != nil {
			return StepDial, err
		}
	} else if step, err := p.listen(ctx); err != nil {
		return step, err
	}
	return p.transfer(ctx)
}

// close ends what the probe holds of the system.
func (p *prober) close() {
	if p.nc != nil {
		_ = p.nc.Close() // the result is known
	}
	p.endListening()
	if p.unmap != nil {
		p.unmap()
	}
}

// abortFor is how long the clearing up after a silent attempt may take at least;
// where replies take long it may take more. A server that is still trying to
// connect, as vsftpd is, does not answer at all.
const abortFor = 1500 * time.Millisecond

// tidy brings commands and replies into step again, or closes the control
// connection. It reports whether the connection can be used.
func (p *prober) tidy(ctx context.Context) bool {
	ctl := p.s.ctl
	switch {
	case ctl.Err() != nil:
		return false
	case ctx.Err() != nil || p.silent || p.res.Final.Code == 421 || p.res.Reply.Code == 421:
		_ = ctl.Close()
		return false
	case !p.owed:
		return true
	}
	bctx, cancel := context.WithTimeout(ctx, abortFor+4*p.res.ReplyTook)
	defer cancel()
	return ctl.Abort(bctx) == nil && ctl.Err() == nil
}
