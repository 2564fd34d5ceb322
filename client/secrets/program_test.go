package secrets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client/secrets"
)

// The tests' program is this test binary: each start of it is a new process, as after
// a restart, in the session that the environment names.
const programEnv = "PORTSIDE_SECRETS_PROGRAM"

// inTime is how soon a sentence must be there.
const inTime = 3 * time.Second

func key(site string) secrets.Key { return secrets.Key{Site: site} }

func TestMain(m *testing.M) {
	if os.Getenv(programEnv) != "" {
		os.Exit(program())
	}
	os.Exit(m.Run())
}

// An act is a call that the program makes.
type act struct {
	Do       string
	Key      secrets.Key
	To, Name string
	Secret   []byte
	Known    []string
	Patience time.Duration
	Times    int
}

// An outcome is what an act came to.
type outcome struct {
	Secret    []byte
	Kept      secrets.Kept
	State     secrets.State
	Sentence  string
	Err       string
	N         int
	Leftovers []secrets.Leftover
	Took      time.Duration
}

type script struct {
	Index    string
	Patience time.Duration // of calls in the background; 0: what is usual
	Acts     []act
}

func program() int {
	var s script
	if err := json.NewDecoder(os.Stdin).Decode(&s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	store := secrets.Open(secrets.Options{Index: s.Index, Patience: s.Patience})
	outcomes := make([]outcome, 0, len(s.Acts))
	for _, a := range s.Acts {
		outcomes = append(outcomes, perform(store, a))
	}
	if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func perform(store *secrets.Store, a act) outcome {
	ctx := context.Background() // a program's own
	if a.Patience != 0 {
		ctx = secrets.WithPatience(ctx, a.Patience)
	}
	var o outcome
	var err error
	start := time.Now()
	switch a.Do {
	case "get":
		var secret string
		secret, err = store.Get(ctx, a.Key)
		o.Secret = []byte(secret)
	case "set":
		o.Kept, err = store.Set(ctx, a.Key, a.Name, string(a.Secret))
	case "set many":
		for n := range a.Times {
			k := secrets.Key{Site: fmt.Sprintf("%s%d", a.Key.Site, n)}
			if o.Kept, err = store.Set(ctx, k, a.Name, string(a.Secret)); err != nil {
				break
			}
		}
	case "delete":
		err = store.Delete(ctx, a.Key.Site)
	case "copy":
		err = store.Copy(ctx, a.Key.Site, a.To)
	case "relabel":
		err = store.Relabel(ctx, a.Key.Site, a.Name)
	case "forget all":
		o.N, err = store.ForgetAll(ctx)
	case "leftovers":
		o.Leftovers, err = store.Leftovers(ctx, a.Known)
	case "remove leftovers":
		o.Leftovers, err = store.Leftovers(ctx, a.Known)
		if err == nil {
			err = store.RemoveLeftovers(ctx, o.Leftovers)
		}
	case "look":
		err = store.Look(ctx)
	default:
		err = fmt.Errorf("no such act: %s", a.Do)
	}
	o.Took = time.Since(start)
	o.State, o.Sentence = secrets.StateOf(err), secrets.Sentence(err)
	if err != nil {
		o.Err = err.Error()
	}
	return o
}

// commander makes commands in a session.
type commander interface {
	Command(ctx context.Context, name string, args ...string) *exec.Cmd
}

// run starts the program in the session and returns what its acts came to.
//
// It has the patience of a test: on a busy computer a keyring may need longer than a
// program in the background waits for it.
func run(t *testing.T, in commander, index string, acts ...act) []outcome {
	t.Helper()
	return runScript(t, in, script{Index: index, Patience: 30 * time.Second, Acts: acts})
}

// runBriefly is run with the patience that is usual.
func runBriefly(t *testing.T, in commander, acts ...act) []outcome {
	t.Helper()
	return runScript(t, in, script{Acts: acts})
}

func runScript(t *testing.T, in commander, s script) []outcome {
	t.Helper()
	o, err := feed(programIn(t, in), s)
	if err != nil || len(o) != len(s.Acts) {
		t.Fatalf("the program: %v (%d outcomes)", err, len(o))
	}
	return o
}

// unspoilt wants one of three tries to find nothing wrong. It is for what rests on times,
// which a busy computer can spoil: what is always wrong is the product's doing.
func unspoilt(t *testing.T, try func() (wrong []string)) {
	t.Helper()
	var all []string
	for range 3 {
		wrong := try()
		if len(wrong) == 0 {
			return
		}
		all = append(all, strings.Join(wrong, "; "))
	}
	t.Errorf("in three tries:\n%s", strings.Join(all, "\n"))
}

func programIn(t *testing.T, in commander) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := in.Command(t.Context(), self)
	// A program under the race detector else stays for a second after its end.
	cmd.Env = append(slices.Clone(cmd.Env), programEnv+"=1", strings.TrimSpace("GORACE="+os.Getenv("GORACE")+" atexit_sleep_ms=0"))
	cmd.Stderr = os.Stderr
	return cmd
}

func feed(cmd *exec.Cmd, s script) ([]outcome, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err = cmd.Start(); err != nil {
		return nil, err
	}
	if err = json.NewEncoder(in).Encode(s); err != nil {
		return nil, err
	}
	var o []outcome
	err = json.NewDecoder(out).Decode(&o)
	if waited := cmd.Wait(); err == nil {
		err = waited
	}
	return o, err
}
