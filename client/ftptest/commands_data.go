package ftptest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// cmdPASV obeys PASV (RFC 959, 4.1.2).
func (c *Conn) cmdPASV(string) {
	if c.refusedByEPSV() {
		return
	}
	ip := c.localAddr()
	if !ip.Is4() {
		c.Reply(425, "PASV is not possible over IPv6: use EPSV.")
		return
	}
	p := c.srv.plan("PASV", onPassive)
	port, err := c.listen("PASV", p)
	if err != nil {
		c.Reply(425, "Can't open passive connection: "+err.Error())
		return
	}
	host := ip.String()
	if p.address != "" {
		host = p.address
	}
	c.passiveReply("PASV", "227 Entering Passive Mode ({h},{p}).", host, port)
}

// cmdEPSV obeys EPSV (RFC 2428, 3).
func (c *Conn) cmdEPSV(arg string) {
	family := "1"
	if !c.localAddr().Is4() {
		family = "2"
	}
	switch {
	case strings.EqualFold(arg, "ALL"):
		c.session.epsvAll = true
		c.Reply(200, "EPSV ALL accepted.")
		return
	case arg != "" && arg != family:
		c.Reply(522, "Network protocol not supported, use ("+family+")")
		return
	}
	p := c.srv.plan("EPSV", onPassive)
	port, err := c.listen("EPSV", p)
	if err != nil {
		c.Reply(425, "Can't open passive connection: "+err.Error())
		return
	}
	c.passiveReply("EPSV", "229 Entering Extended Passive Mode (|||{port}|)", "", port)
}

func (c *Conn) passiveReply(verb, format, host string, port int) {
	c.srv.mu.Lock()
	if f, ok := c.srv.cfg.formats[verb]; ok {
		format = f
	}
	c.srv.mu.Unlock()
	c.Send(strings.NewReplacer(
		"{h}", strings.ReplaceAll(host, ".", ","),
		"{p}", fmt.Sprintf("%d,%d", port>>8, port&0xff),
		"{port}", strconv.Itoa(port),
	).Replace(format))
}

// listen opens the passive port, or what the plan wants in its place.
func (c *Conn) listen(method string, p plan) (int, error) {
	c.dropPassive()
	c.session.method = method
	ip := c.localAddr()
	if p.blackHole {
		return c.srv.holePort(c.ctx, ip)
	}
	if p.refuse {
		return c.srv.refusedPort(c.ctx, ip)
	}
	ln, err := c.listenPassive(method, ip)
	if err != nil {
		return 0, err
	}
	tl, ok := ln.(*net.TCPListener)
	if !ok {
		return 0, errors.Join(errors.New("not a TCP listener"), ln.Close())
	}
	port := portOf(tl.Addr())
	set := c.srv.settings()
	drop, refuse := set.dropPorts, set.refusePorts
	switch {
	case p.ghost:
		c.session.ghost = newGhost(tl)
	case drop != nil && drop(method, uint16(port)):
		return port, c.srv.deadPort(c.ctx, tl)
	case refuse != nil && refuse(method, uint16(port)):
		return port, tl.Close()
	default:
		c.session.passive = tl
	}
	return port, nil
}

// dropPassive closes the passive port, if one is open, whoever listens on it.
func (c *Conn) dropPassive() {
	c.session.ghost.close()
	c.session.ghost = nil
	c.dropListener()
}

// dropListener closes the passive port if the server itself listens on it.
func (c *Conn) dropListener() {
	if c.session.passive != nil {
		_ = c.session.passive.Close()
		c.session.passive = nil
	}
}

func (c *Conn) refusedByEPSV() bool {
	if c.session.epsvAll {
		c.Reply(501, "Refused after EPSV ALL.")
	}
	return c.session.epsvAll
}

// cmdPORT obeys PORT (RFC 959, 4.1.2).
func (c *Conn) cmdPORT(arg string) {
	var b [6]byte
	parts := strings.Split(arg, ",")
	if len(parts) != len(b) {
		c.Reply(501, "PORT h1,h2,h3,h4,p1,p2")
		return
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			c.Reply(501, "PORT h1,h2,h3,h4,p1,p2")
			return
		}
		b[i] = byte(n)
	}
	ip := netip.AddrFrom4([4]byte(b[:4]))
	c.port("PORT", netip.AddrPortFrom(ip, uint16(b[4])<<8|uint16(b[5])))
}

// cmdEPRT obeys EPRT (RFC 2428, 2).
func (c *Conn) cmdEPRT(arg string) {
	parts := strings.Split(arg, arg[:1])
	if len(parts) != 5 {
		c.Reply(501, "EPRT |family|address|port|")
		return
	}
	ip, err := netip.ParseAddr(parts[2])
	port, perr := strconv.ParseUint(parts[3], 10, 16)
	if err != nil || perr != nil {
		c.Reply(501, "EPRT |family|address|port|")
		return
	}
	if (parts[1] == "1") != ip.Is4() || (parts[1] != "1" && parts[1] != "2") {
		c.Reply(522, "Network protocol not supported, use (1,2)")
		return
	}
	c.port("EPRT", netip.AddrPortFrom(ip, uint16(port)))
}

func (c *Conn) port(method string, to netip.AddrPort) {
	if c.refusedByEPSV() {
		return
	}
	if !c.srv.settings().foreignData && (to.Addr() != c.remoteAddr() || to.Port() < 1024) {
		// RFC 2577, 3: the bounce attack.
		c.Reply(500, "Illegal "+method+" command.")
		return
	}
	c.dropPassive()
	c.session.method, c.session.active = method, to
	c.Reply(200, method+" command successful.")
}

// openData opens the data connection. The function it returns closes the
// strangers' connections, and is never nil.
func (c *Conn) openData(ctx context.Context, p plan, method string) (net.Conn, func(), error) {
	set := c.srv.settings()
	ctx, cancel := context.WithTimeout(ctx, set.dataTimeout)
	defer cancel()
	if method == "PASV" || method == "EPSV" {
		conn, err := c.acceptData(ctx, set)
		return conn, func() {}, err
	}
	closeStranger := func() {}
	if p.stranger != "" {
		conn, err := c.dialData(ctx, p.stranger, false)
		if err != nil {
			return nil, closeStranger, fmt.Errorf("stranger: %w", err)
		}
		closeStranger = func() { _ = conn.Close() }
		_, _ = conn.Write([]byte("stranger\r\n")) // it may be turned away already
	}
	conn, err := c.dialData(ctx, c.localAddr().String(), p.port20)
	return conn, closeStranger, err
}

func (c *Conn) dialData(ctx context.Context, from string, port20 bool) (net.Conn, error) {
	ip, err := netip.ParseAddr(from)
	if err != nil {
		return nil, err
	}
	var port uint16
	d := net.Dialer{}
	if port20 {
		port = 20
		d.Control = reuseAddr
	}
	d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, port))
	return d.DialContext(ctx, "tcp", c.session.active.String())
}

// acceptData waits for the client on the passive port.
func (c *Conn) acceptData(ctx context.Context, set settings) (net.Conn, error) {
	ln := c.session.passive
	if ln == nil {
		// The port is one that never answers; nobody will come.
		<-ctx.Done()
		return nil, errors.New("timed out")
	}
	defer c.dropPassive()
	defer context.AfterFunc(ctx, func() { _ = ln.SetDeadline(time.Unix(1, 0)) })()
	for {
		conn, err := ln.Accept()
		if err != nil {
			return nil, err
		}
		if set.foreignData || addrOf(conn.RemoteAddr()) == c.remoteAddr() {
			return conn, nil
		}
		_ = conn.Close()
	}
}
