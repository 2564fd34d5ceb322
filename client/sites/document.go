package sites

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"portside/client/keep"
)

// version is that of the file's format.
const version = 1

// A format is a version of the file, and how older ones are brought to it.
type format struct {
	version int
	// steps[n] turns a document of version n into one of version n+1.
	steps map[int]func(map[string]json.RawMessage) error
}

// current is the format that this program writes.
func current() format {
	return format{version: version} // the first one: there is nothing older
}

// A document is what the file says. It is never changed, but replaced.
type document struct {
	folders [][]string // in the order of the tree
	entries []entry    // in the order of the tree
	extra   extras
	notes   []string
}

// An entry is a site with what the file says of it that this version does not know.
type entry struct {
	Site
	extra     extras
	proxy     extras
	bookmarks map[string]extras // by name
}

// extras are members that this version does not know. They are kept.
type extras map[string]json.RawMessage

// parse reads a file. Where only some sites are wrong the document holds the others,
// and the error names the wrong ones; else it is nil.
func (f format) parse(path string, data []byte) (*document, error) {
	src := newSource(path, data)
	if fault := src.text(); fault != nil {
		return nil, fault
	}
	doc, err := f.document(src)
	if err != nil {
		return nil, err
	}
	doc.arrange()
	doc.notes = src.notes
	return doc, src.err()
}

func (f format) document(src *source) (*document, error) {
	list, err := members(src.data, 0)
	if err != nil {
		return nil, src.fault(0, "", "", "the file must be an object: { \"version\": %d, \"sites\": [ … ] }", f.version)
	}
	if src, list, err = f.migrated(src, list); err != nil {
		return nil, err
	}
	doc := &document{extra: extras{}}
	var sites, folders *member
	seen := map[string]bool{}
	for i, m := range list {
		if seen[m.name] {
			return nil, src.fault(m.at, "", m.name, "this stands in the file twice; make one of them")
		}
		seen[m.name] = true
		switch m.name {
		case "version":
		case "folders":
			folders = &list[i]
		case "sites":
			sites = &list[i]
		default:
			src.unknown(doc.extra, "", m, []string{"version", "folders", "sites"})
		}
	}
	if folders != nil && !isNull(folders.value) {
		src.folders(doc, *folders)
	}
	if sites != nil && !isNull(sites.value) {
		src.sites(doc, *sites)
	}
	return doc, nil
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// migrated brings an older document to the version of f.
func (f format) migrated(src *source, list []member) (*source, []member, error) {
	at := slices.IndexFunc(list, func(m member) bool { return m.name == "version" })
	if at < 0 {
		return nil, nil, src.fault(-1, "", "version", "the file does not say its version; write \"version\": %d at its top", f.version)
	}
	var n int
	if err := json.Unmarshal(list[at].value, &n); err != nil || n < 0 {
		return nil, nil, src.fault(list[at].from, "", "version", "the version must be a number; this program writes %d", f.version)
	}
	if n > f.version {
		return nil, nil, &keep.NewerError{Path: src.path, Version: n, Known: f.version}
	}
	if n == f.version {
		return src, list, nil
	}
	doc := map[string]json.RawMessage{}
	for _, m := range list {
		doc[m.name] = m.value
	}
	for ; n < f.version; n++ {
		step := f.steps[n]
		if step == nil {
			return nil, nil, src.fault(list[at].from, "", "version", "there has never been a version %d; write %d", n, f.version)
		}
		if err := step(doc); err != nil {
			return nil, nil, src.fault(-1, "", "", "the file is of version %d and cannot be read: %v", n, err)
		}
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, nil, src.fault(-1, "", "", "the file is of an older version and cannot be read: %v", err)
	}
	src.data, src.lines = data, nil // its lines are not those of the file
	list, err = members(data, 0)
	return src, list, err
}

// unknown keeps a member that this version does not know, unless it is a password.
func (src *source) unknown(into extras, site string, m member, known []string) {
	if secretName(m.name) || holdsSecret(m.value) {
		login := "NAME"
		if site != "" {
			login = quoted(shown(site))
		}
		src.note(m.at, shown(site), "passwords do not belong in this file; remove %q and store it with portside-cli login %s", shown(m.name), login)
		return
	}
	into[m.name] = m.value
	if len(src.notes) >= maxProblems {
		return
	}
	if meant := nearest(m.name, known); meant != "" {
		src.note(m.at, shown(site), "%q is not known and does nothing; %q may be meant", shown(m.name), meant)
		return
	}
	src.note(m.at, shown(site), "%q is not known to this version; it does nothing, and stays in the file", shown(m.name))
}

// quoted is name as a word for the shell, where it needs that.
func quoted(name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-") == "" {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

// folders reads the list of folders.
func (src *source) folders(doc *document, m member) {
	list, err := elements(m.value, m.from)
	if err != nil {
		src.add(src.fault(m.from, "", m.name, "%v", err))
		return
	}
	for _, e := range list {
		var path []string
		if err := json.Unmarshal(e.value, &path); err != nil || len(path) == 0 {
			src.add(src.fault(e.from, "", m.name, "a folder is the list of its names from the top, such as [\"Work\", \"Clients\"]"))
			continue
		}
		if problem := (Site{Name: "x", Host: "x", Folder: path}).Check(); len(problem) > 0 {
			src.add(src.fault(e.from, "", m.name, "%s", problem[0].What))
			continue
		}
		doc.folders = append(doc.folders, trimmed(path))
	}
}

func trimmed(path []string) []string {
	out := make([]string, 0, len(path))
	for _, p := range path {
		out = append(out, strings.TrimSpace(p))
	}
	return out
}

// sites reads the list of sites and looks for those that are in each other's way.
func (src *source) sites(doc *document, m member) {
	list, err := elements(m.value, m.from)
	if err != nil {
		src.add(src.fault(m.from, "", m.name, "%v", err))
		return
	}
	type place struct {
		at   int
		path string
	}
	ids, names := map[string]place{}, map[string]place{}
	for _, e := range list {
		one, at := src.site(e)
		if one == nil {
			continue
		}
		path := one.Path()
		key := foldPath(one.Folder) + "\x00" + fold(one.Name)
		if other, taken := names[key]; taken {
			src.add(src.fault(at("name"), path, "name", "line %d has a site of this name in the same folder; give one of them another name", src.line(other.at)))
			continue
		}
		if other, taken := ids[one.ID]; taken && one.ID != "" {
			src.add(src.fault(at("id"), path, "id", "this is also the ID of %q in line %d; remove the \"id\" of the newer one, so that it gets its own", shown(other.path), src.line(other.at)))
			continue
		}
		names[key] = place{at("name"), path}
		if one.ID != "" {
			ids[one.ID] = place{at("id"), path}
		}
		doc.entries = append(doc.entries, *one)
	}
	for i := range doc.entries {
		e := &doc.entries[i]
		for n := 0; e.ID == ""; n++ {
			id := derivedID(e.Site, n)
			if _, taken := ids[id]; !taken {
				e.ID, ids[id] = id, place{}
			}
		}
	}
}

// derivedID is the ID of a site that was written by hand without one. It is the same
// each time until the site is saved with it.
func derivedID(s Site, n int) string {
	h := sha256.New()
	for _, part := range append([]string{"site", string(rune('0' + n)), s.Host, s.User, s.Name}, s.Folder...) {
		h.Write([]byte(fold(part)))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// arrange puts folders and entries in the order of the tree, and gives each folder
// one spelling.
func (d *document) arrange() {
	top := &branch{}
	for _, path := range d.folders {
		top.at(path)
	}
	for _, e := range d.entries {
		b := top.at(e.Folder)
		e.Folder = b.path
		b.entries = append(b.entries, e)
	}
	folders := make([][]string, 0, len(d.folders))
	entries := make([]entry, 0, len(d.entries))
	top.walk(func(b *branch) {
		if len(b.path) > 0 {
			folders = append(folders, b.path)
		}
	}, func(b *branch) { entries = append(entries, b.entries...) })
	d.folders, d.entries = folders, entries
}

// A branch is a folder of the tree.
type branch struct {
	path    []string
	below   []*branch
	byName  map[string]*branch
	entries []entry
}

// at returns the branch at path, below b, and makes what is missing.
func (b *branch) at(path []string) *branch {
	for _, name := range path {
		next := b.byName[fold(name)]
		if next == nil {
			next = &branch{path: append(slices.Clone(b.path), strings.TrimSpace(name))}
			if b.byName == nil {
				b.byName = map[string]*branch{}
			}
			b.byName[fold(name)] = next
			b.below = append(b.below, next)
		}
		b = next
	}
	return b
}

// walk calls before for each folder before those in it, and after behind them.
func (b *branch) walk(before, after func(*branch)) {
	before(b)
	for _, child := range b.below {
		child.walk(before, after)
	}
	after(b)
}

var errNoObject = errors.New("a site is an object: { \"name\": …, \"host\": … }")
