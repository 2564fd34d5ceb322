package diagnose

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"portside/client"
)

// crowdedFor is how long the server is given to notice that the connection before
// has ended, where it lets only one in.
const crowdedFor = 700 * time.Millisecond

// probeLogin opens the session that the probes begin with.
func (r *run) probeLogin(ctx context.Context, t *task) {
	l, err := r.pool.get(ctx, 0)
	if isCrowded(err) {
		select {
		case <-time.After(crowdedFor):
			l, err = r.pool.get(ctx, 0)
		case <-ctx.Done():
		}
	}
	if err != nil {
		t.lines(r.newest())
		if ctx.Err() != nil {
			t.skip("%s", stopReason(ctx))
			return
		}
		r.fail(err)
		t.show(Fails, "%s", r.said(client.Explain(err).Sentence))
		return
	}
	defer r.pool.put(l, true)
	info := l.s.Info()
	r.met(ctx, l.s)
	t.heard(l)
	how := "in plain text"
	if info.TLS != nil {
		how = fmt.Sprintf("%s, %s", info.TLS.Version, info.TLS.Cipher)
	}
	t.show(Works, "logged in, %s", how)
}

// isCrowded reports a refusal for want of room.
func isCrowded(err error) bool {
	var re *client.ReplyError
	var lost *client.LostError
	switch {
	case errors.As(err, &re):
		return re.Reply.Code == 421
	case errors.As(err, &lost):
		return lost.Last != nil
	}
	return false
}

// met takes over what the first session knows of the server.
func (r *run) met(ctx context.Context, s *client.Session) {
	info := s.Info()
	if !r.localKnown() {
		r.setLocal(ctx, info.Local.Addr())
	}
	feat := s.Features().Lines()
	for i := range feat {
		feat[i] = r.said(feat[i])
	}
	r.update(func(rep *Report) {
		rep.Server.Remote = info.Remote
		if rep.Server.Banner == "" {
			rep.Server.Banner = r.saidLines(info.Greeting)
		}
		rep.Server.System, rep.Server.LoginText = r.said(info.System), r.saidLines(info.LoginText)
		rep.Server.FeatAfter = feat[:min(len(feat), mostLines)]
		if info.TLS != nil {
			rep.TLS = &TLSFacts{Version: info.TLS.Version, Cipher: info.TLS.Cipher, Only12: info.TLSDowngraded}
		}
		if rep.Server.Software == "" {
			rep.Server.Software = software(info.Greeting + "\n" + info.LoginText)
		}
	})
	r.mu.Lock()
	r.remote = info.Remote
	r.mu.Unlock()
}

func (r *run) localKnown() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rep.Local.Addr.IsValid()
}

// roundTrips is how often NOOP is sent to measure the round trip.
const roundTrips = 3

// probeIdentity measures the round trip and asks the server how it sees this
// computer: no third party is asked.
func (r *run) probeIdentity(ctx context.Context, t *task) {
	l, err := r.pool.get(ctx, 0)
	if err != nil {
		t.skip("%s", r.said(err.Error()))
		return
	}
	defer func() {
		t.heard(l)
		r.pool.put(l, true)
	}()
	t.heard(l)
	t.said = nil // the login was told before
	best := time.Duration(0)
	for range roundTrips {
		began := time.Now()
		if err = l.s.Noop(ctx); err != nil && l.s.Err() != nil {
			break
		}
		if took := time.Since(began); best == 0 || took < best {
			best = took
		}
	}
	status := ""
	if rep, statErr := l.s.Raw(ctx, "STAT"); statErr == nil && rep.Class() == 2 {
		status = rep.Text()
	}
	r.mu.Lock()
	r.rtt = best
	r.rep.Server.RTT = Span(best)
	r.rep.Server.Status = r.saidLines(status)
	if r.rep.Server.Software == "" {
		r.rep.Server.Software = software(status + "\n" + r.rep.Server.System)
	}
	info := l.s.Info()
	local, remote := info.Local.Addr(), info.Remote.Addr()
	if r.way.Tunnel != "" {
		r.mu.Unlock()
		t.show(Works, "round trip %s; how the server sees this computer is not looked for, as it sees the proxy", round(best))
		return
	}
	outside, by := externalAddress(local, remote, []hint{
		{"STAT", status}, {"230", info.LoginText}, {"220", info.Greeting},
	})
	if given := r.target.Options.ActiveAddress; given.IsValid() && !outside.IsValid() {
		outside, by = given.Unmap(), "given"
	}
	r.rep.Local.External, r.rep.Local.ExternalBy = outside, by
	r.rep.Local.NAT = natResult(local, remote, outside)
	nat := r.rep.Local.NAT
	r.mu.Unlock()
	switch {
	case !outside.IsValid():
		t.show(Unknown, "round trip %s; the server does not say how it sees this computer", round(best))
	case nat == Fails:
		t.show(Works, "round trip %s; the server sees %s, which is this computer's own address", round(best), outside)
	default:
		t.show(Works, "round trip %s; the server sees %s, and this computer has %s", round(best), outside, local)
	}
}

// natResult says whether addresses are translated on the way: Works where they
// are. An inner address cannot reach a public one without.
func natResult(local, remote, outside netip.Addr) Result {
	switch {
	case outside.IsValid() && outside == local.WithZone(""):
		return Fails
	case outside.IsValid() && outside.Is4() == local.Is4():
		return Works
	case local.Is4() && (classOf(local) == "private" || classOf(local) == "cgnat") && classOf(remote) == "public":
		return Works
	}
	return Unknown
}

// probeSecond finds out whether the server lets in a second control connection,
// which is then used: silent methods are waited for side by side.
func (r *run) probeSecond(ctx context.Context, t *task) {
	r.pool.count()
	l, err := r.pool.add(ctx)
	if err != nil {
		t.lines(r.newest())
		if ctx.Err() != nil {
			t.skip("%s", stopReason(ctx))
			return
		}
		r.pool.limit(1)
		if proxyStep(err) != "" { // which says nothing of the server
			t.show(Fails, "%s", r.said(client.Explain(err).Sentence))
			return
		}
		r.update(func(rep *Report) { rep.Limits.Second, rep.Limits.SecondErr = Fails, r.said(err.Error()) })
		t.show(Fails, "%s", r.said(client.Explain(err).Sentence))
		return
	}
	t.heard(l)
	r.pool.put(l, true)
	r.update(func(rep *Report) { rep.Limits.Second = Works })
	t.show(Works, "it was let in")
}
