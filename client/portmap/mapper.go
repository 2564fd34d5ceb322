package portmap

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"portside/client/modes"
)

// The values of Mapping.How.
const (
	PCP    = "PCP"
	NATPMP = "NAT-PMP"
	UPnP   = "UPnP-IGD"
)

// The defaults of Options.
const (
	DefaultWait     = 2500 * time.Millisecond
	DefaultLifetime = 10 * time.Minute
)

var (
	// ErrNoGateway says that no default gateway is known for the local address.
	ErrNoGateway = errors.New("no router is known for this network")
	// ErrNone says that the router offers no port mapping, or has it switched off.
	ErrNone = errors.New("the router offers no port mapping")
	// ErrAnotherNAT says that the router's outer address is no public one: there is
	// another NAT between it and the server, such as the provider's.
	ErrAnotherNAT = errors.New("the router's own outer address is not public: another NAT stands before the server")
	// ErrClosed is returned by a Mapper that has been closed.
	ErrClosed = errors.New("port mapping has ended")
)

// Options says where to ask. Local is required.
type Options struct {
	Local    netip.Addr    // near end of the control connection
	Server   netip.Addr    // far end, where known: a public one demands a public outer address
	Gateway  netip.Addr    // default: that of Local's network
	Lifetime time.Duration // of a mapping; default DefaultLifetime
	Wait     time.Duration // for the router's first answer, and for each mapping; default DefaultWait

	ports ports  // of the router, for tests
	only  string // one of the How values: no other protocol is tried, for tests
}

// ports are where a router listens.
type ports struct{ pcp, ssdp uint16 }

// A Mapping is a port of the router that leads to a listener.
type Mapping struct {
	Local    netip.AddrPort
	External netip.AddrPort
	How      string        // PCP, NATPMP or UPnP
	Lifetime time.Duration // as granted; 0: until it is removed
}

// A way is one protocol, spoken by this router.
type way interface {
	name() string
	// add asks for a mapping. Where it fails and the router may have made one all
	// the same, the lease has remove.
	add(ctx context.Context, local netip.AddrPort, life time.Duration) (lease, error)
}

// A lease is what a router granted.
type lease struct {
	external netip.AddrPort
	life     time.Duration
	remove   func(ctx context.Context) error
}

// A Mapper has found a router that maps ports. Its methods may be called from several
// goroutines.
type Mapper struct {
	opt  Options
	turn chan struct{} // holds a token while a call asks the router

	// Of whoever has the turn:
	ways    []way
	pending int // probes that are on their way
	refused []error

	results chan probed
	stop    context.CancelFunc // of the probes
	work    sync.WaitGroup     // probes, and removals that nobody waits for

	mu     sync.Mutex // guards what follows
	closed bool
	leases map[netip.AddrPort]lease // by Mapping.External
}

// A probed is how one protocol fared.
type probed struct {
	way  way
	name string
	err  error
}

// Open finds the gateway and asks it by all protocols at once. It returns as soon as one
// of them is understood; the others go on for the rest of Options.Wait, in case that one
// refuses the mapping. Errors wrap ErrNoGateway or ErrNone, or are those of ctx.
func Open(ctx context.Context, opt Options) (*Mapper, error) {
	opt, err := opt.complete(ctx)
	if err != nil {
		return nil, err
	}
	probes := map[string]func(context.Context, Options) (way, error){PCP: probePCP}
	if opt.Local.Is4() {
		probes[NATPMP], probes[UPnP] = probeNATPMP, probeIGD
	}
	if probe, ok := probes[opt.only]; ok {
		probes = map[string]func(context.Context, Options) (way, error){opt.only: probe}
	}
	m := &Mapper{
		opt: opt, turn: make(chan struct{}, 1), pending: len(probes),
		results: make(chan probed, len(probes)), leases: map[netip.AddrPort]lease{},
	}
	// The probes outlive this call, and are bounded by their own time and Close.
	pctx, stop := context.WithTimeout(context.WithoutCancel(ctx), opt.Wait)
	m.stop = stop
	for name, probe := range probes {
		m.work.Go(func() {
			w, probeErr := probe(pctx, opt)
			switch {
			case errors.Is(probeErr, syscall.ECONNREFUSED):
				probeErr = errClosedPort
			case probeErr != nil && pctx.Err() != nil:
				probeErr = errNoAnswer
			}
			m.results <- probed{w, name, probeErr}
		})
	}
	err = m.more(ctx)
	if err == nil {
		return m, nil
	}
	stop()
	m.work.Wait()
	return nil, err
}

var (
	errNoAnswer   = errors.New("no answer")
	errClosedPort = errors.New("the router does not listen")
)

// complete fills in the defaults.
func (o Options) complete(ctx context.Context) (Options, error) {
	o.Local = o.Local.Unmap()
	if !o.Local.IsValid() || o.Local.IsUnspecified() {
		return o, fmt.Errorf("%w: the local address is not known", ErrNoGateway)
	}
	if !o.Gateway.IsValid() {
		o.Gateway = gatewayOf(ctx, o.Local)
	}
	if !o.Gateway.IsValid() || o.Gateway.Is4() != o.Local.Is4() || o.Gateway == o.Local {
		return o, fmt.Errorf("%w: %s", ErrNoGateway, o.Local)
	}
	if o.Lifetime <= 0 {
		o.Lifetime = DefaultLifetime
	}
	if o.Wait <= 0 {
		o.Wait = DefaultWait
	}
	if o.ports == (ports{}) {
		o.ports = ports{pcp: 5351, ssdp: 1900}
	}
	return o, nil
}

// gatewayOf returns the router of local's network. A link-local one gets the zone without
// which it means nothing; one whose interface identifier was left out for privacy's sake
// is no address to send to.
func gatewayOf(ctx context.Context, local netip.Addr) netip.Addr {
	gw := modes.LocalNetwork(ctx, local).Gateway
	if gw.Is6() && netip.PrefixFrom(gw, 64).Masked().Addr() == gw {
		return netip.Addr{}
	}
	if gw.IsLinkLocalUnicast() && gw.Is6() {
		ifc := interfaceOf(local)
		if ifc == nil {
			return netip.Addr{}
		}
		return gw.WithZone(ifc.Name)
	}
	return gw
}

// more waits until one more protocol is understood. The caller has the turn.
func (m *Mapper) more(ctx context.Context) error {
	for m.pending > 0 {
		select {
		case r := <-m.results:
			m.pending--
			if r.err == nil {
				m.ways = append(m.ways, r.way)
				return nil
			}
			m.refused = append(m.refused, fmt.Errorf("%s: %w", r.name, r.err))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	said := make([]string, 0, len(m.refused))
	for _, err := range m.refused {
		said = append(said, err.Error())
	}
	slices.Sort(said)
	return fmt.Errorf("%w: %s (%s)", ErrNone, m.opt.Gateway, strings.Join(said, "; "))
}

// Map asks the router to lead a port of its outer address to local, a TCP listener on
// Options.Local. Each protocol gets Options.Wait at most.
func (m *Mapper) Map(ctx context.Context, local netip.AddrPort) (Mapping, error) {
	if local.Addr().Unmap() != m.opt.Local || local.Port() == 0 {
		return Mapping{}, fmt.Errorf("no mapping to %s: it is not on %s", local, m.opt.Local)
	}
	local = netip.AddrPortFrom(m.opt.Local, local.Port())
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return Mapping{}, context.Cause(ctx)
	}
	var failed error
	for i := 0; ; i++ {
		if m.isClosed() {
			return Mapping{}, ErrClosed
		}
		if i == len(m.ways) {
			if err := m.more(ctx); err != nil {
				if failed == nil || ctx.Err() != nil {
					return Mapping{}, err
				}
				return Mapping{}, fmt.Errorf("the router %s made no mapping: %w", m.opt.Gateway, failed)
			}
		}
		got, err := m.mapBy(ctx, m.ways[i], local)
		switch {
		case err == nil:
			m.ways[0], m.ways[i] = m.ways[i], m.ways[0] // the next time this one first
			return got, nil
		case ctx.Err() != nil:
			return Mapping{}, context.Cause(ctx)
		case errors.Is(err, ErrAnotherNAT), errors.Is(err, ErrClosed):
			return Mapping{}, err
		}
		failed = errors.Join(failed, fmt.Errorf("%s: %w", m.ways[i].name(), err))
	}
}

// mapBy asks by one protocol.
func (m *Mapper) mapBy(ctx context.Context, w way, local netip.AddrPort) (Mapping, error) {
	wctx, cancel := context.WithTimeout(ctx, m.opt.Wait)
	defer cancel()
	got, err := w.add(wctx, local, m.opt.Lifetime)
	if err != nil && wctx.Err() != nil {
		err = errNoAnswer
	}
	if err == nil {
		err = m.usable(got)
	}
	if err == nil && !m.keep(got) {
		err = ErrClosed
	}
	if err != nil {
		if got.remove != nil {
			m.removeLater(ctx, got)
		}
		return Mapping{}, err
	}
	return Mapping{Local: local, External: got.external, How: w.name(), Lifetime: got.life}, nil
}

// usable reports whether a server can connect to what was granted.
func (m *Mapper) usable(got lease) error {
	ext := got.external
	if !ext.IsValid() || ext.Port() == 0 || ext.Addr().IsUnspecified() || ext.Addr().IsMulticast() || ext.Addr().IsLoopback() && !m.opt.Local.IsLoopback() {
		return fmt.Errorf("the router offers %s, which is no address of its own", ext)
	}
	if global(m.opt.Server) && !global(ext.Addr()) {
		return fmt.Errorf("%w (%s)", ErrAnotherNAT, ext.Addr())
	}
	return nil
}

var sharedSpace = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

// global reports whether a is an address of the public network.
func global(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !sharedSpace.Contains(a)
}
