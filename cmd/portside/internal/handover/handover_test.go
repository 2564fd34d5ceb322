package handover

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// socket is a path for one, short enough for every system.
func socket(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ps")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "w.sock")
}

// window opens a door and returns what is handed to it.
func window(t *testing.T, path string) (*Door, chan Request) {
	t.Helper()
	door, handed, err := Enter(t.Context(), path, nil)
	if door == nil || handed || err != nil {
		t.Fatalf("Enter = %v, %v, %v; want the door", door, handed, err)
	}
	t.Cleanup(door.Close)
	got := make(chan Request, 9)
	door.Serve(t.Context(), func(_ context.Context, r Request) error {
		got <- r
		return nil
	})
	return door, got
}

func TestHandsOver(t *testing.T) {
	path := socket(t)
	door, got := window(t, path)
	for _, want := range []Request{
		{Address: "ftp://joe:s3cret@host/päth"},
		{Site: "Work/Backup"},
		{Import: "/a b/c.portside"},
		{Address: strings.Repeat("x", 60<<10)},
	} {
		d, handed, err := Enter(t.Context(), path, &want)
		if d != nil || !handed || err != nil {
			t.Fatalf("Enter = %v, %v, %v; want it handed over", d, handed, err)
		}
		if r := <-got; r != want {
			t.Errorf("came in: %.80v, want %.80v", r, want)
		}
	}
	if d, handed, err := Enter(t.Context(), path, nil); d != nil || handed || err == nil {
		t.Errorf("a second door: %v, %v, %v", d, handed, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v; want 0600", info.Mode(), err)
	}
	door.Close()
	next, handed, err := Enter(t.Context(), path, &Request{Address: "a"})
	if next == nil || handed || err != nil {
		t.Fatalf("after the window has gone: %v, %v, %v; want the door", next, handed, err)
	}
	next.Close()
}

func TestTooLongIsNotSent(t *testing.T) {
	path := socket(t)
	_, got := window(t, path)
	_, handed, err := Enter(t.Context(), path, &Request{Address: strings.Repeat("x", mostBytes)})
	if handed || !errors.Is(err, errTooLong) || len(got) > 0 {
		t.Errorf("handed %v, %v, %d came in", handed, err, len(got))
	}
}

// What the window does not take is told as a refusal, and nothing of it is in the error.
func TestRefusal(t *testing.T) {
	path := socket(t)
	door, _, err := Enter(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer door.Close()
	door.Serve(t.Context(), func(_ context.Context, r Request) error { return errors.New("no: " + r.Address) })
	_, handed, err := Enter(t.Context(), path, &Request{Address: "ftp://u:s3cret@h"})
	if handed || !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("handed %v, %v", handed, err)
	}
}

// Words that no start of the program says are refused, and never taken.
func TestHostileMessages(t *testing.T) {
	path := socket(t)
	_, got := window(t, path)
	for name, text := range map[string]string{
		"nothing": "", "no object": "ftp://h\n", "unknown member": `{"address":"a","within":9,"run":"x"}` + "\n",
		"two": `{"address":"a","within":9}` + "\n" + `{"address":"b","within":9}` + "\n", "no end": `{"address":"a","within":9}`,
		"more behind": `{"address":"a","within":9} {}` + "\n", "endless": strings.Repeat("x", mostBytes+9),
	} {
		c, err := net.Dial("unix", path) //nolint:noctx // loopback, at once
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, text) // the window may have closed already
		_ = c.(*net.UnixConn).CloseWrite()
		answer, _ := io.ReadAll(c)
		if s := string(answer); strings.Contains(s, taken) {
			t.Errorf("%s: %q", name, s)
		}
		_ = c.Close()
	}
	if len(got) > 0 {
		t.Errorf("came in: %+v", <-got)
	}
}

// A window that has stopped costs its user Patience, and does nothing when it goes on.
func TestAHangIsBounded(t *testing.T) {
	path := socket(t)
	door, _, err := Enter(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer door.Close()
	begin := time.Now()
	d, handed, err := Enter(t.Context(), path, &Request{Address: "a"})
	if d != nil || handed || !errors.Is(err, ErrSilent) || time.Since(begin) > 2*Patience {
		t.Errorf("Enter = %v, %v, %v after %v", d, handed, err, time.Since(begin))
	}
	got := make(chan Request, 2)
	door.Serve(t.Context(), func(_ context.Context, r Request) error {
		got <- r
		return nil
	})
	if _, handed, err := Enter(t.Context(), path, &Request{Address: "b"}); !handed || err != nil {
		t.Fatalf("handed %v, %v", handed, err)
	}
	if r := <-got; r.Address != "b" {
		t.Errorf("what was given up came in: %+v", r)
	}
}

// What take does not do in time is given up before its sender gives up.
func TestTakeIsBounded(t *testing.T) {
	path := socket(t)
	door, _, err := Enter(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer door.Close()
	door.Serve(t.Context(), func(ctx context.Context, _ Request) error {
		<-ctx.Done()
		return ctx.Err()
	})
	if _, handed, err := Enter(t.Context(), path, &Request{Address: "a"}); handed || !errors.Is(err, ErrRefused) {
		t.Errorf("handed %v, %v; want the refusal, in time", handed, err)
	}
}

// A start that comes while the window only begins waits for it.
func TestTwoStartsAtOnce(t *testing.T) {
	path := socket(t)
	lock, err := open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	_ = lock.listener.Close() // it has the lock and does not listen yet
	done := make(chan error, 1)
	go func() {
		_, handed, gone := Enter(t.Context(), path, &Request{Address: "a"})
		if !handed && gone == nil {
			gone = errors.New("it became a window")
		}
		done <- gone
	}()
	listener, err := listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	lock.listener = listener
	defer lock.Close()
	lock.Serve(t.Context(), func(context.Context, Request) error { return nil })
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestKilled is the process that TestAKilledWindow kills, where that says so.
func TestKilled(t *testing.T) {
	path := os.Getenv("HANDOVER_TEST_SOCKET")
	if path == "" {
		t.Skip("it is for TestAKilledWindow")
	}
	if _, _, err := Enter(t.Context(), path, nil); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(os.Stdout, "ready\n")
	select {}
}

func TestAKilledWindow(t *testing.T) {
	path := socket(t)
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$") //nolint:gosec // this test
	c.Env = append(os.Environ(), "HANDOVER_TEST_SOCKET="+path)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.ReadFull(out, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	_ = c.Process.Kill()
	_ = c.Wait()
	if _, err = os.Stat(path); err != nil {
		t.Fatalf("a killed process leaves its socket: %v", err)
	}
	door, handed, err := Enter(t.Context(), path, &Request{Address: "a"})
	if door == nil || handed || err != nil {
		t.Fatalf("Enter = %v, %v, %v; want the door", door, handed, err)
	}
	door.Close()
}

func TestPlace(t *testing.T) {
	dir := t.TempDir()
	p := Place{ConfigDir: dir, Display: ":1", Cache: filepath.Join(dir, "cache"), Runtime: filepath.Join(dir, "run")}
	path, err := p.Path()
	if err != nil || filepath.Dir(path) != filepath.Join(dir, "run", "portside") {
		t.Fatalf("%s, %v", path, err)
	}
	for name, other := range map[string]Place{
		"another display":       {ConfigDir: dir, Display: ":2", Runtime: p.Runtime},
		"another configuration": {ConfigDir: p.Cache, Display: ":1", Runtime: p.Runtime},
	} {
		if got, err := other.Path(); err != nil || got == path {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	p.ConfigDir = link
	if got, err := p.Path(); err != nil || got != path {
		t.Errorf("by another name: %s, %v", got, err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // it is to be refused
		t.Fatal(err)
	}
	if got, err := p.Path(); err != nil || !strings.HasPrefix(got, p.Cache) {
		t.Errorf("where others can enter: %s, %v", got, err)
	}
	if got, err := (Place{ConfigDir: dir}).Path(); err == nil {
		t.Errorf("without a folder: %s", got)
	}
}
