package ui

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"portside/transfers/edit"
	"portside/transfers/queue"
)

// The banners about edited files.
const (
	editChanged = "edit-changed"
	editFailed  = "edit-failed"
	editKept    = "edit-kept"
)

// editNames lists files for people, the first three by name.
func editNames(files []edit.File) string {
	const most = 3
	var names []string
	for _, f := range files[:min(len(files), most)] {
		names = append(names, "“"+f.Text+"”")
	}
	if more := len(files) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func editsWhere(files []edit.File, is func(edit.File) bool) []edit.File {
	return slices.DeleteFunc(slices.Clone(files), func(f edit.File) bool { return !is(f) })
}

// askChanged asks about what was saved in an editor: about all of it at once.
func (w *Window) askChanged(d *edit.Desk, files []edit.File) {
	e := &w.edits
	files = editsWhere(files, func(f edit.File) bool { return f.State == edit.Changed && !f.Quiet && !f.Kept })
	var now []edited
	for _, f := range files {
		now = append(now, about(f))
	}
	switch {
	case slices.Equal(now, e.asked):
		return
	case len(now) == 0:
		e.asked = nil
		w.banners.Hide(editChanged)
		return
	}
	e.asked = now
	each := func(do func(id string)) func() {
		return func() {
			e.asked = nil
			for _, f := range now {
				do(f.id)
			}
			w.editNews()
			if !w.covered() && !w.sheets.Open() {
				w.focusPane(w.active) // the button that had the keyboard is gone
			}
		}
	}
	to := w.editsElsewhere(files)
	text, upload, always := editNames(files)+" was changed. Upload it"+to+"?", "Upload", "Always for this file"
	if len(files) > 1 {
		text, upload, always = editNames(files)+" were changed. Upload them"+to+"?", "Upload all", "Always for these"
	}
	w.banners.Show(notice{key: editChanged, lasting: true, tone: toneInfo, text: text, actions: []action{
		{upload, each(func(id string) { d.Upload(id, edit.Plainly) })},
		{always, each(func(id string) {
			d.Always(id)
			d.Upload(id, edit.Plainly)
		})},
		{"Not now", each(d.NotNow)},
	}})
}

// editsElsewhere says where files go, where that is not the server that is shown.
func (w *Window) editsElsewhere(files []edit.File) string {
	shown := ""
	if w.shown.State == linkUp {
		shown = siteKey(w.shown.Target)
	}
	var names []string
	elsewhere := false
	for _, f := range files {
		elsewhere = elsewhere || !sameSite(f.Site, shown)
		if !slices.Contains(names, f.SiteName) {
			names = append(names, f.SiteName)
		}
	}
	if !elsewhere {
		return ""
	}
	return " to " + strings.Join(names, " and ")
}

// sayFailed says why something was not uploaded: of one file at a time.
func (w *Window) sayFailed(d *edit.Desk, files []edit.File) {
	e := &w.edits
	files = editsWhere(files, func(f edit.File) bool { return f.State == edit.Failed && !f.Quiet })
	if len(files) == 0 {
		e.failed = edited{}
		w.banners.Hide(editFailed)
		return
	}
	f := files[0]
	if e.failed == about(f) {
		return
	}
	e.failed = about(f)
	answer := func(do func()) func() {
		return func() {
			e.failed = edited{}
			do()
			w.editNews()
		}
	}
	advice := edit.Explain(f.Err)
	text := joinSentences(fmt.Sprintf("“%s” was not uploaded to %s", f.Text, f.SiteName), advice.Sentence, advice.Next)
	again := action{"Try again", answer(func() { d.Retry(f.ID) })}
	if errors.Is(f.Err, queue.ErrLogin) {
		text = fmt.Sprintf("“%s” waits for a connection to %s: the password is not known.", f.Text, f.SiteName)
		again = action{"Log in", answer(func() { w.loginSite(f.Site) })}
	}
	w.banners.Show(notice{key: editFailed, lasting: true, tone: toneError, text: text, actions: []action{
		again, {"Not now", answer(func() { d.NotNow(f.ID) })},
	}})
}

// askConflict asks what is to become of a file that was changed on the server while it
// was edited here. Cancelling changes nothing anywhere.
func (w *Window) askConflict(d *edit.Desk, files []edit.File) {
	e := &w.edits
	files = editsWhere(files, func(f edit.File) bool { return f.State == edit.Conflicted && !f.Quiet })
	if len(files) == 0 || w.sheets.Open() {
		return
	}
	f := files[0]
	if e.sheet == about(f) {
		return
	}
	e.sheet = about(f)
	title, text := w.conflictText(f)
	w.sheets.Show(&sheet{
		title: title, body: paragraph(text), width: 640, alarm: true, cancel: "Keep mine only here", safe: true,
		extra: []sheetChoice{ // none of them is what Return means
			{"Overwrite theirs", func() { d.Upload(f.ID, edit.Overwrite) }},
			{"Save mine under another name", func() { d.Upload(f.ID, edit.BesideIt) }},
		},
		done: func(bool) { w.notNow(d, about(f)) }, // what was saved meanwhile is asked about next
	})
}

// conflictText says what is on the server, and what is here.
func (w *Window) conflictText(f edit.File) (title, text string) {
	c, format := f.Conflict, w.format()
	mine := fmt.Sprintf("Yours has %s and was saved %s.", format.Sum(f.Size), format.Time(f.Changed))
	if c.Gone {
		return fmt.Sprintf("“%s” was deleted on the server meanwhile", f.Text),
			fmt.Sprintf("Somebody has deleted it on %s while you were editing it. %s Nothing was uploaded yet.", f.SiteName, mine)
	}
	theirs := "The file there"
	if c.Theirs.Size >= 0 {
		theirs += " has " + format.Sum(c.Theirs.Size)
	} else {
		theirs += " has an unknown size"
	}
	if !c.Theirs.Time.IsZero() {
		theirs += " and was changed " + format.Time(c.Theirs.Time.Local())
	}
	title = fmt.Sprintf("“%s” was changed on the server meanwhile", f.Text)
	text = fmt.Sprintf("It is another file on %s than the one that you began to edit. %s. %s Nothing was uploaded yet.", f.SiteName, theirs, mine)
	if c.Unsure {
		title = fmt.Sprintf("“%s” may have been changed on the server", f.Text)
		text = fmt.Sprintf("%s does not say when the file was changed, so that somebody else may have done so. %s. %s Nothing was uploaded yet.", f.SiteName, theirs, mine)
	}
	if c.Interrupted {
		text += " An upload of yours broke off before: what is there may be a part of it."
	}
	return title, text
}

// offerKept offers the copies of an earlier run, of one server at a time.
func (w *Window) offerKept(d *edit.Desk, files []edit.File) {
	e := &w.edits
	files = editsWhere(files, func(f edit.File) bool { return f.State == edit.Changed && f.Kept })
	if len(files) > 0 {
		site := files[0].Site
		files = editsWhere(files, func(f edit.File) bool { return f.Site == site })
	}
	var now []edited
	for _, f := range files {
		now = append(now, about(f))
	}
	if slices.Equal(now, e.kept) {
		return
	}
	e.kept = now
	if len(now) == 0 {
		w.banners.Hide(editKept)
		return
	}
	w.showKept(d, files)
}

func (w *Window) showKept(d *edit.Desk, files []edit.File) {
	host := files[0].SiteName
	text := fmt.Sprintf("%s of %s was not uploaded. It was edited before Portside ended.", editNames(files), host)
	if len(files) > 1 {
		text = fmt.Sprintf("%d edited files of %s were not uploaded: %s.", len(files), host, editNames(files))
	}
	again := func() { w.showKept(d, files) }
	w.banners.Show(notice{key: editKept, lasting: true, tone: toneWarning, text: text, actions: []action{
		{"Show folder", func() {
			dir := filepath.Dir(files[0].Local)
			if len(files) > 1 {
				dir = filepath.Dir(dir)
			}
			w.leaveDiagnosis()
			w.local.Go(dir)
			w.focusPane(w.local)
			again()
		}},
		{"Upload", func() {
			for _, f := range files {
				d.Upload(f.ID, edit.Plainly)
			}
		}},
		{"Discard", func() { w.discardKept(d, files, again) }},
	}})
}

// discardKept asks before work is deleted.
func (w *Window) discardKept(d *edit.Desk, files []edit.File, again func()) {
	title, text := "Discard "+editNames(files)+"?", "What was edited is deleted on this computer. The file on the server stays as it is. This cannot be undone."
	if len(files) > 1 {
		text = "What was edited is deleted on this computer. The files on the server stay as they are. This cannot be undone."
	}
	w.sheets.Show(&sheet{title: title, body: paragraph(text), confirm: "Discard", danger: true, done: func(yes bool) {
		if !yes {
			again()
			return
		}
		w.run(func() {
			var err error
			for _, f := range files {
				err = errors.Join(err, d.Discard(f.ID))
			}
			if err != nil {
				w.cfg.Do(func() { w.saySettings(err) })
			}
		})
	}})
}
