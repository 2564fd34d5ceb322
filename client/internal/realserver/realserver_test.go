//go:build unix

package realserver

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// configs lists every server in every form that it has.
func configs() []Config {
	var all []Config
	for _, kind := range Kinds() {
		for _, ipv6 := range []bool{false, true} {
			all = append(all,
				Config{Kind: kind, IPv6: ipv6},
				Config{Kind: kind, IPv6: ipv6, Security: Explicit},
				Config{Kind: kind, IPv6: ipv6, Security: Explicit, TLS12: true},
			)
		}
		all = append(all, Config{Kind: kind, Security: Implicit})
	}
	return all
}

// begin starts a server, or skips with the reason why it cannot run.
func begin(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := Start(t.Context(), cfg)
	var gone *Unavailable
	if errors.As(err, &gone) {
		t.Skip(gone)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(s.Log())
		}
	})
	return s
}

func TestServersLogTheirUserInAndNobodyElse(t *testing.T) {
	t.Parallel()
	for _, cfg := range configs() {
		t.Run(cfg.String(), func(t *testing.T) {
			t.Parallel()
			s := begin(t, cfg)
			if code := login(t, s, s.Password); code != "230" {
				t.Errorf("login with the right password: %s, want 230", code)
			}
			if code := login(t, s, "wrong"); code != "530" {
				t.Errorf("login with a wrong password: %s, want 530", code)
			}
		})
	}
}

// login logs in on a control connection, with TLS where the server has it, and
// returns the code of the last reply.
func login(t *testing.T, s *Server, pass string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	if s.Security != Implicit {
		expect(t, bufio.NewReader(conn), "220")
	}
	if s.Security == Explicit {
		send(t, conn, "AUTH TLS")
		expect(t, bufio.NewReader(conn), "234")
	}
	if s.Security != Plain {
		secure := tls.Client(conn, &tls.Config{RootCAs: s.CA, ServerName: "localhost"})
		if err := secure.HandshakeContext(ctx); err != nil {
			t.Fatalf("TLS handshake: %v", err)
		}
		want := uint16(tls.VersionTLS13)
		if s.TLS12 {
			want = tls.VersionTLS12
		}
		if got := secure.ConnectionState().Version; got != want {
			t.Errorf("the server speaks %s, want %s", tls.VersionName(got), tls.VersionName(want))
		}
		conn = secure
	}
	r := bufio.NewReader(conn)
	if s.Security == Implicit {
		expect(t, r, "220")
	}
	send(t, conn, "USER "+s.User)
	expect(t, r, "331")
	send(t, conn, "PASS "+pass)
	return reply(t, r)
}

func send(t *testing.T, conn net.Conn, line string) {
	t.Helper()
	if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, r *bufio.Reader, code string) {
	t.Helper()
	if got := reply(t, r); got != code {
		t.Fatalf("reply %s, want %s", got, code)
	}
}

// reply reads one reply, of several lines perhaps, and returns its code.
func reply(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if len(line) > 3 && line[3] == ' ' && strings.Trim(line[:3], "0123456789") == "" {
			return line[:3]
		}
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := begin(t, Config{Kind: kind})
			if code := login(t, s, s.Password); code != "230" {
				t.Fatalf("login: %s", code)
			}
			group := s.proc.cmd.Process.Pid
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the server's folder is still there: %v", err)
			}
			waitGone(t, group)
			var d net.Dialer
			if conn, err := d.DialContext(t.Context(), "tcp", s.Addr); err == nil {
				_ = conn.Close()
				t.Error("something still listens at the server's address")
			}
		})
	}
}

// waitGone waits until no process of the group is left; the sessions of a
// killed server are reaped by another process, in its own time.
func waitGone(t *testing.T, group int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Minute)
	for !errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("processes of the server are still there")
		}
	}
}

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	if _, err := Start(t.Context(), Config{Kind: "wuftpd"}); err == nil || !strings.Contains(err.Error(), "wuftpd") {
		t.Errorf("error = %v, want one that names the server", err)
	}
}
