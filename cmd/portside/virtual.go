package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// errNoDisplay says what can be done where no window can be opened.
var errNoDisplay = errors.New(`no display was found: DISPLAY is not set.
Run it on a desktop, or through a connection that forwards one (ssh -X).
portside --demo runs without a display where Xvfb is installed, and saves a screenshot;
portside-cli does everything without a window`)

// errNoXvfb says what is missing to go on without a display.
var errNoXvfb = errors.New(`no display was found, and Xvfb, which can stand in for one, is not installed.
Install it (Debian and Ubuntu: apt install xvfb), or run portside on a desktop`)

// virtualTime bounds a run on a virtual display.
const virtualTime = 2 * time.Minute

// runVirtually runs the program again on a virtual display, to save a
// screenshot. Without --demo or --screenshot there is nothing to see there.
func runVirtually(ctx context.Context, opt options, args []string, out, errs io.Writer) error {
	if !opt.demo && opt.screenshot == "" && opt.benchTable+opt.benchPanel == 0 {
		return errNoDisplay
	}
	server, err := exec.LookPath("Xvfb")
	if err != nil {
		return errNoXvfb
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if opt.screenshot == "" && opt.benchTable+opt.benchPanel == 0 {
		opt.screenshot = filepath.Join(os.TempDir(), "portside-screenshot.png")
		args = append(args, "--screenshot", opt.screenshot)
	}
	ctx, cancel := context.WithTimeout(ctx, virtualTime)
	defer cancel()
	display, stop, err := startXvfb(ctx, server, opt)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintln(out, "No display was found, so the window opens on a virtual one.")
	c := exec.CommandContext(ctx, self, args...)
	c.Env = append(os.Environ(), "DISPLAY="+display, "WAYLAND_DISPLAY=", "LIBGL_ALWAYS_SOFTWARE=1", "FYNE_SCALE=1")
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, out, errs
	if err := c.Run(); err != nil {
		return fmt.Errorf("the window on the virtual display: %w", err)
	}
	return nil
}

// startXvfb starts a virtual display large enough for the window, and returns
// its name once it is ready.
func startXvfb(ctx context.Context, server string, opt options) (display string, stop func(), err error) {
	ready, tell, err := os.Pipe()
	if err != nil {
		return "", nil, fmt.Errorf("virtual display: %w", err)
	}
	defer func() { _ = ready.Close() }()
	screen := fmt.Sprintf("%dx%dx24", int(opt.size.Width), int(opt.size.Height))
	c := exec.CommandContext(ctx, server, "-displayfd", "3", "-screen", "0", screen, "-nolisten", "tcp", "-noreset")
	c.ExtraFiles = []*os.File{tell}
	err = c.Start()
	_ = tell.Close()
	if err != nil {
		return "", nil, fmt.Errorf("virtual display: %w", err)
	}
	stop = func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	line, err := bufio.NewReader(ready).ReadString('\n') // it writes its number when it is ready
	if err != nil {
		stop()
		return "", nil, errors.New("the virtual display did not start")
	}
	return ":" + strings.TrimSpace(line), stop, nil
}
