package queue

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"portside/client"
	"portside/client/listing"
	"portside/transfers"
	"portside/transfers/queue/store"
)

// scan does one folder: makes it on the other side, and returns what is in it as
// entries of their own.
func (w *worker) scan(e *entry, more bool) result {
	if depth := int(e.row.Mode); depth > w.q.opt.MaxDepth {
		return result{err: &transfers.LimitError{What: "levels", Limit: w.q.opt.MaxDepth}}
	}
	switch e.kind() {
	case Upload:
		return w.scanLocal(e)
	default:
		return w.scanRemote(e, more)
	}
}

// An aheadLister lists while the next data connection is prepared.
type aheadLister interface {
	ListWith(ctx context.Context, path string, opt client.ListOptions) (*listing.Listing, error)
}

// list lists a remote folder. ahead says that another command with a data
// connection follows.
func list(ctx context.Context, r transfers.Remote, path string, ahead bool) (*listing.Listing, error) {
	if a, ok := r.(aheadLister); ok && ahead {
		return a.ListWith(ctx, path, client.ListOptions{More: true})
	}
	return r.List(ctx, path)
}

// scanRemote lists a folder of the server.
func (w *worker) scanRemote(e *entry, more bool) result {
	row := &e.row
	remote := string(row.Remote)
	l, err := list(e.ctx, w.sess, remote, true)
	if err != nil {
		return result{err: fmt.Errorf("list %s: %w", client.Printable(w.sess.Text(remote)), err)}
	}
	if row.Parent == 0 && mayBeFile(remote, l) {
		if err = transfers.CheckDir(e.ctx, w.sess, remote); err != nil {
			return result{err: err}
		}
	}
	marks, cyclic := extendMarks(e.marks(), l)
	if cyclic {
		return result{state: Skipped, size: -1, note: "folder that contains itself, not followed"}
	}
	c := children{e: e, marks: marks, follow: w.q.opt.FollowLinks}
	if row.Kind == uint8(Copy) {
		err = w.copyTarget(e, &c)
	} else {
		err = c.localTarget(w.sess)
	}
	if err != nil {
		return result{err: err}
	}
	for _, entry := range l.Entries {
		c.add(w.sess, entry)
	}
	if n := len(l.Unread); n > 0 {
		c.say(client.Counted(n, "line", "lines") + " of the listing could not be understood")
	}
	if c.special > 0 {
		c.say(client.Counted(c.special, "entry that is", "entries that are") + " neither file nor folder left out")
	}
	return result{state: Done, size: -1, note: c.note, children: c.rows}
}

// mayBeFile reports a listing that servers also give of a file: nothing, or itself.
func mayBeFile(remote string, l *listing.Listing) bool {
	_, name := splitRemote(strings.TrimRight(remote, "/"))
	return len(l.Entries) == 0 || len(l.Entries) == 1 && path.Base(l.Entries[0].Name) == name
}

// voidLevels is how many folders without files, each the same as the one around
// it, count as one that contains itself.
const voidLevels = 6

// extendMarks adds the mark of a listing to those of the two folders above it, and
// reports a folder that contains itself: twice in a row the same, with files in it,
// or voidLevels times without. The marks end in the number of equal ones in a row.
func extendMarks(above []byte, l *listing.Listing) (marks []byte, cyclic bool) {
	here, hasFiles := transfers.MarkOf(l)
	n := len(here)
	row := byte(0)
	if len(above)%n == 1 {
		row, above = above[len(above)-1], above[:len(above)-1]
	}
	if len(above) >= n && bytes.Equal(above[len(above)-n:], here[:]) {
		row++
	} else {
		row = 0
	}
	if row >= 2 && hasFiles || row >= voidLevels && len(l.Entries) > 0 {
		return nil, true
	}
	if len(above) == 2*n {
		above = above[n:]
	}
	return append(append(slices.Clone(above), here[:]...), row), false
}

// children collects the entries of a folder of the server.
type children struct {
	e       *entry
	marks   []byte
	follow  bool
	rows    []store.Row
	note    string
	special int
	name    func(raw string) (name, note string, err error)
	to      transfers.Namer // of Copy: the other server
}

func (c *children) say(s string) {
	if c.note != "" {
		c.note += "; "
	}
	c.note += s
}

// localTarget makes the local folder.
func (c *children) localTarget(r transfers.Remote) error {
	row := &c.e.row
	if err := os.MkdirAll(row.Root, 0o777); err != nil {
		return localError("create", row.Root, err)
	}
	root, err := os.OpenRoot(row.Root)
	if err != nil {
		return localError("open", row.Root, err)
	}
	defer func() { _ = root.Close() }()
	if row.Local != "." {
		if err = root.MkdirAll(row.Local, 0o777); err != nil {
			return localError("create", localPath(row), err)
		}
	}
	names := transfers.NewLocalNames(r, localPath(row))
	c.name = names.Take
	return nil
}

// add makes a row of one entry.
func (c *children) add(r transfers.Namer, le listing.Entry) {
	parent := &c.e.row
	row := child(parent)
	row.Remote = []byte(transfers.JoinRemote(string(parent.Remote), le.Name))
	row.Size, row.ModTime, row.Precise = le.Size, le.ModTime, le.Precise
	switch le.Type {
	case listing.Dir:
		row.Dir, row.Size, row.Mode, row.SettledName = true, 0, parent.Mode+1, c.marks
	case listing.Link:
		row.Flags |= flagLink
		row.Size, row.Mode, row.SettledName = listing.UnknownSize, parent.Mode+1, c.marks
	case listing.File:
	default:
		c.special++
		return
	}
	note, err := c.target(r, le.Name, &row)
	if err != nil {
		row.State, row.Ended = uint8(Failed), c.e.gauge.started
		row.Reason = writeReason(reasonOf(err), "")
	} else {
		row.Reason = writeReason(Reason{}, note)
	}
	c.rows = append(c.rows, row)
}

// target fills in where an entry goes.
func (c *children) target(r transfers.Namer, raw string, row *store.Row) (note string, err error) {
	if err = client.CleanName(raw); err != nil {
		return "", fmt.Errorf("%s: %w", client.Printable(r.Text(raw)), err)
	}
	parent := &c.e.row
	if c.to != nil {
		name, terr := c.to.Encode(r.Text(raw))
		if terr == nil {
			terr = client.CleanName(name)
		}
		if terr != nil {
			return "", fmt.Errorf("%s: %w", client.Printable(r.Text(raw)), terr)
		}
		row.ToRemote = []byte(transfers.JoinRemote(string(parent.ToRemote), name))
		return "", nil
	}
	name, note, err := c.name(raw)
	if err != nil {
		return "", err
	}
	row.Local = filepath.Join(parent.Local, name)
	return note, nil
}

// child returns the row of something in a folder, all but its names.
func child(parent *store.Row) store.Row {
	return store.Row{
		Parent: parent.ID, Job: parent.Job, Site: parent.Site, ToSite: parent.ToSite, Kind: parent.Kind,
		Root: parent.Root, Rule: parent.Rule, Flags: parent.Flags &^ flagLink, Priority: parent.Priority, Pos: parent.Pos,
		Added: parent.Added,
	}
}

// resolve finds out what a link leads to. over says that the entry is at its
// end, or goes on as a folder.
func (w *worker) resolve(e *entry) (res result, to *listing.Entry, over bool) {
	found, err := transfers.ResolveLink(e.ctx, w.sess, string(e.row.Remote), "")
	if err != nil {
		return result{err: err}, nil, true
	}
	skip := func(note string) (result, *listing.Entry, bool) {
		return result{state: Skipped, size: -1, note: note}, nil, true
	}
	switch {
	case found.Type == listing.File:
		return result{}, &found, false
	case found.Type == listing.Dir && w.q.opt.FollowLinks:
		row := child(&e.row)
		row.Dir, row.Remote, row.Local, row.Root = true, e.row.Remote, e.row.Local, e.row.Root
		row.ToRemote, row.Mode, row.SettledName = e.row.ToRemote, e.row.Mode, e.row.SettledName
		return result{state: Done, size: -1, note: "link to a folder, followed", children: []store.Row{row}}, nil, true
	case found.Type == listing.Dir:
		return skip("link to a folder, not followed")
	case found.Type == listing.Link:
		return skip("link that leads nowhere, left out")
	default:
		return skip("link that leads to neither file nor folder, left out")
	}
}

// localError makes the package transfers' error of what the os package returned.
func localError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return transfers.LocalTrouble(op, path, err)
}

// scanLocal makes a folder on the server and reads the local one.
func (w *worker) scanLocal(e *entry) result {
	row := &e.row
	remote := string(row.Remote)
	dir := localPath(row)
	fi, err := os.Stat(dir)
	if err != nil {
		return result{err: localError("open", dir, err)}
	}
	if !fi.IsDir() {
		return result{err: &transfers.LocalError{Kind: transfers.LocalNotDir, Op: "open", Path: dir, Err: transfers.ErrNotDir}}
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return result{err: localError("read", dir, err)}
	}
	fresh, err := transfers.MakeDir(e.ctx, w.sess, remote)
	if err != nil {
		return result{err: err}
	}
	if fresh {
		w.q.known.put(row.ID, nil)
	} else if transfers.Exists(row.Rule) != transfers.Overwrite && len(found) > 0 {
		if l, lerr := list(e.ctx, w.sess, remote, true); lerr == nil {
			w.q.known.put(row.ID, l)
		} else if transfers.Judge(lerr).SessionLost || e.ctx.Err() != nil {
			return result{err: lerr}
		} // else each file is asked for on its own
	}
	u := uploads{e: e, r: w.sess, follow: w.q.opt.FollowLinks}
	for _, d := range found {
		if e.ctx.Err() != nil {
			return result{err: context.Cause(e.ctx)}
		}
		u.add(dir, d)
	}
	return result{state: Done, size: -1, note: u.note(), children: u.rows}
}

// uploads collects the entries of a local folder.
type uploads struct {
	e       *entry
	r       transfers.Remote
	follow  bool
	rows    []store.Row
	skipped map[string]int
}

func (u *uploads) skip(why string) {
	if u.skipped == nil {
		u.skipped = make(map[string]int)
	}
	u.skipped[why]++
}

// note says what was left out.
func (u *uploads) note() string {
	var parts []string
	for why, n := range u.skipped {
		parts = append(parts, fmt.Sprintf("%d left out: %s", n, why))
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// add makes a row of one entry.
func (u *uploads) add(dir string, d os.DirEntry) {
	parent := &u.e.row
	at := filepath.Join(dir, d.Name())
	isLink := d.Type()&os.ModeSymlink != 0
	fi, err := os.Stat(at)
	row := child(parent)
	row.Local = filepath.Join(parent.Local, d.Name())
	switch {
	case err != nil && isLink:
		u.skip("link that leads nowhere")
		return
	case err != nil:
	case fi.IsDir() && isLink && !u.follow:
		u.skip("link to a folder, not followed")
		return
	case fi.IsDir() && isLink && leadsUp(at):
		u.skip("link to a folder that it is in")
		return
	case fi.IsDir():
		row.Dir, row.Mode = true, parent.Mode+1
	case !fi.Mode().IsRegular():
		u.skip("neither file nor folder")
		return
	case transfers.IsPartName(d.Name()):
		u.skip("unfinished download")
		return
	default:
		row.Size, row.ModTime, row.Precise = fi.Size(), fi.ModTime(), true
	}
	var raw string
	if err == nil {
		raw, err = transfers.RemoteName(u.r, d.Name())
		row.Remote = []byte(transfers.JoinRemote(string(parent.Remote), raw))
	} else {
		err = localError("open", at, err)
	}
	if err != nil {
		row.State, row.Ended = uint8(Failed), u.e.gauge.started
		row.Reason = writeReason(reasonOf(err), "")
		if len(row.Remote) == 0 {
			row.Remote = []byte(transfers.JoinRemote(string(parent.Remote), d.Name()))
		}
	}
	u.rows = append(u.rows, row)
}

// leadsUp reports a link to a folder that it is in itself.
func leadsUp(at string) bool {
	to, err := filepath.EvalSymlinks(at)
	if err != nil {
		return true
	}
	here, err := filepath.EvalSymlinks(filepath.Dir(at))
	if err != nil {
		return true
	}
	rel, err := filepath.Rel(to, here)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
