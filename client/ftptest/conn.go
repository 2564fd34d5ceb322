package ftptest

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxLine bounds a command line.
const maxLine = 64 << 10

// A Conn is a control connection, as a handler sees it. Its methods are for
// handlers, which run on the connection's goroutine.
type Conn struct {
	srv     *Server
	id      int
	info    *ConnInfo // guarded by srv.mu
	crowded bool
	ctx     context.Context // ends with the connection
	cancel  context.CancelFunc
	raw     net.Conn
	lines   chan request
	resume  chan struct{} // lets the reader go on after AUTH
	br      *bufio.Reader // the reader's; changed by AUTH while the reader waits

	wmu sync.Mutex // guards nc and what is written to it
	nc  net.Conn

	tmu      sync.Mutex // guards stop
	stop     context.CancelFunc
	session  session
	tlsConf  *tls.Config
	ended    bool
	executed int
}

// request is one received command line.
type request struct {
	at        time.Time
	text      string
	verb, arg string
}

// session is what the commands of a connection set.
type session struct {
	user     string
	loggedIn bool
	passed   bool // PASS was right, ACCT is missing
	cwd      string
	ascii    bool
	prot     bool
	offset   int64
	rename   string
	hash     string
	facts    map[string]bool
	epsvAll  bool
	method   string
	passive  *net.TCPListener
	ghost    *ghost
	active   netip.AddrPort
}

func newConnection(ctx context.Context, s *Server, id int, nc net.Conn) *Conn {
	c := &Conn{
		srv: s, id: id, raw: nc, nc: nc,
		lines:  make(chan request, 64),
		resume: make(chan struct{}, 1),
		br:     bufio.NewReaderSize(nc, maxLine),
	}
	c.ctx, c.cancel = context.WithCancel(ctx)
	c.session = session{cwd: "/", ascii: true, hash: "SHA-256"}
	return c
}

// serve runs the connection to its end.
func (c *Conn) serve() {
	defer c.srv.forget(c)
	defer c.close()
	set := c.srv.settings()
	if set.implicit && !c.startTLS(set) {
		return
	}
	var reader sync.WaitGroup
	reader.Go(c.read)
	defer reader.Wait()
	defer c.close() // wakes the reader
	if c.crowded {
		c.Send("421 Too many connections, sorry.")
		return
	}
	c.Sleep(set.rtt)
	if !c.scripted(greetingVerb, "") {
		c.Send("220 FTP test server ready.")
	}
	if c.ended {
		return
	}
	for {
		l, ok := c.nextLine()
		if !ok {
			return
		}
		if rtt := c.srv.settings().rtt; rtt > 0 {
			c.Sleep(time.Until(l.at.Add(rtt)))
		}
		c.execute(l)
		if l.verb == "AUTH" {
			c.resume <- struct{}{}
		}
		if c.ended {
			return
		}
	}
}

// read is the reader goroutine: it takes lines off the connection, and sees
// its end and an ABOR while a transfer runs.
func (c *Conn) read() {
	defer close(c.lines)
	defer c.cancel()
	for {
		b, err := c.br.ReadSlice('\n')
		if err != nil {
			return
		}
		l := parseLine(b, time.Now())
		c.srv.record(c, l)
		c.log("<", l.text)
		if c.busy() {
			switch l.verb {
			case "ABOR":
				c.abort()
			case "STAT":
				if l.arg == "" {
					c.Send("211 Transfer in progress.")
					continue
				}
			}
		}
		select {
		case c.lines <- l:
		case <-c.ctx.Done():
			return
		}
		if l.verb == "AUTH" {
			select {
			case <-c.resume:
			case <-c.ctx.Done():
				return
			}
		}
	}
}

// parseLine splits a command line, without the Telnet IP and Synch that may
// come before ABOR (RFC 959, 4.1.3).
func parseLine(b []byte, at time.Time) request {
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	for len(text) >= 2 && text[0] == 0xff && text[1] >= 0xf0 && text[1] < 0xff {
		text = text[2:]
	}
	for text != "" && (text[0] == 0xff || text[0] == 0xf2) {
		text = text[1:] // what is left of them where urgent data was taken out
	}
	verb, arg, _ := strings.Cut(text, " ")
	return request{at: at, text: text, verb: strings.ToUpper(verb), arg: arg}
}

func (s *Server) record(c *Conn, l request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, l.text)
	s.verbs = append(s.verbs, l.verb)
	c.info.Verbs = append(c.info.Verbs, l.verb)
	s.notify()
}

// execute does what the script says about a command, or else what the
// command says.
func (c *Conn) execute(l request) {
	c.executed++
	s := c.srv
	s.mu.Lock()
	cut := s.cfg.cutControl
	delay, ok := lookup(s.cfg.delays, l.verb, l.arg)
	if !ok {
		delay = s.cfg.delays["*"]
	}
	handlers, _ := lookup(s.cfg.handlers, l.verb, l.arg)
	unknown, _ := lookup(s.cfg.without, l.verb, l.arg)
	s.mu.Unlock()
	if cut > 0 && c.executed >= cut {
		c.Reset()
		return
	}
	c.Sleep(delay)
	for _, fn := range handlers {
		if fn(c, l.arg) {
			return
		}
	}
	if c.scripted(l.verb, l.arg) {
		return
	}
	cmd, known := s.table[l.verb]
	switch {
	case !known || unknown:
		c.Reply(500, "Unknown command.")
	case !cmd.open && !c.session.loggedIn:
		c.Reply(530, "Please log in with USER and PASS.")
	case cmd.arg && l.arg == "":
		c.Reply(501, "An argument is needed.")
	case cmd.change && s.settings().readOnly:
		c.Reply(550, "Permission denied.")
	default:
		cmd.run(c, l.arg)
	}
}

// scripted sends the scripted reply to verb, if there is one.
func (c *Conn) scripted(verb, arg string) bool {
	c.srv.mu.Lock()
	sc, ok := lookup(c.srv.cfg.replies, verb, arg)
	text := Default
	if ok {
		text = sc.take()
	}
	c.srv.mu.Unlock()
	if text == Default {
		return false
	}
	c.special(text)
	return true
}

// special sends a scripted reply.
func (c *Conn) special(text string) {
	switch {
	case text == Silence:
	case text == CloseConn:
		c.Close()
	case text == ResetConn:
		c.Reset()
	case strings.HasPrefix(text, rawPrefix):
		c.write(text[len(rawPrefix):])
	case strings.HasPrefix(text, closePrefix):
		c.Send(text[len(closePrefix):])
		c.Close()
	default:
		c.Send(text)
	}
}

// Reply sends one reply. Further lines of text make it a multi-line reply
// (RFC 959, 4.2).
func (c *Conn) Reply(code int, text string) {
	lines := strings.Split(text, "\n")
	num := strconv.Itoa(code)
	if len(lines) == 1 {
		c.Send(num + " " + text)
		return
	}
	last := len(lines) - 1
	c.Send(num + "-" + strings.Join(lines[:last], "\n") + "\n" + num + " " + lines[last])
}

// Send sends text as it stands, but for its line ends, which become CR LF, and
// one at its end.
func (c *Conn) Send(text string) {
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for line := range strings.SplitSeq(text, "\n") {
		c.log(">", line)
	}
	c.write(strings.ReplaceAll(text, "\n", "\r\n") + "\r\n")
}

func (c *Conn) write(text string) {
	set := c.srv.settings()
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if set.dribbleSize <= 0 {
		// The client may be gone: the reader sees that.
		_, _ = c.nc.Write([]byte(text))
		return
	}
	for len(text) > 0 {
		n := min(set.dribbleSize, len(text))
		if _, err := c.nc.Write([]byte(text[:n])); err != nil {
			return
		}
		text = text[n:]
		c.Sleep(set.dribble)
	}
}

func (c *Conn) log(dir, line string) {
	if fn := c.srv.settings().log; fn != nil {
		fn(c.id, dir, line)
	}
}

// Sleep waits for d, or for the end of the connection.
func (c *Conn) Sleep(d time.Duration) { sleep(c.ctx, d) }

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// Context ends when the connection does.
func (c *Conn) Context() context.Context { return c.ctx }

// ID is the connection's number, from 1 in the order of arrival.
func (c *Conn) ID() int { return c.id }

// User is who logged in; empty before.
func (c *Conn) User() string {
	if !c.session.loggedIn {
		return ""
	}
	return c.session.user
}

// Secure reports whether the connection is protected by TLS.
func (c *Conn) Secure() bool { return c.tlsConf != nil }

// TLSVersion returns the version of TLS on the control connection, 0 where it is
// plain.
func (c *Conn) TLSVersion() uint16 {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if tc, ok := c.nc.(*tls.Conn); ok {
		return tc.ConnectionState().Version
	}
	return 0
}

// Close ends the connection after the command that is being handled.
func (c *Conn) Close() { c.ended = true }

// Reset resets the connection at once, with its transfer.
func (c *Conn) Reset() {
	// In this order, so that no reply slips through in between.
	lingerNot(c.raw)
	_ = c.raw.Close()
	c.cancel()
}

// lingerNot makes closing conn a reset.
func lingerNot(conn net.Conn) {
	if tc, ok := conn.(*net.TCPConn); ok {
		_ = tc.SetLinger(0)
	}
}

// close ends the connection in an orderly way.
func (c *Conn) close() {
	c.cancel()
	c.dropPassive()
	// Not under wmu: a write that hangs must not hold this up.
	if c.tlsConf != nil {
		_ = c.nc.Close()
	}
	_ = c.raw.Close()
}

// busy reports whether a transfer runs.
func (c *Conn) busy() bool {
	c.tmu.Lock()
	defer c.tmu.Unlock()
	return c.stop != nil
}

// abort ends the running transfer.
func (c *Conn) abort() {
	c.tmu.Lock()
	defer c.tmu.Unlock()
	if c.stop != nil {
		c.stop()
	}
}

func (c *Conn) setStop(stop context.CancelFunc) {
	c.tmu.Lock()
	defer c.tmu.Unlock()
	c.stop = stop
}

// remoteAddr and localAddr are the ends of the control connection.
func (c *Conn) remoteAddr() netip.Addr { return addrOf(c.raw.RemoteAddr()) }
func (c *Conn) localAddr() netip.Addr  { return addrOf(c.raw.LocalAddr()) }

func addrOf(a net.Addr) netip.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
