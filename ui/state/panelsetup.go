package state

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"portside/transfers/queue"
)

// LimitPresets are the speed limits that the panel offers, in bytes a second.
func LimitPresets() []int64 {
	return []int64{0, 100_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 50_000_000, 100_000_000}
}

// LimitText writes a speed limit: "no limit", "2.5 MB/s". What it writes,
// ParseLimit reads.
func LimitText(limit int64) string {
	if limit <= 0 {
		return "no limit"
	}
	v, unit := float64(limit), "B/s"
	for _, u := range []string{"kB/s", "MB/s", "GB/s"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, u
	}
	return strconv.FormatFloat(v, 'f', -1, 64) + " " + unit
}

var errLimit = errors.New("want a speed such as 500 kB/s, 2.5 MB/s or 8 Mbit/s, or nothing for no limit")

// ParseLimit reads a speed in bytes a second; 0 is no limit. A number without a
// unit is in kB/s.
func ParseLimit(text string) (int64, error) {
	text = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), ",", "."))
	if text == "" || text == "0" || text == "no limit" || text == "none" {
		return 0, nil
	}
	end := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	number, unit := text, ""
	if end >= 0 {
		number, unit = text[:end], strings.TrimSpace(text[end:])
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || v < 0 {
		return 0, errLimit
	}
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "/s"), "ps")
	factor, ok := map[string]float64{
		"": 1e3, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "kbit": 1e3 / 8, "mbit": 1e6 / 8, "gbit": 1e9 / 8,
	}[unit]
	if !ok {
		return 0, errLimit
	}
	v *= factor
	if v > 1e15 {
		return 0, errLimit
	}
	if v > 0 && v < 1024 {
		return 0, errors.New("less than 1 kB/s would look like a connection that hangs")
	}
	return int64(v), nil
}

var errClock = errors.New("want a time of day such as 22:30")

// parseClock reads a time of day as the time since midnight.
func parseClock(text string) (time.Duration, error) {
	t, err := time.Parse("15:04", strings.TrimSpace(text))
	if err != nil {
		return 0, errClock
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// ParseStart reads when to start: a time of day, which is the next such time, or
// a date and a time, "2026-11-24 06:30".
func ParseStart(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if t, err := time.ParseInLocation("2006-01-02 15:04", text, now.Location()); err == nil {
		if !t.After(now) {
			return time.Time{}, errors.New("that time is over")
		}
		return t, nil
	}
	d, err := parseClock(text)
	if err != nil {
		return time.Time{}, errors.New("want a time such as 22:30, or a date and a time such as 2026-11-24 06:30")
	}
	y, m, day := now.Date()
	at := time.Date(y, m, day, int(d.Hours()), int(d.Minutes())%60, 0, 0, now.Location())
	if !at.After(now) {
		at = time.Date(y, m, day+1, int(d.Hours()), int(d.Minutes())%60, 0, 0, now.Location())
	}
	return at, nil
}

// ParseSchedule reads "only between": two times of day, both empty for always,
// and the days, none or all seven for every day.
func ParseSchedule(from, to string, days []time.Weekday) (queue.Schedule, error) {
	if strings.TrimSpace(from) == "" && strings.TrimSpace(to) == "" && (len(days) == 0 || len(days) == 7) {
		return queue.Schedule{}, nil
	}
	s := queue.Schedule{}
	if len(days) < 7 {
		s.Days = slices.Sorted(slices.Values(days))
	}
	if strings.TrimSpace(from) == "" && strings.TrimSpace(to) == "" {
		return s, nil
	}
	var err error
	if s.From, err = parseClock(from); err != nil {
		return queue.Schedule{}, err
	}
	if s.To, err = parseClock(to); err != nil {
		return queue.Schedule{}, err
	}
	return s, nil
}

// Clock writes a time since midnight: "22:30".
func Clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// ScheduleText writes a schedule: "only between 22:00 and 06:00, Mon to Fri";
// nothing where it always allows.
func ScheduleText(s queue.Schedule) string {
	var parts []string
	if s.From != s.To {
		parts = append(parts, "only between "+Clock(s.From)+" and "+Clock(s.To))
	}
	if n := len(s.Days); n > 0 && n < 7 {
		names := make([]string, n)
		for i, d := range s.Days {
			names[i] = d.String()[:3]
		}
		parts = append(parts, "on "+strings.Join(names, ", "))
	}
	return strings.Join(parts, ", ")
}

// WhenDoneText writes what the program does at the end: "quit".
func WhenDoneText(d queue.WhenDone) string {
	switch d.Action {
	case queue.DoNotify:
		return "show a notification"
	case queue.DoSound:
		return "play a sound"
	case queue.DoCommand:
		return "run “" + strings.Join(d.Command, " ") + "”"
	case queue.DoQuit:
		return "quit Portside"
	default:
		return "do nothing"
	}
}

// PanelEnded says in a notification what was done.
func PanelEnded(t queue.Totals, f Format) string {
	s := Counted(t.Files, "file", "files") + ", " + f.Sum(t.Bytes)
	if t.Failed > 0 {
		s += ", " + Count(int64(t.Failed)) + " failed"
	}
	if t.Skipped > 0 {
		s += ", " + Count(int64(t.Skipped)) + " skipped"
	}
	if t.Left > 0 {
		s += ", " + Count(int64(t.Left)) + " not finished"
	}
	return s
}

// ParseCommand splits a command line into program and arguments at spaces; double
// quotes keep spaces together.
func ParseCommand(text string) ([]string, error) {
	var out []string
	var word strings.Builder
	quoted, some := false, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted, some = !quoted, true
		case r == ' ' && !quoted:
			if some {
				out = append(out, word.String())
			}
			word.Reset()
			some = false
		default:
			word.WriteRune(r)
			some = true
		}
	}
	if quoted {
		return nil, errors.New("a quotation mark is missing")
	}
	if some {
		out = append(out, word.String())
	}
	if len(out) == 0 || out[0] == "" {
		return nil, errors.New("type a program with its arguments")
	}
	return out, nil
}

// CommandText writes a command so that ParseCommand reads it.
func CommandText(command []string) string {
	words := make([]string, len(command))
	for i, w := range command {
		if words[i] = w; w == "" || strings.Contains(w, " ") {
			words[i] = `"` + w + `"`
		}
	}
	return strings.Join(words, " ")
}
