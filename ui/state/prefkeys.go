package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"portside/client"
)

// A Chord is a key with what is held: "Ctrl+Shift+S". Ctrl is the Command key on
// a Mac.
type Chord struct {
	Ctrl, Alt, Shift bool
	Key              string // as Fyne names keys: "S", "F5", "Left", ","
}

// keyNames are the keys whose names for people differ from Fyne's.
func keyNames() map[string]string {
	return map[string]string{
		",": "Comma", ".": "Period", "-": "Minus", "+": "Plus", "=": "Equals", "Next": "PageDown", "Prior": "PageUp", "BackSpace": "Backspace",
	}
}

// String writes the chord as menus do: "Ctrl+Shift+S"; "" for none.
func (c Chord) String() string {
	if c.Key == "" {
		return ""
	}
	s := ""
	for _, m := range []struct {
		held bool
		name string
	}{{c.Ctrl, "Ctrl+"}, {c.Alt, "Alt+"}, {c.Shift, "Shift+"}} {
		if m.held {
			s += m.name
		}
	}
	if name := keyNames()[c.Key]; name != "" {
		return s + name
	}
	return s + c.Key
}

var errChord = errors.New("want a key such as Ctrl+Shift+S or F5")

// ParseChord reads what String writes; the empty text is no key.
func ParseChord(text string) (Chord, error) {
	var c Chord
	if text == "" {
		return c, nil
	}
	parts := strings.Split(text, "+")
	for _, p := range parts[:len(parts)-1] {
		switch p {
		case "Ctrl":
			c.Ctrl = true
		case "Alt":
			c.Alt = true
		case "Shift":
			c.Shift = true
		default:
			return Chord{}, errChord
		}
	}
	c.Key = parts[len(parts)-1]
	for fyne, name := range keyNames() {
		if c.Key == name {
			c.Key = fyne
		}
	}
	if c.Key == "" || len(c.Key) > 12 || strings.ContainsFunc(c.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Chord{}, errChord
	}
	return c, nil
}

// A KeyAction is something that a key does.
type KeyAction struct {
	ID    string // of one that can have another key; "": the key is fixed
	Label string
	Keys  []string // usual ones, as Chord writes them; those of no action of the window are words
	Where string   // the part of the window in which a fixed key acts; "": everywhere
	Alone bool     // it acts on the files that are selected, so that a function key needs no Ctrl or Alt
}

// KeyActions are all that keys do, those that can be changed first. The sheet on
// the keyboard, the menus and the settings are made from it.
func KeyActions() []KeyAction {
	return []KeyAction{
		{ID: "connect", Label: "Type the address of a server", Keys: []string{"Ctrl+O"}},
		{ID: "reconnect", Label: "Reconnect", Keys: []string{"Ctrl+Shift+R"}},
		{ID: "disconnect", Label: "Disconnect", Keys: []string{"Ctrl+D"}},
		{ID: "sites", Label: "Site manager", Keys: []string{"Ctrl+B"}},
		{ID: "save-site", Label: "Save the connection as a site", Keys: []string{"Ctrl+S"}},
		{ID: "bookmark", Label: "Bookmark this folder", Keys: []string{"Ctrl+Shift+B"}},
		{ID: "new-folder", Label: "New folder", Keys: []string{"Ctrl+Shift+N"}},
		{ID: "edit", Label: "Edit a file of the server", Keys: []string{"F4"}, Alone: true},
		{ID: "hidden-files", Label: "Show hidden files", Keys: []string{"Ctrl+H"}},
		{ID: "transcript", Label: "Show the transcript", Keys: []string{"Ctrl+T"}},
		{ID: "transfers", Label: "Show the list of transfers", Keys: []string{"Ctrl+J"}},
		{ID: "local-files", Label: "Go to the local files", Keys: []string{"Ctrl+1"}},
		{ID: "remote-files", Label: "Go to the remote files", Keys: []string{"Ctrl+2"}},
		{ID: "transfer-list", Label: "Go to the list of transfers", Keys: []string{"Ctrl+3"}},
		{ID: "synchronise", Label: "Synchronise folders", Keys: []string{"Ctrl+Shift+S"}},
		{ID: "diagnose", Label: "Diagnose the connection", Keys: []string{"Ctrl+Shift+D"}},
		{ID: "pause", Label: "Pause all transfers, or go on", Keys: []string{"Ctrl+Shift+P"}},
		{ID: "settings", Label: "Settings", Keys: []string{"Ctrl+Comma"}},
		{ID: "keyboard", Label: "This list", Keys: []string{"Ctrl+F1"}},
		{ID: "quit", Label: "Quit", Keys: []string{"Ctrl+Q"}},

		{Label: "Go on to the next part of the window", Keys: []string{"Tab"}},
		{Label: "Cancel what asks or runs", Keys: []string{"Escape"}},
		{Label: "Open a folder; a file as the settings say", Keys: []string{"Return"}, Where: "Files"},
		{Label: "Go to the folder above", Keys: []string{"Backspace", "Alt+Up"}, Where: "Files"},
		{Label: "Go back, forward, home", Keys: []string{"Alt+Left", "Alt+Right", "Alt+Home"}, Where: "Files"},
		{Label: "Type a path", Keys: []string{"Ctrl+L"}, Where: "Files"},
		{Label: "Upload, download the selection", Keys: []string{"Ctrl+Right", "Ctrl+Left"}, Where: "Files"},
		{Label: "Select more, single ones, all", Keys: []string{"Shift", "Ctrl", "Ctrl+A"}, Where: "Files"},
		{Label: "Go to the name that begins so", Keys: []string{"Letters"}, Where: "Files"},
		{Label: "Filter names", Keys: []string{"Ctrl+F"}, Where: "Files"},
		{Label: "Rename, delete", Keys: []string{"F2", "Delete"}, Where: "Files"},
		{Label: "List again", Keys: []string{"F5", "Ctrl+R"}, Where: "Files"},
		{Label: "Copy, cut, paste", Keys: []string{"Ctrl+C", "Ctrl+X", "Ctrl+V"}, Where: "Text"},
		{Label: "Undo, redo", Keys: []string{"Ctrl+Z", "Ctrl+Y"}, Where: "Text"},
		{Label: "Go ahead with a synchronisation", Keys: []string{"Ctrl+Return"}, Where: "Synchronise"},
		{Label: "Pause or go on, cancel", Keys: []string{"Space", "Delete"}, Where: "Transfers"},
		{Label: "Do earlier, later", Keys: []string{"Alt+Up", "Alt+Down"}, Where: "Transfers"},
		{Label: "Do first, last", Keys: []string{"Alt+Home", "Alt+End"}, Where: "Transfers"},
	}
}

// KeyFor returns the key of an action of the window: the one that was chosen, else
// the usual one.
func (p *Prefs) KeyFor(id string) Chord {
	text, changed := p.Keys[id]
	for _, a := range KeyActions() {
		if a.ID == id && !changed {
			text = a.Keys[0]
		}
	}
	c, _ := ParseChord(text) // checked when it was set
	return c
}

// KeysText writes all keys of an action, as they are now.
func (p *Prefs) KeysText(a KeyAction) string {
	if a.ID == "" {
		return strings.Join(a.Keys, ", ")
	}
	if text := p.KeyFor(a.ID).String(); text != "" {
		return text
	}
	return "no key"
}

// A KeyTakenError is a key that does something else already.
type KeyTakenError struct {
	Chord Chord
	By    KeyAction
}

// Error names the other.
func (e *KeyTakenError) Error() string {
	where := ""
	if e.By.Where != "" {
		where = " (" + e.By.Where + ")"
	}
	return fmt.Sprintf("%s is taken: “%s”%s", e.Chord, e.By.Label, where)
}

// CheckKey says why an action of the window cannot have a key.
func (p *Prefs) CheckKey(id string, c Chord) error {
	if c.Key == "" {
		return nil // none at all
	}
	if !c.Ctrl && !c.Alt && !c.alone(id) {
		return errors.New("hold Ctrl or Alt too: without them a key is for typing, or belongs to the list that it is pressed in")
	}
	for _, a := range KeyActions() {
		if a.ID == id {
			continue
		}
		if a.ID != "" && p.KeyFor(a.ID) == c {
			return &KeyTakenError{c, a}
		}
		if a.ID == "" && slices.Contains(a.Keys, c.String()) {
			return &KeyTakenError{c, a}
		}
	}
	return nil
}

// alone reports whether a chord is a function key for an action that may have one.
func (c Chord) alone(id string) bool {
	n, isFunction := strings.CutPrefix(c.Key, "F")
	return isFunction && n != "" && slices.ContainsFunc(KeyActions(), func(a KeyAction) bool { return a.ID == id && a.Alone })
}

// SetKey gives an action of the window a key, or with the zero Chord none.
func (p *Prefs) SetKey(id string, c Chord) error {
	if err := p.CheckKey(id, c); err != nil {
		return err
	}
	if p.Keys == nil {
		p.Keys = map[string]string{}
	}
	delete(p.Keys, id)
	if p.KeyFor(id) != c {
		p.Keys[id] = c.String()
	}
	return nil
}

// ResetKey gives an action its usual key again.
func (p *Prefs) ResetKey(id string) error {
	for _, a := range KeyActions() {
		if a.ID == id {
			c, err := ParseChord(a.Keys[0])
			if err != nil {
				return err
			}
			return p.SetKey(id, c)
		}
	}
	return nil
}

// readKeys reads what the file says of keys: all that can be used of it.
func readKeys(raw json.RawMessage) (map[string]string, []PrefProblem) {
	var file map[string]json.RawMessage
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, []PrefProblem{{"keys", "want an object of actions and keys"}}
	}
	var problems []PrefProblem
	p := Prefs{Keys: map[string]string{}}
	wanted := map[string]Chord{}
	known := map[string]bool{}
	for _, a := range KeyActions() {
		known[a.ID] = a.ID != ""
		text, ok := file[a.ID]
		if !ok || a.ID == "" {
			continue
		}
		var s string
		err := json.Unmarshal(text, &s)
		var c Chord
		if err == nil {
			c, err = ParseChord(s)
		}
		if err != nil {
			problems = append(problems, PrefProblem{"keys." + a.ID, errChord.Error()})
			continue
		}
		wanted[a.ID] = c
		p.Keys[a.ID] = s // the usual key is free then for another action
	}
	for _, a := range KeyActions() {
		c, ok := wanted[a.ID]
		if !ok {
			continue
		}
		if err := p.CheckKey(a.ID, c); err != nil {
			problems = append(problems, PrefProblem{"keys." + a.ID, err.Error()})
			delete(p.Keys, a.ID)
		}
	}
	for id := range file {
		if !known[id] {
			problems = append(problems, PrefProblem{"keys." + client.Printable(id), "there is no such action"})
		}
	}
	return p.Keys, problems
}

// FindKeys returns the actions whose label, key or place holds text, whatever the
// case; all for the empty text.
func (p *Prefs) FindKeys(text string) []KeyAction {
	text = strings.ToLower(strings.TrimSpace(text))
	return slices.DeleteFunc(KeyActions(), func(a KeyAction) bool {
		return !strings.Contains(strings.ToLower(a.Label+"\n"+p.KeysText(a)+"\n"+a.Where), text)
	})
}
