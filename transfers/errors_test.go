package transfers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"portside/client"
)

func TestLocalErr(t *testing.T) {
	for err, want := range map[error]LocalKind{
		syscall.ENOSPC: LocalFull, syscall.EROFS: LocalReadOnly, syscall.EACCES: LocalDenied, syscall.EPERM: LocalDenied,
		syscall.ENOENT: LocalMissing, syscall.EISDIR: LocalIsDir, syscall.ENOTDIR: LocalNotDir, syscall.EEXIST: LocalExists,
		syscall.ENAMETOOLONG: LocalBadName, syscall.EFBIG: LocalTooBig, syscall.EIO: LocalOther, errors.New("x"): LocalOther,
	} {
		got := localErr("create", "/dir/name", fmt.Errorf("wrapped: %w", &fs.PathError{Op: "openat", Path: "name", Err: err}))
		le, ok := errors.AsType[*LocalError](got)
		if !ok || le.Kind != want || !errors.Is(got, err) {
			t.Errorf("%v became %v, want kind %d", err, got, want)
			continue
		}
		if text := got.Error(); text != "create /dir/name: "+err.Error() {
			t.Errorf("text = %q", text)
		}
		if again := localErr("open", "other", got); !errors.Is(again, got) || again.Error() != got.Error() {
			t.Errorf("%v was wrapped twice: %v", got, again)
		}
	}
	if localErr("create", "x", nil) != nil {
		t.Error("an error of nothing")
	}
	if !isLocalKind(LocalOther)(localErr("write", "x", syscall.EINVAL)) {
		t.Error("EINVAL of a write is taken for a bad name")
	}
}

// The refusal of os.Root is known by its text alone.
func TestEscapeIsRecognised(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("..", filepath.Join(dir, "up")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	_, err = openSub(root, dir, "up")
	if !isLocalKind(LocalEscape)(err) {
		t.Errorf("error = %v", err)
	}
}

func TestExplain(t *testing.T) {
	local := func(kind LocalKind) error {
		return fmt.Errorf("x: %w", &LocalError{Kind: kind, Op: "create", Path: "/home/joe/na\x1bme", Err: errors.New("reason")})
	}
	for kind := LocalOther; kind <= LocalSpecial; kind++ {
		a := Explain(local(kind))
		if a.Sentence == "" || !strings.HasSuffix(a.Sentence, ".") || strings.ContainsRune(a.Sentence, 0x1b) {
			t.Errorf("kind %d: %+v", kind, a)
		}
		if a.Next == "" && kind != LocalOther && kind != LocalSpecial {
			t.Errorf("kind %d says no next step", kind)
		}
	}
	lost := lostConn()
	tests := []struct {
		name string
		err  error
		kind client.Kind
		has  string
	}{
		{"disk full", local(LocalFull), client.KindSpace, "no space"},
		{"size", &SizeError{Path: "/a", Want: 10, Got: 9}, client.KindData, "9 bytes instead of 10"},
		{"exists there", &RemoteExistsError{Path: "/a"}, client.KindOther, "exists"},
		{"limit", &LimitError{What: "levels", Limit: 100}, client.KindOther, "100 levels"},
		{"resume", &anewError{err: ErrResume}, client.KindData, "beginning"},
		{"folder", fmt.Errorf("/a: %w", ErrIsDir), client.KindName, "folder"},
		{"file", fmt.Errorf("/a: %w", ErrNotDir), client.KindName, "file"},
		{"root", errProtected, client.KindName, "not deleted"},
		{"theirs", lost, client.Explain(lost).Kind, client.Explain(lost).Sentence},
		{"kept", &KeptError{Part: "/p", Bytes: 5_000_000, Size: 10_000_000, Err: lost}, client.KindLost, "lost"},
		{"tree of one", &IncompleteError{Failed: []Failure{{Path: "/a", Err: lost}}, Total: 5}, client.KindLost, "lost"},
		{"tree", &IncompleteError{Failed: []Failure{{Err: lost}, {Err: lost}}, Total: 5}, client.KindLost, "2 of 5"},
	}
	for _, tt := range tests {
		a := Explain(tt.err)
		if a.Kind != tt.kind || !strings.Contains(a.Sentence, tt.has) {
			t.Errorf("%s: %+v, want kind %d and %q", tt.name, a, tt.kind, tt.has)
		}
	}
	if a := Explain(tests[9].err); !strings.Contains(a.Next, "5.0 MB of 10 MB") {
		t.Errorf("the partial file is not mentioned: %+v", a)
	}
}

func TestIncompleteError(t *testing.T) {
	first, second := errors.New("first"), &LocalError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	err := error(&IncompleteError{Failed: []Failure{{Err: first}, {Err: second}}, Total: 10})
	if !errors.Is(err, first) || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "2 failures") {
		t.Errorf("error = %v", err)
	}
	if one := (&IncompleteError{Failed: []Failure{{Err: first}}}).Error(); one != "first" {
		t.Errorf("text of a single failure = %q", one)
	}
}
