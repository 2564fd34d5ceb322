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
	// mappedWrite is how much of it the kernel is asked to copy at once, at most.
	mappedWrite = 256 << 10
)

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
		n, err := t.sendWindow(dst, src, pos, mem[pos-begin:])
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

// sendWindow sends mem, which src has at pos, and returns how much of it went.
func (t *transfer) sendWindow(dst *net.TCPConn, src *os.File, pos int64, mem []byte) (sent int64, err error) {
	for sent < int64(len(mem)) {
		if err = t.lost(); err != nil {
			return sent, err
		}
		chunk, err := t.grant(min(len(mem)-int(sent), mappedWrite))
		if err != nil {
			return sent, err
		}
		if err = dst.SetWriteDeadline(time.Now().Add(tick)); err != nil {
			return sent, t.d.copyError(err)
		}
		if t.ctx.Err() != nil {
			return sent, context.Cause(t.ctx)
		}
		n, err := dst.Write(mem[sent : sent+int64(chunk)])
		sent += int64(n)
		if limitErr := t.moved(int64(n)); limitErr != nil {
			return sent, limitErr
		}
		switch {
		case err == nil:
		case isTimeout(err):
			if checkErr := t.check(); checkErr != nil {
				return sent, checkErr
			}
		case errors.Is(err, syscall.EFAULT): // the page is no longer the file's, or cannot be read
			return sent, &LocalIOError{Err: t.unreadable(src, pos+sent)}
		default:
			return sent, t.sendFailed(err)
		}
	}
	return sent, nil
}
