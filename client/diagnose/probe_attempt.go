package diagnose

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"portside/client"
)

// attempt makes one data connection on l, keeps what it showed and returns it.
// The second result tells whether l can be used further.
func (r *run) attempt(ctx context.Context, t *task, l *link, spec client.ProbeSpec) (Attempt, client.ProbeResult) {
	spec.Keep = max(spec.Keep, keepListing)
	t.heard(l)
	res := l.s.Probe(ctx, spec)
	t.heard(l)
	info := l.s.Info()
	a := Attempt{
		Method: spec.Method.String(), Family: 4, TLS: info.TLS != nil, Began: res.Began.UTC(),
		Reply: r.saidReply(res.Reply), Final: r.saidReply(res.Final), Announced: known(res.Announced), Dialled: known(res.Dialled), Target: r.asked(res.Dialled),
		Strangers: res.Strangers, ReplyTook: Span(res.ReplyTook), Connect: Span(res.Connect), First: Span(res.FirstByte),
		Took: Span(res.Took), Bytes: res.Bytes,
	}
	if info.Remote.Addr().Is6() {
		a.Family = 6
	}
	if spec.AtReply {
		a.At = "reply"
	}
	if spec.Method.Active() {
		a.Peer = res.Peer
	} else if res.Announced.Port() != 0 {
		r.sampled(res)
	}
	if res.TLS != nil {
		a.Resumed = res.TLS.Resumed
	}
	if res.Err != nil {
		a.Err, a.Step = r.said(res.Err.Error()), res.Step
	}
	a.How, a.Result, a.Stop = classify(res)
	a.ProxyStep = proxyStep(res.Err)
	a.Ghost = r.ghost(res)
	if ctx.Err() != nil && res.Err != nil {
		a.How, a.Result, a.Stop, a.Err, a.ProxyStep = HowError, Unknown, HopUnknown, stopReason(ctx), ""
	}
	if a.Result == Works && spec.Retrieve == "" {
		r.mu.Lock()
		if len(r.listing) == 0 {
			r.listing = res.Data
		}
		r.mu.Unlock()
	}
	r.attempted(a)
	return a, res
}

// known is what a report has of an address: nothing where the proxy alone knows it.
func known(a netip.AddrPort) netip.AddrPort {
	if !a.Addr().IsValid() {
		return netip.AddrPort{}
	}
	return a
}

// keepListing is how much of a listing is kept, to find files of the sizes that
// are wanted.
const keepListing = 64 << 10

// sampled keeps a passive port. Its time is that of the reply, by which ports that
// two sessions asked for come into the server's order.
func (r *run) sampled(res client.ProbeResult) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.samples = append(r.samples, PortSample{Time: res.Began.Add(res.ReplyTook).UTC(), Port: res.Announced.Port(), Method: res.Method.String()})
}

// classify says how a data connection ended, and where it stopped as far as one
// attempt can tell.
func classify(res client.ProbeResult) (how string, result Result, stop Hop) {
	var refused *client.ReplyError
	var late *client.TimeoutError
	isReply, isLate := errors.As(res.Err, &refused), errors.As(res.Err, &late)
	switch {
	case res.Err == nil:
		return HowOK, Works, HopUnknown
	case res.Step == client.StepListen:
		return HowLocal, Fails, HopHere
	case res.Step == client.StepNegotiate && isReply:
		return HowRejected, Fails, HopServer
	case res.Step == client.StepNegotiate && isLate && res.Reply.Code == 0:
		return HowSilent, Fails, HopUnknown
	case res.Step == client.StepNegotiate && isLate:
		return HowNoData, Fails, HopUnknown
	case res.Step == client.StepNegotiate:
		return HowError, Fails, HopUnknown
	case res.Step == client.StepDial:
		return classifyDial(res.Err)
	case res.Step == client.StepTLS:
		return HowTLS, Fails, HopUnknown
	case isReply:
		return classifyFinal(res, refused.Reply)
	case res.Step == client.StepAccept && isLate && len(res.Strangers) > 0:
		return HowForeign, Fails, HopUnknown
	case res.Step == client.StepAccept && isLate:
		return HowDropped, Fails, HopUnknown
	case isLate && res.Preliminary.Code != 0 && res.Bytes > 0 && strings.HasPrefix(late.What, "the end"):
		return HowOK, Works, HopUnknown // all came but for the last word
	case isLate && res.Bytes == 0:
		return HowNoData, Fails, HopUnknown
	}
	return HowError, Fails, HopUnknown
}

// proxyStep is where a proxy failed; "" where none did.
func proxyStep(err error) string {
	var pe *client.ProxyError
	if !errors.As(err, &pe) {
		return ""
	}
	return pe.Step
}

func classifyDial(err error) (string, Result, Hop) {
	switch dialClass(err, true) {
	case ClassProxy:
		if proxyStep(err) == client.ProxyDenied {
			return HowProxy, Fails, HopNear
		}
		return HowProxy, Fails, HopUnknown
	case ClassDropped:
		return HowDropped, Fails, HopUnknown
	case ClassRefused:
		return HowRefused, Fails, HopUnknown
	case ClassProhibited:
		return HowProhibited, Fails, HopUnknown
	}
	return HowError, Fails, HopUnknown
}

// quick is how soon after the transfer command a server says that it could not
// connect where somebody refused it; a silent drop takes longer than this.
const quick = time.Second

// classifyFinal reads the reply that refused the transfer.
func classifyFinal(res client.ProbeResult, rep client.Reply) (string, Result, Hop) {
	text := strings.ToLower(rep.Text())
	wantsTLS := rep.Code == 521 || rep.Code == 522 || strings.Contains(text, "reuse") || strings.Contains(text, "resum") || strings.Contains(text, "ssl") || strings.Contains(text, "tls")
	switch {
	case wantsTLS || res.TLS != nil && rep.Code/10 == 42 && res.Bytes == 0:
		return HowTLS, Fails, HopServer
	case rep.Code == 421:
		return HowError, Fails, HopServer
	case rep.Code != 425 && rep.Code != 426:
		return HowFile, Unknown, HopServer
	case res.Connected:
		return HowNoData, Fails, HopUnknown
	case strings.Contains(text, "refused"):
		return HowRefused, Fails, HopUnknown
	case strings.Contains(text, "timed out") || strings.Contains(text, "timeout") || res.FinalTook >= quick:
		return HowDropped, Fails, HopUnknown
	case strings.Contains(text, "unreach") || strings.Contains(text, "no route") || strings.Contains(text, "prohibited"):
		return HowProhibited, Fails, HopUnknown
	default:
		return HowRefused, Fails, HopUnknown
	}
}

// A round trip below this is too short to tell near from far by time.
const tellingTrip = 10 * time.Millisecond

// ghost reports a passive connection that somebody on the way has completed: it
// was up sooner than the server can have answered, or the server saw nobody.
func (r *run) ghost(res client.ProbeResult) bool {
	if res.Method.Active() || !res.Connected || r.way.Tunnel != "" {
		return false // a proxy is known to take connections in the server's place
	}
	r.mu.Lock()
	path := min(r.connect, r.rtt)
	r.mu.Unlock()
	if res.ReplyTook > 0 { // just before the connection, where a busy computer was as busy
		path = min(path, res.ReplyTook)
	}
	if path >= tellingTrip && res.Connect < path/3 {
		return true
	}
	if res.Err == nil || res.TLS != nil || res.Bytes > 0 {
		return false
	}
	text := strings.ToLower(res.Final.Text())
	foreign := strings.Contains(text, "security") || strings.Contains(text, "ip ") || strings.Contains(text, "address")
	var late *client.TimeoutError
	silent := errors.As(res.Err, &late) && res.Preliminary.Code == 0 && res.Final.Code == 0
	return res.Final.Code == 425 && !foreign || silent
}

// A way is a kind of data connection to be tried.
type way struct {
	spec client.ProbeSpec
	once bool // do not repeat a failure
}

// proxyFactor is how many times as long a connection through a proxy may take: it needs
// several round trips, and the proxy's own connection comes last.
const proxyFactor = 2

// waits are the times that a try waits for something to come.
func (r *run) waits(spec client.ProbeSpec, again bool) client.ProbeSpec {
	rtt := r.roundTrip()
	spec.Answer = bounded(4*time.Second, 6*rtt, 8*time.Second)
	spec.Silence = bounded(4*time.Second, 8*rtt, 8*time.Second)
	spec.Connect = bounded(3*time.Second, 4*rtt, 6*time.Second)
	spec.Accept = bounded(4*time.Second, 8*rtt, 8*time.Second)
	if again {
		spec.Answer = bounded(2*time.Second, 6*rtt, 8*time.Second)
		spec.Silence = bounded(3*time.Second, 8*rtt, 8*time.Second)
		spec.Connect = bounded(2*time.Second, 4*rtt, 6*time.Second)
		spec.Accept = bounded(2500*time.Millisecond, 8*rtt, 8*time.Second)
	}
	if r.way.Tunnel != "" {
		spec.Connect *= proxyFactor
	}
	return spec
}

func bounded(least, want, most time.Duration) time.Duration { return min(max(least, want), most) }

// try tries w on sessions of p, twice where it fails at first, and shows the
// outcome. It returns the attempts.
func (r *run) try(ctx context.Context, t *task, p *pool, w way) []Attempt {
	var made []Attempt
	for n := range 2 {
		spec := r.waits(w.spec, n > 0)
		need := spec.Connect
		if spec.Method.Active() {
			need = spec.Accept
		}
		l, err := p.get(ctx, need)
		if err != nil {
			if n == 0 {
				t.skip("%s", r.said(err.Error()))
			}
			break
		}
		a, res := r.attempt(ctx, t, l, spec)
		p.put(l, res.Clean)
		made = append(made, a)
		if a.Result == Works || w.once || res.Reply.Code == 421 || res.Final.Code == 421 || ctx.Err() != nil {
			break
		}
	}
	t.sum(made)
	return made
}

// sum shows what came of the attempts.
func (t *task) sum(made []Attempt) {
	if len(made) == 0 {
		return
	}
	last := made[len(made)-1]
	times := ""
	if len(made) > 1 && made[0].How == last.How {
		times = ", twice"
	}
	t.show(last.Result, "%s%s", describe(last), times)
}

// describe puts one attempt into a line.
func describe(a Attempt) string {
	where := a.Dialled.String()
	switch {
	case a.Method == "EPRT" || a.Method == "PORT":
		where = a.Announced.String()
	case a.Target != "":
		where = a.Target
	}
	took := func(s Span) time.Duration { return round(time.Duration(s)) }
	switch a.How {
	case HowOK:
		return fmt.Sprintf("%s: connected in %s, %s", where, took(a.Connect), count(int(a.Bytes), "byte"))
	case HowRejected:
		return fmt.Sprintf("the server refused %s: %s", a.Method, a.Reply)
	case HowDropped:
		what := "no answer"
		if isActive(a) {
			what = "nothing arrived"
		}
		return fmt.Sprintf("%s: %s within %s", where, what, took(max(a.Connect, a.Took-a.ReplyTook)))
	case HowRefused:
		return fmt.Sprintf("%s: refused after %s", where, took(a.Took))
	case HowSilent:
		return fmt.Sprintf("no reply to %s within %s", a.Method, took(a.ReplyTook))
	case HowForeign:
		return fmt.Sprintf("%s: only %s knocked", where, a.Strangers[0])
	}
	if a.Err != "" {
		return fmt.Sprintf("%s: %s", where, a.Err)
	}
	return fmt.Sprintf("%s: %s", where, a.How)
}
