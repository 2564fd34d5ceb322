package client_test

import (
	"net/netip"
	"testing"

	"portside/client"
)

func TestSelfReach(t *testing.T) {
	local := netip.MustParseAddr("127.0.0.1")
	where, err := client.SelfReach(t.Context(), local, client.PortRange{Min: 20000, Max: 60000})
	if err != nil || where.Addr() != local || where.Port() < 20000 || where.Port() > 60000 {
		t.Errorf("SelfReach = %v, %v", where, err)
	}
	if where, err = client.SelfReach(t.Context(), netip.MustParseAddr("192.0.2.99"), client.PortRange{}); err == nil || where.IsValid() {
		t.Errorf("SelfReach at an address of somebody else = %v, %v", where, err)
	}
}
