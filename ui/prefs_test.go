package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
	"portside/transfers/queue"
	"portside/ui/filetable"
	"portside/ui/state"
	"portside/ui/uitest"
)

// openSettings opens a window with some files on the section of the settings.
func openSettings(t *testing.T, s state.PrefSection) *bench {
	t.Helper()
	home := t.TempDir()
	for name, size := range map[string]int{"a.txt": 2048, ".hidden": 1, "zdir/inner.txt": 3, "c.bin": 1_500_000} {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 2, 14, 3, 0, 0, time.Local)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	b := openWindow(t, func(c *Config) {
		c.LocalDir = home
		c.Now = func() time.Time { return time.Date(2026, 11, 2, 14, 8, 0, 0, time.Local) }
	})
	b.home = home
	b.w.ShowSettings()
	b.w.prefs.view.Open(s)
	return b
}

// row returns a setting of the section that is shown.
func (b *bench) row(key string) *prefRow {
	b.t.Helper()
	for _, r := range b.w.prefs.view.rows {
		if r.key == key {
			return r
		}
	}
	b.t.Fatalf("there is no setting %q", key)
	return nil
}

// choose picks an option by its label, as a person does.
func (b *bench) choose(key, label string) {
	b.t.Helper()
	s, ok := b.row(key).focus.(*syncSelect)
	if !ok || !slices.Contains(s.Options, label) {
		b.t.Fatalf("%s is no choice with %q", key, label)
	}
	s.SetSelected(label)
}

// tick switches a setting.
func (b *bench) turn(key string, on bool) {
	b.t.Helper()
	c, ok := b.row(key).focus.(*diagCheck)
	if !ok {
		b.t.Fatalf("%s is no switch", key)
	}
	c.SetChecked(on)
}

// enter types a setting.
func (b *bench) enter(key, text string) {
	b.t.Helper()
	b.Canvas().Focus(b.row(key).focus)
	b.Replace(text)
}

// kept reads what another start of the program would read.
func (b *bench) keptPrefs() state.Prefs {
	b.t.Helper()
	b.w.tasks.Wait()
	p, err := (&settingsBook{path: b.w.keptFile("settings.json")}).Read()
	if err != nil {
		b.t.Error(err)
	}
	return p
}

func TestSettingsTakeThePlaceOfThePanes(t *testing.T) {
	b := openSettings(t, state.PrefConnection)
	b.reads("Data connections")
	if b.w.panes.Visible() || !b.w.covered() {
		t.Error("the panes are still there")
	}
	b.ClickText("Editing")
	b.reads("A double click on a file")
	if uitest.HasText(b.Canvas(), "Data connections") {
		t.Error("the section before is still shown")
	}
	b.Key(fyne.KeyDown)
	b.reads("Press a key’s button")
	b.Key(fyne.KeyEscape)
	if b.w.prefs.view.Visible() || !b.w.panes.Visible() {
		t.Error("Escape does not go back to the panes")
	}
	b.reads("a.txt")
}

// Every section can be opened, every choice made and every switch turned without a
// fault, at both densities; the defaults then come back by Reset.
func TestEverySettingCanBeChangedAndReset(t *testing.T) {
	slowUnderRace(t)
	b := openSettings(t, state.PrefConnection)
	usual := state.NewPrefs()
	for s := range state.PrefSections {
		b.w.prefs.view.Open(state.PrefSection(s))
		for _, f := range state.PrefFields() {
			if int(f.Section) != s {
				continue
			}
			before := *b.w.prefs.get()
			switch f.Kind {
			case state.PrefSwitch:
				b.turn(f.Key, before.Text(&f) != "true")
			case state.PrefChoice:
				b.choose(f.Key, f.Options[len(f.Options)-1].Label)
				if f.Is(&usual, b.w.prefs.get()) {
					b.choose(f.Key, f.Options[0].Label)
				}
			case state.PrefNumber:
				b.enter(f.Key, "7")
			case state.PrefText:
			}
			if now := b.w.prefs.get(); f.Kind != state.PrefText && f.Is(&before, now) {
				t.Errorf("%s stays at %q", f.Key, now.Text(&f))
			}
		}
		b.press("Reset this section")
		now := b.w.prefs.get()
		for _, f := range state.PrefFields() {
			if int(f.Section) == s && !f.Is(now, &usual) {
				t.Errorf("%s is %q after Reset", f.Key, now.Text(&f))
			}
		}
	}
	if kept := b.keptPrefs(); len(state.PrefDiff(&kept, &usual)) > 0 {
		t.Errorf("%v is kept differently", state.PrefDiff(&kept, &usual))
	}
}

func TestDensityMovesRows(t *testing.T) {
	slowUnderRace(t)
	b := openSettings(t, state.PrefInterface)
	pitch := func() [3]float32 {
		return [3]float32{b.w.local.table.RowHeight(), b.w.panel.table.pitch(), theme.Size(filetable.SizeNameRow)}
	}
	b.w.panel.SetOpen(true)
	b.w.arrangePanel()
	for label, want := range map[string]float32{"Compact": 18, "Relaxed": 26, "Normal": 20} {
		b.choose("density", label)
		if got := pitch(); got != [3]float32{want, want, want} {
			t.Errorf("%s: rows of files, of transfers and of the theme are %v apart, want %v", label, got, want)
		}
	}
	b.choose("density", "Relaxed")
	if got := b.w.prefs.view.nav.pitch(); got != 34 {
		t.Errorf("the list of sections has rows of %v", got)
	}
	again := openWindow(t, func(c *Config) { b.w.tasks.Wait(); c.ConfigDir = b.cfg })
	if got := again.w.local.table.RowHeight(); got != 26 {
		t.Errorf("another start has rows of %v", got)
	}
}

func TestThemeChangesColours(t *testing.T) {
	slowUnderRace(t)
	b := openSettings(t, state.PrefInterface)
	colour := func() [3]uint32 {
		r, g, bl, _ := theme.Color(theme.ColorNameBackground).RGBA()
		return [3]uint32{r, g, bl}
	}
	b.choose("theme", "Light")
	light := colour()
	b.choose("theme", "Dark")
	if colour() == light || b.w.theme != ThemeDark || !b.w.menus.themes[2].Checked {
		t.Error("the colours, or the menu, are as before")
	}
	b.w.menus.themes[1].Action() // the menu's Light, which the form shows at once
	if s := b.row("theme").focus.(*syncSelect); s.Selected != "Light" || colour() != light {
		t.Errorf("the form says %q", s.Selected)
	}
}

func TestSizesAndDatesInTheFiles(t *testing.T) {
	slowUnderRace(t)
	b := openSettings(t, state.PrefInterface)
	see := func(texts ...string) {
		t.Helper()
		b.w.leaveSettings()
		for _, s := range texts {
			b.reads(s)
		}
		b.w.ShowSettings()
		b.w.prefs.view.Open(state.PrefInterface)
	}
	see("2.0 kB", "1.5 MB", "2026-11-02 14:03", "1 folder, 2 files, 1.5 MB")
	b.choose("sizes", "KiB, MiB, GiB")
	see("2.0 KiB", "1.4 MiB", "1 folder, 2 files, 1.4 MiB")
	b.choose("sizes", "Bytes")
	see("2,048", "1,500,000", "1 folder, 2 files, 1,502,048 bytes")
	b.choose("dates", "5 minutes ago")
	see("5 minutes ago")
	b.w.prefs.locale = "de_DE.UTF-8"
	b.choose("dates", "As in this country")
	see("02.11.2026 14:03")
	b.sees("the end of the clock of relative times", func() bool { return b.w.prefs.stop == nil })
}

func TestWhatIsShownOfFiles(t *testing.T) {
	b := openSettings(t, state.PrefInterface)
	names := func() string {
		var out []string
		m := b.w.local.model
		for i := range m.Len() {
			out = append(out, m.Row(i).Name)
		}
		return strings.Join(out, " ")
	}
	if got := names(); got != "zdir a.txt c.bin" {
		t.Fatalf("at first %q", got)
	}
	b.turn("folders_first", false)
	if got := names(); got != "a.txt c.bin zdir" {
		t.Errorf("mixed: %q", got)
	}
	b.turn("hidden_files", true)
	if got := names(); got != ".hidden a.txt c.bin zdir" || !b.w.menus.hidden.Checked {
		t.Errorf("with hidden files: %q", got)
	}
	b.turn("transcript", false)
	if b.w.bottom.Trailing.Visible() || b.w.menus.transcript.Checked {
		t.Error("the transcript is still shown")
	}
	b.w.menus.transcript.Action()
	if !b.w.bottom.Trailing.Visible() || !b.row("transcript").focus.(*diagCheck).Checked {
		t.Error("the menu's choice does not reach the form")
	}
}

func TestWrongTextIsSaidAndTheOldStays(t *testing.T) {
	b := openSettings(t, state.PrefConnection)
	b.enter("timeout", "3")
	b.reads("Want a number from 5 to 600.")
	if got := b.w.prefs.get().Timeout; got != 30 {
		t.Errorf("the time-out is %d", got)
	}
	b.enter("timeout", "35")
	if b.row("timeout").problem.Visible() || b.w.prefs.get().Timeout != 35 {
		t.Error("a right number is not taken, or the sentence stays")
	}
	b.enter("active_ports", "50000-50100")
	if got := b.keptPrefs(); got.Timeout != 35 || got.ActivePorts != "50000-50100" {
		t.Errorf("kept %+v", got)
	}
	if b.row("proxy_address").Content.Visible() {
		t.Error("a proxy is asked for though there is none")
	}
	b.choose("proxy", "SOCKS5")
	if !b.row("proxy_address").Content.Visible() {
		t.Error("the proxy cannot be named")
	}
}

// What connections are made with follows the settings, from the next one on.
func TestConnectionsFollowTheSettings(t *testing.T) {
	b := openSettings(t, state.PrefConnection)
	var opt client.Options
	b.w.usualOptions(t.Context(), &opt)
	if opt.Timeout != 30*time.Second || opt.Proxy.Kind != client.ProxyNone {
		t.Errorf("at first %+v", opt)
	}
	b.enter("timeout", "44")
	b.enter("keep_alive", "0")
	b.enter("active_address", "203.0.113.7")
	b.choose("proxy", "HTTP CONNECT")
	b.enter("proxy_address", "proxy.example.org:3128")
	opt = client.Options{KeepAlive: time.Minute}
	b.w.usualOptions(t.Context(), &opt)
	want := client.Proxy{Kind: client.ProxyHTTP, Addr: "proxy.example.org:3128"}
	if opt.Timeout != 44*time.Second || opt.KeepAlive != 0 || opt.ActiveAddress.String() != "203.0.113.7" || opt.Proxy != want {
		t.Errorf("then %+v", opt)
	}
	own := client.Options{Proxy: client.Proxy{Kind: client.ProxySOCKS5, Addr: "own:1080"}}
	if b.w.usualOptions(t.Context(), &own); own.Proxy.Addr != "own:1080" {
		t.Errorf("the proxy of a site is replaced by %+v", own.Proxy)
	}
	b.choose("mode", "Active")
	if b.w.mode != client.Active {
		t.Errorf("the next connection is made by %v", b.w.mode)
	}
	b.choose("security", "TLS required")
	if got := b.w.bar.Fields().Security; got != client.SecurityRequire {
		t.Errorf("the address bar begins with %v", got)
	}
}

// The settings of transfers and the panel are one: each shows what the other set.
func TestTransfersHaveOneTruth(t *testing.T) {
	b := openSettings(t, state.PrefTransfers)
	b.sees("the queue", func() bool { return b.w.queue.get() != nil && b.w.panel.queue != nil })
	q := b.w.queue.get()
	opt := transfers.Options{}
	b.w.transferRules("ftp://example.org", &opt)
	if opt.Exists != transfers.Ask || !opt.Times || opt.TempUpload {
		t.Errorf("at first %+v", opt)
	}
	b.choose("exists", "Keep both")
	b.choose("verify", "Every file")
	b.turn("times", false)
	b.turn("temp_upload", true)
	b.enter("ascii", "txt")
	opt = transfers.Options{}
	b.w.transferRules("ftp://example.org", &opt)
	if opt.Exists != transfers.RenameNew || opt.Times || !opt.TempUpload || opt.Verify != transfers.VerifyAlways || !opt.ASCIIFor("a.txt") {
		t.Errorf("then %+v", opt)
	}
	labelled := func(label string) fyne.Focusable {
		t.Helper()
		for _, r := range b.w.prefs.view.rows {
			if r.label.String() == label {
				return r.focus
			}
		}
		t.Fatalf("there is no setting %q", label)
		return nil
	}
	labelled("Files at a time").(*syncSelect).SetSelected("3")
	b.Canvas().Focus(labelled("Download at most"))
	b.Replace("500 kB/s")
	b.sees("the limits of the queue", func() bool { return q.Limits() == queue.Limits{Parallel: 3, Down: 500_000} })
	b.Canvas().Unfocus()
	b.w.panel.setLimits(queue.Limits{Parallel: 5, Down: 2_000_000})
	b.sees("what the panel has set", func() bool {
		return labelled("Files at a time").(*syncSelect).Selected == "5" && labelled("Download at most").(*inputEntry).Text == "2 MB/s"
	})
	labelled("Then").(*syncSelect).SetSelected("Run a command")
	b.Canvas().Focus(labelled("Command"))
	b.Replace(`notify "all done"`)
	b.sees("the command", func() bool {
		d := q.WhenDone()
		return d.Action == queue.DoCommand && slices.Equal(d.Command, []string{"notify", "all done"})
	})
	b.press("Reset this section")
	b.sees("the defaults", func() bool { return q.Limits() == queue.Limits{} && q.WhenDone().Action == queue.DoNothing })
}

func TestEditingSettings(t *testing.T) {
	b := openSettings(t, state.PrefEditing)
	place := b.w.local.model.Index("a.txt")
	b.choose("file_open", "Does nothing")
	b.w.local.openRow(place)
	if b.w.banners.Has("address") {
		t.Error("a double click still transfers")
	}
	b.choose("file_open", "Transfers it")
	b.w.local.openRow(place)
	if !b.w.banners.Has("address") {
		t.Error("a double click does not transfer")
	}
	marker := filepath.Join(t.TempDir(), "opened")
	b.enter("editor", `cp "`+filepath.Join(b.home, "a.txt")+`"`)
	if err := os.Mkdir(marker, 0o700); err != nil {
		t.Fatal(err)
	}
	command, err := openCommand("linux", b.w.prefs.get().Editor, "/x y")
	if err != nil || !slices.Equal(command, []string{"cp", filepath.Join(b.home, "a.txt"), "/x y"}) {
		t.Errorf("the editor is run as %q, %v", command, err)
	}
	b.turn("rename_stem", false)
	if !b.w.local.table.RenameWhole || !b.w.remote.table.RenameWhole {
		t.Error("renaming still selects the stem only")
	}
	b.w.local.Select("a.txt")
	b.w.local.DeleteSelected()
	if !b.w.sheets.Open() {
		t.Fatal("a file was deleted without a question")
	}
	b.Key(fyne.KeyEscape)
	b.turn("confirm_delete", false)
	b.w.local.DeleteSelected()
	b.sees("the file gone", func() bool {
		_, err := os.Stat(filepath.Join(b.home, "a.txt"))
		return os.IsNotExist(err) && !b.w.local.Busy()
	})
	b.w.local.Select("zdir")
	b.w.local.DeleteSelected()
	if !b.w.sheets.Open() {
		t.Error("a folder was deleted without a question")
	}
}

func TestOpenCommand(t *testing.T) {
	for system, want := range map[string]string{"linux": "xdg-open /a b", "darwin": "open /a b", "windows": "rundll32 url.dll,FileProtocolHandler /a b"} {
		got, err := openCommand(system, "", "/a b")
		if err != nil || strings.Join(got, " ") != want || got[len(got)-1] != "/a b" {
			t.Errorf("%s: %q, %v", system, got, err)
		}
	}
	if _, err := openCommand("linux", `"vi`, "/a"); err == nil {
		t.Error("a broken command line was taken")
	}
}

func TestAKeyIsChangedByPressingIt(t *testing.T) {
	b := openSettings(t, state.PrefKeyboard)
	ask := func(label string) {
		t.Helper()
		for _, a := range state.KeyActions() {
			if a.Label == label {
				b.w.prefs.view.keys.ask(a)
			}
		}
		b.reads("Press the keys for “" + label + "”")
	}
	const mod = fyne.KeyModifierControl
	ask("Reconnect")
	b.Chord(mod, fyne.KeyQ)
	b.reads("Ctrl+Q is taken: “Quit”.")
	b.Chord(mod, fyne.KeyL)
	b.reads("Ctrl+L is taken: “Type a path” (Files).")
	b.Key(fyne.KeyR)
	b.reads("Hold Ctrl or Alt too")
	if !b.w.sheets.Open() || b.w.prefs.get().KeyFor("reconnect").String() != "Ctrl+Shift+R" {
		t.Fatal("a refused key was taken")
	}
	b.Chord(mod|fyne.KeyModifierAlt, fyne.KeyR)
	if b.w.sheets.Open() || b.w.prefs.get().KeyFor("reconnect").String() != "Ctrl+Alt+R" {
		t.Fatalf("the key is %v", b.w.prefs.get().KeyFor("reconnect"))
	}
	want := shortcutOf(state.Chord{Ctrl: true, Alt: true, Key: "R"}).ShortcutName()
	if got := b.w.menus.reconnect.Shortcut.ShortcutName(); got != want {
		t.Errorf("the menu shows %s", got)
	}
	b.reads("Ctrl+Alt+R")
	if got := b.keptPrefs().Keys["reconnect"]; got != "Ctrl+Alt+R" {
		t.Errorf("kept %q", got)
	}
	ask("Disconnect")
	catch := b.Canvas().Focused().(*keyCatcher) // a hand may let go of Ctrl before the key
	for _, k := range []fyne.KeyName{desktop.KeyControlRight, fyne.KeyK} {
		catch.KeyDown(&fyne.KeyEvent{Name: k})
	}
	catch.KeyUp(&fyne.KeyEvent{Name: desktop.KeyControlRight})
	catch.KeyUp(&fyne.KeyEvent{Name: fyne.KeyK})
	if got := b.w.prefs.get().KeyFor("disconnect").String(); got != "Ctrl+K" {
		t.Errorf("Ctrl was let go first: the key is %s", got)
	}
	ask("Reconnect")
	b.Key(fyne.KeyEscape)
	if b.w.sheets.Open() || b.w.prefs.get().KeyFor("reconnect").String() != "Ctrl+Alt+R" {
		t.Error("Escape changes the key, or leaves the sheet open")
	}
	b.press("Usual: Ctrl+Shift+R")
	if got := b.w.prefs.get().KeyFor("reconnect").String(); got != "Ctrl+Shift+R" {
		t.Errorf("after the reset %s", got)
	}
	b.Canvas().Focus(b.w.prefs.view.keys.search)
	b.Type("backspace")
	b.reads("Go to the folder above")
	if uitest.HasText(b.Canvas(), "Reconnect") {
		t.Error("the search shows what does not match")
	}
}

// Recent servers and networks are kept only where that is wanted.
func TestPrivacySettings(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	b := openSettings(t, state.PrefPrivacy)
	b.turn("recents", false)
	b.turn("networks", false)
	b.w.leaveSettings()
	b.connect(srv.URL)
	b.isUp()
	b.w.tasks.Wait()
	if got := b.w.recents.Match("", 9); len(got) > 0 {
		t.Errorf("remembered %v", got)
	}
	if got := b.w.memory.Entries(); len(got) > 0 {
		t.Errorf("remembered %v", got)
	}
	b.w.ShowSettings()
	b.turn("recents", true)
	b.w.leaveSettings()
	b.w.reconnect()
	b.sees("a remembered server", func() bool { b.w.tasks.Wait(); return len(b.w.recents.Match("", 9)) == 1 })
}

// A lost connection is made again by itself where that is wanted.
func TestALostConnectionComesBackByItself(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/docs/deep.txt", "hello"))
	b := openSettings(t, state.PrefConnection)
	b.enter("retries", "2")
	b.w.leaveSettings()
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Go("/docs")
	b.reads("deep.txt")
	addr := srv.Addr
	srv.Close()
	b.reads("Connecting again in 1 s (try 1 of 2).")
	ftptest.NewServer(t, ftptest.Addr(addr), ftptest.File("/docs/deep.txt", "hello"))
	b.isUp()
	b.sees("the folder as before", func() bool { return b.w.remote.Path() == "/docs" })
}

// The hand edited file is named when the window opens.
func TestWrongSettingsAreToldByTheWindow(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "settings.json"), []byte(`{"version": 2, "density": "airy", "hidden_files": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	b := openWindow(t, func(c *Config) { c.ConfigDir = dir })
	b.reads("“density”: want compact, normal or relaxed")
	if !b.w.local.ShowsHidden() {
		t.Error("the rest is not used")
	}
}

// What another window has changed shows when the settings are opened.
func TestAnotherWindowsSettingsAreTakenOver(t *testing.T) {
	b := openSettings(t, state.PrefInterface)
	b.w.leaveSettings()
	other := &settingsBook{path: b.w.keptFile("settings.json")}
	if err := keepSetting(t, other, func(p *state.Prefs) { p.HiddenFiles = true }); err != nil {
		t.Fatal(err)
	}
	b.w.ShowSettings()
	if !b.w.local.ShowsHidden() || !b.row("hidden_files").focus.(*diagCheck).Checked {
		t.Error("the other window's choice is not there")
	}
}
