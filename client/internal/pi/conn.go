// Package pi is the user-PI: it owns one control connection (RFC 959, 2.3).
//
// One goroutine reads and frames replies; commands are sent by whoever has the
// turn on the connection, one caller at a time (the client package gives turns).
// It bounds line length, reply size and time, refuses arguments that hold CR, LF
// or NUL, masks the arguments of PASS and ACCT before anybody sees them, writes
// the transcript, and upgrades to TLS (RFC 4217, 4.1). It does not know what
// commands mean.
package pi

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"portside/client/transcript"
)

// DefaultTimeout bounds every single wait where Config has none.
const DefaultTimeout = 30 * time.Second

// Config sets up a Conn. The zero value works.
type Config struct {
	Timeout    time.Duration // for a whole reply and for a write; default DefaultTimeout
	Limits     Limits
	Transcript *transcript.Recorder
	Secrets    []string         // further strings to mask wherever they are sent or come back
	Now        func() time.Time // for the transcript; default time.Now
	Number     int              // of the connection, in the transcript
}

// A Conn is one control connection. Its methods are for one caller at a time,
// but for Close, Done, Err, Note and the addresses.
type Conn struct {
	cfg Config

	raw     net.Conn // the TCP connection
	nc      net.Conn // raw, or TLS over it
	replies chan Reply
	resume  chan *bufio.Reader // hands the reader goroutine its new source after a TLS handshake
	hold    chan struct{}      // holds a token while a reply must be the last one read
	quit    chan struct{}      // closed by Close
	done    chan struct{}      // closed when the reader goroutine has ended

	// Of the caller who has the turn:
	br     *bufio.Reader
	unread []Reply
	extra  int // preliminary and stray replies since the last command
	owed   int // final replies still to come of commands that were given up

	aborting bool         // ABOR has been sent, and its answer not been waited for
	aborts   atomic.Int32 // ABORs that were sent

	rtt atomic.Int64 // nanoseconds; the shortest wait for a reply

	line line // for the replies to what was sent ahead

	closeOnce sync.Once

	mu   sync.Mutex // guards err and last
	err  error      // why reading ended
	last *Reply     // a 421, if one came
}

// New takes over nc and starts reading. The caller closes the Conn.
func New(nc net.Conn, cfg Config) *Conn {
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Limits = cfg.Limits.withDefaults()
	c := &Conn{
		cfg: cfg, raw: nc, nc: nc,
		br:      bufio.NewReaderSize(nc, 4096),
		replies: make(chan Reply, 8),
		resume:  make(chan *bufio.Reader),
		hold:    make(chan struct{}, 1),
		quit:    make(chan struct{}),
		done:    make(chan struct{}),
	}
	go c.read(c.br)
	return c
}

// read frames replies until the connection ends.
func (c *Conn) read(br *bufio.Reader) {
	defer func() {
		close(c.done)
		c.dropAheads(c.Err())
	}()
	for {
		rep, err := readReply(br, c.cfg.Limits, c.sawLine)
		if err != nil {
			var pe *ProtocolError
			if errors.As(err, &pe) {
				pe.Line = c.mask(pe.Line)
			}
			c.setErr(err)
			return
		}
		if rep.Code >= 400 { // errors are shown and stored
			rep = c.MaskReply(rep)
		}
		if rep.Code == 421 {
			c.mu.Lock()
			c.last = &rep
			c.mu.Unlock()
		}
		if c.route(rep) {
			continue
		}
		// Take a hold before the reply is handed on: its receiver may start
		// a TLS handshake at once.
		held := false
		if rep.Class() != 1 {
			select {
			case <-c.hold:
				held = true
			default:
			}
		}
		select {
		case c.replies <- rep:
		case <-c.quit:
			c.setErr(ErrClosed)
			return
		}
		if held {
			select {
			case br = <-c.resume:
			case <-c.quit:
				c.setErr(ErrClosed)
				return
			}
		}
	}
}

func (c *Conn) sawLine(line string) {
	c.record(transcript.Received, c.mask(line))
}

func (c *Conn) record(kind transcript.Kind, text string) {
	c.cfg.Transcript.Add(transcript.Line{Time: c.cfg.Now(), Conn: c.cfg.Number, Kind: kind, Text: text})
}

// Note writes a remark of our own to the transcript.
func (c *Conn) Note(format string, args ...any) {
	c.record(transcript.Note, c.mask(fmt.Sprintf(format, args...)))
}

// mask hides the secrets of this connection in s.
func (c *Conn) mask(s string) string {
	for _, secret := range c.cfg.Secrets {
		if len(secret) >= 3 { // shorter ones would blot out ordinary text
			s = strings.ReplaceAll(s, secret, "****")
		}
	}
	return s
}

func (c *Conn) setErr(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
}

// Err tells why the connection ended; nil while it has not.
func (c *Conn) Err() error {
	select {
	case <-c.done:
	default:
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case errors.Is(c.err, ErrClosed):
		return ErrClosed
	case isOwn(c.err):
		return c.err
	}
	return &LostError{Err: c.err, Last: c.last}
}

// isOwn reports whether err says by itself what went wrong.
func isOwn(err error) bool {
	var pe *ProtocolError
	var le *LimitError
	var te *TimeoutError
	return errors.As(err, &pe) || errors.As(err, &le) || errors.As(err, &te)
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// LocalAddr returns the local address of the TCP connection.
func (c *Conn) LocalAddr() net.Addr { return c.raw.LocalAddr() }

// RemoteAddr returns the server's address.
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }

// TLS returns the state of the TLS connection; nil while it is plain.
func (c *Conn) TLS() *tls.ConnectionState {
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return nil
	}
	st := t.ConnectionState()
	return &st
}

// Timeout returns the bound on a single wait.
func (c *Conn) Timeout() time.Duration { return c.cfg.Timeout }

// Close ends the connection at once and returns when the reader has ended.
func (c *Conn) Close() error {
	c.closeOnce.Do(func() {
		close(c.quit)
		c.setErr(ErrClosed)
		_ = c.raw.Close() // the error of a close that the peer may have done already says nothing
	})
	<-c.done
	return nil
}

// fail ends the connection because of err, which it returns.
func (c *Conn) fail(err error) error {
	c.setErr(err)
	_ = c.Close()
	return err
}

// Send writes one command: verb, a blank and arg where it is not empty, CRLF.
// Replies that nobody asked for are passed over with a note, or end the
// connection where they are a 421.
func (c *Conn) Send(ctx context.Context, verb, arg string) error {
	_, err := c.send(ctx, &Command{verb, arg}, nil, false)
	return err
}

// recordVerb writes a command without an argument to the transcript.
func (c *Conn) recordVerb(verb string) { c.record(transcript.Command, verb) }

// siteSecrets are the words behind SITE whose arguments are passwords.
var siteSecrets = []string{"PSWD", "PASS", "PASSWD", "PASSWORD", "GPASS", "GRPPASS", "CPWD", "NEWPASS"}

// Masked is a command as it stands in the transcript.
func (c *Conn) Masked(cmd Command) string { return c.maskCommand(cmd.Verb, cmd.Arg) }

// MaskReply is rep without the secrets of this connection, which a server may repeat.
func (c *Conn) MaskReply(rep Reply) Reply {
	rep.Lines = slices.Clone(rep.Lines)
	for i, line := range rep.Lines {
		rep.Lines[i] = c.mask(line)
	}
	return rep
}

func (c *Conn) maskCommand(verb, arg string) string {
	switch strings.ToUpper(verb) {
	case "PASS", "ACCT":
		return verb + " ****"
	case "SITE": // those that change a password
		if sub, _, more := strings.Cut(arg, " "); more && slices.Contains(siteSecrets, strings.ToUpper(sub)) {
			return verb + " " + sub + " ****"
		}
	}
	if arg == "" {
		return verb
	}
	return c.mask(verb + " " + arg)
}

func (c *Conn) write(ctx context.Context, s string) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if err := c.nc.SetWriteDeadline(time.Now().Add(c.cfg.Timeout)); err != nil {
		return c.lost(err)
	}
	stop := OnEnd(ctx, func() { _ = c.raw.SetWriteDeadline(time.Now()) })
	_, err := c.nc.Write([]byte(s))
	if !stop() && err != nil {
		_ = c.Close() // half a command may be out
		return context.Cause(ctx)
	}
	if err != nil {
		return c.lost(err)
	}
	return nil
}

// OnEnd has f run when ctx ends. stop reports whether f is not run; where it is, stop
// waits for it: a deadline that f sets comes before those that the caller sets then.
func OnEnd(ctx context.Context, f func()) (stop func() bool) {
	ran := make(chan struct{})
	undo := context.AfterFunc(ctx, func() {
		defer close(ran)
		f()
	})
	return sync.OnceValue(func() bool {
		if undo() {
			return true
		}
		<-ran
		return false
	})
}

// lost ends the connection after a failed write: what the server said last is
// worth more than the error of the write.
func (c *Conn) lost(err error) error {
	select {
	case <-c.done:
	case <-time.After(time.Second):
	}
	if doneErr := c.Err(); doneErr != nil {
		_ = c.Close()
		return doneErr
	}
	return c.fail(&LostError{Err: err})
}
