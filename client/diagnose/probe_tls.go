package diagnose

import (
	"context"
	"crypto/tls"
	"strings"
	"time"

	"portside/client"
)

// tlsTries is how many protected data connections are made one after the other:
// tickets of TLS 1.3 are good for one use each, and some servers run out of them.
const tlsTries = 6

// working returns a method that has delivered, with the security of the site;
// passive first.
func (r *run) working() (client.Method, bool) {
	r.mu.Lock()
	protected := r.rep.TLS != nil
	r.mu.Unlock()
	for _, m := range []client.Method{client.MethodEPSV, client.MethodPASV, client.MethodEPRT, client.MethodPORT} {
		if len(r.methods(func(a Attempt) bool {
			return a.Method == m.String() && a.At == "" && a.TLS == protected && a.Result == Works
		})) > 0 {
			return m, true
		}
	}
	return client.MethodNone, false
}

// delivers reports whether some method has worked.
func (r *run) delivers() bool {
	_, ok := r.working()
	return ok
}

// usual returns the method for further probes: one that works, or the first of the
// site's mode where none has been tried.
func (r *run) usual() (client.Method, string) {
	if m, ok := r.working(); ok {
		return m, ""
	}
	if len(r.methods(func(Attempt) bool { return true })) > 0 {
		return client.MethodNone, "no data connection works"
	}
	if r.way.Tunnel != "" && r.target.Options.Mode != client.PASV {
		return client.MethodEPSV, ""
	}
	switch r.target.Options.Mode {
	case client.Active, client.EPRT:
		return client.MethodEPRT, ""
	case client.PORT:
		return client.MethodPORT, ""
	case client.PASV:
		return client.MethodPASV, ""
	default:
		return client.MethodEPSV, ""
	}
}

// probeTLS repeats protected data connections, tries one without resuming the
// session, and TLS 1.2 where 1.3 fails.
func (r *run) probeTLS(ctx context.Context, t *task) {
	r.mu.Lock()
	facts := r.rep.TLS
	r.mu.Unlock()
	if facts == nil {
		t.skip("the session is in plain text")
		return
	}
	broken := r.methods(func(a Attempt) bool { return a.TLS && a.How == HowTLS })
	m, why := r.usual()
	if why != "" && len(broken) == 0 {
		t.skip("%s", why)
		return
	}
	if why != "" {
		r.refusedTLS(ctx, t, broken)
		return
	}
	p := &tlsProbe{r: r, t: t, method: m}
	for n := 1; n <= tlsTries && p.next(ctx, n, false); n++ {
		continue
	}
	if p.facts.Worked > 0 && ctx.Err() == nil {
		p.next(ctx, 0, true)
	}
	r.update(func(rep *Report) {
		f := rep.TLS
		f.Tries, f.Resumed, f.Worked, f.FirstFailed = p.facts.Tries, p.facts.Resumed, p.facts.Worked, p.facts.FirstFailed
		f.Required, f.CloseNotify = p.facts.Required, p.facts.CloseNotify
	})
	if p.facts.Tries == 0 {
		return
	}
	result := Works
	if p.facts.FirstFailed > 0 {
		result = Fails
	}
	t.show(result, "%d of %d worked, %d resumed the session; resumption %s; closing mark %s", p.facts.Worked, p.facts.Tries, p.facts.Resumed,
		map[Result]string{Works: "is required", Fails: "is not required", Unknown: "may be required"}[p.facts.Required],
		map[Result]string{Works: "seen", Fails: "missing", Unknown: "unknown"}[p.facts.CloseNotify])
}

// A tlsProbe counts protected data connections.
type tlsProbe struct {
	r      *run
	t      *task
	method client.Method
	facts  TLSFacts
}

// next makes the n-th connection, or one that does not resume the session, and
// reports whether to go on.
func (p *tlsProbe) next(ctx context.Context, n int, fresh bool) bool {
	spec := p.r.waits(client.ProbeSpec{Method: p.method, FreshTLS: fresh}, true)
	l, err := p.r.pool.get(ctx, time.Second)
	if err != nil {
		if n == 1 {
			p.t.skip("%s", p.r.said(err.Error()))
		}
		return false
	}
	if fresh {
		return p.withoutResuming(ctx, l, spec)
	}
	a, res := p.r.attempt(ctx, p.t, l, spec)
	p.r.pool.put(l, res.Clean)
	if a.Result == Unknown {
		return false
	}
	p.facts.Tries++
	if res.TLS != nil && res.TLS.Resumed {
		p.facts.Resumed++
	}
	if a.Result == Works {
		p.facts.Worked++
		switch {
		case !res.CloseNotify && !res.Cut:
			p.facts.CloseNotify = Fails
		case p.facts.CloseNotify == Unknown && res.CloseNotify:
			p.facts.CloseNotify = Works
		}
	} else if p.facts.FirstFailed == 0 {
		p.facts.FirstFailed = n
	}
	return ctx.Err() == nil
}

// withoutResuming finds out whether the server demands resumption. Its failure is
// what is asked for, so that it is no attempt of the report.
func (p *tlsProbe) withoutResuming(ctx context.Context, l *link, spec client.ProbeSpec) bool {
	res := l.s.Probe(ctx, spec)
	p.t.heard(l)
	p.r.pool.put(l, res.Clean)
	how, result, _ := classify(res)
	switch {
	case ctx.Err() != nil:
	case result == Works:
		p.facts.Required = Fails
	case how == HowTLS && p.facts.Resumed > 0:
		p.facts.Required = Works
	}
	return true
}

// throughSmall reports whether a protected data connection comes about with small
// packets: the certificates do not fit one, so that a path which loses large ones lets
// no handshake end.
func (r *run) throughSmall(ctx context.Context, t *task, broken []Attempt) bool {
	m := client.MethodNone
	for _, a := range broken {
		switch a.Method { // the passive ones; the order of broken is that in which they ended
		case client.MethodEPSV.String():
			m = client.MethodEPSV
		case client.MethodPASV.String():
			if m == client.MethodNone {
				m = client.MethodPASV
			}
		}
	}
	if m == client.MethodNone {
		return false
	}
	small := newPool(r, 1, 1, nil)
	defer small.close(ctx)
	l, err := small.get(ctx, 2*time.Second)
	if err != nil {
		return false
	}
	res := l.s.Probe(ctx, r.waits(client.ProbeSpec{Method: m, Narrow: true}, true))
	t.heard(l)
	small.put(l, res.Clean)
	if _, result, _ := classify(res); result != Works {
		return false
	}
	r.update(func(rep *Report) { rep.TLS.OnlySmall = true })
	t.show(Fails, "protected data connections come about with small packets only")
	return true
}

// refusedTLS looks into protected data connections that all failed: a demand for
// resumption that the reply names, and TLS 1.2 in place of 1.3.
func (r *run) refusedTLS(ctx context.Context, t *task, broken []Attempt) {
	required := false
	for _, a := range broken {
		text := strings.ToLower(a.Final)
		required = required || strings.Contains(text, "reuse") || strings.Contains(text, "resum")
	}
	r.update(func(rep *Report) {
		for i, a := range broken {
			if rep.TLS.Tries++; a.Resumed {
				rep.TLS.Resumed++
			}
			if i == 0 {
				rep.TLS.FirstFailed = 1
			}
		}
		if required {
			rep.TLS.Required = Works
		}
	})
	r.mu.Lock()
	version := r.rep.TLS.Version
	r.mu.Unlock()
	if version != tls.VersionName(tls.VersionTLS13) {
		t.show(Fails, "no protected data connection worked: %s", describe(broken[0]))
		return
	}
	var m client.Method
	for _, known := range []client.Method{client.MethodEPSV, client.MethodPASV, client.MethodEPRT, client.MethodPORT} {
		if known.String() == broken[0].Method {
			m = known
		}
	}
	if r.throughSmall(ctx, t, broken) {
		return
	}
	old := newPool(r, 1, 1, func(o *client.Options) { o.MaxTLS = tls.VersionTLS12 })
	defer old.close(ctx)
	l, err := old.get(ctx, 2*time.Second)
	if err != nil {
		t.show(Fails, "no protected data connection worked: %s", describe(broken[0]))
		return
	}
	res := l.s.Probe(ctx, r.waits(client.ProbeSpec{Method: m}, true))
	t.heard(l)
	old.put(l, res.Clean)
	if _, result, _ := classify(res); result == Works {
		r.update(func(rep *Report) { rep.TLS.Only12 = true })
		t.show(Fails, "TLS 1.3 fails and TLS 1.2 works")
		return
	}
	t.show(Fails, "no protected data connection worked, with TLS 1.2 neither: %s", describe(broken[0]))
}
