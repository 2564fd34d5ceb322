package ui

import (
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"portside/client/keep"
	"portside/ui/state"
)

// settingsBook is the file in which the settings are kept. Each change is written
// as the members that it is about, so that two windows do not lose each other's.
// It is safe for concurrent use.
type settingsBook struct {
	path string // "": nothing is kept

	writing  sync.Mutex // held while the file is written; taken before mu
	mu       sync.Mutex // guards what follows
	pending  state.PrefsFile
	underway state.PrefsFile // being written
}

func (b *settingsBook) file() keep.File {
	return keep.File{Path: b.path, Version: state.PrefsVersion}
}

// Read returns what the file says; a missing one gives the defaults, as does one
// that cannot be read at all: a damaged one is set aside, and one of a newer
// version is left alone, which the error says. Single values that cannot be used
// are left out, which the error says too; they stay in the file until they are
// chosen anew.
func (b *settingsBook) Read() (state.Prefs, error) {
	if b.path == "" {
		return state.NewPrefs(), nil
	}
	noted := state.PrefsFile{}
	b.overlay(noted) // before the file is read: it may be written meanwhile
	file, err := keep.Load[state.PrefsFile](b.file())
	if err != nil {
		return state.NewPrefs(), fmt.Errorf("settings: %w", err)
	}
	merged := maps.Clone(file)
	if merged == nil {
		merged = state.PrefsFile{}
	}
	maps.Copy(merged, noted)
	b.overlay(merged)
	prefs, problems := merged.Read()
	if len(problems) > 0 {
		return prefs, &settingsError{path: b.path, problems: problems}
	}
	return prefs, nil
}

// overlay puts what is not, or perhaps not, in the file yet over what it says.
func (b *settingsBook) overlay(file state.PrefsFile) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.Copy(file, b.underway)
	maps.Copy(file, b.pending)
}

// A settingsError is a file of settings of which some cannot be used.
type settingsError struct {
	path     string
	problems []state.PrefProblem
}

func (e *settingsError) Error() string { return state.PrefProblemsText(e.path, e.problems) }

// Note takes the values of keys, to be written by Flush.
func (b *settingsBook) Note(p *state.Prefs, keys ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pending == nil {
		b.pending = state.PrefsFile{}
	}
	for _, key := range keys {
		raw, err := state.PrefMember(p, key)
		if err != nil {
			return err
		}
		b.pending[key] = raw
	}
	return nil
}

// Flush writes what was noted. After an error it is still noted.
func (b *settingsBook) Flush() error {
	b.writing.Lock()
	defer b.writing.Unlock()
	b.mu.Lock()
	batch := b.pending
	b.pending, b.underway = nil, batch
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.underway = nil
	}()
	if len(batch) == 0 || b.path == "" {
		return nil
	}
	err := keep.Update(b.file(), func(file *state.PrefsFile) error {
		if *file == nil {
			*file = state.PrefsFile{}
		}
		maps.Copy(*file, batch)
		if _, ok := batch["transcript"]; ok {
			delete(*file, "no_transcript") // its name in version 1
		}
		return nil
	})
	if err == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pending == nil {
		b.pending = map[string]json.RawMessage{}
	}
	for key, raw := range batch {
		if _, newer := b.pending[key]; !newer {
			b.pending[key] = raw
		}
	}
	return fmt.Errorf("settings: %w", err)
}
