package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/modes"
)

const networksHelp = `List what is remembered of data connections: for each server, with and without
TLS, and for each network that this computer was in, which of the four ways (EPSV,
PASV, EPRT, PORT) worked, and which failed and why.

In the mode auto the way that worked is tried first the next time. It is trusted for
a week after its last use, and longer the more often it worked. A way that failed is
tried last for a day.

A network is known by its address range and its gateway, not by any name. The list
stays on this computer; --no-memory neither uses nor writes it.`

func (p *program) networksCommand() *cobra.Command {
	cmd := p.command("networks", "List which data connections worked where", exactly(0, ""),
		func(context.Context, []string) error { return p.networks(time.Now()) })
	cmd.Long = networksHelp
	cmd.Example = `  portside-cli networks
  portside-cli networks forget ftp.example.org
  portside-cli networks forget --all`
	var all bool
	forget := p.command("forget SERVER... | --all", "Forget what worked with servers, or everything", cobra.ArbitraryArgs,
		func(_ context.Context, args []string) error { return p.forget(args, all) })
	forget.Flags().BoolVar(&all, "all", false, "forget everything")
	cmd.AddCommand(forget)
	return cmd
}

// openNetworks opens the memory for the commands about it, where not to have it is
// an error.
func (p *program) openNetworks() (*modes.Memory, error) {
	if p.opt.noMemory {
		return nil, usagef("--no-memory leaves networks nothing to look at")
	}
	path, err := memoryPath()
	if err != nil {
		return nil, &localError{op: "find the folder for settings", err: err}
	}
	p.memory, err = modes.Open(path)
	if err != nil {
		return nil, &localError{op: "read what is remembered", err: err}
	}
	return p.memory, nil
}

// networks prints what is remembered.
func (p *program) networks(now time.Time) error {
	m, err := p.openNetworks()
	if err != nil {
		return err
	}
	entries := m.Entries()
	if len(entries) == 0 && !p.opt.json && !p.opt.quiet {
		_, err = fmt.Fprintln(p.out, "Nothing is remembered.")
		return err
	}
	for _, e := range entries {
		if p.opt.json {
			err = p.outJSON(networkOf(e, now))
		} else {
			_, err = p.out.WriteString(networkText(e, now))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A networkJSON is one entry as --json tells it.
type networkJSON struct {
	Server   string       `json:"server"`
	TLS      bool         `json:"tls"`
	Network  string       `json:"network"`
	Works    string       `json:"works,omitempty"` // the method that is tried first
	Methods  []methodJSON `json:"methods"`
	MaxTLS   string       `json:"max_tls,omitempty"`
	LastUsed time.Time    `json:"last_used"`
}

// A methodJSON is what is remembered of one method.
type methodJSON struct {
	Method    string    `json:"method"`
	State     string    `json:"state"` // "works", "fails"; "old" where it is too long ago to count
	Worked    time.Time `json:"worked,omitzero"`
	Successes int       `json:"successes,omitempty"`
	Failed    time.Time `json:"failed,omitzero"`
	Failures  int       `json:"failures,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

func networkOf(e modes.Entry, now time.Time) networkJSON {
	n := networkJSON{Server: e.Server, TLS: e.TLS, Network: e.Network, Methods: []methodJSON{}, LastUsed: e.Used().UTC()}
	if best := e.Best(now); best != client.MethodNone {
		n.Works = best.String()
	}
	if v := e.TLSBound(now); v != 0 {
		n.MaxTLS = tls.VersionName(v)
	}
	for _, o := range e.Methods {
		n.Methods = append(n.Methods, methodJSON{
			Method: o.Method.String(), State: stateOf(o, now), Worked: o.Worked.UTC(), Successes: o.Successes,
			Failed: o.Failed.UTC(), Failures: o.Failures, Reason: o.Reason,
		})
	}
	return n
}

func stateOf(o modes.Outcome, now time.Time) string {
	switch {
	case o.Works(now):
		return "works"
	case o.Fails(now):
		return "fails"
	default:
		return "old"
	}
}

// networkText is an entry for people: the server, and a line for each method.
//
//	ftp.example.org:21, TLS, from 192.0.2.0/24 via 192.0.2.1
//	  EPSV  fails  1 hour ago, once: connection refused
//	* PASV  works  5 minutes ago, 12 times
func networkText(e modes.Entry, now time.Time) string {
	var b strings.Builder
	security := "plain"
	if e.TLS {
		security = "TLS"
	}
	fmt.Fprintf(&b, "%s, %s, from %s\n", client.Printable(e.Server), security, client.Printable(e.Network))
	best := e.Best(now)
	for _, o := range e.Methods {
		mark, state := " ", stateOf(o, now)
		if o.Method == best {
			mark = "*"
		}
		fmt.Fprintf(&b, "%s %s  %-5s  %s\n", mark, o.Method, state, client.Printable(outcomeText(o, now)))
	}
	if v := e.TLSBound(now); v != 0 {
		fmt.Fprintf(&b, "  newest version that works: %s\n", tls.VersionName(v))
	}
	return b.String()
}

// outcomeText says when and how often a method worked or failed.
func outcomeText(o modes.Outcome, now time.Time) string {
	worked := agoText(now.Sub(o.Worked)) + ", " + timesText(o.Successes)
	failed := agoText(now.Sub(o.Failed)) + ", " + timesText(o.Failures)
	if o.Reason != "" {
		failed += ": " + o.Reason
	}
	switch {
	case o.Failures == 0:
		return worked
	case o.Successes == 0:
		return failed
	case o.Failed.After(o.Worked):
		return failed + "; worked " + worked
	default:
		return worked + "; failed " + failed
	}
}

// agoText says how long ago something was.
func agoText(d time.Duration) string {
	switch {
	case d < -time.Minute:
		return "in the future, by a wrong clock"
	case d < time.Minute:
		return "just now"
	case d < 2*time.Minute:
		return "1 minute ago"
	case d < time.Hour:
		return fmt.Sprintf("%d minutes ago", int(d.Minutes()))
	case d < 2*time.Hour:
		return "1 hour ago"
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
}

func timesText(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	default:
		return fmt.Sprintf("%d times", n)
	}
}

// forget removes what is remembered of servers, or everything.
func (p *program) forget(servers []string, all bool) error {
	if all == (len(servers) > 0) {
		return usagef("name the servers to forget, or --all")
	}
	m, err := p.openNetworks()
	if err != nil {
		return err
	}
	if all {
		n := len(m.Entries())
		if err = m.Clear(); err != nil {
			return &localError{op: "write what is remembered", err: err}
		}
		return p.forgot("", n)
	}
	var failed failures
	for _, server := range servers {
		host, port, shown, err := p.serverOf(server)
		n := 0
		if err == nil {
			n, err = forgetServer(m, host, port)
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

// serverOf reads the name of a server: "host", "host:port", or an address such as
// ftp://host/. shown has no password.
func (p *program) serverOf(server string) (host, port, shown string, err error) {
	shown = server
	if strings.ContainsAny(server, "/@") {
		a, badErr := p.parseAddress(server)
		if badErr != nil {
			return "", "", "", badErr
		}
		server, shown = a.url.Addr(), a.text
	}
	if host, port, err = net.SplitHostPort(server); err != nil {
		host, port = server, ""
	}
	return strings.Trim(host, "[]"), port, shown, nil
}

// forgetServer removes what is remembered of a host, at one port or at all of them,
// and returns how many entries that were.
func forgetServer(m *modes.Memory, host, port string) (int, error) {
	var keys []modes.Key
	for _, e := range m.Entries() {
		h, pt, err := net.SplitHostPort(e.Server)
		if err == nil && strings.EqualFold(h, host) && (port == "" || pt == port) {
			keys = append(keys, e.Key)
		}
	}
	if len(keys) == 0 {
		return 0, &adviceError{advice: client.Advice{
			Sentence: "Nothing is remembered of this server.", Next: "See what is remembered with: " + name + " networks", Kind: client.KindOther,
		}}
	}
	if err := m.Forget(keys...); err != nil {
		return 0, &localError{op: "write what is remembered", err: err}
	}
	return len(keys), nil
}

// A forgotJSON is what "networks forget" did.
type forgotJSON struct {
	Done    string `json:"done"`
	Server  string `json:"server,omitempty"` // without it, everything
	Entries int    `json:"entries"`
}

// forgot reports what was forgotten.
func (p *program) forgot(server string, n int) error {
	if p.opt.json {
		return p.outJSON(forgotJSON{Done: "forget", Server: server, Entries: n})
	}
	p.note("forgot %d", n)
	return nil
}
