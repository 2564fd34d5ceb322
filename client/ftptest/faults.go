package ftptest

import (
	"slices"
	"strings"
	"time"
)

type faultKind uint8

const (
	onData    faultKind = iota // any transfer command
	onActive                   // transfer commands after PORT or EPRT
	onPassive                  // PASV and EPSV themselves
)

// fault changes the plan of a transfer.
type fault struct {
	kind  faultKind
	verbs []string // none: all of its kind
	left  int      // times it still applies; negative: for ever
	set   func(*plan)
}

// plan is how one transfer, or one PASV or EPSV, is to go wrong.
type plan struct {
	no150     bool
	double    bool
	final     string
	hasFinal  bool
	cut       int64 // -1: never, as the next two
	truncate  int64
	stall     int64
	drop      int64
	never     bool
	late      time.Duration
	hasLate   bool
	port20    bool
	stranger  string
	dataDelay time.Duration
	lateFinal time.Duration
	listing   []byte
	hasList   bool

	blackHole bool
	ghost     bool
	refuse    bool
	address   string
}

func newPlan() plan { return plan{cut: -1, truncate: -1, stall: -1, drop: -1} }

func (c *config) addFault(kind faultKind, verbs []string, set func(*plan)) {
	f := &fault{kind: kind, left: -1, set: set}
	if c.times > 0 {
		f.left = c.times
	}
	for _, v := range verbs {
		f.verbs = append(f.verbs, strings.ToUpper(v))
	}
	c.faults = append(c.faults, f)
}

// plan gathers the faults that apply to verb, and uses them up.
func (c *config) plan(verb string, kinds ...faultKind) plan {
	p := newPlan()
	for _, f := range c.faults {
		if f.left == 0 || !slices.Contains(kinds, f.kind) {
			continue
		}
		if len(f.verbs) > 0 && !slices.Contains(f.verbs, verb) {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		f.set(&p)
	}
	return p
}

func dataFault(verbs []string, set func(*plan)) Option {
	return func(c *config) { c.addFault(onData, verbs, set) }
}

// The faults below take the verbs they apply to; none means every transfer
// command, or both PASV and EPSV.

// No150 leaves out the preliminary reply.
func No150(verbs ...string) Option {
	return dataFault(verbs, func(p *plan) { p.no150 = true })
}

// DoubleFinalReply sends the final reply of a transfer twice.
func DoubleFinalReply(verbs ...string) Option {
	return dataFault(verbs, func(p *plan) { p.double = true })
}

// Final replaces the final reply of a transfer; the data flows as usual.
// Special replies are allowed.
func Final(reply string, verbs ...string) Option {
	return dataFault(verbs, func(p *plan) { p.final, p.hasFinal = reply, true })
}

// DelayFinal waits for d between the data and the final reply.
func DelayFinal(d time.Duration, verbs ...string) Option {
	return dataFault(verbs, func(p *plan) { p.lateFinal = d })
}

// CutData resets the data connection after n bytes; 426 follows.
func CutData(n int64, verbs ...string) Option {
	return dataFault(verbs, func(p *plan) { p.cut = n })
}

// TruncateData closes the data connection properly after n bytes, and says
// 226 as if that were all.
func TruncateData(n int64, verbs ...string) Option {
	return dataFault(verbs, func(p *plan) { p.truncate = n })
}

// StallData stops sending and reading after n bytes, with the data connection
// open, until the client gives up.
func StallData(n int64, verbs ...string) Option {
	return dataFault(verbs, func(p *plan) { p.stall = n })
}

// DropData resets the data connection and its control connection after n
// bytes.
func DropData(n int64, verbs ...string) Option {
	return dataFault(verbs, func(p *plan) { p.drop = n })
}

// DataDelay waits for d on the open data connection before any byte.
func DataDelay(d time.Duration, verbs ...string) Option {
	return dataFault(verbs, func(p *plan) { p.dataDelay = d })
}

// ListBytes sends b as the listing, as it stands; without verbs for LIST.
func ListBytes(b []byte, verbs ...string) Option {
	if len(verbs) == 0 {
		verbs = []string{"LIST"}
	}
	return dataFault(verbs, func(p *plan) { p.listing, p.hasList = b, true })
}

// ListLines answers LIST with these lines.
func ListLines(lines ...string) Option {
	return ListBytes(joinLines(lines), "LIST")
}

// MLSDLines answers MLSD with these lines.
func MLSDLines(lines ...string) Option {
	return ListBytes(joinLines(lines), "MLSD")
}

func joinLines(lines []string) []byte {
	var b []byte
	for _, l := range lines {
		b = append(b, l...)
		b = append(b, "\r\n"...)
	}
	return b
}

func activeFault(verbs []string, set func(*plan)) Option {
	return func(c *config) { c.addFault(onActive, verbs, set) }
}

// NeverConnect accepts PORT and EPRT, says 150, and never connects.
func NeverConnect(verbs ...string) Option {
	return activeFault(verbs, func(p *plan) { p.never = true })
}

// Late425 says 150 on an active transfer, and 425 after d, without having
// connected.
func Late425(d time.Duration, verbs ...string) Option {
	return activeFault(verbs, func(p *plan) { p.late, p.hasLate = d, true })
}

// FromPort20 makes active data connections from port 20 (RFC 959, 3.2), for
// which the process needs the right to use it.
func FromPort20(verbs ...string) Option {
	return activeFault(verbs, func(p *plan) { p.port20 = true })
}

// Stranger connects to the client's active port from the loopback address
// from ("127.0.0.77"), before the server itself does.
func Stranger(from string, verbs ...string) Option {
	return activeFault(verbs, func(p *plan) { p.stranger = from })
}

// BlackHolePassive announces a port that answers no connection attempt.
func BlackHolePassive(verbs ...string) Option {
	return func(c *config) { c.addFault(onPassive, verbs, func(p *plan) { p.blackHole = true }) }
}

// RefusePassive announces a port that refuses connections.
func RefusePassive(verbs ...string) Option {
	return func(c *config) { c.addFault(onPassive, verbs, func(p *plan) { p.refuse = true }) }
}

// PassiveAddress announces this IPv4 address in 227; the server listens where
// it always does.
func PassiveAddress(addr string) Option {
	return func(c *config) { c.addFault(onPassive, []string{"PASV"}, func(p *plan) { p.address = addr }) }
}

// PassiveFormat sets the reply to PASV or EPSV. In it, {h} stands for
// "127,0,0,1", {p} for the port as two numbers and {port} for the port.
func PassiveFormat(verb, format string) Option {
	return func(c *config) { c.formats[strings.ToUpper(verb)] = format }
}

// IgnoreREST accepts REST, and transfers from the start all the same.
func IgnoreREST() Option { return func(c *config) { c.ignoreREST = true } }

// NoREST refuses REST with 502, and does not list it in FEAT.
func NoREST() Option {
	return func(c *config) {
		c.noREST = true
		Reply("REST", "502 REST is not implemented.")(c)
	}
}

// Bandwidth limits each data connection to n bytes a second.
func Bandwidth(n int64) Option { return func(c *config) { c.bandwidth = n } }

// TotalBandwidth limits all data connections together to n bytes a second.
func TotalBandwidth(n int64) Option {
	return func(c *config) { c.total = &limiter{rate: n} }
}
