package diagnose

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"portside/client"
	"portside/client/transcript"
)

// errBudget is why the context of a run ends.
var errBudget = errors.New("the time for the diagnosis was over")

// Run diagnoses the way to a server: it goes through the plan and returns the
// evidence, without verdicts (Judge gives them). It changes nothing on the server
// and connects to nobody else, except to an address in a 227 that belongs to the
// same network.
//
// The error is not nil only where the target is unusable. What stands in the way
// of a connection or a login is in Report.Error. Where ctx ends or the time runs
// out, the report has what was found until then, and Stopped says why.
func Run(ctx context.Context, target Target, opt Options) (*Report, error) {
	opt = opt.withDefaults()
	host, hostPort, err := splitTarget(target)
	if err != nil {
		return nil, err
	}
	r := &run{
		opt: opt, target: target, host: host, hostPort: hostPort,
		events: make(chan func(), 64), began: time.Now(), secrets: secretsOf(target.Options),
	}
	r.deadline = r.began.Add(opt.Budget)
	r.rep = &Report{
		Format: FormatVersion, Version: opt.Version, Started: opt.Now().UTC(), Mode: target.Options.Mode.String(),
		Server: Server{Addr: hostPort, Host: host}, Control: []Control{}, Methods: []Attempt{}, Verdicts: []Verdict{},
	}
	r.pool = newPool(r, mostAtOnce, mostLogins, nil)
	all := steps(opt)
	var extra time.Duration
	for _, s := range all {
		if opt.wanted(s) {
			extra += s.extra
		}
	}
	rctx, cancel := context.WithTimeoutCause(ctx, opt.Budget+extra, errBudget)
	defer cancel()
	r.walk(rctx, all)
	r.finish(rctx)
	return r.rep, nil
}

// A run is one diagnosis under way.
type run struct {
	opt      Options
	target   Target
	host     string
	hostPort string
	began    time.Time
	deadline time.Time   // of all but the long test
	events   chan func() // calls of the caller's functions, made in Run's goroutine
	pool     *pool       // sessions as the site has them
	secrets  []string    // never in the report; added to before there is a session
	way      client.Way  // to the server; found by the first step

	mu        sync.Mutex // guards what follows
	rep       *Report
	probes    []Probe
	fatal     string                 // why there can be no session
	remote    netip.AddrPort         // of the control connection that answered
	other     netip.Addr             // an address of the other family whose control port is open
	connect   time.Duration          // shortest TCP handshake with the server
	rtt       time.Duration          // shortest reply to a command
	listing   []byte                 // raw, of the login directory
	samples   []PortSample           // passive ports seen, in order
	otherPool *pool                  // sessions over the other family
	recorders []*transcript.Recorder // of all control connections
}

// A task is a step that runs.
type task struct {
	probe   Probe
	skipped bool

	mu   sync.Mutex // guards said
	said []string
}

// walk runs the steps as soon as what they need is done, several at a time.
func (r *run) walk(ctx context.Context, all []step) {
	r.probes = Plan(r.opt)
	finished := map[string]bool{}
	started := make([]bool, len(all))
	running, using := 0, 0
	done := func(ids []string) bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return !finished[id] })
	}
	for {
		again := false
		for i, s := range all {
			if started[i] || !done(s.needs) || !done(s.unless) && !r.delivers() || s.session && r.crowded(s, using, done) {
				continue
			}
			started[i] = true
			if why := r.unfit(ctx, s); why != "" {
				finished[s.id], again = true, true
				if r.probes[i].State != StateSkipped {
					r.probes[i].State, r.probes[i].Detail = StateSkipped, why
					r.tell(r.probes[i])
				}
				continue
			}
			running++
			if s.session {
				using++
			}
			t := &task{probe: r.probes[i]}
			t.probe.State, t.probe.Began = StateRunning, r.opt.Now().UTC()
			r.probes[i] = t.probe
			r.tell(t.probe)
			go func() {
				began := time.Now()
				s.do(r, ctx, t)
				t.probe.Took = Span(time.Since(began))
				r.events <- func() {
					running--
					if s.session {
						using--
					}
					finished[s.id] = true
					r.probes[i] = t.end()
					r.tell(r.probes[i])
				}
			}()
		}
		if running == 0 && !again {
			return
		}
		if running > 0 && !again {
			(<-r.events)()
		}
	}
}

// crowded reports whether a step has to wait for others that use the sessions.
func (r *run) crowded(s step, using int, done func([]string) bool) bool {
	most := r.pool.bound()
	return using >= most || most == 1 && s.group == GroupActive && !done(oneByOne)
}

func (r *run) tell(p Probe) {
	if r.opt.OnProbe != nil {
		r.opt.OnProbe(p)
	}
}

// unfit says why a step is not to be started; "" where it is.
func (r *run) unfit(ctx context.Context, s step) string {
	r.mu.Lock()
	fatal := r.fatal
	r.mu.Unlock()
	switch {
	case !r.opt.wanted(s):
		return "not asked for"
	case ctx.Err() != nil:
		return stopReason(ctx)
	case fatal != "" && !s.always && s.id != "relatives", fatal != "" && (s.id == "login" || s.id == "identity" || s.id == "control"):
		return fatal
	case fatal != "" && s.id == "dns":
		return fatal
	}
	return r.direct(s)
}

// left is the time until the deadline.
func (r *run) left() time.Duration { return time.Until(r.deadline) }

// end gives the probe as it is in the report.
func (t *task) end() Probe {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.probe
	p.State = StateDone
	if t.skipped {
		p.State, p.Result = StateSkipped, Unknown
	}
	p.Said = t.said
	return p
}

// skip says that the step was not run after all, and why.
func (t *task) skip(format string, args ...any) {
	t.skipped = true
	t.probe.Detail = clip(fmt.Sprintf(format, args...), longestDetail)
}

// show sets the outcome.
func (t *task) show(result Result, format string, args ...any) {
	t.skipped = false
	t.probe.Result = result
	t.probe.Detail = clip(fmt.Sprintf(format, args...), longestDetail)
}

// update changes the report.
func (r *run) update(change func(*Report)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r.rep)
}

// fail says that there can be no session.
func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fatal != "" {
		return
	}
	r.fatal = "there is no session with the server"
	r.rep.Error = r.said(err.Error())
	r.rep.ErrKind = client.Explain(err).Kind.String()
	r.proxyFailed(err)
}

// attempted keeps an attempt and tells the caller.
func (r *run) attempted(a Attempt) {
	r.mu.Lock()
	r.rep.Methods = append(r.rep.Methods, a)
	r.mu.Unlock()
	if r.opt.OnAttempt != nil {
		r.events <- func() { r.opt.OnAttempt(a) }
	}
}

// finish closes what is open and puts the report in order.
func (r *run) finish(ctx context.Context) {
	r.pool.close(ctx)
	if r.otherPool != nil {
		r.otherPool.close(ctx)
	}
	r.rep.Probes = r.probes
	slices.SortStableFunc(r.rep.Methods, func(a, b Attempt) int { return a.Began.Compare(b.Began) })
	slices.SortStableFunc(r.samples, func(a, b PortSample) int { return a.Time.Compare(b.Time) })
	r.rep.Ports = AnalyzePorts(r.samples)
	placeDropped(r.rep)
	r.collectNotes()
	r.rep.Took = Span(time.Since(r.began))
	if ctx.Err() != nil {
		r.rep.Stopped = stopReason(ctx)
	}
}

// stopReason puts the end of ctx into words.
func stopReason(ctx context.Context) string {
	switch err := context.Cause(ctx); {
	case errors.Is(err, errBudget), errors.Is(err, context.DeadlineExceeded):
		return errBudget.Error()
	case errors.Is(err, context.Canceled):
		return "it was cancelled"
	default:
		return said(err.Error())
	}
}
