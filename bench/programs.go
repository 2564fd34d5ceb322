//go:build linux

package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// A program moves trees.
type program struct {
	name  string
	walks bool // it finds the files by itself; curl is given their names
	// command returns what moves the whole tree at /tree of the server into the
	// folder local, or the other way round for up.
	command func(up bool, local string) (env []string, name string, args []string, err error)
}

// A task is what the programs do: the defaults of each, and how many
// connections where that is not 0.
type task struct {
	srv         *server
	files       []string // names, for curl
	connections int
}

// programs are Portside, first, and its peers.
func (s *setup) programs(ctx context.Context, t task) ([]program, error) {
	ours, err := s.portside(ctx, t)
	if err != nil {
		return nil, err
	}
	pass, err := exec.CommandContext(ctx, "rclone", "obscure", t.srv.Password).Output()
	if err != nil {
		return nil, fmt.Errorf("rclone: %w", err)
	}
	// One after the other, curl is slower by far than with its usual number.
	curls := cmp.Or(t.connections, curlParallel)
	return []program{ours, lftp(t), rclone(t, strings.TrimSpace(string(pass))), s.curl(t, curls)}, nil
}

// portside takes --jobs where the program has it, and says so where not.
func (s *setup) portside(ctx context.Context, t task) (program, error) {
	help, err := exec.CommandContext(ctx, s.cli, "get", "--help").Output()
	if err != nil {
		return program{}, fmt.Errorf("%s get --help: %w", s.cli, err)
	}
	p := program{name: "portside-cli", walks: true}
	var jobs []string
	switch {
	case t.connections == 0:
	case hasFlag(string(help), "--jobs"):
		jobs = []string{"--jobs", strconv.Itoa(t.connections)}
		p.name += " " + strings.Join(jobs, " ")
	case t.connections > 1:
		p.name += " (has no --jobs)"
	}
	p.command = func(up bool, local string) ([]string, string, []string, error) {
		from, to, verb := t.srv.url("//tree"), local, "get"
		if up {
			from, to, verb = to, from, "put"
		}
		args := append([]string{verb, "-r", "--quiet", "--tls", "off"}, jobs...)
		return t.srv.env(), s.cli, append(args, from, to), nil
	}
	return p, nil
}

// hasFlag finds a flag in the help of a program.
func hasFlag(help, flag string) bool {
	for _, word := range strings.Fields(help) {
		if name, _, _ := strings.Cut(strings.TrimRight(word, ","), "["); name == flag {
			return true
		}
	}
	return false
}

func lftp(t task) program {
	mirror := "mirror"
	if t.connections > 0 {
		mirror += fmt.Sprintf(" --parallel=%d", t.connections)
	}
	return program{name: "lftp " + mirror, walks: true, command: func(up bool, local string) ([]string, string, []string, error) {
		move := mirror + " /tree " + local
		if up {
			move = mirror + " -R " + local + " /tree"
		}
		script := "set net:max-retries 1; set ftp:ssl-allow no; set cmd:fail-exit yes; open -u " +
			t.srv.login(",") + " ftp://" + t.srv.Addr + "; " + move + "; quit"
		return nil, "lftp", []string{"-c", script}, nil
	}}
}

func rclone(t task, pass string) program {
	host, port, _ := strings.Cut(t.srv.Addr, ":")
	args := []string{"copy", "--config", "", "--ftp-host", host, "--ftp-port", port, "--ftp-user", t.srv.User, "--ftp-pass", pass}
	name := "rclone copy"
	if n := strconv.Itoa(t.connections); t.connections > 0 {
		args, name = append(args, "--transfers", n), name+" --transfers "+n
		if t.connections == 1 {
			args, name = append(args, "--checkers", n), name+" --checkers "+n
		}
	}
	return program{name: name, walks: true, command: func(up bool, local string) ([]string, string, []string, error) {
		from, to := ":ftp:/tree", local
		if up {
			from, to = to, from
		}
		return nil, "rclone", append(args[:len(args):len(args)], from, to), nil
	}}
}

// curlParallel is how many transfers curl --parallel makes at once.
const curlParallel = 50

// curl is given a list of all addresses and files.
func (s *setup) curl(t task, connections int) program {
	name, args := "curl", []string{"-sS", "--fail-early", "-u", t.srv.login(":"), "--create-dirs", "--ftp-create-dirs"}
	if connections > 1 {
		name, args = name+" --parallel", append(args, "--parallel")
		if connections != curlParallel {
			limit := strconv.Itoa(connections)
			name, args = name+" --parallel-max "+limit, append(args, "--parallel-max", limit)
		}
	}
	return program{name: name, command: func(up bool, local string) ([]string, string, []string, error) {
		config := filepath.Join(s.dir, "curl.cfg")
		err := os.WriteFile(config, []byte(curlConfig(t, up, local)), 0o600)
		return nil, "curl", append(args[:len(args):len(args)], "-K", config), err
	}}
}

func curlConfig(t task, up bool, local string) string {
	var b strings.Builder
	file := "output"
	if up {
		file = "upload-file"
	}
	for _, name := range t.files {
		fmt.Fprintf(&b, "url = \"ftp://%s/tree/%s\"\n%s = \"%s\"\n", t.srv.Addr, name, file, filepath.Join(local, name))
	}
	return b.String()
}
