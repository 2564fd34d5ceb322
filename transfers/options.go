package transfers

import (
	"context"
	"math/rand/v2"
	"time"
)

// A Direction says which way bytes go.
type Direction uint8

// The directions.
const (
	Downloading Direction = iota
	Uploading
	Deleting // only in a Progress
	Changing // of permission bits; only in a Progress
)

// String returns "download", "upload", "delete" or "change".
func (d Direction) String() string {
	switch d {
	case Uploading:
		return "upload"
	case Deleting:
		return "delete"
	case Changing:
		return "change"
	default:
		return "download"
	}
}

// The defaults of Options and the bounds that are not options.
const (
	DefaultRetries    = 3
	DefaultBackoff    = time.Second
	DefaultMaxDepth   = 100
	DefaultMaxEntries = 1_000_000

	maxBackoff  = 30 * time.Second
	sampleSize  = 64 << 10 // bytes compared before a partial file is trusted
	excessLimit = 1 << 20  // bytes taken beyond the size a server said, in case the file has grown
	hashLimit   = 64 << 20 // bytes that are cheap enough to hash on both sides
)

// Options say how files are transferred. The zero value transfers in binary,
// fails where a target exists, and tries three times more.
type Options struct {
	// Exists is the rule for targets that are there already.
	Exists Exists
	// Ask decides where Exists is Ask. nil: as Fail.
	Ask func(ctx context.Context, c Conflict) (Decision, error)

	ASCII bool // TYPE A: line ends are converted, sizes cannot be checked, nothing can be resumed
	// ASCIIFor says of a file's name whether it is text, to be transferred as
	// with ASCII. nil: none is. See TextNames.
	ASCIIFor func(name string) bool
	// Verify says when contents are compared by a checksum.
	Verify VerifyRule
	// TempUpload uploads to a temporary name in the same folder, and gives the
	// file its own name (RNTO) once it is there and checked.
	TempUpload bool
	// Pace is that of client.TransferOptions.
	Pace  func(ctx context.Context, n int) (int, error)
	Times bool // the target gets the source's modification time

	// Retries is the number of further tries after a temporary failure; tries
	// that brought at least 64 KiB of new bytes do not count. 0:
	// DefaultRetries, negative: none.
	Retries int
	// Backoff is the wait before the first retry, doubled each time up to
	// 30 s and spread by up to half. 0: DefaultBackoff.
	Backoff time.Duration
	// Jitter returns a number in [0, 1). nil: math/rand/v2.
	Jitter func() float64

	MaxDepth   int // levels of a tree. 0: DefaultMaxDepth
	MaxEntries int // entries of a tree. 0: DefaultMaxEntries

	// Redial replaces a session that was lost. The new one belongs to the
	// caller as the first did, who closes both. nil: a lost session is final.
	// Starting anew after a failed comparison needs it as well, since a
	// transfer is stopped by dropping its session.
	Redial func(ctx context.Context) (Remote, error)

	// Progress is called in the calling goroutine, at most ten times a second
	// and at the start and the end of each file.
	Progress func(Progress)
	// OnRetry is called before each wait.
	OnRetry func(err error, wait time.Duration)
}

// withDefaults returns o with every default filled in.
func (o Options) withDefaults() Options {
	switch {
	case o.Retries == 0:
		o.Retries = DefaultRetries
	case o.Retries < 0:
		o.Retries = 0
	}
	if o.Backoff <= 0 {
		o.Backoff = DefaultBackoff
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.MaxDepth <= 0 {
		o.MaxDepth = DefaultMaxDepth
	}
	if o.MaxEntries <= 0 {
		o.MaxEntries = DefaultMaxEntries
	}
	return o
}

// A Summary says what a call has done, also where it failed.
type Summary struct {
	Files   int   // transferred, or deleted
	Dirs    int   // made, or found; or deleted
	Skipped int   // by the rule for existing targets, or because of their type (Notes say which)
	Bytes   int64 // moved over data connections
	Failed  []Failure
	Notes   []Note
}

// A Failure is an entry that could not be transferred.
type Failure struct {
	Path string // raw remote path of a download or deletion, local path of an upload
	Err  error
}

// A Note is something to know about an entry that is no failure.
type Note struct {
	Path string // as in Failure
	Text string // a short clause: "link to a folder, not followed"
}
