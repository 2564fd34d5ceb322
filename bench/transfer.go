//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// Targets of the transfers, as ratios to curl.
const (
	targetCPU   = 0.6
	targetCPUUp = 1.0
	targetWall  = 1.0

	transferRuns  = 5
	encryptedRuns = 3
	encryptedPart = 4 // of the size: it is slower, and as clear
)

// A channel is how a big file goes, with the arguments that say so.
type channel struct {
	name             string
	portside, curl   []string
	runs             int
	size             int64
	cpuDown, cpuUp   float64 // targets
	wallDown, wallUp float64
}

// transfers compares a big file's way down and up with curl's, over plain FTP
// from vsftpd, from memory to memory.
func (s *setup) transfers(ctx context.Context) error {
	return s.big(ctx, realServer{}, func(*server) channel {
		return channel{
			name: "plain", portside: []string{"--tls", "off"}, runs: s.runs(transferRuns), size: s.size,
			cpuDown: targetCPU, cpuUp: targetCPUUp, wallDown: targetWall, wallUp: targetWall,
		}
	})
}

// encrypted does the same over explicit TLS.
func (s *setup) encrypted(ctx context.Context) error {
	return s.big(ctx, realServer{tls: true}, func(srv *server) channel {
		return channel{
			name: "TLS", portside: []string{"--tls", "require", "--cacert", srv.CAFile}, curl: []string{"--ssl-reqd", "-k"},
			runs: s.runs(encryptedRuns), size: s.size / encryptedPart, wallDown: targetWall, wallUp: targetWall,
		}
	})
}

func (s *setup) big(ctx context.Context, how realServer, by func(*server) channel) (err error) {
	srv, err := s.startReal(ctx, how)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	way := by(srv)
	remote, local := filepath.Join(srv.Root, "big.bin"), filepath.Join(s.dir, "local.bin")
	if err = writeNoise(remote, way.size); err != nil {
		return err
	}
	fmt.Printf("one file of %d MB, %s, %d pairs, against curl\n", way.size>>20, way.name, way.runs)
	s.report.title(fmt.Sprintf("one file of %d MB, %s", way.size>>20, way.name))
	s.report.text(pairHeader("curl"))

	// from runs a program after its target is gone, and compares what it made.
	from := func(source, target, name string, args []string, more ...string) contender {
		return contender{name, func(ctx context.Context) (cost, error) {
			if gone := os.RemoveAll(target); gone != nil {
				return cost{}, gone
			}
			c, failed := measure(ctx, nil, srv.env(), name, slices.Concat(args, more)...)
			if failed == nil {
				failed = sameContent(source, target)
			}
			return c, failed
		}}
	}
	ours, curl := append([]string{"--quiet"}, way.portside...), append([]string{"-sS", "-u", srv.login(":")}, way.curl...)
	down, err := pair(ctx, way.runs,
		from(remote, local, s.cli, append([]string{"get"}, ours...), srv.url("/big.bin"), local),
		from(remote, local, "curl", curl, "-o", local, "ftp://"+srv.Addr+"/big.bin"))
	if err != nil {
		return err
	}
	s.report.ratio("download, CPU of the client", down, cpu, "s", way.cpuDown)
	s.report.ratio("download, wall time", down, wall, "s", way.wallDown)

	// Up: the file is where a download has put it, and not twice in memory.
	if err = os.Rename(remote, local); err != nil {
		return err
	}
	target := filepath.Join(srv.Root, "up.bin")
	up, err := pair(ctx, way.runs,
		from(local, target, s.cli, append([]string{"put"}, ours...), local, srv.url("/up.bin")),
		from(local, target, "curl", curl, "-T", local, "ftp://"+srv.Addr+"/up.bin"))
	if err != nil {
		return err
	}
	s.report.ratio("upload, CPU of the client", up, cpu, "s", way.cpuUp)
	s.report.ratio("upload, wall time", up, wall, "s", way.wallUp)
	return errors.Join(os.Remove(local), os.Remove(target))
}

// writeNoise writes a file that no hole makes shorter. vsftpd reads it as
// another user.
func writeNoise(name string, size int64) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, rand.NewChaCha8([32]byte{1}), size)
	return errors.Join(err, f.Close())
}

// sameContent compares every byte.
func sameContent(a, b string) (err error) {
	var files [2]*os.File
	for i, name := range []string{a, b} {
		if files[i], err = os.Open(name); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, files[i].Close()) }()
	}
	bufs := [2][]byte{make([]byte, 1<<20), make([]byte, 1<<20)}
	for {
		var n [2]int
		var ends [2]error
		for i, f := range files {
			n[i], ends[i] = io.ReadFull(f, bufs[i])
			if ends[i] != nil && !errors.Is(ends[i], io.EOF) && !errors.Is(ends[i], io.ErrUnexpectedEOF) {
				return ends[i]
			}
		}
		if !bytes.Equal(bufs[0][:n[0]], bufs[1][:n[1]]) {
			return fmt.Errorf("%s is not the same as %s", filepath.Base(b), filepath.Base(a))
		}
		if ends[0] != nil { // the last, shorter piece
			return nil
		}
	}
}
