package ui

import (
	"fmt"

	"portside/client/keep"
)

// settingsVersion is the version of the file's format.
const settingsVersion = 1

// settings are what the user chose in the menus.
type settings struct {
	Theme        string `json:"theme"` // as ParseThemeChoice reads it; "" is the desktop's
	HiddenFiles  bool   `json:"hidden_files"`
	NoTranscript bool   `json:"no_transcript"`
	MapPorts     bool   `json:"map_ports,omitempty"` // the router may be asked for ports

	TransfersClosed bool    `json:"transfers_closed,omitempty"` // the panel of transfers is but a line
	TransfersShare  float64 `json:"transfers_share,omitempty"`  // of the height that it has when open; 0: the usual
}

// Valid implements what keep asks of a content.
func (s settings) Valid() error {
	if s.Theme == "" {
		return nil
	}
	_, err := ParseThemeChoice(s.Theme)
	return err
}

func settingsFile(path string) keep.File { return keep.File{Path: path, Version: settingsVersion} }

// loadSettings reads the file at path; a missing one, or "", gives the defaults,
// as does one that cannot be used: a damaged one is set aside, and one of a newer
// version is left alone, which the error says.
func loadSettings(path string) (settings, error) {
	if path == "" {
		return settings{Theme: ThemeSystem.String()}, nil
	}
	s, err := keep.Load[settings](settingsFile(path))
	if s.Theme == "" {
		s.Theme = ThemeSystem.String()
	}
	if err != nil {
		return s, fmt.Errorf("settings: %w", err)
	}
	return s, nil
}

// save writes the file at path, "" nothing.
func (s settings) save(path string) error {
	if path == "" {
		return nil
	}
	err := keep.Update(settingsFile(path), func(kept *settings) error {
		*kept = s
		return nil
	})
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}
