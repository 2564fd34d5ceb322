package ftptest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// dataChunk is how much moves at a time.
const dataChunk = 128 << 10

var (
	errCut      = errors.New("data connection was cut")
	errTruncate = errors.New("data connection was closed early")
	errDrop     = errors.New("all connections were cut")
	errReuse    = errors.New("TLS session reuse is required")
	errNotify   = errors.New("upload ended without close_notify")
)

// dataConn is a data connection with its faults.
type dataConn struct {
	srv    *Server
	ctx    context.Context // ends with the transfer
	plan   plan
	raw    net.Conn
	nc     net.Conn // raw, or TLS over it
	eof    *eofConn // between nc and raw, with TLS
	rec    *Transfer
	each   *limiter
	total  *limiter
	count  int64
	opened bool // a byte was let through, or tried
}

// transfer runs a transfer that REST does not concern.
func (c *Conn) transfer(verb, arg string, move func(*dataConn) error) {
	c.transferAt(verb, arg, 0, move)
}

// transferAt opens the data connection, calls move on it, and replies.
func (c *Conn) transferAt(verb, arg string, off int64, move func(*dataConn) error) {
	set := c.srv.settings()
	method := c.session.method
	kinds := []faultKind{onData}
	switch {
	case method == "":
		c.Reply(425, "Use EPSV, PASV, EPRT or PORT first.")
		return
	case set.requireTLS && !c.session.prot:
		c.dropPassive()
		c.Reply(522, "Data connections must be protected: send PROT P.")
		return
	case method == "PORT" || method == "EPRT":
		kinds = append(kinds, onActive)
	}
	ctx, stop := context.WithCancel(c.ctx)
	c.setStop(stop)
	defer stop()
	defer c.setStop(nil)
	rec := &Transfer{Conn: c.id, Verb: verb, Arg: arg, Offset: off, Method: method, Clean: true}
	c.srv.mu.Lock()
	p := c.srv.cfg.plan(verb, kinds...)
	c.srv.transfers = append(c.srv.transfers, rec)
	c.srv.mu.Unlock()

	err := c.connectAndMove(ctx, p, rec, move)
	c.session.method = ""
	c.dropListener()
	if errors.Is(err, errDrop) {
		c.Reset()
		return
	}
	c.Sleep(p.lateFinal)
	c.finish(p, rec, finalReply(ctx, err))
}

func finalReply(ctx context.Context, err error) string {
	var open *openError
	switch {
	case err == nil || errors.Is(err, errTruncate):
		return "226 Transfer complete."
	case ctx.Err() != nil:
		return "426 Transfer aborted."
	case errors.As(err, &open):
		return "425 Can't open data connection: " + open.Error() + "."
	case errors.Is(err, errReuse):
		return "522 TLS session reuse is required."
	}
	return "426 Connection closed; transfer aborted: " + err.Error() + "."
}

// finish sends the final reply.
func (c *Conn) finish(p plan, rec *Transfer, text string) {
	if p.hasFinal && p.final != Default {
		text = p.final
	}
	c.srv.mu.Lock()
	rec.Reply = text
	c.srv.notify()
	c.srv.mu.Unlock()
	// Before the reply, so that an ABOR after it finds no transfer.
	c.setStop(nil)
	c.special(text)
	if p.double {
		c.special(text)
	}
}

// openError says why there is no data connection.
type openError struct{ err error }

func (e *openError) Error() string { return e.err.Error() }
func (e *openError) Unwrap() error { return e.err }

func (c *Conn) connectAndMove(ctx context.Context, p plan, rec *Transfer, move func(*dataConn) error) error {
	set := c.srv.settings()
	say := func() {
		switch {
		case p.no150:
		case rec.Verb == "STOU":
			c.Send("150 FILE: " + rec.Arg) // RFC 1123, 4.1.2.9
		default:
			c.Send("150 Opening data connection for " + rec.Verb + ".")
		}
	}
	if !set.connectFirst || p.never || p.hasLate {
		say()
		say = func() {}
	}
	if p.never {
		<-ctx.Done()
		return &openError{ctx.Err()}
	}
	if p.hasLate {
		sleep(ctx, p.late)
		return &openError{errors.New("timed out")}
	}
	raw, strangers, err := c.openData(ctx, p, rec.Method)
	defer strangers()
	if err != nil {
		return &openError{err}
	}
	say()
	d := &dataConn{srv: c.srv, ctx: ctx, plan: p, raw: raw, nc: raw, rec: rec, total: set.total}
	if set.bandwidth > 0 {
		d.each = &limiter{rate: set.bandwidth}
	}
	c.srv.addData(d)
	defer c.srv.dropData(d)
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	if c.session.prot && !set.plainData {
		if err = d.startTLS(ctx, c.tlsConf, set); err != nil {
			_ = raw.Close()
			return err
		}
	}
	err = move(d)
	if err == nil {
		err = d.atEnd()
	}
	if err == nil && rec.isUpload() {
		c.Sleep(set.rtt)
		if set.requireNotify && !rec.Clean {
			err = errNotify
		}
	}
	d.close(set.noNotify)
	return err
}

// eofConn sees whether TCP ended before TLS did: crypto/tls takes an end
// between two records for a good one.
type eofConn struct {
	net.Conn
	seen bool // set and read by the one goroutine that reads
}

// Read implements io.Reader.
func (c *eofConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if errors.Is(err, io.EOF) {
		c.seen = true
	}
	return n, err
}

// startTLS makes d a protected connection. The server is always the TLS
// server, whoever connected (RFC 4217, 9).
func (d *dataConn) startTLS(ctx context.Context, conf *tls.Config, set settings) error {
	if set.dataCert != nil {
		conf = conf.Clone()
		conf.Certificates = []tls.Certificate{*set.dataCert}
		// A resumed session would show no certificate.
		if err := freshTickets(conf); err != nil {
			return err
		}
	}
	d.eof = &eofConn{Conn: d.raw}
	tc := tls.Server(d.eof, conf)
	ctx, cancel := context.WithTimeout(ctx, set.dataTimeout)
	defer cancel()
	if err := tc.HandshakeContext(ctx); err != nil {
		return err
	}
	resumed := tc.ConnectionState().DidResume
	d.srv.mu.Lock()
	d.nc = tc
	d.rec.TLS, d.rec.Resumed = true, resumed
	d.srv.mu.Unlock()
	if set.requireReuse && !resumed {
		return errReuse
	}
	return nil
}

// allow says how many of n bytes may move now. It waits, and makes the faults.
func (d *dataConn) allow(n int) (int, error) {
	p := &d.plan
	if !d.opened {
		d.opened = true
		sleep(d.ctx, p.dataDelay)
	}
	for _, limit := range []struct {
		at    int64
		reach func() error
	}{
		{p.drop, func() error { return d.cutOff(errDrop) }},
		{p.cut, func() error { return d.cutOff(errCut) }},
		{p.truncate, func() error { return errTruncate }},
		{p.stall, d.hang},
	} {
		if limit.at < 0 {
			continue
		}
		if d.count >= limit.at {
			return 0, limit.reach()
		}
		n = int(min(int64(n), limit.at-d.count))
	}
	for _, l := range []*limiter{d.each, d.total} {
		if l != nil {
			n = l.wait(d.ctx, n)
		}
	}
	if err := d.ctx.Err(); err != nil {
		return 0, err
	}
	return n, nil
}

// cutDelay is the pause before a reset, which would otherwise overtake the
// bytes before it, and even the client's connect.
const cutDelay = 20 * time.Millisecond

func (d *dataConn) cutOff(why error) error {
	sleep(d.ctx, cutDelay)
	d.reset()
	return why
}

// atEnd makes the faults that were to come just after the last byte.
func (d *dataConn) atEnd() error {
	p := &d.plan
	if d.count == p.stall || d.count == p.cut || d.count == p.drop || !d.opened {
		_, err := d.allow(1)
		return err
	}
	return nil
}

// hang waits until the client has closed the data connection or the transfer
// was aborted.
func (d *dataConn) hang() error {
	if d.rec.isUpload() {
		<-d.ctx.Done()
		return d.ctx.Err()
	}
	var b [1]byte
	if _, err := d.raw.Read(b[:]); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return io.ErrClosedPipe
}

// Write sends b, as far as the plan allows.
func (d *dataConn) Write(b []byte) (int, error) {
	var done int
	for done < len(b) {
		n, err := d.allow(min(len(b)-done, dataChunk))
		if err != nil {
			return done, err
		}
		n, err = d.nc.Write(b[done : done+n])
		done += n
		d.moved(n, 0)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// Read receives into b, as far as the plan allows.
func (d *dataConn) Read(b []byte) (int, error) {
	n, err := d.allow(len(b))
	if err != nil {
		return 0, err
	}
	n, err = d.nc.Read(b[:n])
	d.moved(0, n)
	if d.eof != nil && d.eof.seen && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		d.srv.mu.Lock()
		d.rec.Clean = false
		d.srv.mu.Unlock()
		err = io.EOF
	}
	return n, err
}

func (d *dataConn) moved(sent, read int) {
	d.count += int64(sent + read)
	d.srv.mu.Lock()
	defer d.srv.mu.Unlock()
	d.rec.Sent += int64(sent)
	d.rec.Read += int64(read)
	d.srv.moved += int64(sent + read)
	d.srv.notify()
}

func (d *dataConn) close(noNotify bool) {
	if !noNotify {
		_ = d.nc.Close()
	}
	_ = d.raw.Close()
}

// reset ends the connection with RST.
func (d *dataConn) reset() {
	lingerNot(d.raw)
	_ = d.raw.Close()
}

func (s *Server) addData(d *dataConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data[d] = struct{}{}
	s.notify()
}

func (s *Server) dropData(d *dataConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.data, d)
	s.notify()
}

// limiter lets rate bytes a second pass.
type limiter struct {
	rate int64

	mu   sync.Mutex // guards next
	next time.Time
}

// wait waits for the turn of up to n bytes, and returns how many.
func (l *limiter) wait(ctx context.Context, n int) int {
	n = int(min(int64(n), max(l.rate/20, 1)))
	l.mu.Lock()
	now := time.Now()
	if l.next.Before(now) {
		l.next = now
	}
	at := l.next
	l.next = at.Add(time.Duration(int64(n) * int64(time.Second) / l.rate))
	l.mu.Unlock()
	sleep(ctx, time.Until(at))
	return n
}
