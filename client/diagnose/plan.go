package diagnose

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"portside/client"
)

// A Target is the server to diagnose and the way to it, as for client.Dial. Its
// Memory, Announce and OnPassive are not used.
type Target struct {
	Addr    string // "host" or "host:port"
	Options client.Options
}

// Options say what a diagnosis does. The zero value is the ordinary one.
type Options struct {
	Only       []string      // groups of probes; empty: all. What is needed for a login is done in any case
	Ports      int           // how many passive ports to sample, 8 to 64; default 12
	Budget     time.Duration // for everything but the long test; default 30 s
	PlainLogin bool          // consent to log in without TLS for comparison where the site uses TLS
	Long       bool          // also find out how long a connection may be idle, and how many are let in
	LongWaits  []time.Duration

	// MapPort, where set, is the user's consent to ask the router for a port
	// mapping. It is called for one listener of ours, and Release afterwards.
	MapPort func(ctx context.Context, listener netip.AddrPort) (Mapping, error)

	OnProbe   func(Probe)   // called from Run's goroutine when a probe starts and when it ends
	OnAttempt func(Attempt) // called from Run's goroutine after each data connection

	Now     func() time.Time // default time.Now
	Version string           // of Portside, for the report
}

// A Mapping is a port of the router that leads to a listener of ours.
type Mapping struct {
	Announce netip.AddrPort
	By       string // "UPnP-IGD", "NAT-PMP" or "PCP"
	Release  func()
}

// The bounds of Options.Ports.
const (
	fewestPorts  = 8
	usualPorts   = 12
	mostPorts    = 64
	usualBudget  = 30 * time.Second
	longestStart = 8 * time.Second // for the first TCP connection
)

func (o Options) withDefaults() Options {
	if o.Ports == 0 {
		o.Ports = usualPorts
	}
	o.Ports = min(max(o.Ports, fewestPorts), mostPorts)
	if o.Budget <= 0 {
		o.Budget = usualBudget
	}
	if len(o.LongWaits) == 0 {
		o.LongWaits = []time.Duration{60 * time.Second, 120 * time.Second, 300 * time.Second}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// The groups of probes, for Options.Only.
const (
	GroupControl = "control"
	GroupPassive = "passive"
	GroupActive  = "active"
	GroupTLS     = "tls"
	GroupPorts   = "ports"
	GroupSizes   = "sizes"
	GroupLimits  = "limits"
)

// Groups returns the names that Options.Only takes.
func Groups() []string {
	return []string{GroupControl, GroupPassive, GroupActive, GroupTLS, GroupPorts, GroupSizes, GroupLimits}
}

// ParseOnly reads groups set apart by commas.
func ParseOnly(s string) ([]string, error) {
	var out []string
	for name := range strings.SplitSeq(s, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		if !slices.Contains(Groups(), name) {
			return nil, fmt.Errorf("%q is no group of probes; choose from %s", name, strings.Join(Groups(), ", "))
		}
		out = append(out, name)
	}
	return out, nil
}

// A step is one probe of the plan.
type step struct {
	id, title, group string
	always           bool          // needed for a login
	needs            []string      // steps that come before, whatever they show
	unless           []string      // further ones, unless a method has delivered
	extra            time.Duration // beyond the budget: of the long test
	session          bool          // takes a session for itself while it runs
	proxied          string        // why it is left out with a proxy, as one of the constants; "": it is not
	do               func(*run, context.Context, *task)
}

// oneByOne is what an active method needs besides where the server lets in one
// connection only: active mode may leave that one unusable for long, so that all
// else comes first.
var oneByOne = []string{"epsv", "pasv", "pasv-reply", "outside", "ports", "range"}

// steps returns the plan, the most decisive first.
func steps(o Options) []step {
	const s = time.Second
	methods := []string{"epsv", "pasv", "pasv-reply", "eprt", "port"}
	all := []step{
		{id: "local", title: "This computer and its network", group: GroupControl, always: true, do: (*run).probeLocal},
		{id: "dns", title: "The server's address", group: GroupControl, always: true, needs: []string{"local"}, do: (*run).probeDNS},
		{id: "control", title: "The control port, and what the server says first", group: GroupControl, always: true, needs: []string{"local", "dns"}, do: (*run).probeControl},
		{id: "relatives", title: "Other ports that could serve", group: GroupControl, needs: []string{"control"}, proxied: proxiedOthers, do: (*run).probeRelatives},
		{id: "login", title: "Login", group: GroupControl, always: true, needs: []string{"control"}, do: (*run).probeLogin},
		{id: "identity", title: "How the server sees this computer", group: GroupControl, always: true, needs: []string{"login"}, do: (*run).probeIdentity},
		{id: "second", title: "A second control connection", group: GroupLimits, needs: []string{"login"}, do: (*run).probeSecond},
		{id: "self", title: "Our own listener", group: GroupActive, needs: []string{"login"}, proxied: proxiedActive, do: (*run).probeSelf},

		{id: "epsv", title: "Passive, by EPSV", group: GroupPassive, needs: []string{"identity", "second"}, session: true, do: (*run).probeEPSV},
		{id: "eprt", title: "Active, by EPRT", group: GroupActive, needs: []string{"identity", "second", "self"}, session: true, proxied: proxiedActive, do: (*run).probeEPRT},
		{id: "pasv", title: "Passive, by PASV", group: GroupPassive, needs: []string{"identity", "second"}, session: true, do: (*run).probePASV},
		{id: "port", title: "Active, by PORT", group: GroupActive, needs: []string{"identity", "second", "self"}, session: true, proxied: proxiedActive, do: (*run).probePORT},
		{id: "pasv-reply", title: "Passive, at the address that the server names", group: GroupPassive, needs: []string{"pasv"}, session: true, do: (*run).probeAtReply},
		{id: "outside", title: "Ports that the server does not offer", group: GroupPassive, needs: []string{"epsv", "pasv"}, proxied: proxiedPath, do: (*run).probeOutside},
		{id: "trace", title: "How far the connections get that are dropped", group: GroupPassive, needs: []string{"outside"}, proxied: proxiedPath, do: (*run).probeTrace},
		{id: "mapped", title: "Active, at the address outside", group: GroupActive, needs: []string{"eprt", "port"}, session: true, proxied: proxiedActive, do: (*run).probeMapped},

		{id: "ports", title: "The order of passive ports", group: GroupPorts, needs: []string{"epsv", "pasv", "pasv-reply"}, session: true, do: (*run).probePorts},
		{id: "range", title: "Passive ports that are let through", group: GroupPassive, needs: []string{"ports"}, session: true, do: (*run).probeRange},
		{id: "tls", title: "Protected data connections, again and again", group: GroupTLS, needs: []string{"second", "epsv", "pasv", "pasv-reply", "ports", "range"}, unless: []string{"eprt", "port"}, session: true, do: (*run).probeTLS},
		{id: "sizes", title: "Small and larger transfers", group: GroupSizes, needs: []string{"second", "epsv", "pasv", "pasv-reply", "tls"}, unless: []string{"eprt", "port"}, session: true, do: (*run).probeSizes},
		{id: "family-passive", title: "Passive, over the other kind of address", group: GroupPassive, needs: []string{"ports"}, proxied: proxiedOthers, do: (*run).probeFamilyPassive},
		{id: "family-active", title: "Active, over the other kind of address", group: GroupActive, needs: []string{"eprt", "port", "family-passive"}, proxied: proxiedOthers, do: (*run).probeFamilyActive},
		{id: "compare", title: "With and without TLS", group: GroupTLS, needs: methods, do: (*run).probeCompare},
	}
	if o.Long {
		var sum time.Duration
		for _, w := range o.LongWaits {
			sum += w + 10*s
		}
		all = append(all,
			step{id: "most", title: "How many connections are let in", group: GroupLimits, needs: []string{"sizes", "compare", "mapped", "family-active"}, extra: 30 * s, do: (*run).probeMost},
			step{id: "idle", title: "How long a connection may be idle", group: GroupLimits, needs: []string{"most"}, extra: sum, do: (*run).probeIdle})
	}
	return all
}

// wanted reports whether a step is to be run.
func (o Options) wanted(s step) bool {
	return s.always || len(o.Only) == 0 || slices.Contains(o.Only, s.group)
}

// Plan returns the probes that Run would go through, in order: those that are
// wanted wait, the others are skipped.
func Plan(o Options) []Probe {
	o = o.withDefaults()
	var out []Probe
	for _, s := range steps(o) {
		p := Probe{ID: s.id, Title: s.title, Group: s.group, State: StateWaiting}
		if !o.wanted(s) {
			p.State, p.Detail = StateSkipped, "not asked for"
		}
		out = append(out, p)
	}
	return out
}

// The values of Probe.State.
const (
	StateWaiting = "waiting"
	StateRunning = "running"
	StateDone    = "done"
	StateSkipped = "skipped"
)
