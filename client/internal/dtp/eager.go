package dtp

import (
	"context"
	"net"
	"time"
)

// eagerFor bounds the sending of a file before the server has agreed: the buffers of
// both systems take it at once, or the rest follows after the reply.
const eagerFor = 250 * time.Millisecond

// SendEagerly sends text, the whole of a small file, and its end before the server has
// agreed to the transfer. It is for plain connections that are established. It returns
// how many bytes went, and whether the end did; the rest is Send's. The error is one of
// the Pace or of ctx: one of the connection shows when the transfer goes on.
func (d *Data) SendEagerly(ctx context.Context, text []byte) (sent int, ended bool, err error) {
	tcp, ok := d.nc.(*net.TCPConn)
	if !ok || d.cfg.TLS != nil {
		return 0, false, nil
	}
	t, err := d.begin(ctx, nil)
	if err != nil {
		return 0, false, err
	}
	defer t.stop()
	defer t.giveBack()
	d.used = true
	d.acked.mark(tcp)
	for sent < len(text) {
		chunk, grantErr := t.grant(len(text) - sent)
		if grantErr != nil {
			return sent, false, grantErr
		}
		if tcp.SetWriteDeadline(time.Now().Add(eagerFor)) != nil {
			return sent, false, nil
		}
		if ctx.Err() != nil {
			return sent, false, context.Cause(ctx)
		}
		n, writeErr := tcp.Write(text[sent : sent+chunk])
		sent += n
		t.credit -= n
		if writeErr != nil {
			return sent, false, nil
		}
	}
	return sent, tcp.CloseWrite() == nil, nil
}

// Agreed counts the n bytes that SendEagerly has sent, once the server has agreed.
func (d *Data) Agreed(n int, progress Progress) {
	if n == 0 {
		return
	}
	d.first()
	if progress != nil {
		progress(int64(n))
	}
}
