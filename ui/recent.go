package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"portside/client"
)

// recentKeep is how many addresses are remembered.
const recentKeep = 30

// recentVersion is the version of the file's format.
const recentVersion = 1

// A recentAddress is a server that was connected to. It has no password.
type recentAddress struct {
	Address string    `json:"address"` // a URL as client.URL writes it, with the user, never a password
	Used    time.Time `json:"used"`
	Mode    string    `json:"mode,omitempty"` // how data connections are made, as client.ConnMode writes it; "" is automatically
}

// recentFile is the file's content.
type recentFile struct {
	Version int             `json:"version"`
	Recent  []recentAddress `json:"recent"`
}

// recents is the list of addresses that were connected to, newest first, kept
// in a JSON file that is written anew and renamed into place.
//
// It is safe for concurrent use, so that the disk can be waited for away from
// the window.
type recents struct {
	mu   sync.Mutex // guards what follows, and the file
	path string     // "" keeps nothing on disk
	list []recentAddress
}

// loadRecents reads the file at path; a missing one is an empty list. A file
// that cannot be understood is set aside under another name, which the error
// says; the list is empty and usable then.
func loadRecents(path string) (*recents, error) {
	r := &recents{path: path}
	if path == "" {
		return r, nil
	}
	list, err := readRecents(path)
	r.list = list
	var bad *damagedError
	if !errors.As(err, &bad) {
		return r, err
	}
	aside, err := setAside(path)
	if err != nil {
		r.path = "" // not ours to overwrite
		return r, fmt.Errorf("recent addresses: the file is damaged and cannot be set aside: %w", err)
	}
	return r, fmt.Errorf("recent addresses: the file was damaged and is now %s", aside)
}

func readRecents(path string) ([]recentAddress, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("recent addresses: %w", err)
	}
	var file recentFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, &damagedError{err}
	}
	if file.Version != recentVersion {
		return nil, &damagedError{fmt.Errorf("version %d, want %d", file.Version, recentVersion)}
	}
	return slices.DeleteFunc(file.Recent, func(a recentAddress) bool {
		u, err := client.ParseURL(a.Address)
		return err != nil || u.HasPassword // edited by hand: a password has no business here
	}), nil
}

// Add puts t in front and writes the file. What another window wrote meanwhile
// is kept.
func (r *recents) Add(t target, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	added := recentAddress{Address: recentText(t), Used: now.UTC().Truncate(time.Second)}
	if t.Mode != client.Auto {
		added.Mode = t.Mode.String()
	}
	if r.path != "" {
		if list, err := readRecents(r.path); err == nil {
			r.list = list
		}
	}
	r.list = slices.DeleteFunc(r.list, func(a recentAddress) bool { return a.Address == added.Address })
	r.list = slices.Insert(r.list, 0, added)
	r.list = r.list[:min(len(r.list), recentKeep)]
	return r.save()
}

// recentText is how t is written in the list.
func recentText(t target) string {
	u := t.URL
	u.Security, u.Password, u.HasPassword = t.Security, "", false
	if u.Security == client.SecurityOff {
		u.Security = client.SecurityAuto // no scheme says it
	}
	return urlText(u)
}

// Mode returns the mode that was chosen for the server of t, whatever folder it
// begins in; client.Auto where none was.
func (r *recents) Mode(t target) client.ConnMode {
	t.URL.Path = ""
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.list {
		u, err := client.ParseURL(a.Address)
		if err != nil {
			continue
		}
		u.Path = ""
		if urlText(u) == recentText(t) {
			mode, err := client.ParseMode(a.Mode)
			if err != nil {
				return client.Auto
			}
			return mode
		}
	}
	return client.Auto
}

// Clear forgets all addresses.
func (r *recents) Clear() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = nil
	return r.save()
}

// Match returns up to limit addresses that hold text anywhere, those that
// begin with it (the scheme aside) first; all of them for an empty text.
func (r *recents) Match(text string, limit int) []string {
	text = strings.ToLower(strings.TrimSpace(text))
	r.mu.Lock()
	defer r.mu.Unlock()
	var front, rest []string
	for _, a := range r.list {
		low := strings.ToLower(a.Address)
		_, bare, _ := strings.Cut(low, "://")
		_, host, ok := strings.Cut(bare, "@")
		switch {
		case low == text || bare == text:
		case strings.HasPrefix(low, text), strings.HasPrefix(bare, text), ok && strings.HasPrefix(host, text):
			front = append(front, a.Address)
		case strings.Contains(low, text):
			rest = append(rest, a.Address)
		}
	}
	all := append(front, rest...)
	return all[:min(len(all), limit)]
}

func (r *recents) save() error {
	if r.path == "" {
		return nil
	}
	data, err := json.MarshalIndent(recentFile{Version: recentVersion, Recent: r.list}, "", "\t")
	if err != nil {
		return fmt.Errorf("recent addresses: %w", err)
	}
	if err := writeFileAtomic(r.path, append(data, '\n')); err != nil {
		return fmt.Errorf("recent addresses: %w", err)
	}
	return nil
}
