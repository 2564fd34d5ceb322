//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
)

// A server is a running FTP server.
type server struct {
	Addr, User, Password, Root string
	CAFile                     string // signs the certificate; empty without TLS

	pid  int    // of a process in its network namespace; 0: not known
	port uint16 // that it listens on, whatever Addr is
	stop func() error
}

// url returns the address of a path, without the password.
func (s *server) url(path string) string { return "ftp://" + s.User + "@" + s.Addr + path }

// env hands the password to portside-cli.
func (s *server) env() []string { return []string{"PORTSIDE_PASSWORD=" + s.Password} }

// login is what curl and lftp want to hear.
func (s *server) login(sep string) string { return s.User + sep + s.Password }

// A realServer says how vsftpd is to be started.
type realServer struct {
	at   starter // nil: here
	host string  // listens on this address, where not on loopback
	tls  bool    // explicit
}

// startReal starts vsftpd, its files in the folder in memory.
func (s *setup) startReal(ctx context.Context, how realServer) (*server, error) {
	args := []string{"-kind", "vsftpd", "-stdin", "-host", how.host}
	if how.tls {
		args = append(args, "-tls", "explicit")
	}
	cmd := exec.CommandContext(ctx, s.serve, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+s.dir)
	in, out, err := pipes(how.at, cmd)
	if err != nil {
		return nil, err
	}
	srv := &server{stop: func() error { return errors.Join(in.Close(), cmd.Wait()) }}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, srv)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start vsftpd: %w", err), srv.stop())
	}
	here, err := netip.ParseAddrPort(srv.Addr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start vsftpd: %w", err), srv.stop())
	}
	srv.pid, srv.port = cmd.Process.Pid, here.Port()
	return srv, nil
}

// startWide starts the scripted server with a folder that exists only while it
// is listed, so that the server's own work is small.
func (s *setup) startWide(ctx context.Context) (*server, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, s.wide, "-test.run", "^$",
		"-ftptest.serve", "127.0.0.1:0", "-ftptest.user", "skipper:harbour", "-ftptest.wide", fmt.Sprint(s.number))
	_, out, err := pipes(nil, cmd)
	if err != nil {
		cancel()
		return nil, err
	}
	srv := &server{User: "skipper", Password: "harbour"}
	srv.stop = func() error {
		cancel()
		_ = cmd.Wait() // it was killed
		return nil
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if i := strings.Index(lines.Text(), "127.0.0.1:"); i >= 0 {
			srv.Addr = strings.FieldsFunc(lines.Text()[i:], func(r rune) bool { return r == ' ' || r == '/' || r == ',' })[0]
			go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the server
			return srv, nil
		}
	}
	return nil, errors.Join(errors.New("the scripted server did not say where it is"), lines.Err(), srv.stop())
}

func pipes(at starter, cmd *exec.Cmd) (io.WriteCloser, io.Reader, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	cmd.Stderr = os.Stderr
	return in, out, startAt(at, cmd)
}
