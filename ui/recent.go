package ui

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"portside/client"
	"portside/client/keep"
)

// recentKeep is how many addresses are remembered.
const recentKeep = 30

// recentVersion is the version of the file's format.
const recentVersion = 1

// A recentAddress is a server that was connected to. It has no password.
type recentAddress struct {
	Address string    `json:"address"` // a URL as client.URL writes it, with the user, never a password
	Used    time.Time `json:"used"`
	Mode    string    `json:"mode,omitempty"` // how data connections are made, as client.ConnMode writes it; "" is as the settings have it
}

// recentFile is the file's content.
type recentFile struct {
	Recent []recentAddress `json:"recent"`
}

// recents is the list of addresses that were connected to, newest first, kept
// in a JSON file.
//
// It is safe for concurrent use, so that the disk can be waited for away from
// the window.
type recents struct {
	mu   sync.Mutex // guards what follows
	file keep.File  // Path "": keeps nothing on disk
	list []recentAddress

	usual func() client.ConnMode // the mode where none was chosen; nil: client.Auto
}

// loadRecents reads the file at path; a missing one is an empty list. The list is
// usable in any case: a damaged file was set aside, and one of a newer version is
// left alone, which the error says.
func loadRecents(path string) (*recents, error) {
	r := &recents{file: keep.File{Path: path, Version: recentVersion}}
	if path == "" {
		return r, nil
	}
	file, err := keep.Load[recentFile](r.file)
	if err != nil {
		return r, fmt.Errorf("recent addresses: %w", err)
	}
	r.list = file.usable()
	return r, nil
}

// usable is the list without what has no business there: edited by hand, it may
// hold a password.
func (f recentFile) usable() []recentAddress {
	return slices.DeleteFunc(f.Recent, func(a recentAddress) bool {
		u, err := client.ParseURL(a.Address)
		return err != nil || u.HasPassword
	})
}

// Add puts t in front and writes the file. What another window wrote meanwhile
// is kept.
func (r *recents) Add(t target, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	added := recentAddress{Address: recentText(t), Used: now.UTC().Truncate(time.Second)}
	if t.Mode != r.usualMode() {
		added.Mode = t.Mode.String()
	}
	return r.update(func(list []recentAddress) []recentAddress {
		list = slices.DeleteFunc(list, func(a recentAddress) bool { return a.Address == added.Address })
		list = slices.Insert(list, 0, added)
		return list[:min(len(list), recentKeep)]
	})
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
// begins in; the usual one where none was.
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
				break // none was chosen
			}
			return mode
		}
	}
	return r.usualMode()
}

// usualMode is the mode for servers that none was chosen for.
func (r *recents) usualMode() client.ConnMode {
	if r.usual == nil {
		return client.Auto
	}
	return r.usual()
}

// Clear forgets all addresses.
func (r *recents) Clear() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.update(func([]recentAddress) []recentAddress { return nil })
}

// Remove forgets one address.
func (r *recents) Remove(address string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.update(func(list []recentAddress) []recentAddress {
		return slices.DeleteFunc(list, func(a recentAddress) bool { return a.Address == address })
	})
}

// All returns what is remembered, newest first.
func (r *recents) All() []recentAddress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
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

// update changes the list and the file. The caller holds mu. The list changes also
// where the file cannot be written.
func (r *recents) update(change func([]recentAddress) []recentAddress) error {
	if r.file.Path == "" {
		r.list = change(r.list)
		return nil
	}
	err := keep.Update(r.file, func(f *recentFile) error {
		r.list = change(f.usable())
		f.Recent = r.list
		return nil
	})
	if err != nil {
		r.list = change(r.list)
		return fmt.Errorf("recent addresses: %w", err)
	}
	return nil
}
