package contract

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"strings"
	"time"

	"portside/client"
	"portside/client/listing"
)

func checkSize(ctx context.Context, s *suite) error {
	const size = 70_001
	if err := s.put(ctx, "size.bin", noise(size, 7), client.TransferOptions{}); err != nil {
		return err
	}
	if n, err := s.c.Size(ctx, s.at("size.bin")); err != nil || n != size {
		return brokenf("size = %d, %v; want %d", n, err, size)
	}
	e, err := s.c.Stat(ctx, s.at("size.bin"))
	if err != nil {
		return err
	}
	if e.Size != size || e.Type != listing.File || e.Name != "size.bin" {
		return fmt.Errorf("stat = %q, %v, %d bytes; want \"size.bin\", file, %d", e.Name, e.Type, e.Size, size)
	}
	if _, err = s.c.Size(ctx, s.at("missing")); err == nil {
		return errors.New("a missing file has a size")
	}
	if _, err = s.c.Stat(ctx, s.at("missing")); err == nil {
		return errors.New("a missing file can be described")
	}
	e, err = s.c.Stat(ctx, s.base)
	if err != nil || e.Type != listing.Dir {
		return brokenf("stat of a folder = %v, %v; want dir", e.Type, err)
	}
	return s.c.Delete(ctx, s.at("size.bin"))
}

// sums has the functions by the names of the registry for HASH.
var sums = map[string]func() hash.Hash{
	"SHA-512": sha512.New,
	"SHA-256": sha256.New,
	"SHA-1":   sha1.New,
	"MD5":     md5.New,
	"CRC32":   func() hash.Hash { return crc32.NewIEEE() },
}

func checkHash(ctx context.Context, s *suite) error {
	data := noise(100_000, 8)
	if err := s.put(ctx, "hash.bin", data, client.TransferOptions{}); err != nil {
		return err
	}
	got, err := s.c.Hash(ctx, s.at("hash.bin"), "")
	if !s.cfg.has(CanHash) {
		if !errors.Is(err, client.ErrUnsupported) {
			return brokenf("hash = %v, %v; want ErrUnsupported", got, err)
		}
		return s.c.Delete(ctx, s.at("hash.bin"))
	}
	if err != nil {
		return err
	}
	newSum, ok := sums[got.Algo]
	if !ok {
		return fmt.Errorf("a hash by %q", got.Algo)
	}
	h := newSum()
	_, _ = h.Write(data) // never fails
	if want := hex.EncodeToString(h.Sum(nil)); got.Sum != want {
		return fmt.Errorf("%s = %s, want %s", got.Algo, got.Sum, want)
	}
	if _, err := s.c.Hash(ctx, s.at("missing"), ""); err == nil {
		return errors.New("a missing file has a hash")
	}
	return s.c.Delete(ctx, s.at("hash.bin"))
}

func checkTime(ctx context.Context, s *suite) error {
	if err := s.put(ctx, "time.txt", []byte("x"), client.TransferOptions{}); err != nil {
		return err
	}
	now, err := s.c.ModTime(ctx, s.at("time.txt"))
	if err != nil {
		return err
	}
	if d := time.Since(now).Abs(); d > time.Minute {
		return fmt.Errorf("a new file is from %v, %v away from now", now, d)
	}
	want := time.Date(2021, time.March, 4, 5, 6, 7, 0, time.UTC)
	err = s.c.SetModTime(ctx, s.at("time.txt"), want)
	if !s.cfg.has(CanSetTime) {
		if err == nil {
			return errors.New("a server that cannot set times was said to have done so")
		}
		return s.c.Delete(ctx, s.at("time.txt"))
	}
	if err != nil {
		return err
	}
	got, err := s.c.ModTime(ctx, s.at("time.txt"))
	if err != nil || !got.Equal(want) {
		return brokenf("time = %v, %v; want %v", got, err, want)
	}
	e, err := s.c.Stat(ctx, s.at("time.txt"))
	if err != nil {
		return err
	}
	// A listing by ls has no time of day for an old file.
	if !e.ModTime.Equal(want) && (e.Precise || !e.ModTime.Equal(want.Truncate(24*time.Hour))) {
		return fmt.Errorf("stat: time = %v, want %v", e.ModTime, want)
	}
	return s.c.Delete(ctx, s.at("time.txt"))
}

func checkChmod(ctx context.Context, s *suite) error {
	if err := s.put(ctx, "mode.txt", []byte("x"), client.TransferOptions{}); err != nil {
		return err
	}
	for _, want := range []uint32{0o640, 0o604} {
		err := s.c.Chmod(ctx, s.at("mode.txt"), want)
		if !s.cfg.has(CanChmod) {
			if !errors.Is(err, client.ErrUnsupported) {
				return brokenf("chmod: %v, want ErrUnsupported", err)
			}
			continue
		}
		if err != nil {
			return err
		}
		e, err := s.find(ctx, s.base, "mode.txt")
		if err != nil {
			return err
		}
		if e.Mode != listing.ModeUnknown && e.Mode != want {
			return fmt.Errorf("permissions are %o, want %o", e.Mode, want)
		}
	}
	return s.c.Delete(ctx, s.at("mode.txt"))
}

func checkFolders(ctx context.Context, s *suite) error {
	dir := s.at("folder with blanks")
	if err := s.c.MakeDir(ctx, dir); err != nil {
		return err
	}
	if err := s.c.MakeDir(ctx, dir); err == nil {
		return errors.New("a folder that is there could be made again")
	}
	if err := s.c.MakeDir(ctx, dir+"/inner"); err != nil {
		return err
	}
	before, err := s.c.WorkingDir(ctx)
	if err != nil {
		return err
	}
	if err = s.c.ChangeDir(ctx, dir); err != nil {
		return err
	}
	got, err := s.c.WorkingDir(ctx)
	if err != nil || got != dir {
		return brokenf("working directory = %q, %v; want %q", got, err, dir)
	}
	// The empty path is the working directory, and names are taken from there.
	l, err := s.c.List(ctx, "")
	if err != nil || len(l.Entries) != 1 || l.Entries[0].Name != "inner" || !isDir(l.Entries[0]) {
		return brokenf("listing of the working directory = %v, %v; want the folder \"inner\"", l, err)
	}
	if err := s.c.RemoveDir(ctx, "inner"); err != nil {
		return err
	}
	if err := s.c.ChangeDir(ctx, before); err != nil {
		return err
	}
	if err := s.c.ChangeDir(ctx, s.at("missing")); !isReply(err) {
		return brokenf("change to a missing folder: %v, want a refusal", err)
	}
	if err := s.put(ctx, "folder with blanks/file", []byte("x"), client.TransferOptions{}); err != nil {
		return err
	}
	if err := s.c.RemoveDir(ctx, dir); err == nil {
		return errors.New("a folder that is not empty could be removed")
	}
	if err := s.c.Delete(ctx, dir+"/file"); err != nil {
		return err
	}
	return s.c.RemoveDir(ctx, dir)
}

func checkRename(ctx context.Context, s *suite) error {
	if err := s.put(ctx, "old name", []byte("x"), client.TransferOptions{}); err != nil {
		return err
	}
	if err := s.c.MakeDir(ctx, s.at("target")); err != nil {
		return err
	}
	if err := s.c.Rename(ctx, s.at("old name"), s.at("target/new name")); err != nil {
		return err
	}
	if _, err := s.find(ctx, s.base, "old name"); err == nil {
		return errors.New("the old name is still there")
	}
	if _, err := s.find(ctx, s.at("target"), "new name"); err != nil {
		return err
	}
	if err := s.c.Rename(ctx, s.at("target"), s.at("renamed")); err != nil {
		return fmt.Errorf("a folder: %w", err)
	}
	if err := s.c.Rename(ctx, s.at("missing"), s.at("anything")); !isReply(err) {
		return brokenf("a missing file: %v, want a refusal", err)
	}
	return errors.Join(s.c.Delete(ctx, s.at("renamed/new name")), s.c.RemoveDir(ctx, s.at("renamed")))
}

func checkDelete(ctx context.Context, s *suite) error {
	if err := s.put(ctx, "gone", []byte("x"), client.TransferOptions{}); err != nil {
		return err
	}
	if err := s.c.Delete(ctx, s.at("gone")); err != nil {
		return err
	}
	if err := s.c.Delete(ctx, s.at("gone")); !isReply(err) {
		return brokenf("a second time: %v, want a refusal", err)
	}
	if err := s.c.RemoveDir(ctx, s.at("gone")); !isReply(err) {
		return brokenf("remove a missing folder: %v, want a refusal", err)
	}
	return nil
}

// checkInjection holds that no name can carry a second command.
func checkInjection(ctx context.Context, s *suite) error {
	for _, bad := range []string{"a\r\nDELE b", "a\nb", "a\rb", "a\x00b"} {
		for what, try := range map[string]func() error{
			"delete": func() error { return s.c.Delete(ctx, s.at(bad)) },
			"mkdir":  func() error { return s.c.MakeDir(ctx, s.at(bad)) },
			"rename": func() error { return s.c.Rename(ctx, s.at(bad), s.at("x")) },
			"list":   func() error { _, err := s.c.List(ctx, s.at(bad)); return err },
			"store": func() error {
				_, err := s.c.Store(ctx, s.at(bad), newReader(nil), client.TransferOptions{})
				return err
			},
			"retrieve": func() error {
				_, err := s.c.Retrieve(ctx, s.at(bad), &buffer{}, client.TransferOptions{})
				return err
			},
			"raw": func() error { _, err := s.c.Raw(ctx, "NOOP "+bad); return err },
		} {
			if err := try(); !errors.Is(err, client.ErrBadName) {
				return brokenf("%s of %q: %v, want ErrBadName", what, bad, err)
			}
		}
	}
	if err := s.c.Noop(ctx); err != nil {
		return fmt.Errorf("the session afterwards: %w", err)
	}
	return nil
}

// find returns the entry of that name in a folder.
func (s *suite) find(ctx context.Context, dir, name string) (listing.Entry, error) {
	l, err := s.c.List(ctx, dir)
	if err != nil {
		return listing.Entry{}, err
	}
	if len(l.Unread) > 0 {
		return listing.Entry{}, fmt.Errorf("lines were not understood: %q", l.Unread)
	}
	var names []string
	for _, e := range l.Entries {
		if e.Name == name {
			return e, nil
		}
		names = append(names, fmt.Sprintf("%q", e.Name))
	}
	return listing.Entry{}, fmt.Errorf("%q is not in the listing of %q: %s", name, dir, strings.Join(names, ", "))
}

func isDir(e listing.Entry) bool { return e.Type == listing.Dir }
