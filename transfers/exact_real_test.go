package transfers_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/transfers/internal/servertest"
)

// Both ways, by temporary names, over existing files, from parts, as text, with
// times, and again after a run that was cut off: on the real servers.
func TestMoveRealServers(t *testing.T) {
	program := servertest.Build(t)
	for _, kind := range []string{"vsftpd", "proftpd", "pureftpd", "pyftpdlib"} {
		t.Run(kind, func(t *testing.T) {
			srv := servertest.Start(t, program, kind)
			s, err := client.Dial(t.Context(), srv.Addr, client.Options{
				User: srv.User, Password: srv.Password, Security: client.SecurityOff, Timeout: 15 * time.Second,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			m := real{t: t, s: s, root: srv.Root, dir: t.TempDir(), data: pattern(900_000)}
			m.upload()
			m.download()
			m.text()
		})
	}
}

// A real is a session with a real server, and a folder on each side.
type real struct {
	t    *testing.T
	s    *client.Session
	root string // of the server
	dir  string // here
	data []byte
}

func (m real) move(f transfers.File, opt transfers.Options) transfers.Outcome {
	m.t.Helper()
	f.Root = m.dir
	opt.Times = true
	out, err := transfers.Move(m.t.Context(), m.s, f, opt)
	if err != nil {
		m.t.Fatalf("%s %s: %v", f.Direction, f.Local, err)
	}
	return out
}

func (m real) upload() {
	t := m.t
	when := time.Date(2026, 11, 1, 10, 20, 30, 0, time.UTC)
	writeAt(t, filepath.Join(m.dir, "x"), m.data, when)
	up := transfers.File{Direction: transfers.Uploading, Remote: "/x", Local: "x"}
	temp := transfers.Options{Exists: transfers.Overwrite, TempUpload: true}
	for range 2 { // to a new name, and over what is there
		m.move(up, temp)
		m.same("x", "x", when)
	}
	// What an earlier run has left is gone on with.
	m.plant("/.x.portside-part", m.data[:500_000], when.Add(time.Hour))
	up.GoOn = true
	if out := m.move(up, temp); out.Moved > 600_000 {
		t.Errorf("%d bytes moved: the part was not used", out.Moved)
	}
	m.same("x", "x", when)
	// It came to its end, and that was not recorded.
	up.Settled = transfers.Settled{Action: transfers.Overwrite, Name: "/x"}
	if out := m.move(up, temp); out.Skipped || out.Moved > 70_000 {
		t.Errorf("again: %+v", out)
	}
	m.same("x", "x", when)
	if left, _ := filepath.Glob(filepath.Join(m.root, ".x*")); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
	// A part under the final name, by the rule Resume.
	m.plant("/x", m.data[:500_000], when.Add(time.Hour))
	out := m.move(
		transfers.File{Direction: transfers.Uploading, Remote: "/x", Local: "x"}, transfers.Options{Exists: transfers.Resume},
	)
	if out.Moved > 600_000 {
		t.Errorf("resume: %d bytes moved", out.Moved)
	}
	m.same("x", "x", when)
}

func (m real) download() {
	t := m.t
	when := time.Date(2026, 11, 1, 10, 20, 30, 0, time.UTC)
	down := transfers.File{Remote: "/x", Local: filepath.Join("a", "b", "y")}
	m.move(down, transfers.Options{Exists: transfers.Ask})
	m.same("x", "a/b/y", when)
	// From a part.
	writeAt(t, filepath.Join(m.dir, "a", "b", ".y.portside-part"), m.data[:500_000], when)
	down.GoOn, down.Settled = true, transfers.Settled{Action: transfers.RenameNew, Name: filepath.Join("a", "b", "y")}
	if err := os.Remove(filepath.Join(m.dir, "a", "b", "y")); err != nil {
		t.Fatal(err)
	}
	if out := m.move(down, transfers.Options{}); out.Moved > 500_000 {
		t.Errorf("%d bytes moved: the part was not used", out.Moved)
	}
	m.same("x", "a/b/y", when)
	// It was complete already.
	if out := m.move(down, transfers.Options{}); out.Skipped || out.Moved > 70_000 {
		t.Errorf("again: %+v", out)
	}
	m.same("x", "a/b/y", when)
}

func (m real) text() {
	t := m.t
	lines := []byte("one\ntwo\n\nlast")
	writeAt(t, filepath.Join(m.dir, "t.txt"), lines, time.Now())
	text := transfers.Options{Exists: transfers.Overwrite, ASCIIFor: transfers.TextNames()}
	m.move(transfers.File{Direction: transfers.Uploading, Remote: "/t.txt", Local: "t.txt"}, text)
	m.move(transfers.File{Remote: "/t.txt", Local: "back.txt"}, text)
	got, err := os.ReadFile(filepath.Join(m.dir, "back.txt"))
	if err != nil || !bytes.Equal(got, lines) {
		t.Errorf("text came back as %q, %v", got, err)
	}
	if there, _ := os.ReadFile(filepath.Join(m.root, "t.txt")); !slices.Contains([]string{string(lines), "one\r\ntwo\r\n\r\nlast"}, string(there)) {
		t.Errorf("the server has %q", there)
	}
}

// same compares a file of the server with one here, and their times.
func (m real) same(remote, local string, when time.Time) {
	m.t.Helper()
	for _, name := range []string{filepath.Join(m.root, remote), filepath.Join(m.dir, filepath.FromSlash(local))} {
		got, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(got, m.data) {
			m.t.Fatalf("%s: %d bytes, %v", name, len(got), err)
		}
		if fi, serr := os.Stat(name); serr != nil || !fi.ModTime().Equal(when) {
			m.t.Errorf("%s: time %v, want %v", name, fi.ModTime(), when)
		}
	}
}

// plant puts a file on the server, as its user.
func (m real) plant(name string, data []byte, when time.Time) {
	m.t.Helper()
	if _, err := m.s.Store(m.t.Context(), name, bytes.NewReader(data), client.TransferOptions{}); err != nil {
		m.t.Fatal(err)
	}
	if err := m.s.SetModTime(m.t.Context(), name, when); err != nil {
		m.t.Fatal(err)
	}
}
