package portmap

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	natpmp "github.com/jackpal/go-nat-pmp"
)

// natpmpCall bounds one call of the library, which knows no context: it is how long a
// cancelled request may go on. It sends twice within it.
const natpmpCall = 600 * time.Millisecond

// A natpmpClient speaks NAT-PMP (RFC 6886).
type natpmpClient struct{ opt Options }

// probeNATPMP asks for the router's outer address, which changes nothing (RFC 6886, 3.2).
func probeNATPMP(ctx context.Context, opt Options) (way, error) {
	c := natpmpClient{opt}
	if _, err := c.external(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

func (c natpmpClient) name() string { return NATPMP }

// call runs fn until the router has answered, or ctx is over.
func (c natpmpClient) call(ctx context.Context, fn func(*natpmp.Client) error) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		bound := natpmpCall
		if deadline, ok := ctx.Deadline(); ok {
			bound = max(min(bound, time.Until(deadline)), time.Millisecond)
		}
		began := time.Now()
		err := fn(natpmp.NewClientWithTimeout(c.opt.Gateway.AsSlice(), bound))
		if err == nil || time.Since(began) < bound {
			return err
		}
	}
}

func (c natpmpClient) external(ctx context.Context) (netip.Addr, error) {
	var addr netip.Addr
	err := c.call(ctx, func(n *natpmp.Client) error {
		res, err := n.GetExternalAddress()
		if err == nil {
			addr = netip.AddrFrom4(res.ExternalIPAddress)
		}
		return err
	})
	if err == nil && addr.IsUnspecified() {
		err = errors.New("the router has no outer address")
	}
	return addr, err
}

// add implements way (RFC 6886, 3.3). The router takes the sender's address for that of
// the listener.
func (c natpmpClient) add(ctx context.Context, local netip.AddrPort, life time.Duration) (lease, error) {
	addr, err := c.external(ctx)
	if err != nil {
		return lease{}, err
	}
	port := int(local.Port())
	got := lease{remove: func(ctx context.Context) error {
		return c.call(ctx, func(n *natpmp.Client) error {
			_, removeErr := n.AddPortMapping("tcp", port, 0, 0)
			return removeErr
		})
	}}
	err = c.call(ctx, func(n *natpmp.Client) error {
		res, addErr := n.AddPortMapping("tcp", port, port, int(life/time.Second))
		switch {
		case addErr != nil:
			return addErr
		case res.InternalPort != local.Port():
			return fmt.Errorf("the router answers for port %d, not %d", res.InternalPort, port)
		}
		got.external = netip.AddrPortFrom(addr, res.MappedExternalPort)
		got.life = time.Duration(res.PortMappingLifetimeInSeconds) * time.Second
		return nil
	})
	return got, err
}
