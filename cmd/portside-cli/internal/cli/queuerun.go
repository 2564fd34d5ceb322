package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/sitekey"
	"portside/transfers"
	"portside/transfers/queue"
)

const queueRunHelp = `Work off the queue in this terminal, until nothing is left that can be done. What
is interrupted, or cannot reach its server, stays in the queue for the next time.

Passwords come from --password-stdin, PORTSIDE_PASSWORD, for saved sites from the
keyring, or a prompt for each server.
Entries of a server whose password is not known wait for another run. An entry that
asks what to do with an existing target waits for "queue answer". The exit code is 1
where some entries failed, and that of the trouble where a server could not be used.`

// runFlags are the options of queue run.
type runFlags struct {
	jobs  int
	limit int64
}

func (p *program) queueRunCommand(f *queueFlags) *cobra.Command {
	r := &runFlags{}
	cmd := p.command("run", "Work off the queue in this terminal", exactly(0, ""), func(ctx context.Context, _ []string) error {
		if r.jobs < 0 || r.jobs > maxJobs {
			return usagef("--jobs must be from 1 to %d", maxJobs)
		}
		return p.queueRun(ctx, f, r)
	})
	cmd.Long = queueRunHelp
	fs := cmd.Flags()
	fs.IntVar(&r.jobs, "jobs", 0, "`N` connections at most, kept as with queue limits")
	fs.Var(option(&r.limit, parseRate, "RATE"), "limit-rate", "bytes a second at most in each direction, kept as with queue limits; 0: no limit")
	return cmd
}

// A queueRun is a run of the stored queue.
type queueRun struct {
	p   *program
	bar *progressBar
	q   *queue.Queue

	asking sync.Mutex // held while somebody is asked for a password

	mu     sync.Mutex // guards what follows
	logins map[string]*login
	failed failures
	res    runJSON
}

// A login is how the sessions of a site are made.
type login struct {
	site  sitekey.Site
	opt   client.Options
	err   error // that there is no way
	live  int   // sessions that are open
	fails int   // attempts that failed while none was open, in a row
	last  error
}

// A runJSON is the result of queue run.
type runJSON struct {
	Done    string  `json:"done"`
	Files   int     `json:"files"`
	Dirs    int     `json:"dirs"`
	Skipped int     `json:"skipped"`
	Failed  int     `json:"failed"`
	Left    int     `json:"left"` // unfinished
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

func (p *program) queueRun(ctx context.Context, f *queueFlags, flags *runFlags) (err error) {
	path, err := f.path()
	if err != nil {
		return err
	}
	r := &queueRun{p: p, bar: p.newBar(), logins: map[string]*login{}}
	defer r.bar.close()
	q, damage, err := queue.Open(ctx, queue.Options{
		Path: path, Dial: r.dial, DialRetries: -1, OnDone: r.done, Held: true, Unattended: true,
		Transfer: transfers.Options{Times: true},
	})
	if err != nil {
		return queueTrouble(err)
	}
	r.q = q
	defer func() {
		if q == nil {
			return
		}
		err = errors.Join(err, r.close(ctx))
	}()
	p.sayDamage(damage)
	if err = r.setLimits(ctx, flags); err != nil {
		return err
	}
	if err = r.limitSites(ctx); err != nil {
		return queueTrouble(err)
	}
	if q.Paused() {
		return &adviceError{advice: client.Advice{
			Sentence: "The queue is paused: nothing is started.", Next: "Let it go on with: " + name + " queue resume --all", Kind: client.KindOther,
		}}
	}
	start := time.Now()
	before, err := q.Counts(ctx)
	if err != nil {
		return queueTrouble(err)
	}
	q.Start()
	if err = r.wait(ctx); err != nil {
		return err
	}
	sites, err := q.Sites(ctx)
	if err != nil {
		return queueTrouble(err)
	}
	counts, err := q.Counts(ctx)
	if err != nil {
		return queueTrouble(err)
	}
	when, paused := q.WhenDone(), q.Paused()
	err, q = r.close(ctx), nil // what is told late is told by then
	if err != nil {
		return err
	}
	r.mu.Lock() // where the queue took too long to close, something may still be told
	r.res.Done, r.res.Left, r.res.Seconds = "run", counts.Unfinished(), time.Since(start).Round(time.Microsecond).Seconds()
	res, failed := r.res, r.stopped(sites)
	r.mu.Unlock()
	if n := counts.States[queue.Paused] - before.States[queue.Paused]; n > 0 && !paused {
		p.warn(plural(n, "transfer") + " paused meanwhile; see: " + name + " queue list --state paused")
	}
	return errors.Join(r.report(res, failed, counts), pausedMeanwhile(paused, counts), r.whenDone(ctx, when, res))
}

// setLimits keeps what the options say.
func (r *queueRun) setLimits(ctx context.Context, flags *runFlags) error {
	l := r.q.Limits()
	if flags.jobs > 0 {
		l.Parallel, l.PerSite = flags.jobs, flags.jobs
	}
	if flags.limit > 0 {
		l.Down, l.Up = flags.limit, flags.limit
	}
	if l == r.q.Limits() {
		return nil
	}
	return r.q.SetLimits(ctx, l)
}

func (r *queueRun) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := r.q.Close(ctx); err != nil && ctx.Err() == nil {
		return queueTrouble(err)
	}
	return nil
}

// wait waits until nothing is left that can be done, and shows how far it is.
func (r *queueRun) wait(ctx context.Context) error {
	over := make(chan error, 1)
	go func() { over <- r.q.Wait(ctx) }()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case err := <-over:
			r.bar.clear()
			if err != nil {
				return &heldError{err: err}
			}
			return nil
		case <-look.C:
			r.show(ctx)
		}
	}
}

// A heldError is a run of the queue that was interrupted.
type heldError struct{ err error }

func (e *heldError) Error() string { return e.err.Error() }
func (e *heldError) Unwrap() error { return e.err }

func (r *queueRun) show(ctx context.Context) {
	if r.bar == nil || !r.asking.TryLock() {
		return
	}
	defer r.asking.Unlock()
	c, err := r.q.Counts(ctx)
	if err != nil {
		return // what is wrong with the file is told at the end
	}
	label := ""
	if running := r.q.Active(); len(running) > 0 {
		label = entryOf(running[len(running)-1]).Path
	}
	total := c.BytesDone + c.BytesLeft
	if c.Unknown > 0 {
		total = -1
	}
	r.mu.Lock()
	done := r.res.Files + r.res.Skipped + r.res.Failed
	r.mu.Unlock()
	r.bar.showQueue(fmt.Sprintf("%d/%d ", done, done+c.Unfinished()), label, c.BytesDone, total)
}

// done is told of each entry that has come to its end.
func (r *queueRun) done(it queue.Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case it.State == queue.Failed:
		r.res.Failed++
		r.p.failed(&r.failed, entryOf(it).what(), failureOf(it))
	case it.State == queue.Skipped:
		r.res.Skipped++
	case it.State == queue.Done && it.Dir:
		r.res.Dirs++
	case it.State == queue.Done:
		r.res.Files++
		r.res.Bytes += max(0, it.Bytes)
	}
}

// A countedSession tells its login when it ends.
type countedSession struct {
	*client.Session
	gone func()
}

// Close ends the session.
func (s countedSession) Close() error {
	s.gone()
	return s.Session.Close()
}

// runRetries is --retries of queue run, where it is not given.
const runRetries = 3

// dial makes a session of a site. A site that cannot be reached after some
// attempts is left alone for this run.
func (r *queueRun) dial(ctx context.Context, key string) (transfers.RemoteCloser, error) {
	l := r.login(ctx, key)
	if l.err != nil {
		return nil, l.err
	}
	addr := l.site.URL().Addr()
	r.mu.Lock()
	opt := l.opt
	r.mu.Unlock()
	s, err := r.p.dialTrusting(ctx, addr, opt)
	if fingerprint := r.askTrust(ctx, addr, err); fingerprint != "" {
		opt.Trusted = fingerprint
		s, err = r.p.dialTrusting(ctx, addr, opt)
	}
	r.mu.Lock()
	if opt.Trusted != "" {
		l.opt.Trusted = opt.Trusted
	}
	defer r.mu.Unlock()
	if err == nil {
		l.live++
		l.fails = 0
		return countedSession{Session: s, gone: sync.OnceFunc(func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			l.live--
		})}, nil
	}
	if ctx.Err() != nil || l.live > 0 {
		return nil, err
	}
	l.fails++
	l.last = err
	tries := runRetries
	if r.p.opt.retriesGiven {
		tries = r.p.opt.retries
	}
	if l.fails > tries {
		err = errors.Join(err, queue.ErrLogin)
	}
	return nil, err
}

// pausedMeanwhile is the error of a run that ended because somebody paused everything.
func pausedMeanwhile(all bool, counts queue.Counts) error {
	n := counts.Unfinished()
	if !all || n == 0 {
		return nil
	}
	return &adviceError{advice: client.Advice{
		Sentence: "The queue was paused meanwhile: " + plural(n, "transfer") + " left.",
		Next:     "Let it go on with: " + name + " queue resume --all, and run the queue again.", Kind: client.KindOther,
	}}
}

// stopped tells of the sites that were left alone, and returns all that failed. The lock
// is held.
func (r *queueRun) stopped(sites []queue.SiteStatus) failures {
	sum := failures{list: r.failed.list, done: r.res.Files + r.res.Dirs + r.res.Skipped}
	for _, s := range sites {
		l := r.logins[s.Key]
		if s.Stopped == (queue.Reason{}) || s.Unfinished == 0 || l == nil || l.last == nil {
			continue
		}
		r.p.failed(&sum, siteName(s.Key), l.last)
	}
	return sum
}

// report tells what came of the run.
func (r *queueRun) report(res runJSON, sum failures, counts queue.Counts) error {
	p := r.p
	if n := counts.States[queue.NeedsAnswer]; n > 0 && !p.opt.quiet && !p.opt.json {
		p.errText(fmt.Sprintf("%s: %s waiting for an answer; see: %s queue list --state asks\n", name, plural(n, "file"), name))
	}
	if p.opt.json {
		return errors.Join(p.outJSON(res), sum.orNil())
	}
	p.sayMoved(transferJSON{Files: res.Files, Skipped: res.Skipped, Bytes: res.Bytes, Seconds: res.Seconds})
	return sum.orNil()
}

// whenDone does what the user wants at the end.
func (r *queueRun) whenDone(ctx context.Context, w queue.WhenDone, res runJSON) error {
	switch {
	case w.Action == queue.DoSound && isTerminal(r.p.app.Stderr):
		r.p.errText("\a")
	case w.Action == queue.DoCommand && len(w.Command) > 0 && res.Left == 0:
		cmd := exec.CommandContext(ctx, w.Command[0], w.Command[1:]...) // the user's own words
		cmd.Stdout, cmd.Stderr = r.p.app.Stderr, r.p.app.Stderr
		if err := cmd.Run(); err != nil {
			return &localError{op: "run the command at the end", err: err}
		}
	}
	return nil
}
