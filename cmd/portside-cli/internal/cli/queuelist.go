package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/sitekey"
	"portside/transfers/queue"
)

// defaultListed is how many entries a list shows where nobody says.
const defaultListed = 100

// listFlags are the options of list.
type listFlags struct {
	states []queue.State
	text   string
	limit  int
	job    int64
}

// stateWords are the states by the words of --state.
func stateWords() map[string][]queue.State {
	return map[string][]queue.State{
		"queued": {queue.Queued}, "scanning": {queue.Scanning}, "running": {queue.Running}, "paused": {queue.Paused},
		"waiting": {queue.Waiting}, "asks": {queue.NeedsAnswer}, "done": {queue.Done}, "failed": {queue.Failed},
		"skipped": {queue.Skipped}, "cancelled": {queue.Cancelled},
		"unfinished": {queue.Queued, queue.Scanning, queue.Running, queue.Paused, queue.Waiting, queue.NeedsAnswer},
		"finished":   finishedStates(),
	}
}

func finishedStates() []queue.State {
	return []queue.State{queue.Done, queue.Failed, queue.Skipped, queue.Cancelled}
}

func parseStates(s string) (list []queue.State, err error) {
	words := stateWords()
	for word := range strings.SplitSeq(s, ",") {
		states, ok := words[strings.ToLower(strings.TrimSpace(word))]
		if !ok {
			return nil, errors.New("must be some of queued, scanning, running, paused, waiting, asks, done, failed, skipped, cancelled, unfinished, finished")
		}
		list = append(list, states...)
	}
	return list, nil
}

func (p *program) queueListCommand(f *queueFlags) *cobra.Command {
	l := listFlags{}
	cmd := p.command("list", "List entries, unfinished ones first", exactly(0, ""), func(ctx context.Context, _ []string) error {
		if l.limit < 1 {
			return usagef("--limit must be 1 or more")
		}
		return p.queueList(ctx, f, l)
	})
	cmd.Long = `List the entries: those that are not finished in the order in which they will run,
then the finished ones, the newest first. The last line counts them by state.`
	fs := cmd.Flags()
	fs.Var(option(&l.states, parseStates, "LIST"), "state", "only these: queued, running, paused, waiting, asks, done, failed, skipped, cancelled, unfinished, finished")
	fs.StringVar(&l.text, "text", "", "only entries with `TEXT` in a path")
	fs.Int64Var(&l.job, "job", 0, "only what belongs to the entry `ID`")
	fs.IntVar(&l.limit, "limit", defaultListed, "`N` entries at most")
	return cmd
}

func (p *program) queueHistoryCommand(f *queueFlags) *cobra.Command {
	l := listFlags{states: finishedStates()}
	cmd := p.command("history", "List what has come to its end, the newest first", exactly(0, ""), func(ctx context.Context, _ []string) error {
		if l.limit < 1 {
			return usagef("--limit must be 1 or more")
		}
		return p.queueList(ctx, f, l)
	})
	cmd.Flags().StringVar(&l.text, "text", "", "only entries with `TEXT` in a path")
	cmd.Flags().IntVar(&l.limit, "limit", defaultListed, "`N` entries at most")
	return cmd
}

func (p *program) queueShowCommand(f *queueFlags) *cobra.Command {
	return p.command("show ID...", "Tell all about entries", atLeast(1, "ID"), func(ctx context.Context, args []string) error {
		ids, err := entryIDs(args)
		if err != nil {
			return err
		}
		b, err := p.beside(ctx, f)
		if err != nil {
			return err
		}
		var items []queue.Item
		if b != nil {
			defer func() { _ = b.Close() }()
			if items, err = b.Items(ctx, ids...); err != nil {
				return queueTrouble(err)
			}
			markRunning(items, p.running(ctx, b))
		}
		for _, id := range ids {
			if !slices.ContainsFunc(items, func(it queue.Item) bool { return it.ID == id }) {
				return refusedAdvice(&queue.RefusedError{Why: fmt.Sprintf("there is no entry %d in the queue", id)})
			}
		}
		for i, it := range items {
			e := entryOf(it)
			if p.opt.json {
				err = p.outJSON(e)
			} else {
				_, err = p.out.WriteString(e.details(i > 0))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// runningWithin is how long a list waits to hear what runs.
const runningWithin = time.Second

// running asks the program that has the queue open what runs; nothing where
// there is none.
func (p *program) running(ctx context.Context, b *queue.Beside) []int64 {
	if !b.Held() {
		return nil
	}
	answer, err := b.Ask(ctx, queue.Command{Verb: queue.CmdActive}, runningWithin)
	if err != nil {
		return nil // the list is right without it
	}
	return answer.Running
}

// markRunning gives what runs its state, which is not in the file.
func markRunning(items []queue.Item, running []int64) {
	for i := range items {
		if items[i].State == queue.Queued && slices.Contains(running, items[i].ID) {
			items[i].State = queue.Running
			if items[i].Dir {
				items[i].State = queue.Scanning
			}
		}
	}
}

// queueList prints the entries that l chooses.
func (p *program) queueList(ctx context.Context, f *queueFlags, l listFlags) error {
	b, err := p.beside(ctx, f)
	if err != nil {
		return err
	}
	if b == nil {
		if !p.opt.json && !p.opt.quiet {
			_, err = p.out.WriteString("The queue is empty.\n")
		}
		return err
	}
	defer func() { _ = b.Close() }()
	items, total, err := b.List(ctx, queue.Filter{States: l.states, Text: l.text, Job: l.job}, 0, l.limit)
	if err != nil {
		return queueTrouble(err)
	}
	markRunning(items, p.running(ctx, b))
	if only := l.states; len(only) > 0 { // running and queued are one in the file
		items = slices.DeleteFunc(items, func(it queue.Item) bool { return !slices.Contains(only, it.State) })
	}
	for _, it := range items {
		if p.opt.json {
			err = p.outJSON(entryOf(it))
		} else {
			_, err = p.out.WriteString(entryOf(it).line())
		}
		if err != nil {
			return err
		}
	}
	if p.opt.json || p.opt.quiet {
		return nil
	}
	counts, err := b.Counts(ctx)
	if err != nil {
		return queueTrouble(err)
	}
	_, err = p.out.WriteString(countsText(counts, b.Paused(), total-len(items)))
	return err
}

// countsText is the last line of a list.
func countsText(c queue.Counts, paused bool, more int) string {
	var parts []string
	for _, s := range []queue.State{
		queue.Queued, queue.Paused, queue.Waiting, queue.NeedsAnswer, queue.Done, queue.Failed, queue.Skipped, queue.Cancelled,
	} {
		if n := c.States[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 {
		return "The queue is empty.\n"
	}
	text := strings.Join(parts, ", ")
	if c.BytesLeft > 0 {
		text += "; " + bytesText(c.BytesLeft) + " to do"
	}
	if more > 0 {
		text += fmt.Sprintf("; %d not shown (see --limit)", more)
	}
	if paused {
		text += "; everything is paused"
	}
	return text + "\n"
}

// A queueEntry is an entry as --json tells it.
type queueEntry struct {
	ID       int64         `json:"id"`
	Job      int64         `json:"job"`
	Parent   int64         `json:"parent,omitempty"`
	Kind     string        `json:"kind"`
	Type     string        `json:"type"` // "file" or "dir"
	State    string        `json:"state"`
	Site     string        `json:"site"`
	Path     string        `json:"path"`
	PathRaw  []byte        `json:"path_b64,omitempty"` // where the path is not UTF-8
	Local    string        `json:"local,omitempty"`
	ToSite   string        `json:"to_site,omitempty"`
	ToPath   string        `json:"to_path,omitempty"`
	Priority string        `json:"priority"`
	Exists   string        `json:"exists"`
	Size     *int64        `json:"size,omitempty"`
	Bytes    int64         `json:"bytes,omitempty"`
	Found    int           `json:"found,omitempty"` // entries in a folder
	Tries    int           `json:"tries,omitempty"`
	Note     string        `json:"note,omitempty"`
	Reason   *queue.Reason `json:"reason,omitempty"`
	Conflict *conflictJSON `json:"conflict,omitempty"`
	Due      time.Time     `json:"due,omitzero"`
	Added    time.Time     `json:"added,omitzero"`
	Started  time.Time     `json:"started,omitzero"`
	Ended    time.Time     `json:"ended,omitzero"`
}

// A conflictJSON is what an entry asks about.
type conflictJSON struct {
	SourceSize int64     `json:"source_size"` // -1: not known
	TargetSize int64     `json:"target_size"`
	SourceTime time.Time `json:"source_mtime,omitzero"`
	TargetTime time.Time `json:"target_mtime,omitzero"`
}

// stateWord is the word for --state.
func stateWord(s queue.State) string {
	switch s {
	case queue.Waiting:
		return "waiting"
	case queue.NeedsAnswer:
		return "asks"
	default:
		return s.String()
	}
}

func entryOf(it queue.Item) queueEntry {
	e := queueEntry{
		ID: it.ID, Job: it.Job, Parent: it.Parent, Kind: it.Kind.String(), Type: "file", State: stateWord(it.State),
		Site: it.Site, Path: siteText(it.Site, it.Remote), Local: it.Local, ToSite: it.ToSite,
		Priority: priorityWord(it.Priority), Exists: it.Rule.String(), Bytes: it.Bytes, Found: it.Children, Tries: it.Tries,
		Note: it.Note, Due: it.Due, Added: it.Added, Started: it.Started, Ended: it.Ended,
	}
	if it.ToSite != "" {
		e.ToPath = siteText(it.ToSite, it.ToRemote)
	}
	if !utf8.ValidString(it.Remote) {
		e.PathRaw = []byte(it.Remote)
	}
	if it.Dir {
		e.Type = "dir"
	} else if it.Total >= 0 {
		e.Size = &it.Total
	}
	if it.Reason != (queue.Reason{}) {
		e.Reason = &it.Reason
	}
	if c := it.Conflict; c != nil {
		e.Conflict = &conflictJSON{SourceSize: c.SourceSize, TargetSize: c.TargetSize, SourceTime: c.SourceTime, TargetTime: c.TargetTime}
	}
	return e
}

// siteText decodes a raw path of a site.
func siteText(key, raw string) string {
	s, err := sitekey.Parse(key)
	if err != nil {
		return strings.ToValidUTF8(raw, "\ufffd")
	}
	return charset(s.Charset).text(raw)
}

// siteName is what people call a site.
func siteName(key string) string {
	s, err := sitekey.Parse(key)
	if err != nil {
		return client.Printable(key)
	}
	return s.Name()
}

// what tells where an entry comes from and goes.
func (e queueEntry) what() string {
	place := siteName(e.Site) + ":" + e.Path
	switch e.Kind {
	case queue.Upload.String():
		return e.Local + " to " + place
	case queue.Download.String():
		return place + " to " + e.Local
	case queue.Copy.String():
		return place + " to " + siteName(e.ToSite) + ":" + e.ToPath
	default:
		return place
	}
}

// line is the entry in a list.
func (e queueEntry) line() string {
	size := ""
	switch {
	case e.Type == "dir":
		size = "folder"
	case e.Size != nil:
		size = bytesText(*e.Size)
	}
	text := fmt.Sprintf("%6d  %-9s  %-8s  %9s  %s", e.ID, e.State, e.Kind, size, client.Printable(e.what()))
	if e.Reason != nil && e.Reason.Sentence != "" {
		text += "\n        " + client.Printable(e.Reason.Sentence)
	}
	return text + "\n"
}

// details are all that is known of the entry, a line each.
func (e queueEntry) details(more bool) string {
	var b strings.Builder
	if more {
		b.WriteByte('\n')
	}
	add := func(what, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", what, client.Printable(value))
		}
	}
	clock := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Local().Format("2006-01-02 15:04:05")
	}
	add("entry", fmt.Sprint(e.ID))
	if e.Job != e.ID {
		add("part of", fmt.Sprint(e.Job))
	}
	add("state", e.State)
	add("kind", e.Kind+" of a "+map[string]string{"file": "file", "dir": "folder"}[e.Type])
	add("server", siteName(e.Site))
	add("path", e.Path)
	add("local", e.Local)
	if e.ToSite != "" {
		add("to server", siteName(e.ToSite))
		add("to path", e.ToPath)
	}
	if e.Size != nil {
		add("size", bytesText(*e.Size))
	}
	if e.Found > 0 {
		add("found", fmt.Sprint(e.Found))
	}
	add("priority", e.Priority)
	add("exists", e.Exists)
	if e.Tries > 0 {
		add("tries", fmt.Sprint(e.Tries))
	}
	if e.Reason != nil {
		add("why", e.Reason.Sentence)
		add("hint", optionNames().Replace(e.Reason.Next))
	}
	add("note", e.Note)
	add("due", clock(e.Due))
	add("added", clock(e.Added))
	add("started", clock(e.Started))
	add("ended", clock(e.Ended))
	return b.String()
}
