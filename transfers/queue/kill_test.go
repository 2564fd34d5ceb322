package queue_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/transfers/internal/servertest"
	"portside/transfers/queue"
)

// The environment of the child that is killed: a killPlan as JSON.
const killEnv = "PORTSIDE_TEST_KILL_PLAN"

// A killPlan is what a child works on.
type killPlan struct {
	Server servertest.Server
	DB     string
	Dir    string // of the round
	Round  int
}

// TestMain runs the child of TestKill where the environment says so.
func TestMain(m *testing.M) {
	if plan := os.Getenv(killEnv); plan != "" {
		if err := killChild(plan); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// openKill opens the queue of a plan.
func openKill(ctx context.Context, p killPlan) (*queue.Queue, error) {
	q, damage, err := queue.Open(ctx, queue.Options{
		Path: p.DB, DialRetries: -1, Backoff: 5 * time.Millisecond, Limits: queue.Limits{PerSite: 4}, KeepDone: 1 << 20,
		Transfer: transfers.Options{Times: true},
		ForSite:  func(site string, opt *transfers.Options) { opt.TempUpload = site == "temporary" },
		Dial: func(ctx context.Context, _ string) (transfers.RemoteCloser, error) {
			return client.Dial(ctx, p.Server.Addr, client.Options{
				User: p.Server.User, Password: p.Server.Password, Security: client.SecurityOff, Timeout: 20 * time.Second,
			})
		},
	})
	if err != nil {
		return nil, err
	}
	if damage != nil {
		return nil, errors.Join(damage, q.Close(ctx))
	}
	for _, key := range []string{"direct", "temporary"} {
		if err = q.AddSite(ctx, queue.Site{Key: key, Name: key}); err != nil {
			return nil, errors.Join(err, q.Close(ctx))
		}
	}
	return q, nil
}

// killChild works on a queue until it is done; it is killed before, mostly.
func killChild(text string) error {
	var p killPlan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return err
	}
	ctx := context.Background()
	q, err := openKill(ctx, p)
	if err != nil {
		return err
	}
	if err = q.Wait(ctx); err != nil {
		return err
	}
	return q.Close(ctx)
}

// jobs are those of a round.
func (p killPlan) jobs() []queue.Job {
	remote := func(name string) string { return fmt.Sprintf("/r%d-%s", p.Round, name) }
	return []queue.Job{
		{Kind: queue.Download, Site: "direct", Remote: "/tree", Local: filepath.Join(p.Dir, "down"), Dir: true, Rule: transfers.Overwrite},
		{Kind: queue.Download, Site: "direct", Remote: "/tree", Local: filepath.Join(p.Dir, "beside"), Dir: true, Rule: transfers.RenameNew},
		{Kind: queue.Upload, Site: "temporary", Remote: remote("temp"), Local: filepath.Join(p.Dir, "source"), Dir: true, Rule: transfers.Overwrite},
		{Kind: queue.Upload, Site: "direct", Remote: remote("direct"), Local: filepath.Join(p.Dir, "source"), Dir: true, Rule: transfers.Overwrite},
		{Kind: queue.Copy, Site: "direct", Remote: "/tree", ToSite: "temporary", ToRemote: remote("copy"), Dir: true, Rule: transfers.Overwrite},
		{Kind: queue.Delete, Site: "direct", Remote: remote("waste"), Dir: true},
	}
}

// sums returns the checksums of all files below a folder, by relative path.
func sums(dir string) (map[string][32]byte, error) {
	all := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(rel)] = sha256.Sum256(b)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	return all, err
}

// fill writes the files of a tree: many small ones and some larger ones.
func fill(t *testing.T, dir string, seed uint32) map[string][32]byte {
	t.Helper()
	for i := range 60 {
		n := 500 + i*37
		if i%15 == 0 {
			n = 1_500_000 + i*1000
		}
		path := filepath.Join(dir, fmt.Sprintf("d%d", i%6), fmt.Sprintf("e%d", i%2), fmt.Sprintf("f %02d.bin", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, pattern(n, seed+uint32(i)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := sums(dir)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestKill kills a program at random moments while it works on a mixed queue
// against a real server, and starts it again. However often: every file ends
// identical, nothing partial has a final name at any moment, no entry is lost,
// none is done twice. PORTSIDE_KILL_CYCLES says how many times.
func TestKill(t *testing.T) {
	program := servertest.Build(t)
	srv := servertest.Start(t, program, "vsftpd")
	cycles := 20
	if s := os.Getenv("PORTSIDE_KILL_CYCLES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		cycles = n
	}
	tree := fill(t, filepath.Join(srv.Root, "tree"), 1)
	own(t, srv)
	kills, rounds, began := 0, 0, time.Now()
	for kills < cycles {
		rounds++
		kills += killRound(t, srv, rounds, tree, cycles-kills)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills in %d rounds, %.0f s", kills, rounds, time.Since(began).Seconds())
}

// own gives the server's user what the test wrote.
func own(t *testing.T, srv servertest.Server) {
	t.Helper()
	fi, err := os.Stat(srv.Root)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(srv.Root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return likeOwner(path, fi)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// killRound kills a child until it has done all its jobs, or most times.
func killRound(t *testing.T, srv servertest.Server, round int, tree map[string][32]byte, most int) (kills int) {
	dir := t.TempDir()
	p := killPlan{Server: srv, DB: filepath.Join(dir, "queue.db"), Dir: dir, Round: round}
	source := fill(t, filepath.Join(dir, "source"), 1000*uint32(round))
	// Of the names that are taken, the files that come get another.
	beside := filepath.Join(dir, "beside", "d0", "e0")
	if err := os.MkdirAll(beside, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(beside, "f 00.bin"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	fill(t, filepath.Join(srv.Root, fmt.Sprintf("r%d-waste", round)), 7)
	own(t, srv)
	q, err := openKill(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err = errors.Join(q.PauseAll(t.Context(), true), add(t, q, p.jobs()), q.ResumeAll(t.Context()), q.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	wantBeside := map[string][32]byte{"d0/e0/f 00.bin": sha256.Sum256([]byte("mine"))}
	for rel, sum := range tree {
		if rel == "d0/e0/f 00.bin" {
			rel = "d0/e0/f 00 (1).bin"
		}
		wantBeside[rel] = sum
	}
	for {
		after := time.Duration(20+rand.IntN(600)) * time.Millisecond
		if kills >= most {
			after = time.Minute
		}
		over := killOnce(t, string(text), after)
		// At any moment: what has its final name is whole.
		whole(t, filepath.Join(dir, "down"), tree)
		whole(t, filepath.Join(dir, "beside"), wantBeside)
		whole(t, filepath.Join(srv.Root, fmt.Sprintf("r%d-temp", round)), source)
		if t.Failed() {
			t.Fatalf("after kill %d of round %d, at %v", kills+1, round, after)
		}
		if over {
			break
		}
		kills++
	}
	exactly(t, filepath.Join(dir, "down"), tree)
	exactly(t, filepath.Join(dir, "beside"), wantBeside)
	exactly(t, filepath.Join(srv.Root, fmt.Sprintf("r%d-temp", round)), source)
	exactly(t, filepath.Join(srv.Root, fmt.Sprintf("r%d-direct", round)), source)
	exactly(t, filepath.Join(srv.Root, fmt.Sprintf("r%d-copy", round)), tree)
	if _, err = os.Stat(filepath.Join(srv.Root, fmt.Sprintf("r%d-waste", round))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was to be deleted is still there: %v", err)
	}
	entries(t, p, len(tree))
	return kills
}

func add(t *testing.T, q *queue.Queue, jobs []queue.Job) error {
	t.Helper()
	_, err := q.Add(t.Context(), jobs...)
	return err
}

// killOnce runs the child, and kills it after a while. over says that it came to
// its end before.
func killOnce(t *testing.T, plan string, after time.Duration) (over bool) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	var out strings.Builder
	cmd := exec.CommandContext(ctx, exe) // killed with SIGKILL
	cmd.Env = append(os.Environ(), killEnv+"="+plan)
	cmd.Stderr = &out
	err = cmd.Run()
	switch {
	case err == nil:
		return true
	case ctx.Err() == nil:
		t.Fatalf("the child ended by itself: %v\n%s", err, out.String())
	case after >= time.Minute:
		t.Fatalf("the child does not come to its end\n%s", out.String())
	}
	return false
}

// whole checks that every file is one of those that should be there, with all
// its bytes. Unfinished ones have names of their own.
func whole(t *testing.T, dir string, want map[string][32]byte) {
	t.Helper()
	got, err := sums(dir)
	if err != nil {
		t.Fatal(err)
	}
	for rel, sum := range got {
		if strings.Contains(rel, ".portside-") {
			continue
		}
		if sum != want[rel] {
			t.Errorf("%s in %s has other bytes, or is not meant to be there", rel, filepath.Base(dir))
		}
	}
}

// exactly checks that all files are there, with all their bytes, and no others.
func exactly(t *testing.T, dir string, want map[string][32]byte) {
	t.Helper()
	got, err := sums(dir)
	if err != nil {
		t.Fatal(err)
	}
	for rel, sum := range want {
		switch there, ok := got[rel]; {
		case !ok:
			t.Errorf("%s is missing in %s", rel, filepath.Base(dir))
		case there != sum:
			t.Errorf("%s in %s differs", rel, filepath.Base(dir))
		}
	}
	for rel := range got {
		if _, ok := want[rel]; !ok {
			t.Errorf("%s in %s should not be there", rel, filepath.Base(dir))
		}
	}
}

// entries checks that every file and folder is in the queue once, and done.
func entries(t *testing.T, p killPlan, files int) {
	t.Helper()
	q, err := openKill(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if cerr := q.Close(t.Context()); cerr != nil {
			t.Error(cerr)
		}
	}()
	items, total, err := q.List(t.Context(), queue.Filter{}, 0, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	folders := 1 + 6 + 6*2/2 // each of the six has one folder in it
	if want := 5*(files+folders) + 1; total != want {
		t.Errorf("%d entries, want %d", total, want)
	}
	seen := map[string]int{}
	for _, it := range items {
		if it.State != queue.Done && it.State != queue.Skipped {
			t.Errorf("%s %s is %s: %+v", it.Kind, it.Remote, it.State, it.Reason)
		}
		seen[fmt.Sprint(it.Kind, it.Site, it.Remote, it.Local, it.ToRemote)]++
	}
	for what, n := range seen {
		if n > 1 {
			t.Errorf("%s is there %d times", what, n)
		}
	}
}
