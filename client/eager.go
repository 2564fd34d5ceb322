package client

import (
	"context"
	"errors"
	"io"
	"os"

	"portside/client/internal/dtp"
)

// eagerMost is the largest file that is sent without waiting for the server's word.
const eagerMost = 64 << 10

// An eager is a small file whose bytes go to the data connection right behind the STOR,
// before the 150: a round trip less. The server has the last word all the same. The
// file is read without moving its position, so that it can be sent again where the
// server does not agree. The nil eager does nothing.
type eager struct {
	file  *os.File
	start int64
	text  []byte
	data  *dtp.Data // that text was sent to
	sent  int
	ended bool // the end was sent behind text
	err   error
}

// eagerly returns src for sending without waiting; nil where that is not for it.
func (s *Session) eagerly(src io.Reader, opt TransferOptions) *eager {
	file, ok := src.(*os.File)
	if !ok || opt.Append || opt.Offset != 0 || s.tlsData != nil || !s.worksAhead() {
		return nil
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	start, err := file.Seek(0, io.SeekCurrent)
	if err != nil || info.Size()-start > eagerMost {
		return nil
	}
	text := make([]byte, max(info.Size()-start, 0)+1)
	n, err := file.ReadAt(text, start)
	if !errors.Is(err, io.EOF) {
		return nil // it cannot be read, or has grown: the ordinary way finds out
	}
	return &eager{file: file, start: start, text: text[:n]}
}

// ready has the file sent in the attempt under way, by a method that has worked.
func (e *eager) ready(s *Session, pace dtp.Pace) {
	if e == nil || s.method != s.proven || !s.worksAhead() {
		return
	}
	s.gate.Eager(func(ctx context.Context, d *dtp.Data) {
		e.data = d
		d.SetPace(pace)
		e.sent, e.ended, e.err = d.SendEagerly(ctx, e.text)
	})
}

// agreed takes what has gone over d for moved, and reports how much that is and
// whether it was all.
func (e *eager) agreed(d *dtp.Data, progress dtp.Progress) (n int64, all bool, err error) {
	if e == nil || e.data != d {
		return 0, false, nil
	}
	if e.err != nil {
		return 0, false, e.err
	}
	d.Agreed(e.sent, progress)
	if _, err = e.file.Seek(e.start+int64(e.sent), io.SeekStart); err != nil {
		return int64(e.sent), false, &LocalIOError{Err: err}
	}
	return int64(e.sent), e.ended, nil
}
