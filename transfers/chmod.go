package transfers

import (
	"context"
	"errors"
	"path"

	"portside/client"
	"portside/client/listing"
)

// ChmodOptions say which permission bits things get. At least one is set.
type ChmodOptions struct {
	File      *uint32 // bits of files; nil: they keep theirs
	Dir       *uint32 // bits of folders; nil: they keep theirs
	Recursive bool    // all that is in a folder as well
}

// modeOf returns the bits for an entry of the type; nil where it keeps its own.
func (o ChmodOptions) modeOf(kind listing.Type) *uint32 {
	switch kind {
	case listing.Dir:
		return o.Dir
	case listing.File:
		return o.File
	default:
		return nil // servers follow links
	}
}

// chmodder is what a session has to have for it.
type chmodder interface {
	Chmod(ctx context.Context, path string, mode uint32) error
}

var errNoMode = errors.New("no permission bits were given")

// Chmod sets the permission bits of one remote entry (SITE CHMOD), in one try. What
// is a link, or something else than a file or folder, is to be left out by the
// caller: servers follow links. client.ErrUnsupported says that the server does
// not know the command, and would not for any other entry.
func Chmod(ctx context.Context, r Remote, remote string, mode uint32) error {
	t := newTask(r, Changing, Options{Retries: -1})
	return t.chmod(ctx, remote, mode)
}

func (t *task) chmod(ctx context.Context, remote string, mode uint32) error {
	c, ok := t.r.(chmodder)
	if !ok {
		return t.about(remote, client.ErrUnsupported)
	}
	if err := c.Chmod(ctx, remote, mode&0o7777); err != nil {
		return t.about(remote, err)
	}
	return nil
}

// ChmodTree sets the permission bits of a remote file or folder (SITE CHMOD) and,
// with Recursive, of all that is in it. Links are left out, in the tree and at
// its top, since servers would change what they lead to. A folder gets its bits
// after what is in it, so that taking rights away does not stop the work.
//
// Where the server does not know the command, it ends with
// client.ErrUnsupported. Other failures are told as by DeleteTree.
func ChmodTree(ctx context.Context, r Remote, remote string, c ChmodOptions, opt Options) (Summary, error) {
	t := newTask(r, Changing, opt)
	return t.result(t.chmodTree(ctx, remote, c))
}

func (t *task) chmodTree(ctx context.Context, remote string, c ChmodOptions) error {
	if c.File == nil && c.Dir == nil {
		return t.about(remote, errNoMode)
	}
	isDir, err := t.isRealDir(ctx, remote)
	if err != nil {
		return t.about(remote, err)
	}
	if !isDir {
		return t.chmodTop(ctx, remote, c)
	}
	if !c.Recursive {
		return t.chmodEntry(ctx, remote, c.Dir, &t.sum.Dirs)
	}
	w := chmodWalk{t: t, c: c}
	return w.folder(ctx, remote, 1, nil)
}

// chmodTop changes what is no folder, unless it is a link.
func (t *task) chmodTop(ctx context.Context, remote string, c ChmodOptions) error {
	kind := listing.File
	above, name := splitRemote(path.Clean(remote))
	var l *listing.Listing
	err := t.simply(ctx, func(ctx context.Context) (err error) {
		l, err = t.r.List(ctx, above)
		return err
	})
	switch {
	case err == nil:
		for _, e := range l.Entries {
			if e.Name == name {
				kind = e.Type
			}
		}
	case ctx.Err() != nil || !isRefusal(err):
		return t.about(remote, err)
	}
	if kind != listing.File {
		t.leaveOut(remote, kind)
		return nil
	}
	return t.chmodEntry(ctx, remote, c.File, &t.sum.Files)
}

// leaveOut notes an entry whose bits are not changed.
func (t *task) leaveOut(remote string, kind listing.Type) {
	t.sum.Skipped++
	if kind == listing.Link {
		t.note(remote, "link, left out")
	} else {
		t.note(remote, "neither file nor folder, left out")
	}
}

// chmodEntry changes one entry and counts it. It returns only what ends
// everything.
func (t *task) chmodEntry(ctx context.Context, remote string, mode *uint32, count *int) error {
	if mode == nil {
		return nil
	}
	t.rep.begin(remote, "", 0)
	err := t.simply(ctx, func(ctx context.Context) error { return t.chmod(ctx, remote, *mode) })
	if err == nil {
		*count++
		t.rep.end(0)
		return nil
	}
	t.rep.end(-1)
	t.fail(remote, err)
	if t.hopeless(ctx, err) || errors.Is(err, client.ErrUnsupported) {
		return err
	}
	return nil
}

// A chmodWalk goes through a tree and lists a folder only when it comes to it.
type chmodWalk struct {
	t       *task
	c       ChmodOptions
	entries int
}

// folder changes all that is in a folder, then the folder. above holds the marks
// of the folders that it is in.
func (w *chmodWalk) folder(ctx context.Context, remote string, depth int, above []mark) error {
	t := w.t
	if depth > t.opt.MaxDepth {
		t.fail(remote, t.about(remote, &LimitError{What: "levels", Limit: t.opt.MaxDepth}))
		return nil
	}
	l, unsure, err := w.list(ctx, remote)
	if err != nil {
		err = t.about(remote, err)
		t.fail(remote, err)
		if t.hopeless(ctx, err) || depth == 1 {
			return err
		}
		return nil
	}
	if w.entries += len(l.Entries); w.entries > t.opt.MaxEntries {
		return t.about(remote, &LimitError{What: "entries", Limit: t.opt.MaxEntries})
	}
	here, hasFiles := markOf(l)
	if n := len(above); n >= 2 && hasFiles && above[n-1] == here && above[n-2] == here {
		t.note(remote, "folder that contains itself, left out")
		t.sum.Skipped++
		return nil
	}
	above = append(above[:len(above):len(above)], here)
	for _, e := range l.Entries {
		at := JoinRemote(remote, e.Name)
		if err = client.CleanName(e.Name); err != nil {
			t.fail(at, t.about(at, err))
			continue
		}
		switch {
		case unsure[e.Name]:
			t.fail(at, t.about(at, errUnsure))
		case e.Type == listing.Dir:
			err = w.folder(ctx, at, depth+1, above)
		case w.c.modeOf(e.Type) == nil && e.Type != listing.File:
			t.leaveOut(at, e.Type)
		default:
			err = t.chmodEntry(ctx, at, w.c.modeOf(e.Type), &t.sum.Files)
		}
		if err != nil {
			return err
		}
	}
	return t.chmodEntry(ctx, remote, w.c.Dir, &t.sum.Dirs)
}

// list lists a folder with its links as links.
func (w *chmodWalk) list(ctx context.Context, remote string) (l *listing.Listing, unsure map[string]bool, err error) {
	t := w.t
	t.rep.p.Remote = remote
	t.rep.emit(false)
	err = t.simply(ctx, func(ctx context.Context) (err error) {
		l, err = t.r.List(ctx, remote)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if n := len(l.Unread); n > 0 {
		t.note(remote, "some lines of the listing could not be understood")
	}
	unsure, err = t.unmaskLinks(ctx, remote, l)
	return l, unsure, err
}
