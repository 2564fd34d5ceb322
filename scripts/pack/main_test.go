package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestArchivesHoldTheFilesAndAreRepeatable(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "portside-1")
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"bin/portside": 0o755, "README.md": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("content of "+name), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{".tar.gz", ".zip"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			var made [2][]byte
			for i := range made {
				file := filepath.Join(out, string(rune('a'+i))+kind)
				if err := pack(dir, file); err != nil {
					t.Fatal(err)
				}
				var err error
				if made[i], err = os.ReadFile(file); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(made[0], made[1]) {
				t.Error("two archives of the same folder differ")
			}
			got := read(t, kind, made[0])
			if len(got) != 2 || got["portside-1/bin/portside"] != "755 content of bin/portside" || got["portside-1/README.md"] != "644 content of README.md" {
				t.Errorf("the archive holds %q", got)
			}
		})
	}
	if err := pack(dir, filepath.Join(t.TempDir(), "a.rar")); err == nil {
		t.Error("an unknown kind of archive was made")
	}
}

// read returns the files of an archive: permissions and content by name.
func read(t *testing.T, kind string, data []byte) map[string]string {
	t.Helper()
	files := map[string]string{}
	keep := func(name string, mode os.FileMode, r io.Reader) {
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = formatMode(mode) + " " + string(content)
	}
	if kind == ".zip" {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			keep(f.Name, f.Mode(), r)
		}
		return files
	}
	gz, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(gz); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		keep(h.Name, h.FileInfo().Mode(), r)
	}
}

func formatMode(m os.FileMode) string {
	p := m.Perm()
	return string([]byte{'0' + byte(p>>6), '0' + byte(p>>3&7), '0' + byte(p&7)})
}
