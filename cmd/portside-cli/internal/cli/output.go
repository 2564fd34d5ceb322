package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"portside/client"
	"portside/client/transcript"
)

// A lockedWriter lets the transcript and the command write to stderr without
// cutting each other's lines.
type lockedWriter struct {
	mu  sync.Mutex // guards w, and bar
	w   io.Writer
	bar []byte // the progress line that stands on the terminal; empty: none
}

// Write writes b, above the progress line where there is one.
func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.bar) == 0 {
		return l.w.Write(b)
	}
	out := append([]byte(clearLine), b...)
	out = append(out, l.bar...)
	_, err := l.w.Write(out)
	return len(b), err
}

// clearLine takes the cursor to the start of the line and empties it.
const clearLine = "\r\x1b[K"

// setBar shows line as the progress line; an empty line takes it away.
func (l *lockedWriter) setBar(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(line) == 0 && len(l.bar) == 0 {
		return
	}
	l.bar = append(l.bar[:0], line...)
	_, _ = l.w.Write(append([]byte(clearLine), line...)) // a bar that cannot be shown is no failure
}

// errText writes to stderr. What cannot be written there can be told nowhere.
func (p *program) errText(s string) { _, _ = io.WriteString(p.errOut, s) }

// note says on stderr what is being done, with -v.
func (p *program) note(format string, args ...any) {
	if p.opt.verbose && !p.opt.quiet {
		p.errText("* " + client.Printable(p.mask(fmt.Sprintf(format, args...))) + "\n")
	}
}

// marshal makes one line of JSON. Bytes that are not UTF-8 become U+FFFD.
func marshal(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // only for types that no command has
		return []byte("{}\n")
	}
	return b.Bytes()
}

// outJSON writes one result to stdout.
func (p *program) outJSON(v any) error {
	_, err := p.out.Write(marshal(v))
	return err
}

// errJSON writes one error to stderr.
func (p *program) errJSON(v any) { _, _ = p.errOut.Write(marshal(v)) }

// openTranscript starts the recorder where --transcript or -v ask for one.
func (p *program) openTranscript() error {
	var full io.Writer
	switch p.opt.record {
	case "":
		if !p.opt.verbose || p.opt.quiet {
			return nil
		}
	case "-":
		full = p.errOut
	default:
		f, err := os.OpenFile(p.opt.record, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return &localError{op: "write the transcript", err: err}
		}
		p.transcript, full = f, f
	}
	notes := p.opt.verbose && !p.opt.quiet && p.opt.record != "-"
	p.recorder = transcript.New(1, func(l transcript.Line) {
		line := client.Printable(l.String()) + "\n"
		if full != nil {
			_, _ = io.WriteString(full, l.Time.UTC().Format("15:04:05.000 ")+line)
		}
		if notes && l.Kind == transcript.Note {
			p.errText(line)
		}
	})
	return nil
}

// closeTranscript ends the file of --transcript.
func (p *program) closeTranscript() error {
	if p.transcript == nil {
		return nil
	}
	if err := p.transcript.Close(); err != nil {
		return &localError{op: "write the transcript", err: err}
	}
	return nil
}
