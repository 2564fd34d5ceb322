//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A cost is what one run of a program took.
type cost struct {
	wall, cpu time.Duration
	rss       int64 // bytes, at its peak
}

// measure runs a program with its output thrown away.
func measure(ctx context.Context, env []string, name string, args ...string) (cost, error) {
	return measureInput(ctx, env, nil, name, args...)
}

func measureInput(ctx context.Context, env []string, in io.Reader, name string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", name, err, &stderr)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not say what a program used")
	}
	return cost{
		wall: wall,
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		rss:  usage.Maxrss << 10,
	}, nil
}

// A contender is one side of a pair.
type contender struct {
	name string
	run  func(ctx context.Context) (cost, error)
}

// A pairing is two contenders' runs, by turns; the first is ours.
type pairing struct {
	ours, theirs []cost
}

// pair runs both by turns, each first every other time, after one run of each
// that does not count.
func pair(ctx context.Context, n int, ours, theirs contender) (pairing, error) {
	var p pairing
	for i := range n + 1 {
		order := []contender{ours, theirs}
		if i%2 == 1 {
			slices.Reverse(order)
		}
		costs := map[string]cost{}
		for _, c := range order {
			got, err := c.run(ctx)
			if err != nil {
				return p, fmt.Errorf("%s: %w", c.name, err)
			}
			costs[c.name] = got
		}
		if i == 0 {
			continue
		}
		p.ours = append(p.ours, costs[ours.name])
		p.theirs = append(p.theirs, costs[theirs.name])
	}
	return p, nil
}

func wall(c cost) float64 { return c.wall.Seconds() }
func cpu(c cost) float64  { return c.cpu.Seconds() }
func rss(c cost) float64  { return float64(c.rss) / 1e6 }

// ratio is the median of ours to theirs, pair by pair.
func (p pairing) ratio(of func(cost) float64) float64 {
	var all []float64
	for i := range p.ours {
		all = append(all, of(p.ours[i])/of(p.theirs[i]))
	}
	return median(all)
}

func middle(costs []cost, of func(cost) float64) float64 {
	var all []float64
	for _, c := range costs {
		all = append(all, of(c))
	}
	return median(all)
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	if n == 0 {
		return 0
	}
	return (v[(n-1)/2] + v[n/2]) / 2
}

// A report is the table of figures.
type report struct{ lines []string }

// ratio adds a line about a pairing; no target is 0.
func (r *report) ratio(what string, p pairing, of func(cost) float64, unit string, target float64) {
	got := p.ratio(of)
	line := fmt.Sprintf("%-46s %9.3f %9.3f %-2s  ratio %5.2f", what, middle(p.ours, of), middle(p.theirs, of), unit, got)
	r.lines = append(r.lines, line+verdict(got, target))
}

// figure adds a line about one number of ours.
func (r *report) figure(what string, got float64, unit string, target float64) {
	r.lines = append(r.lines, fmt.Sprintf("%-46s %9.1f %9s %-2s             ", what, got, "", unit)+verdict(got, target))
}

func verdict(got, target float64) string {
	switch {
	case target == 0:
		return ""
	case got <= target:
		return fmt.Sprintf("  at most %.2f: met", target)
	default:
		return fmt.Sprintf("  at most %.2f: MISSED", target)
	}
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "\n%-46s %9s %9s     medians of the pairs\n", "", "Portside", "other")
	fmt.Fprintln(w, strings.Join(r.lines, "\n"))
}
