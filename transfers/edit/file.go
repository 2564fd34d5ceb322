package edit

import (
	"context"
	"path/filepath"
	"time"

	"portside/client/listing"
)

// A State says how a copy stands to the file on the server.
type State uint8

// The states.
const (
	Same       State = iota // as it was fetched, or sent
	Changed                 // to be sent, once somebody says so
	Sending                 // on its way
	Conflicted              // the server has another file by now: see File.Conflict
	Failed                  // could not be sent: see File.Err
)

// String returns "same", "changed", "sending", "conflicted" or "failed".
func (s State) String() string {
	return [...]string{"same", "changed", "sending", "conflicted", "failed"}[s]
}

// A Stamp is what is known of a file on the server.
type Stamp struct {
	Size    int64     // bytes; listing.UnknownSize where not known
	Time    time.Time // zero where not known
	Precise bool      // Time is to the second
}

// stampOf is the stamp of an entry.
func stampOf(e listing.Entry) Stamp { return Stamp{e.Size, e.ModTime, e.Precise} }

// compare says whether two stamps are of different files; sure is false where
// nothing that both have can tell.
func (s Stamp) compare(o Stamp) (differ, sure bool) {
	if s.Size >= 0 && o.Size >= 0 && s.Size != o.Size {
		return true, true
	}
	if s.Time.IsZero() || o.Time.IsZero() {
		return false, false
	}
	unit := time.Second
	if !s.Precise || !o.Precise {
		unit = time.Minute
	}
	return !s.Time.Truncate(unit).Equal(o.Time.Truncate(unit)), true
}

// A Conflict says what became of a file on the server while its copy was edited.
type Conflict struct {
	Theirs Stamp
	Gone   bool // it was deleted
	Unsure bool // the server does not say whether it was changed
	// Interrupted says that an upload of this copy broke off before: what is there
	// may be a part of it.
	Interrupted bool
}

// A File is one that is being edited: a copy for whoever looks.
type File struct {
	ID       string
	Site     string // key of the site, as the queue has it
	SiteName string // for people
	Remote   string // raw path
	Text     string // name for people, safe to show
	Local    string // absolute path of the copy
	Base     Stamp  // of the file on the server, as it was when both were the same
	Size     int64  // of the copy
	Changed  time.Time
	State    State
	Turn     int // counts the changes of State and of the content
	Always   bool
	Quiet    bool // somebody has said “not now” to this change
	Kept     bool // an earlier run of the program has left it
	Sent     int64
	Conflict *Conflict
	Err      error
}

// Unsent reports whether the copy has what the server has not.
func (f File) Unsent() bool { return f.State != Same }

// file is a File with what the desk needs for itself; the desk's lock guards it.
type file struct {
	File
	shelf  *shelf
	link   string    // what a link on the server leads to; raw
	isLink bool      // the path on the server is a link
	base   string    // SHA-256 of the content at Base
	sum    string    // of the copy, as it was judged last
	left   *Stamp    // what a broken upload has left there
	broken bool      // an upload broke off
	wanted bool      // an upload was asked for and could not be done
	dialed bool      // it failed because nobody could log in
	way    Way       // of the upload that was asked for last
	settle settling  // of the copy
	judged localMark // the copy when it was judged last
	polled bool      // its folder cannot be watched
	cancel context.CancelFunc
}

// dir is the folder that is the copy's own.
func (f *file) dir() string { return filepath.Dir(f.Local) }

// listed is the file as the list of its shelf has it.
func (f *file) listed() listed {
	return listed{
		ID: filepath.Base(f.dir()), Site: f.Site, SiteName: f.SiteName, Remote: []byte(f.Remote),
		Link: []byte(f.link), IsLink: f.isLink, Name: []byte(filepath.Base(f.Local)), Text: f.Text,
		Size: f.Base.Size, Time: f.Base.Time, Precise: f.Base.Precise, Sum: f.base,
	}
}

// turn notes that something about the file is new.
func (f *file) turn(s State) {
	f.State = s
	f.Turn++
}
