//go:build linux

// Command bench measures portside-cli against curl and lftp on a real server on
// the loopback address. Every figure is a ratio of two programs that ran in
// turn, pair by pair, on the same machine; the medians of the pairs are
// printed with their targets. Run it by `make bench`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// A setup is what the measurements share.
type setup struct {
	cli    string // portside-cli
	serve  string // client/internal/realserver/serve
	wide   string // the test binary of client/ftptest, which is a server too
	dir    string // a folder in memory
	pairs  int
	size   int64 // of the big file
	number int   // of entries in the big folder
	report *report
}

func main() {
	var s setup
	flag.StringVar(&s.cli, "cli", "bin/portside-cli", "the program that is measured")
	flag.StringVar(&s.serve, "serve", ".cache/bin/serve", "the program that starts real servers")
	flag.StringVar(&s.wide, "ftptest", ".cache/bin/ftptest", "the test binary of client/ftptest")
	memory := flag.String("memory", "/dev/shm", "a folder in memory for the files")
	flag.IntVar(&s.pairs, "pairs", 5, "how often each pair is run")
	flag.Int64Var(&s.size, "size", 2<<30, "bytes of the big file")
	flag.IntVar(&s.number, "entries", 100_000, "entries of the big folder")
	only := flag.String("only", "", "measure only this: transfer or listing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s, *memory, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s setup, memory, only string) (err error) {
	start := time.Now()
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
	if only == "" || only == "transfer" {
		if err := s.transfers(ctx); err != nil {
			return err
		}
	}
	if only == "" || only == "listing" {
		if err := s.listings(ctx); err != nil {
			return err
		}
	}
	s.report.print(os.Stdout)
	fmt.Printf("measured in %.0f s\n", time.Since(start).Seconds())
	return nil
}
