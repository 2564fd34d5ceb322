package state

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"portside/client"
	"portside/transfers/queue"
)

// A PanelTone is how a text of the transfers panel is meant.
type PanelTone uint8

// The tones.
const (
	PanelPlain PanelTone = iota
	PanelQuiet
	PanelGood
	PanelCareful
	PanelBad
)

// A PanelSign is the picture before a transfer.
type PanelSign uint8

// The signs.
const (
	PanelDown PanelSign = iota
	PanelUp
	PanelCopy
	PanelDelete
	PanelMode
)

// A PanelRow is what the transfers panel shows of one item.
type PanelRow struct {
	ID       int64
	Sign     PanelSign
	Name     string
	Folder   bool
	Site     string
	Fraction float64 // of the bar; negative: no bar, Said takes its place
	Percent  string
	Size     string
	Speed    string
	Left     string
	Said     string // what there is to say instead of numbers
	Tone     PanelTone
	Whole    []string // lines with what the row has no room for

	State    queue.State
	Retry    bool // Queue.Retry has a use
	Held     bool // somebody has to log in before it goes on
	Diagnose bool // a diagnosis may say why it failed
}

// PanelWords say how names are written for people. Both fields must be set.
type PanelWords struct {
	Text func(site, raw string) string // decodes a raw remote path
	Site func(key string) string       // the name of a site
	// Foreign reports a site that the window cannot log in to; nil: there is none.
	Foreign func(key string) bool
	// Stopped says why a site waits until somebody logs in to it, the zero Reason where
	// it does not; nil: none does.
	Stopped func(key string) queue.Reason
	Now     time.Time
	Format  Format // of sizes and times
}

// PanelRowOf says what the panel shows of it.
func PanelRowOf(it queue.Item, words PanelWords) PanelRow {
	r := PanelRow{
		ID: it.ID, Sign: panelSign(it.Kind), Folder: it.Dir, State: it.State, Fraction: -1,
		Name: panelName(it, words), Site: client.Printable(words.Site(it.Site)),
	}
	if it.ToSite != "" {
		r.Site += pairArrow + client.Printable(words.Site(it.ToSite))
	}
	switch {
	case it.Total >= 0 && (it.Total > 0 || !it.Dir) && it.Kind != queue.Delete && it.Kind != queue.Chmod:
		r.Size = words.Format.Size(it.Total)
	case it.Bytes > 0:
		r.Size = words.Format.Size(it.Bytes)
	}
	if it.State == queue.Running && it.Kind <= queue.Copy && !it.Dir {
		r.progress(it, words.Format)
	} else {
		r.Said, r.Tone = panelSaid(it, words)
	}
	r.Retry = it.State == queue.Failed || it.State == queue.Cancelled || it.State == queue.Skipped
	r.Held = PanelHeld(it, words) != ""
	r.Diagnose = it.Reason.Connection && (it.State == queue.Failed || it.State == queue.Waiting && !r.Held)
	r.Whole = panelWhole(it, words)
	return r
}

func panelSign(k queue.Kind) PanelSign {
	switch k {
	case queue.Upload:
		return PanelUp
	case queue.Copy:
		return PanelCopy
	case queue.Delete:
		return PanelDelete
	case queue.Chmod:
		return PanelMode
	default:
		return PanelDown
	}
}

// panelName is the last part of the source's path.
func panelName(it queue.Item, words PanelWords) string {
	name := ""
	if it.Kind == queue.Upload {
		name = filepath.Base(it.Local)
	} else {
		raw := strings.TrimRight(it.Remote, "/")
		name = words.Text(it.Site, raw[strings.LastIndex(raw, "/")+1:])
	}
	name = client.Printable(name)
	if name == "" || name == "." {
		name = "/"
	}
	if it.Dir && name != "/" {
		name += "/"
	}
	return name
}

// progress fills in the numbers of a file that is moving.
func (r *PanelRow) progress(it queue.Item, f Format) {
	r.Fraction = 0
	if it.Total > 0 {
		r.Fraction = min(1, float64(it.Bytes)/float64(it.Total))
		r.Percent = fmt.Sprintf("%d %%", int(r.Fraction*100))
	}
	r.Speed, r.Left = f.Rate(it.Rate), TimeLeft(it.Left)
}

// panelSaid says in words how it is getting on.
func panelSaid(it queue.Item, words PanelWords) (string, PanelTone) {
	now := words.Now
	reason := client.Printable(it.Reason.Sentence)
	if held := PanelHeld(it, words); held != "" {
		return held, PanelCareful
	}
	switch it.State {
	case queue.Queued:
		switch {
		case it.Due.After(now):
			return "Starts at " + panelClock(it.Due, words), PanelQuiet
		case it.Bytes > 0:
			return "Waiting, " + words.Format.Sum(it.Bytes) + " are there", PanelQuiet
		}
		return "Waiting", PanelQuiet
	case queue.Scanning:
		if it.Children > 0 {
			return "Looking through the folder: " + Counted(it.Children, "entry", "entries"), PanelQuiet
		}
		return "Looking through the folder", PanelQuiet
	case queue.Running:
		return panelRunning(it), PanelPlain
	case queue.Paused:
		return joinWords("Paused", reason), PanelQuiet
	case queue.Waiting:
		wait := "Trying again soon"
		if left := it.Due.Sub(now); !it.Due.IsZero() && left >= time.Second {
			wait = "Trying again in " + strings.TrimSuffix(TimeLeft(left), " left")
		}
		return joinWords(wait, reason), PanelCareful
	case queue.NeedsAnswer:
		return "Waits for your answer", PanelCareful
	case queue.Done:
		return panelDone(it, words.Format), PanelGood
	case queue.Failed:
		if reason == "" {
			reason = "Failed"
		}
		return reason, PanelBad
	case queue.Skipped:
		return joinWords("Skipped", reason), PanelQuiet
	case queue.Cancelled:
		return joinWords("Cancelled", reason), PanelQuiet
	default:
		return "", PanelPlain
	}
}

// panelRunning is for what has no bytes of its own to count.
func panelRunning(it queue.Item) string {
	said := "Being worked on"
	switch it.Kind {
	case queue.Delete:
		said = "Being deleted"
	case queue.Chmod:
		said = "Permissions are being set"
	case queue.Download, queue.Upload, queue.Copy:
	}
	if it.Children > 0 {
		said += ": " + Counted(it.Children, "entry", "entries")
	}
	return said
}

func panelDone(it queue.Item, f Format) string {
	said := "Done"
	switch {
	case it.Kind == queue.Delete:
		said = "Deleted"
	case it.Kind == queue.Chmod:
		said = "Permissions set"
	case it.Dir:
		said = "Done, " + Counted(it.Children, "entry", "entries")
	}
	if it.Note != "" {
		return said + ", " + client.Printable(it.Note)
	}
	if !it.Ended.IsZero() && !it.Started.IsZero() && it.Kind <= queue.Copy && !it.Dir && it.Total > 0 {
		if took := it.Ended.Sub(it.Started); took >= time.Second {
			said += ", " + f.Rate(float64(it.Total)/took.Seconds()) + " on average"
		}
	}
	return said
}

// joinWords sets a reason behind what is going on.
func joinWords(what, reason string) string {
	if reason == "" {
		return what
	}
	return what + ". " + reason
}

// panelWhole tells the whole of it: both paths, when, and what may be done.
func panelWhole(it queue.Item, words PanelWords) []string {
	remote := client.Printable(words.Text(it.Site, it.Remote))
	local := client.Printable(it.Local)
	var lines []string
	switch it.Kind {
	case queue.Upload:
		lines = []string{local, "to " + remote}
	case queue.Copy:
		lines = []string{remote, "to " + client.Printable(words.Site(it.ToSite)) + ": " + client.Printable(words.Text(it.ToSite, it.ToRemote))}
	case queue.Delete, queue.Chmod:
		lines = []string{remote}
	case queue.Download:
		lines = []string{remote, "to " + local}
	}
	reason := it.Reason
	if held := PanelHeld(it, words); held != "" {
		reason = queue.Reason{Sentence: held + "."}
	} else if it.State == queue.Running || it.State == queue.Scanning {
		reason = queue.Reason{} // it is about the try before
	}
	for _, said := range []string{reason.Sentence, reason.Next, it.Note} {
		if said != "" {
			lines = append(lines, client.Printable(said))
		}
	}
	if it.Total > 0 && it.Bytes > 0 && it.Bytes < it.Total {
		lines = append(lines, Bytes(it.Bytes)+" of "+Bytes(it.Total))
	} else if it.Total >= 1000 {
		lines = append(lines, Bytes(it.Total))
	}
	if site := client.Printable(words.Site(it.Site)); site != "" {
		lines = append(lines, site)
	}
	if it.Tries > 1 && it.State != queue.Done {
		lines = append(lines, "Tried "+Counted(it.Tries, "time", "times"))
	}
	switch {
	case !it.Ended.IsZero():
		lines = append(lines, "Ended "+words.Format.Time(it.Ended.Local()))
	case !it.Added.IsZero():
		lines = append(lines, "Added "+words.Format.Time(it.Added.Local()))
	}
	return lines
}

// panelClock writes the time of day, with the date where it is not today.
func panelClock(t time.Time, words PanelWords) string {
	t = t.Local()
	if y, m, d := words.Now.Local().Date(); y == t.Year() && m == t.Month() && d == t.Day() {
		return t.Format("15:04")
	}
	return words.Format.Time(t)
}

// Rate writes bytes a second as the zero Format does.
func Rate(rate float64) string { return Format{}.Rate(rate) }

// TimeLeft writes how long it will take yet: "0:12 left", "1:02:03 left";
// nothing for a negative time, which is not known.
func TimeLeft(d time.Duration) string {
	if d < 0 {
		return ""
	}
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s >= 100*3600:
		return "days left"
	case s >= 3600:
		return fmt.Sprintf("%d:%02d:%02d left", s/3600, s/60%60, s%60)
	default:
		return fmt.Sprintf("%d:%02d left", s/60, s%60)
	}
}

// PanelMatches reports whether the paths of it hold text, in whatever case; the
// panel filters by it what it does not ask the queue's file for.
func PanelMatches(it queue.Item, text string, words PanelWords) bool {
	if text == "" {
		return true
	}
	text = strings.ToLower(text)
	for _, p := range []string{words.Text(it.Site, it.Remote), it.Local, it.ToRemote} {
		if strings.Contains(strings.ToLower(p), text) {
			return true
		}
	}
	return false
}

// PanelQuestion says what is there and what would come, for it.Conflict.
func PanelQuestion(it queue.Item, waiting int, words PanelWords) string {
	c := it.Conflict
	if c == nil {
		return ""
	}
	name, dir, where := filepath.Base(c.Local), filepath.Dir(c.Local), "here"
	if it.Kind == queue.Upload || it.Kind == queue.Copy {
		site := it.Site
		where = "on the server"
		if it.Kind == queue.Copy {
			site = it.ToSite
			where = "on " + panelShort(words.Site(it.ToSite)) // there are two servers
		}
		remote := words.Text(site, c.Remote)
		name, dir = path.Base(remote), path.Dir(remote)
	}
	s := fmt.Sprintf("“%s” exists %s", panelShort(name), where)
	if dir != "." { // where the login ends, which has no name here
		s += ", in " + panelShort(dir)
	}
	if c.TargetSize >= 0 && c.SourceSize >= 0 {
		s += fmt.Sprintf(": %s there, %s new", words.Format.sizeOf(c.TargetSize, c.TargetTime), words.Format.sizeOf(c.SourceSize, c.SourceTime))
	}
	if waiting > 1 {
		s += " (" + Counted(waiting-1, "more question", "more questions") + ")"
	}
	return s
}

// panelShort leaves room for what is said besides a name.
func panelShort(name string) string {
	const most = 28
	return CutMiddle(client.Printable(name), most, func(s string) float32 { return float32(len([]rune(s))) })
}

func (f Format) sizeOf(size int64, at time.Time) string {
	if at.IsZero() {
		return f.Sum(size)
	}
	f.Dates = DatesISO // two of them are compared
	return f.Sum(size) + " of " + f.Time(at.Local())
}
