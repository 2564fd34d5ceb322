package transfers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"portside/client"
	"portside/client/listing"
)

// A mirrorItem is one entry of a folder, on one side.
type mirrorItem struct {
	key  string // by which the sides find each other: the name on the target's side
	text string // name for people
	name string // local
	raw  string // remote
	kind listing.Type
	size int64 // -1: not known
	time time.Time
	unit time.Duration // precision of time
	info fs.FileInfo   // local side
	err  error         // the name is not to be used
	bad  bool          // nor could it be the name of anything

	unsure bool // a remote folder that may be a link
}

// entry makes of a remote item what the transfers take.
func (i *mirrorItem) entry() *listing.Entry {
	return &listing.Entry{Name: i.raw, Type: i.kind, Size: i.size, ModTime: i.time, Precise: i.unit <= time.Second}
}

// A mirrorFolder is what is in a folder, on one side.
type mirrorFolder struct {
	items []*mirrorItem
	byKey map[string]*mirrorItem
	holes string // why something may be missing; empty: it is complete
}

func newMirrorFolder() *mirrorFolder { return &mirrorFolder{byKey: make(map[string]*mirrorItem)} }

func (f *mirrorFolder) add(i *mirrorItem) {
	f.items = append(f.items, i)
	if i.err != nil {
		return
	}
	if first := f.byKey[i.key]; first != nil {
		i.err = &LocalError{
			Kind: LocalClash, Op: "create", Path: i.name,
			Err: fmt.Errorf("%q has the same name there", client.Printable(first.text)),
		}
		return
	}
	f.byKey[i.key] = i
}

// A mirrorPlace is a folder that is, or will be, on both sides.
type mirrorPlace struct {
	rel    string // with slashes, as text; of the roots empty
	local  string // below the local root; of the root "."
	remote string // raw
	depth  int
	above  []mark // of the remote folders that it is in
	unsure bool   // it may be, or be in, a link on the server
}

func (p mirrorPlace) down(i *mirrorItem) mirrorPlace {
	return mirrorPlace{
		rel: joinRel(p.rel, i.text), local: filepath.Join(p.local, i.name),
		remote: JoinRemote(p.remote, i.raw), depth: p.depth + 1, above: p.above,
		unsure: p.unsure || i.unsure,
	}
}

// shown is the path for people.
func (p mirrorPlace) shown() string {
	if p.rel == "" {
		return "."
	}
	return p.rel
}

func joinRel(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// listRemote lists a remote folder. place gets the mark of the listing.
func (m *mirrorPlanner) listRemote(ctx context.Context, place *mirrorPlace) (*mirrorFolder, error) {
	t := m.task
	if place.depth > t.opt.MaxDepth {
		return nil, &LimitError{What: "levels", Limit: t.opt.MaxDepth}
	}
	t.rep.p.Remote = place.remote
	t.rep.emit(false)
	var l *listing.Listing
	err := t.simply(ctx, func(ctx context.Context) (err error) {
		l, err = t.r.List(ctx, place.remote)
		return err
	})
	if err != nil {
		return nil, err
	}
	if m.entries += len(l.Entries); m.entries > t.opt.MaxEntries {
		return nil, &LimitError{What: "entries", Limit: t.opt.MaxEntries}
	}
	f := newMirrorFolder()
	f.holes = m.holesIn(l)
	here, hasFiles := markOf(l)
	if n := len(place.above); n >= 2 && hasFiles && place.above[n-1] == here && place.above[n-2] == here {
		return nil, errSelfContained
	}
	place.above = append(slices.Clip(place.above), here)
	unsure, err := m.findLinks(ctx, place.remote, l)
	if err != nil {
		return nil, err
	}
	for _, e := range l.Entries {
		i := m.remoteItem(e)
		i.unsure = unsure[e.Name]
		if i.bad && f.holes == "" {
			f.holes = "the listing holds names that no file can have"
		}
		f.add(i)
	}
	return f, nil
}

// findLinks is unmaskLinks where something may be deleted on the server.
func (m *mirrorPlanner) findLinks(ctx context.Context, remote string, l *listing.Listing) (unsure map[string]bool, err error) {
	if !m.opt.Upload || !m.opt.Delete {
		return nil, nil
	}
	return m.task.unmaskLinks(ctx, remote, l)
}

var errSelfContained = errors.New("the folder contains itself")

// holesIn says why a listing may lack something.
func (m *mirrorPlanner) holesIn(l *listing.Listing) string {
	framed := l.Self > 0 || l.Skipped > 0
	m.framed = m.framed || framed
	switch {
	case len(l.Unread) > 0:
		return client.Counted(len(l.Unread), "line", "lines") + " of the listing could not be understood"
	case l.Unended:
		return "the last line of the listing is cut"
	case l.Lines == 0 && len(l.Entries) == 0 && m.framed:
		// Servers that may not read a folder list nothing at all and call it done.
		return "the listing is void, where the server otherwise lists at least the folder itself"
	}
	return ""
}

// remoteItem makes an item of what a server has listed.
func (m *mirrorPlanner) remoteItem(e listing.Entry) *mirrorItem {
	r := m.task.r
	i := &mirrorItem{raw: e.Name, text: r.Text(e.Name), kind: e.Type, size: e.Size, time: e.ModTime, unit: unitOf(e)}
	i.text = strings.ReplaceAll(i.text, "/", "\u2215") // of a name that is refused, so that it looks like one
	i.bad = client.CleanName(e.Name) != nil
	// Names are mapped on the way down only: what came from elsewhere under such
	// a name is no copy of it.
	if i.name, i.err = LocalName(r, e.Name); m.opt.Upload || isPartName(i.text) {
		i.name, i.err = ownName(r, e.Name)
	}
	i.key = i.name
	if m.opt.Upload {
		i.key = e.Name
	}
	return i
}

// unitOf says how exact the time of an entry is. A plain listing has days, or
// years, for old files.
func unitOf(e listing.Entry) time.Duration {
	switch {
	case e.Precise:
		return time.Second
	case e.ModTime.Hour() == 0 && e.ModTime.Minute() == 0 && e.ModTime.Second() == 0:
		return 24 * time.Hour
	case e.ModTime.Second() == 0:
		return time.Minute
	default:
		return time.Second
	}
}

// listLocal lists a local folder.
func (m *mirrorPlanner) listLocal(ctx context.Context, place mirrorPlace) (*mirrorFolder, error) {
	t := m.task
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	if place.depth > t.opt.MaxDepth {
		return nil, &LimitError{What: "levels", Limit: t.opt.MaxDepth}
	}
	at := filepath.Join(m.plan.local, place.local)
	t.rep.p.Local = at
	t.rep.emit(false)
	d, err := m.root.Open(place.local)
	if err != nil {
		return nil, localErr("open", at, err)
	}
	defer func() { _ = d.Close() }()
	entries, err := d.ReadDir(-1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, localErr("read", at, err)
	}
	if m.entries += len(entries); m.entries > t.opt.MaxEntries {
		return nil, &LimitError{What: "entries", Limit: t.opt.MaxEntries}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	f := newMirrorFolder()
	for _, e := range entries {
		fi, err := m.root.Lstat(filepath.Join(place.local, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			f.holes = "the folder changes while it is read"
			continue
		}
		if err != nil {
			return nil, localErr("read", filepath.Join(at, e.Name()), err)
		}
		f.add(m.localItem(fi))
	}
	return f, nil
}

// localItem makes an item of a local entry.
func (m *mirrorPlanner) localItem(fi os.FileInfo) *mirrorItem {
	i := &mirrorItem{
		name: fi.Name(), key: fi.Name(), text: strings.ToValidUTF8(fi.Name(), "\ufffd"), size: fi.Size(),
		time: fi.ModTime(), unit: time.Second, info: fi, kind: listing.Other,
	}
	switch {
	case fi.Mode().IsRegular():
		i.kind = listing.File
	case fi.IsDir():
		i.kind = listing.Dir
	case fi.Mode()&fs.ModeSymlink != 0:
		i.kind = listing.Link
	}
	i.raw, i.err = RemoteName(m.task.r, i.name)
	if m.opt.Upload {
		i.key = i.raw
	} else {
		i.err = nil // what is there is there
	}
	return i
}
