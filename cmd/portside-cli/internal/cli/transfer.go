package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"portside/client"
	"portside/transfers"
)

// transferFlags are the options that get and put share.
type transferFlags struct {
	recursive, resume, ascii, times bool
	exact                           bool // the target is the copy, not a folder for it
	exists                          transfers.Exists
	existsGiven                     *optionValue[transfers.Exists]
	jobs                            int
	segments                        int   // 0: as --segments was not given; negative: auto
	limit                           int64 // bytes a second; 0: none
	verify                          transfers.VerifyRule
	textNames                       []string // of --ascii-ext
	tempUpload                      bool
	pace                            func(ctx context.Context, n int) (int, error)
}

// add adds the options to fs.
func (f *transferFlags) add(fs *pflag.FlagSet) {
	f.exists = transfers.Overwrite
	f.existsGiven = option(&f.exists, parseExists, "RULE")
	fs.BoolVarP(&f.recursive, "recursive", "r", false, "folders with all that is in them")
	fs.BoolVarP(&f.exact, "no-target-folder", "T", false, "the destination is the copy itself, also where it is a folder that exists (as with cp)")
	fs.BoolVarP(&f.resume, "continue", "c", false, "go on where an earlier attempt ended, after checking what is there (as --exists resume)")
	fs.BoolVar(&f.ascii, "ascii", false, "text files: line ends become those of the receiving side")
	fs.BoolVarP(&f.times, "times", "t", false, "keep modification times")
	fs.Var(f.existsGiven, "exists", "where the target exists: overwrite, newer, size (differs), resume, rename, skip or fail; default overwrite")
	fs.IntVar(&f.jobs, "jobs", 0, "with folders and several files, `N` connections at most; default: as many as pay, up to 8")
	fs.Var(option(&f.limit, parseRate, "RATE"), "limit-rate", "bytes a second at most, over all connections: 500k, 2M")
	fs.Var(option(&f.verify, parseVerify, "WHEN"), "verify", "compare checksums with the server's: auto (where it pays), always or never; default auto")
	fs.StringSliceVar(&f.textNames, "ascii-ext", nil, "as --ascii, for files whose names end so: `LIST` such as txt,html,css")
}

// addDownload adds the options of get to fs.
func (f *transferFlags) addDownload(fs *pflag.FlagSet) {
	f.add(fs)
	fs.Var(option(&f.segments, parseSegments, "N"), "segments", "fetch one large file (64 MiB or more) in pieces, over up to N connections, or auto: as many as pay")
}

// parseSegments reads the value of --segments.
func parseSegments(s string) (int, error) {
	if strings.EqualFold(s, "auto") {
		return -1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > transfers.DefaultSegments {
		return 0, fmt.Errorf("must be auto, or a number from 1 to %d", transfers.DefaultSegments)
	}
	return n, nil
}

// addUpload adds the options of put to fs.
func (f *transferFlags) addUpload(fs *pflag.FlagSet) {
	f.add(fs)
	fs.BoolVar(&f.tempUpload, "temp-upload", false, "send to a temporary name first, and rename what is complete")
}

// parseVerify reads the value of --verify.
func parseVerify(s string) (transfers.VerifyRule, error) {
	switch strings.ToLower(s) {
	case "auto":
		return transfers.VerifyAuto, nil
	case "always":
		return transfers.VerifyAlways, nil
	case "never":
		return transfers.VerifyNever, nil
	default:
		return 0, errors.New("must be auto, always or never")
	}
}

// parseRate reads a rate in bytes a second: a number, perhaps with a fraction,
// and k, M or G for thousands, millions and thousands of millions.
func parseRate(s string) (int64, error) {
	bad := errors.New("must be a number of bytes a second, such as 800, 500k, 1.5M or 1G; 0 for no limit")
	text := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), "/s"), "b")
	unit := 1.0
	if n := len(text); n > 0 {
		if at := strings.IndexByte("kmg", text[n-1]); at >= 0 {
			text, unit = strings.TrimSpace(text[:n-1]), math.Pow(1000, float64(at+1))
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v*unit > 1<<50 || (v > 0 && v*unit < 1) {
		return 0, bad
	}
	return int64(v * unit), nil
}

// parseExists is transfers.ParseExists without "ask", which a script cannot answer.
func parseExists(s string) (transfers.Exists, error) {
	e, err := transfers.ParseExists(s)
	if err != nil || e == transfers.Ask {
		return 0, errors.New("must be overwrite, newer, size, resume, rename, skip or fail")
	}
	return e, nil
}

// maxJobs bounds --jobs.
const maxJobs = 50

// check settles --continue, and refuses what cannot be meant.
func (f *transferFlags) check() error {
	if f.jobs < 0 || f.jobs > maxJobs {
		return usagef("--jobs must be from 1 to %d", maxJobs)
	}
	if f.segments > 0 && f.jobs == 0 && !f.recursive {
		f.jobs = f.segments
	}
	if f.limit > 0 {
		f.pace = transfers.NewLimiter(f.limit).Pace
	}
	if !f.resume {
		return nil
	}
	if f.existsGiven.text != "" && f.exists != transfers.Resume {
		return usagef("--continue and --exists %s exclude each other", f.exists)
	}
	f.exists = transfers.Resume
	return nil
}

// options makes the options for transfers over the connection of a.
func (p *program) transferOptions(f transferFlags, a address, bar *progressBar) transfers.Options {
	opt := transfers.Options{
		Exists:  f.exists,
		ASCII:   f.ascii,
		Times:   f.times,
		Retries: p.opt.retries,

		Verify:     f.verify,
		TempUpload: f.tempUpload,
		Pace:       f.pace,
		Redial: func(ctx context.Context) (transfers.Remote, error) {
			s, err := p.redial(ctx, a)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		OnRetry: func(err error, wait time.Duration) {
			pr, _ := explain(err)
			p.note("%s Trying again in %s.", endSentence(pr.Message), wait.Round(time.Millisecond))
		},
	}
	if opt.Retries == 0 {
		opt.Retries = -1 // none
	}
	if len(f.textNames) > 0 {
		opt.ASCIIFor = endsIn(f.textNames)
	}
	if bar != nil {
		opt.Progress = bar.show
	}
	return opt
}

// endsIn makes a rule of the endings of names.
func endsIn(list []string) func(name string) bool {
	return func(file string) bool {
		_, ending, found := cutLast(strings.ToLower(file), ".")
		return found && slices.ContainsFunc(list, func(s string) bool {
			return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), ".") == ending
		})
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// A transferJSON is the result of get or put for one source.
type transferJSON struct {
	Done       string          `json:"done"`
	Path       string          `json:"path"`
	To         string          `json:"to"`
	Files      int             `json:"files"`
	Dirs       int             `json:"dirs"`
	Skipped    int             `json:"skipped"`
	Bytes      int64           `json:"bytes"`
	Seconds    float64         `json:"seconds"`
	Notes      []noteJSON      `json:"notes,omitempty"`
	Failed     []problem       `json:"failed,omitempty"`
	Connection *connectionJSON `json:"connection,omitempty"`
}

type noteJSON struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// A moved is one source that was transferred, with what came of it.
type moved struct {
	verb, from, to string // as shown
	sum            transfers.Summary
	took           time.Duration
	session        *client.Session
	decode         func(string) string // of paths in sum
}

// finish reports one source that was moved; err is what the transfer returned.
func (p *program) finish(m moved, err error) error {
	var incomplete *transfers.IncompleteError
	if err != nil && !errors.As(err, &incomplete) {
		return err
	}
	res := transferJSON{
		Done: m.verb, Path: m.from, To: m.to,
		Files: m.sum.Files, Dirs: m.sum.Dirs, Skipped: m.sum.Skipped,
		Bytes: m.sum.Bytes, Seconds: m.took.Round(time.Microsecond).Seconds(),
	}
	for _, n := range m.sum.Notes {
		res.Notes = append(res.Notes, noteJSON{Path: m.decode(n.Path), Text: n.Text})
		if !p.opt.json && !p.opt.quiet {
			p.errText(fmt.Sprintf("%s: %s: %s\n", name, client.Printable(m.decode(n.Path)), client.Printable(n.Text)))
		}
	}
	ferr := p.treeFailures(m.sum, err, m.decode)
	if fe, ok := errors.AsType[*failures](ferr); ok {
		for _, f := range fe.list {
			pr, _ := explain(f.err)
			pr.Path, pr.Message, pr.Hint = f.path, p.mask(pr.Message), p.mask(pr.Hint)
			res.Failed = append(res.Failed, pr)
		}
	}
	if p.opt.json {
		c := p.connectionOf(m.session)
		res.Connection = &c
		return errors.Join(p.outJSON(res), ferr)
	}
	p.sayMoved(res)
	return ferr
}

// sayMoved sums up on a terminal, or with -v.
func (p *program) sayMoved(res transferJSON) {
	if p.opt.quiet || (!p.opt.verbose && !isTerminal(p.app.Stderr)) {
		return
	}
	parts := []string{plural(res.Files, "file")}
	if res.Skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", res.Skipped))
	}
	line := fmt.Sprintf("%s, %s in %s", strings.Join(parts, ", "), bytesText(res.Bytes), secondsText(res.Seconds))
	if res.Seconds > 0 && res.Bytes > 0 {
		line += fmt.Sprintf(" (%s/s)", bytesText(int64(float64(res.Bytes)/res.Seconds)))
	}
	p.errText(line + "\n")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// treeFailures reports the failed files of a folder, and returns them as one error.
func (p *program) treeFailures(sum transfers.Summary, err error, decode func(string) string) error {
	if len(sum.Failed) == 0 {
		return err
	}
	var incomplete *transfers.IncompleteError
	if err != nil && !errors.As(err, &incomplete) {
		return err
	}
	list := failures{done: sum.Files}
	for _, f := range sum.Failed {
		p.failed(&list, decode(f.Path), f.Err)
	}
	return &list
}

// redial replaces the connection of a, for the transfers package.
func (p *program) redial(ctx context.Context, a address) (*client.Session, error) {
	opt, err := p.optionsFor(ctx, a)
	if err != nil {
		return nil, err
	}
	key := keyOf(a, opt)
	if old := p.sessions[key]; old != nil {
		old.Abort()
		delete(p.sessions, key)
	}
	s, err := p.dialTrusting(ctx, a.url.Addr(), p.watchPorts(a.url.Addr(), opt))
	if err != nil {
		return nil, err
	}
	p.sessions[key] = s
	return s, nil
}
