package client

import (
	"context"
	"errors"
	"net/netip"
	"testing"
)

func TestAnnouncer(t *testing.T) {
	for _, c := range []struct {
		name, local, server, seen, outer string
		asked, refused                   bool
	}{
		{"behind a router", "192.168.1.5", "203.0.113.5", "", "198.51.100.7", true, false},
		{"behind a router and a provider's NAT", "192.168.1.5", "203.0.113.5", "", "100.64.9.9", true, true},
		{"behind two routers", "192.168.1.5", "203.0.113.5", "198.51.100.7", "10.0.0.2", true, true},
		{"a neighbour", "192.168.1.5", "192.168.1.9", "", "198.51.100.7", false, false},
		{"no NAT", "198.51.100.7", "203.0.113.5", "198.51.100.7", "198.51.100.7", false, false},
		{"NAT in a company", "192.168.1.5", "10.9.9.9", "10.9.0.1", "10.9.0.1", true, false},
		{"loopback", "127.0.0.1", "127.0.0.1", "", "127.0.0.1", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			outer := netip.AddrPortFrom(netip.MustParseAddr(c.outer), 40001)
			asked, released := false, false
			ask := func(context.Context, netip.AddrPort) (netip.AddrPort, func(), error) {
				asked = true
				return outer, func() { released = true }, nil
			}
			var seen netip.Addr
			if c.seen != "" {
				seen = netip.MustParseAddr(c.seen)
			}
			local := netip.MustParseAddr(c.local)
			fn := announcer(ask, local, netip.MustParseAddr(c.server), seen)
			if fn == nil {
				if c.asked {
					t.Error("the router is not asked")
				}
				return
			}
			got, release, err := fn(t.Context(), netip.AddrPortFrom(local, 40000))
			if asked != c.asked || released != c.refused || errors.Is(err, ErrAnnouncePrivate) != c.refused {
				t.Errorf("asked %v, released %v, error %v", asked, released, err)
			}
			if !c.refused && (err != nil || got != outer || release == nil) {
				t.Errorf("announced %v, %v", got, err)
			}
		})
	}
	if announcer(nil, netip.MustParseAddr("192.168.1.5"), netip.MustParseAddr("203.0.113.5"), netip.Addr{}) != nil {
		t.Error("an announcer without consent")
	}
	failing := errors.New("no router")
	fn := announcer(func(context.Context, netip.AddrPort) (netip.AddrPort, func(), error) {
		return netip.AddrPort{}, nil, failing
	},
		netip.MustParseAddr("192.168.1.5"), netip.MustParseAddr("203.0.113.5"), netip.Addr{})
	if _, _, err := fn(t.Context(), netip.AddrPort{}); !errors.Is(err, failing) {
		t.Errorf("the router's error became %v", err)
	}
}
