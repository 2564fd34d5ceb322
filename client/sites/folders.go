package sites

import (
	"fmt"
	"slices"
	"strings"
)

// AddFolder makes a folder, and those above it, at the end of its parent.
//
// Errors: ErrExists, a FieldError for a path that cannot be, and those of Open.
func (b *Book) AddFolder(path []string) error {
	path = trimmed(path)
	return b.change(func(d *document) error {
		if len(path) == 0 || d.hasFolder(path) {
			return fmt.Errorf("the folder %q: %w", folderName(path), ErrExists)
		}
		d.folders = append(d.folders, path)
		return checkFolder(path)
	})
}

// RenameFolder gives a folder another name; what is in it stays in it.
//
// Errors: ErrGone, ErrExists, a FieldError for a name that cannot be, and those of Open.
func (b *Book) RenameFolder(path []string, name string) error {
	return b.change(func(d *document) error {
		if len(path) == 0 || !d.hasFolder(path) {
			return fmt.Errorf("the folder %q: %w", folderName(path), ErrGone)
		}
		to := append(slices.Clone(path[:len(path)-1]), strings.TrimSpace(name))
		if err := checkFolder(to); err != nil {
			return err
		}
		if foldPath(to) != foldPath(path) && d.hasFolder(to) {
			return fmt.Errorf("the folder %q: %w", folderName(to), ErrExists)
		}
		d.rebase(path, to)
		return nil
	})
}

// MoveFolder puts a folder with all that is in it at the end of another one; none: the
// top.
//
// Errors: ErrGone, ErrExists for a name that is taken there, ErrInside, a FieldError
// where folders would be nested too deeply, and those of Open.
func (b *Book) MoveFolder(path, to []string) error {
	return b.change(func(d *document) error {
		for _, p := range [][]string{path, to} {
			if len(p) > 0 && !d.hasFolder(p) || len(path) == 0 {
				return fmt.Errorf("the folder %q: %w", folderName(p), ErrGone)
			}
		}
		if within(to, path) {
			return fmt.Errorf("the folder %q: %w", folderName(path), ErrInside)
		}
		target := append(slices.Clone(trimmed(to)), path[len(path)-1])
		if foldPath(target) != foldPath(path) && d.hasFolder(target) {
			return fmt.Errorf("the folder %q: %w", folderName(target), ErrExists)
		}
		d.last(path)
		d.rebase(path, target)
		for _, f := range d.folders {
			if len(f) > MaxDepth {
				return checkFolder(f)
			}
		}
		return nil
	})
}

// ArrangeFolder puts a folder in front of another one of the same parent, given by
// its name; "": at the end.
//
// Errors: ErrGone, and those of Open.
func (b *Book) ArrangeFolder(path []string, before string) error {
	return b.change(func(d *document) error {
		if len(path) == 0 || !d.hasFolder(path) {
			return fmt.Errorf("the folder %q: %w", folderName(path), ErrGone)
		}
		if fold(before) == fold(path[len(path)-1]) {
			return nil
		}
		moving := d.last(path)
		if before == "" {
			return nil
		}
		sibling := append(slices.Clone(path[:len(path)-1]), before)
		at := slices.IndexFunc(d.folders, func(f []string) bool { return foldPath(f) == foldPath(sibling) })
		if at < 0 {
			return fmt.Errorf("the folder %q: %w", folderName(sibling), ErrGone)
		}
		d.folders = d.folders[:len(d.folders)-len(moving)]
		d.folders = slices.Insert(d.folders, at, moving...)
		return nil
	})
}

// RemoveFolder removes a folder with all that is in it, and returns its sites, whose
// secrets are for the caller to delete. Add brings them back.
//
// Errors: ErrGone, and those of Open.
func (b *Book) RemoveFolder(path []string) ([]Site, error) {
	var removed []Site
	err := b.change(func(d *document) error {
		removed = removed[:0]
		if len(path) == 0 || !d.hasFolder(path) {
			return fmt.Errorf("the folder %q: %w", folderName(path), ErrGone)
		}
		d.folders = slices.DeleteFunc(d.folders, func(f []string) bool { return within(f, path) })
		d.entries = slices.DeleteFunc(d.entries, func(e entry) bool {
			gone := within(e.Folder, path)
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

func (d *document) hasFolder(path []string) bool {
	key := foldPath(path)
	return slices.ContainsFunc(d.folders, func(f []string) bool { return foldPath(f) == key })
}

// within reports whether path is the folder above, or in it.
func within(path, above []string) bool {
	return len(path) >= len(above) && foldPath(path[:len(above)]) == foldPath(above)
}

// rebase gives everything that is in the folder from, and itself, the path to instead.
func (d *document) rebase(from, to []string) {
	for i, f := range d.folders {
		if within(f, from) {
			d.folders[i] = slices.Concat(to, f[len(from):])
		}
	}
	for i, e := range d.entries {
		if within(e.Folder, from) {
			d.entries[i].Folder = slices.Concat(to, e.Folder[len(from):])
		}
	}
}

// last puts a folder and those in it at the end of the list, and returns them.
func (d *document) last(path []string) [][]string {
	var moving [][]string
	d.folders = slices.DeleteFunc(d.folders, func(f []string) bool {
		in := within(f, path)
		if in {
			moving = append(moving, f)
		}
		return in
	})
	d.folders = append(d.folders, moving...)
	return moving
}

func folderName(path []string) string { return shown(strings.Join(path, "/")) }
