package state

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"portside/transfers"
)

// word says in a word or two what is done with an item, or what became of it.
func (s *Sync) word(it *syncItem) string {
	switch it.status {
	case SyncRunning:
		return fmt.Sprintf("%.0f %%", it.part*100)
	case SyncDone:
		if it.action == transfers.MirrorDelete {
			return "Deleted"
		}
		return "Done"
	case SyncFailed:
		return "Failed"
	case SyncUndone:
		return "Not done"
	case SyncWaiting:
	}
	switch {
	case it.note:
		return "Note"
	case it.entry < 0:
		return "Not compared"
	case it.box && it.off:
		return "Left out"
	}
	switch it.action {
	case transfers.MirrorMakeDir:
		return "New folder"
	case transfers.MirrorNew:
		return "New"
	case transfers.MirrorChanged:
		return "Changed"
	case transfers.MirrorDelete:
		return "Delete"
	case transfers.MirrorConflict:
		return "Conflict"
	case transfers.MirrorSkip:
		return "Skipped"
	case transfers.MirrorKeep:
		if it.group == SyncSame {
			return "Same"
		}
	}
	return "Kept"
}

// groupName is the title of a group.
func (s *Sync) groupName(g SyncGroup) string {
	switch g {
	case SyncProblems:
		return "Problems and notes"
	case SyncDeletes:
		if s.upload {
			return "Delete on the server"
		}
		return "Delete on this computer"
	case SyncNew:
		return "New"
	case SyncChanged:
		return "Changed"
	case SyncLeft:
		return "Left alone"
	default:
		return "The same"
	}
}

// Summary says what the comparison found: "12 new, 3 changed, 2 to delete, 1,204
// the same; 34 MB to send". The bytes are those of what is chosen.
func (s *Sync) Summary() string {
	t := s.Totals(false)
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, Count(int64(n))+" "+what)
		}
	}
	add(t.New, "new")
	add(t.Changed, "changed")
	add(t.Delete, "to delete")
	add(t.Same, "the same")
	add(t.Left, "left alone")
	if t.Problems > 0 {
		parts = append(parts, Counted(t.Problems, "problem", "problems"))
	}
	text := strings.Join(parts, ", ")
	if t.Changes() == 0 {
		return text
	}
	return text + "; " + Size(s.Totals(true).Bytes) + " to " + s.verb()
}

// verb is what is done with bytes.
func (s *Sync) verb() string {
	if s.upload {
		return "send"
	}
	return "fetch"
}

// Nothing says that there is nothing to be done, or returns nothing where there
// is something.
func (s *Sync) Nothing() string {
	t := s.Totals(false)
	switch {
	case t.Changes()+t.Delete > 0:
		return ""
	case t.Problems > 0:
		return "There is nothing to do in what could be compared."
	case len(s.items) == 0:
		return "Both sides are empty."
	case t.Left > 0:
		return "There is nothing to do."
	default:
		return "Both sides are the same."
	}
}

// Button is the label of the button that carries the chosen entries out, and
// whether it deletes anything. It is empty where nothing is chosen.
func (s *Sync) Button() (label string, deletes bool) {
	t := s.Totals(true)
	changes := Counted(t.Changes(), "change", "changes")
	remove := "delete " + Count(int64(t.Delete))
	switch {
	case t.Changes() > 0 && t.Delete > 0:
		return "Synchronise: " + changes + ", " + remove, true
	case t.Changes() > 0:
		return "Synchronise: " + changes, false
	case t.Delete > 0:
		return "Synchronise: " + remove, true
	default:
		return "", false
	}
}

// SyncLooked says how far a comparison is.
func SyncLooked(p transfers.Progress) string {
	return Counted(p.Folders, "folder", "folders") + " looked at, " + Counted(p.Found, "entry", "entries") + " found"
}

// SplitPatterns takes apart what was typed as patterns: they are set apart by
// commas or blanks, and one with a blank in it stands between double quotes.
func SplitPatterns(text string) []string {
	var out []string
	var b strings.Builder
	quoted := false
	end := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && (r == ',' || unicode.IsSpace(r)):
			end()
		default:
			b.WriteRune(r)
		}
	}
	end()
	return out
}

// span writes a time to go or gone: "8 s", "3 min", "2 h 5 min".
func span(d time.Duration) string {
	switch s := int(d.Round(time.Second).Seconds()); {
	case s < 1:
		return "less than a second"
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min", (s+30)/60)
	default:
		m := (s + 30) / 60
		return fmt.Sprintf("%d h %d min", m/60, m%60)
	}
}
