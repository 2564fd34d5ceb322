package ui

import (
	"strings"

	"portside/client"
	"portside/transfers"
	"portside/ui/state"
)

// A folderPair is synchronised browsing: two folders of which the same folders below are
// shown at the same time. The zero value is off.
type folderPair struct {
	on            bool
	local, remote string // raw paths of the two, where they began
	following     *Pane  // shows what the other has shown; nil: none does
	to            string // raw path that it goes to
}

// beginFolders shows the folder of this computer that a site begins in, and begins
// synchronised browsing where the site wants it.
func (w *Window) beginFolders(t target) {
	w.endPair("")
	if t.Site == nil || t.Return != "" {
		return
	}
	if dir := t.Site.LocalDir; dir != "" {
		w.local.Go(dir)
	}
	w.pairWanted = t.Site.SyncDirs
}

// togglePair begins synchronised browsing with the folders that are shown, or ends it.
func (w *Window) togglePair() {
	if w.pair.on {
		w.endPair("")
		return
	}
	if !w.ready() || w.local.Path() == "" || w.remote.Path() == "" {
		return
	}
	w.beginPair()
}

func (w *Window) beginPair() {
	w.pairWanted = false
	w.pair = folderPair{on: true, local: w.local.Path(), remote: w.remote.Path()}
	w.menus.update()
}

// endPair ends synchronised browsing; why is said, unless it is empty.
func (w *Window) endPair(why string) {
	w.pairWanted = false
	if !w.pair.on {
		return
	}
	w.pair = folderPair{}
	if w.menus != nil {
		w.menus.update()
	}
	if why != "" {
		w.sayPair("Synchronised browsing has ended: ", why)
	}
}

// paneWent is told of each folder that a pane shows, and shows the same one in the other.
func (w *Window) paneWent(p *Pane, path string) {
	if w.pairWanted && w.shown.State == linkUp && w.local.Path() != "" && w.remote.Path() != "" && !w.local.Busy() && !w.remote.Busy() {
		w.beginPair()
		return
	}
	if !w.pair.on {
		return
	}
	if w.pair.following == p {
		w.pair.following = nil
		if path == w.pair.to {
			return
		} // else somebody has gone elsewhere meanwhile
	}
	other, root, otherRoot := w.remote, w.pair.local, w.pair.remote
	if p == w.remote {
		other, root, otherRoot = w.local, w.pair.remote, w.pair.local
	}
	steps, below := stepsBelow(p.src.Style(), root, path)
	if !below {
		w.endPair("“" + client.Printable(w.paneText(p, path)) + "” is outside of the folders that it began with.")
		return
	}
	to := otherRoot
	for _, step := range steps {
		name, err := w.otherName(p, step)
		if err != nil {
			w.endPair("the other side cannot have a folder of that name.")
			return
		}
		to = other.src.Style().Join(to, name)
	}
	if to != other.Path() || other.Busy() { // one on its way elsewhere is called back
		w.pair.following, w.pair.to = other, to
		other.Go(to)
	}
}

// stepsBelow returns the names by which path is reached from root.
func stepsBelow(style state.PathStyle, root, path string) (steps []string, below bool) {
	for path != root {
		above := style.Parent(path)
		if above == path {
			return nil, false
		}
		steps = append([]string{style.Base(path)}, steps...)
		path = above
	}
	return steps, true
}

// otherName is the raw name that a folder of a pane has on the other side.
func (w *Window) otherName(p *Pane, name string) (string, error) {
	if w.shown.Session == nil {
		return "", client.ErrClosed
	}
	if p == w.local {
		return transfers.RemoteName(w.shown.Session, name)
	}
	return transfers.LocalName(w.shown.Session, name)
}

func (w *Window) paneText(p *Pane, raw string) string {
	if p == w.remote {
		return w.remoteText(raw)
	}
	return raw
}

// pairFailed looks at a folder that cannot be shown: where it is the one that belongs to
// that of the other pane, synchronised browsing ends and the pane stays where it was.
func (w *Window) pairFailed(p *Pane, err error) bool {
	if w.pairWanted { // one of the two folders that it was to begin with
		w.pairWanted = false
		w.sayPair("Synchronised browsing has not begun: ", w.missingFolder(p, err))
		return false
	}
	if !w.pair.on || w.pair.following != p || p.load.failed != w.pair.to {
		return false
	}
	w.endPair(w.missingFolder(p, err))
	if p == w.remote && w.shown.State == linkLost {
		return false
	}
	p.stay()
	return true
}

// missingFolder says why a pane does not show a folder.
func (w *Window) missingFolder(p *Pane, err error) string {
	name := "“" + strings.TrimSpace(client.Printable(w.paneText(p, p.src.Style().Base(p.load.failed)))) + "” "
	if isGone(err) {
		return "there is no folder " + name + p.opt.Where + "."
	}
	return "the folder " + name + p.opt.Where + " cannot be shown."
}

func (w *Window) sayPair(what, why string) {
	w.banners.Show(notice{key: "pair", tone: toneInfo, text: what + why})
}
