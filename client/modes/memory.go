package modes

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"portside/client/keep"
)

// A Memory holds what worked and what failed. It may be used by several goroutines
// at once. A nil Memory is usable: it knows nothing and learns nothing.
//
// What is learned is known to Lookup at once; the file is written by a goroutine of
// the Memory's own, so no transfer waits for a disk. A success (or failure) that says
// what is known already counts once a minute, so a thousand files make few writes.
// Two programs may use the same file: each adds to what it finds there.
type Memory struct {
	file keep.File // Path "": nothing is written

	wake chan struct{} // holds one token while there is something to write
	stop chan struct{} // closed by Close
	done chan struct{} // closed when the goroutine is gone
	once sync.Once

	writing sync.Mutex // held while the file is changed; taken before mu

	mu      sync.Mutex // guards what follows
	table   table
	pending []change // not in the file yet
	problem error    // the first one with writing that was not told yet
	told    bool     // a problem was told
}

// maxPending bounds what waits for a file that cannot be written.
const maxPending = 2 * maxEntries

// repeatAfter is how long after a success or failure the same again is no news.
const repeatAfter = time.Minute

// Open reads the memory in the file at path; "" makes one that lasts until Close. The
// Memory is usable in any case, and empty where the file could not be read: the error,
// one of package keep or of the file system, then says why. A damaged file has been
// set aside; one of a newer version is left alone, and nothing is written.
func Open(path string) (*Memory, error) {
	m := &Memory{
		file: keep.File{Path: path, Version: fileVersion},
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		table: table{},
	}
	if path == "" {
		close(m.done)
		return m, nil
	}
	stored, err := keep.Load[content](m.file)
	m.table = stored.table()
	var damaged *keep.DamagedError
	m.told = err != nil && !errors.As(err, &damaged) // it will be in the way again
	go m.writeBehind()
	return m, err
}

// Lookup returns a copy of what is remembered for the key.
func (m *Memory) Lookup(k Key) Record {
	if m == nil {
		return Record{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.table[k.normal()].clone()
}

// Worked remembers that bytes came or went by the method.
func (m *Memory) Worked(k Key, method Method, at time.Time) {
	m.learn(change{key: k, kind: didWork, method: method, at: at})
}

// Failed remembers that the method failed, and why: a short text for people, which
// may hold words of the server. Only failures that Lasting accepts belong here.
func (m *Memory) Failed(k Key, method Method, reason string, at time.Time) {
	m.learn(change{key: k, kind: didFail, method: method, reason: shorten(reason), at: at})
}

// BoundTLS remembers the newest version of TLS that works, such as
// tls.VersionTLS12, where newer ones fail; 0 forgets the bound.
func (m *Memory) BoundTLS(k Key, version uint16, at time.Time) {
	m.learn(change{key: k, kind: didBound, version: version, at: at})
}

// Entries returns a copy of all that is remembered, the last used first.
func (m *Memory) Entries() []Entry {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.table.entries()
}

// Forget removes what is remembered for the keys, also from the file. Where that
// fails the Memory itself has forgotten them all the same.
func (m *Memory) Forget(keys ...Key) error {
	return m.remove(func(t table) {
		for _, k := range keys {
			delete(t, k.normal())
		}
	})
}

// Clear removes everything, also from the file, as Forget does.
func (m *Memory) Clear() error {
	return m.remove(func(t table) { clear(t) })
}

// Problem returns what keeps the memory from being written, the first time that it is
// asked after that happened; else nil. What is learned is then known until Close.
func (m *Memory) Problem() error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.problem
	m.problem = nil
	return err
}

// Close writes what is not written yet and ends the goroutine. It returns what
// Problem would. A closed Memory still answers, but no longer writes what it learns.
func (m *Memory) Close() error {
	if m == nil {
		return nil
	}
	m.once.Do(func() { close(m.stop) })
	<-m.done
	return m.Problem()
}

// learn takes in a change, unless it is no news.
func (m *Memory) learn(c change) {
	if m == nil || !c.valid() {
		return
	}
	c.key, c.at = c.key.normal(), c.at.UTC().Round(0) // the monotonic clock stands still while the computer sleeps
	m.mu.Lock()
	defer m.mu.Unlock()
	if !c.news(m.table[c.key]) {
		return
	}
	m.table.apply(c)
	m.table.prune(c.at)
	if m.file.Path == "" {
		return
	}
	m.pending = bounded(append(m.pending, c))
	select {
	case m.wake <- struct{}{}:
	default: // it is awake already
	}
}

func bounded(list []change) []change {
	if len(list) > maxPending {
		return slices.Clone(list[len(list)-maxPending:])
	}
	return list
}

// writeBehind writes whenever there is something to write, until Close.
func (m *Memory) writeBehind() {
	defer close(m.done)
	for {
		select {
		case <-m.wake:
			m.flush()
		case <-m.stop:
			m.flush()
			return
		}
	}
}

// flush adds the pending changes to the file, and takes in what others wrote there.
func (m *Memory) flush() {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	batch := m.pending
	m.pending = nil
	m.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	after, err := m.update(func(t table) {
		for _, c := range batch {
			t.apply(c)
		}
		t.prune(batch[len(batch)-1].at)
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.pending = bounded(append(batch, m.pending...))
		return
	}
	for _, c := range m.pending { // learned meanwhile
		after.apply(c)
	}
	m.table = after
}

// remove changes the table and the file at once.
func (m *Memory) remove(from func(table)) error {
	if m == nil {
		return nil
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	batch := m.pending
	m.pending = nil
	from(m.table)
	m.mu.Unlock()
	if m.file.Path == "" {
		return nil
	}
	after, err := m.update(func(t table) {
		for _, c := range batch {
			t.apply(c)
		}
		from(t)
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.problem = nil // the caller is told
		for _, c := range batch {
			if _, kept := m.table[c.key]; kept {
				m.pending = bounded(append(m.pending, c))
			}
		}
		return err
	}
	for _, c := range m.pending {
		after.apply(c)
	}
	m.table = after
	return nil
}

// update changes the table in the file and returns the new one. It keeps the first
// error for Problem. A file that is found damaged has been set aside; a new one is
// begun.
func (m *Memory) update(how func(table)) (after table, err error) {
	try := func() error {
		return keep.Update(m.file, func(c *content) error {
			after = c.table()
			how(after)
			*c = after.content()
			return nil
		})
	}
	err = try()
	var damaged *keep.DamagedError
	if errors.As(err, &damaged) && damaged.Aside != "" {
		m.report(err)
		err = try()
	}
	if err != nil {
		m.report(err)
	}
	return after, err
}

// report keeps err for Problem, unless there was one before.
func (m *Memory) report(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.told {
		m.problem, m.told = err, true
	}
}

// normal is the key in the form in which it is kept.
func (k Key) normal() Key {
	k.Server = strings.ToLower(k.Server)
	return k
}

// maxReason is the length of a reason in characters.
const maxReason = 160

// shorten makes a reason printable and short.
func shorten(s string) string {
	out := make([]rune, 0, maxReason)
	for _, r := range s {
		if len(out) == maxReason-1 {
			return string(append(out, '…'))
		}
		if !unicode.IsPrint(r) {
			r = ' '
		}
		out = append(out, r)
	}
	return string(out)
}
