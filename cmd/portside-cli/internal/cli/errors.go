package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"portside/client"
	"portside/client/trust"
	"portside/transfers"
)

// A usageError is a command line that was not understood.
type usageError struct {
	err     error
	command string // whose help says more; empty: the program's
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usagef returns a usageError with a formatted message.
func usagef(format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...)}
}

// A localError is trouble on this computer: a file that cannot be read or written.
type localError struct {
	op  string
	err error
}

func (e *localError) Error() string { return "cannot " + e.op + ": " + e.err.Error() }
func (e *localError) Unwrap() error { return e.err }

// An adviceError is an error for which a command knows better than the engine
// what to say, for example that a folder needs -r.
type adviceError struct {
	advice client.Advice
	err    error // what happened; may be nil
}

func (e *adviceError) Error() string { return e.advice.Sentence }
func (e *adviceError) Unwrap() error { return e.err }

// A failures error is the failed part of a command that worked on several
// files. Each has been reported already.
type failures struct {
	list []failure
	done int // how many succeeded
}

// A failure is one file or address that failed.
type failure struct {
	path string // as shown
	err  error
}

func (e *failures) Error() string {
	if len(e.list) == 1 {
		return "1 failed"
	}
	return fmt.Sprintf("%d failed", len(e.list))
}

// code returns the exit code of the failures: their own where nothing else
// was done and all agree, else 1.
func (e *failures) code() int {
	code := exitFailed
	for i, f := range e.list {
		_, c := explain(f.err)
		if i == 0 {
			code = c
		}
		if c == exitInterrupted {
			return c
		}
		if c != code || e.done > 0 {
			code = exitFailed
		}
	}
	return code
}

// A problem is an error as it is told.
type problem struct {
	Path    string `json:"path,omitempty"` // which of several, where there are several
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Kind    string `json:"kind"`
	Code    int    `json:"code"`            // the exit code
	Reply   int    `json:"reply,omitempty"` // the server's reply code, where it refused
	Pin     string `json:"fingerprint,omitempty"`

	Known *trust.Server `json:"trusted_certificate,omitempty"` // in whose place Shown came
	Shown *trust.Server `json:"shown_certificate,omitempty"`
}

// explain puts err into words for people, without secrets, and finds its exit code.
func explain(err error) (problem, int) {
	advice := adviceOf(err)
	code := exitCode(err, advice.Kind)
	pr := problem{Message: advice.Sentence, Hint: advice.Next, Kind: advice.Kind.String(), Code: code}
	if ue, ok := errors.AsType[*usageError](err); ok {
		pr.Kind = "usage"
		if pr.Hint == "" {
			pr.Hint = "See: " + helpOf(ue)
		}
	}
	if re, ok := errors.AsType[*client.ReplyError](err); ok {
		pr.Reply = re.Reply.Code
	}
	if ce, ok := errors.AsType[*client.CertError](err); ok {
		pr.Pin = ce.Fingerprint
	}
	if changed, ok := errors.AsType[*changedCert](err); ok {
		pr.Known, pr.Shown = &changed.old, &changed.fresh
	}
	return pr, code
}

func helpOf(e *usageError) string {
	if e.command == "" {
		return name + " --help"
	}
	return e.command + " --help"
}

// adviceOf is transfers.Explain with what the commands themselves know, and
// with the options of this program in the next step.
func adviceOf(err error) client.Advice {
	if ae, ok := errors.AsType[*adviceError](err); ok {
		return ae.advice
	}
	if ue, ok := errors.AsType[*usageError](err); ok {
		return client.Advice{Sentence: ue.Error(), Kind: client.KindOther}
	}
	if le, ok := errors.AsType[*localError](err); ok {
		return client.Advice{Sentence: "Cannot " + le.op + ": " + plainLocal(le.err) + ".", Next: localHint(le.err), Kind: client.KindLocal}
	}
	advice := transfers.Explain(err)
	if changed, ok := errors.AsType[*changedCert](err); ok {
		return changed.advice(advice)
	}
	if ce, ok := errors.AsType[*client.CertError](err); ok && !errors.Is(err, client.ErrPinMismatch) && ce.Fingerprint != "" {
		advice.Next = "Ask the server's administrator for the certificate's SHA-256 fingerprint. Only if it is the same, add --pin " + ce.Fingerprint + "."
	}
	advice.Next = optionNames().Replace(advice.Next)
	return advice
}

// optionNames puts the options of this program in place of the engine's words,
// which suit the window as well.
func optionNames() *strings.Replacer {
	return strings.NewReplacer(
		"transfer it again with “resume” to go on from there", "run the command again with --continue to go on from there",
		"Transfer it again without “resume”", "Run the command again without --continue",
		"Choose what to do with existing files: overwrite, resume, rename or skip", "Choose with --exists what to do with existing files: overwrite, resume, rename or skip",
		"Check the name, and refresh the listing", "Check the name; ls shows what is there",
		"Try an active mode", "Try --mode active",
		"Use a passive mode", "Use --mode passive",
		"or use a passive mode", "or use --mode passive",
		"or allow more time", "or allow more time with --timeout",
		"Give the account name (ACCT)", "Give the account name with --account",
	)
}

// plainLocal says a file system error without Go's wrapping.
func plainLocal(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Sprintf("%s: %v", pe.Path, pe.Err)
	}
	return err.Error()
}

// localHint is the next step after trouble with a local file.
func localHint(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "Check the name of the local file or folder."
	case errors.Is(err, fs.ErrPermission):
		return "Check the permissions of the local file or folder, or choose another."
	case errors.Is(err, syscall.ENOSPC):
		return "Free some space on this computer, then try again."
	default:
		return ""
	}
}

// report tells err, once and without secrets, and returns the exit code.
func (p *program) report(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	if done, ok := errors.AsType[*outcome](err); ok && !isLocal(err) {
		return done.code
	}
	if fs, ok := errors.AsType[*failures](err); ok {
		if ctx.Err() != nil {
			return exitInterrupted
		}
		return fs.code()
	}
	if le, ok := errors.AsType[*localError](err); ok && errors.Is(le.err, syscall.EPIPE) {
		return exitLocal // who reads stdout has seen enough, as "head" does; that is no news
	}
	pr, code := explain(err)
	if ctx.Err() != nil || code == exitInterrupted {
		pr, code = interrupted(err), exitInterrupted
	}
	p.tell(pr)
	return code
}

// interrupted is what is told after Ctrl+C, whatever error it left behind.
func interrupted(err error) problem {
	pr := problem{Message: "Interrupted.", Kind: client.KindCancelled.String(), Code: exitInterrupted}
	if ke, ok := errors.AsType[*transfers.KeptError](err); ok {
		pr.Hint = fmt.Sprintf("%s of %s are kept: run the command again with --continue to go on from there.", bytesText(ke.Bytes), bytesText(ke.Size))
	}
	if _, ok := errors.AsType[*heldError](err); ok {
		pr.Hint = "What is not done stays in the queue."
	}
	if se, ok := errors.AsType[*stoppedError](err); ok {
		how := "--continue"
		if se.copied {
			how = "--continue -T" // by now the destination is a folder that exists
		}
		pr.Hint = "What is there is kept: run the command again with " + how + " to go on from there."
	}
	return pr
}

// tell writes one problem to stderr, as text or as JSON.
func (p *program) tell(pr problem) {
	pr.Message = p.mask(pr.Message)
	pr.Hint = p.mask(pr.Hint)
	if p.verb == "mirror" { // it goes on by itself
		pr.Hint = strings.Replace(pr.Hint, " with --continue", "", 1)
	}
	if p.opt.json {
		p.errJSON(struct {
			Error problem `json:"error"`
		}{pr})
		return
	}
	var b strings.Builder
	b.WriteString(name + ": ")
	if pr.Path != "" {
		b.WriteString(client.Printable(pr.Path) + ": ")
	}
	b.WriteString(client.Printable(pr.Message) + "\n")
	if pr.Known != nil && pr.Shown != nil {
		b.WriteString("\n" + sideBySide(*pr.Known, *pr.Shown) + "\n")
	}
	if pr.Hint != "" {
		b.WriteString("  hint: " + client.Printable(pr.Hint) + "\n")
	}
	p.errText(b.String())
}

// failed reports one failed path of several, and keeps it for the exit code.
func (p *program) failed(list *failures, path string, err error) {
	list.list = append(list.list, failure{path: path, err: err})
	pr, _ := explain(err)
	pr.Path = path
	p.tell(pr)
}

// orNil returns e as an error where something failed.
func (e *failures) orNil() error {
	if len(e.list) == 0 {
		return nil
	}
	return e
}

var passwordInURL = regexp.MustCompile(`(?i)\b(ftps?|ftpes)://([^\s/:@]*):[^\s/]*@`)

// conceal keeps a password out of every message from now on.
func (p *program) conceal(secret string) {
	p.secretsMu.Lock()
	defer p.secretsMu.Unlock()
	p.secrets = append(p.secrets, secret)
}

// mask takes every password that is known, and every password in an address,
// out of a message.
func (p *program) mask(s string) string {
	p.secretsMu.Lock()
	known := p.secrets
	p.secretsMu.Unlock()
	for _, secret := range known {
		if len(secret) < 3 { // would mangle ordinary words
			continue
		}
		quoted := strconv.Quote(secret) // as what a server says is quoted
		for _, form := range []string{secret, quoted[1 : len(quoted)-1], client.Printable(secret), url.QueryEscape(secret), url.PathEscape(secret)} {
			s = strings.ReplaceAll(s, form, "****")
		}
	}
	return passwordInURL.ReplaceAllString(s, "$1://$2:****@")
}
