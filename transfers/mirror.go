package transfers

import (
	"context"
	"errors"
	"fmt"
)

// A MirrorCompare says when a file that is on both sides is transferred.
type MirrorCompare uint8

// The ways to compare.
const (
	CompareTime  MirrorCompare = iota // where size or modification time differ
	CompareNewer                      // where the source is newer
	CompareSize                       // where the sizes differ
	CompareHash                       // where the sizes or the checksums that the server computes differ
)

// MirrorOptions say how folders are synchronised. The rules for existing
// files, and the link and text options of Options, do not apply.
type MirrorOptions struct {
	Options

	Upload     bool          // the local folder is the source
	Compare    MirrorCompare //
	Delete     bool          // what the source lacks is deleted
	ForceEmpty bool          // also where the source is empty
	Exclude    []string      // patterns as in a .gitignore: "*.tmp", "dir/", "/top", "**/x"

	// Jobs is the number of files under way at the same time; less than 1: one.
	// More than one need Dial, which makes further sessions; they are closed
	// when the work is done. A server that refuses them is served with fewer.
	Jobs int
	Dial func(ctx context.Context) (RemoteCloser, error)
}

// A MirrorAction is what is to be done with an entry.
type MirrorAction uint8

// The actions.
const (
	MirrorKeep     MirrorAction = iota // nothing
	MirrorMakeDir                      // make the folder
	MirrorNew                          // transfer the file, which is not there yet
	MirrorChanged                      // transfer the file over the one that is there
	MirrorDelete                       // delete it
	MirrorSkip                         // left alone on both sides: excluded, or a link
	MirrorConflict                     // cannot be done; Err says why
)

// String returns "keep", "mkdir", "new", "changed", "delete", "skip" or
// "conflict".
func (a MirrorAction) String() string {
	names := [...]string{"keep", "mkdir", "new", "changed", "delete", "skip", "conflict"}
	if int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprintf("MirrorAction(%d)", uint8(a))
}

// A MirrorEntry is one entry of a plan.
type MirrorEntry struct {
	Action MirrorAction
	Path   string // below both roots, with slashes, as text
	Dir    bool
	Why    string // a short clause; empty where the action says it all
	Size   int64  // of a file, bytes; -1: not known
	Err    error  // of a conflict

	local  string      // below the local root, with the system's separators
	remote string      // raw path
	item   *mirrorItem // what is transferred or deleted
	there  *mirrorItem // what it replaces; nil: nothing
	goOn   bool        // what is there may be an earlier part of it
	twin   string      // local; a file whose name differs in case only comes first
	gate   *mirrorGate // of a deletion: what is asked again before it
	under  *mirrorItem // of a deletion: the item in the gate's folder
}

// A MirrorPlan is what is to be done to make the target like the source.
type MirrorPlan struct {
	// Entries are in the order in which they are done: folders before what is
	// in them, deletions last.
	Entries []MirrorEntry
	// Failed are the parts that could not be compared. Nothing is changed
	// there.
	Failed []Failure
	Notes  []Note

	opt           MirrorOptions
	local, remote string
}

// Count returns how many entries have the action.
func (p *MirrorPlan) Count(a MirrorAction) int {
	n := 0
	for i := range p.Entries {
		if p.Entries[i].Action == a {
			n++
		}
	}
	return n
}

// ErrEmptySource is a source without any entry, where everything on the other
// side was to be deleted.
var ErrEmptySource = errors.New("the source folder is empty: with deletion, everything in the target would be deleted")

// ErrNoHash is a server that computes no checksums.
var ErrNoHash = errors.New("the server computes no checksums that are known here (HASH, XSHA256, XMD5, XCRC)")

// A PatternError is an exclude pattern that cannot be read.
type PatternError struct {
	Pattern string
	Err     error
}

// Error returns the pattern and what is wrong with it.
func (e *PatternError) Error() string {
	return fmt.Sprintf("exclude pattern %q: %v", e.Pattern, e.Err)
}

// Unwrap returns what is wrong.
func (e *PatternError) Unwrap() error { return e.Err }

// A MirrorConflictError is an entry that is something else on the other side.
type MirrorConflictError struct {
	Path string // below the roots, as text
	What string // a clause: "is a folder in the source and a file in the target"
}

// Error returns the path and the clause.
func (e *MirrorConflictError) Error() string { return e.Path + " " + e.What }

// errNoFolder is what a file meets whose folder could not be made.
var errNoFolder = errors.New("the folder for it could not be made")

// PlanMirror compares a local and a remote folder (raw path) with all that is
// below them, and says what is to be done to make one like the other. It
// changes nothing.
//
// Symbolic links are not followed, on either side: they are told, and neither
// transferred nor deleted. A deletion is planned only where the listings of
// that folder in the source and in the target were complete.
func PlanMirror(ctx context.Context, r Remote, local, remote string, opt MirrorOptions) (*MirrorPlan, error) {
	ex, err := parseExcludes(opt.Exclude)
	if err != nil {
		return nil, err
	}
	dir := Downloading
	if opt.Upload {
		dir = Uploading
	}
	m := &mirrorPlanner{
		task: newTask(r, dir, opt.mirrored()), opt: opt, ex: ex,
		plan: &MirrorPlan{opt: opt, local: local, remote: remote},
	}
	if opt.Compare == CompareHash && !canHash(r) {
		return nil, ErrNoHash
	}
	if err := m.start(ctx); err != nil {
		return nil, err
	}
	m.plan.Entries = append(m.plan.Entries, m.deletions...)
	m.plan.Failed, m.plan.Notes = m.task.sum.Failed, m.task.sum.Notes
	return m.plan, nil
}

// mirrored returns the options for the transfers of a plan, which has settled
// what is replaced.
func (o MirrorOptions) mirrored() Options {
	opt := o.Options
	opt.Exists, opt.Ask = Overwrite, nil
	opt.ASCII, opt.Times = false, true
	return opt
}

// canHash reports whether the server has a command for sums, as far as it says.
func canHash(r Remote) bool {
	if _, ok := r.(hasher); !ok {
		return false
	}
	f, ok := r.(featured)
	if !ok {
		return true
	}
	for _, verb := range []string{"HASH", "XSHA512", "XSHA256", "XSHA1", "XSHA", "XMD5", "XCRC"} {
		if f.Features().Has(verb) {
			return true
		}
	}
	return false
}
