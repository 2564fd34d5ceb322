package diagnose

import (
	"slices"
	"strings"
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
type PortBook struct{ journal *bookJournal }

type bookJournal = keep.Journal[portPages, portBookFile, pageChange]

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
func OpenPortBook(path string) (*PortBook, error) { return openPortBook(path, bookWait) }

// openPortBook is OpenPortBook with the wait before something is written.
func openPortBook(path string, wait time.Duration) (*PortBook, error) {
	j, err := keep.OpenJournal(keep.File{Path: path, Version: portBookVersion}, keep.Rules[portPages, portBookFile, pageChange]{
		Read: portBookFile.pages, Write: portPages.file, Apply: portPages.apply, Wait: wait, Pending: maxPending,
	})
	return &PortBook{j}, err
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
	var list []PortSample
	b.journal.Look(func(p portPages) { list = slices.Clone(p[serverKey(server)].samples) })
	return list
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
	return b.journal.Problem()
}

// Close writes what is not written yet and ends the goroutine. It returns what
// Problem would. A closed book still answers, but no longer writes.
func (b *PortBook) Close() error {
	if b == nil {
		return nil
	}
	return b.journal.Close()
}

// learn takes in a change, and reports whether it is news.
func (b *PortBook) learn(c pageChange) bool {
	if b == nil {
		return false
	}
	if c.server = serverKey(c.server); c.server == "" {
		return false
	}
	return b.journal.Learn(c)
}

// serverKey is the name under which a server is kept; "" if it is none.
func serverKey(server string) string {
	if len(server) > maxHostName {
		return ""
	}
	return strings.ToLower(server)
}
