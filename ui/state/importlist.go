package state

import (
	"strings"

	"portside/client/sites/exchange"
)

// An ImportRow is one entry of a file of another program, as it is shown.
type ImportRow struct {
	Name, Folder, Host, Outcome string
	Box                         bool // can be chosen
	Chosen                      bool
	Lost                        int  // settings that have no equal here
	Doubt                       bool // a duplicate
}

// An ImportList is what a file holds, and which of it is to be imported.
type ImportList struct {
	im *exchange.Import
}

// NewImportList returns a list of what was read.
func NewImportList(im *exchange.Import) *ImportList { return &ImportList{im} }

// Len is the number of entries.
func (l *ImportList) Len() int { return len(l.im.Rows) }

// Rows are the entries themselves, for exchange.Apply.
func (l *ImportList) Rows() []exchange.Row { return l.im.Rows }

// Row returns an entry as it is shown. Nothing in it is secret; what it holds is
// still to be made printable.
func (l *ImportList) Row(i int) ImportRow {
	r := &l.im.Rows[i]
	out := ImportRow{
		Name: r.Site.Name, Folder: strings.Join(r.Site.Folder, " / "), Host: r.Site.Host, Box: r.Outcome != exchange.Skipped,
		Chosen: r.Chosen && r.Outcome != exchange.Skipped, Lost: len(r.Lost), Doubt: r.Outcome == exchange.Duplicate,
	}
	if out.Name == "" {
		out.Name = r.Where
	}
	switch r.Outcome {
	case exchange.Skipped:
		out.Outcome = "skipped: " + r.Why
	case exchange.Duplicate:
		out.Outcome = "duplicate: " + r.Why
		if out.Chosen {
			out.Outcome = "will be imported all the same: " + r.Why
		}
	case exchange.Imported:
		out.Outcome = "will be imported"
		if !out.Chosen {
			out.Outcome = "left out"
		}
	}
	if out.Lost > 0 && out.Chosen {
		out.Outcome += ", without " + Counted(out.Lost, "setting", "settings")
	}
	return out
}

// Detail says in full what a row says in short: where it is from, and what of it
// has no equal here.
func (l *ImportList) Detail(i int) (title, text string) {
	if i < 0 || i >= l.Len() {
		return "", ""
	}
	r := &l.im.Rows[i]
	title = r.Site.Path()
	if r.Site.Name == "" {
		title = r.Where
	}
	var parts []string
	if r.Why != "" {
		parts = append(parts, r.Why)
	}
	if len(r.Lost) > 0 {
		parts = append(parts, "not taken over: "+strings.Join(r.Lost, "; "))
	}
	if len(parts) == 0 && r.Where != "" {
		parts = append(parts, "from "+r.Where)
	}
	return title, strings.Join(parts, ". ")
}

// Toggle takes an entry in or leaves it out; it reports whether it can be taken.
func (l *ImportList) Toggle(i int) bool {
	if i < 0 || i >= l.Len() || l.im.Rows[i].Outcome == exchange.Skipped {
		return false
	}
	l.im.Rows[i].Chosen = !l.im.Rows[i].Chosen
	return true
}

// Choose takes in all that can be, or nothing. Duplicates are left out of all:
// each of them takes a decision of its own.
func (l *ImportList) Choose(all bool) {
	for i := range l.im.Rows {
		r := &l.im.Rows[i]
		r.Chosen = all && r.Outcome == exchange.Imported
	}
}

// Chosen is how many entries are to be imported, and how many passwords they bring.
func (l *ImportList) Chosen() (n, passwords int) {
	for _, r := range l.im.Rows {
		if r.Chosen && r.Outcome != exchange.Skipped {
			n++
			passwords += len(r.Secrets)
		}
	}
	return n, passwords
}

// Summary counts the entries by what becomes of them: "FileZilla: 12 sites, 1
// duplicate, 3 skipped".
func (l *ImportList) Summary() string {
	parts := []string{Counted(l.im.Count(exchange.Imported), "site", "sites")}
	if n := l.im.Count(exchange.Duplicate); n > 0 {
		parts = append(parts, Counted(n, "duplicate", "duplicates"))
	}
	if n := l.im.Count(exchange.Skipped); n > 0 {
		parts = append(parts, Count(int64(n))+" skipped")
	}
	return l.im.Format.Name + ": " + strings.Join(parts, ", ")
}

// Notes are what is to be said of the whole file.
func (l *ImportList) Notes() []string { return l.im.Notes }

// Button is what the button says that imports; "" where nothing is chosen.
func (l *ImportList) Button() string {
	n, _ := l.Chosen()
	if n == 0 {
		return ""
	}
	return "Import " + Counted(n, "site", "sites")
}

// Passwords says what becomes of the passwords of what is chosen. trouble is what
// the keyring says of itself, "" where it works.
func (l *ImportList) Passwords(trouble string) string {
	_, n := l.Chosen()
	switch {
	case n == 0:
		return ""
	case trouble != "":
		return Counted(n, "password comes", "passwords come") + " with them, and cannot be kept beyond this run. " + trouble
	case n == 1:
		return "1 password goes into the keyring."
	}
	return Count(int64(n)) + " passwords go into the keyring."
}
