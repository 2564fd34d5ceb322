package cli

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"portside/transfers"
)

const mirrorHelp = `Make a folder the same as another one: the local DST like the folder on the
server SRC, or with --upload, or where DST is the address, the other way.

Files that are missing are transferred, and so are those whose size or
modification time differ; times are kept, so that a second run finds nothing to
do. With --delete what the source lacks is deleted, at the end: only where the
listings of that folder were complete on both sides, and not at all where a
transfer has failed. What is excluded stays as it is.

A pattern of --exclude is one of a .gitignore: *.tmp is a name in any folder,
cache/ a folder, /top and a/b are paths below the root, ** stands for any
folders. Symbolic links are not followed.`

// mirrorFlags are the options of mirror.
type mirrorFlags struct {
	upload, remove, dryRun, forceEmpty bool
	newer, size, hash                  bool
	exclude                            []string
	jobs                               int
}

func (p *program) mirrorCommand() *cobra.Command {
	var f mirrorFlags
	cmd := p.command("mirror [options] SRC DST", "Synchronise folders", exactly(2, "SRC or DST"),
		func(ctx context.Context, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return p.mirror(ctx, args[0], args[1], f)
		})
	cmd.Long = mirrorHelp
	cmd.Example = `  portside-cli mirror --dry-run ftp://ftp.example.org/pub/docs docs
  portside-cli mirror --upload --delete --exclude .git/ site ftpes://mara@example.org/public_html`
	fs := cmd.Flags()
	fs.BoolVar(&f.upload, "upload", false, "SRC is the local folder, DST the one on the server")
	fs.BoolVar(&f.remove, "delete", false, "delete what the source does not have")
	fs.BoolVarP(&f.dryRun, "dry-run", "n", false, "say what would be done, and change nothing")
	fs.StringArrayVarP(&f.exclude, "exclude", "x", nil, "leave alone what matches the pattern `GLOB`, on both sides (may be repeated)")
	fs.BoolVar(&f.newer, "newer", false, "replace files only where the source is newer")
	fs.BoolVar(&f.size, "size", false, "compare by size, not by time")
	fs.BoolVar(&f.hash, "hash", false, "compare by the checksums that the server computes")
	fs.IntVar(&f.jobs, "jobs", 2, "transfer up to `N` files at the same time")
	fs.BoolVar(&f.forceEmpty, "force-empty", false, "with --delete, also where the source is empty")
	return cmd
}

// check refuses what cannot be meant.
func (f *mirrorFlags) check() error {
	given := 0
	for _, b := range []bool{f.newer, f.size, f.hash} {
		if b {
			given++
		}
	}
	switch {
	case given > 1:
		return usagef("--newer, --size and --hash exclude each other")
	case f.jobs < 1 || f.jobs > 50:
		return usagef("--jobs must be from 1 to 50")
	case f.forceEmpty && !f.remove:
		return usagef("--force-empty is for --delete only")
	}
	if err := transfers.CheckExclude(f.exclude); err != nil {
		return &usageError{err: err}
	}
	return nil
}

// compare is the rule that the options name.
func (f *mirrorFlags) compare() transfers.MirrorCompare {
	switch {
	case f.newer:
		return transfers.CompareNewer
	case f.size:
		return transfers.CompareSize
	case f.hash:
		return transfers.CompareHash
	default:
		return transfers.CompareTime
	}
}

// sides finds out which of SRC and DST is on the server.
func (f *mirrorFlags) sides(src, dst string, isAddress func(string) bool) (local, remote string, err error) {
	switch from, to := isAddress(src), isAddress(dst); {
	case from && to:
		return "", "", usagef("one of SRC and DST must be a local folder")
	case f.upload && from:
		return "", "", usagef("with --upload, SRC is the local folder and DST the address")
	case f.upload, to:
		f.upload = true
		return src, dst, nil
	case !from:
		return "", "", usagef("neither SRC nor DST is on a server: begin it with ftp://, ftps:// or ftpes://, or with the name of a saved site and a colon")
	default:
		return dst, src, nil
	}
}

// mirror compares, and does what is to be done.
func (p *program) mirror(ctx context.Context, src, dst string, f mirrorFlags) error {
	local, remote, err := f.sides(src, dst, p.isAddress)
	if err != nil {
		for _, s := range []string{src, dst} {
			if typed, meant := likeSite(s); meant && !p.isAddress(src) && !p.isAddress(dst) {
				return unknownSite(typed, p.savedSites().Content().Sites)
			}
		}
	}
	if err != nil {
		return err
	}
	a, err := p.parseAddress(remote)
	if err != nil {
		return err
	}
	if f.upload {
		if _, err = os.Stat(local); err != nil { // before anything is asked of the server
			return &localError{op: "read the folder to send", err: err}
		}
	}
	r, err := p.open(ctx, a)
	if err != nil {
		return err
	}
	bar := p.newBar()
	defer bar.close()
	opt, err := p.mirrorOptions(ctx, f, a, bar)
	if err != nil {
		return err
	}
	start := time.Now()
	plan, err := transfers.PlanMirror(ctx, r.Session, local, r.raw, opt)
	bar.clear()
	if err != nil {
		return mirrorAdvice(err)
	}
	out := mirrorOutput{p: p, bar: bar, dryRun: f.dryRun}
	out.from, out.to = r.Text(r.raw), local
	if f.upload {
		out.from, out.to = out.to, out.from
	}
	out.still(plan)
	sum := transfers.Summary{Failed: plan.Failed, Notes: plan.Notes}
	if f.dryRun {
		err = out.all(plan, &sum)
	} else {
		sum, err = plan.Apply(ctx, p.current(r), out.done)
	}
	bar.clear()
	return out.finish(sum, err, time.Since(start), p.current(r))
}

// mirrorOptions makes the options for the transfers package.
func (p *program) mirrorOptions(ctx context.Context, f mirrorFlags, a address, bar *progressBar) (transfers.MirrorOptions, error) {
	dial, err := p.optionsFor(ctx, a)
	if err != nil {
		return transfers.MirrorOptions{}, err
	}
	dial = p.watchPorts(a.url.Addr(), dial)
	moving := transferFlags{exists: transfers.Overwrite, times: true}
	if a.site != nil {
		if most := a.site.MaxConnections; most > 0 && !p.given("jobs") {
			f.jobs = min(f.jobs, most)
		}
		rate := a.site.DownLimit
		if f.upload {
			rate, moving.tempUpload = a.site.UpLimit, a.site.TempUpload
		}
		if rate > 0 {
			moving.pace = transfers.NewLimiter(rate).Pace
		}
	}
	return transfers.MirrorOptions{
		Options:    p.transferOptions(moving, a, bar),
		Upload:     f.upload,
		Compare:    f.compare(),
		Delete:     f.remove,
		ForceEmpty: f.forceEmpty,
		Exclude:    f.exclude,
		Jobs:       f.jobs,
		Dial: func(ctx context.Context) (transfers.RemoteCloser, error) {
			s, err := p.dialTrusting(ctx, a.url.Addr(), dial)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	}, nil
}

// mirrorAdvice names the option that helps.
func mirrorAdvice(err error) error {
	next := ""
	switch {
	case errors.Is(err, transfers.ErrEmptySource):
		next = "Check that it is the right folder, and that its disk is there. If it is meant to be empty, add --force-empty."
	case errors.Is(err, transfers.ErrNoHash):
		next = "Run the command without --hash."
	default:
		return err
	}
	advice := transfers.Explain(err)
	advice.Next = next
	return &adviceError{advice: advice, err: err}
}
