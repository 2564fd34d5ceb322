package keep

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// counts is a content: how often each name was counted.
type counts struct {
	Counts map[string]int `json:"counts"`
}

// Valid implements validator.
func (c *counts) Valid() error {
	for name, n := range c.Counts {
		if n < 0 {
			return fmt.Errorf("%s was counted %d times", name, n)
		}
	}
	return nil
}

func count(name string) func(*counts) error {
	return func(c *counts) error {
		if c.Counts == nil {
			c.Counts = map[string]int{}
		}
		c.Counts[name]++
		return nil
	}
}

func fileIn(t *testing.T) File {
	t.Helper()
	return File{Path: filepath.Join(t.TempDir(), "portside", "counts.json"), Version: 3}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestRoundTrip(t *testing.T) {
	f := fileIn(t)
	c, err := Load[counts](f)
	if err != nil || c.Counts != nil {
		t.Fatalf("a missing file: %v, %v", c, err)
	}
	if _, err = os.Stat(filepath.Dir(f.Path)); err == nil {
		t.Error("reading made the folder")
	}
	for range 3 {
		if err = Update(f, count("a")); err != nil {
			t.Fatal(err)
		}
	}
	if c, err = Load[counts](f); err != nil || c.Counts["a"] != 3 {
		t.Errorf("Load: %v, %v", c, err)
	}
	var head struct{ Version int }
	if err = json.Unmarshal([]byte(content(t, f.Path)), &head); err != nil || head.Version != 3 {
		t.Errorf("version %d, %v in %s", head.Version, err, content(t, f.Path))
	}
	if os.PathSeparator != '/' {
		return
	}
	for path, want := range map[string]os.FileMode{f.Path: 0o600, f.Path + ".lock": 0o600, filepath.Dir(f.Path): 0o700} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
}

func TestDamaged(t *testing.T) {
	for _, text := range []string{
		"", "\x00\x00\x00\x00", "{", "[]", "null", `{}`, `{"counts":{}}`, `{"version":0}`, `{"version":-1}`,
		`{"version":"3"}`, `{"version":3,"counts":7}`, `{"version":3,"counts":{"a":-1}}`, `{"version":3} x`,
		strings.Repeat("[", 20000),
	} {
		t.Run(fmt.Sprintf("%.30q", text), func(t *testing.T) {
			f := fileIn(t)
			for _, aside := range []string{f.Path + ".damaged", f.Path + ".damaged-2", f.Path + ".damaged-3"} {
				put(t, f.Path, text)
				var err error
				if strings.HasSuffix(aside, "-2") {
					err = Update(f, count("a"))
				} else {
					_, err = Load[counts](f)
				}
				damaged, ok := errors.AsType[*DamagedError](err)
				if !ok || damaged.Aside != aside || damaged.Err == nil {
					t.Fatalf("error %v, want the file set aside as %s", err, aside)
				}
				if got := content(t, aside); got != text {
					t.Errorf("%s holds %q", aside, got)
				}
				if _, err = os.Lstat(f.Path); err == nil {
					t.Error("the file is still there")
				}
			}
			if err := Update(f, count("a")); err != nil {
				t.Fatalf("Update afterwards: %v", err)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	f := fileIn(t)
	put(t, f.Path, `{"version":3}`)
	if err := os.Truncate(f.Path, MaxSize+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Load[counts](f); !isDamaged(err) {
		t.Errorf("Load: %v", err)
	}
}

func isDamaged(err error) bool {
	_, ok := errors.AsType[*DamagedError](err)
	return ok
}

func TestNewerVersionIsLeftAlone(t *testing.T) {
	f := fileIn(t)
	const text = `{"version":4,"counts":["other"]}`
	put(t, f.Path, text)
	_, loadErr := Load[counts](f)
	updateErr := Update(f, count("a"))
	for _, err := range []error{loadErr, updateErr} {
		if newer, ok := errors.AsType[*NewerError](err); !ok || newer.Version != 4 || newer.Known != 3 {
			t.Errorf("error %v", err)
		}
	}
	if got := content(t, f.Path); got != text {
		t.Errorf("the file is now %q", got)
	}
}

func TestOlderVersionIsRead(t *testing.T) {
	f := fileIn(t)
	put(t, f.Path, `{"version":1,"counts":{"a":2}}`)
	if err := Update(f, count("a")); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f.Path); !strings.Contains(got, `"a": 3`) || !strings.Contains(got, `"version": 3`) {
		t.Errorf("the file is now %s", got)
	}
}

func TestChangeThatFails(t *testing.T) {
	f := fileIn(t)
	if err := Update(f, count("a")); err != nil {
		t.Fatal(err)
	}
	before := content(t, f.Path)
	failed := errors.New("failed")
	for given, want := range map[error]error{failed: failed, ErrUnchanged: nil} {
		err := Update(f, func(c *counts) error {
			c.Counts["b"] = 1
			return given
		})
		if !errors.Is(err, want) {
			t.Errorf("Update = %v, want %v", err, want)
		}
	}
	if got := content(t, f.Path); got != before {
		t.Errorf("the file is now %s", got)
	}
	if err := Update(File{Path: f.Path + "2", Version: 1}, func(*int) error { return nil }); err == nil {
		t.Error("a number was written as a file")
	}
}

// What a crash may leave behind, a part of the new file and a lock file, is in
// nobody's way; the old content is whole.
func TestCrashBetween(t *testing.T) {
	f := fileIn(t)
	if err := Update(f, count("a")); err != nil {
		t.Fatal(err)
	}
	put(t, f.Path+".new", `{"version":3,"cou`)
	put(t, f.Path+".lock", "")
	if c, err := Load[counts](f); err != nil || c.Counts["a"] != 1 {
		t.Errorf("Load: %v, %v", c, err)
	}
	if err := Update(f, count("a")); err != nil {
		t.Fatal(err)
	}
	if c, err := Load[counts](f); err != nil || c.Counts["a"] != 2 {
		t.Errorf("Load: %v, %v", c, err)
	}
	if _, err := os.Lstat(f.Path + ".new"); err == nil {
		t.Error("the new file is still there")
	}
}

func TestSymbolicLinkStays(t *testing.T) {
	f := fileIn(t)
	real := filepath.Join(t.TempDir(), "elsewhere.json")
	put(t, real, `{"version":3,"counts":{"a":1}}`)
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, f.Path); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if err := Update(f, count("a")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(f.Path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if got := content(t, real); !strings.Contains(got, `"a": 2`) {
		t.Errorf("the file behind the link is %s", got)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	f := fileIn(t)
	put(t, f.Path, `{"version":3,"counts":{"a":1}}`)
	dir := filepath.Dir(f.Path)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if probe, err := os.Create(filepath.Join(dir, "probe")); err == nil {
		_ = probe.Close()
		t.Skip("this user may write in every folder")
	}
	if c, err := Load[counts](f); err != nil || c.Counts["a"] != 1 {
		t.Errorf("Load: %v, %v", c, err)
	}
	if err := Update(f, count("a")); !errors.Is(err, os.ErrPermission) {
		t.Errorf("Update: %v", err)
	}
	put(t, f.Path, "damaged")
	_, err := Load[counts](f)
	if damaged, ok := errors.AsType[*DamagedError](err); !ok || damaged.Aside != "" {
		t.Errorf("Load of a damaged file: %v", err)
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	f := fileIn(t)
	put(t, filepath.Dir(f.Path), "a file")
	if err := Update(f, count("a")); err == nil {
		t.Error("Update worked")
	}
}

func TestBusyFile(t *testing.T) {
	synctest.Test(t, busyFile)
}

func busyFile(t *testing.T) {
	f := fileIn(t)
	err := Update(f, func(*counts) error {
		start := time.Now()
		err := Update(f, count("a"))
		if busy, ok := errors.AsType[*BusyError](err); !ok || !busy.Temporary() {
			t.Errorf("Update of a locked file: %v", err)
		}
		if took := time.Since(start); took < lockWait {
			t.Errorf("gave up after %v", took)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Goroutines of several programs change one file, and others read it meanwhile:
// nobody loses a change, and nobody sees a part.
func TestManyWriters(t *testing.T) {
	const env = "PORTSIDE_KEEP_TEST_FILE"
	const programs, goroutines, each = 3, 3, 15
	work := func(f File) {
		var wg sync.WaitGroup
		for range goroutines {
			wg.Go(func() {
				for range each {
					if err := patiently(func() error { return Update(f, count("all")) }); err != nil {
						t.Error(err)
					}
					if err := patiently(func() error { _, err := Load[counts](f); return err }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}
	if path := os.Getenv(env); path != "" {
		work(File{Path: path, Version: 3})
		return
	}
	f := fileIn(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range programs {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestManyWriters$")
			cmd.Env = append(os.Environ(), env+"="+f.Path)
			if out, runErr := cmd.CombinedOutput(); runErr != nil {
				t.Errorf("%v: %s", runErr, out)
			}
		})
	}
	work(f)
	wg.Wait()
	c, err := Load[counts](f)
	if want := (programs + 1) * goroutines * each; err != nil || c.Counts["all"] != want {
		t.Errorf("counted %d, want %d; %v", c.Counts["all"], want, err)
	}
}

// patiently calls do again while the file is in use, which a slow machine may bring.
func patiently(do func() error) error {
	for {
		err := do()
		if _, busy := errors.AsType[*BusyError](err); !busy {
			return err
		}
	}
}
