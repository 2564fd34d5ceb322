package ui

import (
	"path/filepath"
	"runtime"

	"portside/ui/state"
)

// fileOpened does what the settings say that a double click on a file means, and
// reports whether that was something else than transferring it.
func (w *Window) fileOpened(p *Pane, row state.Row) bool {
	switch w.prefs.get().FileOpen {
	case "nothing":
		return true
	case "open":
		if p == w.local {
			w.openFile(p, row)
		}
		return true
	case "edit":
		w.editRows(p, []state.Row{row})
		return true
	}
	return false
}

// openFile opens a local file with the program that the settings name, or the
// system's.
func (w *Window) openFile(p *Pane, row state.Row) {
	path := p.Join(row)
	if !filepath.IsAbs(path) {
		return // it would be read as something else by a program
	}
	command, err := openCommand(runtime.GOOS, w.prefs.get().Editor, path)
	if err != nil {
		w.saySettings(err)
		return
	}
	w.openWith(row.Text, command)
}

// openCommand is what opens a file on a system; editor is a command line, "" for
// the system's own choice.
func openCommand(system, editor, path string) ([]string, error) {
	if editor != "" {
		command, err := state.ParseCommand(editor)
		return append(command, path), err
	}
	switch system {
	case "darwin":
		return []string{"open", path}, nil
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", path}, nil
	default:
		return []string{"xdg-open", path}, nil
	}
}
