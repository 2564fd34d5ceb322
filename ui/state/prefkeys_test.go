package state

import (
	"errors"
	"slices"
	"testing"
)

func TestChords(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Chord
	}{
		{"", Chord{}},
		{"F5", Chord{Key: "F5"}},
		{"Ctrl+S", Chord{Ctrl: true, Key: "S"}},
		{"Ctrl+Alt+Shift+Left", Chord{Ctrl: true, Alt: true, Shift: true, Key: "Left"}},
		{"Ctrl+Comma", Chord{Ctrl: true, Key: ","}},
		{"Alt+PageUp", Chord{Alt: true, Key: "Prior"}},
		{"Ctrl+Plus", Chord{Ctrl: true, Key: "+"}},
	} {
		got, err := ParseChord(tt.text)
		if err != nil || got != tt.want || got.String() != tt.text {
			t.Errorf("%q: %+v, written %q, %v", tt.text, got, got, err)
		}
	}
	for _, text := range []string{"Ctrl+", "Hyper+S", "ctrl+s", "Ctrl++", "S+Ctrl", "Ctrl+a b", "Ctrl+ABCDEFGHIJKLMNO"} {
		if got, err := ParseChord(text); err == nil {
			t.Errorf("%q gave %+v", text, got)
		}
	}
}

// The usual keys are keys, and none is taken twice.
func TestUsualKeys(t *testing.T) {
	p := NewPrefs()
	ids := map[string]bool{}
	for _, a := range KeyActions() {
		if a.ID == "" {
			continue
		}
		if ids[a.ID] {
			t.Errorf("%s is there twice", a.ID)
		}
		ids[a.ID] = true
		c, err := ParseChord(a.Keys[0])
		if err != nil || c.String() != a.Keys[0] || len(a.Keys) != 1 {
			t.Errorf("%s: %v %v", a.ID, a.Keys, err)
		}
		if err = p.CheckKey(a.ID, c); err != nil {
			t.Errorf("%s: %v", a.ID, err)
		}
	}
}

func TestAKeyIsChosen(t *testing.T) {
	p := NewPrefs()
	chord := func(s string) Chord {
		c, err := ParseChord(s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, tt := range []struct{ key, by string }{
		{"Ctrl+Q", "Quit"}, {"Ctrl+L", "Type a path"}, {"Ctrl+C", "Copy, cut, paste"}, {"Alt+Left", "Go back, forward, home"},
	} {
		err := p.SetKey("reconnect", chord(tt.key))
		if taken, ok := errors.AsType[*KeyTakenError](err); !ok || taken.By.Label != tt.by {
			t.Errorf("%s: %v", tt.key, err)
		}
	}
	for _, key := range []string{"R", "F9", "Shift+R", "Return"} {
		if err := p.SetKey("reconnect", chord(key)); err == nil {
			t.Errorf("%s was taken", key)
		}
	}
	if len(p.Keys) != 0 {
		t.Fatalf("a refused key was noted: %v", p.Keys)
	}
	if err := p.SetKey("reconnect", chord("Ctrl+Alt+R")); err != nil || p.KeyFor("reconnect") != chord("Ctrl+Alt+R") {
		t.Errorf("%v, %v", err, p.Keys)
	}
	if err := p.SetKey("quit", chord("Ctrl+Shift+R")); err != nil {
		t.Errorf("the key that became free: %v", err)
	}
	err := p.ResetKey("reconnect")
	if taken, ok := errors.AsType[*KeyTakenError](err); !ok || taken.By.ID != "quit" {
		t.Errorf("reset to a key that is taken: %v", err)
	}
	if err = errors.Join(p.ResetKey("quit"), p.ResetKey("reconnect")); err != nil || len(p.Keys) != 0 {
		t.Errorf("%v, %v", err, p.Keys)
	}
	if err = p.SetKey("quit", Chord{}); err != nil || p.KeyFor("quit") != (Chord{}) {
		t.Errorf("no key: %v, %v", err, p.Keys)
	}
	raw, err := PrefMember(&p, "keys")
	if err != nil {
		t.Fatal(err)
	}
	back, problems := PrefsFile{"keys": raw}.Read()
	if len(problems) > 0 || back.KeyFor("quit") != (Chord{}) || back.KeyFor("connect") != chord("Ctrl+O") {
		t.Errorf("read back %v, %v", back.Keys, problems)
	}
}

// What acts on the selected files may have a function key alone, as renaming has.
func TestAFunctionKeyAlone(t *testing.T) {
	p := NewPrefs()
	if p.KeyFor("edit") != (Chord{Key: "F4"}) {
		t.Errorf("the usual key is %v", p.KeyFor("edit"))
	}
	for key, want := range map[string]bool{"F9": true, "Shift+F4": true, "F2": false, "F5": false, "F": false, "E": false, "Ctrl+E": true, "Ctrl+F1": false} {
		c, err := ParseChord(key)
		if err != nil {
			t.Fatal(err)
		}
		if err = p.SetKey("edit", c); (err == nil) != want {
			t.Errorf("%s: %v", key, err)
		}
	}
	if err := p.ResetKey("edit"); err != nil || p.KeyFor("edit").Key != "F4" {
		t.Errorf("reset: %v, %v", err, p.KeyFor("edit"))
	}
	p, problems := PrefsFile{"keys": []byte(`{"edit": "F8"}`), "upload_edited": []byte(`"never"`)}.Read()
	if len(problems) != 1 || problems[0].Key != "upload_edited" || p.KeyFor("edit").Key != "F8" || p.UploadEdited != "ask" {
		t.Errorf("%v: %v, %q", problems, p.KeyFor("edit"), p.UploadEdited)
	}
}

// Two actions may change places in the file.
func TestKeysThatChangePlaces(t *testing.T) {
	p, problems := PrefsFile{"keys": []byte(`{"reconnect": "Ctrl+D", "disconnect": "Ctrl+Shift+R"}`)}.Read()
	if len(problems) > 0 || p.KeyFor("reconnect").String() != "Ctrl+D" || p.KeyFor("disconnect").String() != "Ctrl+Shift+R" {
		t.Errorf("%v, %v", p.Keys, problems)
	}
}

func TestFindKeys(t *testing.T) {
	p := NewPrefs()
	for _, tt := range []struct{ text, want string }{
		{"RECONN", "Reconnect"}, {"ctrl+shift+r", "Reconnect"}, {"backspace", "Go to the folder above"}, {"synchronise", "Synchronise folders"},
	} {
		if !slices.ContainsFunc(p.FindKeys(tt.text), func(a KeyAction) bool { return a.Label == tt.want }) {
			t.Errorf("%q does not find %s", tt.text, tt.want)
		}
	}
	if n := len(p.FindKeys(" ")); n != len(KeyActions()) || len(p.FindKeys("zzz")) != 0 {
		t.Errorf("all are %d", n)
	}
}
