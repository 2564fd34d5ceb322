package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"portside-cli": func() { os.Exit(run(scriptKeyring())) },
	})
}

// TestScripts runs the archives of testdata/script, each in a folder of its own
// and against servers of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setup,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"serve":   cmdServe,
			"server":  cmdServer,
			"status":  cmdStatus,
			"json":    cmdJSON,
			"bytes":   cmdBytes,
			"demo":    cmdDemo,
			"asking":  cmdAsking,
			"keypair": cmdKeyPair,
		},
		Condition: func(cond string) (bool, error) {
			if cond != "ipv6" {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			return hasIPv6(t.Context()), nil
		},
	})
}

// setup gives every script the same surroundings.
func setup(env *testscript.Env) error {
	env.Setenv("TZ", "UTC")
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("LC_ALL", "C.UTF-8")
	env.Setenv("PORTSIDE_PASSWORD", "")
	env.Setenv("PORTSIDE_PROXY_PASSWORD", "")
	env.Setenv("XDG_CONFIG_HOME", "")
	env.Setenv(keyringVariable, filepath.Join(env.WorkDir, "ring"))
	env.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(env.WorkDir, "nobody")) // no script asks a real keyring
	env.Setenv("NL", "\n")
	env.Setenv("GORACE", "atexit_sleep_ms=0") // else each run under -race ends with a second of sleep
	env.Values[serversKey{}] = &servers{}
	env.Values[askedKey{}] = map[string]*askingServer{}
	env.Defer(env.Values[serversKey{}].(*servers).close)
	return nil
}

// cmdStatus runs a command that must end with an exit code:
//
//	status 6 portside-cli get $URL/missing
func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if ee, ok := errors.AsType[*exec.ExitError](err); ok {
		got = ee.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// hasIPv6 reports whether this computer has an IPv6 loopback address.
func hasIPv6(ctx context.Context) bool {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "[::1]:0")
	if err != nil {
		return false
	}
	_ = ln.Close()
	return true
}
