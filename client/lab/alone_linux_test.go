package lab

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSceneEndsWithItsStarter starts a scene and lets go of it, as the end of
// this process would: the whole scene ends, and with it its namespaces.
func TestSceneEndsWithItsStarter(t *testing.T) {
	needLab(t)
	before := netnsNames(t)
	sc := sceneNamed("ghost") // with helpers in three places
	cmd, in, err := sceneCommand(t.Context(), sc, "")
	if err != nil {
		t.Fatal(err)
	}
	token := roleVar + "_TOKEN=" + t.TempDir()
	cmd.Env = append(cmd.Env, token)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != readyLine {
		t.Fatalf("the scene said %q, %v", line, err)
	}
	nets := netsOf(t, token)
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	if len(nets) < 3 || slices.Contains(nets, own) {
		t.Errorf("processes of the scene are in the network namespaces %v, want three at least and not this one's, %s", nets, own)
	}
	if now := netnsNames(t); !slices.Equal(now, before) {
		t.Errorf("names of namespaces: %v while a scene runs, %v before; want the same", now, before)
	}
	if err = in.Close(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // however it ends
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(10 * time.Second)
	for len(netsOf(t, token)) > 0 {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("processes of the scene are still there")
		}
	}
	if now := netnsNames(t); !slices.Equal(now, before) {
		t.Errorf("names of namespaces: %v afterwards, %v before", now, before)
	}
}

// netnsNames lists those of the namespaces that the computer has names for that
// are called as places of a scene.
func netnsNames(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/run/netns")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if slices.Contains([]string{atClient, atNear, atFar, atServer, atStranger}, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// netsOf lists the network namespaces of the processes that have the token in
// their environment.
func netsOf(t *testing.T, token string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var nets []string
	for _, f := range files {
		env, err := os.ReadFile(f)
		if err != nil || !bytes.Contains(env, []byte(token)) {
			continue // it has ended, or is another's
		}
		net, err := os.Readlink(filepath.Join(filepath.Dir(f), "ns", "net"))
		if err == nil && !slices.Contains(nets, net) {
			nets = append(nets, net)
		}
	}
	return nets
}
