package ui

import (
	"context"
	"sync/atomic"

	"portside/client"
)

// An Opening is what the window is given to open at its start, or later by another start
// of the program: one of these, or nothing.
type Opening struct {
	Address string // to connect to; may hold a password
	Site    string // name of a saved site
	Import  string // path of a file with sites
}

// Open does what w was given at its start.
func (w *Window) Open(o Opening) {
	switch {
	case o.Address != "":
		w.Connect(o.Address)
	case o.Site != "":
		w.ConnectSite(o.Site)
	case o.Import != "":
		w.OpenImport(o.Import)
	}
}

// TakeOver opens what another start of the program was given, and brings the window to
// the front. Where a connection or the program is in the middle of something that would
// end, the user is asked first. It may be called from any goroutine, and returns when the
// window has taken it; where ctx ends before, the window will not.
func (w *Window) TakeOver(ctx context.Context, o Opening) error {
	var decided atomic.Bool // by the first: it is taken, or it is too late
	taken := make(chan struct{})
	w.cfg.Do(func() { //nolint:contextcheck // the window has ctx since New
		if decided.CompareAndSwap(false, true) {
			w.win.RequestFocus()
			w.openOrAsk(o)
			close(taken)
		}
	})
	select {
	case <-taken:
		return nil
	case <-ctx.Done():
	}
	if decided.CompareAndSwap(false, true) {
		return ctx.Err()
	}
	<-taken
	return nil
}

// openOrAsk opens o, after asking where that ends something that is going on.
func (w *Window) openOrAsk(o Opening) {
	if w.handed != nil { // the newer one counts
		w.handed.close()
		w.handed = nil
	}
	ends := w.endedBy(o)
	if ends == "" {
		w.Open(o)
		return
	}
	w.handed = &sheet{ // which nobody expects, so that Return, meant for something else, opens nothing
		title: "Open " + openingName(o) + "?", body: paragraph(ends), cancel: "Do not open", safe: true,
		extra: []sheetChoice{{"Open", func() { w.handed = nil; w.Open(o) }}},
		done:  func(bool) { w.handed = nil },
	}
	w.sheets.Show(w.handed)
}

// endedBy says what o would end: nothing, where that is an idle connection, which any
// other one replaces. Transfers have connections of their own and go on.
func (w *Window) endedBy(o Opening) string {
	const ends = " It ends when this is opened."
	switch {
	case w.sheets.Open():
		return "Another question is still open."
	case w.diagnosis != nil:
		return "A diagnosis is running." + ends
	case o.Import != "":
		return ""
	case w.sync.At(syncComparing):
		return "Folders are being compared. That ends when this is opened."
	case w.sync.At(syncPreview):
		return "Folders were compared, and nothing of it was done yet. That ends when this is opened."
	case w.shown.State == linkConnecting:
		return "Portside is connecting to " + w.shown.Target.name() + "." + ends
	case w.shown.State == linkUp && w.remote.Busy():
		return "The connection to " + w.shown.Target.name() + " is at work." + ends
	}
	return ""
}

// openingName says what is to be opened, without the password of an address.
func openingName(o Opening) string {
	switch {
	case o.Address != "":
		if u, err := client.ParseURL(o.Address); err == nil {
			return client.Printable(u.Host)
		}
		return "the address"
	case o.Site != "":
		return "“" + client.Printable(o.Site) + "”"
	}
	return "the sites of a file"
}
