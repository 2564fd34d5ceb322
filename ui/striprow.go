package ui

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portside/client"
	"portside/transfers"
	"portside/ui/state"
)

// A stripRow is what the strip shows of one transfer.
type stripRow struct {
	id       int64
	up       bool
	name     string
	fraction float64 // of the bar; negative leaves the bar out
	percent  string
	amount   string // "12 of 45 MB", "3 of 240 files"
	rate     string
	left     string
	verdict  string // takes the place of bar and numbers where there are none
	ink      fyne.ThemeColorName
	retry    bool // may be tried again
	diagnose bool // a diagnosis may say why it failed
	finished bool
}

// rowOf says what the strip shows of it; text decodes raw remote names.
func rowOf(it transfers.Item, text func(string) string) stripRow {
	r := stripRow{
		id: it.ID, up: it.Direction == transfers.Uploading, name: itemName(it, text), fraction: -1,
		ink: theme.ColorNameForeground, finished: it.State.Finished(),
	}
	switch it.State {
	case transfers.Queued:
		r.verdict, r.ink = "Waiting", theme.ColorNamePlaceHolder
	case transfers.Scanning:
		r.verdict = "Looking through the folder"
		if it.FilesTotal > 0 {
			r.verdict += ": " + state.Counted(it.FilesTotal, "file", "files")
		}
		r.ink = theme.ColorNamePlaceHolder
	case transfers.Running:
		r.progress(it)
	case transfers.Waiting:
		r.verdict, r.ink = "Trying again soon", theme.ColorNameWarning
		r.diagnose = state.ConnectionTrouble(it.Err)
		if it.Err != nil {
			r.verdict += ". " + transfers.Explain(it.Err).Sentence
		}
	case transfers.NeedsAnswer:
		r.verdict, r.ink = "Waits for your answer", theme.ColorNameWarning
	case transfers.Done:
		r.verdict, r.ink = doneText(it), theme.ColorNameSuccess
	case transfers.Failed:
		r.verdict, r.ink, r.retry = failedText(it), theme.ColorNameError, true
		r.diagnose = state.ConnectionTrouble(it.Err)
	case transfers.Cancelled:
		r.verdict, r.ink, r.retry = "Cancelled", theme.ColorNamePlaceHolder, true
	case transfers.Skipped:
		r.verdict, r.ink = "Skipped, it was there already", theme.ColorNamePlaceHolder
	}
	return r
}

func itemName(it transfers.Item, text func(string) string) string {
	name := client.Printable(filepath.Base(it.Local))
	if it.Direction == transfers.Downloading {
		raw := strings.TrimRight(it.Remote, "/")
		name = client.Printable(text(raw[strings.LastIndex(raw, "/")+1:]))
	}
	if it.Dir {
		name += "/"
		if it.State == transfers.Running && it.Current != "" {
			name += "…/" + client.Printable(text(it.Current[strings.LastIndex(it.Current, "/")+1:]))
		}
	}
	return name
}

// progress fills in the numbers of a transfer that is moving.
func (r *stripRow) progress(it transfers.Item) {
	r.fraction = 0
	if it.Total > 0 {
		r.fraction = min(1, float64(it.Bytes)/float64(it.Total))
		r.percent = fmt.Sprintf("%d %%", int(r.fraction*100))
		r.amount = state.Size(it.Bytes) + " of " + state.Size(it.Total)
	} else {
		r.amount = state.Size(it.Bytes)
	}
	if it.Dir && it.FilesTotal > 0 {
		r.amount = fmt.Sprintf("%s of %s", state.Count(int64(it.Files)), state.Counted(it.FilesTotal, "file", "files"))
	}
	r.rate = rateText(it.Rate)
	r.left = leftText(it.Left)
}

func doneText(it transfers.Item) string {
	if !it.Dir {
		return "Done, " + state.Size(max(it.Bytes, it.Summary.Bytes))
	}
	if it.Summary.Files+it.Summary.Skipped == 0 {
		return "Done, no files in it"
	}
	s := "Done, " + state.Counted(it.Summary.Files, "file", "files") + ", " + state.Size(it.Summary.Bytes)
	if n := it.Summary.Skipped; n > 0 {
		s += ", " + state.Count(int64(n)) + " skipped"
	}
	return s
}

func failedText(it transfers.Item) string {
	if it.Err == nil {
		return "Failed"
	}
	advice := transfers.Explain(it.Err)
	if n := len(it.Summary.Failed); it.Dir && n > 0 {
		return fmt.Sprintf("%s of %s failed. %s", state.Count(int64(n)),
			state.Counted(max(it.FilesTotal, n), "file", "files"), advice.Sentence)
	}
	return advice.Sentence
}

// rateText writes bytes a second, nothing while they are not known.
func rateText(rate float64) string {
	if rate < 1 {
		return ""
	}
	return state.Size(int64(rate)) + "/s"
}

// leftText writes how long it will take yet: "0:12 left", "1:02:03 left".
func leftText(d time.Duration) string {
	if d < 0 {
		return ""
	}
	s := int(d.Round(time.Second) / time.Second)
	if s >= 100*3600 {
		return "days left"
	}
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d left", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d left", s/60, s%60)
}

// A stripTotal is the strip's headline.
type stripTotal struct {
	text     string
	fraction float64 // negative leaves the bar out
	active   int     // not finished
	failed   int
	asking   *transfers.Item // the first that waits for an answer
	askers   int
}

// totalOf sums the transfers up.
func totalOf(items []transfers.Item) stripTotal {
	t := stripTotal{fraction: -1}
	var bytes, total int64
	var rate float64
	known, done := true, 0
	for i, it := range items {
		switch it.State {
		case transfers.NeedsAnswer:
			if t.asking == nil {
				t.asking = &items[i]
			}
			t.askers++
		case transfers.Failed:
			t.failed++
		case transfers.Done, transfers.Skipped:
			done++
		case transfers.Queued, transfers.Scanning, transfers.Running, transfers.Waiting, transfers.Cancelled:
		}
		if it.State.Finished() {
			continue
		}
		t.active++
		rate += it.Rate
		size := it.Total
		if size <= 0 {
			size = it.Size
		}
		if size <= 0 {
			known = false
		}
		bytes += max(0, it.Bytes)
		total += max(0, size)
	}
	t.text = totalText(t, len(items), done)
	if t.active == 0 {
		return t
	}
	if r := rateText(rate); r != "" {
		t.text += " · " + r
	}
	if t.active < 2 {
		return t // its own line says the rest
	}
	if known && total > 0 {
		t.fraction = min(1, float64(bytes)/float64(total))
		if rate >= 1 {
			t.text += " · " + leftText(time.Duration(float64(total-bytes)/rate*float64(time.Second)))
		}
	}
	return t
}

func totalText(t stripTotal, all, done int) string {
	if t.active > 0 {
		s := state.Counted(t.active, "transfer", "transfers") + " to go"
		if t.failed > 0 {
			s += ", " + state.Count(int64(t.failed)) + " failed"
		}
		return s
	}
	parts := []string{}
	if done > 0 {
		parts = append(parts, state.Counted(done, "transfer done", "transfers done"))
	}
	if t.failed > 0 {
		parts = append(parts, state.Count(int64(t.failed))+" failed")
	}
	if n := all - done - t.failed; n > 0 {
		parts = append(parts, state.Count(int64(n))+" cancelled")
	}
	return strings.Join(parts, ", ")
}

// inOrder sorts transfers for the strip: what needs somebody, what moves, what
// waits, and what is over, the newest of those first.
func inOrder(items []transfers.Item) {
	rank := func(s transfers.State) int {
		switch s {
		case transfers.NeedsAnswer:
			return 0
		case transfers.Running, transfers.Scanning, transfers.Waiting:
			return 1
		case transfers.Failed:
			return 2
		case transfers.Queued:
			return 3
		default:
			return 4
		}
	}
	slices.SortStableFunc(items, func(a, b transfers.Item) int {
		if c := cmp.Compare(rank(a.State), rank(b.State)); c != 0 {
			return c
		}
		if rank(a.State) == 4 {
			return b.Ended.Compare(a.Ended)
		}
		return 0
	})
}
