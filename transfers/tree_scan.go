package transfers

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"strings"

	"portside/client"
	"portside/client/listing"
)

// errUnsure keeps what may be a link to a folder from being deleted.
var errUnsure = errors.New("MLSD calls it a folder and LIST does not have it, so it may be a link to one")

// A folder is a remote folder with all that is below it.
type folder struct {
	path  string // raw
	name  string // raw; of the top folder empty
	files []source
	dirs  []*folder
	holes bool // something in it could not be listed or is not handled
}

// A scan lists a remote tree. Links are entries of their own, never followed.
type scan struct {
	t       *task
	entries int
}

// scanRemote lists the tree below a remote path. Parts of it that cannot be
// listed become failures of the task; the error is for the top folder, for
// limits, and for what ends everything.
func (t *task) scanRemote(ctx context.Context, remote string) (*folder, error) {
	t.rep.p.Scanning = true
	defer func() {
		t.rep.p.Scanning = false
		t.rep.emit(true)
	}()
	s := scan{t: t}
	top := &folder{path: remote}
	if err := s.folder(ctx, top, 1, nil); err != nil {
		return nil, t.about(remote, err)
	}
	return top, nil
}

// A mark is what two listings of the same folder have in common.
type mark [sha256.Size]byte

// markOf returns the mark of a listing. Folders without files say too little:
// they may well hold others of the same name and time.
func markOf(l *listing.Listing) (m mark, hasFiles bool) {
	h := sha256.New()
	for _, e := range l.Entries {
		_, _ = fmt.Fprintf(h, "%q %d %d %d\n", e.Name, e.Type, e.Size, e.ModTime.Unix())
		hasFiles = hasFiles || (e.Type == listing.File && e.Size > 0)
	}
	return mark(h.Sum(nil)), hasFiles
}

// folder fills d. above holds the marks of the folders that d is in.
func (s *scan) folder(ctx context.Context, d *folder, depth int, above []mark) error {
	t := s.t
	if depth > t.opt.MaxDepth {
		return &LimitError{What: "levels", Limit: t.opt.MaxDepth}
	}
	t.rep.p.Remote = d.path
	t.rep.emit(false)
	var l *listing.Listing
	err := t.simply(ctx, func(ctx context.Context) (err error) {
		l, err = t.r.List(ctx, d.path)
		return err
	})
	if err != nil {
		return err
	}
	if s.entries += len(l.Entries); s.entries > t.opt.MaxEntries {
		return &LimitError{What: "entries", Limit: t.opt.MaxEntries}
	}
	if n := len(l.Unread); n > 0 {
		d.holes = true
		t.note(d.path, client.Counted(n, "line", "lines")+" of the listing could not be understood")
	}
	here, hasFiles := markOf(l)
	if n := len(above); n >= 2 && hasFiles && above[n-1] == here && above[n-2] == here {
		t.note(d.path, "folder that contains itself, not followed")
		t.sum.Skipped++
		d.holes = true
		return nil
	}
	unsure, err := t.unmaskLinks(ctx, d.path, l)
	if err != nil {
		return err
	}
	for _, e := range l.Entries {
		if unsure[e.Name] {
			d.holes = true
			t.fail(JoinRemote(d.path, e.Name), fmt.Errorf("%s: %w", show(t.r, JoinRemote(d.path, e.Name)), errUnsure))
			continue
		}
		if err = s.entry(ctx, d, e, depth, append(above[:len(above):len(above)], here)); err != nil {
			return err
		}
	}
	return nil
}

// entry adds one entry to d.
func (s *scan) entry(ctx context.Context, d *folder, e listing.Entry, depth int, above []mark) error {
	t := s.t
	at := JoinRemote(d.path, e.Name)
	if err := client.CleanName(e.Name); err != nil {
		d.holes = true
		t.fail(at, fmt.Errorf("%s: %w", show(t.r, at), err))
		return nil
	}
	if e.Type == listing.Dir {
		sub := &folder{path: at, name: e.Name}
		if err := s.folder(ctx, sub, depth+1, above); err != nil {
			if isA[*LimitError](err) || t.hopeless(ctx, err) {
				return err
			}
			sub.holes, d.holes = true, true
			t.fail(at, t.about(at, err))
		}
		d.dirs = append(d.dirs, sub)
		return nil
	}
	src := sourceOf(at, e)
	src.size = 0 // nothing moves
	t.rep.found(src.size)
	d.files = append(d.files, src)
	return nil
}

// statLink asks for what a link leads to: at the link, and where the server
// describes the link itself, at its target.
func (s *scan) statLink(ctx context.Context, d *folder, e listing.Entry, at string) (listing.Entry, error) {
	var to listing.Entry
	stat := func(p string) error {
		return s.t.simply(ctx, func(ctx context.Context) (err error) {
			to, err = s.t.r.Stat(ctx, p)
			return err
		})
	}
	err := stat(at)
	if (err == nil && to.Type != listing.Link) || e.Target == "" || (err != nil && s.t.hopeless(ctx, err)) {
		return to, err
	}
	target := e.Target
	if !strings.HasPrefix(target, "/") {
		target = path.Clean(JoinRemote(d.path, target))
	}
	return to, stat(target)
}
