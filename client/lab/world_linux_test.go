package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// The places of the path, each a network namespace.
const (
	atClient   = "client"
	atNear     = "near"
	atFar      = "far"
	atServer   = "server"
	atStranger = "stranger"
)

// Addresses.
const (
	serverName    = "ftp.lab.test"
	serverPublic  = "203.0.113.10"
	serverPrivate = "10.9.9.10"
	serverIPv6    = "2001:db8:3::10"
	clientPublic  = "192.0.2.2"
	clientPrivate = "192.168.50.2"
	nearOutside   = "198.51.100.1" // what a NAT at near makes of the client
	strangerAddr  = "198.18.0.66"
)

// passiveLow and passiveHigh bound the passive ports of the servers, where a
// scene says nothing else.
const (
	passiveLow  = 40000
	passiveHigh = 49999
)

// A world is the network of a running scene. Its folder, its namespaces and
// its processes are seen by nobody outside and end with the scene's first
// process.
type world struct {
	scene *scene
	dir   string // for files
}

// worldDir is where a scene has a file system of its own.
const worldDir = "/run"

// newWorld leaves the computer behind: from here on, this process sees a /run,
// a /proc, a hosts file and a resolver of its own.
func newWorld(sc *scene) (*world, error) {
	if os.Getpid() != 1 {
		return nil, errors.New("a scene runs in a process namespace of its own only")
	}
	mounts := []struct {
		source, target, kind string
		flags                uintptr
	}{
		{"none", "/", "", unix.MS_REC | unix.MS_PRIVATE},
		{"none", worldDir, "tmpfs", 0},
		{"proc", "/proc", "proc", 0},
	}
	for _, m := range mounts {
		if err := unix.Mount(m.source, m.target, m.kind, m.flags, ""); err != nil {
			return nil, fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	w := &world{scene: sc, dir: filepath.Join(worldDir, "lab")}
	for _, dir := range []string{w.dir, w.path("tmp"), filepath.Join(worldDir, "netns")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, err
		}
	}
	if err := os.Chmod(w.path("tmp"), 0o777|os.ModeSticky); err != nil {
		return nil, err
	}
	return w, w.names()
}

// path returns the place of a file of the scene.
func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// names makes the server known by its name, and nobody else by any.
func (w *world) names() error {
	hosts := "127.0.0.1 localhost\n::1 localhost\n"
	if w.scene.v4() {
		hosts += serverPublic + " " + serverName + "\n"
	}
	if w.scene.ipv6 {
		hosts += serverIPv6 + " " + serverName + "\n"
	}
	for file, text := range map[string]string{"hosts": hosts, "resolv.conf": "nameserver 127.0.0.1\n"} {
		if err := os.WriteFile(w.path(file), []byte(text), 0o644); err != nil {
			return err
		}
		if err := unix.Mount(w.path(file), "/etc/"+file, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount /etc/%s: %w", file, err)
		}
	}
	return nil
}

// build makes the namespaces and what joins them.
func (w *world) build(ctx context.Context) error {
	sc := w.scene
	if err := startWire(ctx, sc); err != nil {
		return err
	}
	err := run(ctx, `
netns add client
netns add near
netns add far
netns add server
netns add stranger
link add c0 netns client type veth peer name n0 netns near
link add s0 netns server type veth peer name f0 netns far
link add x0 netns stranger type veth peer name f2 netns far
link set wire0 netns near name wire
link set wire1 netns far name wire
`, "ip", "-batch", "-")
	if err != nil {
		return err
	}
	for _, p := range sc.plan() {
		if err := run(ctx, p.setup(), "ip", "-n", p.name, "-batch", "-"); err != nil {
			return err
		}
		if err := w.in(ctx, p.name, p.sysctls(), "sh", "-es"); err != nil {
			return err
		}
		if p.rules == "" {
			continue
		}
		if err := w.in(ctx, p.name, p.rules, "nft", "-f", "-"); err != nil {
			return fmt.Errorf("rules of %s: %w", p.name, err)
		}
	}
	return w.sealed(ctx)
}

// sealed makes sure that there is no way out of the scene.
func (w *world) sealed(ctx context.Context) error {
	want := map[string][]string{
		"":       {"lo"},
		atClient: {"c0", "lo"}, atNear: {"lo", "n0", "wire"}, atFar: {"f0", "f2", "lo", "wire"},
		atServer: {"lo", "s0"}, atStranger: {"lo", "x0"},
	}
	for place, links := range want {
		args := []string{"-o", "link"}
		if place != "" {
			args = append([]string{"-n", place}, args...)
		}
		out, err := exec.CommandContext(ctx, "ip", args...).Output()
		if err != nil {
			return err
		}
		var got []string
		for line := range strings.Lines(string(out)) {
			name, _, _ := strings.Cut(strings.Fields(line)[1], "@")
			got = append(got, strings.TrimSuffix(name, ":"))
		}
		slices.Sort(got)
		if !slices.Equal(got, links) {
			return fmt.Errorf("namespace %q has the links %v, want %v and no way out", place, got, links)
		}
	}
	return nil
}

// run runs a command with input.
func run(ctx context.Context, input string, name string, arg ...string) error {
	cmd := exec.CommandContext(ctx, name, arg...)
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(arg, " "), err, out)
	}
	return nil
}

// in runs a command in a namespace.
func (w *world) in(ctx context.Context, place, input, name string, arg ...string) error {
	return run(ctx, input, "ip", append([]string{"netns", "exec", place, name}, arg...)...)
}

// start starts the test binary in another role, in a namespace, and waits
// until it is ready. It runs as long as the scene.
func (w *world) start(ctx context.Context, place, role string) error {
	cmd, err := w.helper(ctx, place, role)
	if err != nil {
		return err
	}
	if _, err = cmd.StdinPipe(); err != nil {
		return err
	}
	log, err := os.Create(w.path(role + ".log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err = cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil && strings.TrimSpace(line) == readyLine {
		return nil
	}
	if reason, ok := strings.CutPrefix(line, skipLine+" "); ok {
		return &cannot{strings.TrimSpace(reason)}
	}
	said, _ := os.ReadFile(log.Name()) // all the better where it can be read
	return fmt.Errorf("%s did not start: %w: %s%s", role, err, line, said)
}

// A cannot error says why a scene cannot be played on this computer.
type cannot struct{ reason string }

func (c *cannot) Error() string { return c.reason }

// helper is the command of a role in a namespace.
func (w *world) helper(ctx context.Context, place, role string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "ip", "netns", "exec", place, self)
	cmd.Env = append(os.Environ(), roleVar+"="+role, sceneVar+"="+w.scene.name, "TMPDIR="+w.path("tmp"))
	return cmd, nil
}
