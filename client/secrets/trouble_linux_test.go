package secrets_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client/secrets"
	"portside/client/secrets/secretstest"
)

// elsewhere is a session whose bus has another address.
type elsewhere struct {
	*secretstest.Session
	address string
}

func (e elsewhere) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := e.Session.Command(ctx, name, args...)
	cmd.Env = append(slices.Clone(cmd.Env), "DBUS_SESSION_BUS_ADDRESS="+e.address)
	return cmd
}

// silent listens at a socket and answers nobody.
func silent(t *testing.T, s *secretstest.Session) string {
	t.Helper()
	path := filepath.Join(s.Home, "silent")
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "unix:path=" + path
}

// locked is a session with a real gnome-keyring that holds a secret and is locked.
func locked(t *testing.T) *secretstest.Session {
	t.Helper()
	s := secretstest.Gnome(t)
	works(t, run(t, s, "", act{Do: "set", Key: key("a1"), Name: "Work", Secret: []byte("saved")}))
	s.StopRing()
	s.StartRing(false)
	return s
}

func fake(t *testing.T, f secretstest.Fault) *secretstest.Session {
	t.Helper()
	s, _ := secretstest.Fake(t, f)
	return s
}

// A trouble is what a keyring is like, and what is said of it.
type trouble struct {
	name string
	in   func(t *testing.T) commander
	want secrets.State // of get and set in the background
	set  secrets.State // where it differs
	says string
}

// told has programs use the keyring, and returns what they were told wrongly or late.
func (test trouble) told(t *testing.T) (wrong []string) {
	t.Helper()
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	in := test.in(t)
	set := test.set
	if set == secrets.Failed {
		set = test.want
	}
	check := func(what string, o outcome, want secrets.State) {
		if o.State != want {
			complain("%s: %v (%s), want %v", what, o.State, o.Err, want)
		}
		if o.Took > inTime {
			complain("%s took %v", what, o.Took)
		}
		if want != secrets.NotFound && !strings.Contains(o.Sentence, test.says) {
			complain("%s says %q, want %q in it", what, o.Sentence, test.says)
		}
	}
	got := runBriefly(t, in, act{Do: "get", Key: key("a1")})
	check("get", got[0], test.want)
	// Another program: the first one's patience is used up.
	o := runBriefly(t, in,
		act{Do: "set", Key: key("b2"), Name: "B", Secret: []byte("typed")},
		act{Do: "get", Key: key("b2")},
		act{Do: "get", Key: key("a1")})
	check("set", o[0], set)
	if o[0].Kept != secrets.InMemory {
		complain("set: %v, want in memory", o[0].Kept)
	}
	if string(o[1].Secret) != "typed" {
		complain("what was typed is %q in the same run", o[1].Secret)
	}
	if test.want == secrets.TimedOut && o[2].Took > time.Second {
		complain("a keyring that did not answer is waited for again: %v", o[2].Took)
	}
	all := runBriefly(t, in, act{Do: "forget all"}, act{Do: "leftovers"})
	// Where there is no keyring there is nothing to forget.
	forget := map[secrets.State]secrets.State{secrets.Missing: secrets.Works, secrets.NotFound: secrets.Works}
	for i, o := range all {
		if o.Took > inTime {
			complain("took %v: %+v", o.Took, o)
		}
		if want, ok := forget[test.want]; i == 0 && test.name != "hangs late" && o.State != test.want && (!ok || o.State != want) {
			complain("forget all: %v (%s)", o.State, o.Err)
		}
	}
	return wrong
}

// Whatever the keyring is like, each call has its state and its sentence within three
// seconds, and what was to be kept is kept in memory.
func TestTroubleIsToldInTime(t *testing.T) {
	tests := []trouble{
		{"no bus", func(t *testing.T) commander {
			return elsewhere{secretstest.Bus(t), "unix:path=/nonexistent"}
		}, secrets.Missing, 0, "no keyring in this session"},
		{"odd address", func(t *testing.T) commander { return elsewhere{secretstest.Bus(t), "nonsense"} }, secrets.Missing, 0, "no keyring in this session"},
		{"silent bus", func(t *testing.T) commander {
			s := secretstest.Bus(t)
			return elsewhere{s, silent(t, s)}
		}, secrets.TimedOut, 0, "did not answer in time"},
		{"bus without the service", func(t *testing.T) commander { return secretstest.Bus(t) }, secrets.Missing, 0, "no keyring in this session"},
		{"no collection", func(t *testing.T) commander { return fake(t, secretstest.NoCollection) }, secrets.Missing, 0, "has no keyring yet"},
		{"hangs", func(t *testing.T) commander { return fake(t, secretstest.Hangs) }, secrets.TimedOut, 0, "did not answer in time"},
		{"hangs late", func(t *testing.T) commander { return fake(t, secretstest.HangsAtOpen) }, secrets.TimedOut, 0, "did not answer in time"},
		{"denies", func(t *testing.T) commander { return fake(t, secretstest.Denies) }, secrets.Refused, 0, "denied access"},
		{"prompts", func(t *testing.T) commander { return fake(t, secretstest.Prompts) }, secrets.Locked, 0, "locked"},
		{"storing is dismissed", func(t *testing.T) commander { return fake(t, secretstest.Discards) }, secrets.NotFound, secrets.Refused, "dismissed"},
		{"locked gnome-keyring", func(t *testing.T) commander { return locked(t) }, secrets.Locked, 0, "locked"},
		{"locked gnome-keyring with a display", func(t *testing.T) commander {
			s := locked(t)
			s.HangingPrompter()
			return s
		}, secrets.Locked, 0, "locked"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			unspoilt(t, func() []string { return test.told(t) })
		})
	}
}
