//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"portside/ui/uitest"
)

// program is where TestMain has built the window.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run builds the program once for all tests.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "portside-e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	tags := os.Getenv("GOTAGS")
	if tags == "" {
		tags = "gles,x11,migrated_fynedo"
	}
	program = filepath.Join(dir, "portside")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "build", "-tags", "uiprobe,"+tags, "-o", program, "portside/cmd/portside")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the window:", err)
		return 1
	}
	return m.Run()
}

// patience is how long a test waits for something to be seen.
const patience = 30 * time.Second

// app is a running window and the hands that use it.
type app struct {
	t    *testing.T
	home string
	env  []string
	win  string // X window
	cmd  *exec.Cmd
	over bool // it was waited for
	in   io.WriteCloser
	out  *bufio.Scanner
}

// home makes a home folder for one run of the program.
func newHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	for _, dir := range []string{".cache", ".config", "run"} {
		if err := os.Mkdir(filepath.Join(home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// environment is what the program sees: nothing of the user, no session bus.
func environment(home, display string) []string {
	return append(os.Environ(), "DISPLAY="+display, "WAYLAND_DISPLAY=", "HOME="+home, "XDG_CONFIG_HOME="+home+"/.config",
		"XDG_CACHE_HOME="+home+"/.cache", "XDG_DATA_HOME="+home+"/.local/share", "XDG_RUNTIME_DIR="+home+"/run", "LIBGL_ALWAYS_SOFTWARE=1", "FYNE_SCALE=1",
		"LANG=C.UTF-8", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
}

// need skips the test where a program is missing.
func need(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}

// virtualDisplay starts a display and returns its name.
func virtualDisplay(t *testing.T) string {
	t.Helper()
	ready, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ready.Close() }()
	x := exec.CommandContext(context.WithoutCancel(t.Context()), "Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset")
	x.ExtraFiles = []*os.File{tell}
	err = x.Start()
	_ = tell.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = x.Process.Kill()
		_ = x.Wait()
	})
	line, err := bufio.NewReader(ready).ReadString('\n') // ready when it writes its number
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	return ":" + strings.TrimSpace(line)
}

// start runs the program with files in its home folder and waits for its window.
func start(t *testing.T, files map[string][]byte, args ...string) *app {
	t.Helper()
	need(t, "Xvfb", "xdotool")
	home := newHome(t)
	for name, data := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(home, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return startIn(t, home, args...)
}

// startIn runs the program in a home folder that may have been used before.
func startIn(t *testing.T, home string, args ...string) *app {
	t.Helper()
	a := &app{t: t, home: home}
	a.env = environment(a.home, virtualDisplay(t))
	c := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...)
	c.Env, c.Stderr = a.env, &noise{t: t}
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	a.cmd, a.in, a.out = c, in, bufio.NewScanner(out)
	a.out.Buffer(nil, 1<<24)
	t.Cleanup(func() {
		if !a.over {
			a.stop()
		}
	})
	a.until("the window", func() bool {
		found, err := a.command("xdotool", "search", "--onlyvisible", "--name", "Portside").Output()
		a.win = strings.TrimSpace(string(found))
		return err == nil && a.win != ""
	})
	a.sees("This computer")
	return a
}

// stop ends the program by the probe and wants it to end well.
func (a *app) stop() {
	if a.t.Failed() {
		file := filepath.Join(os.TempDir(), "portside-e2e-"+a.t.Name()+".png")
		a.ask("shot "+file, new(string))
		a.t.Log("screenshot:", file)
	}
	_ = a.in.Close() // the probe quits at the end of its input
	a.ends()
}

// ends waits for the program to end, and to end well.
func (a *app) ends() {
	a.t.Helper()
	a.over = true
	c := a.cmd
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			a.t.Errorf("the program ended with: %v", err)
		}
	case <-time.After(patience):
		_ = c.Process.Signal(syscall.SIGQUIT) // makes it say where its goroutines are
		a.t.Errorf("the program did not quit: %v", <-done)
	}
}

// noise passes on what the program writes to standard error, and fails the test
// where Fyne was called from a wrong goroutine or a goroutine panicked.
type noise struct{ t *testing.T }

func (n *noise) Write(p []byte) (int, error) {
	text := string(p)
	switch {
	case strings.Contains(text, "Error in Fyne call thread"), strings.Contains(text, "panic:"):
		n.t.Errorf("the program said: %s", text)
	default:
		n.t.Log(strings.TrimSpace(text))
	}
	return len(p), nil
}

func (a *app) command(name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(a.t.Context(), name, args...)
	c.Env = a.env
	return c
}

// do runs xdotool.
func (a *app) do(args ...string) {
	a.t.Helper()
	if out, err := a.command("xdotool", args...).CombinedOutput(); err != nil {
		a.t.Fatalf("xdotool %v: %v %s", args, err, out)
	}
}

// ask puts a question to the probe.
func (a *app) ask(question string, answer any) {
	a.t.Helper()
	if _, err := fmt.Fprintln(a.in, question); err != nil {
		a.t.Fatalf("probe: %v", err)
	}
	if !a.out.Scan() {
		a.t.Fatalf("probe: closed, %v", a.out.Err())
	}
	if err := json.Unmarshal(a.out.Bytes(), answer); err != nil {
		a.t.Fatalf("probe: %v", err)
	}
}

func (a *app) dump() []uitest.Seen {
	a.t.Helper()
	var seen []uitest.Seen
	a.ask("dump", &seen)
	return seen
}

// until asks again and again until ok holds.
func (a *app) until(what string, ok func() bool) {
	a.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if ok() {
			return
		}
	}
	a.t.Fatalf("waited in vain for %s", what)
}

// sees waits for a text that holds s.
func (a *app) sees(s string) {
	a.t.Helper()
	var last []uitest.Seen
	defer func() {
		if a.t.Failed() {
			a.t.Logf("seen instead of %q: %v", s, last)
		}
	}()
	a.until("the text "+s, func() bool {
		last = a.dump()
		for _, seen := range last {
			if strings.Contains(seen.Text, s) {
				return true
			}
		}
		return false
	})
}

// find waits for the text s and returns where it is, the nth of them.
func (a *app) find(s string, nth int) (x, y int) {
	a.t.Helper()
	a.until("the text "+s, func() bool {
		n := 0
		for _, seen := range a.dump() {
			if seen.Text != s {
				continue
			}
			if n == nth {
				x, y = int(seen.X), int(seen.Y)
				return true
			}
			n++
		}
		return false
	})
	return x, y
}

func (a *app) move(x, y int) {
	a.t.Helper()
	a.do("mousemove", "--window", a.win, strconv.Itoa(x), strconv.Itoa(y))
}

// still finds the text s once it stands where it stood the look before: what has just
// opened may still move, as a sheet whose wrapped texts have found their height.
func (a *app) still(s string) (x, y int) {
	a.t.Helper()
	lastX, lastY := -1, -1
	a.until("the text "+s+" to stand still", func() bool {
		x, y = a.find(s, 0)
		same := x == lastX && y == lastY
		lastX, lastY = x, y
		return same
	})
	return x, y
}

// click clicks the text s.
func (a *app) click(s string) {
	a.t.Helper()
	a.move(a.still(s))
	a.do("click", "1")
}

// drag drags the text s to a place, in steps as a hand does.
func (a *app) drag(s string, toX, toY int) {
	a.t.Helper()
	x, y := a.find(s, 0)
	a.move(x, y)
	a.do("mousedown", "1")
	const steps = 8
	for i := 1; i <= steps; i++ {
		a.move(x+(toX-x)*i/steps, y+(toY-y)*i/steps)
	}
	a.do("mouseup", "1")
}

func (a *app) keys(names ...string) {
	a.t.Helper()
	a.do(append([]string{"key", "--delay", "30"}, names...)...)
}

// write types text where the keyboard is.
func (a *app) write(text string) {
	a.t.Helper()
	a.do("type", "--delay", "15", text)
}

// connect types an address into the bar and presses Return.
func (a *app) connect(address string) {
	a.t.Helper()
	a.keys("ctrl+o")
	a.until("the keyboard in the address", func() bool {
		var focus string
		a.ask("focus", &focus)
		return focus == "*ui.inputEntry"
	})
	a.write(address)
	a.keys("Return")
}
