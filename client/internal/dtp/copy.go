package dtp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"portside/client/internal/pi"
)

const (
	// tick is how often a transfer looks up from its work: to count, to see
	// whether ctx has ended, and to see whether the server refused.
	tick = 400 * time.Millisecond
	// kernelChunk is what the kernel is asked to move at once, at most.
	kernelChunk = 16 << 20
	// bufferSize is the buffer of transfers that pass through this program.
	bufferSize = 128 << 10
)

// A Progress is told how many bytes have moved since it was called last.
type Progress func(n int64)

// A transfer is one run of Receive or Send: the counts and the clocks.
type transfer struct {
	d        *Data
	ctx      context.Context
	progress Progress
	total    int64
	maximum  int64 // more than this is an error; 0: no bound
	lastMove time.Time
	credit   int // bytes that the Pace has granted and that have not moved
	stop     func() bool

	sendsLost atomic.Bool // by watchSend
}

// begin brings the connection up and makes the end of ctx interrupt it.
func (d *Data) begin(ctx context.Context, progress Progress) (*transfer, error) {
	if err := d.Establish(ctx); err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(int64) {}
	}
	t := &transfer{d: d, ctx: ctx, progress: progress, lastMove: time.Now()}
	nc := d.nc
	t.stop = pi.OnEnd(ctx, func() { _ = nc.SetDeadline(time.Now()) })
	return t, nil
}

// moved counts n bytes.
func (t *transfer) moved(n int64) error {
	if n > 0 {
		t.d.first()
		t.total += n
		t.credit -= int(n)
		t.lastMove = time.Now()
		t.progress(n)
	}
	if t.maximum > 0 && t.total > t.maximum {
		return &pi.LimitError{What: "the file", Max: t.maximum}
	}
	return nil
}

// check is called at every tick: it says whether to go on.
func (t *transfer) check() error {
	if t.ctx.Err() != nil {
		return context.Cause(t.ctx)
	}
	if d := t.d; time.Since(t.lastMove) > d.ctl.Timeout() {
		return d.stalled()
	}
	if t.lostAll() || t.d.used && t.d.sendLost() {
		return t.d.copyError(ErrNarrow)
	}
	return t.d.peek()
}

// lost reports that the control connection is gone, unless its last reply has
// come and only the data are still on the way.
func (t *transfer) lost() error {
	select {
	case <-t.d.ctl.Done():
		if t.d.replied || len(t.d.ctl.Replies()) > 0 {
			return nil
		}
		return t.d.ctl.Err()
	default:
		return nil
	}
}

// peek looks for a refusal on the control connection without waiting.
func (d *Data) peek() error {
	select {
	case rep := <-d.ctl.Replies():
		d.ctl.Unread(rep)
		d.replied = d.replied || rep.Class() != 1
		if rep.Class() >= 4 {
			return d.copyError(&pi.ReplyError{Reply: rep})
		}
	default:
	}
	return nil
}

// Receive copies everything the server sends to dst and returns the number of
// bytes. clean reports whether the end was marked: by close_notify where the
// connection is protected; a plain connection has no mark but its end, so there
// it says that the connection ended without a reset. On Linux a plain
// connection goes to an *os.File without passing through this program (splice).
// maximum, where positive, bounds the number of bytes.
func (d *Data) Receive(ctx context.Context, dst io.Writer, maximum int64, progress Progress) (n int64, clean bool, err error) {
	t, err := d.begin(ctx, progress)
	if err != nil {
		return 0, false, err
	}
	defer t.stop()
	defer t.giveBack()
	t.maximum = maximum
	file, isFile := dst.(*os.File)
	tcp, isTCP := d.nc.(*net.TCPConn)
	if isFile && isTCP && d.tls == nil && runtime.GOOS == "linux" {
		err = t.receiveFile(file, tcp)
		return t.total, err == nil, err
	}
	clean, err = t.receiveTo(dst)
	return t.total, clean, err
}

// receiveFile lets the kernel move the bytes.
func (t *transfer) receiveFile(dst *os.File, src *net.TCPConn) error {
	for {
		if err := t.lost(); err != nil {
			return err
		}
		chunk, err := t.grant(kernelChunk)
		if err != nil {
			return err
		}
		if err = src.SetReadDeadline(time.Now().Add(tick)); err != nil {
			return t.d.copyError(err)
		}
		if t.ctx.Err() != nil {
			return context.Cause(t.ctx)
		}
		n, err := dst.ReadFrom(&io.LimitedReader{R: src, N: int64(chunk)})
		if limitErr := t.moved(n); limitErr != nil {
			return limitErr
		}
		switch {
		case err == nil && n < int64(chunk):
			return nil // the end
		case err == nil:
		case isTimeout(err):
			if checkErr := t.check(); checkErr != nil {
				return checkErr
			}
		default:
			return t.failed(err)
		}
	}
}

// failed tells an error of ours (a full disk) from one of the connection.
func (t *transfer) failed(err error) error {
	if t.ctx.Err() != nil {
		return context.Cause(t.ctx)
	}
	var pathErr *os.PathError
	if errors.As(err, &pathErr) && !isConnError(err) {
		return &LocalIOError{Err: err}
	}
	return t.d.copyError(err)
}

// isConnError reports whether err comes from a connection. splice reports the
// errors of both of its ends as errors of the file; EPIPE is the file's, a pipe
// that nobody reads any more.
func isConnError(err error) bool {
	for _, of := range []error{
		net.ErrClosed, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.ETIMEDOUT,
		syscall.ENETRESET, syscall.ENOTCONN, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN,
	} {
		if errors.Is(err, of) {
			return true
		}
	}
	return false
}

// A LocalIOError is a failure on this side's end of a transfer: the file that is
// read or written, not the connection.
type LocalIOError struct{ Err error }

func (e *LocalIOError) Error() string { return e.Err.Error() }

func (e *LocalIOError) Unwrap() error { return e.Err }

func (t *transfer) receiveTo(dst io.Writer) (clean bool, err error) {
	r := &Reader{t: t}
	buf := make([]byte, bufferSize)
	for {
		n, readErr := r.Read(buf)
		if n > 0 {
			if _, err = dst.Write(buf[:n]); err != nil {
				return false, &LocalIOError{Err: err}
			}
		}
		if errors.Is(readErr, io.EOF) {
			return r.clean, nil
		}
		if readErr != nil {
			return false, readErr
		}
	}
}

// A Reader reads what the server sends on a data connection, to the end of ctx
// or of the time that the server may be silent.
type Reader struct {
	t     *transfer
	clean bool
}

// NewReader brings the connection up and returns a Reader of it. The caller
// calls Close on it, which leaves the Data open.
func (d *Data) NewReader(ctx context.Context, progress Progress) (*Reader, error) {
	t, err := d.begin(ctx, progress)
	if err != nil {
		return nil, err
	}
	return &Reader{t: t}, nil
}

// Clean reports, after io.EOF, whether the end was marked, as Receive does.
func (r *Reader) Clean() bool { return r.clean }

// Close ends the watch over ctx.
func (r *Reader) Close() {
	r.t.stop()
	r.t.giveBack()
}

// Read implements io.Reader. An end without close_notify on a protected
// connection is io.EOF with Clean false: it is judged by the size.
func (r *Reader) Read(p []byte) (int, error) {
	src := r.t.d.conn()
	for {
		if err := r.t.lost(); err != nil {
			return 0, err
		}
		chunk, err := r.t.grant(len(p))
		if err != nil {
			return 0, err
		}
		if err = src.SetReadDeadline(time.Now().Add(tick)); err != nil {
			return 0, r.t.d.copyError(err)
		}
		if r.t.ctx.Err() != nil {
			return 0, context.Cause(r.t.ctx)
		}
		n, err := src.Read(p[:chunk])
		if limitErr := r.t.moved(int64(n)); limitErr != nil {
			return n, limitErr
		}
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, io.EOF):
			r.clean = r.t.d.tls == nil || !r.t.d.end.ended
			return n, io.EOF
		case errors.Is(err, io.ErrUnexpectedEOF):
			return n, io.EOF
		case isTimeout(err):
			if checkErr := r.t.check(); checkErr != nil || n > 0 {
				return n, checkErr
			}
		default:
			return n, r.t.failed(err)
		}
	}
}

// Send copies src to the server and returns the number of bytes. It does not
// mark the end: FinishUpload does, when the source was read to its end, and
// Reset makes sure that the server does not take a part for the whole. On Linux
// an *os.File goes to a plain connection without passing through this program
// (sendfile, or a mapping where the server is on this computer).
func (d *Data) Send(ctx context.Context, src io.Reader, progress Progress) (int64, error) {
	t, err := d.begin(ctx, progress)
	if err != nil {
		return 0, err
	}
	defer t.stop()
	defer t.giveBack()
	d.used = true
	d.acked.mark(d.nc)
	file, isFile := src.(*os.File)
	tcp, isTCP := d.nc.(*net.TCPConn)
	regular := isFile && isRegular(file)
	switch {
	case regular && isTCP && d.tls == nil && runtime.GOOS == "linux":
		err = t.sendFile(tcp, file)
	case isFile && !regular:
		err = t.sendFrom(newPatientReader(ctx, src))
	default:
		err = t.sendFrom(src)
	}
	return t.total, err
}

// isRegular reports whether f is a plain file, which sendfile takes and which
// can be read again.
func isRegular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

func (t *transfer) sendFile(dst *net.TCPConn, src *os.File) error {
	if ownComputer(dst) {
		if ok, err := t.sendMapped(dst, src); ok {
			return err
		}
	}
	start, err := src.Seek(0, io.SeekCurrent)
	if err != nil {
		return &LocalIOError{Err: err}
	}
	for {
		if err := t.lost(); err != nil {
			return err
		}
		chunk, err := t.grant(kernelChunk)
		if err != nil {
			return err
		}
		if err = dst.SetWriteDeadline(time.Now().Add(tick)); err != nil {
			return t.d.copyError(err)
		}
		if t.ctx.Err() != nil {
			return context.Cause(t.ctx)
		}
		n, err := dst.ReadFrom(&io.LimitedReader{R: src, N: int64(chunk)})
		if limitErr := t.moved(n); limitErr != nil {
			return limitErr
		}
		switch {
		case err == nil && n == 0:
			return nil // the end of the file
		case err == nil:
		case isTimeout(err):
			if checkErr := t.check(); checkErr != nil {
				return checkErr
			}
			// A file system without sendfile was read through a buffer, of
			// which a part may not have been sent.
			if _, seekErr := src.Seek(start+t.total, io.SeekStart); seekErr != nil {
				return &LocalIOError{Err: seekErr}
			}
		default:
			return t.sendFailed(err)
		}
	}
}

// sendFailed prefers the reason that the server gives for hanging up.
func (t *transfer) sendFailed(err error) error {
	if t.ctx.Err() == nil {
		if refused := t.d.peek(); refused != nil {
			return refused
		}
	}
	return t.failed(err)
}

// sendFrom writes with the whole timeout for every write, since a TLS
// connection is of no use after a write that timed out.
func (t *transfer) sendFrom(src io.Reader) error {
	defer t.watchSend()()
	dst := t.d.conn()
	buf := make([]byte, bufferSize)
	for {
		if err := t.lost(); err != nil {
			return err
		}
		n, readErr := src.Read(buf)
		if n > 0 {
			if err := t.write(dst, buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if t.ctx.Err() != nil {
			return context.Cause(t.ctx)
		}
		if readErr != nil {
			return &LocalIOError{Err: readErr}
		}
	}
}

// write sends p, in one piece where there is no Pace.
func (t *transfer) write(dst net.Conn, p []byte) error {
	for len(p) > 0 {
		chunk, err := t.grant(len(p))
		if err != nil {
			return err
		}
		if err = dst.SetWriteDeadline(time.Now().Add(t.d.ctl.Timeout())); err != nil {
			return t.d.copyError(err)
		}
		if t.ctx.Err() != nil {
			return context.Cause(t.ctx)
		}
		if t.sendsLost.Load() { // the deadline that said so is gone
			return t.d.copyError(ErrNarrow)
		}
		if _, err = dst.Write(p[:chunk]); err != nil {
			if isTimeout(err) && t.ctx.Err() == nil && t.sendsLost.Load() {
				return t.d.copyError(ErrNarrow)
			}
			if isTimeout(err) && t.ctx.Err() == nil {
				return t.d.stalled()
			}
			return t.sendFailed(err)
		}
		if err = t.moved(int64(chunk)); err != nil {
			return err
		}
		if err = t.d.peek(); err != nil {
			return err
		}
		p = p[chunk:]
	}
	return nil
}
