package diagnose

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"portside/client"
)

// The pace of the sampling: slow enough for a server on the internet not to take
// it for an attack, quicker where the round trip shows that it is near.
const (
	paceFar  = 150 * time.Millisecond
	paceNear = 20 * time.Millisecond
	near     = 2 * time.Millisecond
)

// reachFor bounds the connection to a sampled port.
const reachFor = 3 * time.Second

// probePorts asks for passive ports again and again without a transfer. Each port
// is connected to and closed, which some servers need before they give the next,
// and which shows whether a part of the range is shut.
func (r *run) probePorts(ctx context.Context, t *task) {
	m, why := r.passiveMethod()
	if why != "" {
		t.skip("%s", why)
		return
	}
	l, err := r.pool.get(ctx, 2*time.Second)
	if err != nil {
		t.skip("%s", r.said(err.Error()))
		return
	}
	s := &sampler{r: r, l: l, methods: []client.Method{m}, clean: true}
	if r.passiveDiffer() {
		s.methods = []client.Method{client.MethodEPSV, client.MethodPASV}
	}
	err = s.sample(ctx, t)
	r.pool.put(l, s.clean)
	s.wg.Wait()
	r.mu.Lock()
	finding := AnalyzePorts(slices.Clone(r.samples))
	r.mu.Unlock()
	if s.asked == 0 && err != nil {
		t.skip("%s", r.said(err.Error()))
		return
	}
	detail := fmt.Sprintf("%s: %s", count(len(finding.Samples), "port"), finding.Class)
	if finding.Tried > 0 {
		detail += fmt.Sprintf(", %d of %d guessed", finding.Hits, finding.Tried)
	}
	if err != nil {
		detail += "; stopped: " + r.said(err.Error())
	}
	result := Works
	switch {
	case finding.Class.Predictable():
		result = Fails
	case finding.Class == PortsUnknown:
		result = Unknown
	}
	t.show(result, "%s", detail)
}

// passiveMethod chooses the method to sample with: one that the server answers.
func (r *run) passiveMethod() (client.Method, string) {
	tried := map[string]bool{}
	for _, a := range r.methods(func(a Attempt) bool { return byUs(a) && a.Reply != "" }) {
		tried[a.Method] = tried[a.Method] || portOf(a) != 0
	}
	pasv := fits(client.MethodPASV, r.server())
	epsvGiven, epsvTried := tried["EPSV"], hasKey(tried, "EPSV")
	switch {
	case epsvGiven || !epsvTried && !tried["PASV"]:
		if !epsvTried && len(r.methods(func(a Attempt) bool { return a.Method == "EPSV" })) > 0 && pasv {
			return client.MethodPASV, "" // EPSV got no reply at all
		}
		return client.MethodEPSV, ""
	case tried["PASV"]:
		return client.MethodPASV, ""
	}
	return client.MethodNone, "the server gives no passive ports"
}

// passiveDiffer reports whether one of EPSV and PASV has worked and the other has
// been given a port that could not be reached. Then both are sampled in turn, which
// shows whether it is the method or the port.
func (r *run) passiveDiffer() bool {
	worked, shut := map[string]bool{}, map[string]bool{}
	for _, a := range r.methods(func(a Attempt) bool { return byUs(a) && a.Family == 4 }) {
		worked[a.Method] = worked[a.Method] || a.Result == Works
		shut[a.Method] = shut[a.Method] || a.Result == Fails && a.Step == client.StepDial
	}
	return worked["PASV"] && shut["EPSV"] || worked["EPSV"] && shut["PASV"]
}

func hasKey(m map[string]bool, k string) bool {
	_, ok := m[k]
	return ok
}

// A sampler collects passive ports on one session.
type sampler struct {
	r       *run
	l       *link
	methods []client.Method // asked in turn
	asked   int
	clean   bool // l can be used further
	wg      sync.WaitGroup
}

// errCrowded stops the sampling where the server has enough of it.
var errCrowded = errors.New("the server wants no more of it")

func (s *sampler) sample(ctx context.Context, t *task) error {
	pace := paceFar
	if s.r.roundTrip() < near {
		pace = paceNear
	}
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for s.asked < s.r.opt.Ports && s.r.left() > time.Second {
		m := s.methods[s.asked%len(s.methods)]
		res := s.l.s.Probe(ctx, client.ProbeSpec{Method: m, AskOnly: true, Answer: 4 * time.Second})
		t.heard(s.l)
		s.clean = res.Clean
		if code := res.Reply.Code; code == 421 || code == 425 {
			return fmt.Errorf("%w: %s", errCrowded, res.Reply)
		}
		if res.Err != nil {
			return res.Err
		}
		s.asked++
		s.r.sampled(res)
		s.reach(ctx, res)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// reach connects to a port that was handed out. It waits for a moment: the server
// may close the port when the next is asked for, so that a refusal after that
// says nothing of the path.
func (s *sampler) reach(ctx context.Context, res client.ProbeResult) {
	to := res.Dialled
	done := make(chan struct{})
	moment, cancel := context.WithTimeout(ctx, bounded(30*time.Millisecond, 2*s.r.roundTrip(), time.Second))
	defer cancel()
	s.wg.Go(func() {
		defer close(done)
		c, nc, err := s.r.tryPort(ctx, to, WhatOffered, reachFor, true)
		if nc != nil {
			_ = nc.Close()
		}
		late := moment.Err() != nil
		if ctx.Err() != nil || late && c.Class == ClassRefused {
			return
		}
		s.r.update(func(rep *Report) { rep.Coverage = append(rep.Coverage, c) })
		if c.Class != ClassOpen {
			s.r.attempted(s.shut(res, c, err))
		}
	})
	select {
	case <-done:
	case <-moment.Done():
	}
}

// shut is the attempt that an offered port makes that could not be reached.
func (s *sampler) shut(res client.ProbeResult, c Control, err error) Attempt {
	info := s.l.s.Info()
	a := Attempt{
		Method: res.Method.String(), Family: 4, TLS: info.TLS != nil, Step: client.StepDial,
		Began: res.Began.UTC(), Reply: s.r.saidReply(res.Reply), Announced: known(res.Announced), Dialled: known(res.Dialled),
		Target: c.Target, ProxyStep: proxyStep(err),
		ReplyTook: Span(res.ReplyTook), Connect: c.Took, Took: Span(res.ReplyTook) + c.Took, Err: s.r.said(err.Error()),
	}
	if info.Remote.Addr().Is6() {
		a.Family = 6
	}
	a.How, a.Result, a.Stop = classifyDial(err)
	if a.How == HowDropped {
		late := client.TimeoutError{What: "the data connection", After: reachFor}
		a.Err = late.Error()
	}
	return a
}

// fullTries is how many whole transfers follow where some sampled ports were open
// and no passive transfer has worked yet.
const fullTries = 4

// probeRange compares the offered ports that were open with those that were shut.
func (r *run) probeRange(ctx context.Context, t *task) {
	r.mu.Lock()
	seen := slices.Clone(r.rep.Coverage)
	r.mu.Unlock()
	var open, shut []uint16
	for _, c := range seen {
		if c.Class == ClassOpen {
			open = append(open, c.port())
		} else {
			shut = append(shut, c.port())
		}
	}
	if len(seen) == 0 {
		t.skip("no ports were sampled")
		return
	}
	works := func() bool {
		return len(r.methods(func(a Attempt) bool { return byUs(a) && a.Result == Works })) > 0
	}
	if len(open) > 0 && len(shut) > 0 && !works() {
		m, _ := r.passiveMethod()
		for range fullTries {
			if len(r.try(ctx, t, r.pool, way{spec: client.ProbeSpec{Method: m}, once: true})) == 0 || works() || ctx.Err() != nil {
				break
			}
		}
	}
	result := Works
	if len(shut) > 0 {
		result = Fails
	}
	t.show(result, "%d of %d offered ports could be reached%s%s", len(open), len(seen), spanOf(", from ", open), spanOf("; shut from ", shut))
}

// spanOf names the lowest and highest of ports.
func spanOf(before string, ports []uint16) string {
	if len(ports) == 0 {
		return ""
	}
	return fmt.Sprintf("%s%d to %d", before, slices.Min(ports), slices.Max(ports))
}
