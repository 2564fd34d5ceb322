package cli

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/trust"
)

const trustHelp = `List the certificates of servers that somebody has decided to trust although they
cannot be verified, in the window or at a terminal with "always". A server that shows
another one is not connected to: what was trusted and what is shown now is told side
by side. Where the change is right, forget the server and connect again.`

func (p *program) trustCommand() *cobra.Command {
	cmd := p.command("trust", "List the certificates that are trusted by decision", exactly(0, ""),
		func(context.Context, []string) error { return p.trustList() })
	cmd.Long = trustHelp
	cmd.Example = `  portside-cli trust list
  portside-cli trust forget ftp.example.org:21`
	list := p.command("list", "List them", exactly(0, ""), func(context.Context, []string) error { return p.trustList() })
	var all bool
	forget := p.command("forget SERVER... | --all", "Forget what was decided about servers", cobra.ArbitraryArgs,
		func(_ context.Context, args []string) error { return p.trustForget(args, all) })
	forget.Flags().BoolVar(&all, "all", false, "forget every decision")
	forget.ValidArgsFunction = p.completeTrusted
	cmd.AddCommand(list, forget)
	return cmd
}

// openTrust opens the file for the commands about it, where not to have it is an error.
func (p *program) openTrust() (*trust.Store, error) {
	path, err := trust.DefaultPath()
	if err != nil {
		return nil, &localError{op: "find the folder for settings", err: err}
	}
	s, err := trust.Open(path)
	if err != nil {
		return nil, &localError{op: "read which certificates are trusted", err: err}
	}
	return s, nil
}

func (p *program) trustList() error {
	s, err := p.openTrust()
	if err != nil {
		return err
	}
	list := s.List()
	if len(list) == 0 && !p.opt.json && !p.opt.quiet {
		_, err = p.out.WriteString("No certificate is trusted by decision.\n")
		return err
	}
	for _, srv := range list {
		if p.opt.json {
			err = p.outJSON(srv)
		} else {
			_, err = p.out.WriteString(trustText(srv))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// trustText is a server for people:
//
//	ftp.example.org:21, since 2026-11-23
//	  CN=ftp.example.org, valid until 2036-01-02
//	  SHA-256 AB:CD:…
func trustText(s trust.Server) string {
	var b strings.Builder
	b.WriteString(client.Printable(s.Addr))
	if !s.Since.IsZero() {
		b.WriteString(", since " + s.Since.UTC().Format(time.DateOnly))
	}
	about := client.Printable(s.Subject) // of the file, which anybody may have edited
	if !s.NotAfter.IsZero() {
		about += ", valid until " + s.NotAfter.UTC().Format(time.DateOnly)
	}
	if about != "" {
		b.WriteString("\n  " + strings.TrimPrefix(about, ", "))
	}
	b.WriteString("\n  SHA-256 " + trust.Spaced(s.Fingerprint) + "\n")
	return b.String()
}

// trustForget forgets servers, or all.
func (p *program) trustForget(servers []string, all bool) error {
	if all == (len(servers) > 0) {
		return usagef("name the servers to forget, or --all")
	}
	s, err := p.openTrust()
	if err != nil {
		return err
	}
	if all {
		n, ferr := forgetTrust(s, "", "")
		if ferr != nil {
			return ferr
		}
		return p.forgot("", n)
	}
	var failed failures
	for _, server := range servers {
		host, port, shown, err := p.serverOf(server)
		n := 0
		if err == nil {
			n, err = forgetTrust(s, host, port)
		}
		if err == nil && n == 0 {
			err = &adviceError{advice: client.Advice{
				Sentence: "Nothing was decided about this server.", Next: "See what was with: " + name + " trust list", Kind: client.KindOther,
			}}
		}
		if err != nil {
			p.failed(&failed, shown, err)
			continue
		}
		failed.done++
		if err := p.forgot(shown, n); err != nil {
			return err
		}
	}
	return failed.orNil()
}

// forgetTrust forgets a host at one port or at all of them, and every host where it is
// empty. It returns how many servers that were.
func forgetTrust(s *trust.Store, host, port string) (n int, err error) {
	if host != "" {
		addr, aerr := trust.Address(net.JoinHostPort(host, port))
		if aerr != nil {
			return 0, &usageError{err: aerr}
		}
		if host, _, err = net.SplitHostPort(addr); err != nil {
			return 0, fmt.Errorf("the address %s: %w", client.Printable(addr), err)
		}
	}
	for _, srv := range s.List() {
		h, pt, serr := net.SplitHostPort(srv.Addr)
		if serr != nil || host != "" && h != host || port != "" && pt != port {
			continue
		}
		if err = s.Forget(srv.Addr); err != nil {
			return n, &localError{op: "write which certificates are trusted", err: err}
		}
		n++
	}
	return n, nil
}

// completeTrusted completes the servers that are trusted by decision.
func (p *program) completeTrusted(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	s, err := p.openTrust()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, srv := range s.List() {
		out = append(out, srv.Addr)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
