package ui

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"portside/client"
	"portside/client/sites"
	"portside/client/sites/exchange"
	"portside/ui/state"
)

// siteExport is the question what to write where.
type siteExport struct {
	m      *siteManager
	what   *syncSelect
	format *syncSelect
	path   *inputEntry
	scopes []siteScope // of what's options
	sheet  *sheet
	exists string // the path that is known to be there, and may be replaced
}

// siteScope is a choice of sites.
type siteScope struct {
	label   string
	sites   []sites.Site
	folders [][]string
}

// The formats of an export, as they are chosen.
const (
	exportPortside  = "Portside (.portside)"
	exportFileZilla = "FileZilla (sitemanager.xml)"
)

// What keeps a file from being written.
var (
	errNoPath   = errors.New("a file is missing: type its path")
	errIsFolder = errors.New("this is a folder: add the name of a file")
	errIsThere  = errors.New("the file is there already: press Export again to replace it")
)

// scopes returns what can be exported: what is chosen before all.
func (m *siteManager) scopes() []siteScope {
	all := siteScope{"All " + state.Counted(len(m.book.Sites), "site", "sites"), m.book.Sites, m.book.Folders}
	if len(m.book.Sites) == 1 {
		all.label = "The only site"
	}
	var out []siteScope
	if s, is := m.chosenSite(); is {
		if saved, ok := m.book.ByID(s.ID); ok {
			out = append(out, siteScope{"“" + client.Printable(saved.Name) + "” only", []sites.Site{saved}, nil})
		}
	}
	if path, is := m.chosenFolder(); is {
		below := m.model.Below(path)
		var folders [][]string
		for _, f := range m.book.Folders {
			if len(f) >= len(path) && state.SamePlace(f[:len(path)], path) {
				folders = append(folders, f)
			}
		}
		out = append(out, siteScope{fmt.Sprintf("The folder “%s” with %s", client.Printable(path[len(path)-1]), state.Counted(len(below), "site", "sites")), below, folders})
	}
	return append(out, all)
}

// openExport asks what to export, and does it.
func (m *siteManager) openExport() {
	m.settled()
	e := &siteExport{m: m, scopes: m.scopes()}
	var labels []string
	for _, s := range e.scopes {
		labels = append(labels, s.label)
	}
	escape := func() { e.sheet.answer(false) }
	e.what = newSyncSelect(labels, escape)
	e.what.SetSelectedIndex(len(labels) - 1)
	e.format = newSyncSelect([]string{exportPortside, exportFileZilla}, escape)
	e.format.SetSelectedIndex(0)
	e.format.OnChanged = func(string) { e.path.SetText(e.named(e.path.Text)) }
	e.path = newInputEntry("Path of the file")
	dir, err := os.UserHomeDir()
	if err != nil {
		dir = "."
	}
	e.path.SetText(filepath.Join(dir, "sites.portside"))
	path := fyne.CanvasObject(e.path)
	if m.deps.SaveFile != nil {
		b := newIconButton(theme.FolderOpenIcon(), func() {
			m.deps.SaveFile("Export", filepath.Base(e.path.Text), func(chosen string) {
				e.exists = chosen // the file dialog has asked
				e.path.SetText(chosen)
			})
		})
		b.onEscape = escape
		path = container.NewBorder(nil, nil, nil, b, e.path)
	}
	row := func(label string, o fyne.CanvasObject) fyne.CanvasObject {
		text := newInk(label, theme.SizeNameText, theme.ColorNameForeground)
		return container.New(&siteRowLayout{}, text, o, tightLine(newInk("", theme.SizeNameCaptionText, theme.ColorNamePlaceHolder)))
	}
	body := container.New(flowLayout{gap: 4}, paragraph("Passwords are not exported: they stay in the keyring. Nor is where client certificates are on this computer."),
		indent(row("What", container.NewHBox(newFramed(e.what)))), indent(row("For", container.NewHBox(newFramed(e.format)))), indent(row("File", path)))
	e.sheet = &sheet{
		title: "Export sites", body: body, width: 620, confirm: "Export", inputs: []*inputEntry{e.path}, focus: e.path,
		check: e.check, done: func(ok bool) {
			if ok {
				e.write()
			}
		},
	}
	m.deps.Sheets.Show(e.sheet)
}

// named gives a path the ending of the chosen format.
func (e *siteExport) named(path string) string {
	dir, base := filepath.Split(path)
	switch {
	case e.format.SelectedIndex() == 1 && strings.HasSuffix(base, ".portside"):
		return filepath.Join(dir, "sitemanager.xml")
	case e.format.SelectedIndex() == 0 && strings.HasSuffix(base, ".xml"):
		return filepath.Join(dir, "sites.portside")
	}
	return path
}

// check says why nothing can be written there. A file that is there takes a second
// press.
func (e *siteExport) check() error {
	path := strings.TrimSpace(e.path.Text)
	if path == "" {
		return errNoPath
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err = os.Stat(filepath.Dir(path)); err != nil {
			return fmt.Errorf("there is no folder %s", filepath.Dir(path))
		}
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return errIsFolder
	case e.exists != path:
		e.exists = path
		return errIsThere
	}
	return nil
}

// write writes the file, off the Fyne goroutine.
func (e *siteExport) write() {
	scope, zilla, path := e.scopes[max(0, e.what.SelectedIndex())], e.format.SelectedIndex() == 1, strings.TrimSpace(e.path.Text)
	m := e.m
	m.work.Add(func() func() {
		err := writeSites(path, scope, zilla)
		return func() {
			if err != nil {
				m.notice.Say("Nothing was exported. "+sentence(client.Printable(err.Error())), true)
				return
			}
			m.notice.Say(state.Counted(len(scope.sites), "site was", "sites were")+" exported to "+client.Printable(path)+", without passwords.", false)
		}
	})
}

// writeSites writes an export as a whole, or leaves what is there.
func writeSites(path string, scope siteScope, zilla bool) error {
	var out bytes.Buffer
	err := error(nil)
	if zilla {
		err = exchange.WriteFileZilla(&out, scope.sites, scope.folders)
	} else {
		err = exchange.WritePortside(&out, scope.sites, scope.folders)
	}
	if err != nil {
		return err
	}
	return replaceFile(path, out.Bytes())
}

// replaceFile writes a file beside path and puts it in its place.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".portside-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
