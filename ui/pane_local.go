package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"portside/client"
	"portside/client/listing"
	"portside/transfers"
	"portside/ui/state"
)

// LocalSource is the files of this computer.
type LocalSource struct{ zone *time.Location }

var _ Source = (*LocalSource)(nil)

// NewLocalSource returns the files of this computer, with times in its zone.
func NewLocalSource() *LocalSource { return &LocalSource{zone: time.Local} }

// List implements SourceBrowser. Files that vanish meanwhile are left out.
func (l *LocalSource) List(ctx context.Context, path string) (Listing, error) {
	dir, err := os.Open(path)
	if err != nil {
		return Listing{}, err
	}
	defer func() { _ = dir.Close() }()
	owners := newPaneOwners()
	place := state.Place{Zone: l.zone, Text: l.Text, Link: func(name string) state.LinkEnd { return linkEnd(filepath.Join(path, name)) }}
	var rows []state.Row
	unread := 0
	for {
		if err = ctx.Err(); err != nil {
			return Listing{}, err
		}
		const batch = 1024
		entries, readErr := dir.ReadDir(batch)
		for _, e := range entries {
			info, infoErr := e.Info()
			switch {
			case errors.Is(infoErr, fs.ErrNotExist):
			case infoErr != nil:
				unread++
			default:
				rows = append(rows, state.FromFile(e.Name(), info, owners.of(info), place))
			}
		}
		if len(entries) == 0 || readErr != nil {
			if readErr != nil && !errors.Is(readErr, io.EOF) {
				return Listing{}, readErr
			}
			break
		}
	}
	return Listing{Rows: rows, Note: unreadNote(unread)}, nil
}

func unreadNote(n int) string {
	if n == 0 {
		return ""
	}
	return state.Counted(n, "entry", "entries") + " could not be read"
}

// linkEnd says where a local link leads.
func linkEnd(path string) state.LinkEnd {
	var end state.LinkEnd
	if target, err := os.Readlink(path); err == nil {
		end.Target = target
	}
	if info, err := os.Stat(path); err == nil {
		switch {
		case info.IsDir():
			end.Type = listing.Dir
		case info.Mode().IsRegular():
			end.Type = listing.File
		}
	}
	return end
}

// Home implements SourceBrowser.
func (l *LocalSource) Home(context.Context) (string, error) { return os.UserHomeDir() }

// Mkdir implements SourceChanger.
func (l *LocalSource) Mkdir(_ context.Context, path string) error {
	const everybodyByUmask = 0o777
	return os.Mkdir(path, everybodyByUmask)
}

// Rename implements SourceChanger. Unlike os.Rename it refuses to replace what is
// there already.
func (l *LocalSource) Rename(_ context.Context, from, to string) error {
	old, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if there, statErr := os.Lstat(to); statErr == nil && !os.SameFile(old, there) {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}

// Delete implements SourceChanger. It stops between two files when ctx ends.
func (l *LocalSource) Delete(ctx context.Context, path string, row state.Row) error {
	if row.Type != listing.Dir {
		return os.Remove(path)
	}
	return removeTree(ctx, path)
}

// removeTree removes path with everything in it; links are removed, not followed.
func removeTree(ctx context.Context, path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err = ctx.Err(); err != nil {
			return err
		}
		inner := filepath.Join(path, e.Name())
		if e.IsDir() {
			err = removeTree(ctx, inner)
		} else {
			err = os.Remove(inner)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Remove(path)
}

// Style implements SourceNamer.
func (l *LocalSource) Style() state.PathStyle {
	if runtime.GOOS == "windows" {
		return state.WindowsPaths
	}
	return state.SlashPaths
}

// Text implements SourceNamer.
func (l *LocalSource) Text(raw string) string { return client.Printable(raw) }

// Encode implements SourceNamer.
func (l *LocalSource) Encode(text string) (string, error) { return text, nil }

// Explain implements SourceNamer.
func (l *LocalSource) Explain(err error) (sentence, next string) {
	path := ""
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		path = client.Printable(pe.Path)
	} else if le, isLink := errors.AsType[*os.LinkError](err); isLink {
		path = client.Printable(le.New)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("There is no “%s” on this computer.", path), "It may have been moved or deleted. Go to another folder."
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("You may not use “%s”.", path), "Change its permissions, or choose another folder."
	case errors.Is(err, fs.ErrExist):
		return fmt.Sprintf("“%s” exists already.", path), "Choose another name."
	}
	a := transfers.Explain(err)
	return a.Sentence, a.Next
}

// Address implements SourceNamer: a local file has no URL worth copying.
func (l *LocalSource) Address(string) string { return "" }
