package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jlaffaye/ftp"

	"portside/client/internal/dtp"
	"portside/client/modes"
)

// TransferOptions says how Retrieve and Store move a file.
type TransferOptions struct {
	// Offset is where to begin: REST before RETR or STOR (RFC 3659, 5). The
	// local side is already positioned there.
	Offset int64
	// Append stores with APPE, at the end of what the server has.
	Append bool
	// ASCII moves with TYPE A: line ends are CRLF on the wire and LF here.
	ASCII bool
	// Size is how large the file is known to be; 0 where it is not. Retrieve does not check
	// it. A small file may then have its data connection closed on this side at once, where
	// that is seen to save time (modes.Memory.HalfClose).
	Size int64
	// MaxBytes, where positive, makes it an error to receive more.
	MaxBytes int64
	// Progress is called with the bytes moved since the last call, on the
	// goroutine of the transfer, at least twice a second while bytes move.
	Progress func(n int64)
	// More says that another transfer over this session follows at once. The next
	// passive data connection is then asked for together with this transfer, and made
	// while what follows is prepared, where the server takes that; it is found out once.
	More bool
	// Pace, where set, is asked before bytes move: it waits until up to n bytes may
	// go and returns how many, 1 to n; an error ends the transfer. A negative n gives
	// back -n bytes that were granted and did not move. Counted is what goes over the
	// data connection: what is handed to the system on uploads, what is taken from it
	// on downloads.
	Pace func(ctx context.Context, n int) (int, error)
}

// Retrieve copies the file at path to dst and returns the number of bytes that
// dst was given (RETR, RFC 959, 4.1.3). An *os.File is written by the kernel on
// plain connections on Linux, without passing through this program. The transfer
// has succeeded only if the error is nil: the server confirmed it, the data
// ended cleanly, and on a protected connection without a closing mark the size
// agrees.
func (s *Session) Retrieve(ctx context.Context, path string, dst io.Writer, opt TransferOptions) (int64, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	if err = s.setType(ctx, opt.ASCII); err != nil {
		return 0, err
	}
	path = s.abs(path)
	if err = s.follows(ctx, opt.More, path); err != nil {
		return 0, err
	}
	defer func() { s.more = false }()
	var n int64
	var clean bool
	var text *textWriter
	expected := max(opt.Size-max(opt.Offset, 0), 0)
	if opt.ASCII {
		text = &textWriter{w: dst}
		dst, expected = text, 0
	}
	err = s.transfer(ctx, request{
		op: func(c *ftp.ServerConn) error {
			resp, retrErr := c.RetrFrom(path, uint64(max(opt.Offset, 0)))
			return finishRead(resp, retrErr)
		},
		move: func(ctx context.Context, d *dtp.Data) error {
			var moveErr error
			d.SetPace(opt.Pace)
			n, clean, moveErr = d.Receive(ctx, dst, opt.MaxBytes, opt.Progress)
			if moveErr == nil && text != nil {
				moveErr = text.flush()
				n = text.written
			}
			return moveErr
		},
		download: true, size: expected,
		whole:   func() bool { return n >= expected },
		touched: func() bool { return n > 0 },
	})
	if err == nil {
		s.cameDown(n)
	}
	if err == nil && !clean && opt.ASCII {
		err = &DataError{Method: s.method, Step: StepCopy, Err: ErrUnverified}
	} else if err == nil && !clean {
		err = s.verifyCut(ctx, path, opt.Offset+n)
	}
	return n, err
}

// finishRead runs a download through the library: its first Read moves the data.
func finishRead(resp *ftp.Response, err error) error {
	if err != nil {
		return err
	}
	if _, err = resp.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, resp.Close())
}

// verifyCut judges a download whose end was not marked by its size.
func (s *Session) verifyCut(ctx context.Context, path string, have int64) error {
	size, err := s.size(ctx, path)
	switch {
	case err == nil && size == have:
		s.note("the data connection ended without close_notify; the size agrees")
		return nil
	case err == nil:
		return &DataError{Method: s.method, Step: StepCopy, Err: fmt.Errorf("%w: %d of %d bytes came", ErrUnverified, have, size)}
	default:
		return &DataError{Method: s.method, Step: StepCopy, Err: ErrUnverified}
	}
}

// uploadMarker stands for the source in the library; it is never read.
type uploadMarker struct{}

func (uploadMarker) Read([]byte) (int, error) { return 0, io.EOF }

// Store copies src to the file at path and returns the number of bytes read from
// src (STOR, APPE; RFC 959, 4.1.3). An *os.File is read by the kernel on plain
// connections on Linux. When src fails or ctx ends, the data connection is reset,
// so that the server does not take a part for the whole.
func (s *Session) Store(ctx context.Context, path string, src io.Reader, opt TransferOptions) (int64, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	if err = s.setType(ctx, opt.ASCII); err != nil {
		return 0, err
	}
	path = s.abs(path)
	var text *textReader
	if opt.ASCII {
		text = newTextReader(src)
		src = text
	}
	if err = s.prove(ctx); err != nil {
		return 0, err
	}
	if err = s.follows(ctx, opt.More, s.stored); err != nil {
		return 0, err
	}
	defer func() { s.more = false }()
	var n int64
	began := false
	early := s.eagerly(src, opt)
	err = s.transfer(ctx, request{
		op: func(c *ftp.ServerConn) error {
			early.ready(s, opt.Pace)
			if opt.Append {
				return c.Append(path, uploadMarker{})
			}
			return c.StorFrom(path, uploadMarker{}, uint64(max(opt.Offset, 0)))
		},
		move: func(ctx context.Context, d *dtp.Data) error {
			if moveErr := d.Establish(ctx); moveErr != nil {
				return moveErr
			}
			if !s.sign.commit() { // another method has delivered
				<-ctx.Done()
				return context.Cause(ctx)
			}
			began = true // from here on src is read, and is not read again
			s.letGo()    // nothing is mended any more
			var moveErr error
			n, moveErr = upload(ctx, d, src, early, opt)
			return moveErr
		},
		touched: func() bool { return began },
	})
	if text != nil {
		n = text.read
	}
	if err == nil {
		s.stored = path
		s.wentUp(n)
	}
	return n, err
}

// upload sends src, of which early may have gone already, and its end.
func upload(ctx context.Context, d *dtp.Data, src io.Reader, early *eager, opt TransferOptions) (int64, error) {
	n, all, err := early.agreed(d, opt.Progress)
	if err != nil {
		return n, err
	}
	if !all {
		d.SetPace(opt.Pace)
		rest, sendErr := d.Send(ctx, src, opt.Progress)
		if n += rest; sendErr != nil {
			return n, sendErr
		}
	}
	return n, d.FinishUpload(ctx)
}

// setType switches the representation type where it is not the wanted one.
func (s *Session) setType(ctx context.Context, ascii bool) error {
	want, lib := byte('I'), ftp.TransferTypeBinary
	if ascii {
		want, lib = 'A', ftp.TransferTypeASCII
	}
	if s.typ == want {
		return nil
	}
	before := s.typ
	s.typ = 0 // not known until the reply has come
	if err := s.do(ctx, func(c *ftp.ServerConn) error { return c.Type(lib) }); err != nil {
		var refused *ReplyError
		if errors.As(err, &refused) {
			s.typ = before
		}
		return err
	}
	s.typ = want
	return nil
}

// do runs an operation of the library without a data connection.
func (s *Session) do(ctx context.Context, op func(*ftp.ServerConn) error) error {
	err := s.gate.Do(ctx, op)
	if errors.Is(err, ftp.ErrInvalidCommand) {
		return badLine()
	}
	return err
}

// badLine is the error for what would break a command's line.
func badLine() error { return fmt.Errorf("%w: it holds a line break", ErrBadName) }

// prove finds a method that works before an upload in plain text, by reading some
// of a listing: bytes that something on the way has swallowed could not be sent
// again. Where TLS protects the data connection, its handshake is the proof.
func (s *Session) prove(ctx context.Context) error {
	if s.proven != MethodNone || s.tlsData != nil || s.opt.Mode != Auto || s.trusted() {
		return nil
	}
	read := false
	s.gate.ListAs("LIST")
	err := s.transfer(ctx, request{
		op: func(c *ftp.ServerConn) error { _, listErr := c.List(""); return listErr },
		move: func(ctx context.Context, d *dtp.Data) error {
			return s.readSome(ctx, d, func() { read = true })
		},
		touched: func() bool { return read },
	})
	var refused *ReplyError
	switch {
	case errors.Is(err, errEnough):
		s.worked(s.method, nil)
		s.showed(s.method, nil)
		return nil
	case errors.As(err, &refused) && !modes.Channel(err):
		return nil // the folder cannot be listed, which says nothing of the channel
	}
	return err
}
