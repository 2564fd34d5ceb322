package state

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"portside/client/sites"
)

// treeOf is a tree of "Folder/Sub/name" sites, whose IDs are their names. What
// ends in a slash is an empty folder.
func treeOf(paths ...string) *SiteTree {
	var c sites.Content
	known := map[string]bool{}
	for _, p := range paths {
		parts := strings.Split(p, "/")
		folder, name := parts[:len(parts)-1], parts[len(parts)-1]
		for i := range folder {
			if key := strings.Join(folder[:i+1], "/"); !known[key] {
				known[key] = true
				c.Folders = append(c.Folders, slices.Clone(folder[:i+1]))
			}
		}
		if name != "" {
			c.Sites = append(c.Sites, sites.Site{ID: name, Name: name, Host: name + ".example.org", Folder: folder})
		}
	}
	t := NewSiteTree()
	t.Set(c)
	return t
}

// drawn writes the rows with their depth: "+" is an open folder, "-" a closed one.
func drawn(t *SiteTree) string {
	var b strings.Builder
	for i := range t.Len() {
		r := t.Row(i)
		sign := ""
		switch {
		case r.IsFolder() && r.Open:
			sign = "+"
		case r.IsFolder():
			sign = "-"
		}
		fmt.Fprintf(&b, "%s%s%s ", strings.Repeat(".", r.Depth), sign, r.Name)
	}
	return strings.TrimSpace(b.String())
}

func TestSiteTreeRows(t *testing.T) {
	tree := treeOf("top", "A/a1", "A/B/b1", "A/a2", "C/")
	if got, want := drawn(tree), "+A .+B ..b1 .a1 .a2 +C top"; got != want {
		t.Errorf("rows %q, want %q", got, want)
	}
	if !tree.SetOpen(0, false) || tree.SetOpen(0, false) {
		t.Error("closing does not report what it does")
	}
	if got, want := drawn(tree), "-A +C top"; got != want {
		t.Errorf("closed: %q, want %q", got, want)
	}
	if r := tree.Row(0); r.Detail != "3" || r.Count != 3 {
		t.Errorf("a closed folder says %+v", r)
	}
	tree.Mark(map[string]bool{"b1": true})
	if !tree.Row(0).Marked {
		t.Error("a mark in a closed folder is not seen")
	}
	if !tree.ChooseSite("b1") || drawn(tree) != "+A .+B ..b1 .a1 .a2 +C top" {
		t.Errorf("a chosen site is not revealed: %q", drawn(tree))
	}
	if got := tree.Parent(tree.Chosen()); tree.Row(got).Name != "B" {
		t.Errorf("the parent of b1 is row %d", got)
	}
}

func TestSiteTreeSearch(t *testing.T) {
	tree := treeOf("A/web", "A/B/mail", "C/other")
	c := tree.Content()
	c.Sites[2].Notes = "third Floor"
	c.Sites[0].User = "anna"
	tree.Set(c)
	tree.SetOpen(0, false)
	for _, tt := range []struct{ search, want string }{
		{"WEB", "+A .web"},
		{"mail.example", "+A .+B ..mail"},
		{"floor third", "+C .other"},
		{"anna", "+A .web"},
		{"nothing", ""},
		{"b", "+A .+B ..mail .web"},
		{" ", "-A +C .other"},
	} {
		tree.Search(tt.search)
		if got := drawn(tree); got != tt.want {
			t.Errorf("search %q shows %q, want %q", tt.search, got, tt.want)
		}
	}
}

func TestSiteTreeDrop(t *testing.T) {
	// rows: 0 A, 1 .B, 2 ..b1, 3 .a1, 4 .a2, 5 C, 6 top, 7 last
	tree := treeOf("top", "last", "A/a1", "A/B/b1", "A/a2", "C/")
	if got := drawn(tree); got != "+A .+B ..b1 .a1 .a2 +C top last" {
		t.Fatalf("rows %q", got)
	}
	for _, tt := range []struct {
		what, from string
		y          float64
		into       string
		before     string
		onto, line int
		ok         bool
	}{
		{"a site onto a folder", "top", 5.5, "C", "", 5, -1, true},
		{"a site onto its own folder is the end of it", "a1", 0.4, "A", "", 0, -1, true},
		{"the last one there already", "a2", 0.4, "A", "", 0, -1, false},
		{"above a site", "top", 3.2, "A", "a1", -1, 3, true},
		{"below a site", "top", 3.8, "A", "a2", -1, 4, true},
		{"below the last of a folder", "top", 4.9, "A", "", -1, 5, true},
		{"where it is", "a1", 3.1, "", "", 0, 0, false},
		{"above the next one, where it is too", "a1", 4.1, "", "", 0, 0, false},
		{"below the next one", "a1", 4.7, "A", "", -1, 5, true},
		{"below everything", "b1", 9, "", "", -1, 8, true},
		{"below everything, where it is", "last", 9, "", "", -1, 8, false},
		{"a folder into another", "B", 5.5, "C", "", 5, -1, true},
		{"a folder to the top", "B", 6.5, "", "", -1, 6, true},
		{"a folder onto itself", "A", 0.5, "", "", 0, 0, false},
		{"a folder into one of its own", "A", 1.5, "", "", 0, 0, false},
		{"a folder onto a site in it", "A", 3.5, "", "", 0, 0, false},
		{"a folder where it is", "B", 3.5, "", "", 0, 0, false},
		{"a folder in front of another", "C", 0.1, "", "A", -1, 0, true},
		{"a folder in front of one in another", "C", 1.1, "A", "B", -1, 1, true},
		{"a folder behind a closed one", "A", 5.9, "", "", -1, 6, true},
		{"a folder behind an open one is into it", "C", 1.9, "A/B", "", 1, -1, true},
		{"a folder out of its own, in front of that", "B", 0.1, "", "A", -1, 0, true},
		{"a folder out of its own, in front of the next", "B", 5.1, "", "C", -1, 5, true},
		{"a folder below everything is the last", "A", 9, "", "", -1, 6, true},
		{"the last folder below everything", "C", 9, "", "", 0, 0, false},
		{"a folder over a site beside it is the last", "A", 6.5, "", "", -1, 6, true},
		{"a folder over a site elsewhere", "C", 3.5, "A", "", -1, 3, true},
		{"a folder in front of itself", "C", 5.1, "", "", 0, 0, false},
		{"a folder in front of the next one, where it is", "A", 5.1, "", "", 0, 0, false},
		{"the last folder behind itself", "C", 5.9, "", "", 0, 0, false},
		{"above the tree", "top", -1, "", "", 0, 0, false},
	} {
		from := -1
		for i := range tree.Len() {
			if tree.Row(i).Name == tt.from {
				from = i
			}
		}
		got, ok := tree.Drop(from, tt.y)
		if ok != tt.ok {
			t.Errorf("%s: ok %v, want %v (%+v)", tt.what, ok, tt.ok, got)
			continue
		}
		if !ok {
			continue
		}
		if strings.Join(got.Into, "/") != tt.into || got.Before != tt.before || got.Onto != tt.onto || got.Line != tt.line {
			t.Errorf("%s: %+v, want into %q before %q onto %d line %d", tt.what, got, tt.into, tt.before, tt.onto, tt.line)
		}
	}
}

func TestSiteTreeNames(t *testing.T) {
	tree := treeOf("A/web", "A/web 2", "web", "A/B/x")
	if got := tree.NewName([]string{"a"}, "Web", false); got != "Web 3" {
		t.Errorf("a new site would be %q", got)
	}
	if got := tree.NewName(nil, "a", true); got != "a 2" {
		t.Errorf("a new folder would be %q", got)
	}
	if got := tree.NewName([]string{"A"}, "C", true); got != "C" {
		t.Errorf("a new folder would be %q", got)
	}
	if n := len(tree.Below([]string{"A"})); n != 3 {
		t.Errorf("%d sites below A", n)
	}
	order := treeOf("x", "A/y", "z", "w")
	if a, b, c := order.After("x"), order.Before("z"), order.After("w"); a != "z" || b != "x" || c != "" {
		t.Errorf("after x %q, before z %q, after w %q", a, b, c)
	}
}

func TestSiteTreeKeepsWhatIsChosen(t *testing.T) {
	tree := treeOf("a", "b", "c")
	tree.Choose(1)
	tree.Set(treeOf("x", "b").Content())
	if i := tree.Chosen(); i < 0 || tree.Row(i).ID != "b" {
		t.Errorf("row %d is chosen", i)
	}
	tree.Set(treeOf("x").Content())
	if i := tree.Chosen(); i != -1 {
		t.Errorf("row %d is chosen, though it is gone", i)
	}
}

func TestFoldersBesideEachOther(t *testing.T) {
	tree := treeOf("A/B/x", "A/D/y", "C/z", "E/")
	for _, c := range []struct{ path, before, after string }{
		{"A", "", "C"}, {"c", "A", "E"}, {"E", "C", ""}, {"A/B", "", "D"}, {"A/D", "B", ""}, {"X", "", ""}, {"X/Y", "", ""},
	} {
		path := strings.Split(c.path, "/")
		if before, after := tree.FolderBefore(path), tree.FolderAfter(path); before != c.before || after != c.after {
			t.Errorf("%s stands between %q and %q, want %q and %q", c.path, before, after, c.before, c.after)
		}
	}
	if tree.FolderBefore(nil) != "" || tree.FolderAfter(nil) != "" {
		t.Error("the top has something beside it")
	}
}
