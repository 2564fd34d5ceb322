//go:build linux

package main

import (
	"fmt"
	"io"
	"strings"
)

// A report is the table of figures.
type report struct {
	lines  []string
	missed int
}

// title begins a part of the table.
func (r *report) title(text string) { r.lines = append(r.lines, "", text) }

// text adds a line as it is.
func (r *report) text(line string) { r.lines = append(r.lines, line) }

// ratio adds a line about a pairing; no target is 0.
func (r *report) ratio(what string, p pairing, of func(cost) float64, unit string, target float64) {
	got := p.ratio(of)
	line := fmt.Sprintf("%-46s %9.3f %9.3f %-2s  ratio %5.2f", what, middle(p.ours, of), middle(p.theirs, of), unit, got)
	r.lines = append(r.lines, line+r.atMost(got, target))
}

// figure adds a line about one number of ours.
func (r *report) figure(what string, got float64, unit string, target float64) {
	r.lines = append(r.lines, fmt.Sprintf("%-46s %9.1f %9s %-2s             ", what, got, "", unit)+r.atMost(got, target))
}

// atMost says whether a target is met; no target is 0.
func (r *report) atMost(got, target float64) string {
	if target == 0 {
		return ""
	}
	return r.verdict("at most", target, got <= target)
}

func (r *report) atLeast(got, target float64) string {
	if target == 0 {
		return ""
	}
	return r.verdict("at least", target, got >= target)
}

func (r *report) verdict(how string, target float64, met bool) string {
	word := "met"
	if !met {
		word = "MISSED"
		r.missed++
	}
	return fmt.Sprintf("  %s %.2f: %s", how, target, word)
}

func (r *report) print(w io.Writer) {
	fmt.Fprintln(w, strings.Join(r.lines, "\n"))
	if r.missed > 0 {
		fmt.Fprintf(w, "\n%d targets were MISSED.\n", r.missed)
	}
}

// pairHeader names the columns of ratio and figure.
func pairHeader(other string) string {
	return fmt.Sprintf("%-46s %9s %9s     medians of the runs", "", "Portside", other)
}

// rates adds the files a second of every program, and ours against the fastest
// peer's: of those that keep to the given number of connections, where that is not 0, and
// of all.
func (r *report) rates(down, up *race, connections int, target float64) {
	r.runs(down, up, "files/s", finish.rate)
	for i, direction := range []*race{down, up} {
		way := [...]string{"down", "up"}[i]
		ratio := median(direction.ratios(finish.rate, connections))
		what := "to the fastest peer of each round"
		if connections > 0 {
			what = fmt.Sprintf("to the fastest peer with %d connections", connections)
		}
		r.text(fmt.Sprintf("%-46s ratio %5.2f", way+", "+what, ratio) + r.atLeast(ratio, target))
		if connections > 0 {
			all := median(direction.ratios(finish.rate, 0))
			r.text(fmt.Sprintf("%-46s ratio %5.2f", way+", to the fastest peer with any number", all))
		}
	}
}

// trips adds the round trips a file of every program.
func (r *report) trips(down, up *race) {
	r.runs(down, up, "trips/file", finish.trips)
	for i, direction := range []*race{down, up} {
		got := middleOf(direction.runs[0], finish.trips)
		line := fmt.Sprintf("%-46s       %5.2f", [...]string{"down", "up"}[i]+", round trips a file", got)
		r.text(line + r.atMost(got, [...]float64{targetTripsDown, targetTripsUp}[i]))
	}
}

func (r *report) runs(down, up *race, unit string, of func(finish) float64) {
	r.text(fmt.Sprintf("%-46s %9s %9s  %s", "", "down", "up", unit))
	for i, name := range down.names {
		line := fmt.Sprintf("%-46s %9.1f %9.1f", name, middleOf(down.runs[i], of), middleOf(up.runs[i], of))
		if n := mostConnections(down.runs[i], up.runs[i]); n > 0 {
			line += fmt.Sprintf("  %3d connections", n)
		}
		for j, direction := range []*race{down, up} {
			if wrong := note(direction.runs[i]); wrong != "" {
				line += "  " + [...]string{"down: ", "up: "}[j] + wrong
			}
		}
		r.text(line)
	}
}
