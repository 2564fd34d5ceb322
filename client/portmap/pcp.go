package portmap

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Of RFC 6887, 7 and 11.
const (
	pcpVersion     = 2
	pcpResponse    = 0x80
	pcpAnnounce    = 0
	pcpMap         = 1
	pcpHeaderBytes = 24
	pcpMapBytes    = 60
	pcpMaxBytes    = 1100
	pcpTCP         = 6
)

var pcpResults = [...]string{
	"success", "unsupported version", "not authorized", "malformed request", "unsupported opcode", "unsupported option",
	"malformed option", "network failure", "no resources", "unsupported protocol", "the user's quota is exceeded",
	"cannot provide this external port", "address mismatch", "excessive remote peers",
}

// A pcpClient speaks PCP (RFC 6887).
type pcpClient struct{ opt Options }

// probePCP asks with ANNOUNCE, which changes nothing (RFC 6887, 14.1).
func probePCP(ctx context.Context, opt Options) (way, error) {
	c := pcpClient{opt}
	_, err := c.exchange(ctx, c.header(pcpAnnounce, 0), nil)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (c pcpClient) name() string { return PCP }

// header is the common request header (RFC 6887, 7.1).
func (c pcpClient) header(opcode byte, life time.Duration) []byte {
	b := make([]byte, pcpHeaderBytes, pcpMapBytes)
	b[0], b[1] = pcpVersion, opcode
	binary.BigEndian.PutUint32(b[4:], uint32(life/time.Second))
	local := c.opt.Local.As16()
	copy(b[8:], local[:])
	return b
}

// mapRequest is a MAP request for TCP (RFC 6887, 11.1). The nonce says whose mapping it is.
func (c pcpClient) mapRequest(nonce []byte, port uint16, suggested netip.AddrPort, life time.Duration) []byte {
	b := append(c.header(pcpMap, life), nonce...)
	b = append(b, pcpTCP, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, port)
	b = binary.BigEndian.AppendUint16(b, suggested.Port())
	addr := suggested.Addr().As16()
	return append(b, addr[:]...)
}

// add implements way.
func (c pcpClient) add(ctx context.Context, local netip.AddrPort, life time.Duration) (lease, error) {
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce) // never fails
	anywhere := netip.IPv6Unspecified()
	if local.Addr().Is4() {
		anywhere = netip.AddrFrom16(netip.IPv4Unspecified().As16())
	}
	ours := func(b []byte) bool {
		return len(b) >= pcpMapBytes && bytes.Equal(b[24:36], nonce) && b[36] == pcpTCP && binary.BigEndian.Uint16(b[40:]) == local.Port()
	}
	got := lease{remove: func(ctx context.Context) error {
		_, err := c.exchange(ctx, c.mapRequest(nonce, local.Port(), netip.AddrPortFrom(anywhere, 0), 0), ours)
		return err
	}}
	b, err := c.exchange(ctx, c.mapRequest(nonce, local.Port(), netip.AddrPortFrom(anywhere, local.Port()), life), ours)
	var refusal *pcpRefusal
	if errors.As(err, &refusal) {
		return lease{}, err
	}
	if err != nil {
		return got, err // the answer may have been lost
	}
	got.life = time.Duration(binary.BigEndian.Uint32(b[4:])) * time.Second
	ext := netip.AddrFrom16([16]byte(b[44:60])).Unmap()
	got.external = netip.AddrPortFrom(ext, binary.BigEndian.Uint16(b[42:]))
	return got, nil
}

// A pcpRefusal is a result code other than success.
type pcpRefusal struct{ code byte }

func (e *pcpRefusal) Error() string {
	if int(e.code) < len(pcpResults) {
		return "the router says: " + pcpResults[e.code]
	}
	return fmt.Sprintf("the router says: result code %d", e.code)
}

// errOnlyNATPMP is a router that speaks the older protocol on the same port (RFC 6887, 9).
var errOnlyNATPMP = errors.New("the router speaks version 0 only")

// exchange sends a request until its answer comes or ctx ends. ours tells the answer
// from those to other requests.
func (c pcpClient) exchange(ctx context.Context, request []byte, ours func([]byte) bool) ([]byte, error) {
	// A connected socket takes datagrams of the gateway only.
	d := net.Dialer{LocalAddr: net.UDPAddrFromAddrPort(netip.AddrPortFrom(c.opt.Local, 0))}
	conn, err := d.DialContext(ctx, "udp", netip.AddrPortFrom(c.opt.Gateway, c.opt.ports.pcp).String())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })()
	buf := make([]byte, pcpMaxBytes)
	for wait := 250 * time.Millisecond; ; wait *= 2 {
		if _, err = conn.Write(request); err != nil {
			return nil, err
		}
		if err = conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return nil, err
		}
		if ctx.Err() != nil { // and the deadline of the AfterFunc may just have been moved
			return nil, context.Cause(ctx)
		}
		answer, err := pcpAnswer(conn, buf, request[1], ours)
		var ne net.Error
		if err == nil || !errors.As(err, &ne) || !ne.Timeout() {
			return answer, err
		}
	}
}

// pcpAnswer reads until the answer to a request of opcode comes.
func pcpAnswer(conn net.Conn, buf []byte, opcode byte, ours func([]byte) bool) ([]byte, error) {
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return nil, err
		}
		b := buf[:n]
		switch {
		case n >= 4 && b[0] == 0 && b[1]&pcpResponse != 0:
			return nil, errOnlyNATPMP
		case n < pcpHeaderBytes || b[0] != pcpVersion || b[1] != pcpResponse|opcode:
			continue
		case ours != nil && !ours(b) && b[3] == 0:
			continue
		case b[3] != 0:
			return nil, &pcpRefusal{b[3]}
		default:
			return bytes.Clone(b), nil
		}
	}
}
