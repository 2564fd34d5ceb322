// Package cli is the command line of portside-cli: its commands, what they
// print, and the exit codes they end with.
//
// Every command works on addresses (ftp://, ftps:// for implicit TLS, ftpes://
// for required explicit TLS) and prints plain text, or with --json one JSON
// object a line. Errors go to stderr as one sentence and the next step; with
// --json as an object. Passwords are read here and handed to the engine; they
// are never printed.
package cli

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"portside/client"
	"portside/client/diagnose"
	"portside/client/modes"
	"portside/client/portmap"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/client/transcript"
	"portside/client/trust"
)

// name is the program's name, as people type it.
const name = "portside-cli"

// An App is the program with everything it touches outside handed in.
type App struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Keyring        secrets.Backend // nil: that of the system
}

// Run runs one command line, without the program's name, and returns the exit
// code. When ctx ends, the work under way is stopped and the code is 130.
func (a App) Run(ctx context.Context, args []string) int {
	p := &program{
		app:      a,
		out:      bufio.NewWriterSize(a.Stdout, 64<<10),
		errOut:   &lockedWriter{w: a.Stderr},
		sessions: map[sessionKey]*client.Session{},
	}
	root := p.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.Stdin)
	root.SetOut(p.out)
	root.SetErr(p.errOut)
	err := root.Execute()
	switch {
	case err != nil:
		err = &usageError{err: err, command: commandOf(root, args)}
	case p.work != nil:
		err = p.work(ctx)
	}
	p.closeSessions(ctx)
	p.closeMapping(ctx)
	p.closeMemory()
	p.warnPorts()
	p.closePortBook()
	err = p.flush(err)
	err = errors.Join(err, p.closeTranscript())
	p.opt.json = p.opt.json || slices.Contains(args, "--json")
	return p.report(ctx, err)
}

// A program is one run of the command line.
type program struct {
	app    App
	opt    globals
	out    *bufio.Writer                   // stdout
	errOut *lockedWriter                   // stderr: the transcript writes to it beside the command
	work   func(ctx context.Context) error // what the command line asks for, once it is understood

	given      func(option string) bool // whether it stands on the command line
	verb       string                   // the command's name
	sessions   map[sessionKey]*client.Session
	typed      map[string]string // passwords asked for at the terminal, by user and host
	stdinRead  bool              // --password-stdin has been read
	stdinPass  string
	secretsMu  sync.Mutex // guards secrets
	secrets    []string   // passwords in use, kept out of every message
	recorder   *transcript.Recorder
	memory     *modes.Memory      // see remembered
	book       *diagnose.PortBook // see portBook
	watched    []string           // addresses of servers whose ports go into book
	announcer  *portmap.Announcer // of --map-port
	transcript *os.File           // of --transcript=FILE

	saved     *sites.Book // see savedSites
	keyring   *secrets.Store
	trust     *trust.Store // see trusted
	trustOnce sync.Once
	ready     map[string]client.Options  // of saved sites, by ID, with their secrets
	certs     map[string]tls.Certificate // client certificates, by their files

	asking  sync.Mutex      // held while a person is asked; guards refused
	refused map[string]bool // certificates, by server and fingerprint
}

// command makes a cobra command. Cobra only reads the command line: what fails
// there is a usage error, and run is called afterwards.
func (p *program) command(use, short string, args cobra.PositionalArgs, run func(ctx context.Context, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use:                   use,
		Short:                 short,
		Args:                  args,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, given []string) error {
			p.given, p.verb = cmd.Flags().Changed, cmd.Name()
			p.opt.retriesGiven = p.given("retries")
			p.work = func(ctx context.Context) error {
				if err := p.begin(); err != nil {
					return err
				}
				return run(ctx, given)
			}
			return nil
		},
	}
}

// begin makes ready what the global options ask for.
func (p *program) begin() error {
	if p.opt.retries < 0 {
		return usagef("--retries must not be negative")
	}
	if err := p.opt.checkAround(); err != nil {
		return err
	}
	return p.openTranscript()
}

// flush writes out what is left of stdout and joins its failure to err.
func (p *program) flush(err error) error {
	if ferr := p.out.Flush(); ferr != nil {
		return errors.Join(err, &localError{op: "write to standard output", err: ferr})
	}
	return err
}

// isTerminal reports whether v, a reader or writer, is a terminal.
func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// commandOf finds the command path that args name, for the hint of a usage error.
func commandOf(root *cobra.Command, args []string) string {
	cmd, _, err := root.Find(args)
	if err != nil || cmd == nil {
		return root.CommandPath()
	}
	return cmd.CommandPath()
}
