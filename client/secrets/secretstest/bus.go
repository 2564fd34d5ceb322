//go:build linux

package secretstest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// A Session is a D-Bus session with a home folder.
type Session struct {
	Home    string
	Address string // of the bus

	tb   testing.TB
	ring *process // the keyring's daemon; nil: none
}

// busConfig lets everybody do everything and starts no service by itself.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
`

// startTime is how long a daemon may take to be there.
const startTime = 30 * time.Second

// Bus starts a D-Bus session without any service. It skips the test where there is no
// dbus-daemon.
func Bus(tb testing.TB) *Session {
	tb.Helper()
	need(tb, "dbus-daemon")
	home, err := os.MkdirTemp("", "ring") // short: the socket's path is bounded
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(home) })
	for _, dir := range []string{"run", ".cache", ".config", ".local/share/keyrings"} {
		if err = os.MkdirAll(filepath.Join(home, dir), 0o700); err != nil {
			tb.Fatal(err)
		}
	}
	s := &Session{tb: tb, Home: home, Address: "unix:path=" + filepath.Join(home, "bus")}
	config := filepath.Join(home, "bus.conf")
	if err = os.WriteFile(config, fmt.Appendf(nil, busConfig, filepath.Join(home, "bus")), 0o600); err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(tb.Context(), "dbus-daemon", "--nofork", "--nopidfile", "--print-address", "--config-file="+config)
	cmd.Env = s.Env()
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	start(tb, cmd)
	if _, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		tb.Fatalf("dbus-daemon did not start: %v", err)
	}
	return s
}

// Env is the environment of a program in the session: no display, nothing of the user's.
func (s *Session) Env() []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if name == "HOME" || name == "DISPLAY" || name == "WAYLAND_DISPLAY" || name == "GNOME_KEYRING_CONTROL" ||
			name == "DBUS_SESSION_BUS_ADDRESS" || strings.HasPrefix(name, "XDG_") {
			continue
		}
		env = append(env, v)
	}
	return append(env, "HOME="+s.Home, "XDG_RUNTIME_DIR="+filepath.Join(s.Home, "run"), "XDG_DATA_HOME="+filepath.Join(s.Home, ".local/share"),
		"XDG_CONFIG_HOME="+filepath.Join(s.Home, ".config"), "XDG_CACHE_HOME="+filepath.Join(s.Home, ".cache"),
		"DBUS_SESSION_BUS_ADDRESS="+s.Address)
}

// Command is a command in the session.
func (s *Session) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = s.Env()
	return cmd
}

// Conn is a connection to the bus, closed with the test.
func (s *Session) Conn() *dbus.Conn {
	s.tb.Helper()
	conn, err := dbus.Connect(s.Address)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// own takes a name on the bus for the connection.
func (s *Session) own(conn *dbus.Conn, name string) {
	s.tb.Helper()
	reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		s.tb.Fatalf("the name %s is not to be had: %v %v", name, reply, err)
	}
}

// await waits until a name on the bus has an owner, or has none.
func (s *Session) await(name string, there bool) {
	s.tb.Helper()
	conn := s.Conn()
	if err := conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name)); err != nil {
		s.tb.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	over := time.NewTimer(startTime)
	defer over.Stop()
	for {
		var owned bool
		if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&owned); err != nil {
			s.tb.Fatal(err)
		}
		if owned == there {
			return
		}
		select {
		case <-signals:
		case <-over.C:
			s.tb.Fatalf("the name %s on the bus: owned = %v after %v", name, owned, startTime)
		}
	}
}

// need skips the test where a program is missing.
func need(tb testing.TB, programs ...string) {
	tb.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			tb.Skipf("%s is not installed; the packages dbus, gnome-keyring and libsecret-tools have what this test needs", p)
		}
	}
}

// A process is a daemon that ends with the test, or before.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

func start(tb testing.TB, cmd *exec.Cmd) *process {
	tb.Helper()
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // it is killed
	}()
	tb.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill() // it may be gone
	<-p.done
}
