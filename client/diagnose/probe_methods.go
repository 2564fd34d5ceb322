package diagnose

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"portside/client"
)

// The four methods, each over the family of the session.

func (r *run) probeEPSV(ctx context.Context, t *task) { r.probeMethod(ctx, t, client.MethodEPSV) }
func (r *run) probePASV(ctx context.Context, t *task) { r.probeMethod(ctx, t, client.MethodPASV) }
func (r *run) probeEPRT(ctx context.Context, t *task) { r.probeMethod(ctx, t, client.MethodEPRT) }
func (r *run) probePORT(ctx context.Context, t *task) { r.probeMethod(ctx, t, client.MethodPORT) }

func (r *run) probeMethod(ctx context.Context, t *task, m client.Method) {
	if !fits(m, r.server()) {
		t.skip("%s has no room for an IPv6 address", m)
		return
	}
	r.try(ctx, t, r.pool, way{spec: client.ProbeSpec{Method: m}})
}

// fits reports whether a method can name an address of the server's family.
func fits(m client.Method, server netip.Addr) bool {
	return !server.Is6() || m == client.MethodEPSV || m == client.MethodEPRT
}

func (r *run) server() netip.Addr {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.remote.Addr()
}

// methods returns the attempts so far that keep accepts.
func (r *run) methods(keep func(Attempt) bool) []Attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Attempt
	for _, a := range r.rep.Methods {
		if keep(a) {
			out = append(out, a)
		}
	}
	return out
}

// byServer reports an active attempt: the server connects.
func byServer(a Attempt) bool { return a.Method == "EPRT" || a.Method == "PORT" }

// byUs reports a passive one.
func byUs(a Attempt) bool { return !byServer(a) }

// probeAtReply connects to the address that a 227 names where it is not the
// server's, if it is in the same network: a server must not be able to send this
// program to any other host.
func (r *run) probeAtReply(ctx context.Context, t *task) {
	server := r.server()
	named := r.methods(func(a Attempt) bool {
		return a.Method == "PASV" && a.Announced.IsValid() && a.Announced.Addr() != server
	})
	switch {
	case len(named) == 0 && len(r.methods(func(a Attempt) bool { return a.Method == "PASV" && a.Announced.IsValid() })) == 0:
		t.skip("the server names no address")
		return
	case len(named) == 0:
		t.skip("the server names its own address")
		return
	}
	said := named[0].Announced.Addr()
	if !server.IsValid() && !r.target.Options.TrustPASVAddress {
		t.skip("the proxy looks up the server's name, so that nobody here knows whether %s is its address; it is not connected to", said)
		return
	}
	if !r.neighbour(said) {
		t.skip("%s is not the server's network; it is not connected to", said)
		return
	}
	r.try(ctx, t, r.pool, way{spec: client.ProbeSpec{Method: client.MethodPASV, AtReply: true}})
}

// neighbour reports whether an address that the server names may be connected to:
// one of its own, one in the same /24, or one that is as private as its own.
func (r *run) neighbour(a netip.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	server := r.remote.Addr()
	if r.target.Options.TrustPASVAddress || slices.Contains(r.rep.Server.Addresses, a) {
		return true
	}
	if near, err := server.Prefix(24); err == nil && near.Contains(a) {
		return true
	}
	return classOf(a) != "public" && classOf(a) == classOf(server)
}

// outsidePorts are ports that are tried for comparison: high ones that servers
// seldom hand out.
var outsidePorts = []uint16{65521, 20521, 61613, 35713, 10513}

// outsideFor bounds the tries; a lost SYN is sent again after a second.
const outsideFor = 2500 * time.Millisecond

// probeOutside connects to ports that the server does not offer, where offered
// ones failed: a refusal there while offered ones stay silent tells a rule of the
// server's firewall from a network that lets nothing out, and an open one tells
// that somebody on the way takes every connection.
func (r *run) probeOutside(ctx context.Context, t *task) {
	failed := r.methods(func(a Attempt) bool {
		return a.Result == Fails && a.Dialled.IsValid() && a.Step != client.StepTLS
	})
	if len(failed) == 0 {
		t.skip("the offered ports answer")
		return
	}
	if r.left() < outsideFor {
		t.skip("%s", errNoTime)
		return
	}
	r.mu.Lock()
	server := r.remote.Addr()
	low, high := uint16(65535), uint16(0)
	for _, s := range r.samples {
		low, high = min(low, s.Port), max(high, s.Port)
	}
	r.mu.Unlock()
	const margin, tries = 200, 2
	var list []uint16
	for _, p := range outsidePorts {
		if (int(p) < int(low)-margin || int(p) > int(high)+margin) && len(list) < tries {
			list = append(list, p)
		}
	}
	out := make([]Control, len(list))
	var wg sync.WaitGroup
	for i, port := range list {
		wg.Go(func() {
			c, nc, _ := r.tryPort(ctx, netip.AddrPortFrom(server, port), WhatOutside, outsideFor, true)
			if nc != nil {
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
	open := 0
	var words []string
	for _, c := range out {
		words = append(words, strconv.Itoa(int(c.Addr.Port()))+" "+c.Class)
		if c.Class == ClassOpen {
			open++
		}
	}
	r.update(func(rep *Report) {
		rep.Control = append(rep.Control, out...)
		for i := range rep.Methods {
			a := &rep.Methods[i]
			if open == len(out) && a.How == HowNoData && a.Dialled.IsValid() {
				a.Ghost = true // every port of the server seems open
			}
		}
	})
	t.show(Works, "%s", strings.Join(words, ", "))
}

// probeMapped tries active mode with an address outside: that of a port mapping
// where the user agrees to one, or the one that the server sees where it refuses
// the inner one.
func (r *run) probeMapped(ctx context.Context, t *task) {
	active := r.methods(byServer)
	works := slices.ContainsFunc(active, func(a Attempt) bool { return a.Result == Works })
	rejected := slices.ContainsFunc(active, func(a Attempt) bool { return a.How == HowRejected })
	r.mu.Lock()
	outside, local := r.rep.Local.External, r.rep.Local.Addr
	r.mu.Unlock()
	spec := client.ProbeSpec{Method: client.MethodPORT}
	if !fits(spec.Method, r.server()) {
		spec.Method = client.MethodEPRT
	}
	switch {
	case works:
		t.skip("active mode works as it is")
		return
	case len(active) == 0:
		t.skip("no active method was tried")
		return
	case r.opt.MapPort != nil:
		spec.Map = r.mapPort
	case rejected && outside.IsValid() && outside != local:
		spec.Announce = outside
	default:
		t.skip("it needs a port mapping in the router, which was not agreed to")
		return
	}
	r.try(ctx, t, r.pool, way{spec: spec, once: true})
}

// mapPort asks the router for a way to our listener.
func (r *run) mapPort(ctx context.Context, listener netip.AddrPort) (netip.AddrPort, func(), error) {
	m, err := r.opt.MapPort(ctx, listener)
	if err != nil {
		return netip.AddrPort{}, nil, err
	}
	r.update(func(rep *Report) { rep.Local.MappedBy = m.By })
	return m.Announce, m.Release, nil
}
