package transfers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

// A crashPlan is what a child process of the test moves, and where it dies.
type crashPlan struct {
	Addr   string
	File   struct{ Direction, Remote, Root, Local string }
	Rule   transfers.Exists
	Answer transfers.Exists // to a conflict; Ask: none
	Temp   bool
	Kept   string // file with what was decided, as a queue keeps it
	DieAt  int    // number of the step; negative: none
	Steps  string // file that takes the name of the step
}

// kept is what a queue would have on disk.
type kept struct {
	Action transfers.Exists
	Name   string
	Begun  bool
}

// A mortal is a session whose process dies before or after the n-th operation,
// at once and without a word, as by kill -9.
type mortal struct {
	*client.Session
	plan crashPlan
	n    int
}

func (m *mortal) step(name string) {
	if m.n == m.plan.DieAt {
		_ = os.WriteFile(m.plan.Steps, []byte(name), 0o600)
		p, err := os.FindProcess(os.Getpid())
		if err == nil {
			_ = p.Kill()
		}
		select {} // death comes from outside
	}
	m.n++
}

func (m *mortal) Retrieve(ctx context.Context, p string, dst io.Writer, opt client.TransferOptions) (int64, error) {
	m.step("before RETR")
	opt.Progress = m.halfway(opt.Progress)
	n, err := m.Session.Retrieve(ctx, p, dst, opt)
	m.step("after RETR")
	return n, err
}

func (m *mortal) Store(ctx context.Context, p string, src io.Reader, opt client.TransferOptions) (int64, error) {
	m.step("before STOR")
	opt.Progress = m.halfway(opt.Progress)
	n, err := m.Session.Store(ctx, p, src, opt)
	m.step("after STOR")
	return n, err
}

// halfway is a step in the middle of the data.
func (m *mortal) halfway(report func(int64)) func(int64) {
	var moved int64
	return func(n int64) {
		if moved < 200_000 && moved+n >= 200_000 {
			m.step("in the middle")
		}
		moved += n
		if report != nil {
			report(n)
		}
	}
}

func (m *mortal) Rename(ctx context.Context, from, to string) error {
	m.step("before RNTO")
	err := m.Session.Rename(ctx, from, to)
	m.step("after RNTO")
	return err
}

func (m *mortal) Delete(ctx context.Context, p string) error {
	m.step("before DELE")
	err := m.Session.Delete(ctx, p)
	m.step("after DELE")
	return err
}

func (m *mortal) SetModTime(ctx context.Context, p string, at time.Time) error {
	m.step("before MFMT")
	err := m.Session.SetModTime(ctx, p, at)
	m.step("after MFMT")
	return err
}

// TestCrashChild is what the child processes run.
func TestCrashChild(t *testing.T) {
	text := os.Getenv("PORTSIDE_CRASH_PLAN")
	if text == "" {
		t.Skip("runs only as a child of TestMoveSurvivesKill")
	}
	var plan crashPlan
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		t.Fatal(err)
	}
	if err := plan.run(t); err != nil {
		t.Fatal(err)
	}
}

// run does what is planned.
func (plan crashPlan) run(t *testing.T) error {
	s, err := client.Dial(t.Context(), plan.Addr, client.Options{Security: client.SecurityOff, Timeout: 5 * time.Second})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	m := &mortal{Session: s, plan: plan}
	var k kept
	if b, rerr := os.ReadFile(plan.Kept); rerr == nil {
		if err = json.Unmarshal(b, &k); err != nil {
			return err
		}
	}
	f := transfers.File{
		Remote: plan.File.Remote, Root: plan.File.Root, Local: plan.File.Local,
		Settled: transfers.Settled{Action: k.Action, Name: k.Name}, GoOn: k.Begun,
		OnSettled: func(s transfers.Settled) func(context.Context) error {
			m.step("settled")
			return func(context.Context) error {
				m.step("before it is kept")
				keep(t, plan.Kept, kept{Action: s.Action, Name: s.Name, Begun: true})
				m.step("kept")
				return nil
			}
		},
	}
	if plan.File.Direction == "upload" {
		f.Direction = transfers.Uploading
	}
	opt := transfers.Options{Exists: plan.Rule, Times: true, TempUpload: plan.Temp}
	_, err = transfers.Move(t.Context(), m, f, opt)
	if _, asks := errors.AsType[*transfers.ConflictError](err); asks && plan.Answer != transfers.Ask {
		f.Settled = transfers.Settled{Action: plan.Answer, Name: f.Local}
		if f.Direction == transfers.Uploading {
			f.Settled.Name = f.Remote
		}
		keep(t, plan.Kept, kept{Action: f.Settled.Action, Name: f.Settled.Name, Begun: true})
		m.step("answered")
		_, err = transfers.Move(t.Context(), m, f, opt)
	}
	if err != nil {
		return err
	}
	m.step("done")
	return nil
}

func keep(t *testing.T, name string, k kept) {
	t.Helper()
	b, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	if err = os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Killed at any step, and started again with what was decided by then, a file
// ends whole, once, and with nothing beside it.
func TestMoveSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	t.Parallel()
	tests := []struct {
		name         string
		direction    string
		rule, answer transfers.Exists
		old          bool // something is at the target
		temp         bool
		want         []string // names afterwards
	}{
		{name: "download", direction: "download", rule: transfers.Ask, want: []string{"x"}},
		{name: "download, newer", direction: "download", rule: transfers.Newer, old: true, want: []string{"x"}},
		{name: "download, rename", direction: "download", rule: transfers.RenameNew, old: true, want: []string{"x", "x (1)"}},
		{name: "download, answered", direction: "download", rule: transfers.Ask, answer: transfers.Overwrite, old: true, want: []string{"x"}},
		{name: "upload", direction: "upload", rule: transfers.Ask, want: []string{"x"}},
		{name: "upload, newer", direction: "upload", rule: transfers.Newer, old: true, want: []string{"x"}},
		{name: "upload by temporary name", direction: "upload", rule: transfers.Ask, temp: true, want: []string{"x"}},
		{name: "upload by temporary name, newer", direction: "upload", rule: transfers.Newer, old: true, temp: true, want: []string{"x"}},
		{name: "upload by temporary name, rename", direction: "upload", rule: transfers.RenameNew, old: true, temp: true, want: []string{"x", "x (1)"}},
	}
	for _, tt := range tests {
		for _, noReplace := range []bool{false, true} {
			if noReplace && (!tt.temp || tt.rule != transfers.Newer) {
				continue
			}
			name := tt.name
			if noReplace {
				name += ", RNTO replaces nothing"
			}
			t.Run(name, func(t *testing.T) {
				c := crash{t: t, direction: tt.direction, old: tt.old, noReplace: noReplace, want: tt.want}
				c.plan.Rule, c.plan.Answer, c.plan.Temp = tt.rule, tt.answer, tt.temp
				var steps []string
				for at := 0; ; at++ {
					step, died := c.dies(at)
					if !died {
						break
					}
					steps = append(steps, step)
				}
				if len(steps) < 5 {
					t.Errorf("died in %q only", steps)
				}
			})
		}
	}
}

// A crash is one test of dying at every step.
type crash struct {
	t         *testing.T
	plan      crashPlan
	direction string
	old       bool
	noReplace bool
	want      []string
}

// dies runs the transfer to its death at a step, and then again to its end.
func (c *crash) dies(at int) (step string, died bool) {
	t := c.t
	data := pattern(700_000)
	src, before := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), time.Date(2025, 11, 1, 10, 0, 0, 0, time.UTC)
	old := string(bytes.Repeat([]byte("old "), 30_000))
	dir := t.TempDir()
	var running atomic.Pointer[ftptest.Server]
	opts := []ftptest.Option{ftptest.Dir("/d")}
	if c.noReplace {
		opts = append(opts, ftptest.Handle("RNTO", func(conn *ftptest.Conn, arg string) bool {
			if !running.Load().Exists(arg) {
				return false
			}
			conn.Reply(553, "File exists.")
			return true
		}))
	}
	local := filepath.Join(dir, "x")
	if c.direction == "download" {
		opts = append(opts, ftptest.FileAt("/d/x", string(data), src, 0o644))
		if c.old {
			writeAt(t, local, []byte(old), before)
		}
	} else {
		writeAt(t, local, data, src)
		if c.old {
			opts = append(opts, ftptest.FileAt("/d/x", old, before, 0o644))
		}
	}
	srv := ftptest.NewServer(t, opts...)
	running.Store(srv)
	state := t.TempDir()
	p := c.plan
	p.Addr, p.DieAt = srv.Addr, at
	p.Kept, p.Steps = filepath.Join(state, "kept"), filepath.Join(state, "step")
	p.File.Direction, p.File.Remote, p.File.Root, p.File.Local = c.direction, "/d/x", dir, "x"
	err := child(t, p)
	died = err != nil
	if died {
		b, rerr := os.ReadFile(p.Steps)
		if rerr != nil {
			t.Fatalf("step %d: did not die as planned: %v", at, err)
		}
		step = string(b)
		p.DieAt = -1
		if err = p.run(t); err != nil {
			t.Fatalf("after death %s (step %d): %v", step, at, err)
		}
	}
	c.check(srv, dir, data, old, fmt.Sprintf("after death %s (step %d)", step, at))
	return step, died
}

// check looks at what is on the side of the target.
func (c *crash) check(srv *ftptest.Server, dir string, data []byte, old, when string) {
	t := c.t
	var names []string
	read := srv.File
	if c.direction == "download" {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		read = func(p string) []byte {
			b, _ := os.ReadFile(filepath.Join(dir, filepath.Base(p)))
			return b
		}
	} else {
		names = srv.Names("/d")
	}
	if strings.Join(names, ",") != strings.Join(c.want, ",") {
		t.Errorf("%s: names %q, want %q", when, names, c.want)
		return
	}
	if !bytes.Equal(read("/d/"+c.want[len(c.want)-1]), data) {
		t.Errorf("%s: not identical", when)
	}
	if len(c.want) == 2 && string(read("/d/x")) != old {
		t.Errorf("%s: the file that was to stay has changed", when)
	}
}

// child runs a plan in a process of its own.
func child(t *testing.T, p crashPlan) error {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), "PORTSIDE_CRASH_PLAN="+string(b))
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func writeAt(t *testing.T, name string, data []byte, at time.Time) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
}
