// Command pack makes an archive of a folder, always the same for the same
// files: sorted, without owners and times. The name's end says which kind.
//
//	go run ./scripts/pack FOLDER FILE.tar.gz|FILE.zip
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// moment is the time of every file; a zip archive has none before 1980.
var moment = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pack FOLDER FILE.tar.gz|FILE.zip")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// An archive takes files; data is nil for a folder.
type archive interface {
	add(name string, mode fs.FileMode, size int64, data io.Reader) error
	Close() error
}

func pack(dir, file string) (err error) {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var a archive
	switch {
	case strings.HasSuffix(file, ".tar.gz"):
		gz := gzip.NewWriter(out)
		defer func() { err = errors.Join(err, gz.Close()) }()
		a = tarball{tar.NewWriter(gz)}
	case strings.HasSuffix(file, ".zip"):
		a = zipped{zip.NewWriter(out)}
	default:
		return fmt.Errorf("no such kind of archive: %s", file)
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	top := filepath.Base(dir)
	// WalkDir goes in the order of names.
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return addFile(a, path, filepath.ToSlash(filepath.Join(top, rel)))
	})
}

func addFile(a archive, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if info.Mode()&0o100 != 0 || strings.HasSuffix(name, ".exe") {
		mode = 0o755
	}
	return a.add(name, mode, info.Size(), f)
}

type tarball struct{ *tar.Writer }

func (t tarball) add(name string, mode fs.FileMode, size int64, data io.Reader) error {
	err := t.WriteHeader(&tar.Header{Name: name, Mode: int64(mode), Size: size, ModTime: moment, Format: tar.FormatPAX})
	if err != nil {
		return err
	}
	_, err = io.Copy(t, data)
	return err
}

type zipped struct{ *zip.Writer }

func (z zipped) add(name string, mode fs.FileMode, _ int64, data io.Reader) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: moment}
	h.SetMode(mode)
	w, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, data)
	return err
}
