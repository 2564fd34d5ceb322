//go:build linux

package secretstest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ringPassword opens the login keyring of the tests.
const ringPassword = "opens the keyring"

const secretsName = "org.freedesktop.secrets"

// Gnome starts a session with a real gnome-keyring whose login keyring is unlocked. It
// skips the test where the programs are missing.
func Gnome(tb testing.TB) *Session {
	tb.Helper()
	need(tb, "dbus-daemon", "gnome-keyring-daemon", "secret-tool")
	s := Bus(tb)
	s.StartRing(true)
	return s
}

// StartRing starts the keyring's daemon, with the login keyring unlocked or as it is
// after a log-in without a password.
func (s *Session) StartRing(unlocked bool) {
	s.tb.Helper()
	args := []string{"--foreground", "--components=secrets"}
	if unlocked {
		args = append(args, "--unlock")
	}
	cmd := s.Command(s.tb.Context(), "gnome-keyring-daemon", args...)
	if unlocked {
		cmd.Stdin = strings.NewReader(ringPassword)
	}
	s.ring = start(s.tb, cmd)
	s.await(secretsName, true)
}

// StopRing ends the keyring's daemon, as a log-out does. What it keeps is on the disk.
func (s *Session) StopRing() {
	s.tb.Helper()
	s.ring.stop()
	s.await(secretsName, false)
}

// prompterPlaces are where distributions have the program that asks for gnome-keyring.
var prompterPlaces = []string{"/usr/libexec/gcr-prompter", "/usr/lib/gcr/gcr-prompter", "/usr/lib/x86_64-linux-gnu/gcr-prompter"}

// A Screen is a virtual display on which the keyring's prompts appear.
type Screen struct {
	s       *Session
	display string
}

// Screen starts a virtual display and the real prompter of gnome-keyring on it. It skips
// the test where the programs are missing.
func (s *Session) Screen() *Screen {
	s.tb.Helper()
	need(s.tb, "Xvfb", "xdotool")
	prompter := slices.IndexFunc(prompterPlaces, func(p string) bool { _, err := os.Stat(p); return err == nil })
	if prompter < 0 {
		s.tb.Skipf("gcr-prompter, which asks for gnome-keyring, is in none of %s", strings.Join(prompterPlaces, ", "))
	}
	number, pass, err := os.Pipe()
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(func() { _ = number.Close() })
	x := s.Command(s.tb.Context(), "Xvfb", "-displayfd", "3", "-screen", "0", "1000x700x24", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{pass}
	start(s.tb, x)
	_ = pass.Close() // Xvfb has its own
	line, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		s.tb.Fatalf("Xvfb did not start: %v", err)
	}
	screen := &Screen{s: s, display: ":" + strings.TrimSpace(line)}
	start(s.tb, screen.command(s.tb.Context(), prompterPlaces[prompter]))
	s.await("org.gnome.keyring.SystemPrompter", true)
	return screen
}

func (x *Screen) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := x.s.Command(ctx, name, args...)
	cmd.Env = append(cmd.Env, "DISPLAY="+x.display, "NO_AT_BRIDGE=1", "LC_ALL=C.UTF-8")
	return cmd
}

// Unlock waits for the prompt of a locked keyring and types its password.
func (x *Screen) Unlock() error {
	return x.do(theWindow(), []string{"type", ringPassword}, []string{"key", "Return"})
}

// Choose waits for the prompt of a keyring that is to be made and chooses its password.
func (x *Screen) Choose() error {
	return x.do(theWindow(), []string{"type", ringPassword}, []string{"key", "Tab"},
		[]string{"type", ringPassword}, []string{"key", "Return"})
}

// Dismiss waits for a prompt and dismisses it.
func (x *Screen) Dismiss() error {
	return x.do(theWindow(), []string{"key", "Escape"})
}

// theWindow is the command that waits for a window of the prompter's.
func theWindow() []string {
	return []string{"search", "--sync", "--onlyvisible", "--class", "^gcr-prompter$"}
}

func (x *Screen) do(commands ...[]string) error {
	ctx, cancel := context.WithTimeout(x.s.tb.Context(), startTime)
	defer cancel()
	for _, c := range commands {
		if out, err := x.command(ctx, "xdotool", c...).CombinedOutput(); err != nil {
			return fmt.Errorf("xdotool %s: %w: %s", c[0], err, out)
		}
	}
	return nil
}

// An Item is what secret-tool shows of an item in the keyring.
type Item struct{ Label, User, Secret string }

var fieldLine = regexp.MustCompile(`^(label|secret|attribute\.username) = (.*)$`)

// Items returns what secret-tool finds of the service, in its order.
func (s *Session) Items(service string) []Item {
	s.tb.Helper()
	out, err := s.Command(s.tb.Context(), "secret-tool", "search", "--all", "service", service).CombinedOutput()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) { //nolint:errorlint // made by exec itself
		s.tb.Fatalf("secret-tool: %v\n%s", err, out)
	}
	var items []Item
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "[") {
			items = append(items, Item{})
			continue
		}
		m := fieldLine.FindStringSubmatch(line)
		if m == nil || len(items) == 0 {
			continue
		}
		it := &items[len(items)-1]
		switch m[1] {
		case "label":
			it.Label = m[2]
		case "secret":
			it.Secret = m[2]
		default:
			it.User = m[2]
		}
	}
	return items
}
