package diagnose

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"portside/client"
)

func TestWhereDropped(t *testing.T) {
	// One letter a hop, from the first: h for a router that reports, - for silence.
	cases := []struct {
		name             string
		distance         int
		control, offered string
		want             Hop
	}{
		{"all the way", 6, "hhhhh", "hhhhh", HopFar},
		{"the last but one keeps quiet to all", 6, "hhhh-", "hhhh-", HopFar},
		{"the server's firewall asks its filter first", 6, "hhhhh", "hhhh-", HopFar},
		{"this network's router", 6, "hhhhh", "h----", HopNear},
		{"the second router", 6, "hhhhh", "hh---", HopNear},
		{"only the middle is quiet", 6, "h---h", "h---h", HopFar},
		{"in the middle", 9, "hhhhhhhh", "hhh-----", HopUnknown},
		{"not even the first", 6, "hhhhh", "-----", HopUnknown},
		{"nobody reports", 6, "-----", "-----", HopUnknown},
		{"no order", 6, "hhhhh", "h-h-h", HopUnknown},
		{"one router between", 2, "h", "h", HopUnknown},
		{"two routers, the second is silent", 3, "hh", "h-", HopUnknown},
		{"two routers, both report", 3, "hh", "hh", HopFar},
		{"three routers, the first drops", 4, "hhh", "h--", HopNear},
	}
	word := map[byte]string{'h': traceHop, '-': traceSilent}
	for _, c := range cases {
		var hops []TraceHop
		for i := range len(c.control) {
			hops = append(hops, TraceHop{TTL: i + 1, Control: word[c.control[i]], Offered: word[c.offered[i]]})
		}
		if got := whereDropped(c.distance, hops); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestExternalAddress(t *testing.T) {
	cases := []struct {
		name, local, remote, text, want string
	}{
		{"vsftpd, no NAT", "192.168.1.5", "192.168.1.9", "FTP server status:\n     Connected to 192.168.1.5\n     Logged in as jo", "192.168.1.5"},
		{"vsftpd, NAT", "192.168.1.5", "203.0.113.9", "     Connected to ::ffff:198.51.100.7", "198.51.100.7"},
		{"ProFTPD", "10.0.0.2", "203.0.113.9", "Status of 'x'\n Connected from gw.example (198.51.100.7)\n Logged in as jo", "198.51.100.7"},
		{"a greeting", "10.0.0.2", "203.0.113.9", "Welcome, you are connected from 198.51.100.7:4711.", "198.51.100.7"},
		{"the server's own", "10.0.0.2", "203.0.113.9", "Connected to 203.0.113.9", ""},
		{"the server's inner one", "10.0.0.2", "203.0.113.9", "Server address 10.9.9.9, listening", ""},
		{"a version", "10.0.0.2", "203.0.113.9", "vsFTPd 3.0.3.1 - secure", ""},
		{"IPv6", "2001:db8::5", "2001:db8::1", "Connected to 2001:db8::5", "2001:db8::5"},
		{"the other family", "2001:db8::5", "2001:db8::1", "Connected from 198.51.100.7", ""},
		{"one computer", "127.0.0.1", "127.0.0.1", "Connected to 127.0.0.1", "127.0.0.1"},
		{"nothing", "10.0.0.2", "203.0.113.9", "211 End", ""},
	}
	for _, c := range cases {
		got, by := externalAddress(netip.MustParseAddr(c.local), netip.MustParseAddr(c.remote), []hint{{"STAT", c.text}})
		want := netip.Addr{}
		if c.want != "" {
			want = netip.MustParseAddr(c.want)
		}
		if got != want || (by == "STAT") != want.IsValid() {
			t.Errorf("%s: %v by %q, want %v", c.name, got, by, want)
		}
	}
}

func TestNATResult(t *testing.T) {
	cases := []struct {
		local, remote, outside string
		want                   Result
	}{
		{"192.168.1.5", "203.0.113.9", "", Works},
		{"100.64.3.4", "203.0.113.9", "", Works},
		{"192.168.1.5", "192.168.1.9", "", Unknown},
		{"198.51.100.7", "203.0.113.9", "", Unknown},
		{"198.51.100.7", "203.0.113.9", "198.51.100.7", Fails},
		{"192.168.1.5", "203.0.113.9", "198.51.100.7", Works},
		{"2001:db8::5", "2001:db8::1", "", Unknown},
	}
	for _, c := range cases {
		var outside netip.Addr
		if c.outside != "" {
			outside = netip.MustParseAddr(c.outside)
		}
		if got := natResult(netip.MustParseAddr(c.local), netip.MustParseAddr(c.remote), outside); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestClassOf(t *testing.T) {
	for addr, want := range map[string]string{
		"203.0.113.9": "public", "192.168.0.1": "private", "172.31.255.1": "private", "172.32.0.1": "public", "10.1.1.1": "private",
		"100.63.255.255": "public", "100.64.0.0": "cgnat", "100.127.255.255": "cgnat", "100.128.0.0": "public",
		"127.0.0.1": "loopback", "::1": "loopback", "169.254.1.1": "link-local", "fe80::1%eth0": "link-local", "fd00::1": "ula", "2001:db8::1": "public",
	} {
		if got := classOf(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

func TestSoftware(t *testing.T) {
	for text, want := range map[string]string{
		"(vsFTPd 3.0.5)": "vsftpd", "ProFTPD Server (x)": "ProFTPD", "---- Welcome to Pure-FTPd [privsep] [TLS] ----": "Pure-FTPd",
		"FileZilla Server 1.8.1": "FileZilla Server", "Microsoft FTP Service": "IIS", "215 Windows_NT": "IIS", "pyftpdlib 1.5.7 ready.": "pyftpdlib", "Welcome.": "",
	} {
		if got := software(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestDialClass(t *testing.T) {
	wrapped := func(err error) error {
		return &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", err)}
	}
	cases := []struct {
		err   error
		there bool
		want  string
	}{
		{nil, true, ClassOpen},
		{wrapped(syscall.ECONNREFUSED), true, ClassRefused},
		{wrapped(wsaECONNREFUSED), true, ClassRefused},
		{wrapped(syscall.EHOSTUNREACH), true, ClassProhibited},
		{wrapped(syscall.EHOSTUNREACH), false, ClassUnreachable},
		{wrapped(syscall.EACCES), false, ClassProhibited},
		{context.DeadlineExceeded, true, ClassDropped},
		{fmt.Errorf("dial: %w", os.ErrDeadlineExceeded), true, ClassDropped},
		{errors.New("odd"), true, ClassError},
	}
	for _, c := range cases {
		if got := dialClass(c.err, c.there); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
}

func TestGhostBySpeed(t *testing.T) {
	r := &run{connect: 40 * time.Millisecond, rtt: 42 * time.Millisecond}
	res := client.ProbeResult{Method: client.MethodEPSV, Connected: true, Connect: 2 * time.Millisecond, Bytes: 10}
	if !r.ghost(res) {
		t.Error("a handshake in 2 ms over a path of 40 ms was believed")
	}
	res.Connect = 39 * time.Millisecond
	if r.ghost(res) {
		t.Error("a handshake in 39 ms over a path of 40 ms was not believed")
	}
	res.Connect, res.ReplyTook = 2*time.Millisecond, 3*time.Millisecond
	if r.ghost(res) {
		t.Error("a path that was measured on a busy computer makes a quick connection a ghost, though the reply before it was as quick")
	}
	res.ReplyTook = 41 * time.Millisecond
	if !r.ghost(res) {
		t.Error("a handshake in 2 ms behind a reply in 41 ms was believed")
	}
	near := &run{connect: 100 * time.Microsecond, rtt: 50 * time.Millisecond}
	res.Connect = 90 * time.Microsecond
	if near.ghost(res) {
		t.Error("a slow server beside a quick path was taken for a ghost")
	}
}

func TestClip(t *testing.T) {
	for _, s := range []string{"short", strings.Repeat("a", 500), strings.Repeat("é", 300), strings.Repeat("日", 200)} {
		got := clip(s, longestLine)
		if len(got) > longestLine+len("…") || !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) || strings.Contains(got, "\ufffd") {
			t.Errorf("%d bytes: %q", len(s), got)
		}
	}
}

func TestSystemProxy(t *testing.T) {
	env := func(k, v string) func(string) string {
		return func(name string) string {
			if name == k {
				return v
			}
			return ""
		}
	}
	if got := systemProxy(env("ftp_proxy", "http://jo:secret@proxy.example:3128")); got != "http://proxy.example:3128" {
		t.Errorf("%q", got)
	}
	if got := systemProxy(env("HTTP_PROXY", "http://proxy.example")); got != "" {
		t.Errorf("%q is no proxy for FTP", got)
	}
}

func TestPlanOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range steps(Options{Long: true}.withDefaults()) {
		if seen[s.id] || s.title == "" || s.do == nil {
			t.Errorf("step %+v", s)
		}
		seen[s.id] = true
	}
	for _, s := range steps(Options{Long: true}.withDefaults()) {
		for _, id := range append(s.needs, s.unless...) {
			if !seen[id] {
				t.Errorf("%s needs %q, which is no step", s.id, id)
			}
		}
	}
	for _, id := range oneByOne {
		if !seen[id] {
			t.Errorf("%q is no step", id)
		}
	}
}

func TestPlaceDropped(t *testing.T) {
	server := netip.MustParseAddrPort("203.0.113.9:21")
	at := func(addr string) netip.AddrPort { return netip.MustParseAddrPort(addr) }
	rep := &Report{
		Server: Server{Remote: server}, Trace: &Trace{Stop: HopNear},
		Methods: []Attempt{
			{How: HowDropped, Dialled: at("203.0.113.9:5000")},
			{How: HowRefused, Dialled: at("203.0.113.9:5001")},
			{How: HowDropped, Dialled: at("10.0.0.1:5002"), At: "reply"},
			{How: HowDropped, Announced: at("192.0.2.1:5003")}, // active
		},
	}
	placeDropped(rep)
	for i, want := range []Hop{HopNear, HopUnknown, HopUnknown, HopUnknown} {
		if got := rep.Methods[i].Stop; got != want {
			t.Errorf("attempt %d stopped at %q, want %q", i, got, want)
		}
	}
}
