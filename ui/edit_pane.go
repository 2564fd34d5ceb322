package ui

import (
	"context"
	"errors"
	"time"
)

// paneSide is work that goes on beside the pane, such as an upload that does not end
// with what the pane shows.
type paneSide struct {
	text   string // for the status line; "": there is none
	cancel func()
}

// work does something off the Fyne goroutine that changes nothing in the folder: its
// text and a button to cancel it are in the status line meanwhile. then is told the
// end, without an error where it was cancelled.
func (p *Pane) work(text string, do func(ctx context.Context) error, then func(err error)) {
	if p.src == nil {
		return
	}
	if p.op.running() {
		p.alert.Say("Something else is being done here.", "Wait until it is done, or cancel it.")
		return
	}
	p.alert.Hide()
	src := p.src
	p.op.text = text
	p.op.cancel = p.begin(func(ctx context.Context) {
		err := do(ctx)
		if ctx.Err() != nil || errors.Is(err, context.Canceled) {
			err = nil
		}
		p.opt.Do(func() {
			p.op = paneOp{}
			p.show()
			if src == p.src {
				then(err)
			}
		})
	})
	p.show()
}

// SetSide shows work that goes on beside the pane; "" takes it away.
func (p *Pane) SetSide(text string, cancel func()) {
	if p.side.text != text || text != "" {
		p.side = paneSide{text, cancel}
		p.showStatus()
	}
}

// cancelShown cancels what the status line says is being done.
func (p *Pane) cancelShown() {
	if !p.op.running() && !p.load.running() && p.side.cancel != nil {
		p.side.cancel()
		return
	}
	p.Cancel()
}

// sayFor is how long the status line says that something is done.
const sayFor = 6 * time.Second

// Tell says for a moment that something is done.
func (p *Pane) Tell(text string) {
	p.status.Hint(text)
	p.opt.After(sayFor, func() {
		if p.status.hint == text {
			p.status.Hint("")
		}
	})
}
