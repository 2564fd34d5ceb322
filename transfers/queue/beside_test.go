package queue_test

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"portside/transfers"
	"portside/transfers/queue"
	"portside/transfers/queue/store"
)

// openIdle opens a queue in which nothing is started.
func openIdle(t *testing.T, path string) *queue.Queue {
	t.Helper()
	q, _, err := queue.Open(t.Context(), queue.Options{
		Path: path, DialRetries: -1,
		Dial: func(ctx context.Context, _ string) (transfers.RemoteCloser, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return q
}

func openBeside(t *testing.T, path string) *queue.Beside {
	t.Helper()
	b, err := queue.OpenBeside(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

const patience = 20 * time.Second

// Everything that another program may ask for reaches the queue that has the
// file, with raw names as they are, and is seen beside it.
func TestAskBeside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queue.db")
	if _, err := queue.OpenBeside(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no queue yet: %v", err)
	}
	q := openIdle(t, path)
	b := openBeside(t, path)
	if !b.Held() {
		t.Error("the queue is not held")
	}
	raw := "/caf\xe9\n.txt"
	local := filepath.Join(t.TempDir(), "x")
	added, err := b.Ask(t.Context(), queue.Command{
		Verb: queue.CmdAdd, Sites: []queue.Site{{Key: "ftp://h?security=auto", Name: "h"}},
		Jobs: []queue.CommandJob{
			queue.CommandJobOf(queue.Job{Kind: queue.Download, Site: "ftp://h?security=auto", Remote: raw, Local: local, Priority: queue.High}),
			queue.CommandJobOf(queue.Job{Kind: queue.Delete, Site: "ftp://h?security=auto", Remote: "/old", Dir: true}),
		},
	}, patience)
	if err != nil || len(added.IDs) != 2 {
		t.Fatalf("add = %+v, %v", added, err)
	}
	for _, c := range []queue.Command{
		{Verb: queue.CmdPause, IDs: added.IDs[:1]},
		{Verb: queue.CmdPriority, IDs: added.IDs[1:], Priority: queue.Highest},
		{Verb: queue.CmdLimits, Limits: &queue.Limits{Down: 5, Parallel: 3}},
		{Verb: queue.CmdSchedule, Schedule: &queue.Schedule{Days: []time.Weekday{time.Monday}}},
		{Verb: queue.CmdWhenDone, WhenDone: &queue.WhenDone{Action: queue.DoCommand, Command: []string{"true"}}},
		{Verb: queue.CmdPause, All: true},
	} {
		if _, err = b.Ask(t.Context(), c, patience); err != nil {
			t.Errorf("%s: %v", c.Verb, err)
		}
	}
	if l := q.Limits(); l.Down != 5 || l.Parallel != 3 {
		t.Errorf("limits = %+v", l)
	}
	if !q.Paused() || q.WhenDone().Action != queue.DoCommand || !slices.Equal(q.Schedule().Days, []time.Weekday{time.Monday}) {
		t.Errorf("paused %v, when done %+v, schedule %+v", q.Paused(), q.WhenDone(), q.Schedule())
	}
	late := openBeside(t, path)
	items, total, err := late.List(t.Context(), queue.Filter{}, 0, 10)
	if err != nil || total != 2 {
		t.Fatalf("list = %+v, %d, %v", items, total, err)
	}
	if items[0].Kind != queue.Delete || items[0].Priority != queue.Highest || !items[0].Dir {
		t.Errorf("first = %+v", items[0])
	}
	if items[1].Remote != raw || items[1].State != queue.Paused || items[1].Local != local || items[1].Site != "ftp://h?security=auto" {
		t.Errorf("second = %+v", items[1])
	}
	if late.Limits().Down != 5 || !late.Paused() {
		t.Errorf("beside: limits %+v, paused %v", late.Limits(), late.Paused())
	}
	if c, cerr := late.Counts(t.Context()); cerr != nil || c.States[queue.Paused] != 1 || c.States[queue.Queued] != 1 {
		t.Errorf("counts = %+v, %v", c, cerr)
	}
}

// What cannot be done is refused, with the reason, and changes nothing.
func TestAskRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queue.db")
	q := openIdle(t, path)
	b := openBeside(t, path)
	for _, c := range []queue.Command{
		{Verb: queue.CmdCancel, IDs: []int64{7}},
		{Verb: queue.CmdCancel},
		{Verb: queue.CmdSkip, All: true},
		{Verb: queue.CmdLimits},
		{Verb: "dance", All: true},
		{Verb: queue.CmdAdd, Jobs: []queue.CommandJob{queue.CommandJobOf(queue.Job{Site: "nowhere", Remote: "/a", Local: "/a"})}},
	} {
		_, err := b.Ask(t.Context(), c, patience)
		if re, ok := errors.AsType[*queue.RefusedError](err); !ok || re.Why == "" {
			t.Errorf("%+v: %v, want a RefusedError", c, err)
		}
	}
	if _, total, err := q.List(t.Context(), queue.Filter{}, 0, 1); err != nil || total != 0 {
		t.Errorf("%d entries, %v", total, err)
	}
}

// A command that nobody answers is kept for the next that opens the queue; a
// question is not.
func TestAskLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queue.db")
	if err := openClosed(t, path); err != nil {
		t.Fatal(err)
	}
	b := openBeside(t, path)
	if b.Held() {
		t.Error("nobody holds the queue")
	}
	for _, c := range []queue.Command{
		{Verb: queue.CmdActive},
		{Verb: queue.CmdLimits, Limits: &queue.Limits{Up: 77}},
	} {
		if _, err := b.Ask(t.Context(), c, time.Millisecond); !errors.Is(err, queue.ErrNoAnswer) {
			t.Errorf("%s: %v, want ErrNoAnswer", c.Verb, err)
		}
	}
	q := openIdle(t, path)
	if _, err := b.Ask(t.Context(), queue.Command{Verb: queue.CmdActive}, patience); err != nil { // comes after what was kept
		t.Fatal(err)
	}
	if up := q.Limits().Up; up != 77 {
		t.Errorf("the command was not carried out: %d", up)
	}
	if _, _, err := queue.Open(t.Context(), queue.Options{Path: path}); !isHeld(err) {
		t.Errorf("second Open = %v, want a HeldError", err)
	}
}

func openClosed(t *testing.T, path string) error {
	t.Helper()
	q, _, err := queue.Open(t.Context(), queue.Options{Path: path})
	if err != nil {
		return err
	}
	return q.Close(t.Context())
}

func isHeld(err error) bool {
	_, ok := errors.AsType[*store.HeldError](err)
	return ok
}
