package access

import (
	"context"
	"errors"
	"slices"

	"portside/client/secrets"
	"portside/client/sites"
)

// Keep keeps what a person has typed for a site: in the keyring, or in memory until the
// program ends. The sentence says which, and why. Nothing is kept of a site that asks
// each time.
func (a *Access) Keep(ctx context.Context, s sites.Site, kind secrets.Kind, secret string) (secrets.Kept, string) {
	if s.Logon == sites.LogonAsk {
		return secrets.NotKept, each(kind)
	}
	if a.Secrets == nil || s.ID == "" {
		return secrets.NotKept, "It is not kept, since the site is not saved."
	}
	kept, err := a.Secrets.Set(ctx, secrets.Key{Site: s.ID, Kind: kind}, s.Path(), secret)
	switch kept {
	case secrets.InKeyring:
		a.Bind(s)
		return kept, "It is saved in the keyring."
	case secrets.InMemory:
		return kept, "It is kept until Portside is closed, and not saved. " + secrets.Sentence(err)
	default:
		return kept, "It is not kept: " + secrets.Sentence(err)
	}
}

// Bind writes down that what the keyring has of the sites is for their servers and users
// as they are now. Where a file that somebody edits names others later, it is asked for.
func (a *Access) Bind(list ...sites.Site) {
	if a.Secrets == nil {
		return
	}
	all := make(map[secrets.Key]string, len(list))
	for _, s := range list {
		for _, kind := range secrets.Kinds() {
			all[secrets.Key{Site: s.ID, Kind: kind}] = whom(s, kind)
		}
	}
	_ = a.Secrets.Bind(all) // what cannot be written down is used as before
}

// Remember keeps what a person has typed for a site in memory until the program ends.
func (a *Access) Remember(s sites.Site, kind secrets.Kind, secret string) {
	if a.Secrets != nil && s.ID != "" {
		a.Secrets.Remember(secrets.Key{Site: s.ID, Kind: kind}, secret)
	}
}

// Refused drops the password in memory that the server has refused, so that it is asked
// for again. One in the keyring stays until another takes its place: servers also refuse
// for reasons of their own.
func (a *Access) Refused(s sites.Site, kind secrets.Kind) {
	if a.Secrets != nil {
		a.Secrets.Forget(secrets.Key{Site: s.ID, Kind: kind})
	}
}

// Renamed names the secrets of sites anew where the keyring shows names: after a site or
// a folder was renamed, or moved. Secrets belong to a site's ID, which stays.
func (a *Access) Renamed(ctx context.Context, renamed ...sites.Site) error {
	if a.Secrets == nil {
		return nil
	}
	return eachOf(renamed, func(s sites.Site) error { return a.Secrets.Relabel(ctx, s.ID, s.Path()) })
}

// Duplicated gives the copy of a site what the original has. The error is the keyring's;
// secrets.Sentence says it. The copy then asks for what it has not got.
func (a *Access) Duplicated(ctx context.Context, fromID string, to sites.Site) error {
	if a.Secrets == nil || to.Logon == sites.LogonAsk {
		return nil
	}
	if err := a.Secrets.Copy(ctx, fromID, to.ID); err != nil {
		return err
	}
	a.Bind(to)
	return a.Secrets.Relabel(ctx, to.ID, to.Path())
}

// Changed removes the secrets that a site has no use for after it was edited, and names
// the others after it.
func (a *Access) Changed(ctx context.Context, before, after sites.Site) error {
	if a.Secrets == nil {
		return nil
	}
	for _, kind := range secrets.Kinds() {
		if uses(before, kind) && !uses(after, kind) {
			if err := a.Secrets.DeleteOne(ctx, secrets.Key{Site: after.ID, Kind: kind}); err != nil {
				return err
			}
		}
	}
	a.Bind(after) // whoever edits the site here means it
	if before.Path() == after.Path() {
		return nil
	}
	return a.Renamed(ctx, after)
}

// uses reports whether the site has a use for a saved secret.
func uses(s sites.Site, kind secrets.Kind) bool {
	if s.Logon == sites.LogonAsk {
		return false
	}
	switch kind {
	case secrets.ProxyPassword:
		return needsProxyPassword(s)
	case secrets.CertPassphrase:
		return s.ClientCert != ""
	default:
		return s.NeedsPassword()
	}
}

// Removed removes the secrets of sites that are gone. After an error they are leftovers,
// which secrets.Store.Leftovers finds.
func (a *Access) Removed(ctx context.Context, ids ...string) error {
	if a.Secrets == nil {
		return nil
	}
	return eachOf(ids, func(id string) error { return a.Secrets.Delete(ctx, id) })
}

// Leftovers returns the secrets in the keyring whose sites are not in the book any more.
// Where the book cannot be read that is an error, and not all of them.
func (a *Access) Leftovers(ctx context.Context, b *sites.Book) ([]secrets.Leftover, error) {
	if a.Secrets == nil {
		return nil, nil
	}
	known, err := idsOf(b)
	if err != nil {
		return nil, err
	}
	return a.Secrets.Leftovers(ctx, known)
}

// RemoveLeftovers removes what Leftovers has returned, but for what has a site by now.
func (a *Access) RemoveLeftovers(ctx context.Context, b *sites.Book, list []secrets.Leftover) error {
	if a.Secrets == nil {
		return nil
	}
	known, err := idsOf(b)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(l secrets.Leftover) bool { return slices.Contains(known, l.Site) })
	return a.Secrets.RemoveLeftovers(ctx, list)
}

func idsOf(b *sites.Book) (ids []string, err error) {
	for _, s := range b.Content().Sites {
		ids = append(ids, s.ID)
	}
	return ids, b.Problem()
}

// eachOf calls f with everything and returns the first error: trouble with the keyring
// is the same for all.
func eachOf[T any](list []T, f func(T) error) error {
	var trouble []error
	for _, one := range list {
		if err := f(one); err != nil {
			trouble = append(trouble, err)
		}
	}
	if len(trouble) == 0 {
		return nil
	}
	return errors.Join(trouble[:1]...)
}
