package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettingsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portside", "settings.json")
	got, err := loadSettings(path)
	if err != nil || got.Theme != "system" || got.HiddenFiles || got.NoTranscript {
		t.Fatalf("defaults: %+v, %v", got, err)
	}
	want := settings{Theme: "dark", HiddenFiles: true, NoTranscript: true}
	if err := want.save(path); err != nil {
		t.Fatal(err)
	}
	if got, err := loadSettings(path); err != nil || got != want {
		t.Errorf("read back %+v, %v", got, err)
	}
}

func TestDamagedSettingsAreSetAside(t *testing.T) {
	for _, content := range []string{"{", `{"theme": "dark"}`, `{"version": 1, "theme": "pink"}`} {
		path := filepath.Join(t.TempDir(), "settings.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := loadSettings(path)
		if err == nil || !strings.Contains(err.Error(), path+".damaged") || got.Theme != "system" {
			t.Errorf("%q: %+v, %v", content, got, err)
		}
		if kept, err := os.ReadFile(path + ".damaged"); err != nil || string(kept) != content {
			t.Errorf("the damaged file is %q, %v", kept, err)
		}
	}
}

// What a newer version of the program wrote is neither read nor written over.
func TestSettingsOfANewerVersionAreLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	const content = `{"version": 7, "theme": "plaid"}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := loadSettings(path)
	if err == nil || !strings.Contains(err.Error(), "newer version") || got.Theme != "system" {
		t.Errorf("%+v, %v", got, err)
	}
	if err = got.save(path); err == nil {
		t.Error("saving over it has no error")
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != content {
		t.Errorf("the file is %q, %v", kept, err)
	}
}

func TestWhatIsChosenInTheViewMenuStays(t *testing.T) {
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
}
