package secrets

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
)

// keysOf returns the keys that a site may have.
func keysOf(site string) []Key {
	kinds := Kinds()
	keys := make([]Key, 0, len(kinds))
	for _, kind := range kinds {
		keys = append(keys, Key{Site: site, Kind: kind})
	}
	return keys
}

// Delete removes every secret of a site, in memory and in the keyring. Where the keyring
// is in trouble and holds nothing of the site for all we know, that is no error.
func (s *Store) Delete(ctx context.Context, site string) error {
	if err := (Key{Site: site}).check(); err != nil {
		return err
	}
	keys := keysOf(site)
	for _, k := range keys {
		s.Forget(k)
	}
	err := s.gate.do(ctx, "delete", func(ctx context.Context) error {
		if err := s.ready(ctx); err != nil {
			return err
		}
		for _, k := range keys {
			if err := s.drop(ctx, k); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	if err != nil && s.index.without(keys...) {
		return nil
	}
	return err
}

// DeleteOne removes one secret, in memory and in the keyring, as Delete does.
func (s *Store) DeleteOne(ctx context.Context, k Key) error {
	if err := k.check(); err != nil {
		return err
	}
	s.Forget(k)
	err := s.gate.do(ctx, "delete", func(ctx context.Context) error {
		if err := s.ready(ctx); err != nil {
			return err
		}
		return s.drop(ctx, k)
	}, nil)
	if err != nil && s.index.without(k) {
		return nil
	}
	return err
}

// drop removes one secret from the keyring and from the index. One that is not there
// is removed.
func (s *Store) drop(ctx context.Context, k Key) error {
	err := s.backend.Delete(ctx, k.item())
	if state := StateOf(judge("delete", err)); state != Works && state != NotFound {
		return err
	}
	_ = s.index.remove(k) // an entry too many is found as a leftover that is gone
	return nil
}

// Copy gives the site to what the site from has: what is in memory stays there, what is
// in the keyring is copied in it, or kept in memory where the keyring does not take it.
// That a site has no secrets is no error.
func (s *Store) Copy(ctx context.Context, from, to string) error {
	for _, kind := range Kinds() {
		source, target := Key{Site: from, Kind: kind}, Key{Site: to, Kind: kind}
		if secret, ok := s.Remembered(source); ok {
			s.Remember(target, secret)
			continue
		}
		secret, err := s.Get(ctx, source)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err == nil {
			_, err = s.Set(ctx, target, s.index.name(source), secret)
		}
		if err != nil {
			return err // it would be the same with the others, and take as long
		}
	}
	return nil
}

// Bind writes down whom secrets in the keyring are for, such as a user and a server, so
// that a site that has become another one by an edited file does not give them away. Set
// forgets it. What is not in the keyring is passed over.
func (s *Store) Bind(whom map[Key]string) error {
	if s.index.without(slices.Collect(maps.Keys(whom))...) {
		return nil
	}
	return s.index.bind(whom)
}

// BoundTo returns what Bind has written down; "" where nothing is known.
func (s *Store) BoundTo(k Key) string {
	entries, _ := s.index.load() // empty then
	return entries[k].For
}

// Relabel gives the items of a site in the keyring the site's present name, where the
// keyring has labels.
func (s *Store) Relabel(ctx context.Context, site, name string) error {
	if err := (Key{Site: site}).check(); err != nil {
		return err
	}
	keys := keysOf(site)
	if s.index.without(keys...) {
		return nil
	}
	_ = s.index.rename(site, name) // what people see is in the keyring
	l, ok := s.backend.(labeller)
	if !ok {
		return nil
	}
	return s.gate.do(ctx, "label", func(ctx context.Context) error {
		if err := s.ready(ctx); err != nil {
			return err
		}
		for _, k := range keys {
			if err := l.Label(ctx, k.item(), labelOf(name, k.Kind)); err != nil && StateOf(judge("label", err)) != NotFound {
				return err
			}
		}
		return nil
	}, nil)
}

// Longest is the length in bytes of the longest secret that this system's keyring takes.
func Longest() int { return maxSecret(runtime.GOOS) }
