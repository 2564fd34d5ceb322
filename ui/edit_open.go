package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"runtime"

	"portside/client"
	"portside/client/listing"
	"portside/transfers"
	"portside/transfers/edit"
	"portside/ui/state"
)

// editLimit is the size in bytes above which a file is fetched only after a question.
const editLimit = 10 << 20

// editSelected edits what is selected in the pane that is used.
func (w *Window) editSelected() { w.editRows(w.active, w.active.Selection()) }

// editRows fetches files of the server and opens them with an editor; files of this
// computer are opened where they are.
func (w *Window) editRows(p *Pane, rows []state.Row) {
	if len(rows) == 0 {
		return
	}
	for _, r := range rows {
		if r.IsDir() {
			p.alert.Say(fmt.Sprintf("“%s” is a folder: only files can be edited.", r.Text), "")
			return
		}
	}
	if len(rows) > edit.MaxAtOnce {
		p.alert.Say(fmt.Sprintf("At most %d files can be edited at once.", edit.MaxAtOnce), "Select fewer of them.")
		return
	}
	if p == w.local {
		for _, r := range rows {
			if at := p.Join(r); filepath.IsAbs(at) { // else a program would read it as something else
				w.openWithEditor(r.Text, at)
			}
		}
		return
	}
	if !w.ready() {
		return
	}
	key, name := siteKey(w.shown.Target), w.shown.Target.name()
	requests := make([]edit.Request, len(rows))
	for i, r := range rows {
		requests[i] = edit.Request{
			Site: key, SiteName: name, Remote: p.Join(r), Limit: editLimit,
			Entry: listing.Entry{Name: r.Name, Size: r.Size, ModTime: r.ModTime, Mode: r.Mode, Type: r.Type},
		}
	}
	w.fetchEdits(p, requests)
}

// fetchEdits fetches files, one after the other, and opens each as soon as it is here.
func (w *Window) fetchEdits(p *Pane, requests []edit.Request) {
	var large []edit.Request
	var sizes []*edit.SizeError
	p.work("Fetching “"+p.src.Text(filepath.Base(requests[0].Remote))+"”…", func(ctx context.Context) error {
		select {
		case <-w.edits.opened:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		d := w.edits.desk.Load()
		if d == nil {
			return errNoDesk
		}
		var failed error
		for i, q := range requests {
			f, err := d.Fetch(ctx, q, func(t transfers.Progress) { p.progress(fetchText(i, len(requests), t)) })
			tooLarge, isLarge := errors.AsType[*edit.SizeError](err)
			switch {
			case isLarge:
				large, sizes = append(large, q), append(sizes, tooLarge)
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case err != nil:
				failed = errors.Join(failed, err)
			default:
				w.cfg.Do(func() { w.openEdited(f) }) //nolint:contextcheck // the window has a context of its own
			}
		}
		return failed
	}, func(err error) {
		if err != nil {
			advice := edit.Explain(err)
			p.alert.Say(advice.Sentence, advice.Next)
			p.tellError(err)
		}
		if len(large) > 0 {
			w.askLarge(p, large, sizes)
		}
	})
}

var errNoDesk = errors.New("edited files cannot be kept on this computer")

// fetchText says how far a download is.
func fetchText(i, of int, t transfers.Progress) string {
	text := "Fetching…"
	if of > 1 {
		text = fmt.Sprintf("Fetching %d of %d…", i+1, of)
	}
	if t.FileSize > 1<<20 {
		text += fmt.Sprintf(" %d %%", t.FileBytes*100/t.FileSize)
	}
	return text
}

// askLarge asks before large files are fetched.
func (w *Window) askLarge(p *Pane, requests []edit.Request, sizes []*edit.SizeError) {
	sum := int64(0)
	for i := range requests {
		requests[i].Limit = 0
		sum += max(sizes[i].Size, 0)
	}
	title, text := "Edit a large file?", edit.Explain(sizes[0]).Sentence
	if sizes[0].Size >= 0 {
		text = fmt.Sprintf("“%s” has %s, which are fetched before the editor opens.", sizes[0].Text, w.format().Sum(sizes[0].Size))
	}
	if len(requests) > 1 {
		title = "Edit large files?"
		text = fmt.Sprintf("%d files have %s together, which are fetched before the editor opens.", len(requests), w.format().Sum(sum))
	}
	src := p.src
	w.sheets.Show(&sheet{title: title, body: paragraph(text), confirm: "Edit", done: func(yes bool) {
		if yes && p.src == src {
			w.fetchEdits(p, requests)
		}
	}})
}

// openEdited opens a copy with the editor, which is not waited for: it may hand the
// file over to one that runs already.
func (w *Window) openEdited(f edit.File) { w.openWithEditor(f.Text, f.Local) }

// openWithEditor opens a file of this computer to be edited; text is its name for people.
func (w *Window) openWithEditor(text, at string) {
	command, err := editCommand(runtime.GOOS, w.prefs.get().Editor, at)
	if err != nil {
		w.notOpened("“" + text + "” was not opened. " + sentence(err.Error()))
		return
	}
	w.openWith(text, command)
}

// openWith starts the program that opens a file; text is the file's name for people.
func (w *Window) openWith(text string, command []string) {
	w.startOr(command, func(err error) {
		switch {
		case !errors.Is(err, exec.ErrNotFound) && !errors.Is(err, fs.ErrNotExist):
			w.notOpened("“" + text + "” was not opened. " + sentence(client.Printable(err.Error())))
		case w.prefs.get().Editor != "":
			w.notOpened("“" + client.Printable(command[0]) + "” was not found to open “" + text + "”.")
		default:
			w.notOpened("No program was found to open “" + text + "”.")
		}
	})
}

// notOpened says why a file was not opened, and offers to name a program.
func (w *Window) notOpened(why string) {
	w.banners.Show(notice{
		key: "edit-open", tone: toneWarning, text: why,
		actions: []action{{"Settings", func() {
			w.ShowSettings()
			w.prefs.view.Open(state.PrefEditing)
		}}},
	})
}

// editCommand is what opens a file to be edited. What the system would run
// rather than show is given to the system's editor, where there is one.
func editCommand(system, editor, path string) ([]string, error) {
	if editor != "" || !edit.Runs(system, path) {
		return openCommand(system, editor, path)
	}
	switch system {
	case "darwin":
		return []string{"open", "-t", path}, nil
	case "windows":
		return []string{"notepad.exe", path}, nil
	default:
		return nil, errors.New("the system might run it instead of showing it: name an editor in the settings")
	}
}
