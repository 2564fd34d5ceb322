package secrets_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portside/client/secrets"
)

// A drawer is a keyring in memory, whose calls can be made to hang or to fail.
type drawer struct {
	mu    sync.Mutex // guards what follows
	items map[string]string
	hang  chan struct{} // calls wait until it is closed; nil: none does
	fail  error
	calls int
	under int // calls under way
	most  int // at once
}

func (d *drawer) enter() error {
	d.mu.Lock()
	d.calls++
	d.under++
	d.most = max(d.most, d.under)
	hang := d.hang
	d.mu.Unlock()
	if hang != nil {
		<-hang
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.under--
	return d.fail
}

func (d *drawer) Get(_ context.Context, item string) (string, error) {
	if err := d.enter(); err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	secret, ok := d.items[item]
	if !ok {
		return "", secrets.ErrNotFound
	}
	return secret, nil
}

func (d *drawer) Set(_ context.Context, item, _, secret string) error {
	if err := d.enter(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.items == nil {
		d.items = map[string]string{}
	}
	d.items[item] = secret
	return nil
}

func (d *drawer) Delete(_ context.Context, item string) error {
	if err := d.enter(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.items[item]; !ok {
		return secrets.ErrNotFound
	}
	delete(d.items, item)
	return nil
}

// stick makes calls hang until release.
func (d *drawer) stick() (release func()) {
	hang := make(chan struct{})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hang = hang
	return func() {
		d.mu.Lock()
		d.hang = nil
		d.mu.Unlock()
		close(hang)
	}
}

func (d *drawer) failWith(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = err
}

func (d *drawer) counts() (calls, most int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls, d.most
}

func (d *drawer) has() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return fmt.Sprint(d.items)
}

func TestHungCallsDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drawer{}
		store := secrets.Open(secrets.Options{Backend: d})
		release := d.stick()
		start := time.Now()
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				if _, err := store.Get(t.Context(), key("a1")); secrets.StateOf(err) != secrets.TimedOut {
					t.Errorf("a hung keyring: %v", err)
				}
			})
		}
		group.Wait()
		if took := time.Since(start); took > inTime {
			t.Errorf("fifty calls took %v", took)
		}
		start = time.Now()
		if _, err := store.Get(t.Context(), key("b2")); secrets.StateOf(err) != secrets.TimedOut || time.Since(start) != 0 {
			t.Errorf("while one hangs: %v after %v", err, time.Since(start))
		}
		if calls, _ := d.counts(); calls != 1 {
			t.Errorf("%d calls reached the keyring", calls)
		}
		// Who has asked waits until the hung call is through.
		answer := make(chan error)
		go func() {
			_, err := store.Get(secrets.WithPatience(t.Context(), time.Minute), key("a1"))
			answer <- err
		}()
		time.Sleep(10 * time.Second) // of synctest: it takes no time
		release()
		if err := <-answer; !errors.Is(err, secrets.ErrNotFound) {
			t.Errorf("once it answers: %v", err)
		}
		if _, err := store.Get(t.Context(), key("a1")); !errors.Is(err, secrets.ErrNotFound) {
			t.Errorf("and in the background: %v", err)
		}
		if _, most := d.counts(); most != 1 {
			t.Errorf("%d calls at once", most)
		}
	})
}

func TestKeyringThatDidNotAnswerRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drawer{fail: context.DeadlineExceeded}
		store := secrets.Open(secrets.Options{Backend: d})
		for range 10 {
			_, _ = store.Get(t.Context(), key("a1"))
		}
		if calls, _ := d.counts(); calls != 1 {
			t.Errorf("asked %d times in a row", calls)
		}
		d.failWith(nil)
		time.Sleep(time.Minute)
		if _, err := store.Get(t.Context(), key("a1")); !errors.Is(err, secrets.ErrNotFound) {
			t.Errorf("later: %v", err)
		}
	})
}

func TestCancelledCallIsNoFaultOfTheKeyring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drawer{}
		store := secrets.Open(secrets.Options{Backend: d})
		release := d.stick()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := store.Get(ctx, key("a1")); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		release()
		synctest.Wait()
		if _, err := store.Get(t.Context(), key("a1")); !errors.Is(err, secrets.ErrNotFound) {
			t.Errorf("after that: %v", err)
		}
	})
}

// A call that was given up may end after all. What it stored is wrong by then where
// something else was typed, or the site was deleted.
func TestLateSet(t *testing.T) {
	tests := []struct {
		name string
		then func(*secrets.Store)
		want string
	}{
		{"nothing else", func(*secrets.Store) {}, "map[a1/password:old]"},
		{"typed anew", func(s *secrets.Store) { s.Remember(key("a1"), "new") }, "map[]"},
		{"dropped", func(s *secrets.Store) { s.Forget(key("a1")) }, "map[]"},
		{"all forgotten", func(s *secrets.Store) { _, _ = s.ForgetAll(context.Background()) }, "map[]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &drawer{}
				store := secrets.Open(secrets.Options{Backend: d})
				release := d.stick()
				kept, err := store.Set(t.Context(), key("a1"), "A", "old")
				if kept != secrets.InMemory || secrets.StateOf(err) != secrets.TimedOut {
					t.Fatalf("%v, %v", kept, err)
				}
				test.then(store)
				release()
				synctest.Wait()
				if has := d.has(); has != test.want {
					t.Errorf("the keyring has %s, want %s", has, test.want)
				}
			})
		})
	}
}

func TestMemoryComesFirstAndGoes(t *testing.T) {
	d := &drawer{}
	store := secrets.Open(secrets.Options{Backend: d})
	store.Remember(key("a1"), "typed")
	if got, err := store.Get(t.Context(), key("a1")); got != "typed" || err != nil || d.has() != "map[]" {
		t.Errorf("%q, %v, %s", got, err, d.has())
	}
	if kept, err := store.Set(t.Context(), key("a1"), "A", "saved"); kept != secrets.InKeyring || err != nil {
		t.Errorf("%v, %v", kept, err)
	}
	if _, ok := store.Remembered(key("a1")); ok {
		t.Error("what the keyring has is in memory as well")
	}
	d.failWith(errors.New("odd"))
	kept, err := store.Set(t.Context(), key("b2"), "B", "")
	if kept != secrets.InMemory || secrets.StateOf(err) != secrets.Failed || !strings.Contains(secrets.Sentence(err), "odd") {
		t.Errorf("%v, %v", kept, err)
	}
	if got, ok := store.Remembered(key("b2")); got != "" || !ok {
		t.Errorf("an empty password in memory: %q, %v", got, ok)
	}
	if err = store.Copy(t.Context(), "b2", "c3"); secrets.StateOf(err) != secrets.Failed {
		t.Errorf("what else the keyring has is not known: %v", err)
	}
	if _, ok := store.Remembered(key("c3")); !ok {
		t.Error("what is in memory was not copied")
	}
	if err = store.Delete(t.Context(), "b2"); err == nil {
		t.Error("without an index it is not known that the keyring holds nothing")
	}
	if _, ok := store.Remembered(key("b2")); ok {
		t.Error("deleted and still in memory")
	}
}

// A site that never had a secret is deleted without a word, whatever the keyring is like.
func TestDeleteWithKeyringInTrouble(t *testing.T) {
	index := filepath.Join(t.TempDir(), "keyring.json")
	d := &drawer{}
	store := secrets.Open(secrets.Options{Backend: d, Index: index})
	if _, err := store.Set(t.Context(), key("a1"), "A", "x"); err != nil {
		t.Fatal(err)
	}
	d.failWith(&secrets.Error{Op: "get", State: secrets.Locked})
	if err := store.Delete(t.Context(), "b2"); err != nil {
		t.Errorf("a site without secrets: %v", err)
	}
	if err := store.Delete(t.Context(), "a1"); secrets.StateOf(err) != secrets.Locked {
		t.Errorf("a site with a secret: %v", err)
	}
	d.failWith(nil)
	left, err := store.Leftovers(t.Context(), nil)
	if err != nil || len(left) != 1 || left[0].Site != "a1" || left[0].Name != "A" {
		t.Errorf("it is no leftover: %v, %v", left, err)
	}
	if err = store.RemoveLeftovers(t.Context(), left); err != nil || d.has() != "map[]" {
		t.Errorf("%v, %s", err, d.has())
	}
}

func TestNothingShowsASecret(t *testing.T) {
	const secret = "s3cret-Größe"
	index := filepath.Join(t.TempDir(), "keyring.json")
	d := &drawer{}
	store := secrets.Open(secrets.Options{Backend: d, Index: index})
	if _, err := store.Set(t.Context(), key("a1"), "A", secret); err != nil {
		t.Fatal(err)
	}
	d.failWith(errors.New("broken"))
	_, err := store.Set(t.Context(), key("b2"), "B", secret)
	var text strings.Builder
	fmt.Fprintf(&text, "%v %+v %#v %s %q %d %x", store, store, store, store, store, store, store)
	fmt.Fprintf(&text, "%v %+v %#v", err, err, err)
	slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "store", store, "error", err)
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "store", store, "error", err)
	data, jsonErr := json.Marshal(store)
	text.Write(data)
	file, readErr := os.ReadFile(index)
	text.Write(file)
	if jsonErr != nil || readErr != nil {
		t.Fatal(jsonErr, readErr)
	}
	for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret), fmt.Sprintf("%q", secret)[1:10]} {
		if strings.Contains(text.String(), form) {
			t.Errorf("the secret shows as %q in\n%s", form, text.String())
		}
	}
}

func TestSentences(t *testing.T) {
	seen := map[string]secrets.State{}
	for s := secrets.Failed; s <= secrets.TooLong; s++ {
		sentence := s.Sentence()
		if other, ok := seen[sentence]; ok || !strings.HasSuffix(sentence, ".") || strings.Contains(s.String(), "state ") {
			t.Errorf("%v says %q, as %v does", s, sentence, other)
		}
		seen[sentence] = s
	}
	err := fmt.Errorf("outer: %w", &secrets.Error{Op: "get", State: secrets.NotFound})
	if !errors.Is(err, secrets.ErrNotFound) || secrets.StateOf(err) != secrets.NotFound {
		t.Errorf("%v is not found", err)
	}
	odd := &secrets.Error{Op: "get", State: secrets.Failed, Err: errors.New("a\x1b[2J" + strings.Repeat("b", 10_000))}
	for _, text := range []string{odd.Error(), odd.Sentence(), secrets.Sentence(errors.New("a\x1b[2J" + strings.Repeat("b", 10_000)))} {
		if strings.Contains(text, "\x1b") || len(text) > 500 {
			t.Errorf("shown as it came: %q", text)
		}
	}
}
