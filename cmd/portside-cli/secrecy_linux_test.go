package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portside/client/ftptest"
	"portside/client/secrets/secretstest"
)

// The passwords of the tour: of the site, the one that the server refuses, and those of
// the lists that are imported. Each has characters that every way of escaping changes.
var tourPasswords = []string{"Kx7%q/Zw+9 \u00e9\"Tm<&>?", "Wr0ng'Vb&5 \u00df+/Qy%", "Imp0rt?\u00e8/Ld+8%Gs<", "L1st%\u00fc/Hn+3&Rk\""}

// A tour is a home folder in which the program is used, and what it said there.
type tour struct {
	t      *testing.T
	ring   *secretstest.Session
	exe    string
	work   string // below the home folder
	global []string

	said bytes.Buffer // by all commands
	args watcher
}

// TestPasswordsLeaveNoTrace does all that has to do with a password, with a real
// keyring, and then looks for it everywhere: in each file of the home folder, in what
// was printed, in transcripts, reports and exports, and in the arguments and environments
// of all processes meanwhile; as it is, and in each form that programs write passwords in.
func TestPasswordsLeaveNoTrace(t *testing.T) {
	tr := newTour(t)
	srv, host, port := tr.server()
	stop := tr.args.start(t)
	tr.useSites(host, port)
	tr.transfers()
	tr.importAndExport()
	tr.diagnose()
	tr.crash(srv)
	tr.leave()
	stop()

	if !tr.args.saw("portside-cli") {
		t.Error("no process of the program was seen, so nothing is known of its arguments")
	}
	for _, password := range tourPasswords {
		for form, text := range formsOf(password) {
			for place, content := range tr.traces() {
				if bytes.Contains(content, text) {
					t.Errorf("%s holds a password as %s", place, form)
				}
			}
		}
	}
	for i, password := range tourPasswords[:3] {
		if !sent(srv, password) {
			t.Errorf("password %d never came to the server, so the tour says nothing of it", i+1)
		}
	}
}

func newTour(t *testing.T) *tour {
	t.Helper()
	ring := secretstest.Gnome(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tr := &tour{t: t, ring: ring, exe: exe, work: filepath.Join(ring.Home, "work")}
	if err = os.Mkdir(tr.work, 0o700); err != nil {
		t.Fatal(err)
	}
	tr.write(filepath.Join(tr.work, "up", "new.txt"), "new")
	return tr
}

// server starts the server of the tour. It says passwords where servers do that.
func (tr *tour) server() (srv *ftptest.Server, host, port string) {
	tr.t.Helper()
	known := "mara/" + tourPasswords[0] + " is known here"
	srv, err := ftptest.Start(ftptest.TLS(), ftptest.NoAnonymous(),
		ftptest.User("mara", tourPasswords[0]), ftptest.User("imported", tourPasswords[2]),
		ftptest.User("wrong", "another one"),
		ftptest.Reply("SITE", "200 "+known), ftptest.Reply("SYST", "215 UNIX Type: L8, "+known), ftptest.Reply("HELP", "214 "+known),
		ftptest.Reply("DELE", "550 "+known), ftptest.Reply("STAT", "211 "+known),
		ftptest.File("/pub/a.txt", "text"), ftptest.BigFile("/big.bin", 1<<30))
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.t.Cleanup(srv.Close)
	ca := filepath.Join(tr.t.TempDir(), "ca.pem")
	tr.write(ca, string(srv.CA().PEM()))
	tr.global = []string{"--cacert", ca}
	if host, port, err = net.SplitHostPort(srv.Addr); err != nil {
		tr.t.Fatal(err)
	}
	return srv, host, port
}

func (tr *tour) write(path, text string) {
	tr.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tr.t.Fatal(err)
	}
}

// command is the program with the global options and a transcript.
func (tr *tour) command(args ...string) *exec.Cmd {
	cmd := tr.ring.Command(tr.t.Context(), tr.exe, append(append([]string{"--transcript=" + filepath.Join(tr.work, "said.log")}, tr.global...), args...)...)
	cmd.Args[0] = "portside-cli" // as which the test binary is the program
	cmd.Dir = tr.work
	cmd.Env = append(cmd.Env, keyringVariable+"=system", "PORTSIDE_PASSWORD=", "LC_ALL=C.UTF-8", "GORACE=atexit_sleep_ms=0")
	return cmd
}

// run runs the program; the exit code must be that.
func (tr *tour) run(code int, stdin string, args ...string) string {
	tr.t.Helper()
	cmd := tr.command(args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	tr.heard(args, out)
	if got := cmd.ProcessState.ExitCode(); got != code {
		tr.t.Errorf("%s: exit code %d, %v, want %d:\n%s", args, got, err, code, out)
	}
	return string(out)
}

// heard keeps what a command printed, in which no password may be.
func (tr *tour) heard(args []string, out []byte) {
	tr.t.Helper()
	tr.said.Write(out)
	for _, password := range tourPasswords {
		for form, text := range formsOf(password) {
			if bytes.Contains(out, text) {
				tr.t.Errorf("%s prints a password as %s:\n%s", args, form, out)
			}
		}
	}
}

func (tr *tour) useSites(host, port string) {
	tr.t.Helper()
	for name, user := range map[string]string{"Work/Shop": "mara", "Wrong": "wrong", "Listed": "imported"} {
		tr.run(0, "", "sites", "add", name, "--host", host, "--port", port, "--user", user, "--tls", "require", "--after-login", "SITE WHO")
	}
	tr.run(0, tourPasswords[0]+"\n", "login", "Work/Shop")
	tr.run(0, tourPasswords[1]+"\n", "login", "Wrong", "-v", "--json")
	if out := tr.run(0, "", "ls", "Shop:/pub", "-v"); !strings.Contains(out, "a.txt") {
		tr.t.Errorf("ls said %q", out)
	}
	tr.run(4, "", "ls", "Wrong:", "-v")
	tr.run(4, "", "ls", "Wrong:", "--json")
	tr.run(0, "", "raw", "Shop:", "SITE", "WHO")
	tr.run(0, "", "raw", "Shop:", "HELP", "--json")
	tr.run(0, "", "raw", "Shop:", "SITE", "WHO", "--json")
	tr.run(0, "", "sites", "list", "--json")
	tr.run(0, "", "sites", "show", "Shop", "Wrong")
	tr.run(0, "", "sites", "edit", "Shop", "--name", "Store")
	tr.run(0, "", "__complete", "get", "St")
	tr.run(2, "", "no-such-command", "Store:")
	tr.run(0, "", "sites", "add", "From", "--from", "ftpes://mara:Kx7%25q%2FZw%2B9%20%C3%A9%22Tm%3C%26%3E%3F@"+net.JoinHostPort(host, port)+"/pub")
}

func (tr *tour) transfers() {
	tr.t.Helper()
	tr.run(0, "", "get", "Store:/pub/a.txt", ".")
	tr.run(0, "", "put", "-r", "up", "Store:/")
	tr.run(0, "", "cat", "Store:/pub/a.txt", "--json")
	tr.run(0, "", "stat", "Store:/pub/a.txt")
	tr.run(0, "", "mirror", "Store:/pub", "copy")
	tr.run(6, "", "get", "Store:/missing", ".")
	tr.run(6, "", "rm", "Store:/pub/a.txt", "-v")
	tr.run(6, "", "rm", "Store:/pub/a.txt", "--json")
	tr.run(0, "", "queue", "add", "delete", "Store:/pub/a.txt")
	tr.run(6, "", "queue", "run")
	tr.run(0, "", "queue", "add", "get", "Store:/pub/a.txt", filepath.Join(tr.work, "queued.txt"))
	tr.run(0, "", "queue", "run")
	tr.run(0, "", "queue", "list", "--json")
	tr.run(0, "", "queue", "history")
}

// importAndExport reads lists that hold passwords. They are somebody else's files, and
// stand outside of the home folder.
func (tr *tour) importAndExport() {
	tr.t.Helper()
	_, port, _ := net.SplitHostPort(tr.address())
	dir := tr.t.TempDir()
	list, urls := filepath.Join(dir, "sitemanager.xml"), filepath.Join(dir, "list.txt")
	tr.write(list, `<?xml version="1.0" encoding="UTF-8"?><FileZilla3><Servers><Server><Host>localhost</Host><Port>`+port+
		`</Port><Protocol>4</Protocol><Type>0</Type><User>imported</User><Pass encoding="base64">`+base64.StdEncoding.EncodeToString([]byte(tourPasswords[2]))+
		`</Pass><Logontype>1</Logontype><Name>Imported</Name></Server></Servers></FileZilla3>`)
	tr.write(urls, "ftp://listed:L1st%25%C3%BC%2FHn%2B3%26Rk%22@files.example.org/x\nftp://listed:"+tourPasswords[3]+"@bad host/\n")
	tr.run(0, "", "sites", "import", "--dry-run", "--json", list)
	tr.run(0, "", "sites", "import", "--yes", list)
	tr.run(0, "", "sites", "import", "--yes", "-v", urls)
	tr.run(0, "", "ls", "Imported:/pub")
	tr.run(0, "", "sites", "export", "all.portside", "--with-paths")
	tr.run(0, "", "sites", "export", "--format", "filezilla", "all.xml")
	tr.run(0, "", "sites", "export")
}

// address is host:port of the site.
func (tr *tour) address() string {
	tr.t.Helper()
	_, after, _ := strings.Cut(tr.run(0, "", "sites", "show", "Store"), "127.0.0.1:")
	port, _, _ := strings.Cut(after, "/")
	return "127.0.0.1:" + port
}

func (tr *tour) diagnose() {
	tr.t.Helper()
	args := []string{"diagnose", "Store:", "-v", "--only", "control,passive,tls", "--report", "r.html", "--report", "r.md", "--report", "r.json"}
	if out, err := tr.command(args...).CombinedOutput(); len(out) == 0 { // what it finds is not the question
		tr.t.Errorf("diagnose said nothing: %v", err)
	} else {
		tr.heard(args, out)
	}
	for _, name := range []string{"r.html", "r.md", "r.json"} {
		if _, err := os.Stat(filepath.Join(tr.work, name)); err != nil {
			tr.t.Error(err)
		}
	}
}

// crash ends the program as a fault of its own would, in the middle of a transfer, with
// a report of all that it does.
func (tr *tour) crash(srv *ftptest.Server) {
	tr.t.Helper()
	cmd := tr.command("get", "Store:/big.bin", "big.bin", "--limit-rate", "100k")
	cmd.Env = append(cmd.Env, "GOTRACEBACK=all")
	var report bytes.Buffer
	cmd.Stderr = &report
	moved := srv.Moved()
	if err := cmd.Start(); err != nil {
		tr.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(tr.t.Context(), time.Minute)
	defer cancel()
	if err := srv.WaitMoved(ctx, moved+1); err != nil {
		tr.t.Errorf("nothing came: %v", err)
	}
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		tr.t.Error(err)
	}
	_ = cmd.Wait() // looked at next
	if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(report.String(), "goroutine ") {
		tr.t.Errorf("%v, with no report of a crash:\n%s", cmd.ProcessState, report.String())
	}
	tr.heard(cmd.Args, report.Bytes())
}

func (tr *tour) leave() {
	tr.t.Helper()
	tr.run(0, "", "logout", "Wrong")
	tr.run(0, "", "sites", "rm", "Wrong", "Imported")
	tr.run(0, "", "logout", "--leftovers")
}

// traces are all that is left: what was printed, what processes were called with, and
// each file of the home folder, the keyring's own included.
func (tr *tour) traces() map[string][]byte {
	tr.t.Helper()
	list := map[string][]byte{"all that was printed": tr.said.Bytes(), "a process": tr.args.all()}
	err := filepath.WalkDir(tr.ring.Home, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		list["the name of "+path] = []byte(path)
		if !d.Type().IsRegular() {
			return nil
		}
		list[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		tr.t.Error(err)
	}
	for _, name := range []string{"sites.json", "keyring.json", "said.log", "login.keyring", "queue.db", "all.xml"} {
		if !anyNamed(list, name) {
			tr.t.Errorf("no %s is among what was searched", name)
		}
	}
	return list
}

func anyNamed(list map[string][]byte, name string) bool {
	for path := range list {
		if filepath.Base(path) == name {
			return true
		}
	}
	return false
}

// sent reports whether the server was told the password.
func sent(srv *ftptest.Server, password string) bool {
	for _, c := range srv.Commands() {
		if c == "PASS "+password {
			return true
		}
	}
	return false
}

// A watcher collects the arguments and environments of all processes.
type watcher struct {
	mu   sync.Mutex // guards what follows
	seen map[string]bool
}

// start looks every few milliseconds until stop is called.
func (w *watcher) start(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	w.seen = map[string]bool{}
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			w.look()
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
	return func() { cancel(); <-done }
}

func (w *watcher) look() {
	list, _ := filepath.Glob("/proc/[0-9]*")
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, process := range list {
		for _, name := range []string{"cmdline", "environ"} {
			file, err := os.Open(filepath.Join(process, name))
			if err != nil {
				continue // it is gone, or somebody else's
			}
			content, err := io.ReadAll(io.LimitReader(file, 1<<20))
			_ = file.Close() // only read
			if err == nil && len(content) > 0 {
				w.seen[string(content)] = true
			}
		}
	}
}

func (w *watcher) saw(text string) bool { return bytes.Contains(w.all(), []byte(text)) }

func (w *watcher) all() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	var b bytes.Buffer
	for text := range w.seen {
		fmt.Fprintln(&b, text)
	}
	return b.Bytes()
}
