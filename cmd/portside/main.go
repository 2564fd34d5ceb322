// Command portside is the window: a desktop FTP client.
//
// It reads its flags, makes the application and hands over to package ui. On a
// Linux system without a display it can run on a virtual one and leave a
// screenshot.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"github.com/spf13/pflag"

	"portside/assets"
	"portside/client/secrets"
	"portside/client/sites/exchange"
	"portside/cmd/portside/internal/handover"
	"portside/ui"
)

const (
	// closeTime bounds the wait for what still runs when the window is gone.
	closeTime = 10 * time.Second
	// quitTime bounds all that ends the program: nobody is to kill it by hand.
	quitTime = 20 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program; it returns the exit code: 0, 1 for trouble, 2 for wrong
// arguments.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	opt, err := parseFlags(args, errs)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(errs, "portside:", err)
		return 2
	case opt.version:
		fmt.Fprintln(out, "portside", version())
		return 0
	}
	if !hasDisplay(os.Getenv) {
		err = runVirtually(ctx, opt, args, out, errs)
	} else {
		err = runOnce(ctx, opt, out, errs)
	}
	if err != nil {
		fmt.Fprintln(errs, "portside:", err)
		return 1
	}
	return 0
}

// keyring is where the passwords of saved sites are.
func keyring() *secrets.Store {
	index, err := secrets.DefaultIndex()
	if err != nil {
		index = "" // what is in the keyring is found without it where that can be searched
	}
	return secrets.Open(secrets.Options{Index: index})
}

// endStuck ends a program that was told to quit and does not, and says where it
// hangs. Nothing is lost: files are renamed into place when they are whole.
func endStuck() {
	fmt.Fprintf(os.Stderr, "portside: still not ended after %s; ending it. Where it hung:\n", quitTime)
	_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
	os.Exit(0)
}

// runWindow shows the window until it is closed. What other starts of the program are
// given comes in by door; nil: nothing does.
func runWindow(ctx context.Context, opt options, door *handover.Door, out io.Writer) error {
	icon := fyne.NewStaticResource("portside.png", assets.Icon)
	app.SetMetadata(metadata(icon))
	a := app.NewWithID(appID)
	a.SetIcon(icon)
	win := a.NewWindow("Portside")
	if opt.benchTable+opt.benchPanel > 0 {
		return benchTable(ctx, a, win, opt, out)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := ui.New(ctx, a, win, ui.Config{
		Version: version(), Icon: icon, ConfigDir: configDir(), QueueFile: queueFile(opt), EditDir: editDir(opt), Theme: opt.theme, Demo: demoStarter(opt.fault),
		Secrets: keyring(), Importable: func() []exchange.Found { return exchange.Usual(exchange.Env{}) },
		OnQuit: func() { time.AfterFunc(quitTime, endStuck) },
	})
	win.Resize(opt.size)
	win.CenterOnScreen()
	var shot shooter
	a.Lifecycle().SetOnStarted(func() {
		w.Begin()
		if opt.diagnose {
			w.DiagnoseNext()
		}
		if opt.demo {
			w.OpenDemo() //nolint:contextcheck // the window has ctx since New
		}
		w.Open(opt.opening()) //nolint:contextcheck // the window has ctx since New
		serveDoor(ctx, door, w)
		if opt.screenshot != "" {
			shot.start(ctx, win, w, opt.screenshot)
		}
		startProbe(win, w)
	})
	stopQuit := context.AfterFunc(ctx, func() { fyne.Do(w.Quit) })
	win.ShowAndRun()
	stopQuit()
	cancel()
	err := shot.wait(out)
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer done()
	return errors.Join(err, w.Close(ctx))
}
