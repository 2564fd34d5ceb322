package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// settingsVersion is the version of the file's format.
const settingsVersion = 1

// settings are what the user chose in the View menu.
type settings struct {
	Version      int    `json:"version"`
	Theme        string `json:"theme"` // as ParseThemeChoice reads it
	HiddenFiles  bool   `json:"hidden_files"`
	NoTranscript bool   `json:"no_transcript"`
	MapPorts     bool   `json:"map_ports,omitempty"` // the router may be asked for ports
}

// loadSettings reads the file at path; a missing one, or "", gives the
// defaults. A file that cannot be understood is set aside under another name,
// which the error says, and the defaults are returned.
func loadSettings(path string) (settings, error) {
	defaults := settings{Version: settingsVersion, Theme: ThemeSystem.String()}
	if path == "" {
		return defaults, nil
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return defaults, nil
	case err != nil:
		return defaults, fmt.Errorf("settings: %w", err)
	}
	s := defaults
	if err = json.Unmarshal(data, &s); err == nil && s.Version == settingsVersion {
		if _, err = ParseThemeChoice(s.Theme); err == nil {
			return s, nil
		}
	}
	aside, err := setAside(path)
	if err != nil {
		return defaults, fmt.Errorf("settings: the file is damaged and cannot be set aside: %w", err)
	}
	return defaults, fmt.Errorf("settings: the file was damaged and is now %s", aside)
}

// save writes the file at path, "" nothing.
func (s settings) save(path string) error {
	if path == "" {
		return nil
	}
	data, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := writeFileAtomic(path, append(data, '\n')); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}
