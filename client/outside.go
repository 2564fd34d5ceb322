package client

import (
	"context"
	"errors"
	"net/netip"
)

// announceAddress returns the address to announce in active mode; the zero Addr
// stands for the local one. Where the ports are given, somebody has opened them on
// the router, and behind NAT the server has to be told the router's address, which
// it names itself.
func (s *Session) announceAddress(ctx context.Context) (netip.Addr, error) {
	switch {
	case s.opt.ActiveAddress.IsValid():
		return s.opt.ActiveAddress, nil
	case s.opt.ActiveFromServer, s.fromOutside:
	case s.opt.ActivePorts == PortRange{}:
		return netip.Addr{}, nil
	}
	return s.outside(ctx)
}

// outside returns how the server sees this computer, where that differs from how
// it sees itself: there is NAT in between. Else it returns the zero Addr.
func (s *Session) outside(ctx context.Context) (netip.Addr, error) {
	addr, from, err := s.externalAddress(ctx)
	if err != nil || !addr.IsValid() || addr == s.info.Local.Addr() || addr.Is4() != s.info.Local.Addr().Is4() {
		return netip.Addr{}, err
	}
	s.note("the server sees this computer as %s (%s)", addr, from)
	return addr, nil
}

// worthOutside reports whether the server may take the address outside where it
// has refused the local one: servers refuse a PORT that names another address than
// that of the control connection (RFC 2577, 3).
func (s *Session) worthOutside(ctx context.Context, m Method, err error) bool {
	var de *DataError
	var re *ReplyError
	if !m.Active() || s.fromOutside || s.opt.ActiveAddress.IsValid() || s.opt.Announce != nil ||
		!errors.As(err, &de) || de.Step != StepNegotiate || !errors.As(err, &re) || re.Reply.Code == 502 {
		return false
	}
	addr, outErr := s.outside(ctx)
	if outErr != nil || !addr.IsValid() {
		return false
	}
	s.fromOutside = true
	return true
}

// A BlockedError says that the server accepted active mode and its connection did
// not arrive, with what is known of the way.
type BlockedError struct {
	Announced netip.AddrPort // where the server was told to connect to
	Outside   netip.Addr     // how the server sees this computer, where NAT is in between
	Err       error
}

func (e *BlockedError) Error() string { return e.Err.Error() }

func (e *BlockedError) Unwrap() error { return e.Err }

// blocked adds to the error of an active method what is known of the way.
func (s *Session) blocked(ctx context.Context, err error) error {
	var de *DataError
	if !errors.As(err, &de) || !de.Method.Active() || de.Step != StepAccept || !de.Timeout() || ctx.Err() != nil {
		return err
	}
	b := &BlockedError{Err: err}
	if where, parseErr := netip.ParseAddrPort(de.Addr); parseErr == nil {
		b.Announced = where
	}
	if s.ctl.Err() == nil && !s.ctl.Busy() {
		if addr, outErr := s.outside(ctx); outErr == nil {
			b.Outside = addr
		}
	}
	return b
}
