package ui

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"portside/client"
	"portside/transfers"
	"portside/transfers/edit"
	"portside/transfers/queue"
)

// windowEdits are the files of servers that are being edited, and what is said about
// them. Its fields belong to the Fyne goroutine where nothing else is said.
type windowEdits struct {
	opened  chan struct{}             // closed once desk is there
	desk    atomic.Pointer[edit.Desk] // nil: it is being opened
	pending atomic.Bool               // pull is on its way
	end     context.CancelFunc
	temp    string // the folder of the copies, where it is for this run only

	asked    []edited // what the banner about changes is about
	failed   edited   // what the banner about failures is about
	kept     []edited // what the banner about kept copies is about
	sheet    edited   // the conflict that was asked about last
	quitting []string // IDs of what is uploaded before the program ends
	leaving  bool     // the program ends, and what is unsent is kept
}

// An edited is a state of a file that something was said about.
type edited struct {
	id   string
	turn int
}

func about(f edit.File) edited { return edited{f.ID, f.Turn} }

// buildEdits opens the desk, off the Fyne goroutine: its folder is read.
func (w *Window) buildEdits() {
	e := &w.edits
	ctx, cancel := context.WithCancel(w.ctx)
	e.opened, e.end = make(chan struct{}), cancel
	w.remote.opt.OnEdit = w.editRows
	w.sheets.onEmpty = w.editNews // a conflict may wait for its turn
	w.run(func() {
		dir, err := w.editDir()
		if err == nil {
			var d *edit.Desk
			d, err = edit.Open(ctx, edit.Options{
				Dir: dir, Dial: w.editSession, Rules: w.transferRules, OnChange: w.editNews,
				AtOnce: func() bool { return w.prefs.get().UploadEdited == "at-once" },
				OnSent: func(site, remote string) {
					w.stale.note(queue.Item{Kind: queue.Upload, Site: site, Remote: remote})
					w.wake()
					name := client.Printable(w.sites.text(site, path.Base(remote)))
					w.cfg.Do(func() { w.remote.Tell("“" + name + "” was uploaded") })
				},
			})
			e.desk.Store(d)
		}
		if err != nil {
			w.cfg.Do(func() {
				w.banners.Show(notice{key: "edit-desk", tone: toneWarning, text: sentencesOf(err)})
			})
		}
		close(e.opened)
		w.editNews()
	})
}

// sentencesOf says one after the other what went wrong.
func sentencesOf(err error) string {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return sentence(client.Printable(err.Error()))
	}
	var out []string
	for _, e := range several.Unwrap() {
		out = append(out, sentencesOf(e))
	}
	return strings.Join(out, " ")
}

// editDir is the folder of the copies, or one for this run where nothing is kept.
func (w *Window) editDir() (string, error) {
	if w.cfg.EditDir != "" {
		return filepath.Abs(w.cfg.EditDir)
	}
	dir := w.cfg.ConfigDir
	if dir == "" {
		var err error
		w.edits.temp, err = os.MkdirTemp("", "portside-edited-")
		return w.edits.temp, err
	}
	return filepath.Abs(filepath.Join(dir, "edited"))
}

// closeEdits ends what runs, and deletes the copies that the server has.
func (w *Window) closeEdits() error {
	w.edits.end()
	<-w.edits.opened
	if d := w.edits.desk.Load(); d != nil {
		err := d.Close()
		if w.edits.temp != "" {
			_ = os.Remove(w.edits.temp) // stays where something in it was not uploaded
		}
		return err
	}
	return nil
}

// editSession makes a session of a site, or lends the one that browses where the
// server lets no other in.
func (w *Window) editSession(ctx context.Context, site string) (transfers.Remote, func(bool), error) {
	t, err := w.sites.login(ctx, site)
	if err != nil {
		return nil, nil, err
	}
	s, err := w.dialBeside(ctx, t)
	if err == nil {
		return s, func(broken bool) {
			if broken {
				s.Abort()
				return
			}
			_ = s.Close()
		}, nil
	}
	if v := w.link.View(); v.State == linkUp && sameSite(siteKey(v.Target), site) && refusedSession(err) {
		return v.Session, func(bool) {}, nil
	}
	return nil, nil, err
}

// editNews has the desk looked at. It may be called from any goroutine.
func (w *Window) editNews() {
	if !w.edits.pending.Swap(true) {
		w.cfg.Do(w.pullEdits)
	}
}

// editsUp sends what waited for a login.
func (w *Window) editsUp(t target, text func(string) string) {
	d := w.edits.desk.Load()
	if d == nil {
		return
	}
	var keys []string
	for _, f := range d.Files() {
		keys = append(keys, f.Site)
	}
	learned := w.sites.learn(t, text, keys)
	d.Reconnected(func(site string) bool { return slices.Contains(learned, site) })
}

// pullEdits shows what has become of the files.
func (w *Window) pullEdits() {
	e := &w.edits
	e.pending.Store(false)
	d := e.desk.Load()
	if d == nil {
		return
	}
	w.notNowEdits(d)
	files := d.Files()
	w.showSending(files)
	if w.quitAfterUploads(files) {
		return
	}
	w.askChanged(d, files)
	w.sayFailed(d, files)
	w.askConflict(d, files)
	w.offerKept(d, files)
}

// notNowEdits takes a banner that was closed for an answer.
func (w *Window) notNowEdits(d *edit.Desk) {
	e := &w.edits
	if len(e.asked) > 0 && !w.banners.Has(editChanged) {
		for _, a := range e.asked {
			w.notNow(d, a)
		}
		e.asked = nil
	}
	if e.failed.id != "" && !w.banners.Has(editFailed) {
		w.notNow(d, e.failed)
		e.failed = edited{}
	}
}

// notNow lets a change rest, unless there is a newer one.
func (w *Window) notNow(d *edit.Desk, a edited) {
	for _, f := range d.Files() {
		if about(f) == a && f.State != edit.Same {
			d.NotNow(f.ID)
		}
	}
}

// unsentEdits are the files whose copy has what the server has not.
func (w *Window) unsentEdits() []edit.File {
	if d := w.edits.desk.Load(); d != nil {
		return d.Unsent()
	}
	return nil
}
