//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// A cost is what one run of a program took.
type cost struct {
	wall, cpu time.Duration
	rss       int64 // bytes, at its peak
}

// A starter starts programs somewhere else than here, as delay.Place does.
type starter interface{ Start(cmd *exec.Cmd) error }

// measure runs a program with its output thrown away; at is nil for here.
func measure(ctx context.Context, at starter, env []string, name string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	start := time.Now()
	err := startAt(at, cmd)
	if err == nil {
		err = cmd.Wait()
	}
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

func startAt(at starter, cmd *exec.Cmd) error {
	if at == nil {
		return cmd.Start()
	}
	return at.Start(cmd)
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
