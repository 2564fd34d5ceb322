package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// sceneTime is the longest that a scene may take.
const sceneTime = 3 * time.Minute

// TestLab plays every scene and prints the tables.
func TestLab(t *testing.T) {
	needLab(t)
	// An interrupt ends the scenes, and the rest goes its usual way.
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cli := buildCLI(t)
	var mu sync.Mutex // guards results
	results := make(map[string]*result)
	began := time.Now()
	t.Run("scene", func(t *testing.T) {
		for _, sc := range scenes() {
			t.Run(sc.name, func(t *testing.T) {
				t.Parallel()
				r := perform(ctx, t, &sc, cli)
				mu.Lock()
				results[sc.name] = r
				mu.Unlock()
				judge(t, &sc, r)
			})
		}
	})
	checkWarm(ctx, t, results, cli)
	if err := printTables(results, time.Since(began)); err != nil {
		t.Error(err)
	}
}

// needLab skips the test where there can be no lab.
func needLab(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("the lab is made of network namespaces, for which root is needed")
	}
	for _, name := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("the lab needs the program %s: %v", name, err)
		}
	}
	if _, err := os.Stat("/dev/net/tun"); err != nil {
		t.Skipf("the lab needs TUN devices: %v", err)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || !regexp.MustCompile(`(?m)^\S+ \S+ \S+ \S+ / `).Match(mounts) {
		t.Skipf("the lab needs / to be a mount, which it is not in a chroot: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), "true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: apart}
	if err := cmd.Run(); err != nil {
		t.Skipf("no namespaces can be made here: %v", err)
	}
}

// apart is what a scene has for itself.
const apart = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET

// buildCLI builds the program to be tried, as it is released: without cgo.
func buildCLI(t *testing.T) string {
	t.Helper()
	if file := os.Getenv(cliVar); file != "" {
		return file
	}
	file := filepath.Join(t.TempDir(), "portside-cli")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", file, "portside/cmd/portside-cli")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build portside-cli: %v\n%s", err, out)
	}
	return file
}

// perform plays a scene in namespaces of its own and returns what happened.
func perform(ctx context.Context, t *testing.T, sc *scene, cli string, env ...string) *result {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, sceneTime)
	defer cancel()
	cmd, in, err := sceneCommand(ctx, sc, cli)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, env...)
	defer func() { _ = in.Close() }()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the scene could not be played: %v\n%s", err, &stderr)
	}
	if stderr.Len() > 0 {
		t.Logf("stderr: %s", &stderr)
	}
	r := &result{}
	if err := json.Unmarshal(out, r); err != nil {
		t.Fatalf("the scene printed no result: %v\n%s", err, out)
	}
	if r.Cannot != "" {
		t.Skip(r.Cannot)
	}
	return r
}

// sceneCommand is the first process of a scene. It ends when in is closed, so
// at the latest with this process.
func sceneCommand(ctx context.Context, sc *scene, cli string) (cmd *exec.Cmd, in io.Closer, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd = exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), roleVar+"=scene", sceneVar+"="+sc.name, cliVar+"="+cli)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: apart}
	in, err = cmd.StdinPipe()
	return cmd, in, err
}

// judge compares what happened with the truth of the scene.
func judge(t *testing.T, sc *scene, r *result) {
	t.Helper()
	for i, m := range methods() {
		if got, want := r.Found[m], sc.truth.ways[i]; got != want { // both are empty where there is no server
			t.Errorf("the network is not as described: plain sockets find %s %q, want %q", m, got, want)
		}
	}
	for _, wrong := range r.wayErrors(sc) {
		t.Error(wrong)
	}
	for _, wrong := range r.verdictErrors(sc) {
		t.Error(wrong)
	}
	for _, wrong := range r.secretErrors() {
		t.Error(wrong)
	}
	if dir := os.Getenv(keepVar); dir != "" {
		if err := keep(filepath.Join(dir, sc.name), r); err != nil {
			t.Error(err)
		}
	}
}

// keepVar names a folder for the transcripts and reports of the scenes.
const keepVar = "PORTSIDE_LAB_KEEP"

// keep writes all that was said in a scene into a folder.
func keep(dir string, r *result) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var b strings.Builder
	for _, c := range r.calls() {
		fmt.Fprintf(&b, "== %q: exit %d after %.3f s, method %q\n%s\n%s\n%s\n", c.Args, c.Exit, c.Seconds, c.Method, c.Wrong, c.Err, c.Transcript)
	}
	report, err := json.MarshalIndent(r.Report, "", "  ")
	if err != nil {
		return err
	}
	for name, text := range map[string]string{"calls.txt": b.String(), "server.txt": r.Said, "report.json": string(report)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
