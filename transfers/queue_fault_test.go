package transfers

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"portside/client"
)

// A refused login is tried once for each session, not once for each item.
func TestQueueLoginRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake().file("/a", nil)
		b := newBench(t, srv, QueueOptions{Transfer: Options{Exists: Overwrite}})
		b.refuse = func(int) error {
			return &client.DialError{Op: client.OpLogin, Err: &client.LoginError{Verb: "PASS", Reply: client.Reply{Code: 530, Lines: []string{"No."}}}}
		}
		var jobs []Job
		for range 20 {
			jobs = append(jobs, b.get("/a"))
		}
		ids := b.q.Add(jobs...)
		time.Sleep(time.Hour)
		for _, id := range ids {
			if i := b.wantState(id, Failed); !isA[*client.LoginError](i.Err) {
				t.Errorf("error = %v", i.Err)
			}
		}
		if b.dials > 4 {
			t.Errorf("%d logins after the first was refused", b.dials)
		}
		b.refuse = nil
		b.q.Retry(ids[3])
		synctest.Wait()
		b.wantState(ids[3], Done)
		b.close()
	})
}

// A server that allows one connection gets all work over that one.
func TestQueueTooManyConnections(t *testing.T) {
	for _, code := range []int{421, 530} {
		synctest.Test(t, func(t *testing.T) {
			srv := newFake()
			srv.pace = 10 * time.Millisecond
			b := newBench(t, srv, QueueOptions{Parallel: 4, Transfer: Options{Exists: Overwrite}})
			b.refuse = func(open int) error {
				if open > 0 {
					return &client.DialError{Op: client.OpLogin, Err: &client.LoginError{Verb: "USER", Reply: client.Reply{Code: code, Lines: []string{"Too many connections."}}}}
				}
				return nil
			}
			var jobs []Job
			for i := range 10 {
				srv.file(fmt.Sprintf("/f%d", i), bytesOf(50_000, byte(i)))
				jobs = append(jobs, b.get(fmt.Sprintf("/f%d", i)))
			}
			ids := b.q.Add(jobs...)
			time.Sleep(time.Hour)
			for _, id := range ids {
				b.wantState(id, Done)
			}
			if b.dials > 6 || b.most != 1 {
				t.Errorf("%d dials, %d sessions at a time", b.dials, b.most)
			}
			b.close()
		})
	}
}

// Close ends what runs, what waits and what needs an answer, and all that the
// queue has started.
func TestQueueClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake().file("/run", bytesOf(1<<20, 1)).file("/ask", nil).file("/wait", nil).file("/later", nil)
		srv.pace = time.Second
		srv.on = func(verb, p string) error {
			if verb == "STAT" && p == "/wait" {
				return refuse(verb, 450, "Busy.")
			}
			return nil
		}
		b := newBench(t, srv, QueueOptions{Parallel: 2})
		ask := b.get("/ask")
		write(t, ask.Local, nil)
		ids := b.q.Add(ask, b.get("/run"), b.get("/wait"), b.get("/later"))
		synctest.Wait()
		for i, want := range []State{NeedsAnswer, Running, Waiting, Queued} {
			b.wantState(ids[i], want)
		}
		b.close()
		b.close() // again does nothing
		for _, id := range ids {
			b.wantState(id, Cancelled)
		}
		if b.idle != 1 {
			t.Errorf("idle %d times", b.idle)
		}
	})
}

// Callbacks may use the queue.
func TestQueueCallbacksMayUseTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake().file("/a", bytesOf(10, 1)).file("/b", bytesOf(10, 2))
		dir := t.TempDir()
		var q *Queue
		ready := make(chan struct{})
		added := false
		q = NewQueue(t.Context(), func(context.Context) (RemoteCloser, error) { return srv.again(), nil }, QueueOptions{
			Transfer: Options{Exists: Overwrite},
			OnChange: func(i Item) {
				<-ready
				if i.State == Done && !added {
					added = true
					q.Add(Job{Remote: "/b", Local: filepath.Join(dir, "b")})
				}
				q.Snapshot()
			},
		})
		close(ready)
		q.Add(Job{Remote: "/a", Local: filepath.Join(dir, "a")})
		synctest.Wait()
		wantFile(t, filepath.Join(dir, "b"), bytesOf(10, 2))
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Sessions that ended while nobody used them are not used.
func TestQueueStaleSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake().file("/a", bytesOf(10, 1))
		var sessions []*fake
		q := NewQueue(t.Context(), func(context.Context) (RemoteCloser, error) {
			sessions = append(sessions, srv.again())
			return sessions[len(sessions)-1], nil
		}, QueueOptions{Transfer: Options{Exists: Overwrite}})
		name := filepath.Join(t.TempDir(), "a")
		q.Add(Job{Remote: "/a", Local: name})
		synctest.Wait()
		if err := sessions[0].Close(); err != nil {
			t.Fatal(err)
		}
		ids := q.Add(Job{Remote: "/a", Local: name})
		synctest.Wait()
		if i := q.Snapshot()[1]; i.ID != ids[0] || i.State != Done {
			t.Errorf("item = %+v", i)
		}
		if len(sessions) != 2 {
			t.Errorf("%d sessions", len(sessions))
		}
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Two items for one file do not write into each other.
func TestQueueSameTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake().file("/a", bytesOf(200_000, 1))
		srv.pace = time.Second
		b := newBench(t, srv, QueueOptions{Transfer: Options{Exists: Overwrite}})
		ids := b.q.Add(b.get("/a"), b.get("/a"))
		time.Sleep(time.Hour)
		states := []State{b.item(ids[0]).State, b.item(ids[1]).State}
		slices.Sort(states)
		if !slices.Equal(states, []State{Done, Failed}) {
			t.Errorf("states = %v, want one done and one refused", states)
		}
		wantFile(t, filepath.Join(b.dir, "a"), bytesOf(200_000, 1))
		b.close()
	})
}

// An item that had its answer and waits for its turn can be cancelled, and the
// turn goes to another one.
func TestQueueCancelBeforeItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake().file("/ask", bytesOf(10, 1)).file("/long", bytesOf(100_000, 2)).file("/next", bytesOf(10, 3))
		srv.pace = time.Second
		b := newBench(t, srv, QueueOptions{Parallel: 1})
		ask := b.get("/ask")
		write(t, ask.Local, []byte("old"))
		ids := b.q.Add(ask, b.get("/long"), b.get("/next"))
		synctest.Wait()
		b.wantState(ids[1], Running)
		b.q.Answer(ids[0], Decision{Action: Overwrite})
		synctest.Wait()
		b.wantState(ids[0], Queued)
		b.q.Cancel(ids[0])
		synctest.Wait()
		b.wantState(ids[0], Cancelled)
		wantFile(t, ask.Local, []byte("old"))
		time.Sleep(time.Minute)
		b.wantState(ids[1], Done)
		b.wantState(ids[2], Done)
		b.close()
	})
}
