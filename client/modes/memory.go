package modes

import (
	"strings"
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
//
// What a server says of itself at a login is known until the process ends, and is in no
// file.
type Memory struct {
	journal *journal
	logins  *logins
}

type journal = keep.Journal[table, content, change]

// maxPending bounds what waits for a file that cannot be written.
const maxPending = 2 * maxEntries

// repeatAfter is how long after a success or failure the same again is no news.
const repeatAfter = time.Minute

// Open reads the memory in the file at path; "" makes one that lasts until Close. The
// Memory is usable in any case, and empty where the file could not be read: the error,
// one of package keep or of the file system, then says why. A damaged file has been
// set aside; one of a newer version is left alone, and nothing is written.
func Open(path string) (*Memory, error) { return openAfter(path, 0) }

// openAfter is Open with the wait before something is written.
func openAfter(path string, wait time.Duration) (*Memory, error) {
	j, err := keep.OpenJournal(keep.File{Path: path, Version: fileVersion}, keep.Rules[table, content, change]{
		Read: content.table, Write: table.content, News: table.isNews, Apply: table.take,
		Wait: wait, Pending: maxPending,
	})
	return &Memory{journal: j, logins: newLogins()}, err
}

// Lookup returns a copy of what is remembered for the key.
func (m *Memory) Lookup(k Key) Record {
	if m == nil {
		return Record{}
	}
	var rec Record
	m.journal.Look(func(t table) { rec = t[k.normal()].clone() })
	return rec
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

// Ahead remembers whether the server takes an EPSV or PASV that is sent together with a
// transfer command.
func (m *Memory) Ahead(k Key, works bool, at time.Time) {
	m.learn(change{key: k, kind: didAhead, ahead: works, at: at})
}

// Entries returns a copy of all that is remembered, the last used first.
func (m *Memory) Entries() []Entry {
	if m == nil {
		return nil
	}
	var list []Entry
	m.journal.Look(func(t table) { list = t.entries() })
	return list
}

// Forget removes what is remembered for the keys, also from the file. Where that
// fails the Memory itself has forgotten them all the same.
func (m *Memory) Forget(keys ...Key) error {
	changes := make([]change, 0, len(keys))
	for _, k := range keys {
		if m != nil {
			m.logins.forget(k)
		}
		changes = append(changes, change{kind: didForget, key: k.normal()})
	}
	return m.now(changes...)
}

// Clear removes everything, also from the file, as Forget does.
func (m *Memory) Clear() error {
	if m != nil {
		m.logins.clear()
	}
	return m.now(change{kind: didClear})
}

// now makes changes, in the file as well.
func (m *Memory) now(changes ...change) error {
	if m == nil {
		return nil
	}
	m.journal.Learn(changes...)
	return m.journal.Flush()
}

// Problem returns what keeps the memory from being written, the first time that it is
// asked after that happened; else nil. What is learned is then known until Close.
func (m *Memory) Problem() error {
	if m == nil {
		return nil
	}
	return m.journal.Problem()
}

// Close writes what is not written yet and ends the goroutine. It returns what
// Problem would. A closed Memory still answers, but no longer writes what it learns.
func (m *Memory) Close() error {
	if m == nil {
		return nil
	}
	return m.journal.Close()
}

// learn takes in a change, unless it is no news.
func (m *Memory) learn(c change) {
	if m == nil || !c.valid() {
		return
	}
	c.key, c.at = c.key.normal(), c.at.UTC().Round(0) // the monotonic clock stands still while the computer sleeps
	m.journal.Learn(c)
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
