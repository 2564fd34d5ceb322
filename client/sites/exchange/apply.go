package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"portside/client/secrets"
	"portside/client/sites"
)

// A Book takes sites; *sites.Book is one. Add takes all of them or none, in the order
// given, and returns them with the IDs and names that they have got.
type Book interface {
	Add(list ...sites.Site) ([]sites.Site, error)
}

// A Keeper keeps secrets; *secrets.Store is one.
type Keeper interface {
	Set(ctx context.Context, key secrets.Key, label, secret string) (secrets.Kept, error)
	Remember(key secrets.Key, secret string)
}

// A Result says what Apply has done.
type Result struct {
	Sites     []sites.Site // as they are in the book now
	Passwords int          // secrets that the rows had
	Kept      int          // of these, in the keyring now
	Trouble   error        // why some are not; they are remembered until the program ends, and asked for after that
}

// String sums r up in a sentence.
func (r Result) String() string {
	s := fmt.Sprintf("%d sites were imported.", len(r.Sites))
	if len(r.Sites) == 1 {
		s = "1 site was imported."
	}
	switch missing := r.Passwords - r.Kept; {
	case r.Passwords == 0:
	case missing == 0:
		s += " The keyring keeps " + keptText(r.Kept, len(r.Sites)) + "."
	case missing == 1:
		s += " 1 password could not be kept and will be asked for."
	default:
		s += fmt.Sprintf(" %d passwords could not be kept and will be asked for.", missing)
	}
	return s
}

// keptText names the passwords that came with sites.
func keptText(passwords, sites int) string {
	switch {
	case sites == 1 && passwords == 1:
		return "its password"
	case sites == 1:
		return fmt.Sprintf("its %d passwords", passwords)
	case passwords == 1:
		return "the one password that came with them"
	}
	return fmt.Sprintf("the %d passwords that came with them", passwords)
}

// Apply takes the chosen rows into the book, in one change: all of them, or none
// where it returns an error. Then their secrets go to the keyring. Where that fails
// the sites stay, and Result says how many secrets are not kept.
func Apply(ctx context.Context, book Book, store Keeper, rows []Row) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, context.Cause(ctx)
	}
	chosen := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !r.Chosen || r.Outcome == Skipped })
	if len(chosen) == 0 {
		return Result{}, errors.New("no entry was chosen; nothing was imported")
	}
	list := make([]sites.Site, len(chosen))
	for i, r := range chosen {
		list[i] = r.Site
		list[i].ID = ""
	}
	added, err := book.Add(list...)
	if err != nil {
		return Result{}, err
	}
	res := Result{Sites: added}
	if len(added) != len(chosen) {
		return res, fmt.Errorf("the book took %d sites of %d", len(added), len(chosen))
	}
	for i, r := range chosen {
		res.keep(ctx, store, added[i], r.Secrets)
	}
	return res, nil
}

// keep stores the secrets of a site. After the first trouble the keyring is asked no
// more: it may be one that answers nobody, or asks a person each time.
func (r *Result) keep(ctx context.Context, store Keeper, site sites.Site, list map[secrets.Kind]string) {
	for _, kind := range secrets.Kinds() {
		secret, ok := list[kind]
		if !ok {
			continue
		}
		r.Passwords++
		key := secrets.Key{Site: site.ID, Kind: kind}
		switch {
		case store == nil:
			r.Trouble = errors.New("there is no place for passwords")
		case r.Trouble != nil:
			store.Remember(key, secret)
		default:
			kept, err := store.Set(ctx, key, site.Path(), secret)
			if err == nil && kept == secrets.InKeyring {
				r.Kept++
				continue
			}
			if err == nil {
				err = errors.New("the keyring did not take it")
			}
			r.Trouble = err
		}
	}
}
