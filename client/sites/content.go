package sites

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// A Content is what a Book holds, in the order of its tree: in each folder first the
// folders in it, then its sites.
type Content struct {
	Folders [][]string // all of them, empty ones too; a folder stands before those in it
	Sites   []Site
	Notes   []string // what people should know of the file, such as a misspelt field; with line numbers
}

// ByID returns the site with the ID.
func (c Content) ByID(id string) (Site, bool) {
	for _, s := range c.Sites {
		if s.ID == id {
			return s, true
		}
	}
	return Site{}, false
}

// Find returns the sites that name may mean, ignoring case: those of that Path,
// "Folder/Name", and those of that Name in any folder; else the one with that ID.
// More than one: the name is ambiguous. With a slash in front it is a Path only, so
// that "/Name" is the site outside of all folders.
func (c Content) Find(name string) []Site {
	key := fold(name)
	path, only := strings.CutPrefix(key, "/")
	var found []Site
	for _, s := range c.Sites {
		if fold(s.Path()) == path || !only && fold(s.Name) == key {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		if s, ok := c.ByID(key); ok {
			found = append(found, s)
		}
	}
	return found
}

// fold is the form of a name in which names are compared.
func fold(name string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(name)))
}

// foldPath is fold of a folder's path, as a key.
func foldPath(path []string) string {
	var b strings.Builder
	for _, p := range path {
		b.WriteString(fold(p))
		b.WriteByte(0) // no name holds one
	}
	return b.String()
}

// clone returns a copy of s that shares nothing with it.
func (s Site) clone() Site {
	s.Folder = slices.Clone(s.Folder)
	s.AfterLogin = slices.Clone(s.AfterLogin)
	s.Bookmarks = slices.Clone(s.Bookmarks)
	return s
}
