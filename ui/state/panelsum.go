package state

import (
	"strconv"
	"strings"
	"time"

	"portside/client"
	"portside/transfers/queue"
)

// A PanelTab chooses which transfers the panel lists.
type PanelTab uint8

// The tabs, in their order.
const (
	PanelAll PanelTab = iota
	PanelQueued
	PanelRunning
	PanelFailed
	PanelDone
	PanelTabs int = iota
)

// States returns the states that the tab lists from the queue's file; what is
// active comes before them where Active says so.
func (t PanelTab) States() []queue.State {
	switch t {
	case PanelQueued:
		return []queue.State{queue.Queued, queue.Paused, queue.NeedsAnswer}
	case PanelRunning:
		return []queue.State{queue.Waiting}
	case PanelFailed:
		return []queue.State{queue.Failed}
	case PanelDone:
		return []queue.State{queue.Done, queue.Skipped, queue.Cancelled}
	default:
		return []queue.State{
			queue.Queued, queue.Waiting, queue.Paused, queue.NeedsAnswer,
			queue.Failed, queue.Done, queue.Skipped, queue.Cancelled,
		}
	}
}

// Active reports whether the tab lists what is running on top.
func (t PanelTab) Active() bool { return t == PanelAll || t == PanelRunning }

// Label writes the tab with how many it holds.
func (t PanelTab) Label(c queue.Counts) string {
	name := [...]string{"All", "Queued", "Running", "Failed", "Done"}[t]
	n := t.Number(c)
	if t == PanelAll || n == 0 {
		return name
	}
	return name + " " + shortCount(n)
}

// shortCount writes a number in little room: "99,999", "750k", "1.2M".
func shortCount(n int) string {
	switch {
	case n < 100_000:
		return Count(int64(n))
	case n < 1_000_000:
		return strconv.Itoa(n/1000) + "k"
	default:
		return strconv.FormatFloat(float64(n/100_000)/10, 'f', -1, 64) + "M"
	}
}

// Number returns how many items the tab holds.
func (t PanelTab) Number(c queue.Counts) int {
	n := 0
	for _, s := range t.States() {
		n += c.States[s]
	}
	if t.Active() {
		n += c.States[queue.Scanning] + c.States[queue.Running]
	}
	return n
}

// Blank says why a tab is empty.
func (t PanelTab) Blank(search string) string {
	if search != "" {
		return "No path here contains “" + search + "”"
	}
	return [...]string{
		"No transfers yet. Drag files from one side to the other.",
		"Nothing is waiting", "Nothing is running", "Nothing has failed", "Nothing is done yet",
	}[t]
}

// A PanelSum is the headline of the panel.
type PanelSum struct {
	Text     string
	Fraction float64 // of the bar; negative: none
	Active   int     // items that are not at their end
	Asking   int     // of them that only wait for an answer
	Failed   int
	Moves    bool // something runs, or will by itself
}

// PanelHeadline sums the counts up: "12 to go · 3.4 GB · 41 MB/s · 1:12 left".
func PanelHeadline(c queue.Counts, paused bool, f Format) PanelSum {
	p := PanelSum{
		Fraction: -1, Active: c.Unfinished(), Asking: c.States[queue.NeedsAnswer], Failed: c.States[queue.Failed],
	}
	p.Moves = c.States[queue.Running]+c.States[queue.Scanning]+c.States[queue.Waiting] > 0
	if p.Active == 0 {
		p.Text = panelOver(c)
		return p
	}
	parts := []string{Count(int64(p.Active)) + " to go"}
	if paused && !p.Moves {
		parts = []string{Count(int64(p.Active)) + " to go, paused"}
	}
	if c.BytesLeft > 0 {
		left := f.Sum(c.BytesLeft)
		if c.Unknown > 0 {
			left = "at least " + left
		}
		parts = append(parts, left)
	}
	if r := f.Rate(c.Down + c.Up); r != "" {
		parts = append(parts, r)
		if l := TimeLeft(c.Left); l != "" && c.Left > 0 && c.Unknown == 0 {
			parts = append(parts, l)
		}
	}
	if p.Failed > 0 {
		parts = append(parts, Count(int64(p.Failed))+" failed")
	}
	if all := c.BytesDone + c.BytesLeft; all > 0 {
		p.Fraction = min(1, float64(c.BytesDone)/float64(all))
	}
	p.Text = strings.Join(parts, " · ")
	return p
}

// PanelStarts reports whether something that waits will start by itself: work of
// a site that nobody has to log in to.
func PanelStarts(c queue.Counts, paused bool, sites []queue.SiteStatus) bool {
	if paused || c.States[queue.Queued]+c.States[queue.NeedsAnswer] == 0 {
		return false
	}
	known := false
	for _, s := range sites {
		known = known || s.Unfinished > 0
		if s.Unfinished > 0 && s.Stopped == (queue.Reason{}) {
			return true
		}
	}
	return !known // they are not counted yet
}

// panelOver says what there was.
func panelOver(c queue.Counts) string {
	var parts []string
	if n := c.States[queue.Done]; n > 0 {
		parts = append(parts, Count(int64(n))+" done")
	}
	if n := c.States[queue.Failed]; n > 0 {
		parts = append(parts, Count(int64(n))+" failed")
	}
	if n := c.States[queue.Skipped]; n > 0 {
		parts = append(parts, Count(int64(n))+" skipped")
	}
	if n := c.States[queue.Cancelled]; n > 0 {
		parts = append(parts, Count(int64(n))+" cancelled")
	}
	if len(parts) == 0 {
		return "No transfers"
	}
	return strings.Join(parts, " · ")
}

// PanelConnections writes how many connections there are, and how many there may
// be: "4 open", "at most 10".
func PanelConnections(sites []queue.SiteStatus, l queue.Limits) (open, most string) {
	now := 0
	for _, s := range sites {
		now += s.Connections
	}
	limit := l.Parallel
	if limit <= 0 {
		limit = queue.DefaultParallel
	}
	return Count(int64(now)) + " open", "at most " + Count(int64(limit))
}

// A PanelNotice is what the panel says of a site that does not work.
type PanelNotice struct {
	Site    string // key
	Text    string
	Stopped bool // somebody has to act; else the queue tries again by itself
	Foreign bool // logging in here does not help
}

// PanelNotices says what holds up the queue: trouble with its file, and sites
// that do not work.
func PanelNotices(sites []queue.SiteStatus, trouble queue.Reason, words PanelWords) []PanelNotice {
	var out []PanelNotice
	if trouble.Sentence != "" {
		out = append(out, PanelNotice{Text: strings.TrimSpace(trouble.Sentence + " " + trouble.Next)})
	}
	for _, s := range sites {
		if s.Unfinished == 0 {
			continue
		}
		name := words.Site(s.Key)
		waiting := Counted(s.Unfinished, "transfer waits", "transfers wait")
		switch {
		case s.Stopped != (queue.Reason{}):
			foreign := words.Foreign != nil && words.Foreign(s.Key)
			text := name + ": " + strings.TrimSpace(client.Printable(s.Stopped.Sentence)+" "+waiting+".")
			if !foreign {
				text += " Log in again to go on."
			}
			out = append(out, PanelNotice{Site: s.Key, Text: text, Stopped: true, Foreign: foreign})
		case s.Retry.After(words.Now) && s.Trouble.Sentence != "":
			left := strings.TrimSuffix(TimeLeft(s.Retry.Sub(words.Now)), " left")
			out = append(out, PanelNotice{Site: s.Key, Text: name + ": " + client.Printable(s.Trouble.Sentence) + " Connecting again in " + left + "."})
		}
	}
	return out
}

// PanelMean writes a mean rate behind the current one: "41 MB/s, mean 38 MB/s".
func PanelMean(now, mean float64, f Format) string {
	current := f.Rate(now)
	if current == "" {
		current = "0 B/s"
	}
	if r := f.Rate(mean); r != "" {
		return current + ", mean " + r
	}
	return current
}

// panelSpan is how far back the graph reaches.
const panelSpan = 2 * time.Minute
