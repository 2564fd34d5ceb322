package transfers_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/transfers/internal/servertest"
)

// startTLS starts a server with explicit TLS, and says what a session needs for it.
func startTLS(t *testing.T, program, kind string) (servertest.Server, client.Options) {
	t.Helper()
	srv := servertest.Start(t, program, kind, "-tls", "explicit")
	pem, err := os.ReadFile(srv.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return srv, client.Options{User: srv.User, Password: srv.Password, Security: client.SecurityRequire, RootCAs: roots, Timeout: 15 * time.Second}
}

// A limited run moves one file over each of its connections and has one Limiter.
type limitedRun struct {
	name  string
	conns int
	rate  int64
	up    bool
	srv   servertest.Server
	opt   client.Options
	dir   string // here

	limit *transfers.Limiter
	moved atomic.Int64
	began chan struct{} // gets something with the first byte
}

// dialAll makes the sessions.
func (r *limitedRun) dialAll(t *testing.T) []*client.Session {
	t.Helper()
	var all []*client.Session
	for range r.conns {
		s, err := client.Dial(t.Context(), r.srv.Addr, r.opt)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
		t.Cleanup(s.Abort)
	}
	return all
}

// move keeps one connection busy until ctx ends: plain files, as the engine does.
func (r *limitedRun) move(ctx context.Context, s *client.Session, i int) error {
	opt := client.TransferOptions{Pace: r.limit.Pace, Progress: func(n int64) {
		if r.moved.Add(n) == n {
			r.began <- struct{}{}
		}
	}}
	f, err := os.OpenFile(filepath.Join(r.dir, fmt.Sprintf("%s-%d", r.name, i)), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if r.up {
		if err = f.Truncate(1 << 30); err == nil {
			_, err = s.Store(ctx, r.target(i), f, opt)
		}
	} else {
		_, err = s.Retrieve(ctx, "/big", f, opt)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (r *limitedRun) target(i int) string { return fmt.Sprintf("/%s-%d", r.name, i) }

// arrived counts the bytes of the uploads on the server's disk, or those that
// came here.
func (r *limitedRun) arrived() int64 {
	if !r.up {
		return r.moved.Load()
	}
	total := int64(0)
	for i := range r.conns {
		if fi, err := os.Stat(filepath.Join(r.srv.Root, r.target(i))); err == nil {
			total += fi.Size()
		}
	}
	return total
}

// measure moves files for 10 s from the first byte on, and returns by how many percent
// what arrived in that time is off the limit.
func (r *limitedRun) measure(t *testing.T, all []*client.Session) (float64, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	errs := make(chan error, r.conns)
	for i, s := range all {
		wg.Go(func() { errs <- r.move(ctx, s, i) })
	}
	select {
	case <-r.began:
	case err := <-errs:
		cancel()
		wg.Wait()
		return 0, err
	}
	start, from := time.Now(), r.arrived()
	end := time.NewTimer(10 * time.Second)
	<-end.C
	took, got := time.Since(start), r.arrived()-from // the timer may be late
	cancel()
	wg.Wait()
	off := 100 * (float64(got)/took.Seconds()/float64(r.rate) - 1)
	t.Logf("%-24s %9d bytes in %v, limit %8d B/s, %+.2f %%", r.name, got, took.Round(time.Millisecond), r.rate, off)
	for range all {
		if err := <-errs; err != nil {
			return off, err
		}
	}
	return off, nil
}

// again is the same run once more, with a new Limiter and other files.
func (r *limitedRun) again() *limitedRun {
	return &limitedRun{
		name: r.name + "-again", conns: r.conns, rate: r.rate, up: r.up, srv: r.srv, opt: r.opt, dir: r.dir,
		limit: transfers.NewLimiter(r.rate), began: make(chan struct{}, 1),
	}
}

// The limit holds within 5 % over 10 s with one and with ten connections, in
// both directions, with and without TLS, on a real server.
func TestLimitOnRealServer(t *testing.T) {
	program := servertest.Build(t)
	plain := servertest.Start(t, program, "vsftpd")
	protected, tlsOpt := startTLS(t, program, "vsftpd")
	plainOpt := client.Options{User: plain.User, Password: plain.Password, Security: client.SecurityOff, Timeout: 15 * time.Second}
	for _, srv := range []servertest.Server{plain, protected} {
		if err := os.WriteFile(filepath.Join(srv.Root, "big"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(srv.Root, "big"), 1<<30); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	var runs []*limitedRun
	for _, rate := range []int64{2_000_000, 200_000} {
		for _, conns := range []int{1, 10} {
			for _, up := range []bool{false, true} {
				for _, secure := range []bool{false, true} {
					r := &limitedRun{rate: rate, conns: conns, up: up, srv: plain, opt: plainOpt, dir: dir, limit: transfers.NewLimiter(rate), began: make(chan struct{}, 1)}
					way, kind := "down", "plain"
					if up {
						way = "up"
					}
					if secure {
						kind, r.srv, r.opt = "tls", protected, tlsOpt
					}
					r.name = fmt.Sprintf("%s-%s-%d-%d", way, kind, conns, rate)
					runs = append(runs, r)
				}
			}
		}
	}
	sessions := make([][]*client.Session, len(runs))
	for i, r := range runs {
		sessions[i] = r.dialAll(t)
	}
	type result struct {
		off float64
		err error
	}
	results := make([]result, len(runs))
	var wg sync.WaitGroup
	for i, r := range runs {
		wg.Go(func() { results[i].off, results[i].err = r.measure(t, sessions[i]) })
	}
	wg.Wait()
	// What the crowd on a busy computer has kept from its rate reaches it alone.
	for i, r := range runs {
		off, err := results[i].off, results[i].err
		for tries := 1; err == nil && (off < -5 || off > 5); tries++ {
			if tries == 3 {
				t.Errorf("%s: %+.2f %%, at most 5 are allowed", r.name, off)
				break
			}
			r = r.again()
			off, err = r.measure(t, r.dialAll(t))
		}
		if err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
	}
}

// A changed limit is felt within 200 ms by what is under way.
func TestLimitChangesWhileRunning(t *testing.T) {
	program := servertest.Build(t)
	srv := servertest.Start(t, program, "vsftpd")
	if err := os.WriteFile(filepath.Join(srv.Root, "big"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(srv.Root, "big"), 1<<30); err != nil {
		t.Fatal(err)
	}
	r := &limitedRun{
		name: "change", conns: 4, srv: srv, dir: t.TempDir(), limit: transfers.NewLimiter(20_000),
		began: make(chan struct{}, 1),
		opt:   client.Options{User: srv.User, Password: srv.Password, Security: client.SecurityOff, Timeout: 15 * time.Second},
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i, s := range r.dialAll(t) {
		wg.Go(func() {
			if err := r.move(ctx, s, i); err != nil {
				t.Error(err)
			}
		})
	}
	defer wg.Wait()
	defer cancel()
	span := func(d time.Duration) int64 {
		from := r.moved.Load()
		timer := time.NewTimer(d)
		<-timer.C
		return r.moved.Load() - from
	}
	var wrong []string
	for range 3 { // times are measured: a busy computer may spoil a try
		wrong = nil
		r.limit.SetRate(20_000)
		span(500 * time.Millisecond)
		r.limit.SetRate(10_000_000)
		if got := span(200 * time.Millisecond); got < 500_000 {
			wrong = append(wrong, fmt.Sprintf("20 KB/s became 10 MB/s: %d bytes in the first 200 ms", got))
		}
		span(500 * time.Millisecond)
		r.limit.SetRate(100_000)
		if got := span(200 * time.Millisecond); got > 1_200_000 { // 2,000,000 at the old rate
			wrong = append(wrong, fmt.Sprintf("10 MB/s became 100 KB/s: %d bytes in the first 200 ms", got))
		}
		if got := span(time.Second); got < 70_000 || got > 130_000 {
			wrong = append(wrong, fmt.Sprintf("%d bytes in a second at 100 KB/s", got))
		}
		if len(wrong) == 0 {
			return
		}
		t.Log(wrong)
	}
	t.Errorf("three times, in the end: %q", wrong)
}
