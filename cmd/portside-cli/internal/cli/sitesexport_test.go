package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// An export names servers and users: it is for its owner only, also where it replaces a
// file that others may read. What cannot be written leaves nothing behind.
func TestWriteNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sites.portside")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(path, []byte("new"), false); err == nil {
		t.Error("a file was replaced unasked")
	}
	if data, _ := os.ReadFile(path); string(data) != "old" {
		t.Errorf("the file has %q", data)
	}
	if err := writeNew(path, []byte("new"), true); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if data, _ := os.ReadFile(path); err != nil || string(data) != "new" || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %q", info, data)
	}
	if err = writeNew(filepath.Join(dir, "none", "x"), nil, false); err == nil {
		t.Error("a file was written into a folder that is not there")
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("the folder has %v", list)
	}
}
