package transfers

import (
	"context"
	"slices"
	"strings"

	"portside/client/listing"
)

// unmaskLinks makes links of the folders in an MLSD listing of remote that LIST
// says are links: some servers (pyftpdlib) list them as what they lead to, and
// what is deleted there would be gone elsewhere. Folders that LIST does not have
// are unsure, but for hidden ones where it has none of those.
func (t *task) unmaskLinks(ctx context.Context, remote string, l *listing.Listing) (unsure map[string]bool, err error) {
	isDir := func(e listing.Entry) bool { return e.Type == listing.Dir }
	lister, ok := t.r.(plainLister)
	if !ok || l.Format != "mlsd" || !slices.ContainsFunc(l.Entries, isDir) {
		return nil, nil
	}
	var plain *listing.Listing
	err = t.simply(ctx, func(ctx context.Context) (err error) {
		if lister, ok = t.r.(plainLister); ok {
			plain, err = lister.ListPlain(ctx, remote)
		}
		return err
	})
	if err != nil || plain == nil {
		return nil, err
	}
	types := make(map[string]listing.Type, len(plain.Entries))
	showsHidden := false
	for _, e := range plain.Entries {
		types[e.Name] = e.Type
		showsHidden = showsHidden || strings.HasPrefix(e.Name, ".")
	}
	unsure = make(map[string]bool)
	for i := range l.Entries {
		e := &l.Entries[i]
		switch is, listed := types[e.Name]; {
		case !isDir(*e) || is == listing.Dir:
		case listed && is == listing.Link:
			e.Type = listing.Link
		case !listed && !showsHidden && strings.HasPrefix(e.Name, "."):
		default:
			unsure[e.Name] = true
		}
	}
	return unsure, nil
}
