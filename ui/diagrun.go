package ui

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"portside/client"
	"portside/client/diagnose"
	"portside/ui/state"
)

// A DiagnoseRequest says what is to be diagnosed.
type DiagnoseRequest struct {
	Addr    string         // "host:port"
	Options client.Options // with user, password and security, as for a dial
	Plain   bool           // consent to log in without encryption for comparison
	Version string         // of Portside, for the report
	OnProbe func(diagnose.Probe)
	// MapPort asks the router for a way in; nil: the user has not allowed that.
	MapPort func(context.Context, netip.AddrPort) (diagnose.Mapping, error)
}

// A diagRun is a diagnosis under way. The window reads it ten times a second at
// most, however fast its steps come.
type diagRun struct {
	target target
	plain  bool
	cancel context.CancelFunc
	news   atomic.Bool // steps came that were not shown yet

	mu     sync.Mutex // guards what follows
	probes []diagnose.Probe
}

// note takes a step's newest state in.
func (d *diagRun) note(p diagnose.Probe) {
	d.mu.Lock()
	d.probes = state.MergeProbe(d.probes, p)
	d.mu.Unlock()
	d.news.Store(true)
}

// steps returns a copy of the steps.
func (d *diagRun) steps() []diagnose.Probe {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.probes)
}
