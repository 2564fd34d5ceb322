package contract

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"

	"portside/client"
	"portside/client/listing"
)

// texts are names as people give them.
var texts = []string{
	"plain.txt",
	"two  blanks and more.txt",
	"中文文件.txt",
	"ملف عربي.txt",
	"日本語テキスト",
	"Ünïcödé é.txt", // a combining accent that nothing may compose
	"smile 😀👩‍🚀.png",
	"-dash first",
	".hidden",
	"semi;colon=fact; x",
	"per%20cent",
	"arrow -> target",
	"back\\slash",
	"[brackets] {braces} *star?",
	"quote \" and ' marks",
	"12345",
	"Jan 1 2020 x",
}

// bytesOnly are names that are no UTF-8: Latin-1, Shift JIS, KOI8-R.
var bytesOnly = []string{
	"caf\xe9.txt",
	"\x93\xfa\x96{.txt",
	"\xf2\xd5\xd3\xd3\xcb\xc9\xca",
}

func checkNames(ctx context.Context, s *suite) error {
	names := texts
	if !s.cfg.has(CanBackslash) {
		names = slices.DeleteFunc(slices.Clone(texts), func(n string) bool { return strings.Contains(n, `\`) })
	}
	if err := s.checkNameSet(ctx, "names", names); err != nil {
		return err
	}
	return s.checkFolderNames(ctx)
}

// checkNameBytes tries names that are no UTF-8. Where the server changes such
// names by itself, there is nothing that a session could keep.
func checkNameBytes(ctx context.Context, s *suite) error {
	if !s.cfg.has(CanNameBytes) {
		return nil
	}
	return s.checkNameSet(ctx, "bytes", bytesOnly)
}

// checkNameSet stores a file under each name, and holds that the listing has
// exactly these names, byte for byte, that each can be retrieved, renamed there
// and back, and deleted.
func (s *suite) checkNameSet(ctx context.Context, dir string, names []string) error {
	if err := s.c.MakeDir(ctx, s.at(dir)); err != nil {
		return err
	}
	for _, name := range names {
		if err := s.put(ctx, dir+"/"+name, []byte("content of "+name), client.TransferOptions{}); err != nil {
			return err
		}
	}
	l, err := s.c.List(ctx, s.at(dir))
	if err != nil {
		return err
	}
	if err := sameNames(l, names); err != nil {
		return err
	}
	for _, e := range l.Entries {
		if err := s.useName(ctx, dir, e.Name); err != nil {
			return fmt.Errorf("%q: %w", e.Name, err)
		}
	}
	return s.c.RemoveDir(ctx, s.at(dir))
}

func (s *suite) useName(ctx context.Context, dir, name string) error {
	got, err := s.get(ctx, dir+"/"+name, client.TransferOptions{})
	if err != nil {
		return err
	}
	if err := same("content", got, []byte("content of "+name)); err != nil {
		return err
	}
	if err := s.c.Rename(ctx, s.at(dir+"/"+name), s.at(dir+"/moved")); err != nil {
		return err
	}
	if err := s.c.Rename(ctx, s.at(dir+"/moved"), s.at(dir+"/"+name)); err != nil {
		return err
	}
	return s.c.Delete(ctx, s.at(dir+"/"+name))
}

// checkFolderNames holds that PWD gives back what CWD was given, quotes too
// (RFC 959, appendix II).
func (s *suite) checkFolderNames(ctx context.Context) error {
	for _, name := range []string{"ordner äöü", `say "hello" twice`, "文件夹", "trailing.dot."} {
		dir := s.at(name)
		if err := s.c.MakeDir(ctx, dir); err != nil {
			return fmt.Errorf("folder %q: %w", name, err)
		}
		if err := s.c.ChangeDir(ctx, dir); err != nil {
			return fmt.Errorf("folder %q: %w", name, err)
		}
		if got, err := s.c.WorkingDir(ctx); err != nil || got != dir {
			return brokenf("working directory = %q, %v; want %q", got, err, dir)
		}
		if err := s.c.ChangeDir(ctx, s.base); err != nil {
			return err
		}
		if err := s.c.RemoveDir(ctx, dir); err != nil {
			return fmt.Errorf("folder %q: %w", name, err)
		}
	}
	return nil
}

func sameNames(l *listing.Listing, want []string) error {
	if len(l.Unread) > 0 {
		return fmt.Errorf("lines were not understood: %q", l.Unread)
	}
	var got []string
	for _, e := range l.Entries {
		got = append(got, e.Name)
	}
	slices.Sort(got)
	sorted := slices.Sorted(slices.Values(want))
	if !slices.Equal(got, sorted) {
		return fmt.Errorf("names are %q, want %q", got, sorted)
	}
	return nil
}

// checkListing holds that a listing has every entry once, with its type and
// size, and neither "." nor "..".
func checkListing(ctx context.Context, s *suite) error {
	dir, sizes, err := s.fillFolder(ctx, "listing")
	if err != nil {
		return err
	}
	if err := s.sameFolder(ctx, s.c, dir, sizes); err != nil {
		return err
	}
	if err := s.checkConnection("list"); err != nil {
		return err
	}
	empty := s.at("empty folder")
	if err := s.c.MakeDir(ctx, empty); err != nil {
		return err
	}
	if err := s.sameFolder(ctx, s.c, empty, nil); err != nil {
		return fmt.Errorf("empty folder: %w", err)
	}
	if _, err := s.c.List(ctx, s.at("missing")); err == nil {
		return errors.New("a missing folder can be listed")
	}
	return errors.Join(s.c.RemoveDir(ctx, empty), s.removeTree(ctx, dir))
}

// fillFolder makes a folder with files of growing size and folders, and
// returns its path and the sizes, -1 for a folder.
func (s *suite) fillFolder(ctx context.Context, name string) (string, map[string]int64, error) {
	dir := s.at(name)
	if err := s.c.MakeDir(ctx, dir); err != nil {
		return "", nil, err
	}
	sizes := map[string]int64{".hidden": 3, "sub": -1, "other sub": -1}
	for i := range 12 {
		sizes[fmt.Sprintf("file-%02d.dat", i)] = int64(i * i * 100)
	}
	for name, size := range sizes {
		var err error
		if size < 0 {
			err = s.c.MakeDir(ctx, dir+"/"+name)
		} else {
			_, err = s.c.Store(ctx, dir+"/"+name, newReader(noise(size, 9)), client.TransferOptions{})
		}
		if err != nil {
			return "", nil, err
		}
	}
	return dir, sizes, nil
}

// sameFolder holds that the listing of dir on c has these entries.
func (s *suite) sameFolder(ctx context.Context, c *client.Session, dir string, sizes map[string]int64) error {
	l, err := c.List(ctx, dir)
	if err != nil {
		return err
	}
	if len(l.Unread) > 0 {
		return fmt.Errorf("lines were not understood: %q", l.Unread)
	}
	seen := map[string]bool{}
	for _, e := range l.Entries {
		size, ok := sizes[e.Name]
		switch {
		case !ok || seen[e.Name]:
			return fmt.Errorf("an entry too many: %q", e.Name)
		case size < 0 && e.Type != listing.Dir, size >= 0 && e.Type != listing.File:
			return fmt.Errorf("%q is said to be a %v", e.Name, e.Type)
		case size >= 0 && e.Size != size:
			return fmt.Errorf("%q is said to have %d bytes, want %d", e.Name, e.Size, size)
		case e.ModTime.IsZero():
			return fmt.Errorf("%q has no time", e.Name)
		}
		seen[e.Name] = true
	}
	for name := range sizes {
		if !seen[name] {
			return fmt.Errorf("%q is missing of %d entries (%s)", name, len(l.Entries), l.Format)
		}
	}
	return nil
}

// checkPlainListing lists the same folder with LIST: on a plain connection the
// server's MLST feature is hidden from a second session, so that both kinds of
// listing are tried on a server that has both.
func checkPlainListing(ctx context.Context, s *suite) error {
	if s.cfg.TLS != "" || !s.cfg.has(CanMachine) {
		return nil // it cannot be hidden, or the listing was by LIST anyway
	}
	dir, sizes, err := s.fillFolder(ctx, "plain listing")
	if err != nil {
		return err
	}
	opt := s.cfg.Options
	opt.Dialer = &hideMLST{}
	c, err := s.dial(ctx, opt)
	if err != nil {
		return err
	}
	if c.Features().Has("MLST") {
		err = errors.New("MLST was not hidden")
	} else {
		err = s.sameFolder(ctx, c, dir, sizes)
	}
	return errors.Join(err, c.Close(), s.removeTree(ctx, dir))
}

// hideMLST dials, and spoils the features MLST and MLSD in what the first
// connection, the control connection, receives.
type hideMLST struct{ used atomic.Bool }

func (h *hideMLST) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, network, addr)
	if err != nil || h.used.Swap(true) {
		return nc, err
	}
	return &spoiled{Conn: nc}, nil
}

type spoiled struct{ net.Conn }

// Read changes MLST to XXXX and MLSD to XXXD, also where a read ends within one: it
// looks for a feature line's beginning, " ML", which nothing else in a reply
// to FEAT has.
func (s *spoiled) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	for i := 0; i+2 < n; i++ {
		if p[i] == ' ' && p[i+1] == 'M' && p[i+2] == 'L' {
			p[i+1], p[i+2] = 'X', 'X'
		}
	}
	return n, err
}
