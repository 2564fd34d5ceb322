package proxydial

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// The numbers of RFC 1928 and RFC 1929.
const (
	socksVersion  = 5
	noLogin       = 0
	passwordLogin = 2
	noneFits      = 0xff
	loginVersion  = 1
	cmdConnect    = 1
	isIPv4        = 1
	isName        = 3
	isIPv6        = 4
	longest       = 255 // of a name, a user and a password
)

// socks5 asks for a connection (RFC 1928, 3 to 6).
func (d *Dialer) socks5(nc net.Conn, host, port string) error {
	target := net.JoinHostPort(host, port)
	request, err := socksRequest(host, port)
	if err != nil {
		return d.failed(target, StepServer, "", err)
	}
	if err = d.socksLogin(nc, target); err != nil {
		return err
	}
	if _, err = nc.Write(request); err != nil {
		return d.failed(target, StepTalk, "", err)
	}
	var head [4]byte
	if _, err = io.ReadFull(nc, head[:]); err != nil {
		return d.failed(target, StepTalk, "", ended(err))
	}
	if head[0] != socksVersion {
		return d.failed(target, StepTalk, "", fmt.Errorf("its reply begins with %d and not with 5", head[0]))
	}
	if head[1] != 0 {
		return d.socksRefusal(target, head[1])
	}
	if err = skipAddress(nc, head[3]); err != nil {
		return d.failed(target, StepTalk, "", ended(err))
	}
	return nil
}

// ended is the error of a connection that ends within a reply.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it closed the connection")
	}
	return err
}

// socksLogin agrees on a login and makes it (RFC 1928, 3; RFC 1929).
func (d *Dialer) socksLogin(nc net.Conn, target string) error {
	methods := []byte{noLogin}
	if d.User != "" || d.Password != "" {
		methods = append(methods, passwordLogin)
	}
	if len(d.User) > longest || len(d.Password) > longest {
		return d.failed(target, StepLogin, "", errors.New("the user or the password is longer than 255 bytes"))
	}
	if _, err := nc.Write(append([]byte{socksVersion, byte(len(methods))}, methods...)); err != nil {
		return d.failed(target, StepTalk, "", err)
	}
	var chosen [2]byte
	if _, err := io.ReadFull(nc, chosen[:]); err != nil {
		return d.failed(target, StepTalk, "", ended(err))
	}
	switch {
	case chosen[0] != socksVersion:
		return d.failed(target, StepTalk, "", fmt.Errorf("its answer begins with %d and not with 5", chosen[0]))
	case chosen[1] == noLogin:
		return nil
	case chosen[1] == passwordLogin && len(methods) > 1:
	case len(methods) > 1:
		return d.failed(target, StepLogin, "", errors.New("it takes no login by user and password"))
	default:
		return d.failed(target, StepLogin, "", errors.New("it wants a user and a password"))
	}
	login := append([]byte{loginVersion, byte(len(d.User))}, d.User...)
	login = append(append(login, byte(len(d.Password))), d.Password...)
	if _, err := nc.Write(login); err != nil {
		return d.failed(target, StepTalk, "", err)
	}
	if _, err := io.ReadFull(nc, chosen[:]); err != nil {
		return d.failed(target, StepTalk, "", ended(err))
	}
	if chosen[1] != 0 {
		return d.failed(target, StepLogin, "", errors.New("the user or the password is wrong"))
	}
	return nil
}

// socksRequest is a request for a connection (RFC 1928, 4). Names are left to the proxy.
func socksRequest(host, port string) ([]byte, error) {
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q is no port", port)
	}
	out := []byte{socksVersion, cmdConnect, 0}
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil && len(host) > longest:
		return nil, errors.New("the host's name is longer than 255 bytes")
	case err != nil:
		out = append(append(out, isName, byte(len(host))), host...)
	case ip.Unmap().Is4():
		out = append(append(out, isIPv4), ip.Unmap().AsSlice()...)
	default:
		out = append(append(out, isIPv6), ip.WithZone("").AsSlice()...)
	}
	return append(out, byte(number>>8), byte(number)), nil
}

// socksRefusal puts a reply other than "succeeded" into words (RFC 1928, 6).
func (d *Dialer) socksRefusal(target string, code byte) error {
	switch code {
	case 1:
		return d.failed(target, StepServer, "", errors.New("general failure"))
	case 2:
		return d.failed(target, StepDenied, "", nil)
	case 3:
		return d.failed(target, StepServer, "", fmt.Errorf("%w, as seen from the proxy", syscall.ENETUNREACH))
	case 4:
		return d.failed(target, StepServer, "", errors.New("the host is unknown or cannot be reached from the proxy"))
	case 5:
		return d.failed(target, StepServer, "", fmt.Errorf("%w, as seen from the proxy", syscall.ECONNREFUSED))
	case 6:
		return d.failed(target, StepServer, "", errors.New("the way to the server is too long (TTL)"))
	case 7, 8:
		return d.failed(target, StepDenied, "", errors.New("it does not make such connections"))
	}
	return d.failed(target, StepServer, "", fmt.Errorf("failure %d", code))
}

// skipAddress reads over the address that the proxy connected from.
func skipAddress(nc net.Conn, kind byte) error {
	n := 0
	switch kind {
	case isIPv4:
		n = net.IPv4len
	case isIPv6:
		n = net.IPv6len
	case isName:
		var length [1]byte
		if _, err := io.ReadFull(nc, length[:]); err != nil {
			return err
		}
		n = int(length[0])
	default:
		return fmt.Errorf("its reply holds an address of kind %d", kind)
	}
	_, err := io.ReadFull(nc, make([]byte, n+2))
	return err
}
