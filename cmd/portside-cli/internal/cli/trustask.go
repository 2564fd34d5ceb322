package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"portside/client"
	"portside/client/trust"
)

// trusted returns the certificates that people have decided about. Trouble with the
// file is told, and decisions then hold for this run.
func (p *program) trusted() *trust.Store {
	p.trustOnce.Do(func() {
		path, err := trust.DefaultPath()
		if err != nil {
			p.note("no decision about a certificate is kept: %v", err)
		}
		p.trust, err = trust.Open(path)
		p.fileTrouble(err, "the certificates that are trusted cannot be read")
	})
	return p.trust
}

// A changedCert is a certificate in place of another that is trusted.
type changedCert struct {
	err        error
	old, fresh trust.Server
}

func (e *changedCert) Error() string { return e.err.Error() }
func (e *changedCert) Unwrap() error { return e.err }

// withOld gives the error of a certificate that has changed what the old one said.
func (p *program) withOld(addr string, err error) error {
	ce, ok := errors.AsType[*client.CertError](err)
	if !ok || ce.Known == "" || len(ce.Chain) == 0 {
		return err
	}
	addr = shownBy(ce, addr)
	old, kept := p.trusted().Known(addr)
	if !kept || old.Fingerprint != ce.Known {
		old = trust.Server{Addr: addr, Fingerprint: ce.Known}
	}
	return &changedCert{err: err, old: old, fresh: trust.Describe(addr, ce.Chain[0], time.Now())}
}

// shownBy is whose certificate ce is about, in a connection to addr: an FTP proxy's is
// not the server's.
func shownBy(ce *client.CertError, addr string) string {
	if ce.Addr != "" {
		return ce.Addr
	}
	return addr
}

// advice is what to do about a certificate that has changed.
func (e *changedCert) advice(a client.Advice) client.Advice {
	a.Next = "Do not go on before the server's administrator has confirmed the new fingerprint. Only then: " + name + " trust forget " + e.old.Addr + ", and try again."
	return a
}

// askTrust lets a person at a terminal decide about the certificate that err is about,
// and returns its fingerprint where it is to be trusted, else "". A certificate that
// has changed is never asked about, and neither is one beside --pin.
func (p *program) askTrust(ctx context.Context, addr string, err error) string {
	ce, ok := errors.AsType[*client.CertError](err)
	if !ok || ce.Known != "" || len(ce.Chain) == 0 || ce.Fingerprint == "" || errors.Is(err, client.ErrPinMismatch) {
		return ""
	}
	addr = shownBy(ce, addr)
	p.asking.Lock()
	defer p.asking.Unlock()
	store := p.trusted()
	if store.Trusted(addr) == ce.Fingerprint { // by another connection, meanwhile
		return ce.Fingerprint
	}
	refusal := addr + " " + ce.Fingerprint
	if p.refused[refusal] || !isTerminal(p.app.Stdin) || ctx.Err() != nil {
		return ""
	}
	say, done := p.terminal()
	defer done()
	say(certText(addr, ce, trust.Describe(addr, ce.Chain[0], time.Now())))
	switch p.choose(ctx, say, "Trust it: once, always, or no? [no] ", "once", "always", "no") {
	case "once":
		store.Once(addr, ce.Fingerprint)
		return ce.Fingerprint
	case "always":
		if terr := store.Trust(addr, ce.Chain[0], time.Now()); terr != nil {
			say(name + ": it is trusted this time only: " + client.Printable(terr.Error()) + "\n")
		}
		return ce.Fingerprint
	}
	if p.refused == nil {
		p.refused = map[string]bool{}
	}
	p.refused[refusal] = true
	return ""
}

// certText is what a person has to see before the decision.
func certText(addr string, ce *client.CertError, srv trust.Server) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n\n", client.Printable(client.Explain(ce).Sentence))
	for _, line := range [][2]string{
		{"Server", addr},
		{"Subject", srv.Subject},
		{"Issued by", srv.Issuer},
		{"Names", strings.Join(srv.Names, ", ")},
		{"Valid", srv.NotBefore.Format(time.DateOnly) + " to " + srv.NotAfter.Format(time.DateOnly)},
		{"SHA-256", trust.Spaced(srv.Fingerprint)},
	} {
		if line[1] == "" {
			line[1] = "none"
		}
		fmt.Fprintf(&b, "  %-10s %s\n", line[0], client.Printable(line[1]))
	}
	b.WriteString("\nNothing but the greeting has been said yet. Whoever answers here will get the\n" +
		"password and the files. Compare the fingerprint with one that the server's\n" +
		"administrator gave you in another way.\n\n")
	return b.String()
}

// choose asks until one of the words, or its first letter, is typed. Return, the end of
// input and three other answers are the last of the words.
func (p *program) choose(ctx context.Context, say func(string), question string, words ...string) string {
	last := words[len(words)-1]
	for range 3 {
		say(question)
		line, err := p.readAnswer(ctx)
		line = strings.ToLower(strings.TrimSpace(line))
		if err != nil || line == "" {
			return last
		}
		for _, w := range words {
			if line == w || line == w[:1] {
				return w
			}
		}
	}
	return last
}

// readAnswer reads a line that is typed, or waits for ctx.
func (p *program) readAnswer(ctx context.Context) (string, error) {
	type result struct {
		line string
		err  error
	}
	in, ok := p.app.Stdin.(*os.File)
	if !ok {
		return "", os.ErrInvalid
	}
	done := make(chan result, 1)
	go func() { // outlives this call only where ctx ends first, as in readHidden
		line, err := readLine(in)
		done <- result{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case r := <-done:
		return r.line, r.err
	}
}

// sideBySide is the two certificates in two columns, the lines that differ marked.
func sideBySide(old, fresh trust.Server) string {
	const width = 32 // three to a fingerprint
	var b strings.Builder
	row := func(mark, what, left, right string) {
		l, r := cutEvery(left, width), cutEvery(right, width)
		for i := range max(len(l), len(r)) {
			var a, c string
			if i < len(l) {
				a = l[i]
			}
			if i < len(r) {
				c = r[i]
			}
			line := fmt.Sprintf("%s %-11s %s  %s", mark, what, padded(a, width), c)
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			mark, what = " ", ""
		}
	}
	since := "trusted before"
	if !old.Since.IsZero() {
		since = "trusted since " + old.Since.UTC().Format(time.DateOnly)
	}
	row(" ", "", since, "shown now")
	for _, d := range trust.Compare(old, fresh) {
		mark := " "
		if !d.Same {
			mark = "!"
		}
		left := d.Old
		if old.Subject == "" && d.What != "SHA-256" {
			left = "not known"
		}
		row(mark, d.What, left, d.New)
	}
	return b.String()
}

// cutEvery cuts a text into pieces of n characters at most. Where a fingerprint is cut,
// the colon goes with it.
func cutEvery(s string, n int) []string {
	var out []string
	for runes := []rune(client.Printable(s)); len(runes) > 0; {
		k := min(n, len(runes))
		piece := string(runes[:k])
		runes = runes[k:]
		if len(runes) > 0 && runes[0] == ':' {
			runes = runes[1:]
		}
		out = append(out, strings.TrimSpace(piece))
	}
	return out
}

// padded fills a text with blanks to n characters.
func padded(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-len([]rune(s))))
}
