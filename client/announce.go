package client

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
)

// An announceFunc is the type of Options.Announce.
type announceFunc = func(ctx context.Context, local netip.AddrPort) (announce netip.AddrPort, release func(), err error)

// ErrAnnouncePrivate says that the address which Options.Announce gave is not public, and the
// server is on the public network: another NAT stands between the router and the server.
var ErrAnnouncePrivate = errors.New("the router's outer address is not public: another NAT stands before the server")

// announcer returns announce where it can be of use to a server at the address server, and
// nil where it cannot: see MappingHelps. On loopback it is always of use.
func announcer(announce announceFunc, local, server, seen netip.Addr) announceFunc {
	switch {
	case announce == nil:
		return nil
	case AddressClass(local) == "loopback":
		return announce
	case !MappingHelps(local, server, seen):
		return nil
	case AddressClass(server) != "public":
		return announce
	}
	return func(ctx context.Context, listener netip.AddrPort) (netip.AddrPort, func(), error) {
		where, release, err := announce(ctx, listener)
		if err != nil {
			return where, release, err
		}
		if AddressClass(where.Addr()) != "public" {
			release()
			return netip.AddrPort{}, nil, fmt.Errorf("%w (%s)", ErrAnnouncePrivate, where.Addr())
		}
		return where, release, nil
	}
}
