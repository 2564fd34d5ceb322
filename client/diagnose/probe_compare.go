package diagnose

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"portside/client"
)

// probeFamilyPassive tries passive mode over the other family of addresses, where
// the server answers there.
func (r *run) probeFamilyPassive(ctx context.Context, t *task) {
	p := r.otherFamily(t)
	if p == nil {
		return
	}
	var made []Attempt
	for _, m := range []client.Method{client.MethodEPSV, client.MethodPASV} {
		if fits(m, r.other) {
			made = append(made, r.try(ctx, t, p, way{spec: client.ProbeSpec{Method: m}})...)
		}
	}
	t.sum(made)
}

// probeFamilyActive is the same in active mode.
func (r *run) probeFamilyActive(ctx context.Context, t *task) {
	p := r.otherFamily(t)
	if p == nil {
		return
	}
	var made []Attempt
	for _, m := range []client.Method{client.MethodEPRT, client.MethodPORT} {
		if fits(m, r.other) {
			made = append(made, r.try(ctx, t, p, way{spec: client.ProbeSpec{Method: m}})...)
		}
	}
	t.sum(made)
}

// otherFamily returns the sessions over the other family; nil, with t skipped,
// where there is none.
func (r *run) otherFamily(t *task) *pool {
	r.mu.Lock()
	defer r.mu.Unlock()
	server := r.remote.Addr()
	if r.other.IsValid() && r.other.Is4() == server.Is4() {
		// The login went to another family than the first look.
		for _, a := range r.rep.Server.Addresses {
			if a.Is4() != server.Is4() {
				r.other = a
			}
		}
	}
	if !r.other.IsValid() || r.other.Is4() == server.Is4() {
		name := "IPv6"
		if !server.Is4() {
			name = "IPv4"
		}
		t.skip("the server does not answer over %s", name)
		return nil
	}
	if r.otherPool == nil {
		network := "tcp6"
		if r.other.Is4() {
			network = "tcp4"
		}
		d := familyDialer{r.dialer(), network}
		r.otherPool = newPool(r, 1, 2, func(o *client.Options) { o.Dialer = d })
	}
	return r.otherPool
}

// A familyDialer connects over one family only.
type familyDialer struct {
	client.Dialer
	network string
}

// DialContext implements client.Dialer.
func (d familyDialer) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	return d.Dialer.DialContext(ctx, d.network, addr)
}

// worthComparing returns the methods to try with the other security, the most
// telling first: all of them with consent, else those that have failed. Of the
// active ones PORT is enough, which is what devices on the way read.
func (r *run) worthComparing(all bool) []client.Method {
	failed := func(m client.Method) bool {
		return len(r.methods(func(a Attempt) bool { return a.Method == m.String() && a.Result == Fails && a.How != HowProxy })) > 0
	}
	var out []client.Method
	for _, m := range []client.Method{client.MethodPASV, client.MethodPORT, client.MethodEPSV, client.MethodEPRT} {
		doubled := m == client.MethodEPRT && failed(client.MethodPORT)
		left := m.Active() && r.way.Tunnel != ""
		if !left && (all || failed(m) && !doubled) {
			out = append(out, m)
		}
	}
	return out
}

// probeCompare repeats the methods with the other security: a device on the way
// that rewrites addresses can do so in plain text only. A password is sent in
// plain text only with consent.
func (r *run) probeCompare(ctx context.Context, t *task) {
	r.mu.Lock()
	protected := r.rep.TLS != nil
	offers := slices.ContainsFunc(r.rep.Server.FeatBefore, func(l string) bool { return strings.HasPrefix(strings.ToUpper(l), "AUTH") })
	r.mu.Unlock()
	failed := r.methods(func(a Attempt) bool { return a.Result == Fails && a.How != HowProxy }) // a proxy's word is the same for both
	user := r.target.Options.User
	anonymous := user == "" || strings.EqualFold(user, "anonymous") || strings.EqualFold(user, "ftp")
	want := client.SecurityRequire
	byProxy := len(r.methods(func(a Attempt) bool { return a.How == HowProxy })) > 0
	switch {
	case byProxy && len(failed) == 0 && !r.opt.PlainLogin:
		t.skip("what failed was stopped by the proxy, or beyond it, before TLS came into it")
		return
	case protected && !r.opt.PlainLogin && !anonymous:
		t.skip("it would send the password in plain text, which was not agreed to")
		return
	case protected && anonymous && len(failed) == 0 && !r.opt.PlainLogin:
		t.skip("all methods work with TLS")
		return
	case protected:
		want = client.SecurityOff
	case !offers:
		t.skip("the server does not offer TLS")
		return
	case len(failed) == 0:
		t.skip("all methods work without TLS")
		return
	}
	p := newPool(r, 1, 3, func(o *client.Options) { o.Security = want })
	defer p.close(ctx)
	l, err := p.get(ctx, 2*time.Second)
	if err != nil {
		t.lines(r.newest())
		t.skip("%s", r.said(client.Explain(err).Sentence))
		return
	}
	p.put(l, true)
	var made []Attempt
	for _, m := range r.worthComparing(protected && r.opt.PlainLogin) {
		if fits(m, r.server()) && ctx.Err() == nil {
			made = append(made, r.try(ctx, t, p, way{spec: client.ProbeSpec{Method: m}, once: true})...)
		}
	}
	var words []string
	works := Fails
	for _, a := range made {
		words = append(words, fmt.Sprintf("%s %s", a.Method, a.How))
		if a.Result == Works {
			works = Works
		}
	}
	if len(made) == 0 {
		return
	}
	how := "with TLS"
	if protected {
		how = "without TLS"
	}
	t.show(works, "%s: %s", how, strings.Join(words, ", "))
}
