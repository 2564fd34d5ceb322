package cli

import (
	"context"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"portside/client/demo"
)

const demoHelp = `Run an FTP server with a small tree of files on this computer, until interrupted,
and print its address. It keeps its files in memory, answers on loopback only,
and speaks plain FTP and explicit TLS. The user demo with the password demo may
change files; anonymous users may read.

While it runs, the portside-cli of the same user trusts its certificate.`

func (p *program) demoCommand() *cobra.Command {
	var listen string
	cmd := p.command("demo [options]", "Run a server to try things on", exactly(0, ""),
		func(ctx context.Context, _ []string) error { return p.demo(ctx, listen) })
	cmd.Long = demoHelp
	cmd.Example = `  portside-cli demo
  portside-cli demo --listen 127.0.0.1:2121`
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "loopback `ADDRESS` and port to listen on; port 0 is any free one")
	return cmd
}

// A demoJSON is what the demo server says of itself.
type demoJSON struct {
	URL      string `json:"url"`
	Address  string `json:"address"`
	User     string `json:"user"`
	Password string `json:"password"`
	Pin      string `json:"fingerprint"`
}

// demo serves until ctx ends, which is its proper end.
func (p *program) demo(ctx context.Context, listen string) (err error) {
	s, err := demo.Start(ctx, demo.Options{Addr: listen})
	if err != nil {
		return &localError{op: "start the demo server", err: err}
	}
	defer func() {
		if cerr := s.Close(); err == nil && cerr != nil {
			err = &localError{op: "end the demo server", err: cerr}
		}
	}()
	forget := trustDemo(s.Addr(), s.Fingerprint())
	defer forget()
	if err := p.introduce(s); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// introduce prints the address of the demo server, at once.
func (p *program) introduce(s *demo.Server) error {
	u := url.URL{Scheme: "ftp", User: url.UserPassword(demo.User, demo.Password), Host: s.Addr(), Path: "/"}
	if p.opt.json {
		v := demoJSON{URL: u.String(), Address: s.Addr(), User: demo.User, Password: demo.Password, Pin: s.Fingerprint()}
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
	if isTerminal(p.app.Stdout) && !p.opt.quiet {
		p.errText("It runs until you press Ctrl+C. In another window:\n" +
			"  " + name + " ls " + u.String() + "\n" +
			"  " + name + " get -r " + u.String() + " demo\n" +
			"SHA-256 fingerprint of its certificate: " + s.Fingerprint() + "\n")
	}
	return nil
}
