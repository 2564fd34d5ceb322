//go:build linux

// Command bench measures portside-cli against curl, lftp and rclone on a real
// server: on the loopback address, and at the end of a line with a round trip
// of 40 ms. Every figure is one of programs that ran in turn, round by round,
// on the same machine; the medians of the rounds are printed with their
// targets, and every byte is compared after each run. Run it by `make bench`.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A setup is what the measurements share.
type setup struct {
	cli        string // portside-cli
	serve      string // client/internal/realserver/serve
	wide       string // the test binary of client/ftptest, which is a server too
	dir        string // a folder in memory
	pairs      int
	size       int64  // of the big file
	files      int    // small ones, far away
	forwarders string // packets, connections or both
	number     int    // of entries in the big folder
	report     *report
}

// runs is how often a measurement is repeated.
func (s *setup) runs(usual int) int { return cmp.Or(s.pairs, usual) }

// A measurement is a part of the whole that can be made alone.
type measurement struct {
	name string
	run  func(*setup, context.Context) error
}

func measurements() []measurement {
	return []measurement{
		{"small", (*setup).small},
		{"many", (*setup).many},
		{"transfer", (*setup).transfers},
		{"tls", (*setup).encrypted},
		{"listing", (*setup).listings},
	}
}

func measurementNames() []string {
	var names []string
	for _, m := range measurements() {
		names = append(names, m.name)
	}
	return names
}

// choose returns the named measurements, or all.
func choose(only string) ([]measurement, error) {
	all := measurements()
	if only == "" {
		return all, nil
	}
	var chosen []measurement
	for name := range strings.SplitSeq(only, ",") {
		i := slices.Index(measurementNames(), name)
		if i < 0 {
			return nil, fmt.Errorf("there is no measurement %q; there are %s", name, strings.Join(measurementNames(), ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

func main() {
	var s setup
	flag.StringVar(&s.cli, "cli", "bin/portside-cli", "the program that is measured")
	flag.StringVar(&s.serve, "serve", ".cache/bin/serve", "the program that starts real servers")
	flag.StringVar(&s.wide, "ftptest", ".cache/bin/ftptest", "the test binary of client/ftptest")
	memory := flag.String("memory", "/dev/shm", "a folder in memory for the files")
	flag.IntVar(&s.pairs, "pairs", 0, "how often each is run (0: as often as each measurement needs)")
	flag.Int64Var(&s.size, "size", 2<<30, "bytes of the big file")
	flag.IntVar(&s.files, "files", 500, "small files far away")
	flag.StringVar(&s.forwarders, "forwarder", forwardConnections+","+forwardPackets, "what makes the distance of small files: connections (a proxy, where connecting costs nothing), packets (a line of packets, as a real one), or both")
	flag.IntVar(&s.number, "entries", 100_000, "entries of the big folder")
	only := flag.String("only", "", "measure only these, with commas between: "+strings.Join(measurementNames(), ", "))
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, *memory, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s setup, memory, only string) (err error) {
	start := time.Now()
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	s.dir, err = os.MkdirTemp(memory, "portside-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	// The server works as another user.
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return err
	}
	s.report = &report{}
	for _, m := range chosen {
		if err := m.run(&s, ctx); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	s.report.print(os.Stdout)
	fmt.Printf("measured in %.0f s\n", time.Since(start).Seconds())
	return nil
}
