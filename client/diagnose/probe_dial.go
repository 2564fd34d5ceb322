package diagnose

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"

	"portside/client"
)

// Error numbers of Windows that the names in package syscall do not stand for.
const (
	wsaEACCES       = syscall.Errno(10013)
	wsaENETUNREACH  = syscall.Errno(10051)
	wsaECONNREFUSED = syscall.Errno(10061)
	wsaEHOSTUNREACH = syscall.Errno(10065)
)

// WhatOffered is the Control.What of a port that the server has handed out for a
// passive connection.
const WhatOffered = "offered"

// dialClass sorts the outcome of a TCP connect. An ICMP message that names a
// filter and one that names a missing host look the same to a program on most
// systems: where the host is known to be there, it is a filter.
func dialClass(err error, hostIsThere bool) string {
	var timeout interface{ Timeout() bool }
	is := func(list ...error) bool {
		for _, e := range list {
			if errors.Is(err, e) {
				return true
			}
		}
		return false
	}
	var pe *client.ProxyError
	switch {
	case err == nil:
		return ClassOpen
	case errors.As(err, &pe):
		return ClassProxy // whatever it met is not met from here
	case is(syscall.ECONNREFUSED, wsaECONNREFUSED):
		return ClassRefused
	case is(syscall.EACCES, syscall.EPERM, wsaEACCES):
		return ClassProhibited
	case is(syscall.EHOSTUNREACH, syscall.ENETUNREACH, wsaEHOSTUNREACH, wsaENETUNREACH):
		if hostIsThere {
			return ClassProhibited
		}
		return ClassUnreachable
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return ClassDropped
	default:
		return ClassError
	}
}

// tryPort connects to a port of the server. A connection that comes up is
// returned, and is the caller's to close.
func (r *run) tryPort(ctx context.Context, to netip.AddrPort, what string, wait time.Duration, hostIsThere bool) (Control, net.Conn, error) {
	dctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	began := time.Now()
	nc, err := r.dialer().DialContext(dctx, "tcp", r.dialled(to))
	c := Control{Addr: known(to), Target: r.asked(to), What: what, Took: Span(time.Since(began)), Class: dialClass(err, hostIsThere)}
	var pe *client.ProxyError
	switch {
	case err != nil && ctx.Err() != nil:
		c.Class = ClassError // broken off, which says nothing
	case errors.As(err, &pe):
		c.Proxy = r.said(pe.Error())
	}
	return c, nc, err
}
