package queue_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"portside/client/ftptest"
	"portside/transfers/queue"
)

// Where no data connection can be made at all, it is tried for one file, not for
// each: the patient queue stops the site and says why, the other fails what is left.
func TestNoDataConnection(t *testing.T) {
	t.Parallel()
	for _, patient := range []bool{false, true} {
		refuse := []ftptest.Option{
			ftptest.Reply("EPSV", "500 No."), ftptest.Reply("PASV", "500 No."),
			ftptest.Reply("EPRT", "500 No."), ftptest.Reply("PORT", "500 No."),
		}
		opt := queue.Options{Limits: queue.Limits{PerSite: 1}}
		if patient {
			opt.DialRetries = -1
		}
		b := start(t, opt, map[string][]ftptest.Option{"a": refuse})
		dir := t.TempDir()
		for i := range 30 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		b.add(queue.Job{Kind: queue.Upload, Site: "a", Remote: "/up", Local: dir, Dir: true})
		b.wait()
		tried := b.srvs["a"].Count("EPSV")
		if tried == 0 || tried > 4 {
			t.Errorf("patient %v: EPSV was tried %d times for 30 files", patient, tried)
		}
		if !patient {
			b.only(map[queue.State]int{queue.Done: 1, queue.Failed: 30})
			continue
		}
		b.only(map[queue.State]int{queue.Done: 1, queue.Queued: 30})
		sites, err := b.q.Sites(t.Context())
		if err != nil || sites[0].Stopped.Sentence == "" || !sites[0].Stopped.Connection {
			t.Errorf("%+v, %v", sites, err)
		}
		if err = b.srvs["a"].Apply(ftptest.Reply("EPSV", ftptest.Default)); err != nil {
			t.Fatal(err)
		}
		b.q.ResumeSite("a")
		b.wait()
		b.only(map[queue.State]int{queue.Done: 31})
	}
}
