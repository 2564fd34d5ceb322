package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"portside/cmd/portside/internal/handover"
	"portside/ui"
)

// opening is what a window is to open at its start.
func (o options) opening() ui.Opening {
	return ui.Opening{Address: o.address, Site: o.site, Import: o.imports}
}

// request is what the window that is open already is given instead; nil: nothing.
func (o options) request() *handover.Request {
	if o.alone || o.opening() == (ui.Opening{}) {
		return nil
	}
	return &handover.Request{Address: o.address, Site: o.site, Import: o.imports}
}

// ofItsOwn reports a window that is for one purpose, and neither gives nor takes.
func (o options) ofItsOwn() bool {
	return o.demo || o.screenshot != "" || o.benchTable+o.benchPanel > 0
}

var errOddRequest = errors.New("what was handed over cannot be opened")

// requested returns what another start has handed over. It is judged as an argument is:
// an address is no file, and a file is one with sites and has its whole path.
func requested(r handover.Request) (ui.Opening, error) {
	var as options
	switch {
	case r.Address != "":
		as.open(r.Address)
	case r.Import != "" && filepath.IsAbs(r.Import):
		as.open(r.Import)
	case r.Site != "":
		as.site = r.Site
	}
	got := as.opening()
	if got == (ui.Opening{}) || got != (ui.Opening{Address: r.Address, Site: r.Site, Import: r.Import}) {
		return ui.Opening{}, errOddRequest
	}
	return got, nil
}

// windowPlace is where the windows of this user meet.
func windowPlace(getenv func(string) string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = "" // the folder for sockets may be known
	}
	return handover.Place{
		ConfigDir: configDir(), Display: handover.Display(getenv),
		Runtime: getenv("XDG_RUNTIME_DIR"), Cache: cache,
	}.Path()
}

// runOnce hands what is to be opened to a window that is open already, or opens one.
func runOnce(ctx context.Context, opt options, out, errs io.Writer) error {
	if opt.ofItsOwn() || configDir() == "" {
		return runWindow(ctx, opt, nil, out)
	}
	req := opt.request()
	var door *handover.Door
	handed := false
	path, err := windowPlace(os.Getenv)
	if err == nil {
		door, handed, err = handover.Enter(ctx, path, req)
	}
	if handed {
		return nil
	}
	if door != nil {
		defer door.Close()
	}
	if err != nil && req != nil {
		fmt.Fprintf(errs, "portside: this is opened in a window of its own: %v\n", err)
	}
	return runWindow(ctx, opt, door, out)
}

// serveDoor lets w take what other starts of the program are given.
func serveDoor(ctx context.Context, door *handover.Door, w *ui.Window) {
	if door == nil {
		return
	}
	door.Serve(ctx, func(ctx context.Context, r handover.Request) error {
		o, err := requested(r)
		if err != nil {
			return err
		}
		return w.TakeOver(ctx, o)
	})
}
