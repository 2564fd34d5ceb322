package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childEnv makes the test binary the program that is killed.
const childEnv = "PORTSIDE_STORE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		os.Exit(child(path))
	}
	os.Exit(m.Run())
}

// child scans folders for ever: each call marks the folder and inserts what is in it,
// and its id is printed when that is stored.
func child(path string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, damage, err := Open(ctx, options(path))
	if err != nil || damage != nil {
		fmt.Println("error", err, damage)
		return 1
	}
	for {
		var commits [8]*Commit
		var folders [8]int64
		for i := range commits {
			ids, failed := s.Insert(ctx, []Row{{Site: 1, Dir: true, State: queued, Size: -1}})
			if failed != nil {
				fmt.Println("error", failed)
				return 1
			}
			children := make([]Row, 1+rand.IntN(100))
			for n := range children {
				children[n] = Row{Site: 1, Parent: ids[0], Job: ids[0], State: queued, Remote: []byte("/some/path/to/a/file")}
			}
			folders[i] = ids[0]
			commits[i] = s.Apply(Set(Row{ID: ids[0], State: done, Children: len(children)}, State|Children), InsertRows(children...))
		}
		for i, c := range commits {
			if err = c.Wait(ctx); err != nil {
				fmt.Println("error", err)
				return 1
			}
			fmt.Println("stored", folders[i])
		}
	}
}

func TestKilledAtAnyMoment(t *testing.T) {
	rounds := 20
	if testing.Short() || raceDetector { // which makes both programs many times slower
		rounds = 4
	}
	path := filepath.Join(t.TempDir(), "q.db")
	acknowledged := map[int64]bool{}
	for round := range rounds {
		before := len(acknowledged)
		runAndKill(t, path, acknowledged)
		if len(acknowledged) == before {
			t.Errorf("round %d: nothing was stored", round)
		}
		checkAfterKill(t, path, acknowledged)
	}
	t.Logf("%d folders were acknowledged", len(acknowledged))
}

// runAndKill runs the child until a random moment and notes what it acknowledged.
func runAndKill(t *testing.T, path string, acknowledged map[int64]bool) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	var timer *time.Timer
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break
		}
		id, found := strings.CutPrefix(strings.TrimSpace(line), "stored ")
		n, notNumber := strconv.ParseInt(id, 10, 64)
		if err != nil || !found || notNumber != nil {
			t.Errorf("the child says %q, %v", line, err)
			break
		}
		acknowledged[n] = true
		if timer == nil { // it is killed some time after it began to work
			timer = time.AfterFunc(time.Duration(rand.IntN(200))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
}

// checkAfterKill checks that what was acknowledged is there, and nothing by half.
func checkAfterKill(t *testing.T, path string, acknowledged map[int64]bool) {
	t.Helper()
	s := open(t, options(path))
	all, _, err := s.Page(t.Context(), PageQuery{Limit: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	children, scanned := map[int64]int{}, map[int64]bool{}
	for _, r := range all {
		if !r.Dir {
			children[r.Parent]++
		}
	}
	var tally [6]int64
	for _, r := range all {
		tally[r.State]++
		if r.Dir && r.Children != children[r.ID] || r.Dir && (r.State == done) != (r.Children > 0) {
			t.Errorf("folder %d in state %d should have %d entries, and has %d", r.ID, r.State, r.Children, children[r.ID])
		}
		scanned[r.ID] = r.Dir && r.State == done
	}
	for id := range acknowledged {
		if !scanned[id] {
			t.Errorf("folder %d was acknowledged and is not there", id)
		}
	}
	c, err := s.Counts(t.Context())
	if err != nil || c[done].N != tally[done] || c[queued].N != tally[queued] {
		t.Errorf("counts %v, %v; there are %v", c, err, tally)
	}
	if err = s.Close(); err != nil {
		t.Error(err)
	}
}
