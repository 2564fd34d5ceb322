//go:build linux

package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

func TestRatioIsTheMedianOfThePairs(t *testing.T) {
	t.Parallel()
	seconds := func(n ...int) []cost {
		var out []cost
		for _, s := range n {
			out = append(out, cost{wall: time.Duration(s) * time.Second})
		}
		return out
	}
	p := pairing{ours: seconds(1, 2, 30), theirs: seconds(2, 4, 10)}
	if got := p.ratio(wall); got != 0.5 {
		t.Errorf("ratio = %v, want 0.5: one odd pair does not count", got)
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("median = %v, want 2.5", got)
	}
}

func TestPairTakesTurnsAndDropsTheFirst(t *testing.T) {
	t.Parallel()
	var order []string
	side := func(name string) contender {
		return contender{name, func(context.Context) (cost, error) {
			order = append(order, name)
			return cost{wall: time.Duration(len(order))}, nil
		}}
	}
	p, err := pair(t.Context(), 2, side("a"), side("b"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, ""); got != "abbaab" {
		t.Errorf("order = %s, want abbaab", got)
	}
	if len(p.ours) != 2 || p.ours[0].wall != 4 || p.theirs[0].wall != 3 {
		t.Errorf("pairs = %+v", p)
	}
}

func TestMeasureReadsTheChild(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c, err := measure(t.Context(), nil, nil, exe, "-test.run", "^$")
	if err != nil {
		t.Fatal(err)
	}
	if c.wall <= 0 || c.rss < 1<<20 {
		t.Errorf("cost = %+v, want some time and more than 1 MB", c)
	}
	if _, err := measure(t.Context(), nil, nil, exe, "-no-such-flag"); err == nil {
		t.Error("a program that failed was measured")
	}
}

func TestReportSaysWhatWasMissed(t *testing.T) {
	t.Parallel()
	var r report
	p := pairing{ours: []cost{{wall: time.Second}}, theirs: []cost{{wall: 2 * time.Second}}}
	r.ratio("fast enough", p, wall, "s", 0.6)
	r.ratio("too slow", p, wall, "s", 0.4)
	var b strings.Builder
	r.print(&b)
	for _, want := range []string{"0.50  at most 0.60: met", "0.50  at most 0.40: MISSED"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("report lacks %q:\n%s", want, b.String())
		}
	}
}
