package state

import (
	"slices"
	"strings"

	"portside/client"
	"portside/transfers"
)

// A SyncGroup is a part of the preview of a synchronisation. They are shown in
// this order: what needs a decision first.
type SyncGroup uint8

// The groups.
const (
	SyncProblems SyncGroup = iota // what cannot be done or compared, and what else is to be known
	SyncDeletes
	SyncNew
	SyncChanged
	SyncLeft // left alone
	SyncSame
	SyncGroups int = iota // how many there are
)

// A SyncStatus says how far an entry is, once the plan is carried out.
type SyncStatus uint8

// The states.
const (
	SyncWaiting SyncStatus = iota
	SyncRunning
	SyncDone
	SyncFailed
	SyncUndone // the run has ended without it
)

// A SyncTick is what is in the check box of a row.
type SyncTick uint8

// The ticks.
const (
	SyncNoBox SyncTick = iota
	SyncOff
	SyncOn
	SyncSome // of a group: some of its entries
)

// A SyncRow is a line of the preview: an entry, or the head of a group.
type SyncRow struct {
	Head   bool
	Group  SyncGroup
	Action transfers.MirrorAction // of an entry
	Note   bool                   // something to be known, with nothing to be done
	Status SyncStatus
	Tick   SyncTick
	Dir    bool
	Under  bool   // in a folder that is an entry itself
	Word   string // what is done; of a head, its title
	Path   string
	Size   string
	Why    string
	Next   string // what may be done about it
}

// A syncItem is a row that is an entry of the plan, a failure or a note.
type syncItem struct {
	group  SyncGroup
	action transfers.MirrorAction
	status SyncStatus
	entry  int32 // place in the plan; -1: not an entry
	parent int32 // item of the folder that it goes into, or is deleted with; -1: none
	dir    bool
	box    bool // can be left out
	off    bool // is left out
	note   bool
	path   string
	why    string
	next   string
	size   int64
	part   float64 // of a file that runs
}

// Sync is the preview of a synchronisation, and later its progress. It is not
// safe for concurrent use.
type Sync struct {
	upload bool
	items  []syncItem // in the order of their groups
	shown  []int32    // rows: places in items, or -1-group for a head
	filter SyncFilter
	frozen bool // ticks cannot be changed any more
	format Format
	run    syncRun
}

// NewSync returns the preview of a plan, which uploads or downloads.
func NewSync(plan *transfers.MirrorPlan, upload bool) *Sync {
	s := &Sync{upload: upload}
	var at [SyncGroups]int
	for i := range plan.Entries {
		at[groupOf(&plan.Entries[i])]++
	}
	at[SyncProblems] += len(plan.Failed) + len(plan.Notes)
	sum := 0
	for g, n := range at {
		at[g], sum = sum, sum+n
	}
	s.items = make([]syncItem, sum)
	put := func(it syncItem) {
		s.items[at[it.group]] = it
		at[it.group]++
	}
	for _, f := range plan.Failed {
		put(failedItem(f))
	}
	for i := range plan.Entries {
		put(entryItem(&plan.Entries[i], i))
	}
	for _, n := range plan.Notes {
		put(noteItem(n))
	}
	first := at[SyncDeletes-1]
	slices.SortStableFunc(s.items[first:at[SyncDeletes]], func(a, b syncItem) int { return comparePaths(a.path, b.path) })
	s.findParents()
	s.Show(SyncShowAll)
	return s
}

// comparePaths orders paths so that a folder is followed by what is in it; it is
// deleted after that.
func comparePaths(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, "/")
		y, b, _ = strings.Cut(b, "/")
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

// groupOf says where an entry is shown.
func groupOf(e *transfers.MirrorEntry) SyncGroup {
	switch e.Action {
	case transfers.MirrorMakeDir, transfers.MirrorNew:
		return SyncNew
	case transfers.MirrorChanged:
		return SyncChanged
	case transfers.MirrorDelete:
		return SyncDeletes
	case transfers.MirrorConflict:
		return SyncProblems
	case transfers.MirrorKeep:
		if e.Why == "" || e.Why == "sent after it was changed" {
			return SyncSame
		}
	case transfers.MirrorSkip:
	}
	return SyncLeft
}

func entryItem(e *transfers.MirrorEntry, i int) syncItem {
	it := syncItem{
		group: groupOf(e), action: e.Action, entry: int32(i), parent: -1, dir: e.Dir,
		path: e.Path, why: syncWhy(e.Why), size: e.Size,
	}
	switch e.Action {
	case transfers.MirrorConflict:
		advice := transfers.Explain(e.Err)
		if e.Why == "name not allowed" || e.Why == "" {
			it.why = advice.Sentence
		}
		it.next = advice.Next
	case transfers.MirrorKeep, transfers.MirrorSkip:
	default:
		it.box = true
	}
	return it
}

func failedItem(f transfers.Failure) syncItem {
	advice := transfers.Explain(f.Err)
	return syncItem{
		group: SyncProblems, action: transfers.MirrorConflict, entry: -1, parent: -1, path: f.Path, size: -1,
		why: advice.Sentence, next: advice.Next, status: SyncWaiting,
	}
}

func noteItem(n transfers.Note) syncItem {
	return syncItem{group: SyncProblems, entry: -1, parent: -1, note: true, path: n.Path, why: client.Printable(n.Text), size: -1}
}

// syncWhy says why in words that stand alone.
func syncWhy(why string) string {
	switch why {
	case "size":
		return "the size differs"
	case "time":
		return "the time differs"
	case "content":
		return "the content differs"
	case "newer":
		return "the source is newer"
	case "unfinished":
		return "an earlier transfer did not finish"
	}
	return client.Printable(why)
}

// SetFormat changes how sizes are written.
func (s *Sync) SetFormat(f Format) { s.format = f }

// Len returns the number of rows that are shown.
func (s *Sync) Len() int { return len(s.shown) }

// Upload reports whether the server is the target.
func (s *Sync) Upload() bool { return s.upload }

// Row returns what row i says.
func (s *Sync) Row(i int) SyncRow {
	at := s.shown[i]
	if at < 0 {
		return s.headRow(SyncGroup(-1 - at))
	}
	it := &s.items[at]
	r := SyncRow{
		Group: it.group, Action: it.action, Note: it.note, Status: it.status, Dir: it.dir, Under: it.parent >= 0,
		Word: s.word(it), Path: it.shownPath(), Why: it.why, Next: it.next,
	}
	if !it.dir && it.size >= 0 {
		r.Size = s.format.Size(it.size)
	}
	switch {
	case it.box && it.off:
		r.Tick = SyncOff
	case it.box:
		r.Tick = SyncOn
	}
	return r
}

// shownPath is the path for people: a folder ends in a slash.
func (it *syncItem) shownPath() string {
	switch {
	case it.path == "." && it.dir:
		return "the folder itself"
	case it.path == ".":
		return "here"
	case it.dir:
		return client.Printable(it.path) + "/"
	}
	return client.Printable(it.path)
}

// headRow is the head of a group, with the sum of what is in it.
func (s *Sync) headRow(g SyncGroup) SyncRow {
	r := SyncRow{Head: true, Group: g, Word: s.groupName(g)}
	n, boxes, on := 0, 0, 0
	size := int64(0)
	for i := range s.items {
		it := &s.items[i]
		if it.group != g || !s.filter.shows(it) {
			continue
		}
		n++
		if it.box {
			boxes++
			if !it.off {
				on++
			}
		}
		if !it.dir && it.size > 0 {
			size += it.size
		}
	}
	r.Path = Count(int64(n))
	if size > 0 && g != SyncProblems {
		r.Size = s.format.Size(size)
	}
	switch {
	case boxes == 0:
	case on == boxes:
		r.Tick = SyncOn
	case on == 0:
		r.Tick, r.Why = SyncOff, "none chosen"
	default:
		r.Tick, r.Why = SyncSome, Count(int64(on))+" chosen"
	}
	return r
}
