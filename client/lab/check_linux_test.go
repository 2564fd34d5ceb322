package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// What plain sockets find a method to be.
const (
	open     = "open"     // data came
	dropped  = "dropped"  // no answer
	refused  = "refused"  // RST, or 425 at once
	rejected = "rejected" // the command was refused
	silent   = "silent"   // the command was not answered
	ghostly  = "ghost"    // connected, and no data
)

// checkWait is how long plain sockets wait before they call it no answer: many
// round trips of the wire.
const checkWait = 1500 * time.Millisecond

// methods are the four ways to a data connection.
func methods() []string { return []string{"EPSV", "PASV", "EPRT", "PORT"} }

// runCheck is the role that finds out with plain sockets, and nothing of
// Portside's, which methods work between client and server. It prints a JSON
// object, method to finding.
func runCheck(ctx context.Context, sc *scene) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	found := make(map[string]string)
	var mu sync.Mutex // guards found and failed
	var failed error
	var wg sync.WaitGroup
	for _, m := range methods() {
		one := func() {
			result, err := checkMethod(ctx, sc, m)
			mu.Lock()
			defer mu.Unlock()
			found[m] = result
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s: %w", m, err))
			}
		}
		if sc.single {
			one()
		} else {
			wg.Go(one)
		}
	}
	wg.Wait()
	if failed != nil {
		return failed
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

// checkMethod tries a method on a control connection of its own. An active one
// is tried with the client's own address and, where the server sees another,
// with that: "rejected/dropped".
func checkMethod(ctx context.Context, sc *scene, method string) (string, error) {
	p, err := newPlain(ctx, sc)
	if err != nil {
		return "", err
	}
	defer p.close()
	if method == "EPSV" || method == "PASV" {
		return p.passive(ctx, method)
	}
	own := p.local()
	first, err := p.active(ctx, method, own)
	if err != nil {
		return "", err
	}
	p.close()
	if p, err = newPlain(ctx, sc); err != nil {
		return "", err
	}
	defer p.close()
	seen, err := p.seenAs()
	if err != nil || seen == own {
		return first, err
	}
	second, err := p.active(ctx, method, seen)
	return first + "/" + second, err
}

// A plain is a control connection without any cleverness.
type plain struct {
	conn net.Conn
	r    *bufio.Reader
	tls  bool
}

// newPlain logs in. A server that lets in one connection at a time may not yet
// have seen the end of the last one.
func newPlain(ctx context.Context, sc *scene) (*plain, error) {
	for try := 1; ; try++ {
		p, err := loginPlain(ctx, sc)
		if err == nil || !sc.single || try == 20 {
			return p, err
		}
	}
}

func loginPlain(ctx context.Context, sc *scene) (*plain, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(serverName, "21"))
	if err != nil {
		return nil, err
	}
	p := &plain{conn: conn, r: bufio.NewReader(conn), tls: sc.tls}
	err = p.want("", "220")
	if err == nil && sc.tls {
		err = p.want("AUTH TLS", "234")
		tc := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // it looks at the path, not at the server
		if err == nil {
			err = tc.HandshakeContext(ctx)
		}
		p.conn, p.r = tc, bufio.NewReader(tc)
	}
	steps := [][2]string{{"USER " + user, "331"}, {"PASS " + password, "230"}}
	if sc.tls {
		steps = append(steps, [2]string{"PBSZ 0", "200"}, [2]string{"PROT P", "200"})
	}
	for _, s := range steps {
		if err == nil {
			err = p.want(s[0], s[1])
		}
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return p, nil
}

func (p *plain) close() {
	_, _ = p.ask("QUIT", 300*time.Millisecond) // a server that is busy is left without a word
	_ = p.conn.Close()
}

// want sends a command, and fails unless the reply begins with code.
func (p *plain) want(command, code string) error {
	reply, err := p.ask(command, 5*time.Second)
	if err == nil && !strings.HasPrefix(reply, code) {
		err = fmt.Errorf("%s: %s", command, reply)
	}
	return err
}

// ask sends a command, if it is one, and returns the lines of the reply.
func (p *plain) ask(command string, wait time.Duration) (string, error) {
	if command != "" {
		if _, err := fmt.Fprintf(p.conn, "%s\r\n", command); err != nil {
			return "", err
		}
	}
	if err := p.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return "", err
	}
	var all strings.Builder
	for {
		line, err := p.r.ReadString('\n')
		if err != nil {
			return all.String(), err
		}
		all.WriteString(line)
		if len(line) > 3 && line[3] == ' ' && strings.Trim(line[:3], "0123456789") == "" {
			return all.String(), nil
		}
	}
}

func (p *plain) local() netip.Addr {
	return p.conn.LocalAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
}

// seenAs returns the client's address as the server's STAT tells it.
func (p *plain) seenAs() (netip.Addr, error) {
	reply, err := p.ask("STAT", 5*time.Second)
	if err != nil {
		return netip.Addr{}, err
	}
	for word := range strings.FieldsSeq(strings.ReplaceAll(reply, "::ffff:", "")) {
		if a, err := netip.ParseAddr(strings.Trim(word, "()[],;")); err == nil {
			return a, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("STAT names no address: %s", reply)
}

func (p *plain) passive(ctx context.Context, method string) (string, error) {
	reply, err := p.ask(method, checkWait)
	if isTimeout(err) {
		return silent, nil
	}
	if err != nil {
		return "", err
	}
	var port uint16
	switch {
	case strings.HasPrefix(reply, "227 "):
		port = portOf227(reply)
	case strings.HasPrefix(reply, "229 "):
		n, _ := strconv.ParseUint(strings.Split(reply+"||||", "|")[3], 10, 16)
		port = uint16(n)
	case reply[0] >= '4':
		return rejected, nil
	}
	if port == 0 {
		return "", fmt.Errorf("no port in %q", reply)
	}
	d := net.Dialer{Timeout: checkWait}
	host := p.conn.RemoteAddr().(*net.TCPAddr).IP.String()
	data, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return refused, nil
	case isTimeout(err):
		return dropped, nil
	case err != nil:
		return "", err
	}
	defer func() { _ = data.Close() }()
	return p.list(data)
}

// list asks for a listing, for which there is a data connection.
func (p *plain) list(data net.Conn) (string, error) {
	reply, err := p.ask("LIST", checkWait)
	if err != nil && !isTimeout(err) {
		return "", err
	}
	if err != nil || reply[0] != '1' {
		return ghostly, nil
	}
	if p.tls {
		return open, nil // without the handshake nothing comes
	}
	if err := data.SetReadDeadline(time.Now().Add(checkWait)); err != nil {
		return "", err
	}
	if _, err := data.Read(make([]byte, 1)); err != nil {
		return ghostly, nil
	}
	return open, nil
}

func (p *plain) active(ctx context.Context, method string, announce netip.Addr) (string, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", netip.AddrPortFrom(p.local(), 0).String())
	if err != nil {
		return "", err
	}
	defer func() { _ = ln.Close() }()
	port := ln.Addr().(*net.TCPAddr).Port
	command := fmt.Sprintf("PORT %s,%d,%d", strings.ReplaceAll(announce.String(), ".", ","), port>>8, port&0xff)
	if method == "EPRT" {
		family := 1
		if announce.Is6() {
			family = 2
		}
		command = fmt.Sprintf("EPRT |%d|%s|%d|", family, announce, port)
	} else if announce.Is6() {
		return rejected, nil // it has no room for it
	}
	reply, err := p.ask(command, checkWait)
	if isTimeout(err) {
		return silent, nil
	}
	if err != nil {
		return "", err
	}
	if reply[0] >= '4' {
		return rejected, nil
	}
	if _, err = fmt.Fprint(p.conn, "LIST\r\n"); err != nil {
		return "", err
	}
	if err = ln.(*net.TCPListener).SetDeadline(time.Now().Add(checkWait)); err != nil {
		return "", err
	}
	data, err := ln.Accept()
	if err != nil {
		return p.notReached()
	}
	return open, data.Close()
}

// notReached tells a server that met a refusal from one that still waits.
func (p *plain) notReached() (string, error) {
	for {
		reply, err := p.ask("", 50*time.Millisecond)
		switch {
		case isTimeout(err):
			return dropped, nil
		case err != nil:
			return "", err
		case strings.HasPrefix(reply, "425"):
			return refused, nil
		}
	}
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
