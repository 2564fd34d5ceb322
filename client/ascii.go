package client

import (
	"bufio"
	"io"
)

// A textWriter turns CRLF into LF (RFC 959, 3.1.1.1); a lone CR stays.
type textWriter struct {
	w       io.Writer
	buf     []byte
	cr      bool // a CR is held back
	written int64
}

func (t *textWriter) Write(p []byte) (int, error) {
	t.buf = t.buf[:0]
	for _, c := range p {
		if t.cr && c != '\n' {
			t.buf = append(t.buf, '\r')
		}
		if t.cr = c == '\r'; !t.cr {
			t.buf = append(t.buf, c)
		}
	}
	n, err := t.w.Write(t.buf)
	t.written += int64(n)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush writes a CR at the very end.
func (t *textWriter) flush() error {
	if !t.cr {
		return nil
	}
	t.cr = false
	n, err := t.w.Write([]byte{'\r'})
	t.written += int64(n)
	return err
}

// A textReader turns LF into CRLF; a CRLF stays as it is.
type textReader struct {
	br   *bufio.Reader
	last byte
	lf   bool // an LF is still to be given
	read int64
}

func newTextReader(r io.Reader) *textReader {
	return &textReader{br: bufio.NewReaderSize(r, 64<<10)}
}

func (t *textReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if t.lf {
			p[n], t.last, t.lf = '\n', '\n', false
			n++
			continue
		}
		if n > 0 && t.br.Buffered() == 0 {
			break
		}
		c, err := t.br.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		t.read++
		if c == '\n' && t.last != '\r' {
			p[n], t.last, t.lf = '\r', '\r', true
			n++
			continue
		}
		p[n], t.last = c, c
		n++
	}
	return n, nil
}
