package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/diagnose"
)

// diagnoseExitHelp are the exit codes of diagnose, which are its own.
const diagnoseExitHelp = `Exit codes of this command, in place of the usual ones:

       0  all well: files come through, and there is nothing to warn of
       4  files come through, with warnings
       3  logged in, and no data connection works
       2  no control connection, no TLS or no login; or the command line was not understood
      10  trouble with a local file
     130  interrupted (Ctrl+C)`

const diagnoseHelp = `Find out which data connections work between this computer and a server, and what
stands in the way of the others: a firewall here or there, a router, the server's
settings. It logs in, tries the four ways (EPSV, PASV, EPRT, PORT), looks at the order
of the server's passive ports, at TLS and at limits, and ends with verdicts: one
sentence each, who must act, and with -v the evidence and a text for that person. It
changes nothing on the server, and takes 30 s at most (--budget).

A site that uses TLS is not tried without it, unless --plain-login allows that the
password goes over the network in plain text.

--compare says what differs between two reports (--report FILE.json) of the same
server, from two networks.

` + diagnoseExitHelp

// diagnoseFlags are the options of diagnose.
type diagnoseFlags struct {
	only       string
	redact     bool
	reports    []string
	ports      int
	plainLogin bool
	long       bool
	budget     time.Duration
	compare    bool
}

func (p *program) diagnoseCommand() *cobra.Command {
	var f diagnoseFlags
	cmd := p.command("diagnose [options] ADDRESS | --compare A.json B.json", "Find out what stands in the way of data connections",
		func(_ *cobra.Command, args []string) error {
			return f.checkArgs(args)
		},
		func(ctx context.Context, args []string) error {
			if f.compare {
				return p.compareReports(args[0], args[1])
			}
			return p.diagnose(ctx, args[0], f)
		})
	cmd.Long = diagnoseHelp
	cmd.Example = `  portside-cli diagnose ftpes://mara@example.org/
  portside-cli diagnose ftp://example.org/ --only passive,active --report report.html
  portside-cli diagnose --compare office.json home.json`
	fs := cmd.Flags()
	fs.StringVar(&f.only, "only", "", "run these `GROUPS` of probes: "+strings.Join(diagnose.Groups(), ", "))
	fs.BoolVar(&f.redact, "redact", false, "take names and addresses out of what is printed and written")
	fs.StringArrayVar(&f.reports, "report", nil, "write a report to `FILE`, as .html, .md or .json; may be given again")
	fs.IntVar(&f.ports, "ports", 0, "sample `N` passive ports, 8 to 64 (default 12)")
	fs.BoolVar(&f.plainLogin, "plain-login", false, "allow a login without TLS for comparison")
	fs.BoolVar(&f.long, "long", false, "find out too how long a connection may rest, and how many are let in (10 minutes)")
	fs.Var(timeOption(&f.budget, 0), "budget", "longest `TIME` for all but --long (default 30s)")
	fs.BoolVar(&f.compare, "compare", false, "say what differs between two reports")
	return cmd
}

// checkArgs checks what the command line alone can tell.
func (f *diagnoseFlags) checkArgs(args []string) error {
	if f.compare {
		if len(args) != 2 {
			return errors.New("--compare takes two reports")
		}
		return nil
	}
	switch {
	case len(args) == 0:
		return errors.New("missing ADDRESS")
	case len(args) > 1:
		return errors.New("too many arguments: diagnose takes one ADDRESS")
	case f.ports != 0 && (f.ports < 8 || f.ports > 64):
		return errors.New("--ports must be 8 to 64")
	case f.budget < 0:
		return errors.New("--budget must be more than 0, for example 30s")
	}
	for _, file := range f.reports {
		if reportWriter(file) == nil {
			return fmt.Errorf("--report %s: the name must end in .html, .md or .json", file)
		}
	}
	_, err := diagnose.ParseOnly(f.only)
	return err
}

// reportWriter chooses the form of a report by the end of its name; nil for any
// other.
func reportWriter(file string) func(io.Writer, *diagnose.Report) error {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".html", ".htm":
		return diagnose.WriteHTML
	case ".md", ".markdown":
		return diagnose.WriteMarkdown
	case ".json":
		return diagnose.WriteJSON
	default:
		return nil
	}
}

// diagnose runs the diagnosis and tells what it found.
func (p *program) diagnose(ctx context.Context, arg string, f diagnoseFlags) error {
	a, err := p.parseAddress(arg)
	if err != nil {
		return err
	}
	target, opt, err := p.diagnosis(ctx, a, f)
	if err != nil {
		return err
	}
	steps := p.newSteps()
	opt.OnProbe = steps.show
	r, err := diagnose.Run(ctx, target, opt)
	steps.end()
	if err != nil {
		return err
	}
	diagnose.Judge(r)
	p.learnPorts(r)
	code := r.ExitCode()
	if f.redact {
		r = diagnose.Redact(r, target.Options.User)
	}
	if err := p.printDiagnosis(r, f.reports); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if code != exitOK {
		return &outcome{code: code}
	}
	return nil
}

// diagnosis makes what Run takes of an address and the options.
func (p *program) diagnosis(ctx context.Context, a address, f diagnoseFlags) (diagnose.Target, diagnose.Options, error) {
	u := a.url
	copt, err := p.optionsFor(ctx, a)
	if err != nil {
		return diagnose.Target{}, diagnose.Options{}, err
	}
	if copt.Pin == "" && copt.RootCAs == nil && !copt.Insecure {
		copt.Pin = demoPin(u.Addr())
	}
	copt.Announce = nil
	only, err := diagnose.ParseOnly(f.only)
	if err != nil {
		return diagnose.Target{}, diagnose.Options{}, &usageError{err: err}
	}
	opt := diagnose.Options{
		Only: only, Ports: f.ports, Budget: f.budget, PlainLogin: f.plainLogin, Long: f.long, Version: versionOf().Version,
	}
	if p.opt.mapPort {
		opt.MapPort = p.mapForDiagnosis
	}
	return diagnose.Target{Addr: u.Addr(), Options: copt}, opt, nil
}

// mapForDiagnosis asks the router for a port, with the consent of --map-port.
func (p *program) mapForDiagnosis(ctx context.Context, listener netip.AddrPort) (diagnose.Mapping, error) {
	announce, release, err := p.portMapping().Announce(ctx, listener)
	if err != nil {
		return diagnose.Mapping{}, err
	}
	m := diagnose.Mapping{Announce: announce, Release: release}
	if last, ok := p.portMapping().Last(); ok {
		m.By = last.How
	}
	return m, nil
}

// printDiagnosis writes the reports, and what goes to stdout.
func (p *program) printDiagnosis(r *diagnose.Report, files []string) error {
	for _, file := range files {
		if err := writeReport(file, r); err != nil {
			return err
		}
		p.note("report written to %s", file)
	}
	if p.opt.json {
		return p.outJSON(r)
	}
	if p.opt.quiet {
		_, err := fmt.Fprintln(p.out, client.Printable(diagnose.Summary(r)))
		return err
	}
	return diagnose.WriteText(p.out, r, diagnose.TextStyle{Verbose: p.opt.verbose})
}

// writeReport writes one report. It may name people and networks, so that it is
// for its owner to read until they pass it on.
func writeReport(file string, r *diagnose.Report) error {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return &localError{op: "write the report", err: err}
	}
	err = reportWriter(file)(out, r)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return &localError{op: "write the report", err: err}
	}
	return nil
}

// compareReports says what differs between two reports.
func (p *program) compareReports(fileA, fileB string) error {
	a, err := readReport(fileA)
	if err != nil {
		return err
	}
	b, err := readReport(fileB)
	if err != nil {
		return err
	}
	c := diagnose.Compare(a, b)
	if p.opt.json {
		return p.outJSON(c)
	}
	return c.WriteText(p.out)
}

func readReport(file string) (*diagnose.Report, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, &localError{op: "read the report", err: err}
	}
	defer in.Close()
	r, err := diagnose.ReadReport(in)
	if err != nil {
		return nil, &localError{op: "read " + file, err: err}
	}
	return r, nil
}

// An outcome is an exit code that is no error: all has been said.
type outcome struct{ code int }

func (o *outcome) Error() string { return fmt.Sprintf("exit code %d", o.code) }
