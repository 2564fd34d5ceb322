package ftptest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// takeOffset returns the position that REST set, which counts once.
func (c *Conn) takeOffset() int64 {
	off := c.session.offset
	c.session.offset = 0
	if c.srv.settings().ignoreREST {
		return 0
	}
	return off
}

func (c *Conn) cmdRETR(arg string) {
	off := c.takeOffset()
	f, err := c.srv.tree.open(c.path(arg), off)
	if err != nil {
		c.refuse(err)
		return
	}
	ascii := c.session.ascii
	c.transferAt("RETR", arg, off, func(d *dataConn) error {
		buf := make([]byte, dataChunk)
		var last byte
		for {
			n := f.read(buf)
			if n == 0 {
				return nil
			}
			out := buf[:n]
			if ascii {
				out, last = toNet(out, last)
			}
			if _, err := d.Write(out); err != nil {
				return err
			}
		}
	})
}

// toNet makes CR LF of every bare LF (RFC 959, 3.1.1.1).
func toNet(b []byte, last byte) (out []byte, end byte) {
	out = make([]byte, 0, len(b)+len(b)/16)
	for _, x := range b {
		if x == '\n' && last != '\r' {
			out = append(out, '\r')
		}
		out = append(out, x)
		last = x
	}
	return out, last
}

func (c *Conn) cmdSTOR(arg string) {
	off := c.takeOffset()
	c.receive("STOR", arg, c.path(arg), off)
}

func (c *Conn) cmdAPPE(arg string) {
	c.session.offset = 0
	c.receive("APPE", arg, c.path(arg), -1)
}

func (c *Conn) cmdSTOU(string) {
	c.session.offset = 0
	for n := 1; ; n++ {
		name := fmt.Sprintf("ftp.%d", n)
		if _, err := c.srv.tree.stat(c.path(name)); errors.Is(err, errNotFound) {
			c.receive("STOU", name, c.path(name), 0)
			return
		}
	}
}

func (c *Conn) receive(verb, arg, p string, off int64) {
	f, err := c.srv.tree.create(p, off, c.srv.settings().discard)
	if err != nil {
		c.refuse(err)
		return
	}
	ascii := c.session.ascii
	c.transferAt(verb, arg, max(off, 0), func(d *dataConn) error {
		buf := make([]byte, dataChunk)
		cr := false
		for {
			n, err := d.Read(buf)
			in := buf[:n]
			if ascii {
				in, cr = fromNet(in, cr)
			}
			if _, werr := f.Write(in); werr != nil {
				return werr
			}
			if errors.Is(err, io.EOF) {
				if cr {
					_, err = f.Write([]byte{'\r'})
					return err
				}
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
}

// fromNet makes LF of CR LF. A CR at the end of b is held back: cr says so.
func fromNet(b []byte, cr bool) (out []byte, held bool) {
	if cr {
		b = append([]byte{'\r'}, b...)
	}
	if len(b) > 0 && b[len(b)-1] == '\r' {
		held, b = true, b[:len(b)-1]
	}
	return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), held
}
