package modes

import (
	"context"
	"errors"
	"net"
	"syscall"

	"portside/client/internal/dtp"
	"portside/client/internal/pi"
)

// Channel reports whether err is evidence about the data channel: that the method
// does not work between here and the server. Only then another method may be tried,
// since a refusal that is about the file, the folder or the login would come again.
//
// Evidence is: the method's command was refused (RFC 959, 4.2; RFC 2428, 4) or its
// reply cannot be read; the passive connect failed; our listener cannot be opened or
// nobody came to it; the handshake on the data connection failed; 425 or 522 in
// place of a transfer, or 426 before anything was connected.
//
// It is none where bytes had begun to move, where this side ran out of something or
// failed to read or write its own file, where ctx ended, and where the server said
// 421 (it ends the session), 530 or 532 (the login). Of the replies 450, 451, 550,
// 552 and 553 the same is true, except as the answer to EPSV, PASV, EPRT or PORT
// itself, which names no file: vsftpd refuses a method that is switched off with 550.
func Channel(err error) bool {
	var local *dtp.LocalIOError
	if err == nil || errors.As(err, &local) || errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed) || shortage(err) {
		return false
	}
	var refused *pi.ReplyError
	isReply := errors.As(err, &refused)
	var de *dtp.DataError
	if !errors.As(err, &de) {
		return isReply && refusedChannel(refused)
	}
	switch de.Step {
	case dtp.StepNegotiate:
		return !isReply || refusedMethod(refused.Reply.Code)
	case dtp.StepAccept:
		return !isReply || refused.Reply.Code == 426 || refusedTransfer(refused.Reply.Code)
	case dtp.StepDial, dtp.StepTLS:
		return !endedByContext(de.Err)
	case dtp.StepListen:
		return true
	default: // StepCopy
		return false
	}
}

// Lasting reports whether err is also worth remembering: it is evidence about the
// channel, and not only about this moment on this computer, as a listener is that
// finds no free port.
func Lasting(err error) bool {
	var de *dtp.DataError
	if errors.As(err, &de) && de.Step == dtp.StepListen {
		return false
	}
	return Channel(err)
}

// refusedChannel judges a reply that came as it is, not from the making of a data
// connection.
func refusedChannel(e *pi.ReplyError) bool {
	switch e.Verb {
	case "EPSV", "PASV", "EPRT", "PORT":
		return refusedMethod(e.Reply.Code)
	default:
		return refusedTransfer(e.Reply.Code)
	}
}

// refusedMethod judges the code of a refusal of EPSV, PASV, EPRT or PORT.
func refusedMethod(code int) bool { return code != 421 && code != 530 && code != 532 }

// refusedTransfer judges the code of a refusal of a transfer command. 425 is "can't
// open data connection" (RFC 959, 4.2.2). 522 is "network protocol not supported"
// (RFC 2428, 2), and what vsftpd says where it misses TLS session reuse.
func refusedTransfer(code int) bool { return code == 425 || code == 522 }

// endedByContext reports whether err is the end of a context and not a timeout of
// the network, which errors.Is takes for the same.
func endedByContext(err error) bool {
	var op *net.OpError
	var timeout *pi.TimeoutError
	if errors.As(err, &op) || errors.As(err, &timeout) {
		return false
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// The numbers that Windows sockets have for EMFILE, ENOBUFS and EADDRNOTAVAIL; no
// other system has errors of these numbers.
const (
	wsaEMFILE        = syscall.Errno(10024)
	wsaEADDRNOTAVAIL = syscall.Errno(10049)
	wsaENOBUFS       = syscall.Errno(10055)
)

// shortage reports whether this computer ran out of something.
func shortage(err error) bool {
	for _, e := range [...]error{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL,
		wsaEMFILE, wsaEADDRNOTAVAIL, wsaENOBUFS,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
