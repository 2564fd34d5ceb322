package client

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

// maxProbeReplies bounds the preliminary replies to one transfer command.
const maxProbeReplies = 16

// transfer sends LIST or RETR and sees it through.
func (p *prober) transfer(ctx context.Context) (string, error) {
	verb, arg := "LIST", ""
	if p.spec.Retrieve != "" {
		verb, arg = "RETR", p.spec.Retrieve
	}
	if err := p.s.ctl.Send(ctx, verb, arg); err != nil {
		return StepNegotiate, err
	}
	p.owed = true
	m := &mover{p: p, verb: verb, sent: time.Now(), moved: make(chan moved, 1)}
	step, err := m.watch(ctx)
	m.end()
	return step, err
}

// A mover follows one transfer: the connection that is to come up, the bytes on
// it and the replies about it, in whatever order they come.
type mover struct {
	p       *prober
	verb    string
	sent    time.Time
	moved   chan moved
	running bool // the receiving goroutine is at work
	done    bool // it has finished
	got     moved
	replies int
}

// moved is the end of the receiving.
type moved struct {
	step   string
	err    error
	bytes  int64
	data   []byte
	first  time.Time
	tls    *TLSInfo
	notify bool
}

// watch waits until the transfer is over, one way or the other.
func (m *mover) watch(ctx context.Context) (string, error) {
	p := m.p
	timer := time.NewTimer(p.spec.Silence)
	if p.ln != nil {
		timer.Reset(p.spec.Accept)
	}
	defer timer.Stop()
	for {
		m.start(ctx)
		if m.done && (p.res.Final.Code != 0 || m.got.err != nil) {
			return m.verdict()
		}
		var knocked chan accepted
		if p.ln != nil {
			knocked = p.took
		}
		select {
		case a := <-knocked:
			p.res.Connect = time.Since(m.sent)
			if err := p.takeIn(a); err != nil {
				return StepAccept, err
			}
			timer.Reset(p.spec.Silence)
		case rep := <-p.s.ctl.Replies():
			if err := m.reply(rep); err != nil {
				return m.refused(err)
			}
			if p.ln == nil {
				timer.Reset(p.spec.Silence)
			}
		case m.got = <-m.moved:
			m.done = true
			m.keep()
			timer.Reset(p.spec.Silence)
		case <-p.s.ctl.Done():
			if len(p.s.ctl.Replies()) > 0 {
				continue // the last words first
			}
			return m.lost(p.s.ctl.Err())
		case <-ctx.Done():
			return m.at(), context.Cause(ctx)
		case <-timer.C:
			if m.running && !m.done {
				continue // it has a bound of its own
			}
			return m.late()
		}
	}
}

// at is the step that the transfer is in.
func (m *mover) at() string {
	if m.p.res.Connected {
		return StepCopy
	}
	return StepAccept
}

// reply takes note of a reply to the transfer command.
func (m *mover) reply(rep Reply) error {
	p := m.p
	if m.replies++; m.replies > maxProbeReplies {
		_ = p.s.ctl.Close()
		return &LimitError{What: "the number of replies to " + m.verb, Max: maxProbeReplies}
	}
	if rep.Class() == 1 {
		p.res.Preliminary = rep
		return nil
	}
	p.owed = false
	p.res.Final, p.res.FinalTook = rep, time.Since(m.sent)
	if rep.Class() != 2 {
		return &ReplyError{Verb: m.verb, Reply: rep}
	}
	return nil
}

// lastBytesFor is how long bytes may be on their way after a final reply.
const lastBytesFor = 50 * time.Millisecond

// refused ends the transfer after a reply that refuses it. What broke on the data
// connection tells where, if the reply came because of it.
func (m *mover) refused(err error) (string, error) {
	if m.running && !m.done {
		timer := time.NewTimer(lastBytesFor)
		defer timer.Stop()
		select {
		case m.got = <-m.moved:
		case <-timer.C:
			_ = m.p.nc.Close()
			m.got = <-m.moved
			m.got.step, m.got.err = "", nil // broken off by us
		}
		m.done = true
		m.keep()
	}
	if m.done && m.got.step == StepTLS {
		return StepTLS, errors.Join(m.got.err, err)
	}
	return m.at(), err
}

// lost ends the transfer with the control connection.
func (m *mover) lost(err error) (string, error) {
	if err == nil {
		err = ErrClosed
	}
	return m.refused(err)
}

// late ends a wait in which nothing came.
func (m *mover) late() (string, error) {
	switch p := m.p; {
	case !p.res.Connected:
		return StepAccept, &TimeoutError{What: "the server's data connection", After: p.spec.Accept}
	case !m.running:
		return StepNegotiate, &TimeoutError{What: "the reply to " + m.verb, After: p.spec.Silence}
	default:
		return StepCopy, &TimeoutError{What: "the end of " + m.verb, After: p.spec.Silence}
	}
}

// verdict judges a transfer that has ended on both connections, or broken.
func (m *mover) verdict() (string, error) {
	if errors.Is(m.got.err, errCut) {
		m.p.res.Cut = true
		return "", nil
	}
	return m.got.step, m.got.err
}

// start begins receiving once the connection is there; the TLS handshake waits
// for the first reply, since servers expect it only then.
func (m *mover) start(ctx context.Context) {
	p := m.p
	if m.running || p.nc == nil || p.s.tlsData != nil && m.replies == 0 {
		return
	}
	m.running = true
	r := receiver{nc: p.nc, spec: p.spec}
	if p.s.tlsData != nil {
		r.tls = p.s.tlsData
		if p.spec.FreshTLS {
			r.tls = r.tls.Clone()
			r.tls.ClientSessionCache = nil
		}
	}
	out := m.moved
	go func() { out <- r.run(ctx) }()
}

// end waits for the receiving goroutine.
func (m *mover) end() {
	if m.running && !m.done {
		_ = m.p.nc.Close()
		m.got = <-m.moved
		m.done = true
		m.keep()
	}
}

// keep takes over what was received.
func (m *mover) keep() {
	res := &m.p.res
	res.Bytes, res.Data, res.TLS, res.CloseNotify = m.got.bytes, m.got.data, m.got.tls, m.got.notify
	if !m.got.first.IsZero() {
		res.FirstByte = m.got.first.Sub(m.sent)
	}
}

// A receiver reads a data connection to its end.
type receiver struct {
	nc   net.Conn
	tls  *tls.Config // nil: plain
	spec ProbeSpec
}

// A tcpEnd sees whether the TCP connection ended under a TLS connection, which
// does not read on once it has close_notify.
type tcpEnd struct {
	net.Conn
	ended bool
}

func (e *tcpEnd) Read(p []byte) (int, error) {
	n, err := e.Conn.Read(p)
	e.ended = e.ended || errors.Is(err, io.EOF)
	return n, err
}

// run shakes hands where the connection is protected, and reads.
func (r receiver) run(ctx context.Context) moved {
	var out moved
	src, end := r.nc, &tcpEnd{Conn: r.nc}
	if r.tls != nil {
		t := tls.Client(end, r.tls)
		hctx, cancel := context.WithTimeout(ctx, r.spec.Silence)
		defer cancel()
		if err := t.HandshakeContext(hctx); err != nil {
			if hctx.Err() != nil && ctx.Err() == nil {
				err = &TimeoutError{What: "the TLS handshake", After: r.spec.Silence}
			}
			out.step, out.err = StepTLS, err
			return out
		}
		st := t.ConnectionState()
		out.tls = tlsInfo(&st)
		out.tls.Resumed = st.DidResume
		src = t
	}
	out.err = r.read(src, &out)
	out.notify = r.tls != nil && out.err == nil && !end.ended
	if out.err == nil {
		_ = src.Close() // vsftpd says 226 only after our close_notify
	}
	if out.err != nil {
		out.step = StepCopy
	}
	return out
}

// read receives until the end, the bound, or silence.
func (r receiver) read(src net.Conn, out *moved) error {
	buf := make([]byte, 32<<10)
	for {
		if err := src.SetReadDeadline(time.Now().Add(r.spec.Silence)); err != nil {
			return err
		}
		n, err := src.Read(buf)
		if n > 0 && out.first.IsZero() {
			out.first = time.Now()
		}
		if room := r.spec.Keep - len(out.data); room > 0 {
			out.data = append(out.data, buf[:min(n, room)]...)
		}
		out.bytes += int64(n)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case isTimeoutErr(err):
			return &TimeoutError{What: "data", After: r.spec.Silence}
		case err != nil:
			return err
		case out.bytes >= r.spec.MaxBytes:
			return errCut
		}
	}
}
