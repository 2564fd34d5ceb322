//go:build linux

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Targets of the transfers, as ratios to curl.
const (
	targetCPU  = 0.6
	targetWall = 1.0
)

// transfers compares a big file's way down and up with curl's, over plain FTP
// from vsftpd, from memory to memory.
func (s *setup) transfers(ctx context.Context) (err error) {
	srv, err := s.startReal(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	remote, local := filepath.Join(srv.Root, "big.bin"), filepath.Join(s.dir, "local.bin")
	if err = writeNoise(remote, s.size); err != nil {
		return err
	}
	fmt.Printf("one file of %d MB, %d pairs, against curl\n", s.size>>20, s.pairs)

	fetch := func(name string, args ...string) func(context.Context) (cost, error) {
		return func(ctx context.Context) (cost, error) {
			if err = os.RemoveAll(local); err != nil {
				return cost{}, err
			}
			return measure(ctx, srv.env(), name, args...)
		}
	}
	down, err := pair(ctx, s.pairs,
		contender{"portside-cli get", fetch(s.cli, "get", "--quiet", "--tls", "off", srv.url("/big.bin"), local)},
		contender{"curl", fetch("curl", "-sS", "-u", srv.login(":"), "-o", local, "ftp://"+srv.Addr+"/big.bin")})
	if err != nil {
		return err
	}
	if err = sameContent(remote, local); err != nil {
		return err
	}
	s.report.ratio("download, CPU of the client", down, cpu, "s", targetCPU)
	s.report.ratio("download, wall time", down, wall, "s", targetWall)

	// Up: the last download is the file, and its target is overwritten.
	if err = os.Rename(remote, local); err != nil {
		return err
	}
	send := func(name string, args ...string) func(context.Context) (cost, error) {
		return func(ctx context.Context) (cost, error) {
			if err = os.RemoveAll(filepath.Join(srv.Root, "up.bin")); err != nil {
				return cost{}, err
			}
			return measure(ctx, srv.env(), name, args...)
		}
	}
	up, err := pair(ctx, s.pairs,
		contender{"portside-cli put", send(s.cli, "put", "--quiet", "--tls", "off", local, srv.url("/up.bin"))},
		contender{"curl", send("curl", "-sS", "-u", srv.login(":"), "-T", local, "ftp://"+srv.Addr+"/up.bin")})
	if err != nil {
		return err
	}
	if err := sameContent(local, filepath.Join(srv.Root, "up.bin")); err != nil {
		return err
	}
	s.report.ratio("upload, CPU of the client", up, cpu, "s", 0)
	s.report.ratio("upload, wall time", up, wall, "s", targetWall)
	return errors.Join(os.Remove(local), os.Remove(filepath.Join(srv.Root, "up.bin")))
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

func sameContent(a, b string) error {
	x, err := sum(a)
	if err != nil {
		return err
	}
	y, err := sum(b)
	if err != nil {
		return err
	}
	if x != y {
		return fmt.Errorf("%s is not the same as %s", filepath.Base(b), filepath.Base(a))
	}
	return nil
}

func sum(name string) ([sha256.Size]byte, error) {
	var out [sha256.Size]byte
	f, err := os.Open(name)
	if err != nil {
		return out, err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	h.Sum(out[:0])
	return out, errors.Join(err, f.Close())
}
