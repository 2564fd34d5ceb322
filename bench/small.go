//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"portside/bench/delay"
)

// Small files far away.
const (
	roundTrip = 40 * time.Millisecond

	targetSmall     = 3.0 // times the files a second of the fastest peer
	targetTripsDown = 2.3 // round trips a file over one connection
	targetTripsUp   = 3.3

	// sleepers is how many threads may sleep at a time. A forwarder waits in system calls,
	// to be exact, and the runtime takes up to 10 ms to see that one of those leaves a
	// processor idle: with as few as the computer has, much would be delivered late.
	sleepers = 64

	smallConnections = 10
	smallRounds      = 2
)

// smallTree is measured.
func smallTree(files int) shape { return shape{folders: max(1, files/10), files: files, size: 2 << 10} }

// peerTree is for the peers over one connection, who are slow there.
func peerTree(files int) shape { return smallTree(max(1, files/5)) }

// The forwarders.
const (
	forwardPackets     = "packets"
	forwardConnections = "connections"
)

// A far server is reached by programs started at the place near.
type far struct {
	*server

	near starter
	how  string // the delay is made
	stop func() error
}

// startFar starts vsftpd where each round trip takes 40 ms; nil where that cannot be, and is
// made by another forwarder as well.
func (s *setup) startFar(ctx context.Context, forwarder string) (*far, error) {
	runtime.GOMAXPROCS(max(sleepers, runtime.GOMAXPROCS(0)))
	switch forwarder {
	case forwardPackets:
	case forwardConnections:
		return s.startProxied(ctx)
	default:
		return nil, fmt.Errorf("no such forwarder: %q", forwarder)
	}
	line, err := delay.NewLine(roundTrip / 2)
	if err != nil {
		fmt.Printf("no line with namespaces (%v): a proxy delays what is said, but connecting costs nothing\n", err)
		if strings.Contains(s.forwarders, forwardConnections) { // which is measured anyway
			return nil, nil
		}
		return s.startProxied(ctx)
	}
	srv, err := s.startReal(ctx, realServer{at: line.Far, host: line.Far.Addr})
	if err != nil {
		return nil, errors.Join(err, line.Close())
	}
	return &far{server: srv, near: line.Near, how: "each packet delayed", stop: func() error {
		return errors.Join(srv.stop(), line.Close())
	}}, nil
}

func (s *setup) startProxied(ctx context.Context) (*far, error) {
	srv, err := s.startReal(ctx, realServer{})
	if err != nil {
		return nil, err
	}
	proxy, err := delay.NewProxy(ctx, srv.Addr, roundTrip/2)
	if err != nil {
		return nil, errors.Join(err, srv.stop())
	}
	srv.Addr = proxy.Addr
	return &far{server: srv, how: "connections delayed, connecting not", stop: func() error {
		proxy.Close()
		return srv.stop()
	}}, nil
}

// small measures many small files far away: with ten connections the files a
// second, with one the round trips a file.
func (s *setup) small(ctx context.Context) error {
	for forwarder := range strings.SplitSeq(s.forwarders, ",") {
		if err := s.smallBy(ctx, forwarder); err != nil {
			return err
		}
	}
	return nil
}

func (s *setup) smallBy(ctx context.Context, forwarder string) (err error) {
	srv, err := s.startFar(ctx, forwarder)
	if srv == nil || err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	rounds, tree := s.runs(smallRounds), smallTree(s.files)
	fmt.Printf("%v at %v (%s) with %d connections, %d rounds\n", tree, roundTrip, srv.how, smallConnections, rounds)
	t := task{srv: srv.server, files: tree.names(), connections: smallConnections}
	down, up, err := s.both(ctx, tree, t, srv.near, rounds)
	if err != nil {
		return err
	}
	s.report.title(fmt.Sprintf("%v, round trip %v (%s), %d connections", tree, roundTrip, srv.how, smallConnections))
	s.report.rates(down, up, smallConnections, targetSmall)
	return s.trips(ctx, srv)
}

// trips measures with one connection, once: the number of round trips is always
// the same.
func (s *setup) trips(ctx context.Context, srv *far) error {
	fmt.Printf("the same with one connection (peers: %v), once\n", peerTree(s.files))
	var all [2]race
	for i, tree := range []shape{smallTree(s.files), peerTree(s.files)} {
		t := task{srv: srv.server, files: tree.names(), connections: 1}
		programs, err := s.programs(ctx, t)
		if err != nil {
			return err
		}
		if i == 0 {
			programs = programs[:1]
		} else {
			programs = programs[1:]
		}
		down, up, err := s.bothOf(ctx, programs, tree, t, srv.near, 1)
		if err != nil {
			return err
		}
		for j, r := range []*race{down, up} {
			all[j].names, all[j].runs = append(all[j].names, r.names...), append(all[j].runs, r.runs...)
		}
	}
	s.report.title(fmt.Sprintf("the same with one connection: round trips a file, walk and login included (peers: %v)", peerTree(s.files)))
	s.report.trips(&all[0], &all[1])
	return nil
}

// both measures a tree down and up with every program.
func (s *setup) both(ctx context.Context, tree shape, t task, at starter, rounds int) (down, up *race, err error) {
	programs, err := s.programs(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	return s.bothOf(ctx, programs, tree, t, at, rounds)
}

func (s *setup) bothOf(ctx context.Context, programs []program, tree shape, t task, at starter, rounds int) (down, up *race, err error) {
	master, remote := filepath.Join(s.dir, "master"), filepath.Join(t.srv.Root, "tree")
	if err = errors.Join(os.RemoveAll(master), os.RemoveAll(remote)); err != nil {
		return nil, nil, err
	}
	if err = errors.Join(tree.make(master), tree.make(remote)); err != nil {
		return nil, nil, err
	}
	if down, err = s.run(ctx, programs, t, at, rounds, false); err != nil {
		return nil, nil, err
	}
	up, err = s.run(ctx, programs, t, at, rounds, true)
	return down, up, err
}
