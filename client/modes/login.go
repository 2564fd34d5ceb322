package modes

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// A Login is what a server said of itself when a user logged in.
type Login struct {
	Features []string // the lines of the reply to FEAT after the login
	System   string   // the reply to SYST
}

const (
	// trustLogin is how long a Login is believed, and how long a login whose commands
	// were sent together and went wrong keeps others from trying it: a server that is
	// changed meanwhile is noticed within the hour.
	trustLogin = time.Hour
	// maxLogins bounds how many are kept; the oldest one goes first.
	maxLogins = 256
)

// logins are what the process knows of servers beside what is kept in the file.
type logins struct {
	mu     sync.Mutex // guards what follows
	known  map[loginKey]dated
	trial  map[trial]bool    // what one Session is finding out
	plain  map[Key]time.Time // when a login went wrong whose commands were sent together
	narrow map[Key]time.Time // when large packets were last lost on the way there
	halves map[Key]half      // what HalfClose was told
}

// A trial is one Session's at a time.
type trial struct {
	Key
	half bool // TryHalfClose; else TryAhead
}

type half struct {
	helps bool
	at    time.Time
}

type loginKey struct {
	Key
	user string
}

type dated struct {
	Login
	at time.Time
}

func newLogins() *logins {
	return &logins{
		known: map[loginKey]dated{}, plain: map[Key]time.Time{}, trial: map[trial]bool{},
		narrow: map[Key]time.Time{}, halves: map[Key]half{},
	}
}

// Login returns what the server said when the user logged in last, in this process and
// at most an hour before at.
func (m *Memory) Login(k Key, user string, at time.Time) (l Login, known bool) {
	if m == nil {
		return Login{}, false
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	d, known := m.logins.known[loginKey{k.normal(), user}]
	if !known || !within(d.at, at, trustLogin) {
		return Login{}, false
	}
	d.Features = slices.Clone(d.Features)
	return d.Login, true
}

// LoggedIn keeps what a server has said while a user logged in, until the process
// ends: it is not written to the file.
func (m *Memory) LoggedIn(k Key, user string, l Login, at time.Time) {
	if m == nil {
		return
	}
	// The strings are cloned, since they may be parts of a long reply.
	kept := Login{Features: make([]string, 0, len(l.Features)), System: strings.Clone(l.System)}
	for _, f := range l.Features {
		kept.Features = append(kept.Features, strings.Clone(f))
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	m.logins.known[loginKey{k.normal(), user}] = dated{kept, at}
	dropOldest(m.logins.known, func(d dated) time.Time { return d.at })
}

// TryAhead gives one caller at a time the task of finding out whether a server takes
// commands ahead (Ahead); mine is false for the others. over ends the task.
func (m *Memory) TryAhead(k Key) (over func(), mine bool) { return m.try(trial{Key: k.normal()}) }

// TryHalfClose is TryAhead for HalfClose.
func (m *Memory) TryHalfClose(k Key) (over func(), mine bool) {
	return m.try(trial{Key: k.normal(), half: true})
}

func (m *Memory) try(what trial) (over func(), mine bool) {
	if m == nil {
		return func() {}, true
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	if m.logins.trial[what] {
		return func() {}, false
	}
	m.logins.trial[what] = true
	return func() {
		m.logins.mu.Lock()
		defer m.logins.mu.Unlock()
		delete(m.logins.trial, what)
	}, true
}

// HalfClose keeps for an hour, or until the process ends, whether downloads from a server
// end sooner where this side of their data connections is closed at once.
func (m *Memory) HalfClose(k Key, helps bool, at time.Time) {
	if m == nil {
		return
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	m.logins.halves[k.normal()] = half{helps, at}
	dropOldest(m.logins.halves, func(h half) time.Time { return h.at })
}

// HalfCloses returns what HalfClose was told; known is false where that is nothing.
func (m *Memory) HalfCloses(k Key, at time.Time) (known, helps bool) {
	if m == nil {
		return false, false
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	h, told := m.logins.halves[k.normal()]
	known = told && within(h.at, at, trustLogin)
	return known, known && h.helps
}

// ForgetLogin drops what LoggedIn has kept: the server does not do what it said.
func (m *Memory) ForgetLogin(k Key, user string) {
	if m == nil {
		return
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	delete(m.logins.known, loginKey{k.normal(), user})
}

// LogsInAhead reports whether the commands of a login may be sent together: the server
// is known to take commands ahead (Ahead), and no such login has gone wrong in this
// process within the hour before at.
func (m *Memory) LogsInAhead(k Key, at time.Time) bool {
	if m == nil {
		return false
	}
	if known, works := m.Lookup(k).Ahead(at); !known || !works {
		return false
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	bad, went := m.logins.plain[k.normal()]
	return !went || !within(bad, at, trustLogin)
}

// LogInPlainly says that a login whose commands were sent together went wrong.
func (m *Memory) LogInPlainly(k Key, at time.Time) {
	if m == nil {
		return
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	m.logins.plain[k.normal()] = at
	dropOldest(m.logins.plain, func(at time.Time) time.Time { return at })
}

// forget drops all that is known of a server.
func (l *logins) forget(k Key) {
	k = k.normal()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.plain, k)
	delete(l.narrow, k)
	delete(l.halves, k)
	for lk := range l.known {
		if lk.Key == k {
			delete(l.known, lk)
		}
	}
}

func (l *logins) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.known)
	clear(l.plain)
	clear(l.narrow)
	clear(l.halves)
}

// dropOldest removes the oldest entry where there are too many.
func dropOldest[K comparable, V any](all map[K]V, at func(V) time.Time) {
	if len(all) <= maxLogins {
		return
	}
	var oldest K
	first := true
	for k, v := range all {
		if first || at(v).Before(at(all[oldest])) {
			oldest, first = k, false
		}
	}
	delete(all, oldest)
}
