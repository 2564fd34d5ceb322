package ui

import (
	"context"
	"net/netip"
	"time"

	"portside/client"
	"portside/client/diagnose"
	"portside/ui/state"
)

// unmapFor bounds the wait for the router when the window closes.
const unmapFor = 3 * time.Second

// toggleMapping gives or takes the consent to ask the router for a way in.
func (w *Window) toggleMapping() {
	w.changePrefs(func(p *state.Prefs) { p.MapPorts = !p.MapPorts })
}

// mapping lets the router be asked where the user has allowed that.
func (w *Window) mapping(opt *client.Options) {
	if w.prefs.get().MapPorts {
		opt.Announce = w.announcer.Announce
	}
}

// mapForDiagnosis is the same for a diagnosis; nil: the router is not asked.
func (w *Window) mapForDiagnosis() func(context.Context, netip.AddrPort) (diagnose.Mapping, error) {
	if !w.prefs.get().MapPorts {
		return nil
	}
	return func(ctx context.Context, listener netip.AddrPort) (diagnose.Mapping, error) {
		outside, release, err := w.announcer.Announce(ctx, listener)
		if err != nil {
			return diagnose.Mapping{}, err
		}
		last, _ := w.announcer.Last()
		return diagnose.Mapping{Announce: outside, By: last.How, Release: release}, nil
	}
}

// unmap takes back what the router was asked for.
func (w *Window) unmap(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, unmapFor)
	defer cancel()
	return w.announcer.Close(ctx)
}
