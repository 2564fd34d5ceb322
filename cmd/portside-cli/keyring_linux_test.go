package main

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"portside/client/ftptest"
	"portside/client/secrets/secretstest"
)

// A user is somebody in a D-Bus session with a real keyring.
type user struct {
	t *testing.T
	s *secretstest.Session
}

// run runs the program, and returns what it printed and its exit code.
func (u user) run(stdin string, args ...string) (stdout, stderr string, code int) {
	u.t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		u.t.Fatal(err)
	}
	cmd := u.s.Command(u.t.Context(), program, args...)
	cmd.Env = append(cmd.Env, keyringVariable+"=system", "LC_ALL=C.UTF-8")
	var out, told bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &told
	if err = cmd.Run(); err != nil {
		var ee *exec.ExitError
		if !errors.As(err, &ee) {
			u.t.Fatal(err)
		}
		code = ee.ExitCode()
	}
	return out.String(), told.String(), code
}

// must is run where the exit code must be 0.
func (u user) must(stdin string, args ...string) string {
	u.t.Helper()
	out, told, code := u.run(stdin, args...)
	if code != 0 {
		u.t.Fatalf("%q ended with %d: %s", args, code, told)
	}
	return out
}

// holds checks the keyring, as the labels and secrets of its items.
func (u user) holds(want ...string) {
	u.t.Helper()
	var got []string
	for _, it := range u.s.Items("portside") {
		got = append(got, it.Label+"="+it.Secret)
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		u.t.Errorf("the keyring holds %q, want %q", got, want)
	}
}

const name = "portside-cli"

// A password in a real gnome-keyring: kept, used without a question, renamed with its
// site, and gone with it.
func TestPasswordInARealKeyring(t *testing.T) {
	const password = "kEyRiNg-1 ü"
	u := user{t, secretstest.Gnome(t)}
	srv := ftptest.NewServer(t, ftptest.User("mara", password), ftptest.NoAnonymous(), ftptest.File("/a.txt", "x"))
	u.must("", "sites", "add", "Work/Shop", "--from", "ftp://mara@"+srv.Addr+"/")
	u.holds()
	if _, told, code := u.run("", "ls", "Shop:"); code != 4 || !strings.Contains(told, "login") {
		t.Errorf("without a password the exit code is %d: %s", code, told)
	}
	u.must(password+"\n", "login", "Shop")
	u.holds("Portside: Work/Shop (password)=" + password)
	if out := u.must("", "ls", "-1", "Shop:"); out != "a.txt\n" {
		t.Errorf("listed %q", out)
	}

	u.must("", "sites", "edit", "Shop", "--name", "Store")
	u.holds("Portside: Work/Store (password)=" + password)
	u.s.StopRing()
	if _, told, code := u.run("", "ls", "Store:"); code != 4 || !strings.Contains(told, "keyring") {
		t.Errorf("without a keyring the exit code is %d: %s", code, told)
	}
	if _, told, code := u.run(password+"\n", "login", "Store"); code != 10 {
		t.Errorf("login without a keyring ended with %d: %s", code, told)
	}
	if out := func() string { out, _, _ := u.run(password+"\n", "ls", "-1", "--password-stdin", "Store:"); return out }(); out != "a.txt\n" {
		t.Errorf("without a keyring, listed %q", out)
	}
	u.s.StartRing(true)
	if out := u.must("", "ls", "-1", "Store:"); out != "a.txt\n" {
		t.Errorf("after a new login, listed %q", out)
	}
	u.must("", "sites", "rm", "Store")
	u.holds()
}
