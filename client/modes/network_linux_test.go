package modes

import (
	"errors"
	"net/netip"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

const table4 = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0102000A	0003	0	0	100	00000000	0	0	0
eth0	0002000A	00000000	0001	0	0	100	00FFFFFF	0	0	0
wlan0	00000000	FE01A8C0	0003	0	0	600	00000000	0	0	0
wlan0	00000000	FD01A8C0	0003	0	0	50	00000000	0	0	0
tun0	0000000A	0108000A	0003	0	0	0	000000FF	0	0	0
tun0	0064A8C0	0208000A	0003	0	0	0	00FFFFFF	0	0	0
down0	00000000	0103000A	0002	0	0	0	00000000	0	0	0
rej0	00000000	0103000A	0203	0	0	0	00000000	0	0	0
odd0	zzz	0103000A	0003	0	0	0	zzz	0	0	0
cut0	00000000	0103000A
`

const table6 = `20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000009 00000400 00000002 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000064 00000002 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
fd000000000000000000000000000000 08 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003     tun0
fd000000 08
`

func TestRoutingTables(t *testing.T) {
	littleEndian := addrOf(t, "0102000A") == netip.MustParseAddr("10.0.2.1")
	if !littleEndian {
		t.Skip("the sample of /proc/net/route is from a little-endian machine")
	}
	for _, tt := range []struct{ iface, want string }{
		{"eth0", "10.0.2.1"},
		{"wlan0", "192.168.1.253"}, // the lower metric
		{"tun0", "10.0.8.1"},       // the wider route
		{"down0", ""},
		{"rej0", ""},
		{"odd0", ""},
		{"cut0", ""},
		{"none0", ""},
	} {
		checkGateway(t, routes4([]byte(table4)), tt.iface, tt.want)
	}
	for _, tt := range []struct{ iface, want string }{
		{"eth0", "fe80::1"}, {"tun0", "fd00::1"}, {"lo", ""},
	} {
		checkGateway(t, routes6([]byte(table6)), tt.iface, tt.want)
	}
}

func addrOf(t *testing.T, hexadecimal string) netip.Addr {
	t.Helper()
	a, err := addr4(hexadecimal)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func checkGateway(t *testing.T, table []route, iface, want string) {
	t.Helper()
	got := ""
	if a := bestGateway(table, iface); a.IsValid() {
		got = a.String()
	}
	if got != want {
		t.Errorf("the gateway of %s is %q, want %q", iface, got, want)
	}
}

// In a network namespace of its own the computer has the network of that namespace,
// although the program's first thread is elsewhere.
func TestLocalNetworkInNamespace(t *testing.T) {
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("there is no ip command to set up a network namespace with")
	}
	type outcome struct {
		four, six, tunnel string
		err               error
		skip              string
	}
	done := make(chan outcome, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		var o outcome
		defer func() { done <- o }()
		if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
			o.skip = "cannot make a network namespace: " + err.Error()
			return
		}
		for _, line := range []string{
			"link add wan type veth peer name far",
			"addr add 192.0.2.77/24 dev wan",
			"addr add 2001:db8::77/64 dev wan nodad",
			"addr add 198.51.100.9/32 dev lo",
			"link set wan up", "link set far up",
			"route add default via 192.0.2.254",
			"-6 route add default via fe80::211:22ff:fe33:4455 dev wan",
		} {
			if out, err := exec.CommandContext(t.Context(), "ip", strings.Fields(line)...).CombinedOutput(); err != nil {
				o.err = errors.New("ip " + line + ": " + string(out))
				return
			}
		}
		o.four = LocalNetwork(t.Context(), netip.MustParseAddr("192.0.2.77")).String()
		o.six = LocalNetwork(t.Context(), netip.MustParseAddr("2001:db8::77")).String()
		o.tunnel = LocalNetwork(t.Context(), netip.MustParseAddr("198.51.100.9")).String()
	}()
	o := <-done
	if o.skip != "" {
		t.Skip(o.skip)
	}
	if o.err != nil {
		t.Fatal(o.err)
	}
	for _, c := range [][2]string{
		{o.four, "192.0.2.0/24 via 192.0.2.254"},
		{o.six, "2001:db8::/64 via fe80::"},
		{o.tunnel, "198.51.100.0/24"},
	} {
		if c[0] != c[1] {
			t.Errorf("the network is %q, want %q", c[0], c[1])
		}
	}
}
