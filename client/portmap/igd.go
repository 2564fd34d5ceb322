package portmap

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/huin/goupnp"
	"github.com/huin/goupnp/dcps/internetgateway2"
	"github.com/huin/goupnp/soap"
)

const (
	igdBytes  = 256 << 10 // of a description or an answer
	igdPorts  = 4         // that are tried where others have them
	igdLabel  = "Portside FTP"
	igdHeader = 16 << 10
)

// The error codes of UPnP that have an answer (WANIPConnection:1, 2.4.16; WANIPConnection:2, 2.5.16).
const (
	igdNoSuchEntry   = 714
	igdConflict      = 718
	igdSamePort      = 724
	igdOnlyPermanent = 725
	igdNoFreePort    = 728
)

// An igdService is WANIPConnection or WANPPPConnection, as the library has them.
type igdService interface {
	AddPortMappingCtx(ctx context.Context, remoteHost string, externalPort uint16, protocol string, internalPort uint16, internalClient string, enabled bool, description string, lease uint32) error
	DeletePortMappingCtx(ctx context.Context, remoteHost string, externalPort uint16, protocol string) error
	GetExternalIPAddressCtx(ctx context.Context) (string, error)
	GetServiceClient() *goupnp.ServiceClient
}

// An igd is a service of a UPnP Internet Gateway Device that has an outer address.
type igd struct{ service igdService }

// probeIGD finds the device and asks it for its outer address.
func probeIGD(ctx context.Context, opt Options) (way, error) {
	var got way
	var last error
	client := gatewayClient(opt)
	err := search(ctx, opt, func(loc *url.URL) bool {
		got, last = openIGD(ctx, client, opt.Gateway, loc)
		return last == nil
	})
	if err != nil && last != nil {
		return nil, last
	}
	return got, err
}

// gatewayClient is an HTTP client that speaks to the gateway and to nobody else: no proxy,
// no redirect, no other address, and bounded answers.
func gatewayClient(opt Options) *http.Client {
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(opt.Local, 0))}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the router redirects, which is not followed")
		},
		Transport: boundedTransport{&http.Transport{
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: igdHeader,
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				to, err := netip.ParseAddrPort(addr)
				if err != nil || to.Addr().Unmap() != opt.Gateway {
					return nil, fmt.Errorf("%s is not the router", addr)
				}
				return d.DialContext(ctx, network, addr)
			},
		}},
	}
}

// A boundedTransport cuts answers at igdBytes.
type boundedTransport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b boundedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = boundedBody{io.LimitReader(resp.Body, igdBytes), resp.Body}
	return resp, nil
}

type boundedBody struct {
	io.Reader
	io.Closer
}

// openIGD reads the description at loc and returns the first service in it that is
// connected.
func openIGD(ctx context.Context, client *http.Client, gateway netip.Addr, loc *url.URL) (way, error) {
	root, err := describe(ctx, client, loc)
	if err != nil {
		return nil, err
	}
	if base := root.URLBase; !isGateway(&base, gateway) {
		root.SetURLBase(loc)
	}
	last := errors.New("the router's description names no service that maps ports")
	for _, s := range servicesOf(root, loc) {
		c := s.GetServiceClient().SOAPClient
		if !isGateway(&c.EndpointURL, gateway) {
			continue
		}
		c.HTTPClient = *client
		w := igd{s}
		if _, err := w.external(ctx); err != nil {
			last = err
			continue
		}
		return w, nil
	}
	return nil, last
}

// describe fetches a device description (UPnP Device Architecture 1.1, 2.3).
func describe(ctx context.Context, client *http.Client, loc *url.URL) (*goupnp.RootDevice, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, loc.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the router's description: HTTP status %d", resp.StatusCode)
	}
	root := new(goupnp.RootDevice)
	dec := xml.NewDecoder(resp.Body)
	dec.DefaultSpace = goupnp.DeviceXMLNamespace
	if err := dec.Decode(root); err != nil {
		return nil, fmt.Errorf("the router's description: %w", err)
	}
	base := loc
	if root.URLBaseStr != "" {
		if u, err := url.Parse(root.URLBaseStr); err == nil {
			base = u
		}
	}
	root.SetURLBase(base)
	return root, nil
}

// servicesOf returns the services of a device that map ports, the newest version first.
func servicesOf(root *goupnp.RootDevice, loc *url.URL) []igdService {
	var out []igdService
	// Each fails only where the device has no such service.
	if list, err := internetgateway2.NewWANIPConnection2ClientsFromRootDevice(root, loc); err == nil {
		for _, c := range list {
			out = append(out, c)
		}
	}
	if list, err := internetgateway2.NewWANIPConnection1ClientsFromRootDevice(root, loc); err == nil {
		for _, c := range list {
			out = append(out, c)
		}
	}
	if list, err := internetgateway2.NewWANPPPConnection1ClientsFromRootDevice(root, loc); err == nil {
		for _, c := range list {
			out = append(out, c)
		}
	}
	return out
}

func (g igd) name() string { return UPnP }

func (g igd) external(ctx context.Context) (netip.Addr, error) {
	text, err := g.service.GetExternalIPAddressCtx(ctx)
	if err != nil {
		return netip.Addr{}, fault(err)
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.IsUnspecified() {
		return netip.Addr{}, errors.New("the router has no outer address")
	}
	return addr.Unmap(), nil
}

// add implements way. Where the outer port is another's it takes a random one, and where
// the router knows no lifetimes, a mapping that lasts until it is removed.
func (g igd) add(ctx context.Context, local netip.AddrPort, life time.Duration) (lease, error) {
	addr, err := g.external(ctx)
	if err != nil {
		return lease{}, err
	}
	port, seconds := local.Port(), uint32(life/time.Second)
	for try := 0; ; {
		err = g.service.AddPortMappingCtx(ctx, "", port, "TCP", local.Port(), local.Addr().String(), true, igdLabel, seconds)
		got := lease{life: time.Duration(seconds) * time.Second, remove: g.remover(port)}
		if err == nil {
			got.external = netip.AddrPortFrom(addr, port)
			return got, nil
		}
		code := faultCode(err)
		switch {
		case code == 0:
			return got, fault(err) // the answer may have been lost
		case code == igdOnlyPermanent && seconds != 0:
			seconds = 0
		case (code == igdConflict || code == igdNoFreePort) && try < igdPorts-1:
			try++
			port = 20000 + uint16(rand.IntN(40000)) //nolint:gosec // not a secret: only to be free
		default:
			return lease{}, fault(err)
		}
	}
}

func (g igd) remover(port uint16) func(context.Context) error {
	return func(ctx context.Context) error {
		err := g.service.DeletePortMappingCtx(ctx, "", port, "TCP")
		if err == nil || faultCode(err) == igdNoSuchEntry {
			return nil
		}
		return fault(err)
	}
}

// faultCode returns UPnP's error code; 0 where err is no refusal of the router's.
func faultCode(err error) int {
	var f *soap.SOAPFaultError
	if !errors.As(err, &f) {
		return 0
	}
	if f.Detail.UPnPError.Errorcode == 0 {
		return -1
	}
	return f.Detail.UPnPError.Errorcode
}

// fault puts a refusal into words that fit on a line.
func fault(err error) error {
	var f *soap.SOAPFaultError
	if !errors.As(err, &f) {
		return err
	}
	d := f.Detail.UPnPError
	return fmt.Errorf("the router says: %.80q (%d)", d.ErrorDescription, d.Errorcode)
}
