package transfers

import (
	"context"
	"fmt"
	"time"
)

// Exists is a rule for a target that is there already.
type Exists uint8

// The rules.
const (
	Ask         Exists = iota // Options.Ask decides
	Overwrite                 // replace it
	Newer                     // replace it where the source is newer, or a time is not known; else skip
	SizeDiffers               // replace it where the sizes differ, or one is not known; else skip
	Resume                    // complete it after checking; start anew where it is no part of the source
	RenameNew                 // leave it, and write to "name (1).ext"
	Skip                      // leave it
	Fail                      // leave it, and fail
)

func existsNames() [8]string {
	return [...]string{"ask", "overwrite", "newer", "size", "resume", "rename", "skip", "fail"}
}

// String returns the word that ParseExists takes.
func (e Exists) String() string {
	names := existsNames()
	if int(e) < len(names) {
		return names[e]
	}
	return fmt.Sprintf("Exists(%d)", uint8(e))
}

// ParseExists reads "ask", "overwrite", "newer", "size", "resume", "rename",
// "skip" or "fail".
func ParseExists(s string) (Exists, error) {
	for i, name := range existsNames() {
		if s == name {
			return Exists(i), nil
		}
	}
	return Ask, fmt.Errorf("unknown rule %q for existing files: want ask, overwrite, newer, size, resume, rename, skip or fail", s)
}

// A Conflict is a target that is there already, for somebody to decide about.
type Conflict struct {
	Direction  Direction
	Remote     string // raw path
	Local      string
	SourceSize int64 // bytes; -1 where not known
	TargetSize int64
	SourceTime time.Time // zero where not known
	TargetTime time.Time

	coarse bool // one of the times is to the minute only
}

// A Decision is the answer to a Conflict.
type Decision struct {
	Action Exists // any rule but Ask
	ForAll bool   // also for every further conflict of the call
}

// settle applies the rule to c. It returns Overwrite, Resume, RenameNew or
// Skip; where the rule is Fail, an error.
func (t *task) settle(ctx context.Context, c Conflict) (Exists, error) {
	rule := t.opt.Exists
	if rule == Ask {
		rule = t.standing
	}
	if rule == Ask {
		if t.opt.Ask == nil {
			return Fail, t.existsError(c)
		}
		d, err := t.opt.Ask(ctx, c)
		if err != nil {
			return Fail, err
		}
		if d.ForAll {
			t.standing = d.Action
		}
		rule = d.Action
	}
	switch rule {
	case Overwrite, Resume, RenameNew, Skip:
		return rule, nil
	case Newer:
		if c.isNewer() {
			return Overwrite, nil
		}
		return Skip, nil
	case SizeDiffers:
		if c.SourceSize < 0 || c.SourceSize != c.TargetSize {
			return Overwrite, nil
		}
		return Skip, nil
	default:
		return Fail, t.existsError(c)
	}
}

// isNewer compares the times as far as both can be trusted.
func (c Conflict) isNewer() bool {
	if c.SourceTime.IsZero() || c.TargetTime.IsZero() {
		return true
	}
	unit := time.Second
	if c.coarse {
		unit = time.Minute
	}
	return c.SourceTime.Truncate(unit).After(c.TargetTime.Truncate(unit))
}

func (t *task) existsError(c Conflict) error {
	if c.Direction == Uploading {
		return &RemoteExistsError{Path: c.Remote}
	}
	return &LocalError{Kind: LocalExists, Op: "create", Path: c.Local, Err: errExists}
}

// needsTime reports whether the rule looks at times, or shows them.
func (t *task) needsTime() bool {
	return t.opt.Exists == Newer || t.opt.Exists == Resume || (t.opt.Exists == Ask && t.standing == Ask) || t.standing == Newer
}

// needsTarget reports whether what is known of an existing target matters, so
// that asking the server for it pays.
func (t *task) needsTarget() bool { return t.opt.Exists != Overwrite }
