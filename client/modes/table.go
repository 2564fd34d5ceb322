package modes

import (
	"crypto/tls"
	"maps"
	"slices"
	"strings"
	"time"

	"portside/client/internal/dtp"
)

// fileVersion is the version of the file's format.
const fileVersion = 1

// maxEntries bounds what is remembered; what was not used for longest goes first.
const maxEntries = 500

// A table is what is remembered, by normal keys.
type table map[Key]Record

// isNews reports whether the change says more than t. What is to be forgotten may
// stand in the file alone.
func (t table) isNews(c change) bool {
	return c.kind == didForget || c.kind == didClear || c.news(t[c.key])
}

// take makes the change, and bounds the table.
func (t table) take(c change) bool {
	switch c.kind {
	case didForget:
		delete(t, c.key)
	case didClear:
		clear(t)
	default:
		rec := t[c.key].clone()
		c.apply(&rec)
		t[c.key] = rec
		t.prune(c.at)
	}
	return true
}

// prune drops what was last used long before at (or long after, by a clock that was
// wrong), and, where there is more than enough, what was not used for longest. There,
// a use in the future is no use.
func (t table) prune(at time.Time) {
	maps.DeleteFunc(t, func(_ Key, rec Record) bool { return at.Sub(rec.Used()).Abs() > keepEntry })
	if len(t) <= maxEntries {
		return
	}
	list := t.entries()
	slices.SortStableFunc(list, func(a, b Entry) int {
		return boolOrder(within(b.Used(), at, keepEntry), within(a.Used(), at, keepEntry))
	})
	for _, e := range list[maxEntries:] {
		delete(t, e.Key)
	}
}

// boolOrder sorts false before true.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// entries returns a copy of the table, the last used first.
func (t table) entries() []Entry {
	out := make([]Entry, 0, len(t))
	for k, rec := range t {
		out = append(out, Entry{Key: k, Record: rec.clone()})
	}
	slices.SortFunc(out, func(a, b Entry) int {
		if c := b.Used().Compare(a.Used()); c != 0 {
			return c
		}
		if c := strings.Compare(a.Server, b.Server); c != 0 {
			return c
		}
		if c := strings.Compare(a.Network, b.Network); c != 0 {
			return c
		}
		return boolOrder(a.TLS, b.TLS)
	})
	return out
}

// content is the file, beside its version.
type content struct {
	Entries []storedEntry `json:"entries"`
}

type storedEntry struct {
	Server   string          `json:"server"`
	TLS      bool            `json:"tls"`
	Network  string          `json:"network"`
	Methods  []storedOutcome `json:"methods,omitempty"`
	MaxTLS   string          `json:"max_tls,omitempty"`
	MaxTLSAt time.Time       `json:"max_tls_at,omitzero"`
	Ahead    string          `json:"ahead,omitempty"` // "yes" or "no"
	AheadAt  time.Time       `json:"ahead_at,omitzero"`
	Paused   bool            `json:"ahead_paused,omitempty"`
	Missed   time.Time       `json:"ahead_missed,omitzero"`
}

type storedOutcome struct {
	Method    string    `json:"method"`
	Worked    time.Time `json:"worked,omitzero"`
	Successes int       `json:"successes,omitempty"`
	Failed    time.Time `json:"failed,omitzero"`
	Failures  int       `json:"failures,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

// table reads the content. What this version does not know, or would not have
// written, is passed over.
func (c content) table() table {
	t := make(table, len(c.Entries))
	for _, e := range c.Entries {
		if e.Server == "" || len(e.Server) > maxName || len(e.Network) > maxName {
			continue
		}
		var rec Record
		for _, s := range e.Methods {
			m := methodNamed(s.Method)
			if m == dtp.None {
				continue
			}
			rec.set(Outcome{
				Method: m, Worked: s.Worked, Successes: max(s.Successes, 0),
				Failed: s.Failed, Failures: max(s.Failures, 0), Reason: shorten(s.Reason),
			})
		}
		if v := tlsNamed(e.MaxTLS); v != 0 {
			rec.MaxTLS, rec.MaxTLSAt = v, e.MaxTLSAt
		}
		if e.Ahead == "yes" || e.Ahead == "no" {
			rec.AheadWorks, rec.AheadAt = e.Ahead == "yes", e.AheadAt
			rec.AheadPaused, rec.AheadMissed = e.Paused, e.Missed
		}
		t[Key{Server: e.Server, TLS: e.TLS, Network: e.Network}.normal()] = rec
	}
	return t
}

func (t table) content() content {
	c := content{Entries: []storedEntry{}}
	for _, e := range t.entries() {
		s := storedEntry{Server: e.Server, TLS: e.TLS, Network: e.Network}
		if e.MaxTLS != 0 {
			s.MaxTLS, s.MaxTLSAt = tls.VersionName(e.MaxTLS), e.MaxTLSAt.UTC()
		}
		if !e.AheadAt.IsZero() {
			s.Ahead, s.AheadAt = "no", e.AheadAt.UTC()
			s.Paused, s.Missed = e.AheadPaused, e.AheadMissed.UTC()
			if e.AheadWorks {
				s.Ahead = "yes"
			}
		}
		for _, o := range e.Methods {
			s.Methods = append(s.Methods, storedOutcome{
				Method: o.Method.String(), Worked: o.Worked.UTC(), Successes: o.Successes,
				Failed: o.Failed.UTC(), Failures: o.Failures, Reason: o.Reason,
			})
		}
		c.Entries = append(c.Entries, s)
	}
	return c
}

func methodNamed(name string) Method {
	for m := dtp.EPSV; m <= dtp.PORT; m++ {
		if m.String() == name {
			return m
		}
	}
	return dtp.None
}

// tlsNamed is the inverse of tls.VersionName, 0 for what it does not know.
func tlsNamed(name string) uint16 {
	for v := uint16(tls.VersionTLS10); v <= tls.VersionTLS13; v++ {
		if tls.VersionName(v) == name {
			return v
		}
	}
	return 0
}
