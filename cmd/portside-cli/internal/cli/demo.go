package cli

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"portside/client/demo"
	"portside/client/demo/faulty"
)

const demoHelp = `Run an FTP server with a small tree of files on this computer, until interrupted,
and print its address. It keeps its files in memory, answers on loopback only,
and speaks plain FTP and explicit TLS. The user demo with the password demo may
change files; anonymous users may read.

While it runs, the portside-cli of the same user trusts its certificate.

--fault NAME serves the same files with something wrong between you and them, such
as passive ports that answer nothing, so that you can see what Portside makes of it,
and what "portside-cli diagnose" says. --fault list names the faults.`

func (p *program) demoCommand() *cobra.Command {
	var listen, fault string
	cmd := p.command("demo [options]", "Run a server to try things on", exactly(0, ""),
		func(ctx context.Context, _ []string) error {
			switch fault {
			case "":
				return p.demo(ctx, listen)
			case "list":
				return p.listFaults()
			}
			return p.demoFault(ctx, listen, fault)
		})
	cmd.Long = demoHelp
	cmd.Example = `  portside-cli demo
  portside-cli demo --listen 127.0.0.1:2121
  portside-cli demo --fault passive-dropped`
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "loopback `ADDRESS` and port to listen on; port 0 is any free one")
	cmd.Flags().StringVar(&fault, "fault", "", "serve with the fault of this `NAME`; list lists them")
	return cmd
}

// A demoJSON is what the demo server says of itself.
type demoJSON struct {
	URL      string   `json:"url"`
	Address  string   `json:"address"`
	User     string   `json:"user"`
	Password string   `json:"password"`
	Pin      string   `json:"fingerprint"`
	Fault    string   `json:"fault,omitempty"`
	Verdicts []string `json:"verdicts,omitempty"` // that are true of the fault
}

// A demoServer is one that the command demo runs.
type demoServer interface {
	Addr() string
	Fingerprint() string
	Close() error
}

// demo serves until ctx ends, which is its proper end.
func (p *program) demo(ctx context.Context, listen string) error {
	s, err := demo.Start(ctx, demo.Options{Addr: listen})
	if err != nil {
		return &localError{op: "start the demo server", err: err}
	}
	return p.serveDemo(ctx, s, faulty.Fault{})
}

// serveDemo introduces a server and serves until ctx ends.
func (p *program) serveDemo(ctx context.Context, s demoServer, f faulty.Fault) (err error) {
	defer func() {
		if cerr := s.Close(); err == nil && cerr != nil {
			err = &localError{op: "end the demo server", err: cerr}
		}
	}()
	forget := trustDemo(s.Addr(), s.Fingerprint())
	defer forget()
	if err := p.introduce(s, f); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// introduce prints the address of the demo server, at once.
func (p *program) introduce(s demoServer, f faulty.Fault) error {
	u := url.URL{Scheme: "ftp", User: url.UserPassword(demo.User, demo.Password), Host: s.Addr(), Path: "/"}
	if p.opt.json {
		v := demoJSON{
			URL: u.String(), Address: s.Addr(), User: demo.User, Password: demo.Password, Pin: s.Fingerprint(),
			Fault: f.Name, Verdicts: f.Verdicts,
		}
		if err := p.outJSON(v); err != nil {
			return err
		}
		return p.flush(nil)
	}
	if _, err := fmt.Fprintln(p.out, u.String()); err != nil {
		return err
	}
	if err := p.flush(nil); err != nil {
		return err
	}
	if !isTerminal(p.app.Stdout) || p.opt.quiet {
		return nil
	}
	var text strings.Builder
	text.WriteString("It runs until you press Ctrl+C. In another window:\n")
	if f.Name == "" {
		text.WriteString("  " + name + " ls " + u.String() + "\n" +
			"  " + name + " get -r " + u.String() + " demo\n")
	} else {
		text.WriteString("  " + name + " ls -v " + u.String() + "\n" +
			"  " + name + " diagnose " + u.String() + "\n" +
			"What is wrong: " + f.Text + "\n")
		if f.Hint != "" {
			text.WriteString("To see it: " + f.Hint + ".\n")
		}
	}
	text.WriteString("SHA-256 fingerprint of its certificate: " + s.Fingerprint() + "\n")
	p.errText(text.String())
	return nil
}
