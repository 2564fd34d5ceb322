package modes

import "time"

// Narrow reports whether large packets got lost on the way there, within the hour before
// at, so that small ones are to be used. It is known until the process ends, and is in no
// file: a path changes, and finding out again takes seconds.
func (m *Memory) Narrow(k Key, at time.Time) bool {
	if m == nil {
		return false
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	lost, known := m.logins.narrow[k.normal()]
	return known && within(lost, at, trustLogin)
}

// SetNarrow remembers that large packets get lost on the way there, or forgets it.
func (m *Memory) SetNarrow(k Key, narrow bool, at time.Time) {
	if m == nil {
		return
	}
	m.logins.mu.Lock()
	defer m.logins.mu.Unlock()
	if !narrow {
		delete(m.logins.narrow, k.normal())
		return
	}
	m.logins.narrow[k.normal()] = at
	dropOldest(m.logins.narrow, func(at time.Time) time.Time { return at })
}
