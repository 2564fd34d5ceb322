//go:build e2e

package e2e

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portside/client/ftptest"
)

// TestALinkFromOutside starts the program again with an address, then with a file: both
// are opened by the window that is there, and the second process ends.
func TestALinkFromOutside(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/from-outside.txt", "hello"))
	a := start(t, map[string][]byte{"lists/sites.portside": []byte(`{"format": "portside-sites", "version": 1, "sites": [{"name": "Lighthouse", "host": "ftp.example.org"}]}`)})
	again := func(args ...string) (string, error) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		c := exec.CommandContext(ctx, program, args...)
		c.Env, c.Dir = a.env, filepath.Join(a.home, "lists")
		out, err := c.CombinedOutput()
		if ctx.Err() != nil {
			err = errors.Join(err, ctx.Err())
		}
		return string(out), err
	}
	if out, err := again("--", login(srv.URL)); err != nil || out != "" {
		t.Fatalf("the second start: %v %s", err, out)
	}
	a.sees("from-outside.txt")
	if out, err := again("sites.portside"); err != nil || out != "" {
		t.Fatalf("the start with a file: %v %s", err, out)
	}
	a.sees("Lighthouse")
	found, err := a.command("xdotool", "search", "--onlyvisible", "--name", "Portside").Output()
	if n := len(strings.Fields(string(found))); err != nil || n != 1 {
		t.Errorf("there are %d windows, %v; want one", n, err)
	}
	a.stop()
	left, err := filepath.Glob(filepath.Join(a.home, "run", "portside", "*.sock"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if info, err := os.Stat(filepath.Join(a.home, "run", "portside")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the socket: %v, %v", info, err)
	}
}
