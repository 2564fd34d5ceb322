package state

import (
	"slices"
	"strings"

	"portside/client/sites"
)

// SuggestSites returns up to limit sites whose name, folder or host holds text, those
// whose name begins with it first, and of these the ones that were used last.
func SuggestSites(list []sites.Site, text string, limit int) []sites.Site {
	text = strings.ToLower(strings.TrimSpace(text))
	rank := func(s sites.Site) int {
		name := strings.ToLower(s.Name)
		switch {
		case strings.HasPrefix(name, text):
			return 0
		case strings.Contains(name, text), strings.Contains(strings.ToLower(s.Path()), text):
			return 1
		case strings.Contains(strings.ToLower(s.Host), text):
			return 2
		}
		return 3
	}
	var found []sites.Site
	for _, s := range list {
		if rank(s) < 3 {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b sites.Site) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return b.Used.Compare(a.Used)
	})
	return found[:min(len(found), limit)]
}

// SameFolder reports whether two paths are the same folder of the tree.
func SameFolder(a, b []string) bool { return slices.Equal(a, b) }
