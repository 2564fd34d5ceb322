package dtp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

const (
	// mappedWindow is how much of a file is mapped at once. It is a multiple of every
	// page size.
	mappedWindow = 32 << 20
	// mappedWrite is how much of it is made present at once, which takes less than a page
	// fault for every few pages, and how much the kernel is asked to copy at once, at most.
	// mappedLeast is where that begins. It grows while it takes no longer than mappedLook,
	// so that a slow disk does not hold up the end of a transfer that is broken off.
	mappedWrite = 1 << 20
	mappedLeast = 64 << 10
	mappedLook  = 50 * time.Millisecond
	// mappedQueue is what may wait for the server in the kernel. It is less than the kernel
	// would let it be: what the server takes in is then still in the processor's cache.
	// Where it holds no two segments of the loopback interface, 64 KiB each, it stalls.
	mappedQueue = 128 << 10
	// populateRead is MADV_POPULATE_READ (Linux 5.14, madvise).
	populateRead = 22
)

// A hardWriter writes to a connection without the runtime's poller: the kernel goes on
// with a write whenever there is room, and nobody is woken in between.
type hardWriter struct {
	nc    *net.TCPConn
	raw   syscall.RawConn
	ahead int // how much is made present at once
}

// newHardWriter has nc written by a hardWriter until its end is called. Meanwhile nobody
// may read from nc.
func newHardWriter(nc *net.TCPConn) (*hardWriter, error) {
	raw, err := nc.SyscallConn()
	if err != nil {
		return nil, err
	}
	w := &hardWriter{nc: nc, raw: raw, ahead: mappedLeast}
	wait := syscall.NsecToTimeval(int64(tick))
	err = w.control(func(fd int) error {
		if timeErr := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &wait); timeErr != nil {
			return timeErr // nothing would end a write
		}
		return syscall.SetNonblock(fd, false)
	})
	if err != nil {
		return nil, err
	}
	_ = nc.SetWriteBuffer(mappedQueue) // without it the transfer is only slower
	return w, nil
}

// present makes the beginning of mem present, which begins with a page, and returns how
// much of it.
func (w *hardWriter) present(mem []byte) int {
	n, began := min(w.ahead, len(mem)), time.Now()
	_ = syscall.Madvise(mem[:n], populateRead) // an older kernel takes pages in one by one
	if time.Since(began) < mappedLook {
		w.ahead = min(2*w.ahead, mappedWrite)
	} else {
		w.ahead = max(w.ahead/2, mappedLeast)
	}
	return n
}

// end gives the connection back to the poller.
func (w *hardWriter) end() {
	_ = w.control(func(fd int) error { return syscall.SetNonblock(fd, true) }) // or it is closed
}

func (w *hardWriter) control(f func(fd int) error) error {
	var err error
	closed := w.raw.Control(func(fd uintptr) { err = f(int(fd)) })
	return errors.Join(closed, err)
}

// write writes p or a part of it. It takes no longer than a tick:
// syscall.EAGAIN says that there was no room in all of it.
func (w *hardWriter) write(p []byte) (n int, err error) {
	err = w.control(func(fd int) error {
		var writeErr error
		if n, writeErr = syscall.Write(fd, p); errors.Is(writeErr, syscall.EINTR) {
			return nil // the runtime's own signals
		}
		return os.NewSyscallError("write", writeErr)
	})
	if n = max(n, 0); err != nil {
		err = &net.OpError{Op: "write", Net: "tcp", Source: w.nc.LocalAddr(), Addr: w.nc.RemoteAddr(), Err: err}
	}
	return n, err
}

// errCut is the error for a file that became shorter while it was sent.
var errCut = errors.New("the file became shorter while it was sent")

// ownComputer reports whether the other end of nc is on this computer.
func ownComputer(nc *net.TCPConn) bool {
	here, errHere := AddrPort(nc.LocalAddr())
	there, errThere := AddrPort(nc.RemoteAddr())
	return errHere == nil && errThere == nil && (there.Addr().IsLoopback() || there.Addr() == here.Addr())
}

// sendMapped sends src to a server on this computer. sendfile hands the file's pages
// over one by one, and who receives them on the same computer copies them one by one
// too: that takes half as long again as when the kernel has put them together in one
// copy. It is given the file's own pages, so nothing passes through this program. ok is
// false where the file cannot be mapped, and nothing was sent then.
func (t *transfer) sendMapped(dst *net.TCPConn, src *os.File) (ok bool, err error) {
	pos, err := src.Seek(0, io.SeekCurrent)
	if err != nil {
		return true, &LocalIOError{Err: err}
	}
	hard, err := newHardWriter(dst)
	if err != nil {
		return false, nil //nolint:nilerr // the ordinary way works, or says why it does not
	}
	defer hard.end()
	for {
		size, err := sizeOf(src, pos)
		if err != nil || pos == size {
			return err != nil || t.total > 0, err // a file of /proc has a size of 0, and is not empty
		}
		begin := pos / mappedWindow * mappedWindow
		mem, err := syscall.Mmap(int(src.Fd()), begin, int(min(size-begin, mappedWindow)), syscall.PROT_READ, syscall.MAP_SHARED)
		if err != nil {
			return t.total > 0, &LocalIOError{Err: &os.PathError{Op: "mmap", Path: src.Name(), Err: err}}
		}
		n, err := t.sendWindow(hard, src, begin, mem, int(pos-begin))
		pos += n
		if unmapErr := syscall.Munmap(mem); err == nil && unmapErr != nil {
			err = &LocalIOError{Err: &os.PathError{Op: "munmap", Path: src.Name(), Err: unmapErr}}
		}
		if err != nil {
			return true, err
		}
		if _, err = src.Seek(pos, io.SeekStart); err != nil {
			return true, &LocalIOError{Err: err}
		}
	}
}

// sizeOf returns the size of a file of which pos bytes were sent. What a page holds
// behind the end of the file is not the file's, so the end must not come before pos.
func sizeOf(src *os.File, pos int64) (int64, error) {
	info, err := src.Stat()
	switch {
	case err != nil:
		return 0, &LocalIOError{Err: err}
	case info.Size() < pos:
		return 0, &LocalIOError{Err: errCut}
	}
	return info.Size(), nil
}

// unreadable says why the byte of src at pos cannot be had.
func (t *transfer) unreadable(src *os.File, pos int64) error {
	if _, err := src.ReadAt(make([]byte, 1), pos); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return errCut
}

// sendWindow sends what stands behind at in mem, which src has at begin, and returns how
// much of it went.
func (t *transfer) sendWindow(dst *hardWriter, src *os.File, begin int64, mem []byte, at int) (sent int64, err error) {
	first, present := at, at
	for at < len(mem) {
		if err = t.lost(); err != nil {
			return int64(at - first), err
		}
		if at >= present {
			from := at / mappedLeast * mappedLeast
			present = from + dst.present(mem[from:])
		}
		chunk, err := t.grant(present - at)
		if err != nil {
			return int64(at - first), err
		}
		if t.ctx.Err() != nil {
			return int64(at - first), context.Cause(t.ctx)
		}
		n, err := dst.write(mem[at : at+chunk])
		at += n
		if limitErr := t.moved(int64(n)); limitErr != nil {
			return int64(at - first), limitErr
		}
		switch {
		case err == nil && n == chunk:
		case err == nil, errors.Is(err, syscall.EAGAIN): // a tick has passed
			if checkErr := t.check(); checkErr != nil {
				return int64(at - first), checkErr
			}
		case errors.Is(err, syscall.EFAULT): // the page is no longer the file's, or cannot be read
			return int64(at - first), &LocalIOError{Err: t.unreadable(src, begin+int64(at))}
		default:
			return int64(at - first), t.sendFailed(err)
		}
	}
	return int64(at - first), nil
}
