package store

import (
	"database/sql"
	"time"
)

// A Row is an entry of the queue.
type Row struct {
	ID     int64
	Parent int64 // the folder in which it was found; 0: added by the user
	Job    int64 // the entry that the user added; of that entry its own ID

	Site   int64 // as Store.Site gave it
	ToSite int64 // 0: none
	Kind   uint8
	Dir    bool

	Remote, ToRemote []byte // raw paths; as all bytes here, empty ones come back as nil
	Root, Local      string // a local folder, and a path below it

	Size    int64     // -1: not known
	ModTime time.Time // zero: not known
	Precise bool      // of ModTime
	Mode    uint32
	Rule    uint8
	Flags   uint32

	Priority int8  // higher ones first
	Pos      int64 // order within a priority, lower ones first; 0 on insert: at the end
	State    uint8
	Due      time.Time // not before; zero: at any time
	Tries    int

	SettledAction uint8
	SettledName   []byte

	Reason, Conflict []byte // JSON or nil

	Bytes    int64 // moved so far
	Children int

	Added, Started, Ended time.Time // Added is set on insert where it is zero
}

// Gap is the distance between the positions of entries that are added one after another.
const Gap = 1 << 20

// Fields says which fields of a Row a change sets.
type Fields uint32

// The fields that can be set later. What an entry is (its kind, sites, parent) stays.
const (
	State Fields = 1 << iota
	Due
	Tries
	Settled // SettledAction and SettledName
	Reason
	Conflict
	Bytes
	Children
	Started
	Ended
	Priority
	Pos
	Size
	ModTime // and Precise
	Mode
	Rule
	Flags
	Remote
	Local // and Root
	ToRemote
)

// A column is one of the table items.
type column struct {
	name  string
	field Fields // 0: set on insert only
	value func(*Row) any
	rare  bool // usually zero on insert
}

// table lists the columns in the order in which scan reads them, without the id.
// The rank is the priority turned round, so that every index ascends.
func table() []column {
	return []column{
		{name: "parent", value: func(r *Row) any { return r.Parent }},
		{name: "job", value: func(r *Row) any { return r.Job }},
		{name: "site", value: func(r *Row) any { return r.Site }},
		{name: "kind", value: func(r *Row) any { return int64(r.Kind) }},
		{name: "dir", value: func(r *Row) any { return whole(r.Dir) }},
		{name: "remote", field: Remote, value: func(r *Row) any { return r.Remote }},
		{name: "root", field: Local, value: func(r *Row) any { return r.Root }},
		{name: "local", field: Local, value: func(r *Row) any { return r.Local }},
		{name: "size", field: Size, value: func(r *Row) any { return r.Size }},
		{name: "mtime", field: ModTime, value: func(r *Row) any { return micro(r.ModTime) }},
		{name: "precise", field: ModTime, value: func(r *Row) any { return whole(r.Precise) }},
		{name: "rule", field: Rule, value: func(r *Row) any { return int64(r.Rule) }},
		{name: "flags", field: Flags, value: func(r *Row) any { return int64(r.Flags) }},
		{name: "rank", field: Priority, value: func(r *Row) any { return -int64(r.Priority) }},
		{name: "pos", field: Pos, value: func(r *Row) any { return r.Pos }},
		{name: "state", field: State, value: func(r *Row) any { return int64(r.State) }},
		{name: "due", field: Due, value: func(r *Row) any { return micro(r.Due) }},
		{name: "added", value: func(r *Row) any { return micro(r.Added) }},
		{name: "ended", field: Ended, value: func(r *Row) any { return micro(r.Ended) }},

		{name: "tosite", rare: true, value: func(r *Row) any { return r.ToSite }},
		{name: "toremote", rare: true, field: ToRemote, value: func(r *Row) any { return bytesOrNull(r.ToRemote) }},
		{name: "mode", rare: true, field: Mode, value: func(r *Row) any { return int64(r.Mode) }},
		{name: "tries", rare: true, field: Tries, value: func(r *Row) any { return int64(r.Tries) }},
		{name: "settled", rare: true, field: Settled, value: func(r *Row) any { return int64(r.SettledAction) }},
		{name: "settledname", rare: true, field: Settled, value: func(r *Row) any { return bytesOrNull(r.SettledName) }},
		{name: "reason", rare: true, field: Reason, value: func(r *Row) any { return bytesOrNull(r.Reason) }},
		{name: "conflict", rare: true, field: Conflict, value: func(r *Row) any { return bytesOrNull(r.Conflict) }},
		{name: "bytes", rare: true, field: Bytes, value: func(r *Row) any { return r.Bytes }},
		{name: "children", rare: true, field: Children, value: func(r *Row) any { return int64(r.Children) }},
		{name: "started", rare: true, field: Started, value: func(r *Row) any { return micro(r.Started) }},
	}
}

// plain reports whether all rare columns of r are zero.
func (r *Row) plain() bool {
	return r.ToSite == 0 && r.ToRemote == nil && r.Mode == 0 && r.Tries == 0 && r.SettledAction == 0 &&
		r.SettledName == nil && r.Reason == nil && r.Conflict == nil && r.Bytes == 0 && r.Children == 0 && r.Started.IsZero()
}

// selected is the list of columns that scan reads.
const selected = "id,parent,job,site,kind,dir,remote,root,local,size,mtime,precise,rule,flags,rank,pos,state,due,added,ended," +
	"tosite,toremote,mode,tries,settled,settledname,reason,conflict,bytes,children,started"

// scan reads one row of a query for the selected columns.
func scan(rows *sql.Rows) (Row, error) {
	var r Row
	var rank, mtime, due, added, ended, started int64
	err := rows.Scan(&r.ID, &r.Parent, &r.Job, &r.Site, &r.Kind, &r.Dir, &r.Remote, &r.Root, &r.Local, &r.Size,
		&mtime, &r.Precise, &r.Rule, &r.Flags, &rank, &r.Pos, &r.State, &due, &added, &ended,
		&r.ToSite, &r.ToRemote, &r.Mode, &r.Tries, &r.SettledAction, &r.SettledName, &r.Reason, &r.Conflict,
		&r.Bytes, &r.Children, &started)
	r.Priority = int8(-rank)
	r.ModTime, r.Due, r.Added, r.Ended, r.Started = at(mtime), at(due), at(added), at(ended), at(started)
	return r, err
}

// micro is the stored form of a time: microseconds since 1970, and 0 for none. The
// one microsecond that would read as none is stored as the next.
func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	if m := t.UnixMicro(); m != 0 {
		return m
	}
	return 1
}

func at(m int64) time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(m).UTC()
}

func whole(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// bytesOrNull keeps nil apart from empty.
func bytesOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
