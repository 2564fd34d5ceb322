package diagnose

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"portside/client"
)

// mostSessions is how many sessions the long test opens at most.
const mostSessions = 8

// probeMost finds out how many control connections are let in at a time.
func (r *run) probeMost(ctx context.Context, t *task) {
	var open []*link
	defer func() {
		for _, l := range open {
			_ = l.s.Close() // always nil
		}
	}()
	r.pool.close(ctx)
	for len(open) < mostSessions {
		l, err := r.dial(ctx, nil)
		if ctx.Err() != nil {
			t.skip("%s", stopReason(ctx))
			return
		}
		if err != nil {
			r.update(func(rep *Report) { rep.Limits.Most, rep.Limits.MostErr = len(open), r.said(err.Error()) })
			t.show(Fails, "%s, then: %s", count(len(open), "connection"), r.said(client.Explain(err).Sentence))
			return
		}
		open = append(open, l)
	}
	r.update(func(rep *Report) { rep.Limits.Most = len(open) })
	t.show(Works, "%s were let in; no more were tried", count(len(open), "connection"))
}

// probeIdle leaves a control connection idle, longer each time, and speaks again:
// a firewall on the way may have forgotten it by then. TCP keepalive, which would
// hide that, is off.
func (r *run) probeIdle(ctx context.Context, t *task) {
	l, err := r.dial(ctx, func(o *client.Options) {
		if o.Dialer == nil {
			o.Dialer = &net.Dialer{KeepAlive: -1}
		}
	})
	if err != nil {
		t.skip("%s", r.said(err.Error()))
		return
	}
	defer l.s.Abort()
	t.heard(l)
	var words []string
	for _, wait := range r.opt.LongWaits {
		select {
		case <-time.After(wait):
		case <-l.s.Done(): // the server or a firewall has ended it
		case <-ctx.Done():
			t.skip("%s", stopReason(ctx))
			return
		}
		began := time.Now()
		err := l.s.Noop(ctx)
		one := Idle{Wait: Span(wait), Result: Works}
		if err != nil {
			one.Result, one.Err = Fails, r.said(err.Error())
		}
		t.heard(l)
		r.update(func(rep *Report) { rep.Limits.Idle = append(rep.Limits.Idle, one) })
		if err != nil {
			t.show(Fails, "after %s idle: %s", wait, one.Err)
			return
		}
		words = append(words, fmt.Sprintf("%s idle, answered in %s", wait, round(time.Since(began))))
	}
	t.show(Works, "%s", strings.Join(words, "; "))
}
