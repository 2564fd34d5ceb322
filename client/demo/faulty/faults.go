package faulty

import (
	"cmp"
	"crypto/tls"
	"slices"
	"time"

	"portside/client/ftptest"
)

// A Fault is one thing that can be wrong between a client and a server.
type Fault struct {
	Name string // "passive-dropped"
	Text string // one sentence: what happens on the wire
	// Verdicts are the codes of package diagnose that are true here, seen from this
	// computer with the server's TLS.
	Verdicts []string
	// Plain are the true codes without TLS, where they are others.
	Plain []string
	// Hint says what it takes to see the fault, where that is not obvious.
	Hint string

	options func(Options) []ftptest.Option
}

// The verdicts that most faults leave true.
const (
	passiveOK = "PASV_OK"
	activeOK  = "ACTIVE_OK"
)

// Faults returns the catalogue, in a sensible order.
func Faults() []Fault {
	return slices.Concat(portFaults(), passiveFaults(), activeFaults(), tlsFaults(), otherFaults())
}

// Find returns the fault of this name.
func Find(name string) (Fault, bool) {
	for _, f := range Faults() {
		if f.Name == name {
			return f, true
		}
	}
	return Fault{}, false
}

// always makes the options of a fault that are the same every time.
func always(opts ...ftptest.Option) func(Options) []ftptest.Option {
	return func(Options) []ftptest.Option { return opts }
}

func portFaults() []Fault {
	of := func(choose func() func(string) uint16) func(Options) []ftptest.Option {
		return func(Options) []ftptest.Option { return []ftptest.Option{ftptest.PassivePorts(choose())} }
	}
	return []Fault{
		{
			Name: "ports-sequential", Text: "Each passive port is one above the last, so that anybody can guess the next.",
			Verdicts: []string{"PORTS_SEQUENTIAL", passiveOK, activeOK}, options: of(sequential),
		},
		{
			Name: "ports-stride", Text: "Each passive port is ten above the last.",
			Verdicts: []string{"PORTS_SEQUENTIAL", passiveOK, activeOK}, options: of(stride),
		},
		{
			Name: "ports-busy", Text: "The passive ports go up, with gaps as other clients would leave them.",
			Verdicts: []string{"PORTS_SEQUENTIAL", passiveOK, activeOK}, options: of(busy),
		},
		{
			Name: "ports-narrow", Text: "The passive ports are in no order, but there are only twelve of them.",
			Verdicts: []string{"PORTS_NARROW", passiveOK, activeOK}, options: of(narrow),
		},
		{
			Name: "ports-fixed", Text: "The passive port is always the same; a second client that wants it is told 425.",
			Verdicts: []string{"PORTS_SEQUENTIAL", passiveOK, activeOK}, options: of(fixed),
		},
	}
}

func passiveFaults() []Fault {
	const no = "502 Command not implemented."
	// The ports themselves are as they should be: at random.
	of := func(fail func(func(string, uint16) bool) ftptest.Option) func(Options) []ftptest.Option {
		return func(Options) []ftptest.Option {
			return []ftptest.Option{ftptest.PassivePorts(random()), fail(func(string, uint16) bool { return true })}
		}
	}
	return []Fault{
		{
			Name: "passive-dropped", Text: "The passive ports answer nothing, as behind a firewall that swallows connections.",
			Verdicts: []string{"PASV_DROPPED", activeOK}, options: of(ftptest.DropPorts),
		},
		{
			Name: "passive-refused", Text: "The passive ports refuse every connection, as behind a router that does not pass them on.",
			Verdicts: []string{"PASV_REFUSED", activeOK}, options: of(ftptest.RefusePorts),
		},
		{
			Name: "passive-partial", Text: "The lower half of the passive ports works, and the upper half answers nothing.",
			Verdicts: []string{"PASV_PARTIAL_RANGE", passiveOK, activeOK}, options: partial,
		},
		{
			Name: "passive-disabled", Text: "The server refuses EPSV and PASV, so that only active mode is left.",
			Verdicts: []string{"PASV_DISABLED", activeOK}, options: always(ftptest.Reply("EPSV", no), ftptest.Reply("PASV", no)),
		},
		{
			Name: "epsv-refused", Text: "The server does not know EPSV; PASV works.",
			Verdicts: []string{passiveOK, activeOK}, options: always(ftptest.Without("EPSV")),
		},
		{
			Name: "epsv-dropped", Text: "The ports that EPSV names answer nothing, those that PASV names work, as behind a firewall that reads PASV only.",
			Verdicts: []string{"EPSV_FILTERED", passiveOK, activeOK}, options: epsvDropped,
		},
		{
			Name: "pasv-refused", Text: "The server refuses PASV; EPSV works.",
			Verdicts: []string{passiveOK, activeOK}, options: always(ftptest.Reply("PASV", no)),
		},
		{
			Name: "pasv-private", Text: "The reply to PASV names an address of an inner network, 10.11.12.13, as a server behind a router may.",
			Verdicts: []string{"PASV_PRIVATE_IP", passiveOK, activeOK}, options: always(ftptest.PassiveAddress("10.11.12.13")),
		},
		{
			Name: "pasv-foreign", Text: "The reply to PASV names another public address, 203.0.113.7.",
			Verdicts: []string{"PASV_FOREIGN_IP", passiveOK, activeOK}, options: always(ftptest.PassiveAddress("203.0.113.7")),
		},
		{
			Name: "ghost", Text: "Something in between takes the connections to the passive ports, and the server sees nobody and says 425.",
			Verdicts: []string{"GHOST_ACCEPT", activeOK},
			options:  always(ftptest.GhostPassive(), ftptest.ConnectFirst(), ftptest.DataTimeout(2*time.Second)),
		},
	}
}

func activeFaults() []Fault {
	refuse := func(verb string) ftptest.Option { return ftptest.Reply(verb, "500 Illegal "+verb+" command.") }
	const no = "502 Command not implemented."
	return []Fault{
		{
			Name: "active-refused", Text: "The server refuses EPRT and PORT.",
			Verdicts: []string{"ACTIVE_REJECTED", passiveOK}, options: always(refuse("EPRT"), refuse("PORT")),
		},
		{
			Name: "active-silent", Text: "The server accepts EPRT and PORT, says 150, and its connection never arrives, as behind a firewall at the client.",
			Verdicts: []string{"ACTIVE_FILTERED", passiveOK}, options: always(ftptest.NeverConnect()),
		},
		{
			Name: "active-late", Text: "The server accepts EPRT and PORT, says 150, and five seconds later 425, since it could not connect.",
			Verdicts: []string{"ACTIVE_FILTERED", passiveOK}, options: always(ftptest.Late425(5 * time.Second)),
		},
		{
			Name: "stranger", Text: "Somebody at 127.0.0.77 connects to the port of the active client before the server does.",
			Verdicts: []string{passiveOK, activeOK}, Hint: "use active mode; the address exists on Linux and Windows",
			options: always(ftptest.Stranger("127.0.0.77")),
		},
		{
			Name: "no-data", Text: "The server refuses EPSV, PASV, EPRT and PORT, so that there is no data connection at all.",
			Verdicts: []string{"PASV_DISABLED", "ACTIVE_REJECTED"},
			options:  always(ftptest.Reply("EPSV", no), ftptest.Reply("PASV", no), refuse("EPRT"), refuse("PORT")),
		},
	}
}

func tlsFaults() []Fault {
	both := []string{passiveOK, activeOK}
	return []Fault{
		{
			Name: "tls-stripped", Text: "The greeting speaks of TLS, but the server's features lack AUTH and AUTH is refused, as if something on the way had cut it out.",
			Verdicts: []string{"TLS_STRIPPED", passiveOK, activeOK},
			options: always(ftptest.Without("AUTH", "PBSZ", "PROT"),
				ftptest.Greeting("220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\n220 You will be disconnected after 15 minutes of inactivity.")),
		},
		{
			Name: "tls-required", Text: "The server lets nobody log in without TLS (530).",
			Verdicts: both, Plain: []string{"TLS_REQUIRED"}, Hint: "connect without TLS (--tls off)",
			options: always(ftptest.RequireTLS()),
		},
		{
			Name: "tls-reuse", Text: "The server takes protected data connections only if they resume the session of the control connection.",
			Verdicts: []string{"TLS_REUSE_REQUIRED", passiveOK, activeOK}, Plain: both, options: always(ftptest.RequireSessionReuse()),
		},
		{
			Name: "tls13-broken", Text: "The server ends every TLS handshake in which TLS 1.3 is offered; with TLS 1.2 alone it works.",
			Verdicts: []string{"TLS_ONLY_12", passiveOK, activeOK}, Plain: both, options: always(ftptest.BreakTLS13()),
		},
		{
			Name: "tls13-data", Text: "Under TLS 1.3 the server refuses every data connection, because it sees no resumed session; under TLS 1.2 it works.",
			Verdicts: []string{"TLS_REUSE_REQUIRED", "TLS_ONLY_12"}, Plain: both, options: always(refuse13()...),
		},
		{
			Name: "tls-close", Text: "The server ends protected data connections without the close_notify that says they are complete.",
			Verdicts: []string{"TLS_CLOSE_BROKEN", passiveOK, activeOK}, Plain: both, options: always(ftptest.NoCloseNotify()),
		},
	}
}

// refuse13 refuses transfers under TLS 1.3, as servers did whose demand for session
// reuse knew TLS 1.2 only.
func refuse13() []ftptest.Option {
	refuse := func(c *ftptest.Conn, _ string) bool {
		if c.TLSVersion() != tls.VersionTLS13 {
			return false
		}
		c.Reply(522, "SSL connection failed: session reuse required.")
		return true
	}
	var opts []ftptest.Option
	for _, verb := range []string{"LIST", "NLST", "MLSD", "RETR", "STOR", "APPE", "STOU"} {
		opts = append(opts, ftptest.Handle(verb, refuse))
	}
	return opts
}

// idleAfter is when the fault idle ends a connection.
const idleAfter = 20 * time.Second

func otherFaults() []Fault {
	return []Fault{
		{
			Name: "banner-masked", Text: "The greeting is blanked out (220 ****), as firewalls do that read the conversation.",
			Verdicts: []string{"CTRL_INTERCEPTED", passiveOK, activeOK},
			options:  always(ftptest.Greeting("220 ****************************************")),
		},
		{
			Name: "one-connection", Text: "The server takes one control connection at a time, and greets a second one with 421.",
			Verdicts: []string{"LIMIT_CONNECTIONS", passiveOK, activeOK}, options: always(ftptest.MaxConns(1)),
		},
		{
			Name: "idle", Text: "The server ends a control connection with 421 when it was idle for 20 seconds.",
			Verdicts: []string{passiveOK, activeOK}, Hint: "IDLE_TIMER takes the long test of the diagnosis",
			options: func(o Options) []ftptest.Option {
				return []ftptest.Option{ftptest.IdleTimeout(cmp.Or(o.Idle, idleAfter))}
			},
		},
		{
			Name: "pmtu", Text: "Every transfer stands still after 1,400 bytes, as where large packets get lost on the way; the login is in /Samples.",
			Verdicts: []string{"PMTU", passiveOK, activeOK}, options: always(ftptest.StallData(1400), ftptest.Home("/Samples")),
		},
	}
}
