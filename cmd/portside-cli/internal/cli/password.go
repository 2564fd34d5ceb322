package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"portside/client"
)

// passwordVariable is the environment variable that a password may come from.
const passwordVariable = "PORTSIDE_PASSWORD"

// password finds the password of user for the server of u: from
// --password-stdin, the address, PORTSIDE_PASSWORD or a prompt, in this order.
// An anonymous login asks for none.
func (p *program) password(ctx context.Context, u client.URL, user string) (string, error) {
	pass, err := p.findPassword(ctx, u, user)
	if err != nil {
		return "", err
	}
	if pass != "" {
		p.conceal(pass)
	}
	return pass, nil
}

func (p *program) findPassword(ctx context.Context, u client.URL, user string) (string, error) {
	if p.opt.passwordStdin {
		return p.passwordFromStdin()
	}
	if u.HasPassword {
		return u.Password, nil
	}
	if user == "" {
		return "", nil
	}
	if pass := p.app.Getenv(passwordVariable); pass != "" {
		return pass, nil
	}
	if isAnonymous(user) || !isTerminal(p.app.Stdin) {
		return "", nil
	}
	return p.prompt(ctx, user, u.Addr())
}

func isAnonymous(user string) bool {
	return strings.EqualFold(user, "anonymous") || strings.EqualFold(user, "ftp")
}

// passwordFromStdin reads one line, once.
func (p *program) passwordFromStdin() (string, error) {
	if p.stdinRead {
		return p.stdinPass, nil
	}
	line, err := readLine(p.app.Stdin)
	if err != nil {
		return "", &localError{op: "read the password from standard input", err: err}
	}
	p.stdinRead = true
	p.stdinPass = strings.TrimSuffix(line, "\r")
	return p.stdinPass, nil
}

// readLine reads up to a line end and not a byte further: what follows may be
// the data that "put -" sends.
func readLine(r io.Reader) (string, error) {
	var line []byte
	b := make([]byte, 1)
	for len(line) < 1<<16 {
		n, err := r.Read(b)
		if n == 1 {
			if b[0] == '\n' {
				break
			}
			line = append(line, b[0])
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return string(line), nil
}

// prompt asks for a password on the terminal, without echo.
func (p *program) prompt(ctx context.Context, user, host string) (string, error) {
	return p.promptAs(ctx, "Password", user, host)
}

// promptAs is prompt for a password of another kind.
func (p *program) promptAs(ctx context.Context, what, user, host string) (string, error) {
	key := what + "\x00" + user + "\x00" + host
	if pass, ok := p.typed[key]; ok {
		return pass, nil
	}
	pass, err := p.askHidden(ctx, what+" for "+client.Printable(user)+" on "+client.Printable(host)+": ")
	if err != nil {
		return "", err
	}
	if p.typed == nil {
		p.typed = map[string]string{}
	}
	p.typed[key] = pass
	return pass, nil
}

// askHidden asks a question on the terminal whose answer does not show; without one the answer
// is empty.
func (p *program) askHidden(ctx context.Context, question string) (string, error) {
	in, ok := p.app.Stdin.(*os.File)
	if !ok {
		return "", nil
	}
	say, done := p.terminal()
	defer done()
	answer, err := readHidden(ctx, in, func() { say(question) })
	say("\n")
	return answer, err
}

// terminal returns a function that writes to the terminal, which stderr may not
// be, and one to call afterwards.
func (p *program) terminal() (say func(string), done func()) {
	if !isTerminal(p.app.Stderr) {
		if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
			return func(s string) { _, _ = tty.WriteString(s) }, func() { _ = tty.Close() }
		}
	}
	return p.errText, func() {}
}

// readHidden reads a line from a terminal without echo. The echo is off before
// ask is called, so that not even the fastest typing shows.
func readHidden(ctx context.Context, in *os.File, ask func()) (string, error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return "", &localError{op: "read the password", err: err}
	}
	defer func() { _ = term.Restore(int(in.Fd()), before) }() // nothing better can be done where this fails
	ask()
	type result struct {
		pass string
		err  error
	}
	done := make(chan result, 1)
	go func() { // outlives this call only where ctx ends first: a read of a terminal cannot be stopped
		pass, rerr := readRaw(in)
		done <- result{pass, rerr}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case r := <-done:
		if r.err != nil && !errors.Is(r.err, context.Canceled) {
			r.err = &localError{op: "read the password", err: r.err}
		}
		return r.pass, r.err
	}
}

// The keys that mean something while a password is typed on a raw terminal.
const (
	keyCtrlC     = 0x03
	keyCtrlD     = 0x04
	keyBackspace = 0x08
	keyCtrlU     = 0x15
	keyDelete    = 0x7f
)

// readRaw reads a line from a raw terminal, a byte at a time. Ctrl+C is
// context.Canceled.
func readRaw(r io.Reader) (string, error) {
	var line []byte
	b := make([]byte, 1)
	for len(line) < 1<<12 {
		if _, err := io.ReadFull(r, b); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return "", err
		}
		switch b[0] {
		case '\r', '\n', keyCtrlD:
			return string(line), nil
		case keyCtrlC:
			return "", context.Canceled
		case keyCtrlU:
			line = line[:0]
		case keyBackspace, keyDelete:
			_, size := utf8.DecodeLastRune(line)
			line = line[:len(line)-size]
		default:
			line = append(line, b[0])
		}
	}
	return string(line), nil
}
