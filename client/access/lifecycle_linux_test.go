package access_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/access"
	"portside/client/ftptest"
	"portside/client/secrets"
	"portside/client/secrets/secretstest"
	"portside/client/sites"
)

// The program of the tests is this test binary, in a session with a keyring: each start
// of it is a restart. It finds the book of sites and the index in its home folder, as
// the real programs do, and does one thing.
const programEnv = "PORTSIDE_ACCESS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programEnv) == "" {
		os.Exit(m.Run())
	}
	if err := program(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// An order is what the program is to do.
type order struct {
	Do, Site, Name, Host, Secret string

	Brief bool // the keyring is waited for as long as usual, and not for longer, as on a busy computer it may need
}

// A report is what became of it.
type report struct {
	Asked    []string // reasons
	Sentence string
	Names    []string // of the server's files
}

func program(ctx context.Context) error {
	var o order
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return err
	}
	index, err := secrets.DefaultIndex()
	if err != nil {
		return err
	}
	path, err := sites.DefaultPath()
	if err != nil {
		return err
	}
	book, err := sites.Open(path)
	if err != nil {
		return err
	}
	opt := secrets.Options{Index: index}
	if !o.Brief {
		opt.Patience = 30 * time.Second
	}
	w := worker{book: book, access: &access.Access{Secrets: secrets.Open(opt)}}
	r, err := w.perform(ctx, o)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

type worker struct {
	book   *sites.Book
	access *access.Access
}

func (w worker) perform(ctx context.Context, o order) (r report, err error) {
	if o.Do == "add" {
		return w.add(ctx, o)
	}
	found := w.book.Content().Find(o.Site)
	if len(found) != 1 {
		return r, fmt.Errorf("%d sites are named %q", len(found), o.Site)
	}
	s := found[0]
	switch o.Do {
	case "connect":
		return w.connect(ctx, s, o.Secret)
	case "rename":
		s.Name = o.Name
		if err = w.book.Put(s); err == nil {
			err = w.access.Renamed(ctx, s)
		}
	case "duplicate":
		var double sites.Site
		if double, err = w.book.Duplicate(s.ID); err == nil {
			err = w.access.Duplicated(ctx, s.ID, double)
		}
	case "delete":
		if _, err = w.book.Remove(s.ID); err == nil {
			err = w.access.Removed(ctx, s.ID)
		}
	default:
		err = fmt.Errorf("no such order: %s", o.Do)
	}
	return r, err
}

func (w worker) add(ctx context.Context, o order) (report, error) {
	u, err := client.ParseURL("ftp://ann@" + o.Host)
	if err != nil {
		return report{}, err
	}
	s := sites.FromURL(u, client.SecurityOff)
	s.Name = o.Name
	if _, err = w.book.Add(s); err != nil {
		return report{}, err
	}
	_, sentence := w.access.Keep(ctx, s, secrets.Password, o.Secret)
	return report{Sentence: sentence}, nil
}

// connect asks nobody: what is missing is answered with the secret of the order.
func (w worker) connect(ctx context.Context, s sites.Site, secret string) (r report, err error) {
	result, err := w.access.Options(ctx, s, client.Options{})
	if err != nil {
		return r, err
	}
	for _, q := range slices.Clone(result.Missing) {
		r.Asked = append(r.Asked, q.Reason)
		if err = result.Answer(q.Kind, secret); err != nil {
			return r, err
		}
	}
	session, err := client.Dial(ctx, s.Addr(), result.Options)
	if err != nil {
		return r, err
	}
	defer func() { _ = session.Close() }() // all is read
	list, err := session.List(ctx, "/")
	if err != nil {
		return r, err
	}
	for _, e := range list.Entries {
		r.Names = append(r.Names, e.Name)
	}
	return r, nil
}

// do starts the program in the session.
func do(t *testing.T, in *secretstest.Session, o order) report {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := in.Command(t.Context(), self)
	// A program under the race detector else stays for a second after its end.
	cmd.Env = append(cmd.Env, programEnv+"=1", strings.TrimSpace("GORACE="+os.Getenv("GORACE")+" atexit_sleep_ms=0"))
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(input)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", o.Do, err)
	}
	var r report
	if err = json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%s: %v\n%s", o.Do, err, out)
	}
	return r
}

const password = "Größe und s3cret"

// holds compares what secret-tool finds with the labels, which all have the password.
func holds(t *testing.T, s *secretstest.Session, labels ...string) {
	t.Helper()
	var have []string
	for _, it := range s.Items("portside") {
		have = append(have, it.Label)
		if it.Secret != password {
			t.Errorf("%s holds %q", it.Label, it.Secret)
		}
	}
	slices.Sort(have)
	slices.Sort(labels)
	if !slices.Equal(have, labels) {
		t.Errorf("the keyring holds %q, want %q", have, labels)
	}
}

// files fails the test where a file below the session's home shows the password. The
// keyring's own file is encrypted.
func files(t *testing.T, s *secretstest.Session) {
	t.Helper()
	forms := []string{password, hex.EncodeToString([]byte(password)), base64.StdEncoding.EncodeToString([]byte(password)), "s3cret"}
	n := 0
	err := filepath.WalkDir(s.Home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		n++
		for _, form := range forms {
			if strings.Contains(string(data), form) {
				t.Errorf("%s has the password in it", path)
			}
		}
		return err
	})
	if err != nil || n < 3 {
		t.Errorf("%d files were searched: %v", n, err)
	}
}

// A site is set up once: saved, used after a restart, renamed, duplicated and deleted.
func TestSiteAndItsSecret(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("ann", password), ftptest.NoAnonymous(), ftptest.File("/notes.txt", "hello"))
	s := secretstest.Gnome(t)

	if r := do(t, s, order{Do: "add", Name: "Work", Host: srv.Addr, Secret: password}); !strings.Contains(r.Sentence, "saved in the keyring") {
		t.Errorf("saving says %q", r.Sentence)
	}
	holds(t, s, "Portside: Work (password)")

	s.StopRing()
	s.StartRing(true)
	connects := func(name string) {
		t.Helper()
		if r := do(t, s, order{Do: "connect", Site: name}); len(r.Asked) != 0 || !slices.Equal(r.Names, []string{"notes.txt"}) {
			t.Errorf("connecting to %s: asked %q, found %q", name, r.Asked, r.Names)
		}
	}
	connects("Work")

	do(t, s, order{Do: "rename", Site: "Work", Name: "Größe"})
	holds(t, s, "Portside: Größe (password)")
	connects("Größe")

	do(t, s, order{Do: "duplicate", Site: "Größe"})
	holds(t, s, "Portside: Größe (password)", "Portside: Größe (copy) (password)")
	connects("Größe (copy)")

	do(t, s, order{Do: "delete", Site: "Größe"})
	holds(t, s, "Portside: Größe (copy) (password)")
	connects("Größe (copy)")

	do(t, s, order{Do: "delete", Site: "Größe (copy)"})
	holds(t, s)
	files(t, s)
}

// With a keyring in any trouble, connecting works by asking.
func TestConnectingWithoutTheKeyring(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("ann", password), ftptest.NoAnonymous(), ftptest.File("/notes.txt", "hello"))
	fake := func(f secretstest.Fault) func(*testing.T) *secretstest.Session {
		return func(t *testing.T) *secretstest.Session {
			s, _ := secretstest.Fake(t, f)
			return s
		}
	}
	tests := []struct {
		name   string
		start  func(*testing.T) *secretstest.Session
		reason string
	}{
		{"none", func(t *testing.T) *secretstest.Session { return secretstest.Bus(t) }, "no keyring in this session"},
		{"hangs", fake(secretstest.Hangs), "did not answer in time"},
		{"locked", fake(secretstest.Prompts), "locked"},
		{"denies", fake(secretstest.Denies), "denied access"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := test.start(t)
			brief := test.name == "hangs"
			r := do(t, s, order{Do: "add", Name: "Work", Host: srv.Addr, Secret: password, Brief: brief})
			if !strings.Contains(r.Sentence, "until Portside is closed") || !strings.Contains(r.Sentence, test.reason) {
				t.Errorf("saving says %q", r.Sentence)
			}
			r = do(t, s, order{Do: "connect", Site: "Work", Secret: password, Brief: brief})
			if len(r.Asked) != 1 || !strings.Contains(r.Asked[0], test.reason) || !slices.Equal(r.Names, []string{"notes.txt"}) {
				t.Errorf("asked %q, found %q", r.Asked, r.Names)
			}
			files(t, s)
		})
	}
}
