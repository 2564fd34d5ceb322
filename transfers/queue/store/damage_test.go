package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// keptFile makes a closed file with n rows.
func keptFile(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "q.db")
	s := open(t, options(path))
	if _, err := s.Site(t.Context(), "ftp://a", "A"); err != nil {
		t.Fatal(err)
	}
	insert(t, s, files(n)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// change changes the content of a file.
func change(t *testing.T, path string, do func([]byte) []byte) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	data = do(data)
	if err = os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDamagedFileIsSetAside(t *testing.T) {
	const n = 3000
	noise := bytes.Repeat([]byte{0xa5, 0x17, 0x00, 0xff}, 3000)
	for _, tt := range []struct {
		name, side string
		harm       func([]byte) []byte
		least      int // rows that must be saved
	}{
		{"header overwritten", "", func(b []byte) []byte { copy(b, noise[:100]); return b }, 0},
		{"cut off", "", func(b []byte) []byte { return b[:len(b)/2] }, 1},
		{"cut off within the header", "", func(b []byte) []byte { return b[:50] }, 0},
		{"noise in the middle", "", func(b []byte) []byte { copy(b[len(b)/2:], noise); return b }, n / 4},
		{"no database", "", func([]byte) []byte { return []byte("hello") }, 0},
		{"noise as a log", "-wal", func([]byte) []byte { return noise }, n},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := keptFile(t, n)
			harmed := change(t, path+tt.side, tt.harm)
			opt := options(path)
			opt.Now = func() time.Time { return time.Date(2024, 1, 2, 3, 4, 5, 0, time.Local) }
			for _, aside := range []string{path + ".damaged-20240102-030405", path + ".damaged-20240102-030405-2"} {
				s, damage, err := Open(t.Context(), opt)
				if err != nil || damage == nil {
					t.Fatalf("Open: %v, damage %v", err, damage)
				}
				if damage.Aside != aside || damage.Path != path || damage.Err == nil || damage.Saved < tt.least {
					t.Errorf("%+v, want at least %d saved as %s", damage, tt.least, aside)
				}
				if kept, unread := os.ReadFile(aside + tt.side); unread != nil || !bytes.Equal(kept, harmed) {
					t.Errorf("the damaged file has changed, or %v", unread)
				}
				c, err := s.Counts(t.Context())
				if err != nil || c[queued].N != int64(damage.Saved) {
					t.Errorf("%v, %v; %d saved", c, err, damage.Saved)
				}
				if _, err = s.Site(t.Context(), "ftp://a", ""); err != nil {
					t.Error(err)
				}
				insert(t, s, file(1))
				if err = s.Close(); err != nil {
					t.Error(err)
				}
				if left, _ := filepath.Glob(path + ".salvage*"); left != nil {
					t.Errorf("%v are left", left)
				}
				change(t, path+tt.side, func([]byte) []byte { return harmed })
			}
		})
	}
}

func TestEmptyFileIsANewOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.db")
	change(t, path, func([]byte) []byte { return nil })
	insert(t, open(t, options(path)), file(1))
}

// What is not ours, or newer, is left as it is.
func TestFilesThatAreLeftAlone(t *testing.T) {
	for name, at := range map[string]int{"newer": 60, "foreign": 68} {
		path := keptFile(t, 3)
		before := change(t, path, func(b []byte) []byte { binary.BigEndian.PutUint32(b[at:], 77); return b })
		_, damage, err := Open(t.Context(), options(path))
		newer, isNewer := errors.AsType[*VersionError](err)
		_, isForeign := errors.AsType[*ForeignError](err)
		if damage != nil || isNewer != (name == "newer") || isForeign != (name == "foreign") || isNewer && newer.Version != 77 {
			t.Errorf("%s: %v, damage %v", name, err, damage)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Errorf("%s: the file has changed", name)
		}
	}
	dir := filepath.Join(t.TempDir(), "q.db")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, damage, err := Open(t.Context(), options(dir))
	if err == nil || damage != nil {
		t.Errorf("a folder opens: %v, %v", err, damage)
	}
	if left, _ := filepath.Glob(dir + "*"); len(left) != 1 {
		t.Errorf("%v are there", left)
	}
}

// Damage that is met later is told, and the next Open looks at all.
func TestDamageMetInUse(t *testing.T) {
	path := keptFile(t, 3000)
	s := open(t, options(path))
	change(t, path, func(b []byte) []byte {
		for i := 3 * 4096; i < len(b); i++ {
			b[i] = 0xa5
		}
		return b
	})
	var err error
	for id := int64(1); id < 3000 && err == nil; id += 50 {
		_, err = s.Get(t.Context(), id)
	}
	if _, ok := errors.AsType[*CorruptError](err); !ok {
		t.Fatalf("%v, want a CorruptError", err)
	}
	_ = s.Close() // it may say so again
	s, damage, err := Open(t.Context(), options(path))
	if err != nil || damage == nil || !strings.Contains(damage.Error(), damage.Aside) {
		t.Fatalf("%v, %v", damage, err)
	}
	if err = s.Close(); err != nil {
		t.Error(err)
	}
}

func TestModes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "q.db")
	s := open(t, options(path))
	insert(t, s, file(1))
	for name, want := range map[string]os.FileMode{path: 0o600, path + "-wal": 0o600, path + ".lock": 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", name, info, err, want)
		}
	}
}
