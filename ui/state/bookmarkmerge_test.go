package state

import (
	"slices"
	"strings"
	"testing"

	"portside/client/sites"
)

// marks reads "name=remote" bookmarks.
func marks(text string) []sites.Bookmark {
	var out []sites.Bookmark
	for _, f := range strings.Fields(text) {
		name, dir, _ := strings.Cut(f, "=")
		out = append(out, sites.Bookmark{Name: name, RemoteDir: dir})
	}
	return out
}

func TestMergeBookmarks(t *testing.T) {
	for _, c := range []struct{ name, base, mine, theirs, want string }{
		{"nobody changed", "a=/a b=/b", "a=/a b=/b", "a=/a b=/b", "a=/a b=/b"},
		{"added elsewhere", "a=/a b=/b", "b=/b a=/a", "a=/a b=/b c=/c", "b=/b c=/c a=/a"},
		{"added elsewhere at the top", "a=/a", "a=/a", "c=/c a=/a", "c=/c a=/a"},
		{"added elsewhere, renamed here", "a=/a b=/b", "x=/a b=/b", "a=/a c=/c b=/b", "x=/a c=/c b=/b"},
		{"added elsewhere, removed here", "a=/a b=/b", "b=/b", "a=/a b=/b c=/c", "b=/b c=/c"},
		{"added on both sides", "a=/a", "a=/a m=/m", "a=/a t=/t", "a=/a m=/m t=/t"},
		{"added to nothing", "", "", "t=/t", "t=/t"},
		{"the same added on both sides", "a=/a", "a=/a m=/m", "a=/a m=/m", "a=/a m=/m"},
		{"one name added on both sides", "a=/a", "a=/a m=/1", "a=/a M=/2", "a=/a m=/1 M2=/2"},
		{"renamed elsewhere", "a=/a b=/b", "b=/b a=/a", "x=/a b=/b", "b=/b x=/a"},
		{"another folder elsewhere, another name here", "a=/a", "x=/a", "a=/b", "x=/b"},
		{"removed elsewhere", "a=/a b=/b", "a=/a b=/b", "b=/b", "b=/b"},
		{"removed elsewhere, changed here", "a=/a b=/b", "x=/a b=/b", "b=/b", "x=/a b=/b"},
		{"moved elsewhere", "a=/a b=/b c=/c", "a=/a x=/b c=/c", "c=/c a=/a b=/b", "c=/c a=/a x=/b"},
		{"names swapped here", "a=/a b=/b", "b=/a a=/b", "a=/a b=/b t=/t", "b=/a t=/t a=/b"},
		{"all removed here", "a=/a b=/b", "", "a=/a b=/b t=/t", "t=/t"},
		{"one folder, two names", "a=/a b=/a", "b=/a", "a=/a b=/a", "b=/a"},
	} {
		got := MergeBookmarks(marks(c.base), marks(c.mine), marks(c.theirs))
		var text []string
		for _, b := range got {
			text = append(text, strings.ReplaceAll(b.Name, " ", "")+"="+b.RemoteDir)
		}
		if want := strings.Fields(c.want); !slices.Equal(text, want) {
			t.Errorf("%s: %v, want %v", c.name, text, want)
		}
	}
}

// Two sides that change the bookmarks of a site do not take each other's back.
func TestMergeSiteKeepsBookmarks(t *testing.T) {
	base := sites.Site{Name: "s", Bookmarks: marks("a=/a")}
	mine, theirs := base, base
	mine.Bookmarks, theirs.Bookmarks = marks("a=/a m=/m"), marks("a=/a t=/t")
	got := MergeSite(base, mine, theirs)
	if want := marks("a=/a m=/m t=/t"); !slices.Equal(got.Bookmarks, want) {
		t.Errorf("%v, want %v", got.Bookmarks, want)
	}
	if !slices.Equal(theirs.Bookmarks, marks("a=/a t=/t")) {
		t.Error("what it was given has changed")
	}
}
