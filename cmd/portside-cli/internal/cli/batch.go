package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/transfers/queue"
)

// A batch moves folders and several files at once, over several connections: it
// is a transfer queue that lives as long as the command.
type batch struct {
	p     *program
	f     *transferFlags
	bar   *progressBar
	sites map[string]*batchSite
	list  []*batchSource
	q     *queue.Queue

	copied bool // the destination is the copy, and no folder for it

	mu    sync.Mutex // guards what follows, and the sums in list
	byJob map[int64]*batchSource
	early []queue.Item // ended before their job's ID was known
	seen  map[int64]bool
	left  []queue.Item // failed, as the list has it at the end
	files int          // that came to their end
}

// A batchSource is one source of the command line.
type batchSource struct {
	verb    string
	from    string // as shown
	to      string
	label   string // of its failure among several
	addr    address
	raw     string // the remote path
	local   string // absolute
	dir     bool
	size    int64 // of a file; 0 or less: not known
	modTime time.Time
	site    string
	decode  func(string) string // of paths in sum

	session *client.Session // of the command
	sum     transfers.Summary
	err     error // of the source as a whole
	over    bool  // it came to its end
}

// A batchSite is a server, and how to connect to it.
type batchSite struct {
	p    *program
	addr string
	opt  client.Options
	most queue.Site // its limits

	mu   sync.Mutex      // guards what follows
	free *client.Session // made by the command, and not in use
	own  *client.Session // the same
	last error           // of the last attempt to connect
}

// A keptSession is the session of the command, lent to the queue.
type keptSession struct {
	*client.Session
	site *batchSite
}

// Close gives the session back, as far as it is of use.
func (k keptSession) Close() error {
	if k.Err() != nil {
		return k.Session.Close()
	}
	k.site.mu.Lock()
	defer k.site.mu.Unlock()
	k.site.free = k.Session
	return nil
}

// dial makes a session for the queue; the first is that of the command.
func (s *batchSite) dial(ctx context.Context) (transfers.RemoteCloser, error) {
	s.mu.Lock()
	free := s.free
	s.free = nil
	s.mu.Unlock()
	if free != nil && free.Err() == nil {
		return keptSession{Session: free, site: s}, nil
	}
	sess, err := s.p.dialTrusting(ctx, s.addr, s.opt)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		if ctx.Err() == nil {
			s.last = err
		}
		return nil, err
	}
	return sess, nil
}

// newBatch makes a batch for sources, which it does not know yet.
func (p *program) newBatch(f *transferFlags, bar *progressBar) *batch {
	return &batch{p: p, f: f, bar: bar, sites: map[string]*batchSite{}, byJob: map[int64]*batchSource{}, seen: map[int64]bool{}}
}

// site makes the server of r known, and returns its key. The keys live as long
// as the command, so that they need not say much.
func (b *batch) site(ctx context.Context, r *remote) (string, error) {
	opt, err := b.p.optionsFor(ctx, r.address)
	if err != nil {
		return "", err
	}
	for key, s := range b.sites {
		if s.own == r.Session {
			return key, nil
		}
	}
	key := fmt.Sprintf("%d %s", len(b.sites), r.url.Addr())
	addr := r.url.Addr()
	b.sites[key] = &batchSite{p: b.p, addr: addr, most: b.f.limitsOf(r.address), opt: b.p.watchPorts(addr, opt), free: r.Session, own: r.Session}
	return key, nil
}

// run moves everything that was added, and fills in the sums.
func (b *batch) run(ctx context.Context) error {
	for rest := b.list; len(rest) > 0; {
		var now []*batchSource
		now, rest = apart(rest)
		if err := b.round(ctx, now); err != nil {
			return err
		}
	}
	return nil
}

// apart takes the sources whose targets differ from all others before them.
func apart(list []*batchSource) (now, later []*batchSource) {
	taken := map[string]bool{}
	for _, s := range list {
		target := s.local
		if s.verb == "put" {
			target = s.site + "\x00" + s.raw
		}
		if taken[target] {
			later = append(later, s)
			continue
		}
		taken[target] = true
		now = append(now, s)
	}
	return now, later
}

// round moves some sources, none of which is in the way of another.
func (b *batch) round(ctx context.Context, list []*batchSource) (err error) {
	if err = b.open(ctx); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, b.close(ctx))
		b.untold()
	}()
	jobs := make([]queue.Job, len(list))
	for i, s := range list {
		jobs[i] = queue.Job{
			Kind: queue.Download, Site: s.site, Remote: s.raw, Local: s.local, Dir: s.dir, Size: s.size, ModTime: s.modTime, Rule: b.f.ruleFor(s.addr), ASCII: b.f.ascii,
		}
		if s.verb == "put" {
			jobs[i].Kind = queue.Upload
		}
	}
	for key, s := range b.sites {
		site := s.most
		site.Key, site.Name = key, s.addr
		if err = b.q.AddSite(ctx, site); err != nil {
			return err
		}
	}
	ids, err := b.q.Add(ctx, jobs...)
	if err != nil {
		return err
	}
	b.learn(ids, list)
	if err = b.wait(ctx); err != nil {
		return err
	}
	return b.settle(ctx)
}

// learn takes the IDs of the jobs, and what came to its end meanwhile.
func (b *batch) learn(ids []int64, list []*batchSource) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, id := range ids {
		b.byJob[id] = list[i]
	}
	for _, it := range b.early {
		b.count(it)
	}
	b.early = nil
}

// open begins the queue.
func (b *batch) open(ctx context.Context) error {
	p := b.p
	opt := queue.Options{
		Transfer:    p.transferOptions(*b.f, address{}, nil),
		Limits:      queue.Limits{Down: b.f.limit, Up: b.f.limit, Parallel: b.f.jobs, PerSite: b.f.jobs},
		Tries:       treeRetries,
		DialRetries: treeRetries,
		OnDone:      b.done,
		Dial: func(ctx context.Context, key string) (transfers.RemoteCloser, error) {
			return b.sites[key].dial(ctx)
		},
	}
	if p.opt.retriesGiven {
		opt.Tries, opt.DialRetries = p.opt.retries, max(1, p.opt.retries)
		if opt.Tries == 0 {
			opt.Tries = -1 // once
		}
	}
	b.mu.Lock()
	b.byJob, b.seen, b.left = map[int64]*batchSource{}, map[int64]bool{}, nil
	b.mu.Unlock()
	q, _, err := queue.Open(ctx, opt)
	if err != nil {
		return &localError{op: "make room for the list of transfers", err: err}
	}
	b.q = q
	return nil
}

// treeRetries is --retries for folders, where it is not given.
const treeRetries = 3

// stopWithin bounds how long the end of a batch takes.
const stopWithin = 2 * time.Second

// close ends the queue.
func (b *batch) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := b.q.Close(ctx); err != nil && ctx.Err() == nil {
		return &localError{op: "close the list of transfers", err: err}
	}
	return nil
}

// done is told of each item that has come to its end.
func (b *batch) done(it queue.Item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count(it)
}

// count adds an item to the sums of its source. The lock is held.
func (b *batch) count(it queue.Item) {
	s := b.byJob[it.Job]
	if s == nil {
		b.early = append(b.early, it)
		return
	}
	b.seen[it.ID] = b.seen[it.ID] || it.State == queue.Failed
	path := it.Remote
	if it.Kind == queue.Upload {
		path = s.from
		if below, err := filepath.Rel(s.local, it.Local); err == nil && it.ID != it.Job {
			path = filepath.Join(s.from, below)
		}
	}
	if !it.Dir {
		b.files++
	}
	if it.Note != "" {
		s.sum.Notes = append(s.sum.Notes, transfers.Note{Path: path, Text: it.Note})
	}
	switch {
	case it.State == queue.Failed && it.ID == it.Job:
		s.err = failureOf(it)
	case it.State == queue.Failed:
		s.sum.Failed = append(s.sum.Failed, transfers.Failure{Path: path, Err: failureOf(it)})
	case it.State == queue.Skipped:
		s.sum.Skipped++
	case it.State == queue.Done && it.Dir:
		s.sum.Dirs++
	case it.State == queue.Done:
		s.sum.Files++
		s.sum.Bytes += it.Bytes
	}
	s.over = s.over || it.ID == it.Job
}

// failureOf is what a failed item failed with.
func failureOf(it queue.Item) error {
	if it.Err != nil {
		return it.Err
	}
	return reasonError(it.Reason)
}

// reasonError makes an error of the words that the queue keeps.
func reasonError(r queue.Reason) *adviceError {
	kind := client.KindOther
	for k := client.KindOther; k <= client.KindBusy; k++ {
		if k.String() == r.Kind {
			kind = k
		}
	}
	return &adviceError{advice: client.Advice{Sentence: r.Sentence, Next: optionNames().Replace(r.Next), Kind: kind}}
}

// finish moves what can be moved, and reports every source.
func (b *batch) finish(ctx context.Context) error {
	p := b.p
	all := b.list
	b.list = slices.DeleteFunc(slices.Clone(all), func(s *batchSource) bool { return s.err != nil })
	start := time.Now()
	if err := b.run(ctx); err != nil {
		return err
	}
	took := time.Since(start)
	if len(all) == 1 {
		return b.report(ctx, all[0], took)
	}
	var failed failures
	for _, s := range all {
		if err := b.report(ctx, s, took); err != nil {
			p.failed(&failed, s.label, err)
			continue
		}
		failed.done++
	}
	return failed.orNil()
}

// report tells what became of a source.
func (b *batch) report(ctx context.Context, s *batchSource, took time.Duration) error {
	if s.err != nil {
		if s.verb == "get" && !s.dir && s.session != nil {
			if r, err := b.p.open(ctx, s.addr); err == nil {
				return folderHint(ctx, r, s.err)
			}
		}
		return s.err
	}
	var err error
	if len(s.sum.Failed) > 0 {
		err = &transfers.IncompleteError{Failed: s.sum.Failed, Total: s.sum.Files + s.sum.Skipped + len(s.sum.Failed)}
	}
	m := moved{verb: s.verb, from: s.from, to: s.to, sum: s.sum, took: took, session: s.session, decode: s.decode}
	return b.p.finish(m, err)
}
