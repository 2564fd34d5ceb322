package diagnose

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"portside/client"
	"portside/client/internal/dtp"
	"portside/client/internal/pi"
)

// mostAddresses bounds how many addresses of a host are tried, of each family.
const mostAddresses = 3

// probeDNS looks up the host, or the FTP proxy that stands in its place. A proxy of another
// kind looks it up itself, and nobody here asks for it.
func (r *run) probeDNS(ctx context.Context, t *task) {
	host, _, err := net.SplitHostPort(r.way.First)
	if err != nil {
		host = r.host
	}
	if a, addrErr := netip.ParseAddr(host); addrErr == nil {
		r.update(func(rep *Report) { rep.Server.Addresses = []netip.Addr{a.Unmap()} })
		t.show(Works, "it is given as an address")
		return
	}
	if r.way.Tunnel != "" {
		t.skip("the proxy looks the name up, and not this computer")
		return
	}
	dctx, cancel := context.WithTimeout(ctx, longestStart)
	defer cancel()
	var res net.Resolver
	list, err := res.LookupNetIP(dctx, "ip", host)
	if err != nil {
		if ctx.Err() != nil {
			t.skip("%s", stopReason(ctx))
			return
		}
		r.fail(&client.DialError{Op: client.OpResolve, Addr: r.hostPort, Err: r.ofProxy(err)})
		t.show(Fails, "%s", r.said(err.Error()))
		return
	}
	var kept []netip.Addr
	var words []string
	of := map[bool]int{}
	for _, a := range list {
		a = a.Unmap()
		if of[a.Is4()]++; of[a.Is4()] <= mostAddresses {
			kept = append(kept, a)
			words = append(words, a.String())
		}
	}
	r.update(func(rep *Report) { rep.Server.Addresses = kept })
	t.show(Works, "%s", strings.Join(words, ", "))
}

// A knock is a try of the control port at one address.
type knock struct {
	Control
	nc  net.Conn
	err error
}

// graceFor is how long the other addresses may take once one has answered.
const graceFor = 2 * time.Second

// probeControl connects to the control port at all addresses at the same time, and
// hears what the first that is open says before anything is protected.
func (r *run) probeControl(ctx context.Context, t *task) {
	_, portText, err := net.SplitHostPort(r.way.First)
	port, convErr := strconv.ParseUint(portText, 10, 16)
	if err != nil || convErr != nil {
		r.fail(&client.DialError{Op: client.OpConnect, Addr: r.hostPort, Err: errors.Join(err, convErr)})
		t.show(Fails, "%q is no port", portText)
		return
	}
	r.mu.Lock()
	addrs := r.rep.Server.Addresses
	r.mu.Unlock()
	what := WhatFTP
	if r.target.Options.Security == client.SecurityImplicit {
		what = WhatImplicit
	}
	implicit := what == WhatImplicit
	switch {
	case r.way.Tunnel != "" && len(addrs) == 0:
		addrs = []netip.Addr{{}} // the proxy knows it
	case r.way.Kind == client.ProxyFTP:
		what = WhatProxy
	}
	tries := r.knockAll(ctx, addrs, uint16(port), what)
	var first *knock
	for i := range tries {
		k := &tries[i]
		if k.nc == nil {
			continue
		}
		if first == nil {
			first = k
			continue
		}
		if k.Addr.Addr().Is4() != first.Addr.Addr().Is4() {
			r.mu.Lock()
			r.other = k.Addr.Addr()
			r.mu.Unlock()
		}
		_ = k.nc.Close()
	}
	if first == nil {
		r.noControl(ctx, t, tries)
		return
	}
	defer first.nc.Close()
	r.answered(ctx, first)
	if implicit {
		t.show(Works, "%s took the connection in %s", first.where(), round(time.Duration(first.Took)))
	} else {
		r.peek(ctx, t, first)
	}
	r.update(func(rep *Report) {
		for _, k := range tries {
			rep.Control = append(rep.Control, k.Control)
		}
	})
}

// knockAll tries all addresses; the order of the list is kept.
func (r *run) knockAll(ctx context.Context, addrs []netip.Addr, port uint16, what string) []knock {
	out := make([]knock, len(addrs))
	kctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var once sync.Once
	var grace *time.Timer
	for i, a := range addrs {
		wg.Go(func() {
			c, nc, err := r.tryPort(kctx, netip.AddrPortFrom(a, port), what, longestStart, false)
			if kctx.Err() != nil && ctx.Err() == nil && nc == nil {
				c.Class = ClassDropped // another address had answered long before
			}
			out[i] = knock{c, nc, err}
			if nc != nil {
				once.Do(func() { grace = time.AfterFunc(graceFor, cancel) })
			}
		})
	}
	wg.Wait()
	if grace != nil {
		grace.Stop()
	}
	return out
}

// noControl ends the diagnosis where no address answers.
func (r *run) noControl(ctx context.Context, t *task, tries []knock) {
	r.update(func(rep *Report) {
		for _, k := range tries {
			rep.Control = append(rep.Control, k.Control)
		}
	})
	if ctx.Err() != nil || len(tries) == 0 {
		t.skip("%s", stopReason(ctx))
		return
	}
	k := tries[0]
	for _, other := range tries {
		if other.Class == ClassRefused {
			k = other // an answer says more than silence
		}
	}
	err := r.ofProxy(k.err)
	if k.Class == ClassDropped && r.way.Proxy == "" {
		err = &client.TimeoutError{What: "the server to take the connection", After: longestStart}
	}
	r.fail(&client.DialError{Op: client.OpConnect, Addr: r.hostPort, Err: err})
	if r.way.Proxy != "" {
		t.show(Fails, "%s", r.said(err.Error()))
		return
	}
	t.show(Fails, "%s: %s", k.Addr, k.Class)
}

// ofProxy is err as one of the FTP proxy where that is what was connected to.
func (r *run) ofProxy(err error) error {
	var pe *client.ProxyError
	if r.way.Kind != client.ProxyFTP || errors.As(err, &pe) {
		return err
	}
	return &client.ProxyError{Kind: "FTP", Addr: r.way.Proxy, Target: r.hostPort, Step: client.ProxyReach, Err: err}
}

// answered takes note of the first connection.
func (r *run) answered(ctx context.Context, k *knock) {
	r.mu.Lock()
	r.connect = time.Duration(k.Took)
	if k.Addr.IsValid() { // else the proxy alone knows it
		r.remote, r.rep.Server.Remote = k.Addr, k.Addr
	}
	if r.way.Tunnel == "" { // through a proxy it is no handshake with the server
		r.rep.Server.ConnectRTT = k.Took
	}
	r.mu.Unlock()
	if local, err := dtp.AddrPort(k.nc.LocalAddr()); err == nil {
		r.setLocal(ctx, local.Addr())
	}
}

// peekFor bounds the greeting and the features before the login.
const peekFor = 6 * time.Second

// peek hears the greeting and the features in plain text, and says goodbye: what
// is offered before TLS is compared with what is offered under it.
func (r *run) peek(ctx context.Context, t *task, k *knock) {
	rec := r.recorder()
	l := &link{rec: rec}
	ctl := pi.New(k.nc, pi.Config{Timeout: peekFor, Transcript: rec, Number: rec.NextConn(), Now: r.opt.Now, Secrets: r.secrets})
	defer func() {
		_ = ctl.Quit() // it is closed in any case
		t.heard(l)
	}()
	greeting, err := ctl.Greeting(ctx)
	if greeting.Code != 0 {
		k.Said = r.saidReply(greeting)
	}
	var odd *client.ProtocolError
	if errors.As(err, &odd) {
		k.Said = r.said(odd.Line)
	}
	if err != nil {
		if ctx.Err() != nil {
			t.skip("%s", stopReason(ctx))
			return
		}
		r.fail(&client.DialError{Op: client.OpGreeting, Addr: r.hostPort, Err: err})
		t.show(Fails, "%s", r.said(err.Error()))
		return
	}
	masked := bannerMasked(greeting)
	r.update(func(rep *Report) {
		rep.Server.Banner, rep.Server.BannerMasked = r.saidLines(greeting.Text()), masked
		rep.Server.Software = software(greeting.Text())
	})
	rep, err := ctl.Cmd(ctx, "FEAT", "")
	if err == nil && rep.Class() == 2 {
		r.update(func(report *Report) { report.Server.FeatBefore = r.features(rep) })
	}
	detail := k.Said
	if masked {
		detail += " (the text is masked: something on the way inspects it)"
	}
	t.show(Works, "%s", detail)
}

// features returns the lines of a reply to FEAT.
func (r *run) features(rep client.Reply) []string {
	lines := rep.Lines
	if len(lines) < 2 {
		return nil
	}
	var out []string
	for _, l := range lines[1 : len(lines)-1] {
		if l = strings.TrimSpace(l); l != "" && len(out) < mostLines {
			out = append(out, r.said(l))
		}
	}
	return out
}

// relativeFor bounds the tries of the other ports. Windows tries a port that
// refuses three times, for two seconds.
const relativeFor = 2500 * time.Millisecond

// probeRelatives tries the other ports at which a file server may listen.
func (r *run) probeRelatives(ctx context.Context, t *task) {
	r.mu.Lock()
	remote, addrs := r.remote, r.rep.Server.Addresses
	r.mu.Unlock()
	host := remote.Addr()
	if !host.IsValid() {
		if len(addrs) == 0 {
			t.skip("the server has no address")
			return
		}
		host = addrs[0]
	}
	var list []netip.AddrPort
	whats := map[uint16]string{21: WhatFTP, 990: WhatImplicit, 22: WhatSSH, 2121: WhatAlternative}
	for _, port := range []uint16{21, 990, 22, 2121} {
		if !strings.HasSuffix(r.hostPort, ":"+strconv.Itoa(int(port))) {
			list = append(list, netip.AddrPortFrom(host, port))
		}
	}
	out := make([]Control, len(list))
	var wg sync.WaitGroup
	for i, to := range list {
		wg.Go(func() {
			what := whats[to.Port()]
			if what == WhatFTP {
				what = WhatAlternative // WhatFTP is the port that was asked for
			}
			c, nc, _ := r.tryPort(ctx, to, what, relativeFor, remote.IsValid())
			if nc != nil {
				if c.What != WhatImplicit {
					c.Said = firstLine(nc)
				}
				_ = nc.Close()
			}
			out[i] = c
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		t.skip("%s", stopReason(ctx))
		return
	}
	var words []string
	for _, c := range out {
		words = append(words, strconv.Itoa(int(c.Addr.Port()))+" "+c.Class)
	}
	r.update(func(rep *Report) { rep.Control = append(rep.Control, out...) })
	t.show(Works, "%s", strings.Join(words, ", "))
}

// firstLineFor bounds the wait for what another port says.
const firstLineFor = 700 * time.Millisecond

// firstLine hears the first line that comes, if one does.
func firstLine(nc net.Conn) string {
	if err := nc.SetReadDeadline(time.Now().Add(firstLineFor)); err != nil {
		return ""
	}
	line, err := bufio.NewReader(io.LimitReader(nc, longestLine)).ReadString('\n')
	if err != nil && line == "" {
		return ""
	}
	return said(strings.TrimRight(line, "\r\n"))
}
