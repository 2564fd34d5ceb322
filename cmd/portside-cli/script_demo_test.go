package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A demoProcess is a "portside-cli demo" that runs.
type demoProcess struct {
	cmd    *exec.Cmd
	out    *bufio.Reader
	cancel context.CancelFunc
}

// stop interrupts the process and returns its exit code.
func (d *demoProcess) stop() (int, error) {
	defer d.cancel()
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		return 0, err
	}
	err := d.cmd.Wait()
	if ee, ok := errors.AsType[*exec.ExitError](err); ok {
		return ee.ExitCode(), nil
	}
	return 0, err
}

// cmdDemo runs the demo server beside the script:
//
//	demo NAME [ARG...]    starts it, and sets $NAME to the URL that it prints
//	demo NAME stop CODE   interrupts it; it must end with this exit code
func cmdDemo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: demo NAME [ARG...]|stop CODE")
	}
	all := ts.Value(serversKey{}).(*servers)
	if len(args) == 3 && args[1] == "stop" {
		d := all.demos[args[0]]
		delete(all.demos, args[0])
		want, err := strconv.Atoi(args[2])
		ts.Check(err)
		code, err := d.stop()
		ts.Check(err)
		if code != want {
			ts.Fatalf("the demo ended with %d, want %d", code, want)
		}
		return
	}
	program, err := lookPath(ts.Getenv("PATH"), "portside-cli")
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cmd := exec.CommandContext(ctx, program, append([]string{"demo"}, args[1:]...)...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "HOME="+ts.Getenv("HOME"), "XDG_CACHE_HOME=")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	d := &demoProcess{cmd: cmd, out: bufio.NewReader(out), cancel: cancel}
	if all.demos == nil {
		all.demos = make(map[string]*demoProcess)
	}
	all.demos[args[0]] = d
	line, err := d.out.ReadString('\n')
	ts.Check(err)
	ts.Setenv(args[0], urlIn(ts, line))
}

// urlIn finds the address in the first line that the demo prints.
func urlIn(ts *testscript.TestScript, line string) string {
	address := strings.TrimSpace(line)
	if strings.HasPrefix(address, "{") {
		var v struct{ URL string }
		ts.Check(json.Unmarshal([]byte(line), &v))
		address = v.URL
	}
	if !strings.HasPrefix(address, "ftp://") {
		ts.Fatalf("the demo printed %q", line)
	}
	return strings.TrimSuffix(address, "/")
}

// lookPath is exec.LookPath in the PATH of a script.
func lookPath(path, program string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		full := filepath.Join(dir, program)
		if _, err := os.Stat(full); err == nil {
			return full, nil
		}
		if _, err := os.Stat(full + ".exe"); err == nil {
			return full + ".exe", nil
		}
	}
	return "", exec.ErrNotFound
}
