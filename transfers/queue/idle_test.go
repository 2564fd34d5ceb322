package queue_test

import (
	"path/filepath"
	"testing"

	"portside/client/ftptest"
	"portside/transfers/queue"
)

// TestIdleSaysWhatIsLeft has the queue come to rest while a site refuses the
// login: that is no end.
func TestIdleSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	b := start(t, queue.Options{DialRetries: -1}, map[string][]ftptest.Option{
		"open":   {ftptest.File("/x", "x")},
		"closed": {ftptest.File("/x", "x"), ftptest.NoAnonymous(), ftptest.User("u", "p")},
	})
	dir := t.TempDir()
	stopped := b.add(
		queue.Job{Kind: queue.Download, Site: "closed", Remote: "/x", Local: filepath.Join(dir, "1")},
		queue.Job{Kind: queue.Download, Site: "closed", Remote: "/x", Local: filepath.Join(dir, "2")},
		queue.Job{Kind: queue.Download, Site: "open", Remote: "/x", Local: filepath.Join(dir, "3")},
	)[:2]
	b.wait()
	tot := <-b.done
	for tot.Files == 0 { // the closed site may be given up before the other is seen
		tot = <-b.done
	}
	if tot.Files != 1 || tot.Left != 2 {
		t.Errorf("%+v, want one file and two entries left\n%s", tot, b.dump())
	}
	if err := b.q.Cancel(t.Context(), stopped...); err != nil {
		t.Fatal(err)
	}
	b.add(queue.Job{Kind: queue.Download, Site: "open", Remote: "/x", Local: filepath.Join(dir, "4")})
	if tot = <-b.done; tot.Files != 1 || tot.Left != 0 {
		t.Errorf("%+v, want one file and nothing left\n%s", tot, b.dump())
	}
}
