package sites

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"portside/client"
)

// Add saves new sites, each at the end of its folder, all of them or none. It returns
// them as they were saved: with IDs where they had none, and with a number behind a
// name that is taken in the folder ("Backup 2").
//
// Errors: *CheckError, ErrExists for an ID that is taken, and those of Open.
func (b *Book) Add(list ...Site) ([]Site, error) {
	var added []Site
	err := b.change(func(d *document) error {
		added = added[:0]
		ids, names := d.taken()
		for _, s := range list {
			s = s.clone().normal()
			if s.ID == "" {
				s.ID = NewID()
			}
			if problems := s.Check(); len(problems) > 0 {
				return &CheckError{Site: s.Path(), Problems: problems}
			}
			if ids[s.ID] {
				return fmt.Errorf("the ID of the site %q: %w", shown(s.Path()), ErrExists)
			}
			s.Name = freeName(names, s)
			ids[s.ID], names[nameKey(s)] = true, true
			d.entries = append(d.entries, entry{Site: s})
			added = append(added, s.clone())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// nameKey is what no two sites have in common.
func nameKey(s Site) string { return foldPath(s.Folder) + "\x00" + fold(s.Name) }

// taken returns the IDs and nameKeys that are there.
func (d *document) taken() (ids, names map[string]bool) {
	ids, names = make(map[string]bool, len(d.entries)), make(map[string]bool, len(d.entries))
	for _, e := range d.entries {
		ids[e.ID], names[nameKey(e.Site)] = true, true
	}
	return ids, names
}

// freeName returns the name of s, with a number where it is taken in its folder.
func freeName(taken map[string]bool, s Site) string {
	name := s.Name
	for n := 2; taken[nameKey(s)]; n++ {
		behind := " " + strconv.Itoa(n)
		start := []rune(name)
		s.Name = string(start[:min(len(start), maxName-len(behind))]) + behind
	}
	return s.Name
}

// Put replaces the site that has the ID of s. It stays at its place, unless its folder
// is another one. When it was used last is never set back.
//
// Errors: ErrGone, *CheckError, ErrExists for a name that is taken in the folder, and
// those of Open.
func (b *Book) Put(s Site) error {
	_, err := b.Update(s.ID, func(old *Site) error {
		*old = s
		return nil
	})
	if errors.Is(err, ErrGone) {
		return fmt.Errorf("the site %q: %w", shown(s.Path()), ErrGone)
	}
	return err
}

// Update changes the site with the ID and returns it. change is given what the file
// says at that moment, so that what another program has changed of it stays; where it
// returns an error nothing is written. Errors are those of Put.
func (b *Book) Update(id string, change func(*Site) error) (Site, error) {
	var s Site
	err := b.change(func(d *document) error {
		at := d.index(id)
		if at < 0 {
			return fmt.Errorf("the site %s: %w", shown(id), ErrGone)
		}
		e := d.entries[at]
		s = e.clone()
		if err := change(&s); err != nil {
			return err
		}
		s = s.clone().normal()
		s.ID = id
		if problems := s.Check(); len(problems) > 0 {
			return &CheckError{Site: s.Path(), Problems: problems}
		}
		moved := foldPath(e.Folder) != foldPath(s.Folder)
		if used := e.Used; used.After(s.Used) {
			s.Used = used
		}
		e.Site = s
		d.entries = slices.Delete(d.entries, at, at+1)
		if _, names := d.taken(); names[nameKey(s)] {
			return fmt.Errorf("the site %q: %w", shown(s.Path()), ErrExists)
		}
		if moved {
			at = len(d.entries)
		}
		d.entries = slices.Insert(d.entries, at, e)
		return nil
	})
	return s.clone(), err
}

// index returns the place of the site with the ID, or -1.
func (d *document) index(id string) int {
	return slices.IndexFunc(d.entries, func(e entry) bool { return e.ID == id })
}

// Remove removes sites and returns those that were there. Their secrets are for the
// caller to delete.
func (b *Book) Remove(ids ...string) ([]Site, error) {
	var removed []Site
	err := b.change(func(d *document) error {
		removed = removed[:0]
		d.entries = slices.DeleteFunc(d.entries, func(e entry) bool {
			gone := slices.Contains(ids, e.ID)
			if gone {
				removed = append(removed, e.clone())
			}
			return gone
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

// Duplicate saves a copy of a site behind it, "X (copy)", and returns it. Its secrets
// are for the caller to copy.
func (b *Book) Duplicate(id string) (Site, error) {
	var twin entry
	err := b.change(func(d *document) error {
		at := d.index(id)
		if at < 0 {
			return fmt.Errorf("the site: %w", ErrGone)
		}
		twin = d.entries[at]
		const behind = " (copy)"
		name := []rune(twin.Name)
		twin.ID, twin.Used = NewID(), time.Time{}
		twin.Name = string(name[:min(len(name), maxName-len(behind))]) + behind
		_, names := d.taken()
		twin.Name = freeName(names, twin.Site)
		d.entries = slices.Insert(d.entries, at+1, twin)
		return nil
	})
	if err != nil {
		return Site{}, err
	}
	return twin.clone(), nil
}

// Move puts sites into a folder, which is made where it is missing, in the order of
// ids: in front of the site with the ID before, or at the end. All are moved or none.
//
// Errors: ErrGone (for before too, where it is not in that folder), ErrExists for a
// name that is taken there, a FieldError for a folder that cannot be, and those of Open.
func (b *Book) Move(ids []string, folder []string, before string) error {
	folder = trimmed(folder)
	return b.change(func(d *document) error {
		if err := checkFolder(folder); err != nil {
			return err
		}
		next := d.behind(before, ids)
		moving := make([]entry, 0, len(ids))
		for _, id := range ids {
			at := d.index(id)
			if at < 0 {
				return fmt.Errorf("the site: %w", ErrGone)
			}
			moving = append(moving, d.entries[at])
			d.entries = slices.Delete(d.entries, at, at+1)
		}
		_, names := d.taken()
		for i := range moving {
			moving[i].Folder = folder
			key := nameKey(moving[i].Site)
			if names[key] {
				return fmt.Errorf("the site %q: %w", shown(moving[i].Path()), ErrExists)
			}
			names[key] = true
		}
		at := len(d.entries)
		if next != "" {
			at = d.index(next)
			if at < 0 || foldPath(d.entries[at].Folder) != foldPath(folder) {
				return fmt.Errorf("the site to put it in front of: %w", ErrGone)
			}
		}
		d.folders = append(d.folders, folder)
		d.entries = slices.Insert(d.entries, at, moving...)
		return nil
	})
}

// behind returns before, or where that is itself among ids the next site of its folder
// that is not; "": there is none.
func (d *document) behind(before string, ids []string) string {
	if !slices.Contains(ids, before) {
		return before
	}
	at := d.index(before)
	if at < 0 {
		return before
	}
	folder := foldPath(d.entries[at].Folder)
	for _, e := range d.entries[at:] {
		if !slices.Contains(ids, e.ID) && foldPath(e.Folder) == folder {
			return e.ID
		}
	}
	return ""
}

// Touch notes when a site was used last; the zero time forgets it.
func (b *Book) Touch(id string, when time.Time) error {
	return b.change(func(d *document) error {
		at := d.index(id)
		if at < 0 {
			return fmt.Errorf("the site: %w", ErrGone)
		}
		d.entries[at].Used = when.UTC().Truncate(time.Second)
		return nil
	})
}

// checkFolder returns what is wrong with a path of folders.
func checkFolder(path []string) error {
	for _, p := range (Site{Name: "x", Host: "x", Folder: path}).Check() {
		return FieldError{Field: p.Field, What: client.Printable(p.What)}
	}
	return nil
}
