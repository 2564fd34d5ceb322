package state

import (
	"reflect"

	"portside/client/sites"
)

// MergeSite returns theirs with what was changed between base and mine: two that change
// different settings of a site do not take each other's back.
func MergeSite(base, mine, theirs sites.Site) sites.Site {
	base, mine, out := cloneSite(base), cloneSite(mine), cloneSite(theirs)
	was, is, to := reflect.ValueOf(base), reflect.ValueOf(mine), reflect.ValueOf(&out).Elem()
	for i := range was.NumField() {
		if was.Type().Field(i).Name == "Bookmarks" {
			continue
		}
		if !reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
			to.Field(i).Set(is.Field(i))
		}
	}
	out.Bookmarks = MergeBookmarks(base.Bookmarks, mine.Bookmarks, out.Bookmarks)
	return out
}
