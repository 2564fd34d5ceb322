package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// wireDelay is how long a packet takes from near to far, and back again.
const wireDelay = 10 * time.Millisecond

// A packet is on its way between near and far.
type packet struct {
	due  time.Time
	data []byte
}

// startWire makes both ends of the wire, wire0 and wire1, and carries packets
// between them until ctx ends.
func startWire(ctx context.Context, sc *scene) error {
	var ends [2]*os.File
	for i := range ends {
		name := fmt.Sprintf("wire%d", i)
		f, err := openTUN(name)
		if err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
		ends[i] = f
		if err := run(ctx, "", "ip", "link", "set", name, "mtu", fmt.Sprint(cmp.Or(sc.mtu, 1500))); err != nil {
			return err
		}
	}
	for i, from := range ends {
		to, line := ends[1-i], make(chan packet, 4096)
		go readPackets(from, line)
		go writePackets(to, line)
	}
	context.AfterFunc(ctx, func() {
		for _, f := range ends {
			_ = f.Close()
		}
	})
	return nil
}

// openTUN makes a network device whose packets are read from a file.
func openTUN(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	req, err := unix.NewIfreq(name)
	if err == nil {
		req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, req)
	}
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), name), nil
}

// readPackets ends when the file is closed, and drops what the line has no
// room for, as lines do.
func readPackets(from io.Reader, line chan<- packet) {
	defer close(line)
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		select {
		case line <- packet{due: time.Now().Add(wireDelay), data: slices.Clone(buf[:n])}:
		default:
		}
	}
}

func writePackets(to io.Writer, line <-chan packet) {
	for p := range line {
		time.Sleep(time.Until(p.due))
		_, _ = to.Write(p.data) // a device that is down loses it
	}
}
