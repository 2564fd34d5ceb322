package state

import (
	"portside/client"
	"portside/transfers/queue"
)

// PanelHeld says what it waits for where somebody has to log in to one of its servers
// before it can go on; "" where nothing like that holds it up. Its time says nothing then.
func PanelHeld(it queue.Item, words PanelWords) string {
	if words.Stopped == nil || it.State != queue.Waiting && it.State != queue.Queued || it.Due.After(words.Now) && it.State == queue.Queued {
		return ""
	}
	for _, key := range []string{it.Site, it.ToSite} {
		if key == "" || words.Foreign != nil && words.Foreign(key) {
			continue
		}
		if why := words.Stopped(key); why != (queue.Reason{}) {
			return panelHeldBy(why, client.Printable(words.Site(key)))
		}
	}
	return ""
}

// panelHeldBy is what is waited for. A password is not what a certificate or a setting
// lacks.
func panelHeldBy(why queue.Reason, site string) string {
	switch why.Kind {
	case "", client.KindOther.String(), client.KindLogin.String():
		return "Waits for the password of " + site
	default:
		return "Waits for a login to " + site
	}
}

// HeldStates is States where what waits for its next try is all held up by a login:
// nothing of it runs by itself then, and it counts as queued.
func (t PanelTab) HeldStates(held bool) []queue.State {
	switch {
	case held && t == PanelQueued:
		return append(t.States(), queue.Waiting)
	case held && t == PanelRunning:
		return nil
	default:
		return t.States()
	}
}
