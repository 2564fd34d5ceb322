package ui

import (
	"fmt"
	"slices"

	"portside/client"
	"portside/transfers/edit"
)

// showSending says what is on its way in the line below the server's files.
func (w *Window) showSending(files []edit.File) {
	text, of := "", 0
	var ids []string
	for _, f := range files {
		if f.State != edit.Sending {
			continue
		}
		ids = append(ids, f.ID)
		of++
		text = fmt.Sprintf("Uploading “%s”…", f.Text)
		if f.Size > 1<<20 {
			text += fmt.Sprintf(" %d %%", f.Sent*100/f.Size)
		}
	}
	if of > 1 {
		text = fmt.Sprintf("Uploading %d edited files…", of)
	}
	w.remote.SetSide(text, func() {
		if d := w.edits.desk.Load(); d != nil {
			for _, id := range ids {
				d.Cancel(id)
			}
		}
	})
}

// askEdits asks before the program ends with edited files that the server has not. It
// reports whether it asks.
func (w *Window) askEdits() bool {
	files := w.unsentEdits()
	if len(files) == 0 || w.edits.leaving {
		w.edits.leaving = false // what is asked next may keep the program here
		return false
	}
	title := fmt.Sprintf("%s was not uploaded", editNames(files))
	text := "It was edited here, and the server does not have it yet. A copy that is kept is offered when Portside starts again."
	if len(files) > 1 {
		title = fmt.Sprintf("%d edited files were not uploaded", len(files))
		text = fmt.Sprintf("The server does not have %s yet. Copies that are kept are offered when Portside starts again.", editNames(files))
	}
	if w.edits.temp != "" {
		text = "The server does not have it yet. A copy that is kept is not offered again: it stays in " + client.Printable(w.edits.temp) + "."
		if len(files) > 1 {
			text = fmt.Sprintf("The server does not have %s yet. Copies that are kept are not offered again: they stay in %s.",
				editNames(files), client.Printable(w.edits.temp))
		}
	}
	w.sheets.Show(&sheet{
		title: title, body: paragraph(text), width: 560, confirm: "Upload and quit", cancel: "Go on working",
		extra: []sheetChoice{{"Keep and quit", func() {
			w.edits.leaving = true
			w.askToClose()
		}}},
		done: func(yes bool) {
			if yes {
				w.uploadAndQuit(files)
			}
		},
	})
	return true
}

func (w *Window) uploadAndQuit(files []edit.File) {
	d := w.edits.desk.Load()
	w.edits.quitting = nil
	for _, f := range files {
		w.edits.quitting = append(w.edits.quitting, f.ID)
		d.Upload(f.ID, edit.Plainly)
	}
	w.editNews()
}

// quitAfterUploads ends the program once all is uploaded that was to be; where
// something of it is not, the program stays, and says so.
func (w *Window) quitAfterUploads(files []edit.File) (over bool) {
	e := &w.edits
	if len(e.quitting) == 0 || w.sheets.Open() { // what has to be asked is asked after that
		return false
	}
	for _, f := range files {
		if !slices.Contains(e.quitting, f.ID) {
			continue
		}
		if f.State == edit.Sending {
			return false
		}
		if f.Unsent() {
			e.quitting = nil
			return false
		}
	}
	e.quitting = nil
	w.askToClose()
	return true
}
