// Package dtp is the user-DTP: it makes one data connection by one method
// (RFC 959, 2.3 and 3.2; EPSV and EPRT: RFC 2428), protects it with TLS where
// asked (RFC 4217, 7 to 9), and moves bytes over it.
//
// Passive: the port is taken from the reply and the connection is made to the
// address of the control connection; another address in a 227 is noted and used
// only where the caller allows it. Active: the listener takes a connection only
// from the server's address, refuses strangers and goes on listening, and watches
// the control connection for a refusal meanwhile.
//
// It sends EPSV, PASV, EPRT and PORT, and leaves the transfer command to others.
package dtp

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A Method is a way to make a data connection.
type Method uint8

// The methods.
const (
	None Method = iota // no data connection yet
	EPSV               // extended passive, RFC 2428, 3
	PASV               // passive, RFC 959, 4.1.2
	EPRT               // extended active, RFC 2428, 2
	PORT               // active, RFC 959, 4.1.2
)

// String returns the verb, or "none".
func (m Method) String() string {
	switch m {
	case EPSV:
		return "EPSV"
	case PASV:
		return "PASV"
	case EPRT:
		return "EPRT"
	case PORT:
		return "PORT"
	default:
		return "none"
	}
}

// Active reports whether the server makes the connection.
func (m Method) Active() bool { return m == EPRT || m == PORT }

// A PortRange bounds the local ports of active mode, both ends included. The
// zero value leaves the choice to the system.
type PortRange struct{ Min, Max uint16 }

// ParsePortRange reads "6000-7000" or "6000"; "" is the zero range.
func ParsePortRange(s string) (PortRange, error) {
	if s == "" {
		return PortRange{}, nil
	}
	low, high, found := strings.Cut(s, "-")
	if !found {
		high = low
	}
	first, err1 := strconv.ParseUint(strings.TrimSpace(low), 10, 16)
	last, err2 := strconv.ParseUint(strings.TrimSpace(high), 10, 16)
	if err1 != nil || err2 != nil || first < 1024 || last < first {
		return PortRange{}, fmt.Errorf("%q is no range of ports; give it as 50000-50100, from 1024 to 65535", s)
	}
	return PortRange{uint16(first), uint16(last)}, nil
}

// String returns the range as ParsePortRange reads it.
func (r PortRange) String() string {
	if r == (PortRange{}) {
		return ""
	}
	return fmt.Sprintf("%d-%d", r.Min, r.Max)
}

// lowestPort is the lowest port that is accepted in a 227 or 229: below are the
// ports of other services, which no server hands out for data (threats of FTP
// bounce, RFC 2577, 3).
const lowestPort = 1024

// ParsePASV reads the address in the text of a 227 reply: six numbers from 0 to
// 255 set apart by commas, wherever they stand (RFC 1123, 4.1.2.6).
func ParsePASV(text string) (netip.AddrPort, error) {
	for i := 0; i < len(text); i++ {
		if !isDigit(text[i]) || i > 0 && (isDigit(text[i-1]) || strings.IndexByte("-.,", text[i-1]) >= 0) {
			continue
		}
		if nums, ok := sixNumbers(text[i:]); ok {
			port := uint16(nums[4])<<8 | uint16(nums[5])
			if port < lowestPort {
				return netip.AddrPort{}, fmt.Errorf("the port %d in the reply is not one for data", port)
			}
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte(nums[:4])), port), nil
		}
	}
	return netip.AddrPort{}, fmt.Errorf("the reply holds no address: %q", text)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// sixNumbers reads "h1,h2,h3,h4,p1,p2" at the start of s; blanks after a comma
// are passed over.
func sixNumbers(s string) (nums [6]byte, ok bool) {
	for k := range nums {
		digits, v := 0, 0
		for digits < len(s) && digits < 4 && isDigit(s[digits]) {
			v = v*10 + int(s[digits]-'0')
			digits++
		}
		if digits == 0 || digits > 3 || v > 255 {
			return nums, false
		}
		nums[k], s = byte(v), s[digits:]
		if k == len(nums)-1 {
			return nums, true
		}
		if s == "" || s[0] != ',' {
			return nums, false
		}
		s = strings.TrimLeft(s[1:], " ")
	}
	return nums, false
}

// ParseEPSV reads the port in the text of a 229 reply: "(<d><d><d>port<d>)" with
// any delimiter from 33 to 126 (RFC 2428, 3).
func ParseEPSV(text string) (uint16, error) {
	for i := 0; i+5 <= len(text); i++ {
		d := text[i]
		if d < 33 || d > 126 || isDigit(d) || text[i+1] != d || text[i+2] != d {
			continue
		}
		rest := text[i+3:]
		end := strings.IndexByte(rest, d)
		if end < 1 || end > 5 {
			continue
		}
		port, err := strconv.ParseUint(rest[:end], 10, 16)
		if err != nil {
			continue
		}
		if port < lowestPort {
			return 0, fmt.Errorf("the port %d in the reply is not one for data", port)
		}
		return uint16(port), nil
	}
	return 0, fmt.Errorf("the reply holds no port: %q", text)
}

// Argument gives what follows EPRT (RFC 2428, 2) or PORT (RFC 959, 4.1.2) for a
// listener at where. PORT has no room for an IPv6 address.
func Argument(m Method, where netip.AddrPort) (string, error) {
	switch {
	case m == EPRT:
		return formatEPRT(where), nil
	case !where.Addr().Is4():
		return "", errNoIPv6
	default:
		return formatPORT(where), nil
	}
}

// formatPORT gives the argument of PORT (RFC 959, 4.1.2).
func formatPORT(a netip.AddrPort) string {
	b := a.Addr().As4()
	return fmt.Sprintf("%d,%d,%d,%d,%d,%d", b[0], b[1], b[2], b[3], a.Port()>>8, a.Port()&0xff)
}

// formatEPRT gives the argument of EPRT (RFC 2428, 2).
func formatEPRT(a netip.AddrPort) string {
	family := 1
	if a.Addr().Is6() {
		family = 2
	}
	return fmt.Sprintf("|%d|%s|%d|", family, a.Addr().WithZone(""), a.Port())
}
