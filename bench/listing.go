//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Targets of the listings: ratios of wall time to lftp, and MB.
const (
	targetParsed = 0.3
	targetRaw    = 2.0
	targetRSS    = 100

	listingRuns = 3
)

// listings compares the listing of a big folder, parsed and printed, with
// lftp's parsed (cls -l) and unparsed (ls) one: from the scripted server, which
// makes the folder up and costs little itself, and from vsftpd, whose own work
// is most of the time.
func (s *setup) listings(ctx context.Context) error {
	s.report.title(fmt.Sprintf("one folder of %d entries", s.number))
	s.report.text(pairHeader("lftp"))
	fmt.Printf("one folder of %d entries, %d pairs, against lftp\n", s.number, s.runs(listingRuns))
	wide, err := s.startWide(ctx)
	if err != nil {
		return err
	}
	err = s.listOn(ctx, wide, "scripted server", true)
	if err = errors.Join(err, wide.stop()); err != nil {
		return err
	}
	real, err := s.startReal(ctx, realServer{})
	if err != nil {
		return err
	}
	if err = fillFolder(filepath.Join(real.Root, "wide"), s.number); err == nil {
		err = s.listOn(ctx, real, "vsftpd", false)
	}
	return errors.Join(err, real.stop())
}

func (s *setup) listOn(ctx context.Context, srv *server, where string, judged bool) error {
	lftp := func(command string) func(context.Context) (cost, error) {
		script := "set net:max-retries 1; set ftp:ssl-allow no; open -u " + srv.login(",") + " ftp://" + srv.Addr + "; " + command + "; quit"
		return func(ctx context.Context) (cost, error) { return measure(ctx, nil, nil, "lftp", "-c", script) }
	}
	ours := contender{"portside-cli ls", func(ctx context.Context) (cost, error) {
		return measure(ctx, nil, srv.env(), s.cli, "ls", "--quiet", "--tls", "off", srv.url("//wide"))
	}}
	parsed, err := pair(ctx, s.runs(listingRuns), ours, contender{"lftp cls -l", lftp("cls -l /wide")})
	if err != nil {
		return err
	}
	raw, err := pair(ctx, s.runs(listingRuns), ours, contender{"lftp ls", lftp("ls /wide")})
	if err != nil {
		return err
	}
	targets := []float64{targetParsed, targetRaw, targetRSS}
	if !judged {
		targets = make([]float64, 3)
	}
	s.report.ratio("listing on the "+where+", to lftp cls -l", parsed, wall, "s", targets[0])
	s.report.ratio("listing on the "+where+", to lftp ls", raw, wall, "s", targets[1])
	s.report.figure("listing, peak memory", middle(parsed.ours, rss), "MB", targets[2])
	s.report.figure("lftp cls -l, peak memory", middle(parsed.theirs, rss), "MB", 0)
	return nil
}

func fillFolder(dir string, n int) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("file-%07d.dat", i)), nil, 0o644); err != nil {
			return err
		}
	}
	return nil
}
