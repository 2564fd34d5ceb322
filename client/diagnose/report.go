package diagnose

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"
)

// FormatVersion is the version of the JSON form of a Report.
const FormatVersion = 1

// A Result is what a probe showed. The zero value is Unknown, so a probe that did
// not run can never read as a pass or a failure.
type Result uint8

// The results.
const (
	Unknown Result = iota
	Works
	Fails
)

var resultNames = [...]string{"unknown", "works", "fails"}

// String returns "unknown", "works" or "fails".
func (r Result) String() string { return resultNames[min(int(r), len(resultNames)-1)] }

// MarshalText implements encoding.TextMarshaler.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (r *Result) UnmarshalText(b []byte) error {
	for i, n := range resultNames {
		if n == string(b) {
			*r = Result(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no result", b)
}

// A Span is a time.Duration that JSON has in milliseconds.
type Span time.Duration

// MarshalJSON writes s in milliseconds.
func (s Span) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Duration(s).Microseconds()) / 1000)
}

// UnmarshalJSON reads milliseconds.
func (s *Span) UnmarshalJSON(b []byte) error {
	var ms float64
	if err := json.Unmarshal(b, &ms); err != nil {
		return err
	}
	*s = Span(ms * float64(time.Millisecond))
	return nil
}

// A Report is everything that a diagnosis found. All times are UTC.
type Report struct {
	Format  int       `json:"format"`
	Version string    `json:"version,omitempty"` // of Portside
	Started time.Time `json:"started"`
	Took    Span      `json:"took_ms"`
	Stopped string    `json:"stopped,omitempty"` // why it ended early; "" if it did not
	Mode    string    `json:"mode"`              // the mode of the site or the command line: "auto", "active", …

	Local    Local       `json:"local"`
	Server   Server      `json:"server"`
	Proxy    *ProxyFacts `json:"proxy,omitempty"`      // that all connections went by; nil: none
	Control  []Control   `json:"control"`              // TCP to the control port and its relatives
	Probes   []Probe     `json:"probes"`               // all that was done, in order
	Methods  []Attempt   `json:"methods"`              // data connections, in order
	Trace    *Trace      `json:"trace,omitempty"`      // of a dropped passive port against the control port
	TLS      *TLSFacts   `json:"tls,omitempty"`        // nil: plain
	Ports    PortFinding `json:"ports"`                // of the passive ports
	Coverage []Control   `json:"coverage,omitempty"`   // sampled passive ports: which were let through (What is WhatOffered)
	Sizes    []SizeTry   `json:"sizes,omitempty"`      // small against medium transfers
	Limits   Limits      `json:"limits"`               // connections and idle time
	Notes    []string    `json:"notes,omitempty"`      // what the engine noted, such as a refused stranger
	Error    string      `json:"error,omitempty"`      // why there is no control connection or no login
	ErrKind  string      `json:"error_kind,omitempty"` // client.Kind of it, as its String

	Verdicts    []Verdict `json:"verdicts"` // the gravest first
	Recommended string    `json:"recommended_mode,omitempty"`
}

// Local is this computer and its network.
type Local struct {
	Addr       netip.Addr  `json:"addr"`              // source of the control connection
	Network    string      `json:"network,omitempty"` // gateway and prefix
	Class      string      `json:"class"`             // of Addr: "public", "private", "cgnat", "ula", "loopback", "link-local"
	Interfaces []Interface `json:"interfaces,omitempty"`
	IPv6       bool        `json:"ipv6"`                  // a global IPv6 address is there
	Proxy      string      `json:"proxy,omitempty"`       // a proxy of the system that FTP may pass
	Firewall   string      `json:"firewall,omitempty"`    // state of the system's own, where readable
	External   netip.Addr  `json:"external,omitzero"`     // how the server sees this computer
	ExternalBy string      `json:"external_by,omitempty"` // who said so: "STAT", "220", "230", "given"
	NAT        Result      `json:"nat"`                   // Works: there is NAT; Fails: there is none
	SelfReach  Result      `json:"self_reach"`            // our own listener can be reached from this computer
	MappedBy   string      `json:"mapped_by,omitempty"`   // "UPnP-IGD", "NAT-PMP", "PCP" where a port mapping was made
}

// An Interface of this computer.
type Interface struct {
	Name  string         `json:"name"`
	Addrs []netip.Prefix `json:"addrs"`
	VPN   bool           `json:"vpn,omitempty"` // looks like a tunnel
}

// Server is what the server says of itself.
type Server struct {
	Addr         string         `json:"addr"` // "host:port", as dialled
	Host         string         `json:"host"`
	Addresses    []netip.Addr   `json:"addresses,omitempty"`      // A and AAAA
	Remote       netip.AddrPort `json:"remote"`                   // of the control connection
	RTT          Span           `json:"rtt_ms,omitempty"`         // of a command and its reply, the shortest
	ConnectRTT   Span           `json:"connect_rtt_ms,omitempty"` // of the TCP handshake
	Banner       string         `json:"banner,omitempty"`
	BannerMasked bool           `json:"banner_masked,omitempty"` // "220 ****": something on the way inspects
	Software     string         `json:"software,omitempty"`      // "vsftpd", "ProFTPD", "Pure-FTPd", "FileZilla Server", "IIS", "pyftpdlib", … where known
	System       string         `json:"system,omitempty"`        // SYST
	LoginText    string         `json:"login_text,omitempty"`
	Status       string         `json:"status,omitempty"`      // STAT
	FeatBefore   []string       `json:"feat_before,omitempty"` // FEAT in plain text, before AUTH
	FeatAfter    []string       `json:"feat_after,omitempty"`  // FEAT after TLS and login
}

// A Control is one try of a TCP port of the server.
type Control struct {
	Addr  netip.AddrPort `json:"addr"`
	What  string         `json:"what"`  // "ftp", "implicit TLS", "ssh", "alternative"
	Class string         `json:"class"` // "open", "refused", "dropped", "prohibited", "unreachable", "proxy", "error"
	Took  Span           `json:"took_ms"`
	Said  string         `json:"said,omitempty"` // the first line that came

	Target string `json:"target,omitempty"` // "host:port" that a proxy was asked for
	Proxy  string `json:"proxy,omitempty"`  // why it did not connect
}

// A Probe is one step of the plan, shown live while it runs.
type Probe struct {
	ID     string    `json:"id"`    // "local", "dns", "control", "tls", "epsv", "pasv", …
	Title  string    `json:"title"` // for people, such as "Passive, by EPSV"
	Group  string    `json:"group"` // for --only: "control", "passive", "active", "tls", "ports", "sizes", "limits"
	State  string    `json:"state"` // "waiting", "running", "done", "skipped"
	Result Result    `json:"result"`
	Began  time.Time `json:"began,omitzero"`
	Took   Span      `json:"took_ms,omitempty"`
	Detail string    `json:"detail,omitempty"` // one line: what was seen, or why it was skipped
	Said   []string  `json:"said,omitempty"`   // lines of the transcript, secrets masked
}

// A Hop is a place on the path between this computer and the server.
type Hop string

// The hops, from here to there.
const (
	HopUnknown Hop = ""
	HopHere    Hop = "here"   // this computer: its listener, its own firewall, its antivirus
	HopNear    Hop = "near"   // its network's firewall or NAT
	HopFar     Hop = "far"    // the server's firewall or NAT
	HopServer  Hop = "server" // the server software
)

// How a data connection ended.
const (
	HowOK         = "ok"
	HowRejected   = "rejected"   // a reply refused the command: Attempt.Reply
	HowDropped    = "dropped"    // SYN sent, or connection awaited: no answer
	HowRefused    = "refused"    // RST
	HowProhibited = "prohibited" // ICMP says administratively prohibited or unreachable
	HowNoData     = "no data"    // connected, and nothing came
	HowTLS        = "tls"        // the handshake failed: Attempt.Err
	HowLocal      = "local"      // our own listener or socket failed
	HowForeign    = "foreign"    // only somebody else connected
	HowSilent     = "silent"     // the control connection gave no reply to the command
	HowFile       = "file"       // the listing itself was refused; says nothing of the channel
	HowError      = "error"
)

// An Attempt is one data connection that was tried.
type Attempt struct {
	Method    string           `json:"method"`       // "EPSV", "PASV", "EPRT", "PORT"
	At        string           `json:"at,omitempty"` // "reply": PASV at the address in the 227, not at the server's
	Family    int              `json:"family"`       // 4 or 6
	TLS       bool             `json:"tls"`
	Result    Result           `json:"result"`
	How       string           `json:"how"`            // one of the How constants
	Step      string           `json:"step,omitempty"` // client.Step… where it failed
	Stop      Hop              `json:"stop,omitempty"` // where it stopped, as far as is known
	Began     time.Time        `json:"began"`
	Reply     string           `json:"reply,omitempty"`      // to EPSV, PASV, EPRT or PORT
	Final     string           `json:"final,omitempty"`      // the last reply to the listing
	Announced netip.AddrPort   `json:"announced,omitzero"`   // by the server in 227/229, or by us in EPRT/PORT
	Dialled   netip.AddrPort   `json:"dialled,omitzero"`     // passive
	Target    string           `json:"target,omitempty"`     // passive, through a proxy: the "host:port" that it was asked for
	ProxyStep string           `json:"proxy_step,omitempty"` // client.Proxy… where the proxy did not connect
	Peer      netip.AddrPort   `json:"peer,omitzero"`        // active: who connected
	Strangers []netip.AddrPort `json:"strangers,omitempty"`  // active: who else knocked, and was refused
	ReplyTook Span             `json:"reply_ms,omitempty"`
	Connect   Span             `json:"connect_ms,omitempty"` // SYN to result, or command to accepted
	First     Span             `json:"first_byte_ms,omitempty"`
	Took      Span             `json:"took_ms"`
	Bytes     int64            `json:"bytes"`
	Ghost     bool             `json:"ghost,omitempty"`   // connected faster than the path allows, or while the server saw nobody
	Resumed   bool             `json:"resumed,omitempty"` // TLS session
	Err       string           `json:"err,omitempty"`
}

// A Trace compares how far connections get that live for a few hops only: to the
// control port, which is let through, and to a passive port that is dropped.
type Trace struct {
	Port     uint16     `json:"port"`     // the dropped one
	Distance int        `json:"distance"` // hops to the server
	Hops     []TraceHop `json:"hops"`
	Stop     Hop        `json:"stop,omitempty"` // what follows from it
}

// A TraceHop is what a connection showed that lived for so many hops. The values
// are "hop" (a router there said that its time was over), "silent", and else the
// Control.Class of the connection.
type TraceHop struct {
	TTL     int    `json:"ttl"`
	Control string `json:"control"`
	Offered string `json:"offered"`
}

// TLSFacts are about the protection of the connections.
type TLSFacts struct {
	Version     string `json:"version"`
	Cipher      string `json:"cipher"`
	Tries       int    `json:"tries"`                  // protected data connections
	Resumed     int    `json:"resumed"`                // of them, how many resumed the session
	Worked      int    `json:"worked"`                 // of them, how many worked
	FirstFailed int    `json:"first_failed,omitempty"` // number of the first that failed, from 1
	Required    Result `json:"reuse_required"`         // Works: without resumption the server refuses
	CloseNotify Result `json:"close_notify"`           // Works: seen at the end of data
	Only12      bool   `json:"only_tls12,omitempty"`   // TLS 1.3 failed and 1.2 works
	// OnlySmall says that data connections came about with small packets only.
	OnlySmall bool `json:"only_small_packets,omitempty"`
}

// A SizeTry is one transfer of a known size.
type SizeTry struct {
	Bytes  int64  `json:"bytes"`
	Moved  int64  `json:"moved"`
	Up     bool   `json:"up,omitempty"`
	Result Result `json:"result"`
	Took   Span   `json:"took_ms"`
	Err    string `json:"err,omitempty"`
}

// Limits are the bounds that were met.
type Limits struct {
	Second    Result `json:"second_connection"` // Works: a second control connection is let in
	SecondErr string `json:"second_error,omitempty"`
	Idle      []Idle `json:"idle,omitempty"`              // of the long test
	Most      int    `json:"connections,omitempty"`       // that were let in at a time, of the long test
	MostErr   string `json:"connections_error,omitempty"` // why not more; "": no more were tried
}

// An Idle is one wait of the long test.
type Idle struct {
	Wait   Span   `json:"wait_ms"`
	Result Result `json:"result"`
	Err    string `json:"err,omitempty"`
}

// A Severity orders verdicts.
type Severity uint8

// The severities.
const (
	OK      Severity = iota // as it should be
	Note                    // good to know
	Warning                 // works, with a weakness or a detour
	Failure                 // something wanted does not work
)

var severityNames = [...]string{"ok", "note", "warning", "failure"}

// String returns "ok", "note", "warning" or "failure".
func (s Severity) String() string { return severityNames[min(int(s), len(severityNames)-1)] }

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (s *Severity) UnmarshalText(b []byte) error {
	for i, n := range severityNames {
		if n == string(b) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no severity", b)
}

// Who must act on a verdict.
const (
	ActNobody   = "nobody"
	ActYou      = "you"                   // the user, at this computer or in this program
	ActNetwork  = "network administrator" // of the user's network
	ActProvider = "hosting provider"      // who runs the server
)

// The verdict codes.
const (
	CtrlDNS          = "CTRL_DNS"
	CtrlRefused      = "CTRL_REFUSED"
	CtrlTimeout      = "CTRL_TIMEOUT"
	CtrlIntercepted  = "CTRL_INTERCEPTED"
	TLSRequired      = "TLS_REQUIRED"
	TLSStripped      = "TLS_STRIPPED"
	TLSReuseRequired = "TLS_REUSE_REQUIRED"
	TLSCloseBroken   = "TLS_CLOSE_BROKEN"
	PASVOK           = "PASV_OK"
	PASVPrivateIP    = "PASV_PRIVATE_IP"
	PASVForeignIP    = "PASV_FOREIGN_IP"
	PASVDropped      = "PASV_DROPPED"
	PASVPartialRange = "PASV_PARTIAL_RANGE"
	PASVRefused      = "PASV_REFUSED"
	PASVDisabled     = "PASV_DISABLED"
	EPSVFiltered     = "EPSV_FILTERED"
	ActiveOK         = "ACTIVE_OK"
	ActiveNAT        = "ACTIVE_NAT"
	ActiveCGNAT      = "ACTIVE_CGNAT"
	ActiveLocalFW    = "ACTIVE_LOCAL_FW"
	ActiveRejected   = "ACTIVE_REJECTED"
	ActiveFiltered   = "ACTIVE_FILTERED"
	ALGRewrites      = "ALG_REWRITES"
	GhostAccept      = "GHOST_ACCEPT"
	PortsSequential  = "PORTS_SEQUENTIAL"
	PortsNarrow      = "PORTS_NARROW"
	LimitConnections = "LIMIT_CONNECTIONS"
	IdleTimer        = "IDLE_TIMER"
	PMTU             = "PMTU"
	SFTPAvailable    = "SFTP_AVAILABLE"
	Inconclusive     = "INCONCLUSIVE"
	// LoginFailed and TLSFailed are beside the catalogue: the server answers, and lets nobody in.
	LoginFailed = "LOGIN_FAILED"
	TLSFailed   = "TLS_FAILED"
)

// A Verdict is a conclusion with its proof.
type Verdict struct {
	Code        string   `json:"code"`
	Severity    Severity `json:"severity"`
	Confidence  string   `json:"confidence"`        // "certain", "likely", "possible"
	Sentence    string   `json:"sentence"`          // one plain sentence
	Meaning     string   `json:"meaning,omitempty"` // what it means for the user, what helps; two or three sentences
	Evidence    []string `json:"evidence"`
	Actor       string   `json:"who_must_act"`   // one of the Act constants
	Mode        string   `json:"mode,omitempty"` // that avoids it, as client.ConnMode.String
	ForAdmin    string   `json:"for_network_administrator,omitempty"`
	ForProvider string   `json:"for_hosting_provider,omitempty"`
}
