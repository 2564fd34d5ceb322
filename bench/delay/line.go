//go:build linux

package delay

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The addresses of both ends, from the block that is set aside for benchmarks
// (RFC 2544, appendix C.2.2).
const (
	nearAddr = "198.18.0.1"
	farAddr  = "198.18.0.2"
)

// A Line joins two places. Nothing else is reached from them, and nothing of
// them is left when the process ends.
type Line struct {
	Near, Far *Place

	carrying sync.WaitGroup
}

// NewLine makes a line on which a packet takes oneWay in each direction, and
// so twice that to and fro. Root is needed, and TUN devices.
func NewLine(oneWay time.Duration) (*Line, error) {
	l := &Line{}
	var err error
	if l.Near, err = newPlace(nearAddr); err != nil {
		return nil, fmt.Errorf("make the near end of the line: %w", err)
	}
	if l.Far, err = newPlace(farAddr); err != nil {
		return nil, errors.Join(fmt.Errorf("make the far end of the line: %w", err), l.Near.close())
	}
	l.carry(l.Near.wire, l.Far.wire, oneWay)
	l.carry(l.Far.wire, l.Near.wire, oneWay)
	return l, nil
}

// Close cuts the line and returns when nothing is carried any more.
func (l *Line) Close() error {
	err := errors.Join(l.Near.close(), l.Far.close())
	l.carrying.Wait()
	return err
}

// carry takes packets from one end to the other, in order.
func (l *Line) carry(from io.Reader, to io.Writer, oneWay time.Duration) {
	queue := make(chan parcel, queueLength)
	l.carrying.Go(func() { readPackets(from, queue, oneWay) })
	l.carrying.Go(func() { writePackets(to, queue) })
}

// readPackets ends when the device is closed, and drops what the queue has no
// room for, as lines do.
func readPackets(from io.Reader, queue chan<- parcel, oneWay time.Duration) {
	defer close(queue)
	buf := make([]byte, headerSize+64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		select {
		case queue <- parcel{due: time.Now().Add(oneWay), data: slices.Clone(buf[:n])}:
		default:
		}
	}
}

func writePackets(to io.Writer, queue <-chan parcel) {
	for p := range queue {
		sleepUntil(p.due)
		_, _ = to.Write(p.data) // a device that is down, or gone, loses it
	}
}

// A Place is one end of a line: a network namespace with the line, loopback and
// nothing else.
type Place struct {
	Addr string // the IPv4 address

	space *os.File // the namespace
	wire  *os.File // the device
}

func newPlace(addr string) (*Place, error) {
	p := &Place{Addr: addr}
	err := onOwnThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		var err error
		if p.space, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return err
		}
		p.wire, err = openWire(addr)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *Place) close() error {
	var err error
	for _, f := range []*os.File{p.space, p.wire} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// Do calls f where it sees the network of the place. Goroutines that f starts
// do not.
func (p *Place) Do(f func() error) error {
	return onOwnThread(func() error {
		if err := unix.Setns(int(p.space.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter a network namespace: %w", err)
		}
		return f()
	})
}

// Start starts a program at the place.
func (p *Place) Start(cmd *exec.Cmd) error { return p.Do(cmd.Start) }

// onOwnThread calls f on a thread that ends with it, as the network of the
// thread is not what it was.
func onOwnThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends here
		done <- f()
	}()
	return <-done
}
