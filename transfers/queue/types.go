package queue

import (
	"context"
	"time"

	"portside/transfers"
)

// A Site is a server with a user, as the queue knows it.
type Site struct {
	// Key identifies server, user and every setting of the connection, so that
	// no session made under weaker security is ever used for it. It is kept in
	// the file and holds no secret.
	Key  string
	Name string // for people

	// What follows holds beside the queue's Limits, and is not kept in the file:
	// who opens the queue says it again.
	MaxConnections int   // 0: as many as Limits allow
	Down, Up       int64 // bytes a second; 0: no limit but that of all
}

// A Kind says what is to be done.
type Kind uint8

// The kinds.
const (
	Download Kind = iota
	Upload
	Copy   // from one server to another, through this computer
	Delete // on the server, with all that is in it
	Chmod  // of a file, or of a folder with all that is in it (SITE CHMOD)
)

// String returns the kind as one word in lower case.
func (k Kind) String() string {
	switch k {
	case Download:
		return "download"
	case Upload:
		return "upload"
	case Copy:
		return "copy"
	case Delete:
		return "delete"
	case Chmod:
		return "chmod"
	default:
		return "unknown"
	}
}

// A Priority decides what is done first; among equals it is the order of adding,
// until Queue.Move changes it.
type Priority int8

// The priorities.
const (
	Lowest  Priority = -2
	Low     Priority = -1
	Normal  Priority = 0
	High    Priority = 1
	Highest Priority = 2
)

// A Job is something for a Queue to do.
type Job struct {
	Kind     Kind
	Site     string // Site.Key
	Remote   string // raw path on it
	Local    string // absolute path, of Download and Upload
	ToSite   string // of Copy: Site.Key of the target
	ToRemote string // of Copy: raw path of the target
	Dir      bool   // a folder with all that is in it
	Size     int64  // bytes; 0 or less: not known
	ModTime  time.Time
	Rule     transfers.Exists // for targets that are there already
	ASCII    bool             // TYPE A
	Mode     uint32           // of Chmod: the permission bits of files, and of folders with x added where r is
	Priority Priority
	After    time.Time // not to be started before; zero: now
	Paused   bool      // added, and not started
}

// A State says where an Item is.
type State uint8

// The states. Their numbers stand in the file.
const (
	Queued      State = 0 // waits for its turn
	Scanning    State = 1 // its folder is being listed
	Running     State = 2
	Paused      State = 3
	Waiting     State = 4  // for its next try, at Item.Due
	NeedsAnswer State = 5  // Item.Conflict is for Queue.Answer
	Done        State = 10 // all of it, checked
	Failed      State = 11 // Item.Reason says why
	Skipped     State = 12 // by the rule for existing files, or by the user
	Cancelled   State = 13
)

// String returns the state in lower case.
func (s State) String() string {
	switch s {
	case Queued:
		return "queued"
	case Scanning:
		return "scanning"
	case Running:
		return "running"
	case Paused:
		return "paused"
	case Waiting:
		return "waiting to retry"
	case NeedsAnswer:
		return "needs an answer"
	case Done:
		return "done"
	case Failed:
		return "failed"
	case Skipped:
		return "skipped"
	case Cancelled:
		return "cancelled"
	default:
		return "unknown"
	}
}

// Finished reports whether the item has come to its end.
func (s State) Finished() bool { return s >= Done }

// A Reason says in words why an item is in its state.
type Reason struct {
	Kind       string `json:"kind,omitempty"` // a stable word: "login", "not-found", "disk-full" …
	Sentence   string `json:"sentence,omitempty"`
	Next       string `json:"next,omitempty"`       // what may be done about it
	Connection bool   `json:"connection,omitempty"` // a diagnosis may say more
}

// An Item is an entry of the queue, as it is at the moment.
type Item struct {
	ID     int64
	Parent int64 // the folder that it was found in; 0: added by a user
	Job    int64 // the item that was added; itself where Parent is 0
	Kind   Kind
	Dir    bool
	Site   string // Site.Key
	ToSite string
	Remote string // raw
	Local  string
	// ToRemote is the target of Copy, raw.
	ToRemote string

	State    State
	Reason   Reason
	Priority Priority
	Rule     transfers.Exists
	Bytes    int64 // of it that are there
	Total    int64 // -1: not known
	Rate     float64
	Left     time.Duration // negative: not known
	Children int           // of a folder: what was found in it
	Conflict *transfers.Conflict
	Note     string // of what is done: "saved as …"
	Tries    int
	Due      time.Time

	Added, Started, Ended time.Time // zero: not yet

	// Err is what a Failed item failed with, in Options.OnDone only; nil where
	// just its Reason is known.
	Err error
}

// A Filter chooses items.
type Filter struct {
	States []State // none: all
	Text   string  // part of a path
	Job    int64   // 0: of all jobs
}

// Counts are the sums over all items.
type Counts struct {
	States    map[State]int
	BytesLeft int64 // of what is not finished; entries of unknown size left out
	Unknown   int   // unfinished files whose size is not known, and folders that were not looked through
	BytesDone int64 // since the queue was last idle
	FilesDone int   // since the queue was last idle
	Down, Up  float64
	MeanDown  float64 // since the queue was last idle
	MeanUp    float64
	Left      time.Duration // negative: not known
}

// Unfinished returns how many items are not at their end.
func (c Counts) Unfinished() int {
	n := 0
	for s, k := range c.States {
		if !s.Finished() {
			n += k
		}
	}
	return n
}

// A SiteStatus says how a site is getting on.
type SiteStatus struct {
	Site
	Connections int       // that there are
	Limit       int       // that there may be at the moment
	Stopped     Reason    // zero: it works. It goes on after Queue.ResumeSite
	Retry       time.Time // the next attempt to connect; zero: none is waited for
	Trouble     Reason    // why Retry is waited for
	Unfinished  int
}

// Limits bound what runs. They take effect at once and are kept in the file.
type Limits struct {
	Down     int64 `json:"down"` // bytes a second over all connections; 0: none
	Up       int64 `json:"up"`
	Parallel int   `json:"parallel"` // connections in all; 0: DefaultParallel
	PerSite  int   `json:"perSite"`  // connections a site; 0: DefaultPerSite
}

// A Schedule allows transfers at some times only. The zero value always does.
type Schedule struct {
	From time.Duration  `json:"from"` // since midnight, local time
	To   time.Duration  `json:"to"`   // before From: over midnight; equal: all day
	Days []time.Weekday `json:"days,omitempty"`
}

// What is done when the queue has nothing left to do.
const (
	DoNothing = ""
	DoNotify  = "notify"
	DoSound   = "sound"
	DoCommand = "command"
	DoQuit    = "quit"
)

// WhenDone says what the program does when the queue has come to its end. The
// queue keeps it and carries nothing of it out.
type WhenDone struct {
	Action  string   `json:"action"`
	Command []string `json:"command,omitempty"` // program and arguments, of DoCommand
}

// Totals are what was done between two idle moments.
type Totals struct {
	Files, Failed, Skipped int
	Bytes                  int64
	Took                   time.Duration
	// Left is how many entries are not at their end: they are paused, wait for
	// an answer, or belong to a site that is stopped.
	Left int
}

// A Sample is the throughput around a moment, in bytes a second.
type Sample struct {
	At       time.Time
	Down, Up float64
}

// Where says to which place an item is moved.
type Where uint8

// The places.
const (
	Top Where = iota
	Up
	Down
	Bottom
)

// The defaults of Options.
const (
	DefaultParallel    = 10
	DefaultPerSite     = 8
	DefaultIdleTimeout = 30 * time.Second
	DefaultDialRetries = 3
	DefaultTries       = 5
	DefaultKeepDone    = 10_000
	DefaultKeepFor     = 30 * 24 * time.Hour
)

// Options say how a Queue works.
type Options struct {
	// Path is the file. Empty: the queue ends with the program.
	Path string
	// Dial makes a session of a site. The queue closes it.
	Dial func(ctx context.Context, site string) (transfers.RemoteCloser, error)
	// Lend, where set, is asked for a session that somebody else uses as well,
	// where the site lets no session of the queue in, or may have but one. It may
	// return nil. The queue does not close it.
	Lend func(site string) transfers.RemoteCloser
	// Beside, where set, says how many connections to a site there are beside the
	// queue's own, such as of a window that browses: Site.MaxConnections holds for all
	// of them together, of which one at least is the queue's. Who is about to make one
	// more counts it, and calls Queue.MakeRoom. Beside is called under a lock: it must
	// return at once, and not use the queue.
	Beside func(site string) int
	// Transfer is for every file. The queue sets Exists, Ask, Redial, Retries,
	// Progress and OnRetry itself.
	Transfer transfers.Options
	// ForSite, where set, changes a copy of Transfer for a site, such as to
	// temporary names on uploads. For a Copy it is the site that the copy goes to.
	ForSite func(site string, opt *transfers.Options)

	// Held has nothing started before Queue.Start is called, so that the limits of
	// sites and what an option says hold from the first connection on.
	Held bool
	// Limits are used where the file has none.
	Limits      Limits
	IdleTimeout time.Duration // for which an unused session is kept; 0: DefaultIdleTimeout
	// Tries is how often an item is tried without getting any further; 0:
	// DefaultTries, negative: once.
	Tries int
	// DialRetries is how often a site is tried in a row before its items fail;
	// 0: DefaultDialRetries, negative: for ever.
	DialRetries int
	// Unattended says that nobody logs in to a site whose login was refused: copies to
	// it fail, and do not wait for that.
	Unattended  bool
	Backoff     time.Duration // before the first retry, doubled each time; 0: transfers.DefaultBackoff
	Patience    time.Duration // before a try after a disk was full; 0: as transfers.Judge says
	KeepDone    int           // finished items that are kept; 0: DefaultKeepDone
	KeepFor     time.Duration // for which they are kept; 0: DefaultKeepFor
	MaxDepth    int           // levels of folders; 0: transfers.DefaultMaxDepth
	FollowLinks bool          // trees follow symbolic links to folders

	// OnChange says that something has changed; OnDone is told of every item
	// that has come to its end, OnIdle when there is nothing left to do. They
	// are called in order by one goroutine of the queue, and may use it, but
	// not close it.
	OnChange func()
	OnDone   func(Item)
	OnIdle   func(Totals)

	Now func() time.Time // nil: time.Now
}
