package state

import (
	"slices"
	"strings"

	"portside/client/sites"
)

// A SiteRow is one line of the tree of sites: a folder, or a site in it.
type SiteRow struct {
	ID     string   // of a site; "" for a folder
	Folder []string // a folder's own path, or that of the folder that a site is in
	Depth  int
	Name   string
	Detail string // beside the name: a site's host where that is something else, or how many are in a closed folder
	Colour string // of the site; "": none
	Open   bool   // the contents of the folder are shown below it
	Count  int    // sites in the folder and below
	Marked bool   // something in the site has to be mended
}

// IsFolder reports whether the row is a folder.
func (r SiteRow) IsFolder() bool { return r.ID == "" }

// key tells rows apart.
func (r SiteRow) key() string {
	if r.IsFolder() {
		return "/" + folderKey(r.Folder)
	}
	return r.ID
}

// folderKey is a path as one string. Names are compared ignoring case, as the
// book does.
func folderKey(path []string) string { return strings.ToLower(strings.Join(path, "\x00")) }

// SamePlace reports whether two paths mean one folder.
func SamePlace(a, b []string) bool { return folderKey(a) == folderKey(b) }

// insideFolder reports whether path is dir or below it.
func insideFolder(path, dir []string) bool {
	return len(path) >= len(dir) && SamePlace(path[:len(dir)], dir)
}

// A SiteTree is the tree of sites as rows one below the other: what is open,
// what a search lets through, and which row is chosen.
type SiteTree struct {
	content sites.Content
	search  string
	closed  map[string]bool
	marked  map[string]bool
	rows    []SiteRow
	chosen  string // key of a row; "": none
	matches int
}

// NewSiteTree returns an empty tree.
func NewSiteTree() *SiteTree {
	return &SiteTree{closed: map[string]bool{}, marked: map[string]bool{}}
}

// Set shows other content. What was open and chosen stays so where it is there.
func (t *SiteTree) Set(c sites.Content) {
	t.content = c
	t.build()
}

// Content returns what is shown.
func (t *SiteTree) Content() sites.Content { return t.content }

// Mark marks sites in which something has to be mended, and no others.
func (t *SiteTree) Mark(ids map[string]bool) {
	t.marked = ids
	t.build()
}

// Search shows only the sites in whose name, host, user, folder or notes every
// word of text is found, and the folders above them.
func (t *SiteTree) Search(text string) {
	t.search = strings.ToLower(strings.TrimSpace(text))
	t.build()
}

// Searching reports whether something is searched for.
func (t *SiteTree) Searching() bool { return t.search != "" }

// Matches is how many sites are shown or in closed folders.
func (t *SiteTree) Matches() int { return t.matches }

// Len is the number of rows.
func (t *SiteTree) Len() int { return len(t.rows) }

// Row returns a row.
func (t *SiteTree) Row(i int) SiteRow { return t.rows[i] }

// MatchesSite reports whether every word of search, in lower case, is found in
// what a person knows a site by.
func MatchesSite(s sites.Site, search string) bool {
	text := strings.ToLower(strings.Join([]string{s.Name, s.Host, s.User, strings.Join(s.Folder, " "), s.Notes}, "\n"))
	for word := range strings.FieldsSeq(search) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// siteNode is a folder while rows are built.
type siteNode struct {
	path    []string
	folders []*siteNode
	sites   []sites.Site
	count   int // sites in it and below
}

// nodes turns the flat content into a tree.
func (t *SiteTree) nodes() *siteNode {
	root := &siteNode{}
	known := map[string]*siteNode{"": root}
	var folder func(path []string) *siteNode
	folder = func(path []string) *siteNode {
		if n := known[folderKey(path)]; n != nil {
			return n
		}
		n := &siteNode{path: slices.Clone(path)}
		known[folderKey(path)] = n
		up := folder(path[:len(path)-1])
		up.folders = append(up.folders, n)
		return n
	}
	for _, path := range t.content.Folders {
		if len(path) > 0 {
			folder(path)
		}
	}
	for _, s := range t.content.Sites {
		n := folder(s.Folder)
		if t.search != "" && !MatchesSite(s, t.search) {
			continue
		}
		n.sites = append(n.sites, s)
		for i := range len(s.Folder) + 1 {
			known[folderKey(s.Folder[:i])].count++
		}
	}
	return root
}

func (t *SiteTree) build() {
	root := t.nodes()
	t.rows, t.matches = nil, root.count
	t.add(root, 0)
}

// add appends the rows of what is in n: folders first.
func (t *SiteTree) add(n *siteNode, depth int) {
	for _, f := range n.folders {
		if t.search != "" && f.count == 0 && !strings.Contains(strings.ToLower(f.path[len(f.path)-1]), t.search) {
			continue
		}
		open := t.search != "" || !t.closed[folderKey(f.path)]
		row := SiteRow{Folder: f.path, Depth: depth, Name: f.path[len(f.path)-1], Open: open, Count: f.count}
		if !open {
			row.Detail = Count(int64(f.count))
			row.Marked = t.marksBelow(f)
		}
		t.rows = append(t.rows, row)
		if open {
			t.add(f, depth+1)
		}
	}
	for _, s := range n.sites {
		row := SiteRow{ID: s.ID, Folder: s.Folder, Depth: depth, Name: s.Name, Colour: s.Colour, Marked: t.marked[s.ID]}
		if !strings.EqualFold(s.Host, s.Name) {
			row.Detail = s.Host
		}
		t.rows = append(t.rows, row)
	}
}

func (t *SiteTree) marksBelow(n *siteNode) bool {
	for _, s := range n.sites {
		if t.marked[s.ID] {
			return true
		}
	}
	return slices.ContainsFunc(n.folders, t.marksBelow)
}

// Chosen returns the place of the chosen row, -1 where none is or it is not
// shown.
func (t *SiteTree) Chosen() int {
	if t.chosen == "" {
		return -1
	}
	return slices.IndexFunc(t.rows, func(r SiteRow) bool { return r.key() == t.chosen })
}

// Choose chooses the row at a place; -1 chooses none.
func (t *SiteTree) Choose(i int) {
	t.chosen = ""
	if i >= 0 && i < len(t.rows) {
		t.chosen = t.rows[i].key()
	}
}

// ChooseSite chooses a site and opens the folders above it. It reports whether
// the site is shown.
func (t *SiteTree) ChooseSite(id string) bool {
	s, ok := t.content.ByID(id)
	if !ok {
		return false
	}
	t.chosen = id
	t.reveal(s.Folder)
	return t.Chosen() >= 0
}

// ChooseFolder chooses a folder and opens those above it.
func (t *SiteTree) ChooseFolder(path []string) bool {
	if len(path) == 0 {
		t.chosen = ""
		return false
	}
	t.chosen = SiteRow{Folder: path}.key()
	t.reveal(path[:len(path)-1])
	return t.Chosen() >= 0
}

// reveal opens a folder and those above it.
func (t *SiteTree) reveal(path []string) {
	for i := range path {
		delete(t.closed, folderKey(path[:i+1]))
	}
	t.build()
}

// SetOpen opens or closes the folder at a place; it reports whether that
// changed anything.
func (t *SiteTree) SetOpen(i int, open bool) bool {
	if i < 0 || i >= len(t.rows) || !t.rows[i].IsFolder() || t.rows[i].Open == open || t.search != "" {
		return false
	}
	if open {
		delete(t.closed, folderKey(t.rows[i].Folder))
	} else {
		t.closed[folderKey(t.rows[i].Folder)] = true
	}
	t.build()
	return true
}

// Parent returns the place of the folder that a row is in, -1 at the top.
func (t *SiteTree) Parent(i int) int {
	if i < 0 || i >= len(t.rows) {
		return -1
	}
	for at := i - 1; at >= 0; at-- {
		if t.rows[at].Depth < t.rows[i].Depth {
			return at
		}
	}
	return -1
}

// Place is the folder into which something new goes: the chosen one, or that of
// the chosen site.
func (t *SiteTree) Place() []string {
	if i := t.Chosen(); i >= 0 {
		return slices.Clone(t.rows[i].Folder)
	}
	return nil
}

// Below returns the sites in a folder and in the folders in it.
func (t *SiteTree) Below(path []string) []sites.Site {
	var out []sites.Site
	for _, s := range t.content.Sites {
		if insideFolder(s.Folder, path) {
			out = append(out, s)
		}
	}
	return out
}

// HasFolder reports whether a folder of that path is there.
func (t *SiteTree) HasFolder(path []string) bool {
	if len(path) == 0 {
		return true
	}
	return slices.ContainsFunc(t.content.Folders, func(f []string) bool { return insideFolder(f, path) }) ||
		slices.ContainsFunc(t.content.Sites, func(s sites.Site) bool { return insideFolder(s.Folder, path) })
}

// NewName returns a name that nothing in a folder has: name, or "name 2" and so
// on. folders says whether it is that of a folder.
func (t *SiteTree) NewName(in []string, name string, folders bool) string {
	taken := func(n string) bool {
		if folders {
			return t.HasFolder(append(slices.Clone(in), n))
		}
		return slices.ContainsFunc(t.content.Sites, func(s sites.Site) bool {
			return SamePlace(s.Folder, in) && strings.EqualFold(s.Name, n)
		})
	}
	out := name
	for i := 2; taken(out); i++ {
		out = name + " " + Count(int64(i))
	}
	return out
}

// After returns the ID of the site behind another one in its folder, "" where it
// is the last.
func (t *SiteTree) After(id string) string {
	s, ok := t.content.ByID(id)
	if !ok {
		return ""
	}
	found := false
	for _, o := range t.content.Sites {
		switch {
		case o.ID == id:
			found = true
		case found && SamePlace(o.Folder, s.Folder):
			return o.ID
		}
	}
	return ""
}

// Before returns the ID of the site in front of another one in its folder, ""
// where it is the first.
func (t *SiteTree) Before(id string) string {
	s, ok := t.content.ByID(id)
	if !ok {
		return ""
	}
	last := ""
	for _, o := range t.content.Sites {
		if o.ID == id {
			return last
		}
		if SamePlace(o.Folder, s.Folder) {
			last = o.ID
		}
	}
	return ""
}
