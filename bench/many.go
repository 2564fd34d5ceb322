//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
)

// Many files on loopback.
const (
	targetMany = 1.0 // times the files a second of the fastest peer
	manyRounds = 3
)

var manyTree = shape{folders: 50, files: 5000, size: 2 << 10}

// many measures many small files without any delay, every program with its
// default number of connections.
func (s *setup) many(ctx context.Context) (err error) {
	srv, err := s.startReal(ctx, realServer{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	rounds := s.runs(manyRounds)
	fmt.Printf("%v on loopback, %d rounds\n", manyTree, rounds)
	down, up, err := s.both(ctx, manyTree, task{srv: srv, files: manyTree.names()}, nil, rounds)
	if err != nil {
		return err
	}
	s.report.title(fmt.Sprintf("%v on loopback, default connections", manyTree))
	s.report.rates(down, up, 0, targetMany)
	return nil
}
