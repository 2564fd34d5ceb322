package queue_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
	"portside/transfers/queue"
)

// A shared is a queue whose site has a limit, and somebody who browses it.
type shared struct {
	*bench
	others atomic.Int32 // connections beside the queue's
	limit  int
}

// share starts a queue on a server that lets in as many connections as the site allows.
func share(t *testing.T, limit int, opt queue.Options, server ...ftptest.Option) *shared {
	t.Helper()
	s := &shared{limit: limit}
	opt.Beside = func(string) int { return int(s.others.Load()) }
	opt.Dial = func(ctx context.Context, _ string) (transfers.RemoteCloser, error) { return s.dial(ctx) }
	s.bench = start(t, opt, map[string][]ftptest.Option{"a": append(server, ftptest.MaxConns(limit))})
	if err := s.q.AddSite(t.Context(), queue.Site{Key: "a", Name: "a", MaxConnections: limit}); err != nil {
		t.Fatal(err)
	}
	return s
}

// dial makes a connection that looks for no other way, for which it would take one more.
func (s *shared) dial(ctx context.Context) (*client.Session, error) {
	return client.Dial(ctx, s.srvs["a"].Addr, client.Options{Security: client.SecurityOff, Mode: client.EPSV, Timeout: 20 * time.Second})
}

// browse makes a connection beside the queue's, once there is room.
func (s *shared) browse() (sess *client.Session, over bool) {
	s.t.Helper()
	s.others.Add(1)
	over, err := s.q.MakeRoom(s.t.Context(), func(site string) bool { return site == "a" })
	if err != nil {
		s.t.Fatal(err)
	}
	sess, err = s.dial(s.t.Context())
	if err != nil {
		s.t.Fatalf("the limit of %d was used up: %v", s.limit, err)
	}
	s.t.Cleanup(func() { _ = sess.Close() })
	return sess, over
}

func (s *shared) leave(sess *client.Session) {
	s.t.Helper()
	if err := sess.Close(); err != nil {
		s.t.Error(err)
	}
	s.others.Add(-1)
}

// arrived checks that each file is what the server has, and that the server turned
// nobody away.
func (s *shared) arrived(jobs []queue.Job) {
	s.t.Helper()
	s.only(map[queue.State]int{queue.Done: len(jobs)})
	for _, j := range jobs {
		got, err := os.ReadFile(j.Local)
		if err != nil || !bytes.Equal(got, s.srvs["a"].File(j.Remote)) {
			s.t.Errorf("%s is not what the server has: %v", j.Remote, err)
		}
	}
	for _, c := range s.srvs["a"].Conns() {
		if !slices.Contains(c.Verbs, "USER") {
			s.t.Errorf("the server had more than %d connections", s.limit)
		}
	}
}

// The limit of a site holds for the queue and for who browses together.
func TestTheLimitHoldsForAllConnections(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 30)
	s := share(t, 2, queue.Options{}, append(opts, ftptest.RTT(10*time.Millisecond))...)
	if _, over := s.browse(); over {
		t.Error("a queue without connections was waited for")
	}
	s.add(jobs...)
	until(t, func() bool { return s.states()[queue.Done] > 0 })
	if list, err := s.q.Sites(t.Context()); err != nil || len(list) != 1 || list[0].Limit != 1 {
		t.Errorf("sites %+v, %v; want a limit of 1", list, err)
	}
	s.wait()
	s.arrived(jobs)
	if n := s.srvs["a"].Count("USER"); n != 2 {
		t.Errorf("%d logins, want that of the queue and that beside it", n)
	}
}

// Who begins to browse while the queue uses the whole limit gets in, and the queue has
// the connection back afterwards.
func TestBrowsingGetsIn(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 250)
	s := share(t, 2, queue.Options{}, append(opts, ftptest.RTT(10*time.Millisecond))...)
	s.add(jobs...)
	until(t, func() bool { return s.srvs["a"].OpenConns() == 2 })
	sess, over := s.browse()
	if !over {
		t.Error("there was room while the queue had both connections")
	}
	if _, err := sess.List(t.Context(), "/"); err != nil {
		t.Error(err)
	}
	before := s.states()[queue.Done]
	until(t, func() bool { return s.states()[queue.Done] > before+10 })
	if s.states()[queue.Queued] == 0 {
		t.Fatal("nothing is left for the second half")
	}
	logins := s.srvs["a"].Count("USER")
	if logins != 3 {
		t.Errorf("%d logins, want 2 of the queue and that beside it", logins)
	}
	s.leave(sess)
	until(t, func() bool { return s.srvs["a"].Count("USER") > logins && s.srvs["a"].OpenConns() == 2 })
	s.wait()
	s.arrived(jobs)
}

// A file that is under way is not broken off to make room.
func TestRoomIsMadeBetweenFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opts, jobs := files(t, "a", 2)
	opts = append(opts, ftptest.File("/x", string(pattern(600_000, 1))), ftptest.File("/y", string(pattern(600_000, 2))), ftptest.Bandwidth(400_000))
	for _, name := range []string{"x", "y"} {
		jobs = slices.Insert(jobs, 0, queue.Job{
			Kind: queue.Download, Site: "a", Remote: "/" + name, Local: filepath.Join(dir, name), Size: 600_000, Rule: transfers.Overwrite,
		})
	}
	s := share(t, 2, queue.Options{}, opts...)
	s.add(jobs...)
	until(t, func() bool { return s.srvs["a"].OpenDataConns() == 2 })
	if _, over := s.browse(); !over {
		t.Error("there was room while the queue had both connections")
	}
	s.wait()
	s.arrived(jobs)
	if n := s.srvs["a"].Count("RETR"); n != len(jobs) {
		t.Errorf("%d files were asked for, want %d", n, len(jobs))
	}
}

// Who waits for room may give up, and does not hold up the end of the queue.
func TestNoRoomIsMade(t *testing.T) {
	t.Parallel()
	opts := []ftptest.Option{ftptest.BigFile("/x", 1<<30), ftptest.BigFile("/y", 1<<30), ftptest.Bandwidth(100_000)}
	s := share(t, 2, queue.Options{}, opts...)
	dir := t.TempDir()
	for _, name := range []string{"x", "y"} {
		s.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/" + name, Local: filepath.Join(dir, name)})
	}
	until(t, func() bool { return s.srvs["a"].OpenDataConns() == 2 })
	s.others.Add(1)
	chosen := func(string) bool { return true }
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gaveUp)
	if over, err := s.q.MakeRoom(ctx, chosen); !over || !errors.Is(err, gaveUp) {
		t.Errorf("MakeRoom: %v, %v; want the reason for giving up", over, err)
	}
	if over, err := s.q.MakeRoom(t.Context(), func(string) bool { return false }); over || err != nil {
		t.Errorf("MakeRoom at no site: %v, %v", over, err)
	}
	waits, ended := make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		defer close(ended)
		_, _ = s.q.MakeRoom(t.Context(), func(string) bool { once.Do(func() { close(waits) }); return true })
	}()
	<-waits
	s.close()
	<-ended
}
