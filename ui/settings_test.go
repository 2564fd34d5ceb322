package ui

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"portside/ui/state"
)

// keep changes one setting in the file, as a window does.
func keepSetting(t *testing.T, b *settingsBook, change func(*state.Prefs)) error {
	t.Helper()
	old, err := b.Read()
	if err != nil {
		t.Logf("reading before a change: %v", err)
	}
	p := old.Clone()
	change(&p)
	if err = b.Note(&p, state.PrefDiff(&old, &p)...); err != nil {
		t.Fatal(err)
	}
	return b.Flush()
}

func TestSettingsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portside", "settings.json")
	b := &settingsBook{path: path}
	got, err := b.Read()
	if want := state.NewPrefs(); err != nil || len(state.PrefDiff(&got, &want)) > 0 {
		t.Fatalf("defaults: %+v, %v", got, err)
	}
	want := state.NewPrefs()
	change := func(p *state.Prefs) {
		p.Theme, p.HiddenFiles, p.Transcript, p.Timeout, p.ActivePorts, p.TransfersShare = "dark", true, false, 77, "50000-50100", 0.4
		p.Keys = map[string]string{"reconnect": "Ctrl+Alt+R"}
	}
	change(&want)
	if err = keepSetting(t, b, change); err != nil {
		t.Fatal(err)
	}
	if got, err = (&settingsBook{path: path}).Read(); err != nil || len(state.PrefDiff(&got, &want)) > 0 {
		t.Errorf("read back %+v, %v", got, err)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "keep_alive") {
		t.Errorf("what was not chosen is written as well, so that a later default does not reach it: %s, %v", data, err)
	}
}

// A file of version 1 keeps its meaning, and becomes one of version 2 with the
// first change.
func TestSettingsOfTheFirstVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	const content = `{"version": 1, "theme": "dark", "hidden_files": true, "no_transcript": true, "map_ports": true, "transfers_closed": true, "transfers_share": 0.25}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &settingsBook{path: path}
	got, err := b.Read()
	if err != nil || got.Theme != "dark" || !got.HiddenFiles || got.Transcript || !got.MapPorts || !got.TransfersClosed || got.TransfersShare != 0.25 {
		t.Fatalf("%+v, %v", got, err)
	}
	if err = keepSetting(t, b, func(p *state.Prefs) { p.Density = "compact" }); err != nil {
		t.Fatal(err)
	}
	if got, err = b.Read(); err != nil || got.Transcript || got.Density != "compact" || got.Theme != "dark" {
		t.Errorf("after a change: %+v, %v", got, err)
	}
	if err = keepSetting(t, b, func(p *state.Prefs) { p.Transcript = true }); err != nil {
		t.Fatal(err)
	}
	got, err = b.Read()
	if data, _ := os.ReadFile(path); err != nil || !got.Transcript || strings.Contains(string(data), "no_transcript") || !strings.Contains(string(data), `"version": 2`) {
		t.Errorf("%+v, %v: %s", got, err, data)
	}
}

func TestDamagedSettingsAreSetAside(t *testing.T) {
	for _, content := range []string{"{", `{"theme": "dark"}`, "null", "[]"} {
		path := filepath.Join(t.TempDir(), "settings.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := (&settingsBook{path: path}).Read()
		if err == nil || !strings.Contains(err.Error(), path+".damaged") || got.Theme != "system" {
			t.Errorf("%q: %+v, %v", content, got, err)
		}
		if kept, err := os.ReadFile(path + ".damaged"); err != nil || string(kept) != content {
			t.Errorf("the damaged file is %q, %v", kept, err)
		}
	}
}

// What was edited by hand and cannot be used is told by name; the rest is used, and
// nothing of the file is lost.
func TestWrongValuesAreNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	const content = `{"version": 2, "theme": "pink", "density": "compact", "timeout": "long", "hidden_files": 1, "of_another": {"a": 1}}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &settingsBook{path: path}
	got, err := b.Read()
	var wrong *settingsError
	if !errors.As(err, &wrong) || got.Density != "compact" || got.Theme != "system" || got.Timeout != 30 || got.HiddenFiles {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, name := range []string{path, "“theme”: want system, light or dark", "“timeout”: want a number from 5 to 600", "“hidden_files”: want true or false"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not say %q", err, name)
		}
	}
	if err = keepSetting(t, b, func(p *state.Prefs) { p.Theme = "dark" }); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), `"of_another"`) || !strings.Contains(string(data), `"long"`) || !strings.Contains(string(data), `"theme": "dark"`) {
		t.Errorf("%s, %v", data, err)
	}
}

// What a newer version of the program wrote is neither read nor written over.
func TestSettingsOfANewerVersionAreLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	const content = `{"version": 7, "theme": "plaid"}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &settingsBook{path: path}
	got, err := b.Read()
	if err == nil || !strings.Contains(err.Error(), "newer version") || got.Theme != "system" {
		t.Errorf("%+v, %v", got, err)
	}
	if err = keepSetting(t, b, func(p *state.Prefs) { p.Theme = "dark" }); err == nil {
		t.Error("saving over it has no error")
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != content {
		t.Errorf("the file is %q, %v", kept, err)
	}
}

// Two windows that change different settings at the same time lose neither's.
func TestSettingsOfTwoWindows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	changes := []func(*state.Prefs){
		func(p *state.Prefs) { p.Theme = "dark" }, func(p *state.Prefs) { p.Density = "relaxed" },
		func(p *state.Prefs) { p.Sizes = "binary" }, func(p *state.Prefs) { p.Timeout = 99 },
		func(p *state.Prefs) { p.Recents = false }, func(p *state.Prefs) { p.Editor = "vi" },
	}
	want := state.NewPrefs()
	var all sync.WaitGroup
	for _, change := range changes {
		change(&want)
		all.Go(func() {
			if err := keepSetting(t, &settingsBook{path: path}, change); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := (&settingsBook{path: path}).Read()
	if diff := state.PrefDiff(&got, &want); err != nil || len(diff) > 0 {
		t.Errorf("lost %v, %v", diff, err)
	}
}

func TestWhatIsChosenInTheViewMenuStays(t *testing.T) {
	slowUnderRace(t)
	b := openWindow(t, nil)
	b.w.setTheme(ThemeDark)
	b.w.toggleTranscript()
	b.w.toggleHidden()
	b.w.tasks.Wait()
	again := openWindow(t, func(c *Config) { c.ConfigDir = b.cfg })
	if again.w.theme != ThemeDark || again.w.bottom.Trailing.Visible() || !again.w.local.ShowsHidden() || !again.w.remote.ShowsHidden() {
		t.Errorf("another window begins with theme %v, transcript %v, hidden files %v",
			again.w.theme, again.w.bottom.Trailing.Visible(), again.w.local.ShowsHidden())
	}
	other := openWindow(t, func(c *Config) { c.ConfigDir, c.Theme = b.cfg, ThemeLight })
	if other.w.theme != ThemeLight {
		t.Errorf("the command line's theme gave %v", other.w.theme)
	}
	other.w.toggleHidden()
	other.w.tasks.Wait()
	if p, err := other.w.prefs.book.Read(); err != nil || p.Theme != "dark" || p.HiddenFiles {
		t.Errorf("the command line's theme was kept, or another change was lost: %+v, %v", p, err)
	}
}
