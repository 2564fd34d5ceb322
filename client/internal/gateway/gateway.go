// Package gateway lets github.com/jlaffaye/ftp drive login, TYPE, listing and
// transfer commands and file operations on top of the packages pi and dtp.
//
// The library knows two methods, EPSV and PASV, no context, and drops listing
// lines that it cannot read. So the Gateway is the net.Conn that the library
// takes for its control connection: a command that it writes is sent by pi, the
// reply is adapted by a table of rules and handed back. EPSV is answered here
// with a fixed 229; the real negotiation, by any of the four methods, happens in
// the library's dial function, where the control connection is idle and an error
// keeps its type.
//
// The transcript is pi's, so that adapted replies never stand in it. Errors are
// kept with their types in the Gateway: the text that the library makes of them
// is of no use to anybody.
package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jlaffaye/ftp"

	"portside/client/internal/dtp"
	"portside/client/internal/pi"
)

// Hooks are the decisions that the Session takes.
type Hooks struct {
	// Open makes a data connection for the transfer command verb.
	Open func(ctx context.Context) (*dtp.Data, error)
	// Account is sent as ACCT where the server wants one (RFC 959, 4.1.1).
	Account func() (string, bool)
	// Login is called with every final reply to USER, PASS and ACCT.
	Login func(verb string, rep pi.Reply)
	// Feat asks the server for its features and says whether OPTS UTF8 is to be
	// sent.
	Feat func(ctx context.Context) (utf8 bool, err error)
}

// A Gateway is the library's control connection. It belongs to whoever has the
// turn on the pi.Conn.
type Gateway struct {
	ctl   *pi.Conn
	hooks Hooks
	lib   *ftp.ServerConn

	ctx        context.Context // of the running operation
	in         bytes.Buffer    // what the library will read
	out        []byte          // a line that the library has not finished
	err        error           // the first error of the operation, with its type
	data       *dtp.Data       // of the running transfer
	sink       func(*dtp.Data) error
	verb       string                           // of the running transfer
	running    bool                             // a 1yz has come, the final reply has not
	finalRep   *pi.Reply                        // a final reply that came in place of the 1yz
	restSent   bool                             // REST has been sent, and no transfer command since
	broken     bool                             // a command failed; Read reports it
	listAs     string                           // sent in place of the library's LIST
	dialled    bool                             // the library has its control connection
	unanswered bool                             // the transfer command got no reply
	onReply    func()                           // called with the first reply to a transfer command
	behind     string                           // sent in one write with the next transfer command
	asked      *pi.Ahead                        // behind, once it has been sent
	eager      func(context.Context, *dtp.Data) // called once the transfer command is sent
	half       bool                             // the next transfer's data connection is closed on this side
	halved     bool                             // that of the last transfer was
	begun      bool                             // the server has said that the last transfer begins
	kept       []kept                           // replies to what Together has sent
}

// New returns a Gateway over ctl, whose greeting has been read.
func New(ctl *pi.Conn, hooks Hooks) (*Gateway, error) {
	g := &Gateway{ctl: ctl, hooks: hooks}
	g.in.WriteString("220 ready\r\n")
	lib, err := ftp.Dial("gateway", ftp.DialWithDialFunc(g.dial))
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	g.lib = lib
	return g, nil
}

// Rehook gives the decisions to another Session, which takes g over as it is.
func (g *Gateway) Rehook(hooks Hooks) { g.hooks = hooks }

// Do runs one operation of the library under ctx. The error is that of the
// control or data connection where one of them failed, with its type.
func (g *Gateway) Do(ctx context.Context, op func(*ftp.ServerConn) error) error {
	g.ctx, g.err, g.data, g.running, g.finalRep, g.broken = ctx, nil, nil, false, nil, false
	g.in.Reset()
	g.out = g.out[:0]
	err := op(g.lib)
	g.ctx = nil
	switch {
	case g.err != nil:
		return g.err
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return err
}

// Transfer is Do for an operation with a data connection: move is called with it
// once the server has agreed to the transfer.
func (g *Gateway) Transfer(ctx context.Context, op func(*ftp.ServerConn) error, move func(*dtp.Data) error) error {
	if g.restSent {
		if _, err := g.ctl.Cmd(ctx, "REST", "0"); err != nil {
			return err
		}
		g.restSent = false
	}
	g.sink = move
	defer func() { g.sink, g.behind, g.eager, g.half = nil, "", nil, false }()
	err := g.Do(ctx, op)
	if g.data != nil {
		_ = g.data.Close() // an error of the transfer has been kept
	}
	if g.running {
		g.running = false
		g.ctl.Owe()
	}
	return err
}

// fail keeps the first error of the operation.
func (g *Gateway) fail(err error) error {
	if g.err == nil {
		g.err = err
	}
	return err
}

// dial is called by the library for its control connection once, then for each
// data connection.
func (g *Gateway) dial(string, string) (net.Conn, error) {
	if !g.dialled {
		g.dialled = true
		return g, nil
	}
	d, err := g.hooks.Open(g.ctx)
	if err != nil {
		return nil, g.fail(err)
	}
	g.data = d
	return &dataConn{g: g}, nil
}

// Write takes commands from the library and carries them out.
func (g *Gateway) Write(p []byte) (int, error) {
	g.out = append(g.out, p...)
	for {
		end := bytes.IndexByte(g.out, '\n')
		if end < 0 {
			return len(p), nil
		}
		line := strings.TrimSuffix(string(g.out[:end]), "\r")
		g.out = g.out[end+1:]
		verb, arg, _ := strings.Cut(line, " ")
		if err := g.command(verb, arg); err != nil {
			// The library's writer would never recover from an error; the
			// Read that follows reports it.
			_ = g.fail(err)
			g.broken = true
		}
	}
}

func (g *Gateway) command(verb, arg string) error {
	if g.ctx == nil {
		return pi.ErrClosed
	}
	switch {
	case verb == "EPSV":
		g.in.WriteString("229 Entering Extended Passive Mode (|||65535|)\r\n")
		return nil
	case verb == "FEAT":
		utf8, err := g.hooks.Feat(g.ctx)
		if err != nil {
			return err
		}
		g.in.WriteString(featText(utf8))
		return nil
	case transferVerbs[verb]:
		return g.transfer(verb, arg)
	}
	if verb == "REST" {
		g.restSent = true
	}
	rep, err := g.Ask(g.ctx, verb, arg)
	if err != nil {
		return err
	}
	if rep, err = g.pastPreliminary(rep, verb); err != nil {
		return err
	}
	asked := verb
	if verb, rep, err = g.login(verb, rep); err != nil {
		return err
	}
	if verb == "ACCT" && rep.Class() != 2 {
		_ = g.fail(&pi.ReplyError{Verb: verb, Reply: rep})
	}
	g.answer(asked, rep)
	return nil
}

// pastPreliminary passes over 1yz replies to commands that have no transfer.
func (g *Gateway) pastPreliminary(rep pi.Reply, verb string) (pi.Reply, error) {
	for rep.Class() == 1 {
		next, err := g.ctl.Read(g.ctx, "the reply to "+verb)
		if err != nil {
			return rep, err
		}
		rep = next
	}
	return rep, nil
}

// login sends the account where the server asks for one, and reports.
func (g *Gateway) login(verb string, rep pi.Reply) (string, pi.Reply, error) {
	if verb != "USER" && verb != "PASS" {
		return verb, rep, nil
	}
	if rep.Code == 332 {
		if account, ok := g.hooks.Account(); ok {
			next, err := g.ctl.Cmd(g.ctx, "ACCT", account)
			if err != nil {
				return verb, rep, err
			}
			verb, rep = "ACCT", next
		}
	}
	g.hooks.Login(verb, rep)
	return verb, rep, nil
}

// answer hands a reply to the library and keeps what it means as an error.
func (g *Gateway) answer(verb string, rep pi.Reply) {
	code := adapt(verb, rep)
	if verb == "OPTS" {
		code = rules["OPTS"] // UTF-8 is sent whether the server says yes or not
	}
	if code >= 400 || verb == "PASS" && code >= 300 || code == 332 {
		_ = g.fail(&pi.ReplyError{Verb: verb, Reply: rep})
	}
	fmt.Fprintf(&g.in, "%03d %s\r\n", code, strings.TrimSpace(printable(rep.Last())))
}

// printable keeps line ends and control bytes of the server out of the text that
// the library parses.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s)
}

// transfer sends a transfer command and waits for its first reply.
func (g *Gateway) transfer(verb, arg string) error {
	if verb == "LIST" && g.listAs != "" {
		options := ""
		verb, options, _ = strings.Cut(g.listAs, " ")
		arg = strings.TrimLeft(options+" "+arg, " ")
		if options != "" {
			arg = strings.TrimRight(arg, " ")
		}
	}
	g.verb = verb
	if err := g.send(verb, arg); err != nil {
		return err
	}
	g.restSent, g.unanswered = false, true
	if err := g.data.Sign(g.ctx); err != nil {
		g.data.Reset()
		g.ctl.Owe()
		if g.ctx.Err() != nil {
			g.ctl.GiveUp()
		}
		return err
	}
	if g.eager != nil && g.data.Connected() {
		g.eager(g.ctx, g.data)
	}
	if g.half {
		g.halved = g.data.HalfClose()
	}
	rep, err := g.ctl.Read(g.ctx, "the reply to "+verb)
	if err != nil {
		g.giveUp()
		return err
	}
	g.unanswered = false
	if g.onReply != nil {
		g.onReply()
	}
	upload := verb == "STOR" || verb == "APPE"
	switch {
	case rep.Class() == 1:
		g.running = true
	case rep.Class() == 2 && upload:
		g.data.Reset()
		return &pi.ProtocolError{Line: rep.String(), What: "the server said that it is done before it was sent anything"}
	case rep.Code == 425:
		_ = g.fail(&dtp.DataError{Method: g.data.Method(), Step: dtp.StepAccept, Err: &pi.ReplyError{Verb: verb, Reply: rep}})
		fmt.Fprintf(&g.in, "%03d refused\r\n", rep.Code)
		return nil
	case rep.Class() == 2: // the server has left out the preliminary reply
		g.finalRep = &rep
		g.running = true
	default:
		_ = g.fail(&pi.ReplyError{Verb: verb, Reply: rep})
		fmt.Fprintf(&g.in, "%03d refused\r\n", rep.Code)
		return nil
	}
	g.begun = true
	g.in.WriteString("150 go on\r\n")
	return nil
}

// send sends the transfer command, and in the same write what goes behind it.
func (g *Gateway) send(verb, arg string) error {
	if g.behind == "" {
		return g.ctl.Send(g.ctx, verb, arg)
	}
	aheads, err := g.ctl.SendWith(g.ctx, pi.Command{Verb: verb, Arg: arg}, pi.Command{Verb: g.behind})
	g.behind = ""
	if err == nil {
		g.asked = aheads[0]
	}
	return err
}

// giveUp ends a transfer that was cancelled before its first reply, so that the
// server does not take the nothing that was sent for the whole.
func (g *Gateway) giveUp() {
	g.data.Reset()
	if g.ctx.Err() != nil {
		g.ctl.GiveUp()
	}
}

// Read hands adapted replies to the library. When there is none and a transfer
// is running, the library waits for its end.
func (g *Gateway) Read(p []byte) (int, error) {
	if g.in.Len() == 0 && g.broken {
		return 0, g.err
	}
	if g.in.Len() == 0 {
		if err := g.finish(); err != nil {
			return 0, g.fail(err)
		}
	}
	return g.in.Read(p)
}

// finish waits for the final reply of the running transfer.
func (g *Gateway) finish() error {
	if !g.running || g.ctx == nil {
		return io.ErrUnexpectedEOF
	}
	var rep pi.Reply
	switch {
	case g.finalRep != nil:
		rep = *g.finalRep
	case g.gaveUp():
		g.running = false
		err := g.ctl.Abort(g.ctx)
		if err != nil && g.ctl.Err() == nil && !g.ctl.Busy() {
			g.ctl.Owe() // ctx ended before ABOR was out
		}
		return err
	default:
		var err error
		for ok := true; ok; ok = rep.Class() == 1 {
			if rep, err = g.ctl.Read(g.ctx, "the end of "+g.verb); err != nil {
				g.running = false // Read owes the reply, or the connection is gone
				return err
			}
		}
	}
	g.running = false
	code := rep.Code
	if rep.Class() == 2 {
		code = 226
	} else {
		refused := &pi.ReplyError{Verb: g.verb, Reply: rep}
		var dataErr *dtp.DataError
		if g.err == nil || errors.As(g.err, &dataErr) {
			g.err = refusal(g.err, refused)
		}
	}
	fmt.Fprintf(&g.in, "%03d done\r\n", code)
	return nil
}

// gaveUp reports whether the transfer was ended on this side while the server is
// still at it: it then has to be told.
func (g *Gateway) gaveUp() bool {
	if g.err == nil || g.ctx.Err() != nil {
		return false // ABOR is out already where ctx ended
	}
	var dataErr *dtp.DataError
	if errors.As(g.err, &dataErr) {
		return dataErr.Timeout() || dataErr.Step == dtp.StepDial // it waits for a connection that does not come
	}
	var lost *pi.LostError
	return !errors.As(g.err, &lost)
}

// refusal joins what broke on the data connection with what the server says of
// it. Where the connection just ended, the server's word is the reason.
func refusal(broke error, refused *pi.ReplyError) error {
	var dataErr *dtp.DataError
	if !errors.As(broke, &dataErr) {
		return refused
	}
	var reason error = refused
	if dataErr.Step == dtp.StepTLS {
		reason = fmt.Errorf("%w; %w", dataErr.Err, refused)
	}
	return &dtp.DataError{Method: dataErr.Method, Step: dataErr.Step, Addr: dataErr.Addr, Err: reason}
}

// Close does nothing: the control connection is not the library's to close.
func (g *Gateway) Close() error { return nil }

// LocalAddr returns the local address of the control connection.
func (g *Gateway) LocalAddr() net.Addr { return g.ctl.LocalAddr() }

// RemoteAddr returns the server's address; the library wants a *net.TCPAddr.
func (g *Gateway) RemoteAddr() net.Addr {
	if t, ok := g.ctl.RemoteAddr().(*net.TCPAddr); ok {
		return t
	}
	return &net.TCPAddr{IP: net.IPv4zero}
}

// SetDeadline does nothing: ctx and pi bound every wait.
func (g *Gateway) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing, as SetDeadline.
func (g *Gateway) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing, as SetDeadline.
func (g *Gateway) SetWriteDeadline(time.Time) error { return nil }
