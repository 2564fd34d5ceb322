package modes

import (
	"path/filepath"
	"testing"
	"time"
)

// What is known of commands that are sent ahead, step by step, and the same once it has
// been read from the file again.
func TestAhead(t *testing.T) {
	type step struct {
		after        time.Duration // since the first
		works        bool
		look         time.Duration // after the step
		known, takes bool
	}
	const day = 24 * time.Hour
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"works for a week", []step{{0, true, 7 * day, true, true}}},
		{"a week is over", []step{{0, true, 7*day + time.Second, false, true}}},
		{"never worked: a month", []step{{0, false, 30 * day, true, false}}},
		{"a month is over", []step{{0, false, 31 * day, false, false}}},
		{"once: an hour", []step{{0, true, 0, true, true}, {time.Hour, false, time.Hour, true, false}}},
		{"an hour is over", []step{{0, true, 0, true, true}, {time.Hour, false, time.Hour + time.Second, false, false}}},
		{"twice in a day: a month", []step{
			{0, true, 0, true, true},
			{time.Hour, false, 2 * time.Hour, false, false},
			{4 * time.Hour, true, 0, true, true},
			{20 * time.Hour, false, 30 * day, true, false},
		}},
		{"twice in two days: an hour each", []step{
			{0, true, 0, true, true},
			{time.Hour, false, 2 * time.Hour, false, false},
			{4 * time.Hour, true, 0, true, true},
			{26 * time.Hour, false, 2 * time.Hour, false, false},
		}},
		{"in another session within the hour: a month", []step{
			{0, true, 0, true, true},
			{time.Hour, false, time.Minute, true, false},
			{time.Hour + 10*time.Minute, false, 30 * day, true, false},
		}},
		{"in several sessions at once: an hour", []step{
			{0, true, 0, true, true},
			{time.Hour, false, 0, true, false},
			{time.Hour + time.Second, false, 2 * time.Hour, false, false},
		}},
		{"found not to work after a pause: a month", []step{
			{0, true, 0, true, true},
			{time.Hour, false, 2 * time.Hour, false, false},
			{4 * time.Hour, false, 30 * day, true, false},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "modes")
			key := Key{Server: "Example.org:21", Network: "here"}
			for i, s := range c.steps {
				m, err := Open(file)
				if err != nil {
					t.Fatal(err)
				}
				at := noon().Add(s.after)
				m.Ahead(key, s.works, at)
				if known, takes := m.Lookup(key).Ahead(at.Add(s.look)); known != s.known || takes != s.takes {
					t.Errorf("step %d: known %v, takes it %v; want %v, %v", i, known, takes, s.known, s.takes)
				}
				if err = m.Close(); err != nil {
					t.Fatal(err)
				}
				if m, err = Open(file); err != nil {
					t.Fatal(err)
				}
				if known, takes := m.Lookup(key).Ahead(at.Add(s.look)); known != s.known || takes != s.takes {
					t.Errorf("step %d, read again: known %v, takes it %v; want %v, %v", i, known, takes, s.known, s.takes)
				}
				if err = m.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
