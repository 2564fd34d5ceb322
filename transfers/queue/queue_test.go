package queue_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
	"portside/transfers/queue"
)

// pattern makes n bytes in which no two places are alike.
func pattern(n int, seed uint32) []byte {
	b := make([]byte, n)
	x := seed*2 + 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// A bench is a queue with the servers that it works on.
type bench struct {
	t    *testing.T
	q    *queue.Queue
	srvs map[string]*ftptest.Server
	opt  queue.Options
	done chan queue.Totals
}

// start makes servers and opens a queue that knows them by name.
func start(t *testing.T, opt queue.Options, servers map[string][]ftptest.Option) *bench {
	t.Helper()
	b := &bench{t: t, srvs: map[string]*ftptest.Server{}, done: make(chan queue.Totals, 100)}
	for name, o := range servers {
		b.srvs[name] = ftptest.NewServer(t, o...)
	}
	if opt.Dial == nil {
		opt.Dial = func(ctx context.Context, site string) (transfers.RemoteCloser, error) {
			return client.Dial(ctx, b.srvs[site].Addr, client.Options{Security: client.SecurityOff, Timeout: 20 * time.Second})
		}
	}
	if opt.Backoff == 0 {
		opt.Backoff = 5 * time.Millisecond
	}
	opt.OnIdle = func(tot queue.Totals) { b.done <- tot }
	b.opt = opt
	b.open()
	t.Cleanup(func() {
		b.close()
		for _, s := range b.srvs {
			if err := s.WaitConns(context.WithoutCancel(t.Context()), 0); err != nil {
				t.Errorf("connections are left: %v", err)
			}
		}
	})
	return b
}

func (b *bench) open() {
	b.t.Helper()
	q, damage, err := queue.Open(b.t.Context(), b.opt)
	if err != nil || damage != nil {
		b.t.Fatalf("Open: %v, damage %v", err, damage)
	}
	b.q = q
	for name := range b.srvs {
		if err := q.AddSite(b.t.Context(), queue.Site{Key: name, Name: name}); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bench) close() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.t.Context()), time.Minute)
	defer cancel()
	if err := b.q.Close(ctx); err != nil {
		buf := make([]byte, 1<<20)
		b.t.Fatalf("Close: %v\n%s", err, buf[:runtime.Stack(buf, true)])
	}
}

func (b *bench) add(jobs ...queue.Job) []int64 {
	b.t.Helper()
	ids, err := b.q.Add(b.t.Context(), jobs...)
	if err != nil {
		b.t.Fatal(err)
	}
	return ids
}

// wait waits until nothing is left to do.
func (b *bench) wait() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 3*time.Minute)
	defer cancel()
	if err := b.q.Wait(ctx); err != nil {
		b.t.Fatalf("the queue does not come to its end: %v\n%s", err, b.dump())
	}
}

func (b *bench) dump() string {
	items, total, err := b.q.List(context.WithoutCancel(b.t.Context()), queue.Filter{}, 0, 50)
	var s strings.Builder
	fmt.Fprintf(&s, "%d items, %v\n", total, err)
	for _, it := range items {
		fmt.Fprintf(&s, "%d %s %s dir=%v %q %q: %s %d/%d tries %d %+v %s\n", it.ID, it.Kind, it.Site, it.Dir, it.Remote, it.Local,
			it.State, it.Bytes, it.Total, it.Tries, it.Reason, it.Note)
	}
	return s.String()
}

// states counts the items.
func (b *bench) states() map[queue.State]int {
	b.t.Helper()
	c, err := b.q.Counts(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for s, n := range c.States {
		if n == 0 {
			delete(c.States, s)
		}
	}
	return c.States
}

func (b *bench) only(want map[queue.State]int) {
	b.t.Helper()
	if got := b.states(); fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Fatalf("states = %v, want %v\n%s", got, want, b.dump())
	}
}

// tree makes a folder of n files in folders of ten, and says what is where.
func tree(root string, n int) (opts []ftptest.Option, want map[string]string) {
	want = map[string]string{}
	for i := range n {
		rel := fmt.Sprintf("d%02d/e%d/f%03d.bin", i/10, i%2, i)
		data := string(pattern(2000+i, uint32(i)))
		opts = append(opts, ftptest.File(root+"/"+rel, data))
		want[rel] = data
	}
	return opts, want
}

// same compares a local folder with what should be in it, and nothing else.
func same(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		got, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data, ok := want[filepath.ToSlash(rel)]
		if !ok {
			t.Errorf("%s should not be there", rel)
		} else if data != string(got) {
			t.Errorf("%s differs", rel)
		}
		seen++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != len(want) {
		t.Errorf("%d files, want %d", seen, len(want))
	}
}

func TestDownloadTree(t *testing.T) {
	t.Parallel()
	opts, want := tree("/tree", 120)
	opts = append(opts, ftptest.Dir("/tree/void"), ftptest.Symlink("/tree/link", "d00/e0/f000.bin"), ftptest.Symlink("/tree/loop", "/tree"))
	want["link"] = want["d00/e0/f000.bin"]
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": opts})
	dir := filepath.Join(t.TempDir(), "target")
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/tree", Local: dir, Dir: true})
	b.wait()
	same(t, dir, want)
	if fi, err := os.Stat(filepath.Join(dir, "void")); err != nil || !fi.IsDir() {
		t.Errorf("the empty folder is missing: %v", err)
	}
	b.only(map[queue.State]int{queue.Done: 1 + 1 + 12 + 24 + 121, queue.Skipped: 1})
}

func TestUploadTree(t *testing.T) {
	t.Parallel()
	_, want := tree("", 60)
	dir := t.TempDir()
	for rel, data := range want {
		path := filepath.Join(dir, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": nil})
	b.add(queue.Job{Kind: queue.Upload, Site: "a", Remote: "/up", Local: dir, Dir: true, Rule: transfers.Ask})
	b.wait()
	for rel, data := range want {
		if got := b.srvs["a"].File("/up/" + rel); string(got) != data {
			t.Fatalf("%s differs (%d bytes)\n%s", rel, len(got), b.dump())
		}
	}
}

func TestCopyTree(t *testing.T) {
	t.Parallel()
	const files = 40
	opts, want := tree("/tree", files)
	rules := queue.Options{ForSite: func(site string, opt *transfers.Options) { opt.TempUpload = site == "b" }}
	b := start(t, rules, map[string][]ftptest.Option{"a": opts, "b": nil})
	b.add(queue.Job{Kind: queue.Copy, Site: "a", Remote: "/tree", ToSite: "b", ToRemote: "/copy", Dir: true})
	b.wait()
	if n := b.srvs["b"].Count("RNTO"); n < files {
		t.Errorf("%d files were given their name in the end, want %d: the rules of the site that a copy goes to hold", n, files)
	}
	for rel, data := range want {
		if got := b.srvs["b"].File("/copy/" + rel); string(got) != data {
			t.Fatalf("%s differs (%d bytes)\n%s", rel, len(got), b.dump())
		}
	}
}

func TestDeleteTree(t *testing.T) {
	t.Parallel()
	opts, _ := tree("/tree", 20)
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": append(opts, ftptest.File("/keep", "x"))})
	b.add(queue.Job{Kind: queue.Delete, Site: "a", Remote: "/tree", Dir: true})
	b.wait()
	b.only(map[queue.State]int{queue.Done: 1})
	if b.srvs["a"].Exists("/tree") {
		t.Error("a file is still there")
	}
	if !b.srvs["a"].Exists("/keep") {
		t.Error("too much was deleted")
	}
}

// What is gone already is deleted: the program may have ended before it wrote that down.
func TestDeleteTwice(t *testing.T) {
	t.Parallel()
	opts, _ := tree("/tree", 10)
	b := start(t, queue.Options{Limits: queue.Limits{PerSite: 1}}, map[string][]ftptest.Option{"a": opts})
	b.add(queue.Job{Kind: queue.Delete, Site: "a", Remote: "/tree", Dir: true}, queue.Job{Kind: queue.Delete, Site: "a", Remote: "/tree", Dir: true},
		queue.Job{Kind: queue.Delete, Site: "a", Remote: "/tree/d00/e0/f000.bin"})
	b.wait()
	b.only(map[queue.State]int{queue.Done: 3})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	opts, want := tree("/tree", 10)
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": opts})
	dir := t.TempDir()
	old := filepath.Join(dir, "d00", "e0", "f000.bin")
	if err := os.MkdirAll(filepath.Dir(old), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"f000.bin", "f002.bin", "f004.bin"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(old), name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/tree", Local: dir, Dir: true, Rule: transfers.Ask})
	b.wait()
	if got := b.states()[queue.NeedsAnswer]; got != 3 {
		t.Fatalf("%d items ask, want 3, while the others were transferred\n%s", got, b.dump())
	}
	asks, _, err := b.q.List(t.Context(), queue.Filter{States: []queue.State{queue.NeedsAnswer}}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if c := asks[0].Conflict; c == nil || c.TargetSize != 3 {
		t.Fatalf("conflict = %+v", c)
	}
	ok, err := b.q.Answer(t.Context(), asks[0].ID, transfers.Decision{Action: transfers.Skip})
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	ok, err = b.q.Answer(t.Context(), asks[1].ID, transfers.Decision{Action: transfers.RenameNew, ForAll: true})
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	b.wait()
	want["d00/e0/f000.bin"], want["d00/e0/f002.bin"], want["d00/e0/f004.bin"] = "old", "old", "old"
	more, w2 := tree("/tree", 10)
	_ = more
	for _, n := range []string{"f000", "f002", "f004"} {
		if !strings.Contains(asks[0].Remote, n) {
			want["d00/e0/"+n+" (1).bin"] = w2["d00/e0/"+n+".bin"]
		}
	}
	same(t, dir, want)
}

// held dials sessions that wait for a word before they transfer anything.
func TestPauseAndRestart(t *testing.T) {
	t.Parallel()
	big := string(pattern(24_000_000, 1)) // there is time for the pause
	opts, want := tree("/tree", 50)
	opts = append(opts, ftptest.File("/tree/big", big), ftptest.TotalBandwidth(8<<20))
	want["big"] = big
	path := filepath.Join(t.TempDir(), "queue.db")
	b := start(t, queue.Options{Path: path}, map[string][]ftptest.Option{"a": opts})
	dir := t.TempDir()
	ids := b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/tree", Local: dir, Dir: true})
	until(t, func() bool { return b.states()[queue.Done] > 20 })
	if err := b.q.PauseAll(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	b.wait()
	before := b.states()
	if before[queue.Queued] == 0 {
		t.Fatalf("nothing is left: %v", before)
	}
	b.close()
	b.open()
	if !b.q.Paused() {
		t.Fatal("the pause was not kept")
	}
	if err := b.q.ResumeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wait()
	same(t, dir, want)
	it, err := b.q.Items(t.Context(), ids...)
	if err != nil || len(it) != 1 || it[0].State != queue.Done {
		t.Fatalf("%+v, %v", it, err)
	}
}

func until(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func TestCancelKeepsTheRest(t *testing.T) {
	t.Parallel()
	big := string(pattern(3_000_000, 1))
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": {
		ftptest.File("/x", big), ftptest.File("/y", "small"), ftptest.Bandwidth(1 << 20),
	}})
	dir := t.TempDir()
	ids := b.add(
		queue.Job{Kind: queue.Download, Site: "a", Remote: "/x", Local: filepath.Join(dir, "x")},
		queue.Job{Kind: queue.Download, Site: "a", Remote: "/y", Local: filepath.Join(dir, "y")},
	)
	for tries := 1; ; tries++ { // a busy computer may spoil a try
		until(t, func() bool { a := b.q.Active(); return len(a) > 0 && a[0].ID == ids[0] && a[0].Bytes > 0 })
		began := time.Now()
		if err := b.q.Cancel(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		if took <= time.Second {
			break
		}
		if tries == 3 {
			t.Errorf("cancelling took %v", took)
			break
		}
		if err := b.q.Retry(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
	}
	b.wait()
	b.only(map[queue.State]int{queue.Cancelled: 1, queue.Done: 1})
	if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
		t.Error("half a file has the final name")
	}
	if err := b.q.Retry(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	b.wait()
	got, err := os.ReadFile(filepath.Join(dir, "x"))
	if err != nil || !bytes.Equal(got, []byte(big)) {
		t.Errorf("after the retry: %d bytes, %v", len(got), err)
	}
}

func TestOneConnectionAllowed(t *testing.T) {
	t.Parallel()
	opts, want := tree("/tree", 60)
	b := start(t, queue.Options{Limits: queue.Limits{PerSite: 8}}, map[string][]ftptest.Option{"a": append(opts, ftptest.MaxConns(1))})
	dir := t.TempDir()
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/tree", Local: dir, Dir: true})
	b.wait()
	same(t, dir, want)
}

func TestRefusedLogin(t *testing.T) {
	t.Parallel()
	for _, forever := range []bool{false, true} {
		opt := queue.Options{}
		if forever {
			opt.DialRetries = -1
		}
		b := start(t, opt, map[string][]ftptest.Option{"a": {ftptest.File("/x", "x"), ftptest.NoAnonymous(), ftptest.User("u", "p")}})
		dir := t.TempDir()
		for i := range 20 {
			b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/x", Local: filepath.Join(dir, fmt.Sprint(i))})
		}
		b.wait()
		logins := 0
		for _, c := range b.srvs["a"].Commands() {
			if strings.HasPrefix(c, "PASS") {
				logins++
			}
		}
		if forever {
			if logins != 1 {
				t.Errorf("%d logins, want one", logins)
			}
			b.only(map[queue.State]int{queue.Queued: 20})
			sites, err := b.q.Sites(t.Context())
			if err != nil || sites[0].Stopped.Sentence == "" || sites[0].Unfinished != 20 {
				t.Errorf("%+v, %v", sites, err)
			}
			continue
		}
		b.only(map[queue.State]int{queue.Failed: 20})
	}
}

// How far a file came is told while everything is paused.
func TestPausedAllTellsHowFar(t *testing.T) {
	t.Parallel()
	b := start(t, queue.Options{}, map[string][]ftptest.Option{
		"a": {ftptest.File("/big", string(pattern(40_000_000, 1))), ftptest.TotalBandwidth(4 << 20)},
	})
	ids := b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/big", Local: filepath.Join(t.TempDir(), "big")})
	until(t, func() bool {
		active := b.q.Active()
		return len(active) == 1 && active[0].Bytes > 1_000_000
	})
	if err := b.q.PauseAll(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	b.wait()
	it, err := b.q.Items(t.Context(), ids...)
	if err != nil || len(it) != 1 || it[0].State != queue.Queued || it[0].Bytes < 1_000_000 {
		t.Fatalf("%+v, %v", it, err)
	}
}

func TestPriorities(t *testing.T) {
	t.Parallel()
	var opts []ftptest.Option
	for i := range 9 {
		opts = append(opts, ftptest.File(fmt.Sprintf("/f%d", i), "x"))
	}
	b := start(t, queue.Options{Limits: queue.Limits{PerSite: 1}}, map[string][]ftptest.Option{"a": opts})
	dir := t.TempDir()
	if err := b.q.PauseAll(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for i := range 9 {
		ids = append(ids, b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: fmt.Sprintf("/f%d", i), Local: filepath.Join(dir, fmt.Sprint(i))})...)
	}
	ctx := t.Context()
	for _, err := range []error{
		b.q.SetPriority(ctx, queue.High, ids[7]),
		b.q.SetPriority(ctx, queue.Low, ids[0]),
		b.q.Move(ctx, queue.Top, ids[5]),
		b.q.Move(ctx, queue.Bottom, ids[1]),
		b.q.ResumeAll(ctx),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	b.wait()
	var order []string
	for _, c := range b.srvs["a"].Commands() {
		if name, ok := strings.CutPrefix(c, "RETR /f"); ok {
			order = append(order, name)
		}
	}
	if got := strings.Join(order, ""); got != "752346810" {
		t.Errorf("order = %s, want 752346810", got)
	}
}

// One large file alone goes over several connections where each is slow.
func TestSegments(t *testing.T) {
	t.Parallel()
	const size = 70 << 20
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": {ftptest.BigFile("/big", size), ftptest.Bandwidth(6 << 20)}})
	dir := t.TempDir()
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/big", Local: filepath.Join(dir, "big"), Size: size})
	b.wait()
	b.only(map[queue.State]int{queue.Done: 1})
	f, err := os.Open(filepath.Join(dir, "big"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	want, got := sha256.New(), sha256.New()
	if _, err = io.Copy(got, f); err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(want, ftptest.BigContent(size)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		t.Error("the file differs")
	}
	if n := b.srvs["a"].Count("RETR"); n < 2 {
		t.Errorf("%d RETR, want several", n)
	}
}

// A limit holds over all connections, and can be changed while they run.
func TestLimits(t *testing.T) {
	t.Parallel()
	var opts []ftptest.Option
	for i := range 6 {
		opts = append(opts, ftptest.File(fmt.Sprintf("/f%d", i), string(pattern(3_000_000, uint32(i)))))
	}
	b := start(t, queue.Options{Limits: queue.Limits{PerSite: 6, Down: 1 << 20}}, map[string][]ftptest.Option{"a": opts})
	dir := t.TempDir()
	for i := range 6 {
		b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: fmt.Sprintf("/f%d", i), Local: filepath.Join(dir, fmt.Sprint(i)), Size: 3_000_000})
	}
	until(t, func() bool { return b.srvs["a"].Moved() > 0 })
	for tries := 1; ; tries++ { // a busy computer may spoil a look, which is at the last two seconds
		began := time.Now()
		until(t, func() bool { return time.Since(began) > 2500*time.Millisecond })
		c, err := b.q.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c.Down <= 1.3*(1<<20) && c.Down >= 0.5*(1<<20) {
			break
		}
		if tries == 3 {
			t.Errorf("%.0f bytes a second under a limit of %d", c.Down, 1<<20)
			break
		}
	}
	if err := b.q.SetLimits(t.Context(), queue.Limits{PerSite: 6}); err != nil {
		t.Fatal(err)
	}
	changed := time.Now()
	b.wait()
	if took := time.Since(changed); took > 8*time.Second { // with it, 15 s
		t.Errorf("without the limit it took %v more", took)
	}
}
