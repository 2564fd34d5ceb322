package modes

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"portside/client/internal/dtp"
	"portside/client/internal/pi"
)

func TestChannel(t *testing.T) {
	said := func(verb string, code int) *pi.ReplyError {
		return &pi.ReplyError{Verb: verb, Reply: pi.Reply{Code: code}}
	}
	at := func(step string, err error) error {
		return fmt.Errorf("list /: %w", &dtp.DataError{Method: dtp.EPSV, Step: step, Err: err})
	}
	dial := func(err error) error { return &net.OpError{Op: "dial", Err: err} }
	silent := &pi.TimeoutError{What: "the data connection", After: time.Second}
	const negotiate, listen, connect, accept, handshake, moving = dtp.StepNegotiate, dtp.StepListen, dtp.StepDial, dtp.StepAccept, dtp.StepTLS, dtp.StepCopy
	for _, tt := range []struct {
		name string
		err  error
		want bool
	}{
		{"nil", nil, false},
		{"any error", io.ErrUnexpectedEOF, false},
		{"cancelled", context.Canceled, false},
		{"deadline", context.DeadlineExceeded, false},
		{"lost", &pi.LostError{Err: io.EOF}, false},
		{"lost with a 421", &pi.LostError{Err: io.EOF, Last: &pi.Reply{Code: 421}}, false},
		{"reply timeout", silent, false},
		{"closed", pi.ErrClosed, false},

		{"EPSV 500", at(negotiate, said("EPSV", 500)), true},
		{"EPSV 501", at(negotiate, said("EPSV", 501)), true},
		{"PASV 502", at(negotiate, said("PASV", 502)), true},
		{"PORT 504", at(negotiate, said("PORT", 504)), true},
		{"EPRT 522", at(negotiate, said("EPRT", 522)), true},
		{"PASV 425", at(negotiate, said("PASV", 425)), true},
		{"PASV 550, as vsftpd has it", at(negotiate, said("PASV", 550)), true},
		{"EPSV 421", at(negotiate, said("EPSV", 421)), false},
		{"EPSV 530", at(negotiate, said("EPSV", 530)), false},
		{"EPSV 532", at(negotiate, said("EPSV", 532)), false},
		{"unreadable 227", at(negotiate, &pi.ProtocolError{Line: "227 ?"}), true},
		{"PASV over IPv6", at(negotiate, errors.New("no room")), true},
		{"EPSV 500, bare", said("EPSV", 500), true},
		{"PORT 550, bare", said("PORT", 550), true},
		{"PORT 421, bare", said("PORT", 421), false},

		{"no free port", at(listen, syscall.EADDRINUSE), true},
		{"no descriptors to listen", at(listen, syscall.EMFILE), false},

		{"connect refused", at(connect, dial(os.NewSyscallError("connect", syscall.ECONNREFUSED))), true},
		{"connect filtered", at(connect, dial(syscall.EHOSTUNREACH)), true},
		{"connect forbidden here", at(connect, dial(syscall.EPERM)), true},
		{"connect silent", at(connect, silent), true},
		{"connect silent, by the system", at(connect, dial(syscall.ETIMEDOUT)), true},
		{"connect silent, by the dialer", at(connect, dial(dialTimeout{})), true},
		{"connect cancelled", at(connect, context.Canceled), false},
		{"connect out of time", at(connect, context.DeadlineExceeded), false},
		{"no descriptors", at(connect, dial(os.NewSyscallError("socket", syscall.EMFILE))), false},
		{"no local ports", at(connect, dial(os.NewSyscallError("connect", syscall.EADDRNOTAVAIL))), false},
		{"no memory", at(connect, dial(syscall.ENOBUFS)), false},

		{"nobody came", at(accept, silent), true},
		{"425 instead", at(accept, said("", 425)), true},
		{"426 instead", at(accept, said("", 426)), true},
		{"522 instead", at(accept, said("", 522)), true},
		{"550 instead", at(accept, said("", 550)), false},
		{"552 instead", at(accept, said("", 552)), false},
		{"553 instead", at(accept, said("", 553)), false},
		{"450 instead", at(accept, said("", 450)), false},
		{"451 instead", at(accept, said("", 451)), false},
		{"530 instead", at(accept, said("", 530)), false},
		{"421 instead", at(accept, said("", 421)), false},
		{"500 instead", at(accept, said("", 500)), false},
		{"listener closed by us", at(accept, net.ErrClosed), false},

		{"handshake alert", at(handshake, tls.AlertError(40)), true},
		{"handshake silent", at(handshake, silent), true},
		{"handshake cut", at(handshake, io.EOF), true},
		{"handshake cancelled", at(handshake, context.Canceled), false},
		{"handshake out of time", at(handshake, context.DeadlineExceeded), false},

		{"stalled", at(moving, silent), false},
		{"426 while moving", at(moving, said("", 426)), false},
		{"425 while moving", at(moving, said("", 425)), false},
		{"local disk", &dtp.LocalIOError{Err: syscall.ENOSPC}, false},
		{"local disk within", at(connect, &dtp.LocalIOError{Err: syscall.ENOSPC}), false},

		{"LIST 425", said("LIST", 425), true},
		{"RETR 522", said("RETR", 522), true},
		{"RETR 426", said("RETR", 426), false},
		{"MLSD 500", said("MLSD", 500), false},
		{"RETR 550", said("RETR", 550), false},
		{"STOR 552", said("STOR", 552), false},
		{"STOR 553", said("STOR", 553), false},
		{"RETR 450", said("RETR", 450), false},
		{"RETR 451", said("RETR", 451), false},
		{"LIST 530", said("LIST", 530), false},
		{"STOR 532", said("STOR", 532), false},
		{"LIST 421", said("LIST", 421), false},
		{"PROT 534", said("PROT P", 534), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Channel(tt.err); got != tt.want {
				t.Errorf("Channel(%v) = %v, want %v", tt.err, got, tt.want)
			}
			if Lasting(tt.err) && !tt.want {
				t.Errorf("Lasting(%v) without Channel", tt.err)
			}
		})
	}
}

// dialTimeout is as the net package's own: errors.Is takes it for a context's.
type dialTimeout struct{}

func (dialTimeout) Error() string        { return "i/o timeout" }
func (dialTimeout) Timeout() bool        { return true }
func (dialTimeout) Temporary() bool      { return true }
func (dialTimeout) Is(target error) bool { return target == context.DeadlineExceeded }

func TestLasting(t *testing.T) {
	busy := &dtp.DataError{Method: dtp.EPRT, Step: dtp.StepListen, Err: syscall.EADDRINUSE}
	if Lasting(busy) {
		t.Error("a port that is taken now is remembered")
	}
	refused := &dtp.DataError{Method: dtp.EPSV, Step: dtp.StepDial, Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
	if !Lasting(refused) {
		t.Error("a refused connection is not remembered")
	}
}
