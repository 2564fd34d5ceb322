package ui

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"sync"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/transfers/queue"
	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
)

// staleness notes which folders have changed by transfers since they were
// listed. It is safe for concurrent use.
type staleness struct {
	mu      sync.Mutex // guards what follows
	local   map[string]bool
	remote  map[remoteDir]bool
	checked time.Time // when panes were last listed again because of it
}

// A remoteDir is a folder of a site.
type remoteDir struct{ site, path string }

// staleEvery is the shortest time between two listings of a folder that
// transfers go on changing.
const staleEvery = time.Second

// note remembers the folder that a finished transfer wrote to. It is called on
// the queue's goroutine.
func (s *staleness) note(it queue.Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if it.Kind == queue.Download {
		if s.local == nil {
			s.local = map[string]bool{}
		}
		s.local[filepath.Dir(it.Local)] = true
		return
	}
	site, remote := it.Site, it.Remote
	if it.Kind == queue.Copy {
		site, remote = it.ToSite, it.ToRemote
	}
	if s.remote == nil {
		s.remote = map[remoteDir]bool{}
	}
	s.remote[remoteDir{site, path.Dir(remote)}] = true
}

func (s *staleness) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.local)+len(s.remote) > 0
}

// take returns what is stale and forgets it, not more often than staleEvery.
func (s *staleness) take(now time.Time) (local map[string]bool, remote map[remoteDir]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.local)+len(s.remote) == 0 || now.Sub(s.checked) < staleEvery {
		return nil, nil
	}
	local, remote = s.local, s.remote
	s.local, s.remote, s.checked = nil, nil, now
	return local, remote
}

// refreshStale lists the panes again whose folder has changed.
func (w *Window) refreshStale() {
	local, remote := w.stale.take(w.cfg.Now())
	if local[filepath.Clean(w.local.Path())] {
		w.local.Relist()
	}
	if w.shown.State != linkUp {
		return
	}
	here, key := path.Clean(w.remote.Path()), siteKey(w.shown.Target)
	for d := range remote {
		if d.path == here && sameSite(d.site, key) {
			w.remote.Relist()
			return
		}
	}
}

// ready reports whether something can be transferred, and says so where not.
func (w *Window) ready() bool {
	if w.shown.State == linkUp {
		return true
	}
	w.banners.Show(notice{key: "address", tone: toneInfo, text: "Connect to a server first: type its address at the top and press Return."})
	return false
}

// uploadRows and downloadRows transfer to the folder that the other pane shows.
func (w *Window) uploadRows(_ *Pane, rows []state.Row) { w.uploadTo(rows, w.remote.Path()) }

func (w *Window) downloadRows(_ *Pane, rows []state.Row) { w.downloadInto(rows, w.local.Path()) }

func (w *Window) uploadTo(rows []state.Row, dir string) {
	if !w.ready() {
		return
	}
	var jobs []queue.Job
	for _, r := range rows {
		job, err := w.uploadJob(w.local.Join(r), dir)
		if err != nil {
			w.refuse(r.Text, err)
			continue
		}
		job.Dir, job.Size = r.IsDir(), max(0, r.Size)
		jobs = append(jobs, job)
	}
	w.addJobs(jobs)
}

func (w *Window) uploadJob(local, dir string) (queue.Job, error) {
	name, err := transfers.RemoteName(w.shown.Session, filepath.Base(local))
	if err != nil {
		return queue.Job{}, err
	}
	return queue.Job{Kind: queue.Upload, Local: local, Remote: transfers.JoinRemote(dir, name)}, nil
}

func (w *Window) downloadInto(rows []state.Row, dir string) {
	if !w.ready() {
		return
	}
	var jobs []queue.Job
	for _, r := range rows {
		name, err := transfers.LocalName(w.shown.Session, r.Name)
		if err != nil {
			w.refuse(r.Text, err)
			continue
		}
		jobs = append(jobs, queue.Job{
			Kind: queue.Download, Remote: w.remote.Join(r), Local: filepath.Join(dir, name),
			Dir: r.IsDir(), Size: max(0, r.Size), ModTime: r.ModTime,
		})
	}
	w.addJobs(jobs)
}

// deleteTrees has the queue delete folders of the server with all that is in them,
// before what waits there, and the pane stays free meanwhile.
func (w *Window) deleteTrees(_ *Pane, rows []state.Row) {
	if !w.ready() {
		return
	}
	jobs := make([]queue.Job, len(rows))
	for i, r := range rows {
		jobs[i] = queue.Job{Kind: queue.Delete, Remote: w.remote.Join(r), Dir: true, Priority: queue.High}
	}
	w.addJobs(jobs)
}

// downloadTo asks for a folder first.
func (w *Window) downloadTo(_ *Pane, rows []state.Row) {
	if !w.ready() {
		return
	}
	d := dialog.NewFolderOpen(func(dir fyne.ListableURI, err error) {
		w.folder = nil
		switch {
		case err != nil:
			w.refuse("The folder", err)
		case dir != nil:
			w.downloadInto(rows, filepath.FromSlash(dir.Path()))
		}
	}, w.win)
	d.SetTitleText("Download to a folder")
	d.SetConfirmText("Download here")
	if here, err := storage.ListerForURI(storage.NewFileURI(w.local.Path())); err == nil {
		d.SetLocation(here)
	}
	w.showFileDialog(d)
}

// showFileDialog shows d in a size that suits the window. Fyne's dialog has no
// size before it is shown.
func (w *Window) showFileDialog(d *dialog.FileDialog) {
	w.folder = d
	d.Show()
	size := w.win.Canvas().Size()
	d.Resize(fyne.NewSize(min(size.Width-60, 760), min(size.Height-60, 520)))
}

// droppedRows transfers what was dragged from one pane to the other.
func (w *Window) droppedRows(from, to *Pane, rows []state.Row, dir string) {
	switch {
	case from == w.local && to == w.remote:
		w.uploadTo(rows, dir)
	case from == w.remote && to == w.local:
		w.downloadInto(rows, dir)
	}
}

// dropped takes files that were dropped from the desktop.
func (w *Window) dropped(at fyne.Position, uris []fyne.URI) {
	for _, p := range []*Pane{w.remote, w.local} {
		if p.AcceptDrop(at, uris) {
			return
		}
	}
}

// droppedURIs uploads files of the desktop; the local side has them already.
func (w *Window) droppedURIs(to *Pane, uris []fyne.URI, dir string) {
	if to != w.remote {
		w.banners.Show(notice{key: "drop", tone: toneInfo, text: "Drop files on the server's side to upload them."})
		return
	}
	if !w.ready() {
		return
	}
	var paths []string
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, filepath.FromSlash(u.Path()))
		}
	}
	w.run(func() { // the disk may be slow
		var jobs []queue.Job
		var failed []error
		for _, p := range paths {
			info, err := os.Stat(p)
			if err != nil {
				failed = append(failed, err)
				continue
			}
			jobs = append(jobs, queue.Job{Local: p, Dir: info.IsDir(), Size: info.Size()})
		}
		w.cfg.Do(func() { w.addDropped(jobs, dir, errors.Join(failed...)) })
	})
}

func (w *Window) addDropped(found []queue.Job, dir string, failed error) {
	if failed != nil {
		w.refuse("Some files", failed)
	}
	if !w.ready() {
		return
	}
	var jobs []queue.Job
	for _, f := range found {
		job, err := w.uploadJob(f.Local, dir)
		if err != nil {
			w.refuse(filepath.Base(f.Local), err)
			continue
		}
		job.Dir, job.Size = f.Dir, f.Size
		jobs = append(jobs, job)
	}
	w.addJobs(jobs)
}

// refuse says that something cannot be transferred at all.
func (w *Window) refuse(what string, err error) {
	advice := transfers.Explain(err)
	w.banners.Show(notice{
		key: "refused", tone: toneError,
		text: joinSentences("“"+client.Printable(what)+"” was not transferred", advice.Sentence, advice.Next),
	})
}

// showButtons enables what can be transferred now.
func (w *Window) showButtons() {
	up := w.shown.State == linkUp && !w.view.Visible()
	enable := func(b *pushButton, on bool) {
		switch {
		case on && b.Disabled():
			b.Enable()
		case !on && !b.Disabled():
			b.Disable()
		}
	}
	enable(w.upload, up && len(w.local.Selection()) > 0)
	enable(w.download, up && len(w.remote.Selection()) > 0)
}
