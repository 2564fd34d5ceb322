package ui

import (
	"context"
	"time"

	"portside/client"
	"portside/client/diagnose"
	"portside/client/secrets"
	"portside/client/sites/exchange"
	"portside/client/transcript"
	"portside/transfers"

	"fyne.io/fyne/v2"
)

// A Session is what the window asks of a session of the engine.
type Session interface {
	liveSession
	RemoteSession
	transfers.RemoteCloser
}

// A DemoServer is a server that runs inside the program.
type DemoServer struct {
	Address  string // URL with the user
	Password string
	Security client.Security
	Trust    string       // fingerprint of its certificate; empty where it has none
	Close    func() error // ends it
}

// Config is what a window needs from the program around it. The zero value of
// each field has a use.
type Config struct {
	Version   string
	Icon      fyne.Resource // shown before the first connection
	ConfigDir string        // where recent.json is kept; "" keeps nothing
	QueueFile string        // where transfers are kept; "" keeps them as long as the program runs
	EditDir   string        // where edited files of servers are kept; "" is a folder in ConfigDir
	Theme     ThemeChoice
	LocalDir  string // where the local pane begins; "" is the home folder

	// Dial opens a session. nil: client.Dial.
	Dial func(ctx context.Context, addr string, opt client.Options) (Session, error)
	// Options are the base of every dial: limits, logger, time-outs.
	Options client.Options
	// Demo starts the demo server. nil: none is offered.
	Demo func(ctx context.Context) (*DemoServer, error)

	// Secrets are the passwords of saved sites. nil: there is no keyring, and they are kept
	// as long as the program runs.
	Secrets *secrets.Store
	// Importable finds the files of other programs in their usual places. nil: none are
	// looked for.
	Importable func() []exchange.Found

	// Diagnose runs a diagnosis. nil: that of package diagnose, with its verdicts.
	Diagnose func(ctx context.Context, req DiagnoseRequest) (*diagnose.Report, error)

	// OnQuit is called when the program is about to end, before its window closes.
	OnQuit func()

	// Do brings a function to the Fyne goroutine. nil: fyne.Do.
	Do func(func())
	// Now is the clock. nil: time.Now.
	Now func() time.Time
}

// withDefaults returns c with every default filled in.
func (c Config) withDefaults(rec *transcript.Recorder) Config {
	if c.Do == nil {
		c.Do = fyne.Do
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Dial == nil {
		c.Dial = func(ctx context.Context, addr string, opt client.Options) (Session, error) {
			s, err := client.Dial(ctx, addr, opt)
			if err != nil {
				return nil, err
			}
			return s, nil
		}
	}
	if c.Diagnose == nil {
		c.Diagnose = runDiagnosis
	}
	if c.Options.KeepAlive == 0 {
		c.Options.KeepAlive = 45 * time.Second
	}
	c.Options.Transcript = rec
	return c
}
