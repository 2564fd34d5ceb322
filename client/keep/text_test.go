package keep

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestTextIsReadAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "text.json")
	text, err := ReadText(path)
	if err != nil || text.Data != nil || text.Info != nil {
		t.Fatalf("a missing file: %v, %v", text, err)
	}
	if _, err = os.Stat(filepath.Dir(path)); err == nil {
		t.Error("reading made the folder")
	}
	const odd = "{ not JSON"
	put(t, path, odd)
	if text, err = ReadText(path); err != nil || string(text.Data) != odd || text.Info.Size() != int64(len(odd)) {
		t.Errorf("ReadText: %q, %v", text.Data, err)
	}
	failed := errors.New("failed")
	for given, want := range map[error]error{failed: failed, ErrUnchanged: nil} {
		text, err = RewriteText(path, func([]byte) ([]byte, error) { return []byte("x"), given })
		if !errors.Is(err, want) || string(text.Data) != odd || text.Info == nil || content(t, path) != odd {
			t.Errorf("RewriteText = %v, want %v; the file is %q", err, want, content(t, path))
		}
	}
	text, err = RewriteText(path, func(old []byte) ([]byte, error) { return append(old, '!'), nil })
	if err != nil || content(t, path) != odd+"!" || string(text.Data) != odd+"!" {
		t.Errorf("RewriteText: %q, %v", text.Data, err)
	}
	info, err := os.Stat(path)
	if err != nil || !os.SameFile(info, text.Info) || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
}

func TestTextIsMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "text.json")
	_, err := RewriteText(path, func(old []byte) ([]byte, error) {
		if old != nil {
			t.Errorf("a missing file holds %q", old)
		}
		return []byte("new"), nil
	})
	if err != nil || content(t, path) != "new" {
		t.Errorf("%v, %q", err, content(t, path))
	}
}

func TestTextTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "text.json")
	put(t, path, "old")
	large := func([]byte) ([]byte, error) { return bytes.Repeat([]byte("x"), MaxSize+1), nil }
	_, err := RewriteText(path, large)
	if e, ok := errors.AsType[*TooLargeError](err); !ok || e.Path != path || content(t, path) != "old" {
		t.Errorf("RewriteText: %v", err)
	}
	if err = os.Truncate(path, MaxSize+1); err != nil {
		t.Fatal(err)
	}
	if _, err = ReadText(path); !isTooLarge(err) {
		t.Errorf("ReadText: %v", err)
	}
	_, err = RewriteText(path, func([]byte) ([]byte, error) {
		t.Error("the change is made")
		return nil, nil
	})
	if !isTooLarge(err) {
		t.Errorf("RewriteText of a large file: %v", err)
	}
}

func isTooLarge(err error) bool {
	_, ok := errors.AsType[*TooLargeError](err)
	return ok
}
