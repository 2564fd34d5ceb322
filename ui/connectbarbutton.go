package ui

import (
	"strings"

	"fyne.io/fyne/v2/widget"
)

// SetState makes the button mean what can be done now.
func (b *connectBar) SetState(s linkState) {
	if s == linkUp && (b.state != linkUp || b.bound != fields{}) {
		b.live = b.bound // nothing of it where another server is typed already
	}
	b.state = s
	b.showButton()
}

// changed is called after every change of a field.
func (b *connectBar) changed() {
	if !b.filling {
		b.showButton()
	}
}

// elsewhere reports whether the fields name something else than what is connected. No
// address names nothing.
func (b *connectBar) elsewhere() bool {
	return b.state == linkUp && strings.TrimSpace(b.address.Text) != "" && b.Fields() != b.live
}

// showButton writes on the button what it does.
func (b *connectBar) showButton() {
	if b.button == nil {
		return // it is being made
	}
	text, importance := "Connect", widget.HighImportance
	switch b.state {
	case linkConnecting:
		text, importance = "Cancel", widget.MediumImportance
	case linkUp:
		if !b.elsewhere() {
			text, importance = "Disconnect", widget.MediumImportance
		}
	case linkIdle, linkLost, linkFailed:
	}
	if b.button.Text != text || b.button.Importance != importance {
		b.button.Text, b.button.Importance = text, importance
		b.button.Refresh()
	}
}

// press does what the button says.
func (b *connectBar) press() {
	switch b.state {
	case linkConnecting:
		b.OnCancel()
	case linkUp:
		if b.elsewhere() {
			b.submit()
			return
		}
		b.OnDisconnect()
	case linkIdle, linkLost, linkFailed:
		b.submit()
	}
}
