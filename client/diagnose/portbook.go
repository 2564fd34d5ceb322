package diagnose

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"portside/client/keep"
)

// A PortBook keeps the passive ports that servers handed out in ordinary use, for
// AnalyzePorts, and which findings the user was told. It may be used by several
// goroutines at once. A nil PortBook is usable: it knows nothing, learns nothing
// and warns of nothing.
//
// What is added is known at once. The file is written by a goroutine of the book's
// own, some seconds later and at Close, so no transfer waits for a disk. Two programs
// may use the same file: each adds to what it finds there.
//
// A server is "host:port" of its control connection, in any case. Ports of one name
// by IPv4 and IPv6 are taken together, as are those of its TLS and plain sessions.
type PortBook struct {
	file keep.File // Path "": nothing is written
	wait time.Duration

	wake chan struct{} // holds one token while there is something to write
	stop chan struct{} // closed by Close
	done chan struct{} // closed when the goroutine is gone
	once sync.Once

	writing sync.Mutex // held while the file is changed; taken before mu

	mu      sync.Mutex // guards what follows
	pages   portPages
	pending []pageChange // not in the file yet
	problem error        // the first one with writing that was not told yet
	told    bool         // a problem was told
}

// The bounds of a book.
const (
	maxServers  = 200                         // the one not used for longest goes first
	keepSample  = 90 * 24 * time.Hour         // a sample so much older than the newest says nothing
	maxHostName = 300                         // characters of a server's name
	maxPending  = 2 * maxServers * maxSamples // changes that wait to be written
	bookWait    = 5 * time.Second             // between the first new sample and the writing
)

// OpenPortBook reads the book in the file at path; "" makes one that lasts until
// Close. The book is usable in any case, and empty where the file could not be read:
// the error, one of package keep or of the file system, then says why. A damaged file
// has been set aside; one of a newer version is left alone, and nothing is written.
func OpenPortBook(path string) (*PortBook, error) {
	b := &PortBook{
		file: keep.File{Path: path, Version: portBookVersion}, wait: bookWait,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		pages: portPages{},
	}
	if path == "" {
		close(b.done)
		return b, nil
	}
	stored, err := keep.Load[portBookFile](b.file)
	b.pages = stored.pages()
	_, damaged := errors.AsType[*keep.DamagedError](err)
	b.told = err != nil && !damaged // it will be in the way again
	go b.writeBehind()
	return b, err
}

// Add writes down a port that the server handed out. Its time is the caller's; one
// without a time counts as close to those before it.
func (b *PortBook) Add(server string, s PortSample) {
	s.Time = s.Time.UTC().Round(0) // the monotonic clock stands still while the computer sleeps
	if s.Port == 0 {
		return
	}
	b.learn(pageChange{server: server, sample: &s})
}

// Samples returns a copy of the server's samples, the oldest first.
func (b *PortBook) Samples(server string) []PortSample {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.pages[serverKey(server)].samples)
}

// Finding analyses the server's samples.
func (b *PortBook) Finding(server string) PortFinding { return AnalyzePorts(b.Samples(server)) }

// Warn returns the finding, and whether the user is to be told of it now: its class is
// predictable, and was not told of this server, or not since the class changed. It
// says so once, also if several goroutines ask. "sequential" and "busy" are one class
// here, since a server is the one at night and the other by day; and a class is over
// where the ports are found random, not where too little is known.
func (b *PortBook) Warn(server string) (PortFinding, bool) {
	f := b.Finding(server)
	if b == nil || f.Class == PortsUnknown {
		return f, false
	}
	return f, b.learn(pageChange{server: server, told: toldAs(f.Class)}) && f.Class.Predictable()
}

// Seen notes that the user was told of the class in another way, as by a diagnosis, so
// that Warn keeps quiet about it.
func (b *PortBook) Seen(server string, class PortClass) {
	if class != PortsUnknown {
		b.learn(pageChange{server: server, told: toldAs(class)})
	}
}

// toldAs is the name under which a class is remembered as told.
func toldAs(c PortClass) PortClass {
	if c == PortsBusy {
		return PortsInOrder
	}
	return c
}

// Forget removes what is known of the servers, also from the file at the next writing.
func (b *PortBook) Forget(servers ...string) {
	for _, s := range servers {
		b.learn(pageChange{server: s, forget: true})
	}
}

// Problem returns what keeps the book from being written, the first time that it is
// asked after that happened; else nil. What is added is then known until Close.
func (b *PortBook) Problem() error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.problem
	b.problem = nil
	return err
}

// Close writes what is not written yet and ends the goroutine. It returns what
// Problem would. A closed book still answers, but no longer writes.
func (b *PortBook) Close() error {
	if b == nil {
		return nil
	}
	b.once.Do(func() { close(b.stop) })
	<-b.done
	return b.Problem()
}

// learn takes in a change, and reports whether it is news.
func (b *PortBook) learn(c pageChange) bool {
	if b == nil {
		return false
	}
	if c.server = serverKey(c.server); c.server == "" {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.pages.apply(c) {
		return false
	}
	if b.file.Path == "" {
		return true
	}
	b.pending = append(b.pending, c)
	b.pending = b.pending[max(0, len(b.pending)-maxPending):]
	select {
	case b.wake <- struct{}{}:
	default: // it is awake already
	}
	return true
}

// serverKey is the name under which a server is kept; "" if it is none.
func serverKey(server string) string {
	if len(server) > maxHostName {
		return ""
	}
	return strings.ToLower(server)
}

// writeBehind writes whenever there is something to write, until Close.
func (b *PortBook) writeBehind() {
	defer close(b.done)
	for {
		select {
		case <-b.wake:
			pause := time.NewTimer(b.wait)
			select {
			case <-pause.C:
			case <-b.stop:
			}
			pause.Stop()
			b.flush()
		case <-b.stop:
			b.flush()
			return
		}
	}
}

// flush adds the pending changes to the file, and takes in what others wrote there.
func (b *PortBook) flush() {
	b.writing.Lock()
	defer b.writing.Unlock()
	b.mu.Lock()
	batch := b.pending
	b.pending = nil
	b.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	after, err := b.update(batch)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.pending = append(batch, b.pending...)
		b.pending = b.pending[max(0, len(b.pending)-maxPending):]
		return
	}
	for _, c := range b.pending { // learned meanwhile
		after.apply(c)
	}
	b.pages = after
}

// update applies changes to the pages in the file and returns the new ones. It keeps
// the first error for Problem. A file that is found damaged has been set aside; a new
// one is begun.
func (b *PortBook) update(batch []pageChange) (after portPages, err error) {
	try := func() error {
		return keep.Update(b.file, func(c *portBookFile) error {
			after = c.pages()
			for _, change := range batch {
				after.apply(change)
			}
			*c = after.file()
			return nil
		})
	}
	err = try()
	if damaged, ok := errors.AsType[*keep.DamagedError](err); ok && damaged.Aside != "" {
		b.report(err)
		err = try()
	}
	if err != nil {
		b.report(err)
	}
	return after, err
}

// report keeps err for Problem, unless there was one before.
func (b *PortBook) report(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.told {
		b.problem, b.told = err, true
	}
}
