package cli

import (
	"errors"
	"fmt"
	"time"

	"portside/client"
	"portside/transfers"
)

// A mirrorJSON is the result of mirror, after the lines for its entries.
type mirrorJSON struct {
	Done       string          `json:"done"`
	From       string          `json:"from"`
	To         string          `json:"to"`
	DryRun     bool            `json:"dry_run"`
	New        int             `json:"new"`
	Changed    int             `json:"changed"`
	Deleted    int             `json:"deleted"`
	Dirs       int             `json:"dirs"` // made
	Unchanged  int             `json:"unchanged"`
	Skipped    int             `json:"skipped"`
	Bytes      int64           `json:"bytes"`
	Seconds    float64         `json:"seconds"`
	Notes      []noteJSON      `json:"notes,omitempty"`
	Failed     []problem       `json:"failed,omitempty"`
	Connection *connectionJSON `json:"connection,omitempty"`
}

// A mirrorLine is one entry.
type mirrorLine struct {
	Action string `json:"action"`
	Path   string `json:"path"`
	Type   string `json:"type"` // "file" or "dir"
	Size   *int64 `json:"size,omitempty"`
	Why    string `json:"why,omitempty"`
}

// A mirrorOutput prints what mirror does, and counts it.
type mirrorOutput struct {
	p        *program
	bar      *progressBar
	dryRun   bool
	from, to string
	res      mirrorJSON
}

// still tells what stays as it is, as far as that is worth telling.
func (o *mirrorOutput) still(plan *transfers.MirrorPlan) {
	for _, e := range plan.Entries {
		switch e.Action {
		case transfers.MirrorKeep:
			if !e.Dir {
				o.res.Unchanged++
			}
			if e.Why != "" && o.p.opt.verbose {
				o.line("=", e)
			}
		case transfers.MirrorSkip:
			o.res.Skipped++
			if e.Why != "excluded" || o.p.opt.verbose {
				o.line(".", e)
			}
		}
	}
}

// all tells what a dry run would do.
func (o *mirrorOutput) all(plan *transfers.MirrorPlan, sum *transfers.Summary) error {
	for _, e := range plan.Entries {
		switch e.Action {
		case transfers.MirrorKeep, transfers.MirrorSkip:
		case transfers.MirrorConflict:
			sum.Failed = append(sum.Failed, transfers.Failure{Path: e.Path, Err: e.Err})
		default:
			if e.Size > 0 && e.Action != transfers.MirrorDelete {
				sum.Bytes += e.Size
			}
			o.done(e, nil)
		}
	}
	if len(sum.Failed) > 0 {
		return &transfers.IncompleteError{Failed: sum.Failed, Total: len(plan.Entries)}
	}
	return nil
}

// done tells of one entry that is done.
func (o *mirrorOutput) done(e transfers.MirrorEntry, err error) {
	if err != nil {
		return // told at the end
	}
	switch e.Action {
	case transfers.MirrorMakeDir:
		o.res.Dirs++
		o.line("+", e)
	case transfers.MirrorNew:
		o.res.New++
		o.line("+", e)
	case transfers.MirrorChanged:
		o.res.Changed++
		o.line("~", e)
	case transfers.MirrorDelete:
		o.res.Deleted++
		o.line("-", e)
	}
}

// line prints one entry.
func (o *mirrorOutput) line(mark string, e transfers.MirrorEntry) {
	if o.p.opt.json {
		l := mirrorLine{Action: e.Action.String(), Path: e.Path, Type: "file", Why: e.Why}
		if e.Dir {
			l.Type = "dir"
		} else if e.Size >= 0 {
			l.Size = &e.Size
		}
		_ = o.p.outJSON(l) // the last line says whether stdout can be written
		return
	}
	text := mark + " " + client.Printable(e.Path)
	if e.Dir {
		text += "/"
	}
	if e.Why != "" {
		text += " (" + client.Printable(e.Why) + ")"
	}
	if o.bar != nil {
		o.bar.out.setBar(nil)
	}
	_, _ = o.p.out.WriteString(text + "\n") // flush says whether it can be written
	if isTerminal(o.p.app.Stdout) {
		_ = o.p.out.Flush()
	}
}

// finish sums up; err is what the transfer returned.
func (o *mirrorOutput) finish(sum transfers.Summary, err error, took time.Duration, s *client.Session) error {
	p := o.p
	if _, incomplete := errors.AsType[*transfers.IncompleteError](err); err != nil && !incomplete {
		return err
	}
	res := &o.res
	res.Done, res.From, res.To, res.DryRun = "mirror", o.from, o.to, o.dryRun
	res.Bytes, res.Seconds = sum.Bytes, took.Round(time.Microsecond).Seconds()
	for _, n := range sum.Notes {
		res.Notes = append(res.Notes, noteJSON{Path: n.Path, Text: n.Text})
		if !p.opt.json && !p.opt.quiet {
			p.errText(fmt.Sprintf("%s: %s: %s\n", name, client.Printable(n.Path), client.Printable(n.Text)))
		}
	}
	ferr := p.treeFailures(sum, err, func(path string) string { return path })
	if fe, ok := errors.AsType[*failures](ferr); ok {
		fe.done += res.Dirs + res.Deleted + res.Unchanged
		for _, f := range fe.list {
			pr, _ := explain(f.err)
			pr.Path, pr.Message, pr.Hint = f.path, p.mask(pr.Message), p.mask(pr.Hint)
			res.Failed = append(res.Failed, pr)
		}
	}
	if p.opt.json {
		c := p.connectionOf(s)
		res.Connection = &c
		return errors.Join(p.outJSON(res), ferr)
	}
	if !p.opt.quiet {
		_, _ = p.out.WriteString(o.summary(len(sum.Failed))) // flush says whether it can be written
	}
	return ferr
}

// summary is the last line.
func (o *mirrorOutput) summary(failed int) string {
	r := &o.res
	text := fmt.Sprintf("%d new, %d changed, %d deleted, %d unchanged", r.New, r.Changed, r.Deleted, r.Unchanged)
	if r.Skipped > 0 {
		text += fmt.Sprintf(", %d skipped", r.Skipped)
	}
	if failed > 0 {
		text += fmt.Sprintf(", %d failed", failed)
	}
	if r.DryRun {
		return fmt.Sprintf("%s; %s to transfer; nothing was done (--dry-run)\n", text, bytesText(r.Bytes))
	}
	return fmt.Sprintf("%s; %s in %s\n", text, bytesText(r.Bytes), secondsText(r.Seconds))
}
