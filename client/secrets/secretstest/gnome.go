//go:build linux

package secretstest

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// ringPassword opens the login keyring of the tests.
const ringPassword = "opens the keyring of the test"

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
