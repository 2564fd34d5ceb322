package queue

import (
	"slices"
	"time"
)

// allows reports whether transfers may run at a moment, in its location's time.
// A span over midnight belongs to the day on which it begins.
func (s Schedule) allows(now time.Time) bool {
	since := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute +
		time.Duration(now.Second())*time.Second
	day := func(offset int) bool {
		return len(s.Days) == 0 || slices.Contains(s.Days, now.AddDate(0, 0, offset).Weekday())
	}
	switch {
	case s.From == s.To:
		return day(0)
	case s.From < s.To:
		return since >= s.From && since < s.To && day(0)
	default:
		return since >= s.From && day(0) || since < s.To && day(-1)
	}
}
