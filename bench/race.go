//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// runTime is the longest that one run may take.
const runTime = 3 * time.Minute

// A finish is how one run ended. A peer's may have ended wrong: that is
// reported, and compared with nothing.
type finish struct {
	cost

	files       int // moved
	wrong       int // of them
	connections int // control connections at once, at the most
	failed      error
}

func (f finish) valid() bool    { return f.failed == nil && f.wrong == 0 }
func (f finish) rate() float64  { return float64(f.files) / f.wall.Seconds() }
func (f finish) trips() float64 { return float64(f.wall) / float64(roundTrip) / float64(f.files) }

// A race has the runs of programs in one direction, ours first.
type race struct {
	names []string
	runs  [][]finish // by program, then in the order of the rounds
}

// run lets the programs move the tree by turns, another one first in each
// round, and compares every byte after each.
func (s *setup) run(ctx context.Context, programs []program, t task, at starter, rounds int, up bool) (*race, error) {
	r := &race{runs: make([][]finish, len(programs))}
	for _, p := range programs {
		r.names = append(r.names, p.name)
	}
	for round := range rounds {
		for turn := range programs {
			i := (round + turn) % len(programs)
			f, err := s.move(ctx, programs[i], t, at, up)
			if err != nil {
				return nil, err
			}
			if i == 0 && !f.valid() {
				return nil, errors.Join(fmt.Errorf("%s: %d of %d files are wrong", r.names[0], f.wrong, f.files), f.failed)
			}
			fmt.Printf("  %-4s %-44s %7.1f s  %2d connections  %s\n", map[bool]string{false: "down", true: "up"}[up], programs[i].name, f.wall.Seconds(), f.connections, note([]finish{f}))
			r.runs[i] = append(r.runs[i], f)
		}
	}
	return r, nil
}

// move makes one run. Only what is wrong with the measurement itself is an
// error.
func (s *setup) move(ctx context.Context, p program, t task, at starter, up bool) (finish, error) {
	master, remote, local := filepath.Join(s.dir, "master"), filepath.Join(t.srv.Root, "tree"), filepath.Join(s.dir, "local")
	target := local
	if up {
		target = remote
		local = master
	}
	f := finish{files: len(t.files)}
	if err := os.RemoveAll(target); err != nil {
		return f, err
	}
	env, name, args, err := p.command(up, local)
	if err != nil {
		return f, err
	}
	limited, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	most := t.srv.count(limited)
	f.cost, f.failed = measure(limited, at, env, name, args...)
	f.connections = most()
	if ctx.Err() != nil {
		return f, context.Cause(ctx)
	}
	f.wrong, err = different(master, target)
	return f, errors.Join(err, os.RemoveAll(target))
}

// ratios has ours to the best peer's of each round, where a peer did it right, with most
// connections at the most; 0 is any number.
func (r *race) ratios(of func(finish) float64, most int) []float64 {
	var out []float64
	for i, ours := range r.runs[0] {
		best := 0.0
		for _, theirs := range r.runs[1:] {
			if theirs[i].valid() && (most == 0 || theirs[i].connections <= most) {
				best = max(best, of(theirs[i]))
			}
		}
		if best > 0 {
			out = append(out, of(ours)/best)
		}
	}
	return out
}

// mostConnections is how many control connections there were at once in any of the runs.
func mostConnections(all ...[]finish) int {
	n := 0
	for _, runs := range all {
		for _, f := range runs {
			n = max(n, f.connections)
		}
	}
	return n
}

// note says what went wrong with a program's runs.
func note(runs []finish) string {
	var notes []string
	for _, f := range runs {
		switch {
		case f.failed != nil:
			first, _, _ := strings.Cut(f.failed.Error(), "\n")
			notes = append(notes, "FAILED: "+first)
		case f.wrong > 0:
			notes = append(notes, fmt.Sprintf("%d of %d files WRONG", f.wrong, f.files))
		}
	}
	slices.Sort(notes)
	return strings.Join(slices.Compact(notes), "; ")
}

// middleOf is the median of runs that ended, right or wrong.
func middleOf(runs []finish, of func(finish) float64) float64 {
	var all []float64
	for _, f := range runs {
		if f.failed == nil {
			all = append(all, of(f))
		}
	}
	return median(all)
}
