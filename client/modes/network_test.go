package modes

import (
	"net"
	"net/netip"
	"testing"
)

func TestNetworkString(t *testing.T) {
	for _, tt := range []struct {
		n    Network
		want string
	}{
		{Network{}, "unknown"},
		{Network{Prefix: netip.MustParsePrefix("192.0.2.0/24"), Gateway: netip.MustParseAddr("192.0.2.1")}, "192.0.2.0/24 via 192.0.2.1"},
		{Network{Prefix: netip.MustParsePrefix("2001:db8::/64"), Gateway: netip.MustParseAddr("fe80::1")}, "2001:db8::/64 via fe80::1"},
		{Network{Prefix: netip.MustParsePrefix("10.8.0.0/24")}, "10.8.0.0/24"},
		{Network{Gateway: netip.MustParseAddr("192.0.2.1")}, "via 192.0.2.1"},
		{Network{Prefix: netip.MustParsePrefix("127.0.0.0/8")}, "loopback"},
	} {
		if got := tt.n.String(); got != tt.want {
			t.Errorf("%#v = %q, want %q", tt.n, got, tt.want)
		}
	}
}

func TestLocalNetworkOfLoopback(t *testing.T) {
	for _, addr := range []string{"127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"} {
		if got := LocalNetwork(t.Context(), netip.MustParseAddr(addr)).String(); got != "loopback" {
			t.Errorf("%s is in %q", addr, got)
		}
	}
}

func TestLocalNetworkOfNobody(t *testing.T) {
	for _, addr := range []netip.Addr{{}, netip.MustParseAddr("203.0.113.77"), netip.MustParseAddr("2001:db8:77::1")} {
		if got := LocalNetwork(t.Context(), addr); got != (Network{}) {
			t.Errorf("%v is in %v", addr, got)
		}
	}
}

// Every address of this computer has a network, and none of the fingerprints holds
// the hardware address of an interface.
func TestLocalNetworkOfThisComputer(t *testing.T) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		n := LocalNetwork(t.Context(), p.Addr())
		if !n.Prefix.IsValid() || n.Prefix != n.Prefix.Masked() {
			t.Errorf("%v is in %v", p, n)
		}
		if fromHardware(n.Gateway) || fromHardware(n.Prefix.Addr()) {
			t.Errorf("%v holds a hardware address", n)
		}
	}
}

func TestNothingLeaks(t *testing.T) {
	for _, tt := range []struct{ addr, want string }{
		{"192.0.2.1", "192.0.2.1"},
		{"fe80::1", "fe80::1"},
		{"fe80::1%eth0", "fe80::1"},
		{"fe80::211:22ff:fe33:4455%eth0", "fe80::"},
		{"2001:db8:1:2:211:22ff:fe33:4455", "2001:db8:1:2::"},
		{"fe80::5054:0:1234:5678", "fe80::5054:0:1234:5678"},
	} {
		if got := anonymous(netip.MustParseAddr(tt.addr)).String(); got != tt.want {
			t.Errorf("anonymous(%s) = %s, want %s", tt.addr, got, tt.want)
		}
	}
	for _, tt := range []struct{ prefix, want string }{
		{"192.0.2.77/24", "192.0.2.0/24"},
		{"10.1.2.3/8", "10.0.0.0/8"},
		{"198.51.100.77/32", "198.51.100.0/24"},
		{"198.51.100.77/31", "198.51.100.76/31"},
		{"2001:db8::77/64", "2001:db8::/64"},
		{"2001:db8::77/128", "2001:db8::/64"},
		{"2001:db8::77/112", "2001:db8::/112"},
		{"2001:db8::211:22ff:fe33:4455/112", "2001:db8::/64"},
		{"2001:db8::211:22ff:fe33:4455/48", "2001:db8::/48"},
	} {
		if got := anonymousPrefix(netip.MustParsePrefix(tt.prefix)).String(); got != tt.want {
			t.Errorf("anonymousPrefix(%s) = %s, want %s", tt.prefix, got, tt.want)
		}
	}
}
