package secrets_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"portside/client/secrets"
	"portside/client/secrets/secretstest"
)

// works fails the test where one of the outcomes is trouble.
func works(t *testing.T, outcomes []outcome) {
	t.Helper()
	for i, o := range outcomes {
		if o.State != secrets.Works {
			t.Fatalf("act %d: %s", i, o.Err)
		}
	}
}

// holds compares what secret-tool finds with "user=secret" of each item.
func holds(t *testing.T, s *secretstest.Session, want ...string) {
	t.Helper()
	var have []string
	for _, it := range s.Items("portside") {
		have = append(have, it.User+"="+it.Secret)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("the keyring holds %q, want %q", have, want)
	}
}

func TestSecretsOutliveTheProgram(t *testing.T) {
	s := secretstest.Gnome(t)
	index := filepath.Join(t.TempDir(), "keyring.json")
	set := run(t, s, index,
		act{Do: "get", Key: key("a1")},
		act{Do: "set", Key: key("a1"), Name: "Work/Größe", Secret: []byte("first")},
		act{Do: "set", Key: secrets.Key{Site: "a1", Kind: secrets.ProxyPassword}, Name: "Work/Größe", Secret: []byte("of the proxy")})
	if set[0].State != secrets.NotFound {
		t.Errorf("get before: %s", set[0].Err)
	}
	works(t, set[1:])
	if set[1].Kept != secrets.InKeyring || set[2].Kept != secrets.InKeyring {
		t.Errorf("kept: %v, %v", set[1].Kept, set[2].Kept)
	}
	holds(t, s, "a1/password=first", "a1/proxy-password=of the proxy")
	if !slices.ContainsFunc(s.Items("portside"), func(it secretstest.Item) bool { return it.Label == "Portside: Work/Größe (password)" }) {
		t.Errorf("labels: %q", s.Items("portside"))
	}

	s.StopRing()
	s.StartRing(true)
	again := run(t, s, index,
		act{Do: "get", Key: key("a1")},
		act{Do: "copy", Key: key("a1"), To: "b2"},
		act{Do: "relabel", Key: key("b2"), Name: "Copy"},
		act{Do: "delete", Key: key("a1")},
		act{Do: "delete", Key: key("a1")})
	works(t, again)
	if string(again[0].Secret) != "first" {
		t.Errorf("get after a restart: %q", again[0].Secret)
	}
	holds(t, s, "b2/password=first", "b2/proxy-password=of the proxy")
	for _, it := range s.Items("portside") {
		if !strings.HasPrefix(it.Label, "Portside: Copy (") {
			t.Errorf("label after renaming: %q", it.Label)
		}
	}

	forgot := run(t, s, index, act{Do: "forget all"}, act{Do: "get", Key: key("b2")}, act{Do: "forget all"})
	if forgot[0].N != 2 || forgot[0].State != secrets.Works {
		t.Errorf("forget all: %d, %s", forgot[0].N, forgot[0].Err)
	}
	if forgot[1].State != secrets.NotFound || forgot[2].N != 0 || forgot[2].State != secrets.Works {
		t.Errorf("after forget all: %+v", forgot[1:])
	}
	holds(t, s)
}

// In the background nothing appears on the screen; where the user has asked, the prompt
// does, and is waited for.
func TestUnlocking(t *testing.T) {
	s := locked(t)
	unspoilt(t, func() (wrong []string) {
		o := run(t, s, "", act{Do: "get", Key: key("a1"), Patience: 20 * time.Second})
		if o[0].State != secrets.Locked || o[0].Took > inTime {
			wrong = append(wrong, fmt.Sprintf("without a display: %v after %v", o[0].Err, o[0].Took))
		}
		return wrong
	})
	shown := s.HangingPrompter()
	o := run(t, s, "", act{Do: "get", Key: key("a1")}, act{Do: "look"}, act{Do: "set", Key: key("a1"), Secret: []byte("x")}, act{Do: "delete", Key: key("a1")})
	for i, one := range o {
		if one.State != secrets.Locked {
			t.Errorf("in the background, act %d: %s", i, one.Err)
		}
	}
	if shown() != 0 {
		t.Error("a prompt appeared in the background")
	}
	unspoilt(t, func() (wrong []string) {
		o := run(t, s, "", act{Do: "get", Key: key("a1"), Patience: time.Second})
		if o[0].State != secrets.TimedOut || o[0].Took < time.Second || o[0].Took > inTime {
			wrong = append(wrong, fmt.Sprintf("a prompt that nobody answers: %s after %v", o[0].Err, o[0].Took))
		}
		return wrong
	})
	if shown() == 0 {
		t.Error("no prompt appeared although the user has asked")
	}
}

// The real prompts, on a display, answered by typing.
func TestPromptsOnADisplay(t *testing.T) {
	fresh := func(t *testing.T) *secretstest.Session {
		s := secretstest.Gnome(t)
		s.StopRing()
		if err := os.RemoveAll(filepath.Join(s.Home, ".local/share/keyrings")); err != nil {
			t.Fatal(err)
		}
		s.StartRing(false)
		return s
	}
	a1 := key("a1")
	set, get := act{Do: "set", Key: a1, Name: "Work", Secret: []byte("saved")}, act{Do: "get", Key: a1}
	patient := func(a act) act {
		a.Patience = 30 * time.Second
		return a
	}
	tests := []struct {
		name   string
		start  func(*testing.T) *secretstest.Session
		answer func(*secretstest.Screen) error
		acts   []act
		want   []secrets.State
	}{
		{"unlocked", locked, (*secretstest.Screen).Unlock, []act{patient(get), get}, []secrets.State{secrets.Works, secrets.Works}},
		{"left locked", locked, (*secretstest.Screen).Dismiss, []act{patient(get), get}, []secrets.State{secrets.Refused, secrets.Locked}},
		{"made", fresh, (*secretstest.Screen).Choose, []act{set, patient(set), get}, []secrets.State{secrets.Missing, secrets.Works, secrets.Works}},
		{"not made", fresh, (*secretstest.Screen).Dismiss, []act{set, patient(set)}, []secrets.State{secrets.Missing, secrets.Refused}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := test.start(t)
			screen := s.Screen()
			answered := make(chan error)
			go func() { answered <- test.answer(screen) }()
			outcomes := run(t, s, "", test.acts...)
			if err := <-answered; err != nil {
				t.Fatal(err)
			}
			for i, o := range outcomes {
				if o.State != test.want[i] {
					t.Errorf("%s: %v (%s), want %v", test.acts[i].Do, o.State, o.Err, test.want[i])
				}
				if o.State == secrets.Works && test.acts[i].Do == "get" && string(o.Secret) != "saved" {
					t.Errorf("get: %q", o.Secret)
				}
			}
		})
	}
}

func TestDismissedUnlocking(t *testing.T) {
	s, f := secretstest.Fake(t, secretstest.Dismisses)
	unspoilt(t, func() (wrong []string) {
		o := run(t, s, "", act{Do: "get", Key: key("a1"), Patience: 20 * time.Second})
		if o[0].State != secrets.Refused || !f.Prompted() || o[0].Took > inTime {
			wrong = append(wrong, fmt.Sprintf("%s after %v, prompted: %v", o[0].Err, o[0].Took, f.Prompted()))
		}
		return wrong
	})
}

func TestOddSecrets(t *testing.T) {
	s := secretstest.Gnome(t)
	values := []string{
		"", " ", "\n", " in between \t", "ünï 密码 🔑", "\x00", "a\x00b", "\xff\xfe\x80", "line\r\nline\n", strings.Repeat("x", 4096),
		strings.Repeat("\x00\xff", 2048), `"'\$(id)` + "`", "go-keyring-base64:eA==", "\u202Eabc",
	}
	var set, get []act
	for i, v := range values {
		k := key(fmt.Sprintf("s%d", i))
		set = append(set, act{Do: "set", Key: k, Name: "odd", Secret: []byte(v)})
		get = append(get, act{Do: "get", Key: k})
	}
	works(t, run(t, s, "", set...))
	for i, o := range run(t, s, "", get...) {
		if v := values[i]; o.State != secrets.Works || string(o.Secret) != v {
			t.Errorf("%q came back as %q (%s)", v, o.Secret, o.Err)
		}
	}
}

func TestWhatNoKeyringTakes(t *testing.T) {
	d := &drawer{}
	store := secrets.Open(secrets.Options{Backend: d})
	kept, err := store.Set(t.Context(), key("long"), "long", strings.Repeat("x", secrets.Longest()+1))
	if secrets.StateOf(err) != secrets.TooLong || kept != secrets.InMemory {
		t.Errorf("too long: %v, %v", kept, err)
	}
	for _, id := range []string{"", "a/b", "a b", strings.Repeat("a", 65), "ü", "a\x00"} {
		if kept, err = store.Set(t.Context(), key(id), "name", "x"); kept != secrets.NotKept || err == nil {
			t.Errorf("the ID %q was taken", id)
		}
	}
	if d.has() != "map[]" {
		t.Errorf("the keyring has %s", d.has())
	}
}

func TestOddNames(t *testing.T) {
	s := secretstest.Gnome(t)
	for _, name := range []string{"\x1b[2J", "a\nb", "\xff", strings.Repeat("ü", 5000), "x (password)"} {
		works(t, run(t, s, "", act{Do: "set", Key: key("a1"), Name: name, Secret: []byte("v")}))
		items := s.Items("portside")
		if len(items) != 1 || !strings.HasPrefix(items[0].Label, "Portside: ") || len(items[0].Label) > 1000 || strings.ContainsAny(items[0].Label, "\x1b\n") || !utf8.ValidString(items[0].Label) {
			t.Errorf("%q is labelled %q", name, items)
		}
	}
}

func TestLeftovers(t *testing.T) {
	s := secretstest.Gnome(t)
	dir := t.TempDir()
	index := filepath.Join(dir, "keyring.json")
	works(t, run(t, s, index,
		act{Do: "set", Key: key("a1"), Name: "Kept", Secret: []byte("1")},
		act{Do: "set", Key: secrets.Key{Site: secrets.ForAll, Kind: secrets.ProxyPassword}, Name: "Proxy", Secret: []byte("0")},
		act{Do: "set", Key: key("b2"), Name: "Gone", Secret: []byte("2")},
		act{Do: "set", Key: secrets.Key{Site: "b2", Kind: secrets.CertPassphrase}, Name: "Gone", Secret: []byte("3")}))
	if data, err := os.ReadFile(index); err != nil || !strings.Contains(string(data), `"Gone"`) {
		t.Errorf("the index: %v\n%s", err, data)
	}
	check := func(what, index string, own bool) {
		t.Helper()
		o := run(t, s, index, act{Do: "leftovers", Known: []string{"a1", "zz"}})
		if len(o[0].Leftovers) != 2 || o[0].State != secrets.Works {
			t.Fatalf("%s: %+v", what, o[0])
		}
		for i, l := range o[0].Leftovers {
			kind := []secrets.Kind{secrets.Password, secrets.CertPassphrase}[i]
			if l.Site != "b2" || l.Kind != kind || l.Name != "Gone" || l.Own != own {
				t.Errorf("%s: %+v", what, l)
			}
		}
	}
	check("with the index", index, true)
	check("without an index", "", false)
	lost := filepath.Join(dir, "lost.json")
	check("with a lost index", lost, false)
	if err := os.WriteFile(lost, []byte("{broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	check("with a damaged index", lost, false)
	if err := os.WriteFile(lost, []byte(`{"version": 99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	check("with an index of a newer version", lost, false)

	works(t, run(t, s, index, act{Do: "remove leftovers", Known: []string{"a1"}}))
	holds(t, s, "a1/password=1", secrets.ForAll+"/proxy-password=0")
	if data, _ := os.ReadFile(index); strings.Contains(string(data), "b2") {
		t.Errorf("the index still has what was removed:\n%s", data)
	}
	o := run(t, s, lost, act{Do: "forget all"})
	if o[0].N != 2 {
		t.Errorf("forget all without an index: %+v", o[0])
	}
	holds(t, s)
	// What somebody else has removed is no leftover of the first index.
	o = run(t, s, index, act{Do: "leftovers"})
	if len(o[0].Leftovers) != 0 {
		t.Errorf("leftovers that are gone: %+v", o[0].Leftovers)
	}
}

func TestOtherProgramsItemsStay(t *testing.T) {
	s := secretstest.Gnome(t)
	for _, attributes := range [][]string{{"service", "other", "username", "a1/password"}, {"service", "portside", "username", "somebody"}} {
		cmd := s.Command(t.Context(), "secret-tool", append([]string{"store", "--label=Another"}, attributes...)...)
		cmd.Stdin = strings.NewReader("theirs")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	works(t, run(t, s, "", act{Do: "set", Key: key("a1"), Secret: []byte("ours")}, act{Do: "forget all"}))
	holds(t, s, "somebody=theirs")
	if others := s.Items("other"); len(others) != 1 {
		t.Errorf("of the other program: %q", others)
	}
}

func TestTwoProgramsAtOnce(t *testing.T) {
	s := secretstest.Gnome(t)
	index := filepath.Join(t.TempDir(), "keyring.json")
	const each = 25
	done := make(chan error, 2)
	for _, site := range []string{"a", "b"} {
		cmd := programIn(t, s)
		go func() {
			o, err := feed(cmd, script{Index: index, Patience: 30 * time.Second, Acts: []act{{Do: "set many", Key: key(site), Name: "N", Secret: []byte("v"), Times: each}}})
			if err == nil && o[0].State != secrets.Works {
				err = errors.New(o[0].Err)
			}
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Items("portside")); n != 2*each {
		t.Errorf("the keyring holds %d, want %d", n, 2*each)
	}
	data, err := os.ReadFile(index)
	if n := strings.Count(string(data), `"site"`); err != nil || n != 2*each {
		t.Errorf("the index has %d, want %d (%v)", n, 2*each, err)
	}
	if o := run(t, s, index, act{Do: "forget all"}); o[0].N != 2*each {
		t.Errorf("forget all: %+v", o[0])
	}
	holds(t, s)
}
