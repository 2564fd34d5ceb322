package modes

import (
	"testing"
	"time"
)

func TestNarrowIsKnownForAnHour(t *testing.T) {
	m := open(t, "")
	now := noon()
	if m.Narrow(home(), now) {
		t.Error("known before it was said")
	}
	m.SetNarrow(home(), true, now)
	secured := home()
	secured.TLS = true
	for _, c := range []struct {
		name string
		key  Key
		at   time.Time
		want bool
	}{
		{"at once", home(), now, true},
		{"within the hour", home(), now.Add(59 * time.Minute), true},
		{"after it", home(), now.Add(61 * time.Minute), false},
		{"of another key", secured, now, false},
	} {
		if got := m.Narrow(c.key, c.at); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	m.SetNarrow(home(), false, now)
	if m.Narrow(home(), now) {
		t.Error("known after it was forgotten")
	}
	m.SetNarrow(home(), true, now)
	if err := m.Clear(); err != nil || m.Narrow(home(), now) {
		t.Errorf("known after Clear: %v", err)
	}
	var none *Memory
	none.SetNarrow(home(), true, now)
	if none.Narrow(home(), now) {
		t.Error("the nil Memory learns")
	}
}
