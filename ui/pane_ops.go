package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"portside/client/listing"
	"portside/ui/state"
)

// paneOp is a change that is under way: one at a time.
type paneOp struct {
	text   string // what is being done, for the status line
	cancel context.CancelFunc
}

func (o *paneOp) running() bool { return o.cancel != nil }

func (o *paneOp) stop() {
	if o.cancel != nil {
		o.cancel()
	}
}

// change runs work off the Fyne goroutine and lists the folder again when it is
// done, or has failed half-way. then selects rows by their raw names.
func (p *Pane) change(text string, then []string, work func(ctx context.Context, src Source) error) {
	if p.src == nil {
		return
	}
	if p.op.running() {
		p.alert.Say("Something else is being done here.", "Wait until it is done, or cancel it.")
		return
	}
	p.alert.Hide()
	src, path := p.src, p.path
	p.op.text = text
	p.op.cancel = p.begin(func(ctx context.Context) {
		err := work(ctx, src)
		p.opt.Do(func() { p.changed(src, path, then, err) })
	})
	p.show()
}

func (p *Pane) changed(src Source, path string, then []string, err error) {
	p.op = paneOp{}
	if src != p.src {
		p.show()
		return
	}
	if err != nil {
		then = nil
	}
	if path == p.path && !p.load.running() {
		p.reload(then)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		p.alert.Say(p.src.Explain(err))
		p.tellError(err)
	}
	p.show()
}

// progress changes what the status line says is being done.
func (p *Pane) progress(text string) {
	p.opt.Do(func() {
		if p.op.running() {
			p.op.text = text
			p.showStatus()
		}
	})
}

// checkName says why an entry may not be called so.
func (p *Pane) checkName(text string) error {
	if p.src == nil {
		return nil
	}
	if err := p.src.Style().CheckName(text); err != nil {
		return err
	}
	raw, err := p.src.Encode(text)
	if err != nil {
		return errors.New("the server's character set does not have all of these characters")
	}
	if p.model.Has(raw) {
		return fmt.Errorf("“%s” exists already", text)
	}
	return nil
}

// NewFolder asks for a name and makes a folder.
func (p *Pane) NewFolder() {
	if p.src == nil || p.path == "" || p.opt.AskName == nil {
		return
	}
	suggested := state.FreeName("New folder", func(s string) bool { return p.checkName(s) != nil })
	p.opt.AskName("New folder", suggested, p.checkName, func(text string) {
		raw, err := p.src.Encode(text)
		if err != nil {
			p.alert.Say(p.src.Explain(err))
			return
		}
		path := p.src.Style().Join(p.path, raw)
		p.change("Making “"+text+"”…", []string{raw}, func(ctx context.Context, src Source) error { return src.Mkdir(ctx, path) })
	})
}

// RenameSelected lets the row of the cursor be renamed in its place.
func (p *Pane) RenameSelected() {
	if p.src != nil && p.path != "" && p.table.Visible() {
		p.table.Rename()
	}
}

func (p *Pane) rename(row state.Row, text string) {
	raw, err := p.src.Encode(text)
	if err != nil {
		p.alert.Say(p.src.Explain(err))
		return
	}
	from, to := p.Join(row), p.src.Style().Join(p.path, raw)
	p.change("Renaming “"+row.Text+"”…", []string{raw}, func(ctx context.Context, src Source) error {
		return src.Rename(ctx, from, to)
	})
}

// DeleteSelected asks and then deletes the selected rows.
func (p *Pane) DeleteSelected() {
	rows := p.Selection()
	if len(rows) == 0 || p.src == nil || p.opt.Confirm == nil {
		return
	}
	folders := func(r state.Row) bool { return r.Type == listing.Dir }
	if p.opt.SkipConfirm != nil && p.opt.SkipConfirm() && !slices.ContainsFunc(rows, folders) {
		p.delete(rows)
		return
	}
	title, sentence := p.deleteQuestion(rows)
	path := p.path
	p.opt.Confirm(title, sentence, "Delete", func() {
		if path == p.path {
			p.delete(rows)
		}
	})
}

// deleteQuestion says what will be deleted, how many, and from where.
func (p *Pane) deleteQuestion(rows []state.Row) (title, sentence string) {
	folders, size := 0, int64(0)
	for i := range rows {
		switch rows[i].Type {
		case listing.Dir:
			folders++
		default:
			size += max(rows[i].Size, 0)
		}
	}
	title = "Delete " + state.Describe(rows) + "?"
	what := "It is"
	if len(rows) > 1 {
		what = "They are"
	}
	sentence = fmt.Sprintf("%s in “%s” %s", what, p.src.Text(p.path), p.opt.Where)
	switch {
	case folders == 0 && size > 0:
		sentence += ", " + p.model.Format().Sum(size)
	case folders == 1 && len(rows) == 1:
		sentence += " and will be deleted with everything in it"
	case folders > 0:
		sentence += "; folders are deleted with everything in them"
	}
	return title, sentence + ". This cannot be undone."
}

func (p *Pane) delete(rows []state.Row) {
	if p.opt.DeleteTrees != nil {
		var trees, rest []state.Row
		for i := range rows {
			if rows[i].Type == listing.Dir {
				trees = append(trees, rows[i])
			} else {
				rest = append(rest, rows[i])
			}
		}
		if len(trees) > 0 {
			p.opt.DeleteTrees(p, trees)
		}
		if rows = rest; len(rows) == 0 {
			return
		}
	}
	paths := make([]string, len(rows))
	for i, row := range rows {
		paths[i] = p.Join(row)
	}
	p.change("Deleting "+state.Describe(rows)+"…", nil, func(ctx context.Context, src Source) error {
		var told time.Time
		for i, row := range rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(rows) > 1 && time.Since(told) > 100*time.Millisecond {
				told = time.Now()
				p.progress(fmt.Sprintf("Deleting %s of %s…", state.Count(int64(i+1)), state.Count(int64(len(rows)))))
			}
			if err := src.Delete(ctx, paths[i], row); err != nil {
				return err
			}
		}
		return nil
	})
}

// TransferSelected hands the selected rows to OnTransfer.
func (p *Pane) TransferSelected() { p.transfer(p.Selection()) }

// CopyPath puts the paths of the selected rows, or of the folder, on the clipboard.
func (p *Pane) CopyPath() { p.copyLines(p.src, func(path string) string { return p.src.Text(path) }) }

// CopyURL puts their URLs on the clipboard.
func (p *Pane) CopyURL() { p.copyLines(p.src, func(path string) string { return p.src.Address(path) }) }

func (p *Pane) copyLines(src Source, write func(path string) string) {
	if src == nil || p.path == "" {
		return
	}
	text := ""
	for _, path := range p.selectedPaths() {
		if line := write(path); line != "" {
			if text != "" {
				text += "\n"
			}
			text += line
		}
	}
	if text != "" {
		fyne.CurrentApp().Clipboard().SetContent(text)
	}
}

// selectedPaths returns the raw paths of the selected rows, or that of the folder.
func (p *Pane) selectedPaths() []string {
	rows := p.Selection()
	if len(rows) == 0 {
		return []string{p.path}
	}
	paths := make([]string, len(rows))
	for i, row := range rows {
		paths[i] = p.Join(row)
	}
	return paths
}
