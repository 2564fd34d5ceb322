package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Ports of the helpers that stand on the path.
const (
	inspectPort = "2121" // on near: port 21 of the server is redirected there
	ghostPort   = "2122" // on the client: every other port is redirected there
)

// What a firewall that reads the control connection does besides relaying.
const (
	masksBanner  = "masks the banner"
	opensPASV    = "opens the ports of PASV" // and of nothing else
	swallowsEPSV = "swallows EPSV"           // as if it had never been sent
	garblesEPSV  = "blots out what is newer" // than RFC 959
)

// blot is what firewalls make of a command that they do not know.
var blot = strings.Repeat("X", 4)

// inspectRules lead the control connection through the proxy on near.
const inspectRules = `
table ip inspect {
	chain prerouting {
		type nat hook prerouting priority -100
		iifname "n0" tcp dport 21 redirect to :2121
	}
}
`

// pinholeRules let out what the proxy has opened, each once, and nothing else.
const pinholeRules = `
table ip pinholes {
	set open {
		type inet_service
	}
	chain forward {
		type filter hook forward priority 0
		iifname "n0" ct state new tcp dport @open delete @open { tcp dport } accept
		iifname "n0" ct state new drop
		iifname "wire" ct state new drop
	}
	chain input {
		type filter hook input priority 0
		iifname "wire" ct state new drop
	}
}
`

// runInspect is the role of the proxy on near.
func runInspect(ctx context.Context, sc *scene) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort("", inspectPort))
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = ln.Close() })
	ready()
	for {
		conn, err := ln.Accept()
		if err != nil {
			return nil
		}
		go inspect(ctx, conn, sc.inspect)
	}
}

// inspect relays one control connection, line by line.
func inspect(ctx context.Context, down net.Conn, does string) {
	defer func() { _ = down.Close() }()
	var d net.Dialer
	up, err := d.DialContext(ctx, "tcp", net.JoinHostPort(serverPublic, "21"))
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	done := make(chan struct{}, 2)
	go func() {
		relayLines(up, down, func(line string) string { return commandThrough(does, line) })
		done <- struct{}{}
	}()
	go func() {
		first := true
		relayLines(down, up, func(line string) string {
			line = replyThrough(ctx, does, line, first)
			first = false
			return line
		})
		done <- struct{}{}
	}()
	<-done
}

// relayLines copies lines, each as change returns it; "" is left out.
func relayLines(to io.Writer, from io.Reader, change func(string) string) {
	r := bufio.NewReader(from)
	for {
		line, err := r.ReadString('\n')
		if line = change(line); line != "" {
			if _, werr := io.WriteString(to, line); werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func commandThrough(does, line string) string {
	verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
	newer := verb == "EPSV" || verb == "EPRT"
	switch {
	case does == swallowsEPSV && verb == "EPSV":
		return ""
	case does == garblesEPSV && newer:
		return blot + line[4:]
	case does != garblesEPSV && verb == "AUTH":
		return blot + line[4:] // it would be blind
	}
	return line
}

func replyThrough(ctx context.Context, does, line string, first bool) string {
	if does == masksBanner && first {
		return line[:4] + strings.Repeat("*", len(strings.TrimRight(line[4:], "\r\n"))) + "\r\n"
	}
	if does == opensPASV && strings.HasPrefix(line, "227 ") {
		if port := portOf227(line); port != 0 {
			rule := fmt.Sprintf("add element ip pinholes open { %d }", port)
			_ = exec.CommandContext(ctx, "nft", rule).Run() // what stays closed shows in the scene
		}
	}
	return line
}

// portOf227 returns the port in a 227, 0 where there is none.
func portOf227(line string) uint16 {
	_, inside, _ := strings.Cut(line, "(")
	inside, _, _ = strings.Cut(inside, ")")
	return portArg(inside).Port()
}

// ghostRules lead all connections of the client but those to port 21 to the
// proxy that is with it, as the local shields of antivirus programs do. The
// proxy's own are marked.
const ghostRules = `
table ip ghost {
	chain output {
		type nat hook output priority -100
		meta mark 0x77 accept
		oifname "c0" ip daddr 203.0.113.10 tcp dport != 21 redirect to :2122
	}
}
`

const ghostMark = 0x77

// runGhost is the role of the proxy on the client: it takes every connection
// in first, and looks for the server behind it afterwards.
func runGhost(ctx context.Context, _ *scene) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("", ghostPort))
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = ln.Close() })
	ready()
	for {
		conn, err := ln.Accept()
		if err != nil {
			return nil
		}
		go haunt(ctx, conn)
	}
}

func haunt(ctx context.Context, down net.Conn) {
	defer func() { _ = down.Close() }()
	to, err := originalOf(down)
	if err != nil {
		return
	}
	d := net.Dialer{Timeout: 20 * time.Second, Control: mark}
	up, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{up, down}, {down, up}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			if half, ok := way[0].(*net.TCPConn); ok {
				_ = half.CloseWrite()
			}
			done <- struct{}{}
		}()
	}
	<-done
	<-done
}

// mark lets a connection of the proxy's own pass its rules.
func mark(_, _ string, rc syscall.RawConn) error {
	var serr error
	err := rc.Control(func(fd uintptr) { serr = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, ghostMark) })
	return errors.Join(err, serr)
}

// originalOf returns where a redirected connection wanted to go.
func originalOf(conn net.Conn) (netip.AddrPort, error) {
	tc, ok := conn.(*net.TCPConn)
	if !ok {
		return netip.AddrPort{}, errors.New("not a TCP connection")
	}
	rc, err := tc.SyscallConn()
	if err != nil {
		return netip.AddrPort{}, err
	}
	var raw *unix.IPv6Mreq // has the room of a sockaddr_in, which is what is returned
	var serr error
	err = rc.Control(func(fd uintptr) { raw, serr = unix.GetsockoptIPv6Mreq(int(fd), unix.SOL_IP, unix.SO_ORIGINAL_DST) })
	if err = errors.Join(err, serr); err != nil {
		return netip.AddrPort{}, err
	}
	b := raw.Multiaddr
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), uint16(b[2])<<8|uint16(b[3])), nil
}
