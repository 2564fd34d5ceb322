package portmap

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The network of the test: a client behind a router that masquerades and drops what
// comes from outside, and a server on the router's other side. The outer addresses are not
// from the ranges for documentation, since miniupnpd refuses those like private ones; they
// exist in the namespaces only.
const (
	clientAddr = "10.77.0.2"
	routerIn   = "10.77.0.1"
	routerOut  = "11.22.33.1"
	serverAddr = "11.22.33.21"

	clientAddr6 = "2001:db8:77::2"
	routerIn6   = "fe80::1"
	serverAddr6 = "2001:db8:22::21"
)

// TestMain lets the test run itself inside a namespace, where all threads of a program
// have to be.
func TestMain(m *testing.M) {
	switch os.Getenv("PORTMAP_ROLE") {
	case "":
		os.Exit(m.Run())
	case "client":
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		err := playClient(ctx, os.Getenv("PORTMAP_LOCAL"), os.Getenv("PORTMAP_SERVER"), os.Getenv("PORTMAP_ONLY"))
		cancel()
		exit(err)
	case "server":
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		var d net.Dialer
		nc, err := d.DialContext(ctx, "tcp", os.Getenv("PORTMAP_TARGET"))
		if err == nil {
			_, err = io.WriteString(nc, "hello")
			err = errors.Join(err, nc.Close())
		}
		cancel()
		exit(err)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// playClient maps a listener's port, says so, and after each line of standard input does
// the next thing: take in a connection, and remove the mapping.
func playClient(ctx context.Context, here, there, only string) error {
	in := bufio.NewScanner(os.Stdin)
	local := netip.MustParseAddr(here)
	a := NewAnnouncer(Options{Server: netip.MustParseAddr(there), only: only})
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", netip.AddrPortFrom(local, 0).String())
	if err != nil {
		return err
	}
	at, _ := ln.Addr().(*net.TCPAddr)
	fmt.Println(at.AddrPort())
	in.Scan()
	began := time.Now()
	_, release, err := a.Announce(ctx, at.AddrPort())
	if err != nil {
		fmt.Printf("failed after %v: %v\n", time.Since(began).Round(time.Millisecond), err)
		return a.Close(ctx)
	}
	mp, _ := a.Last()
	text, _ := json.Marshal(mp)
	fmt.Printf("%s\t%v\n", text, time.Since(began).Round(time.Millisecond))
	nc, err := ln.Accept()
	if err != nil {
		return err
	}
	said, err := io.ReadAll(nc)
	if err != nil {
		return err
	}
	fmt.Printf("%s says %s\n", nc.RemoteAddr(), said)
	in.Scan()
	if in.Text() == "release" {
		release()
	}
	if err = a.Close(ctx); err != nil {
		return err
	}
	fmt.Println("removed")
	return errors.Join(nc.Close(), ln.Close())
}

// A testNet are three namespaces.
type testNet struct {
	t                      *testing.T
	client, router, server string
}

// run runs a command and fails the test where it fails.
func (n testNet) run(name string, args ...string) string {
	n.t.Helper()
	out, err := exec.CommandContext(n.t.Context(), name, args...).CombinedOutput() //nolint:gosec // commands of the test
	if err != nil {
		n.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// newNet makes the namespaces, or skips the test where that cannot be done.
func newNet(t *testing.T) testNet {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: network namespaces need root")
	}
	for _, tool := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: there is no %s here", tool)
		}
	}
	tag := fmt.Sprintf("pm%d", os.Getpid())
	n := testNet{t, tag + "c", tag + "r", tag + "s"}
	for _, ns := range []string{n.client, n.router, n.server} {
		if out, err := exec.CommandContext(t.Context(), "ip", "netns", "add", ns).CombinedOutput(); err != nil { //nolint:gosec // a name of the test's own
			t.Skipf("SKIPPED: no network namespaces here: %s", out)
		}
		t.Cleanup(func() { _ = exec.CommandContext(context.WithoutCancel(t.Context()), "ip", "netns", "del", ns).Run() }) //nolint:gosec // as above
		if out, err := exec.CommandContext(t.Context(), "ip", "netns", "exec", ns, "true").CombinedOutput(); err != nil { //nolint:gosec // as above
			t.Skipf("SKIPPED: network namespaces cannot be entered here, as in a chroot: %s", out)
		}
		n.run("ip", "-n", ns, "link", "set", "lo", "up")
	}
	for _, link := range [][4]string{{n.client, clientAddr, n.router, routerIn}, {n.server, serverAddr, n.router, routerOut}} {
		here, there := "eth0", "lan"
		if link[0] == n.server {
			there = "wan"
		}
		n.run("ip", "link", "add", here, "netns", link[0], "type", "veth", "peer", "name", there, "netns", link[2])
		n.run("ip", "-n", link[0], "addr", "add", link[1]+"/24", "dev", here)
		n.run("ip", "-n", link[2], "addr", "add", link[3]+"/24", "dev", there)
		n.run("ip", "-n", link[0], "link", "set", here, "up")
		n.run("ip", "-n", link[2], "link", "set", there, "up")
	}
	n.run("ip", "-n", n.client, "route", "add", "default", "via", routerIn)
	for _, l := range [][3]string{
		{n.client, clientAddr6, "eth0"},
		{n.router, "2001:db8:77::1", "lan"},
		{n.router, routerIn6, "lan"},
		{n.server, serverAddr6, "eth0"},
		{n.router, "2001:db8:22::1", "wan"},
	} {
		n.run("ip", "-n", l[0], "addr", "add", l[1]+"/64", "dev", l[2], "nodad")
	}
	n.run("ip", "-n", n.client, "route", "add", "default", "via", routerIn6, "dev", "eth0")
	n.run("ip", "-n", n.server, "route", "add", "default", "via", "2001:db8:22::1")
	n.run("ip", "netns", "exec", n.router, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
	n.apply(n.router, routerRules)
	n.apply(n.client, clientRules)
	return n
}

const routerRules = `table inet filter {
	chain forward {
		type filter hook forward priority 0; policy drop;
		ct state established,related accept
		iifname "lan" oifname "wan" accept
		jump miniupnpd
	}
	chain miniupnpd {
	}
	chain prerouting {
		type nat hook prerouting priority -100; policy accept;
		jump prerouting_miniupnpd
	}
	chain postrouting {
		type nat hook postrouting priority 100; policy accept;
		jump postrouting_miniupnpd
		oifname "wan" masquerade
	}
	chain prerouting_miniupnpd {
	}
	chain postrouting_miniupnpd {
	}
}
`

// clientRules count what the client sends of its own accord.
const clientRules = `table inet watch {
	counter asked {
	}
	counter elsewhere {
	}
	chain output {
		type filter hook output priority 0; policy accept;
		oifname "lo" accept
		meta l4proto icmpv6 accept
		ip6 daddr fe80::1 counter name asked accept
		ip daddr { 10.77.0.1, 239.255.255.250 } counter name asked accept
		ct state new counter name elsewhere
	}
}
`

// counted returns whether packets were counted under name since the last reset.
func (n testNet) counted(name string) bool {
	n.t.Helper()
	out := n.run("ip", "netns", "exec", n.client, "nft", "reset", "counter", "inet", "watch", name)
	return !strings.Contains(out, "packets 0 ")
}

// apply loads rules into a namespace.
func (n testNet) apply(ns, text string) {
	n.t.Helper()
	rules := filepath.Join(n.t.TempDir(), "rules")
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		n.t.Fatal(err)
	}
	n.run("ip", "netns", "exec", ns, "nft", "-f", rules)
}

// serve runs miniupnpd in the router until the test ends.
func (n testNet) serve() {
	t := n.t
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../../.cache/servers/miniupnpd")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(root, "usr/sbin/miniupnpd")
	if _, err = os.Stat(program); err != nil {
		t.Skip("SKIPPED: scripts/servers.sh has not fetched miniupnpd")
	}
	conf := filepath.Join(dir, "conf")
	text := "ext_ifname=wan\nlistening_ip=lan\nport=0\nenable_natpmp=yes\nenable_upnp=yes\nsecure_mode=yes\n" +
		"uuid=00000000-0000-4000-8000-000000000001\nallow 1024-65535 10.77.0.0/24 1024-65535\n"
	if err = os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, "ip", "netns", "exec", n.router, program, "-d", "-f", conf, "-P", filepath.Join(dir, "pid")) //nolint:gosec // a program of the test
	libs, _ := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu*"))
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(libs, ":"))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready, done := make(chan struct{}), make(chan struct{})
	var log strings.Builder
	go func() {
		defer close(done)
		open := false
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			fmt.Fprintln(&log, lines.Text())
			if !open && strings.Contains(lines.Text(), "Listening for NAT-PMP") {
				open = true
				close(ready)
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("miniupnpd:\n%s", log.String())
		}
	})
	select {
	case <-ready:
	case <-done:
		t.Fatalf("miniupnpd ended: %s", log.String())
	case <-time.After(time.Minute):
		t.Fatal("miniupnpd does not listen")
	}
}

// A player is this program as the client.
type player struct {
	n   testNet
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func (n testNet) play(here, there, only string) *player {
	n.t.Helper()
	cmd := exec.CommandContext(n.t.Context(), "ip", "netns", "exec", n.client, os.Args[0]) //nolint:gosec // this program
	cmd.Env = append(os.Environ(), "PORTMAP_ROLE=client", "PORTMAP_LOCAL="+here, "PORTMAP_SERVER="+there, "PORTMAP_ONLY="+only)
	cmd.Stderr = os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		n.t.Fatal(err)
	}
	return &player{n, cmd, in, bufio.NewScanner(out)}
}

func (p *player) line() string {
	p.n.t.Helper()
	if !p.out.Scan() {
		p.n.t.Fatalf("the client ended: %v", p.cmd.Wait())
	}
	return p.out.Text()
}

func (p *player) say(text string) {
	p.n.t.Helper()
	if _, err := fmt.Fprintln(p.in, text); err != nil {
		p.n.t.Fatal(err)
	}
}

// knock connects from the server's side.
func (n testNet) knock(target string) error {
	cmd := exec.CommandContext(n.t.Context(), "ip", "netns", "exec", n.server, os.Args[0]) //nolint:gosec // this program
	cmd.Env = append(os.Environ(), "PORTMAP_ROLE=server", "PORTMAP_TARGET="+target)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// TestRealRouter maps ports of a router that runs miniupnpd, in network namespaces.
func TestRealRouter(t *testing.T) {
	whole := newNet(t)
	whole.serve()
	for _, c := range []struct{ here, outside, there, only, end string }{
		{clientAddr, routerOut, serverAddr, PCP, "release"},
		{clientAddr, routerOut, serverAddr, NATPMP, "release"},
		{clientAddr, routerOut, serverAddr, UPnP, "release"},
		{clientAddr, routerOut, serverAddr, "", "close"},
		{clientAddr6, clientAddr6, serverAddr6, "", "release"}, // a pinhole in the firewall
	} {
		t.Run(strings.Join([]string{c.here, c.only, c.end}, " "), func(t *testing.T) {
			n := whole
			n.t = t
			n.counted("asked")
			p := n.play(c.here, c.there, c.only)
			local := netip.MustParseAddrPort(p.line())
			if err := n.knock(netip.AddrPortFrom(netip.MustParseAddr(c.outside), local.Port()).String()); err == nil {
				t.Fatal("the server reaches the client without a mapping")
			}
			if n.counted("asked") || n.counted("elsewhere") {
				t.Error("something was sent before there was a listener to map")
			}
			p.say("map")
			text, took, _ := strings.Cut(p.line(), "\t")
			var mp Mapping
			if err := json.Unmarshal([]byte(text), &mp); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			t.Logf("%s: %s leads to %s, for %s, made in %s", mp.How, mp.External, mp.Local, mp.Lifetime, took)
			if c.only != "" && mp.How != c.only || mp.Local != local || mp.External.Addr().String() != c.outside {
				t.Errorf("mapping %+v of %s", mp, local)
			}
			if !n.counted("asked") || n.counted("elsewhere") {
				t.Error("something was sent elsewhere than to the router")
			}
			rule := fmt.Sprintf("%d", local.Port())
			table := n.run("ip", "netns", "exec", n.router, "nft", "-n", "list", "ruleset")
			if !strings.Contains(table, rule) {
				t.Errorf("no rule for %s in\n%s", rule, table)
			}
			if err := n.knock(mp.External.String()); err != nil {
				t.Fatalf("the server does not reach the client: %v\n%s", err, table)
			}
			if got := p.line(); !strings.Contains(got, c.there) || !strings.HasSuffix(got, " says hello") {
				t.Errorf("the client saw %q", got)
			}
			p.say(c.end)
			if got := p.line(); got != "removed" {
				t.Errorf("the client says %q", got)
			}
			if err := p.cmd.Wait(); err != nil {
				t.Error(err)
			}
			if n.counted("elsewhere") {
				t.Error("the removal was sent elsewhere than to the router")
			}
			table = n.run("ip", "netns", "exec", n.router, "nft", "-n", "list", "ruleset")
			if strings.Contains(table, rule) {
				t.Errorf("rules are left:\n%s", table)
			}
			if err := n.knock(mp.External.String()); err == nil {
				t.Error("the server still reaches the client")
			}
		})
	}
}

// TestRouterWithout is a router that drops what it is asked.
func TestRouterWithout(t *testing.T) {
	n := newNet(t)
	const silence = "table inet quiet {\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n\t}\n}\n"
	for _, quiet := range []bool{false, true} {
		if quiet {
			n.apply(n.router, silence)
		}
		p := n.play(clientAddr, serverAddr, "")
		_ = p.line()
		p.say("map")
		got := p.line()
		t.Logf("silent %v: %s", quiet, got)
		if !strings.Contains(got, ErrNone.Error()) || !strings.Contains(got, routerIn) || strings.Contains(got, errClosedPort.Error()) == quiet {
			t.Errorf("the client says %q", got)
		}
		if err := p.cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}
