package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"portside/transfers/queue/store"
)

func besideOptions(t *testing.T) store.Options {
	t.Helper()
	return store.Options{
		Path: filepath.Join(t.TempDir(), "queue.db"), Pending: []uint8{0, 4}, Finished: []uint8{10, 11},
	}
}

// What the holder of the file has stored is seen beside it, also while it is open,
// and nothing can be changed there.
func TestBesideReads(t *testing.T) {
	opt := besideOptions(t)
	s, _, err := store.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, _, err = store.Open(t.Context(), opt); !isHeld(err) {
		t.Fatalf("second Open = %v, want a HeldError", err)
	}
	site, err := s.Site(t.Context(), "ftp://h", "h")
	if err != nil {
		t.Fatal(err)
	}
	if err = s.Apply(store.InsertRows(store.Row{Site: site, Remote: []byte("/a\xff")})).Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := store.OpenBeside(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	rows, total, err := b.Reader().Page(t.Context(), store.PageQuery{Limit: 10})
	if err != nil || total != 1 || len(rows) != 1 || string(rows[0].Remote) != "/a\xff" {
		t.Errorf("rows = %+v, %d, %v", rows, total, err)
	}
	if err = b.Reader().SetSetting(t.Context(), "k", []byte("v")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a change beside the holder = %v, want ErrClosed", err)
	}
	if err = b.Close(); err != nil {
		t.Error(err)
	}
	if err = s.Close(); err != nil {
		t.Error(err)
	}
}

func isHeld(err error) bool {
	_, ok := errors.AsType[*store.HeldError](err)
	return ok
}

// A command goes to the holder once, and its answer back once.
func TestCommands(t *testing.T) {
	opt := besideOptions(t)
	s, _, err := store.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err = s.PrepareCommands(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := store.OpenBeside(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	first, err := b.Post(t.Context(), []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Post(t.Context(), []byte("two"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Commands(t.Context())
	if err != nil || len(list) != 2 || list[0].ID != first || string(list[1].Text) != "two" {
		t.Fatalf("commands = %v, %v", list, err)
	}
	if answer, aerr := b.Answer(t.Context(), first); answer != nil || aerr != nil {
		t.Errorf("early answer = %q, %v", answer, aerr)
	}
	if err = s.AnswerCommand(t.Context(), first, []byte("done")); err != nil {
		t.Fatal(err)
	}
	if answer, aerr := b.Answer(t.Context(), first); string(answer) != "done" || aerr != nil {
		t.Errorf("answer = %q, %v", answer, aerr)
	}
	if answer, _ := b.Answer(t.Context(), first); answer != nil {
		t.Errorf("the answer came twice: %q", answer)
	}
	if gone, werr := b.Withdraw(t.Context(), second); !gone || werr != nil {
		t.Errorf("Withdraw = %v, %v", gone, werr)
	}
	if list, err = s.Commands(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("commands = %v, %v", list, err)
	}
	if gone, _ := b.Withdraw(t.Context(), first); gone {
		t.Error("a command that was answered was withdrawn")
	}
}

// A command survives the end of the holder, and waits for the next.
func TestCommandIsKept(t *testing.T) {
	opt := besideOptions(t)
	s, _, err := store.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if err = s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := store.OpenBeside(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = b.Post(t.Context(), []byte("later")); err != nil {
		t.Fatal(err)
	}
	if err = b.Close(); err != nil {
		t.Fatal(err)
	}
	if s, _, err = store.Open(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err = s.PrepareCommands(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, cerr := s.Commands(t.Context()); cerr != nil || len(list) != 1 || string(list[0].Text) != "later" {
		t.Errorf("commands = %v, %v", list, cerr)
	}
}

// Nothing is made, and nothing is repaired, by looking.
func TestBesideLeavesAlone(t *testing.T) {
	opt := besideOptions(t)
	if _, err := store.OpenBeside(t.Context(), opt); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := os.Stat(opt.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file was made: %v", err)
	}
	junk := []byte("this is not a database, but it is long enough to be looked at as one: it has more than a hundred bytes in it")
	if err := os.WriteFile(opt.Path, junk, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.OpenBeside(t.Context(), opt)
	if _, ok := errors.AsType[*store.CorruptError](err); !ok {
		t.Errorf("damaged file: %v, want a CorruptError", err)
	}
	if got, _ := os.ReadFile(opt.Path); string(got) != string(junk) {
		t.Error("the damaged file was changed")
	}
}
