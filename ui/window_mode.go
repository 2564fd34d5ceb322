package ui

import (
	"portside/client"
	"portside/client/sites"
)

// setMode chooses how data connections are made, from now on.
func (w *Window) setMode(m client.ConnMode) {
	same := m == w.mode
	w.mode = m
	w.menus.update()
	if s, ok := w.connectedSite(); ok && !same && w.link.View().State == linkUp { // a site keeps its own
		w.changeSite(s.ID, func(s *sites.Site) { s.Mode = m }, w.adoptSite)
	}
	switch w.link.View().State {
	case linkUp, linkConnecting:
		if !same {
			w.reconnect()
		}
	case linkLost:
		w.reconnect()
	default:
		w.picked = true // for the next connection
	}
}

// setModeFor chooses how data connections to t are made, and connects where
// there is no connection.
func (w *Window) setModeFor(t target, m client.ConnMode) {
	v := w.link.View()
	if v.State == linkUp && v.Target.addr() == t.addr() {
		w.setMode(m)
		return
	}
	w.mode, w.picked = m, true
	w.connect(t)
}
