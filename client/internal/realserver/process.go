//go:build unix

package realserver

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// A command is what to execute.
type command struct {
	path string
	args []string
	env  []string
}

// A process is a running server: a process group with the server and its
// sessions.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the server itself has ended
}

// launch starts c in a process group of its own, its output to the named file.
func launch(c command, output string) (*process, error) {
	log, err := os.Create(output)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	// The server outlives the context of Start, and is ended by kill.
	cmd := &exec.Cmd{
		Path:        c.path,
		Args:        append([]string{c.path}, c.args...),
		Env:         c.env,
		Stdout:      log,
		Stderr:      log,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // it is killed in the end: its status says nothing
	}()
	return p, nil
}

// kill ends the whole group and waits for the server.
func (p *process) kill() {
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		_ = p.cmd.Process.Kill()
	}
	<-p.done
}
