package diagnose

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"portside/client"
	"portside/client/internal/dtp"
	"portside/client/transcript"
)

// Servers ban who logs in too often, so that sessions are shared by the probes,
// and a further one is opened only while all others wait for something silent.
const (
	mostAtOnce = 3
	mostLogins = 6
)

// A link is a session with a transcript of its own.
type link struct {
	s   *client.Session
	rec *transcript.Recorder
	seq uint64 // of rec, up to which a task has taken its lines
}

// A pool hands out sessions, one probe a session.
type pool struct {
	r      *run
	change func(*client.Options)

	mu      sync.Mutex // guards what follows
	idle    []*link
	open    int // sessions that live, idle or not
	most    int // sessions at a time
	logins  int // that may still be made
	changed chan struct{}
	closed  bool
}

func newPool(r *run, most, logins int, change func(*client.Options)) *pool {
	return &pool{r: r, change: change, most: most, logins: logins, changed: make(chan struct{})}
}

// wake tells those who wait that something has changed. p.mu is held.
func (p *pool) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// errNoTime says that a probe would not fit into the time that is left.
var errNoTime = errors.New("there was no time left for it")

// errNoLogin says that no further session is opened.
var errNoLogin = errors.New("the control connection was lost, and enough logins were made")

// get returns an idle session, or after a moment of patience a new one. need is
// how much time the probe wants at least.
func (p *pool) get(ctx context.Context, need time.Duration) (*link, error) {
	patience := time.NewTimer(max(time.Second, 6*p.r.roundTrip()))
	defer patience.Stop()
	patient := true
	for {
		if need > 0 && p.r.left() < need {
			return nil, errNoTime
		}
		p.mu.Lock()
		for len(p.idle) > 0 {
			l := p.idle[len(p.idle)-1]
			p.idle = p.idle[:len(p.idle)-1]
			if l.s.Err() == nil {
				p.mu.Unlock()
				return l, nil
			}
			l.s.Abort()
			p.open--
		}
		if p.open == 0 && p.logins <= 0 {
			p.mu.Unlock()
			return nil, errNoLogin
		}
		if p.open < p.most && p.logins > 0 && (p.open == 0 || !patient) {
			p.open++ // together with the look
			p.logins--
			p.mu.Unlock()
			l, err := p.add(ctx)
			if err == nil {
				return l, nil
			}
			if p.alone(err) {
				return nil, err
			}
			continue
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-patience.C:
			patient = false
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// count counts a session that is about to be opened.
func (p *pool) count() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open++
	p.logins--
}

// add opens a session, which is counted already.
func (p *pool) add(ctx context.Context) (*link, error) {
	l, err := p.r.dial(ctx, p.change)
	if err != nil {
		p.mu.Lock()
		p.open--
		p.wake()
		p.mu.Unlock()
		return nil, err
	}
	return l, nil
}

// alone takes note that the server lets no further session in, and reports
// whether there is none to wait for.
func (p *pool) alone(error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open > 0 {
		p.most = min(p.most, p.open)
	}
	return p.open == 0
}

// put gives a session back; one that is not clean is closed.
func (p *pool) put(l *link, clean bool) {
	if !clean || l.s.Err() != nil {
		l.s.Abort()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !clean || l.s.Err() != nil {
		p.open--
	} else {
		p.idle = append(p.idle, l)
	}
	p.wake()
}

// limit bounds the sessions at a time.
func (p *pool) limit(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most = n
}

// bound is how many sessions there can be at a time.
func (p *pool) bound() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.most
}

// close ends all sessions, politely where there is time.
func (p *pool) close(ctx context.Context) {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	var wg sync.WaitGroup
	for _, l := range idle {
		wg.Go(func() {
			if ctx.Err() != nil {
				l.s.Abort()
				return
			}
			_ = l.s.Close() // always nil
		})
	}
	wg.Wait()
}

// longestWait bounds every single wait of a session for a reply.
const longestWait = 10 * time.Second

// dial logs in. The transcript is the link's own, and goes on to the target's.
func (r *run) dial(ctx context.Context, change func(*client.Options)) (*link, error) {
	o := r.target.Options
	o.Memory, o.Announce, o.OnPassive, o.OnStranger, o.KeepAlive = nil, nil, nil, nil, 0
	if o.Timeout <= 0 || o.Timeout > longestWait {
		o.Timeout = longestWait
	}
	o.Now = r.opt.Now
	o.Transcript = r.recorder()
	if r.way.Tunnel != "" {
		o.Mode = client.Auto // an active one is refused, and the login is to be diagnosed all the same
	}
	if change != nil {
		change(&o)
	}
	s, err := client.Dial(ctx, r.target.Addr, o)
	if err != nil {
		return nil, err
	}
	return &link{s: s, rec: o.Transcript}, nil
}

// recorder makes the transcript of one control connection.
func (r *run) recorder() *transcript.Recorder {
	out := r.target.Options.Transcript
	number := out.NextConn()
	rec := transcript.New(1000, func(l transcript.Line) {
		l.Conn = number
		out.Add(l)
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recorders = append(r.recorders, rec)
	return rec
}

// dialer makes the connections of probes that need no session, through the proxy where
// there is one.
func (r *run) dialer() client.Dialer { return r.way.Dialer }

// target is what dialer is asked for: a proxy gets the server's name where its address is
// not known here.
func (r *run) dialled(to netip.AddrPort) string { return dtp.Target(r.way.Tunnel, to) }

// asked is target for the report; "" without a proxy.
func (r *run) asked(to netip.AddrPort) string {
	if r.way.Tunnel == "" || to.Port() == 0 {
		return ""
	}
	return said(r.dialled(to))
}

// roundTrip is the best known time of a command and its reply.
func (r *run) roundTrip() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(r.rtt, r.connect)
}

// heard adds what was said on l since the last time to the task.
func (t *task) heard(l *link) {
	lines, next := l.rec.Since(l.seq)
	l.seq = next
	t.lines(lines)
}

func (t *task) lines(lines []transcript.Line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range lines {
		if len(t.said) == mostLines {
			t.said = append(t.said, fmt.Sprintf("… and %s more", count(len(lines), "line")))
		}
		if len(t.said) > mostLines {
			return
		}
		t.said = append(t.said, said(line.String()))
	}
}
