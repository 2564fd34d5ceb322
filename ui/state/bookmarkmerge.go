package state

import (
	"slices"
	"strconv"
	"strings"

	"portside/client/sites"
)

// MergeBookmarks returns theirs with what was changed between base and mine: what somebody
// else has added, renamed or moved meanwhile stays, and what was removed on either side is
// gone, unless it was changed on mine.
func MergeBookmarks(base, mine, theirs []sites.Bookmark) []sites.Bookmark {
	switch {
	case slices.Equal(base, theirs):
		return slices.Clone(mine)
	case slices.Equal(base, mine):
		return slices.Clone(theirs)
	}
	ours, other := pairedBookmarks(base, mine), pairedBookmarks(base, theirs)
	// Who has put them into another order says which comes first.
	lead, follow := markList{theirs, other}, markList{mine, ours}
	if !slices.IsSorted(ours.known()) {
		lead, follow = follow, lead
	}
	var out []mergedMark
	for _, l := range []markList{lead, follow} {
		at := 0 // behind what stands before it in its own list
		for i, b := range l.from {
			if b < 0 {
				same := slices.IndexFunc(out, func(m mergedMark) bool { return m.mark == l.marks[i] })
				if same < 0 {
					out = slices.Insert(out, at, mergedMark{l.marks[i], -1})
					same = at
				}
				at = same + 1
				continue
			}
			if have := slices.IndexFunc(out, func(m mergedMark) bool { return m.base == b }); have >= 0 {
				at = have + 1
				continue
			}
			m, o := slices.Index(ours, b), slices.Index(other, b)
			switch {
			case m >= 0 && o >= 0:
				out = slices.Insert(out, at, mergedMark{mergeBookmark(base[b], mine[m], theirs[o]), b})
			case m >= 0 && mine[m] != base[b]:
				out = slices.Insert(out, at, mergedMark{mine[m], b})
			default:
				continue // removed
			}
			at++
		}
	}
	return distinctBookmarks(out)
}

// A mergedMark is a bookmark and its place in the base, -1 where it is new.
type mergedMark struct {
	mark sites.Bookmark
	base int
}

// A markList is one side with its pairs in the base.
type markList struct {
	marks []sites.Bookmark
	from  markPairs
}

// markPairs are the places in the base of a list's bookmarks, -1 for new ones.
type markPairs []int

// known are those that are not new.
func (p markPairs) known() []int {
	return slices.DeleteFunc(slices.Clone([]int(p)), func(b int) bool { return b < 0 })
}

// pairedBookmarks finds which bookmark of the base each of the list was: that of its
// name, or else, where it got another name, that of its folders.
func pairedBookmarks(base, list []sites.Bookmark) markPairs {
	pairs := make(markPairs, len(list))
	for i := range pairs {
		pairs[i] = -1
	}
	for _, same := range []func(a, b sites.Bookmark) bool{
		func(a, b sites.Bookmark) bool { return a == b },
		func(a, b sites.Bookmark) bool { return strings.EqualFold(a.Name, b.Name) },
		func(a, b sites.Bookmark) bool { return a.RemoteDir == b.RemoteDir && a.LocalDir == b.LocalDir },
	} {
		for i, mark := range list {
			if pairs[i] >= 0 {
				continue
			}
			pairs[i] = slices.IndexFunc(base, func(b sites.Bookmark) bool {
				return same(mark, b) && !slices.Contains(pairs, slices.Index(base, b))
			})
		}
	}
	return pairs
}

// mergeBookmark is theirs with what was changed between base and mine.
func mergeBookmark(base, mine, theirs sites.Bookmark) sites.Bookmark {
	if mine.Name != base.Name {
		theirs.Name = mine.Name
	}
	if mine.LocalDir != base.LocalDir {
		theirs.LocalDir = mine.LocalDir
	}
	if mine.RemoteDir != base.RemoteDir {
		theirs.RemoteDir = mine.RemoteDir
	}
	if mine.SyncDirs != base.SyncDirs {
		theirs.SyncDirs = mine.SyncDirs
	}
	return theirs
}

// distinctBookmarks gives those whose names are taken another one.
func distinctBookmarks(list []mergedMark) []sites.Bookmark {
	var out []sites.Bookmark
	taken := map[string]bool{}
	for _, m := range list {
		name := m.mark.Name
		for n := 2; name != "" && taken[strings.ToLower(name)]; n++ {
			name = m.mark.Name + " " + strconv.Itoa(n)
		}
		taken[strings.ToLower(name)] = true
		m.mark.Name = name
		out = append(out, m.mark)
	}
	return out
}
