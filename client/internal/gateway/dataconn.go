package gateway

import (
	"io"
	"net"
	"time"
)

// A dataConn is the data connection that the library sees. The first use of it
// runs the whole transfer through the Session's own code, which knows how to
// move bytes without copying them and how to read listings; the library then
// finds the end of the data at once.
type dataConn struct {
	g     *Gateway
	moved bool
	err   error
}

// move runs the transfer once.
func (d *dataConn) move() error {
	if d.moved {
		return d.err
	}
	d.moved = true
	if d.g.sink == nil {
		return nil
	}
	if d.err = d.g.sink(d.g.data); d.err != nil {
		_ = d.g.fail(d.err)
		if d.g.ctx.Err() != nil && d.g.finalRep == nil {
			d.g.ctl.GiveUp()
		}
		d.g.data.Abandon()
	}
	return d.err
}

// Read runs a download or a listing, then reports the end of the data.
func (d *dataConn) Read([]byte) (int, error) {
	if err := d.move(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

// ReadFrom runs an upload; the library's source is a marker and is not read.
func (d *dataConn) ReadFrom(io.Reader) (int64, error) { return 0, d.move() }

// Write takes what the library would upload: nothing.
func (d *dataConn) Write(p []byte) (int, error) { return len(p), nil }

// Close ends the data connection.
func (d *dataConn) Close() error { return d.g.data.Close() }

func (d *dataConn) LocalAddr() net.Addr              { return d.g.LocalAddr() }
func (d *dataConn) RemoteAddr() net.Addr             { return d.g.RemoteAddr() }
func (d *dataConn) SetDeadline(time.Time) error      { return nil }
func (d *dataConn) SetReadDeadline(time.Time) error  { return nil }
func (d *dataConn) SetWriteDeadline(time.Time) error { return nil }
