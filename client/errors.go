package client

import (
	"crypto/x509"
	"errors"
	"fmt"

	"portside/client/internal/dtp"
	"portside/client/internal/pi"
	"portside/client/listing"
)

// A Reply is one whole reply of the server (RFC 959, 4.2).
type Reply = pi.Reply

// A ReplyError is a reply that refused a command. Temporary reports a 4yz reply.
type ReplyError = pi.ReplyError

// A ProtocolError is something on the control connection that is no reply, or
// one that cannot be understood.
type ProtocolError = pi.ProtocolError

// A LimitError says that the server sent more than is accepted.
type LimitError = pi.LimitError

// A ListingLimitError says that a listing was larger than is accepted.
type ListingLimitError = listing.LimitError

// A TimeoutError says that a wait ran out.
type TimeoutError = pi.TimeoutError

// A LostError says that the control connection ended while it was in use.
type LostError = pi.LostError

// A DataError says at which step of which method a data connection failed.
type DataError = dtp.DataError

// A LocalIOError is a failure to read or write on this side of a transfer.
type LocalIOError = dtp.LocalIOError

// The steps of a DataError.
const (
	StepNegotiate = dtp.StepNegotiate
	StepListen    = dtp.StepListen
	StepDial      = dtp.StepDial
	StepAccept    = dtp.StepAccept
	StepTLS       = dtp.StepTLS
	StepCopy      = dtp.StepCopy
)

var (
	// ErrClosed is returned for calls on a Session that has been closed.
	ErrClosed = pi.ErrClosed
	// ErrBadName is returned for a name that must not be sent or used.
	ErrBadName = pi.ErrBadName
	// ErrUnsupported is returned where the server does not have the operation.
	ErrUnsupported = errors.New("the server does not support this")
	// ErrUnverified is returned for a protected download whose end was not
	// marked (close_notify) where the size cannot be had either.
	ErrUnverified = errors.New("the protected data connection ended without its closing mark, so the file may be cut short")
)

// The values of DialError.Op.
const (
	OpResolve  = "resolve"  // looking up the host's address
	OpConnect  = "connect"  // the TCP connection
	OpGreeting = "greeting" // the server's first words
	OpTLS      = "tls"      // AUTH TLS, the handshake, the certificate, PROT P
	OpLogin    = "login"    // USER, PASS, ACCT and what follows
)

// A DialError says that there is no session, and how far it came.
type DialError struct {
	Op   string // one of the Op constants
	Addr string // "host:port"
	Err  error
}

func (e *DialError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.Addr, e.Err) }

func (e *DialError) Unwrap() error { return e.Err }

// A LoginError is a refusal of USER, PASS or ACCT.
type LoginError struct {
	Verb  string
	Reply Reply
}

func (e *LoginError) Error() string {
	return fmt.Sprintf("the login was refused: %q", e.Reply.String())
}

// Unwrap returns the same as a ReplyError.
func (e *LoginError) Unwrap() error { return &ReplyError{Verb: e.Verb, Reply: e.Reply} }

// A CertError is a certificate that failed its check. Nothing was sent over the
// connection. Chain and Fingerprint let a person decide; to accept the
// certificate, dial again with Options.Trusted set to Fingerprint, or with Options.Pin
// where no other one is to be taken.
type CertError struct {
	Host        string
	Chain       []*x509.Certificate // as the server sent it, its own first
	Fingerprint string              // SHA-256 of the first, lower-case hexadecimal
	Reason      error               // what is wrong with it
	Addr        string              // "host:port" of who showed it, as Options.CertAddr
	Known       string              // as Fingerprint, of Options.Trusted: this certificate came in its place
}

func (e *CertError) Error() string {
	if e.Known != "" {
		return fmt.Sprintf("the certificate of %s is another one than the one that is trusted: %v", e.Host, e.Reason)
	}
	return fmt.Sprintf("the certificate of %s is not trusted: %v", e.Host, e.Reason)
}

func (e *CertError) Unwrap() error { return e.Reason }

// ErrPinMismatch is the Reason of a CertError where the certificate is not the
// one that was pinned.
var ErrPinMismatch = errors.New("it is not the certificate that was pinned")

// ErrForeignDataCert is the reason of a DataError where a data connection shows
// another certificate than the control connection.
var ErrForeignDataCert = errors.New("the data connection shows another certificate than the control connection")
