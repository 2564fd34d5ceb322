package dtp

import (
	"context"
	"net/netip"
	"time"

	"portside/client/internal/pi"
)

// AskPassive sends EPSV or PASV and returns where to connect.
func AskPassive(ctx context.Context, ctl Control, m Method, cfg Config) (netip.AddrPort, error) {
	return askPassive(ctx, ctl, m, cfg)
}

// Later returns a passive data connection to where that is being made; ctx bounds the
// making.
func Later(ctx context.Context, ctl Control, m Method, cfg Config, where netip.AddrPort) *Data {
	return dialLater(ctx, ctl, m, cfg, where)
}

// Ahead returns the data connection to which rep, the reply to an EPSV or PASV that
// was sent ahead, is the answer. It is being made when Ahead returns; ctx bounds that.
// Before it is used it is given to its transfer by Take.
func Ahead(ctx context.Context, ctl Control, m Method, cfg Config, rep pi.Reply) (*Data, error) {
	host, err := cfg.server(ctl)
	if err != nil {
		return nil, &DataError{Method: m, Step: StepNegotiate, Err: err}
	}
	where, err := passiveReply(ctl, m, cfg, host, rep)
	if err != nil {
		return nil, err
	}
	return dialLater(ctx, ctl, m, cfg, where), nil
}

// Take gives a connection that was made ahead to the transfer with cfg.
func (d *Data) Take(cfg Config) { d.cfg = cfg }

// Connected reports whether the TCP connection is there and was waited for.
func (d *Data) Connected() bool { return d.nc != nil }

// stir is how long Gone waits for a sign of a connection's end.
const stir = time.Millisecond

// Gone reports whether a connection that was made ahead is of no use: its making has
// failed, or, where closely is set, the server has ended it meanwhile. One that is
// still being made is not gone.
func (d *Data) Gone(closely bool) bool {
	d.mu.Lock()
	if d.killed {
		d.mu.Unlock()
		return true
	}
	d.mu.Unlock()
	if d.nc == nil {
		select {
		case res := <-d.dialled:
			if res.err != nil || !d.setConn(res.nc) {
				return true
			}
		default:
			return false
		}
	}
	if !closely {
		return false
	}
	// Nothing is to come before the transfer command: a byte is as bad as the end.
	if err := d.nc.SetReadDeadline(time.Now().Add(stir)); err != nil {
		return true
	}
	if _, err := d.nc.Read(make([]byte, 1)); err == nil || !isTimeout(err) {
		return true
	}
	return d.nc.SetReadDeadline(time.Time{}) != nil
}
