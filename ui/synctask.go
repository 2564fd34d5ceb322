package ui

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/ui/state"
)

// syncJobs is how many files a synchronisation transfers at the same time.
const syncJobs = 2

// A syncRequest says what is to be compared.
type syncRequest struct {
	target        target
	local, remote string // the folders; remote is raw
	upload        bool
	compare       transfers.MirrorCompare
	remove        bool // what the source lacks
	exclude       []string
}

// A syncTask compares two folders and makes one like the other, over sessions of
// its own. The window reads how far it is ten times a second at most.
type syncTask struct {
	req    syncRequest
	plan   *transfers.MirrorPlan // once it is there
	view   *state.Sync           // of plan
	dial   func(ctx context.Context) (transfers.RemoteCloser, error)
	lend   func() transfers.RemoteCloser // the session that browses; nil: it does not
	text   func(raw string) string
	wake   func()
	now    func() time.Time
	jobs   int                // files at the same time; 0: syncJobs
	rules  transfers.Options  // how files are checked and named on their way
	cancel context.CancelFunc // of what runs
	began  time.Time          // what runs
	news   atomic.Bool

	mu       sync.Mutex // guards what follows
	own      transfers.RemoteCloser
	refused  error // why there is no session of our own, where one is borrowed
	progress transfers.Progress
	over     []state.SyncEvent
	running  map[string]float64 // parts of files by path, since the last look
}

// options are those of the comparison, and of what follows from it.
func (t *syncTask) options() transfers.MirrorOptions {
	return transfers.MirrorOptions{
		Options: transfers.Options{
			Redial:   func(ctx context.Context) (transfers.Remote, error) { return t.session(ctx) },
			Progress: t.note,
			Verify:   t.rules.Verify, TempUpload: t.rules.TempUpload,
		},
		Upload: t.req.upload, Compare: t.req.compare, Delete: t.req.remove, Exclude: t.req.exclude,
		Jobs: cmp.Or(t.jobs, syncJobs), Dial: t.further,
	}
}

// session returns a session to work with, in place of one that there was: one of
// its own, or the one that browses where the server lets no other in.
func (t *syncTask) session(ctx context.Context) (transfers.Remote, error) {
	t.release()
	s, err := t.dial(ctx)
	if err == nil {
		t.mu.Lock()
		t.own, t.refused = s, nil
		t.mu.Unlock()
		return s, nil
	}
	if lent := t.lend(); lent != nil && refusedSession(err) {
		t.mu.Lock()
		t.refused = err
		t.mu.Unlock()
		return lent, nil
	}
	return nil, err
}

// refusedSession reports whether a server answered a dial, but let nobody in.
func refusedSession(err error) bool {
	if _, cert := errors.AsType[*client.CertError](err); cert {
		return false
	}
	_, replied := errors.AsType[*client.ReplyError](err)
	return replied
}

// further dials a further session, unless there is none to be had.
func (t *syncTask) further(ctx context.Context) (transfers.RemoteCloser, error) {
	t.mu.Lock()
	err := t.refused
	t.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return t.dial(ctx)
}

// release ends the session of its own.
func (t *syncTask) release() {
	t.mu.Lock()
	s := t.own
	t.own = nil
	t.mu.Unlock()
	if s != nil {
		_ = s.Close()
	}
}

// compare makes the plan.
func (t *syncTask) compare(ctx context.Context) (*transfers.MirrorPlan, error) {
	defer t.release()
	s, err := t.session(ctx)
	if err != nil {
		return nil, err
	}
	return transfers.PlanMirror(ctx, s, t.req.local, t.req.remote, t.options())
}

// apply carries out a plan.
func (t *syncTask) apply(ctx context.Context, plan *transfers.MirrorPlan) (transfers.Summary, error) {
	defer t.release()
	s, err := t.session(ctx)
	if err != nil {
		return transfers.Summary{}, err
	}
	return plan.Apply(ctx, s, func(e transfers.MirrorEntry, err error) {
		t.mu.Lock()
		t.over = append(t.over, state.SyncEvent{Action: e.Action, Path: e.Path, Err: err})
		t.mu.Unlock()
		t.tell()
	})
}

// note takes progress in.
func (t *syncTask) note(p transfers.Progress) {
	rel := ""
	if !p.Scanning && p.FileSize > 0 {
		rel = t.rel(p)
	}
	t.mu.Lock()
	t.progress = p
	if rel != "" {
		if t.running == nil {
			t.running = make(map[string]float64)
		}
		t.running[rel] = float64(p.FileBytes) / float64(p.FileSize)
	}
	t.mu.Unlock()
	t.tell()
}

// rel is the path of the file that p is about, as a plan has it.
func (t *syncTask) rel(p transfers.Progress) string {
	if t.req.upload {
		rel, err := filepath.Rel(t.req.local, p.Local)
		if err != nil {
			return ""
		}
		return strings.ToValidUTF8(filepath.ToSlash(rel), "\ufffd")
	}
	rel, ok := strings.CutPrefix(p.Remote, strings.TrimSuffix(t.req.remote, "/")+"/")
	if !ok {
		return ""
	}
	return t.text(rel)
}

func (t *syncTask) tell() {
	t.news.Store(true)
	t.wake()
}

// pull returns what is new.
func (t *syncTask) pull() (p transfers.Progress, over []state.SyncEvent, running map[string]float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	over, running = t.over, t.running
	t.over, t.running = nil, nil
	return t.progress, over, running
}
