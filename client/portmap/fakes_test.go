package portmap

import (
	"context"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A fakeRouter is a gateway on a loopback address of its own. Its services are switched on
// one by one.
type fakeRouter struct {
	addr     netip.Addr // of the gateway
	external netip.Addr

	mu       sync.Mutex
	mappings map[uint16]uint16 // outer port to inner port
	lives    map[uint16]uint32 // seconds, by outer port
	asked    []string          // what came, in order
	refuse   map[string]int    // result codes by protocol, for mappings
	taken    map[uint16]bool   // outer ports of somebody else
	silent   map[string]bool   // takes mappings by this protocol without an answer
}

// newRouter picks an address of 127.0.0.0/8 where that is all loopback, so that the fixed
// port of NAT-PMP is free; elsewhere there is one loopback address.
func newRouter(t *testing.T) *fakeRouter {
	t.Helper()
	addr := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if runtime.GOOS == "linux" || runtime.GOOS == "windows" {
		addr = netip.AddrFrom4([4]byte{127, byte(64 + rand.IntN(128)), byte(rand.IntN(256)), byte(1 + rand.IntN(250))})
	}
	return &fakeRouter{
		addr: addr, external: netip.MustParseAddr("198.51.100.1"), mappings: map[uint16]uint16{}, lives: map[uint16]uint32{},
		refuse: map[string]int{}, taken: map[uint16]bool{}, silent: map[string]bool{},
	}
}

func (r *fakeRouter) note(what string) {
	r.asked = append(r.asked, what)
}

func (r *fakeRouter) saw() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.asked, " ")
}

func (r *fakeRouter) ports() map[uint16]uint16 {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[uint16]uint16{}
	for k, v := range r.mappings {
		out[k] = v
	}
	return out
}

// serveUDP answers datagrams on the port until the test ends.
func (r *fakeRouter) serveUDP(t *testing.T, port uint16, answer func(b []byte, from netip.AddrPort) [][]byte) uint16 {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(r.addr, port)))
	if err != nil {
		t.Skipf("SKIPPED: the fake router cannot listen on %s port %d: %v", r.addr, port, err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			r.mu.Lock()
			out := answer(buf[:n], from)
			r.mu.Unlock()
			for _, b := range out {
				_, _ = conn.WriteToUDPAddrPort(b, from)
			}
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	at, _ := conn.LocalAddr().(*net.UDPAddr)
	return at.AddrPort().Port()
}

// servePMP answers on NAT-PMP's port, by NAT-PMP, PCP or both.
func (r *fakeRouter) servePMP(t *testing.T, natpmp, pcp bool) {
	t.Helper()
	r.serveUDP(t, 5351, func(b []byte, _ netip.AddrPort) [][]byte {
		switch {
		case len(b) >= 2 && b[0] == 0 && natpmp:
			return r.natpmp(b)
		case len(b) >= pcpHeaderBytes && b[0] == pcpVersion && pcp:
			return r.pcp(b)
		case natpmp: // RFC 6886, 3.5: unsupported version
			return [][]byte{{0, 128, 0, 1, 0, 0, 0, 1}}
		}
		return nil
	})
}

func (r *fakeRouter) natpmp(b []byte) [][]byte {
	head := []byte{0, b[1] | 0x80, 0, byte(r.refuse[NATPMP]), 0, 0, 0, 1}
	switch {
	case b[1] == 0:
		ext := r.external.As4()
		head[3] = 0
		r.note("natpmp-address")
		return [][]byte{append(head, ext[:]...)}
	case b[1] == 2 && len(b) == 12:
		inner, life := binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint32(b[8:])
		outer := r.change("natpmp", NATPMP, inner, life)
		if r.silent[NATPMP] && life != 0 {
			return nil
		}
		head = binary.BigEndian.AppendUint16(head, inner)
		head = binary.BigEndian.AppendUint16(head, outer)
		return [][]byte{binary.BigEndian.AppendUint32(head, life)}
	}
	return nil
}

func (r *fakeRouter) pcp(b []byte) [][]byte {
	out := make([]byte, pcpHeaderBytes, pcpMapBytes)
	out[0], out[1], out[3] = pcpVersion, b[1]|pcpResponse, 0
	copy(out[4:8], b[4:8])
	if b[1] == pcpAnnounce {
		r.note("pcp-announce")
		return [][]byte{out}
	}
	if len(b) != pcpMapBytes || b[1] != pcpMap || b[36] != pcpTCP {
		out[3] = 3
		return [][]byte{out}
	}
	out[3] = byte(r.refuse[PCP])
	inner, life := binary.BigEndian.Uint16(b[40:]), binary.BigEndian.Uint32(b[4:])
	outer := r.change("pcp", PCP, inner, life)
	out = append(out, b[24:42]...)
	out = binary.BigEndian.AppendUint16(out, outer)
	ext := r.external.As16()
	out = append(out, ext[:]...)
	// What is not ours must not be taken: another client's nonce, another protocol.
	alien := append([]byte{}, out...)
	alien[24] ^= 0xff
	binary.BigEndian.PutUint16(alien[42:], 1)
	short := out[:20]
	if r.silent[PCP] && life != 0 {
		return [][]byte{{}, {pcpVersion}, alien, short}
	}
	return [][]byte{{}, {pcpVersion}, alien, short, out}
}

// change adds or removes a mapping and returns its outer port. The caller has the lock.
func (r *fakeRouter) change(verb, how string, inner uint16, life uint32) uint16 {
	if life == 0 {
		r.note(verb + "-remove")
		for outer, in := range r.mappings {
			if in == inner {
				delete(r.mappings, outer)
			}
		}
		return 0
	}
	r.note(verb + "-map")
	if r.refuse[how] != 0 {
		return 0
	}
	outer := inner ^ 1 // not the port that was suggested
	r.mappings[outer], r.lives[outer] = inner, life
	return outer
}

// serveIGD runs a minimal Internet Gateway Device and returns the port of its SSDP.
// describe may change the description.
func (r *fakeRouter) serveIGD(t *testing.T, version int, describe func(string) string) uint16 {
	t.Helper()
	mux := http.NewServeMux()
	srv := httptest.NewUnstartedServer(mux)
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp4", netip.AddrPortFrom(r.addr, 0).String())
	if err != nil {
		t.Skipf("SKIPPED: the fake router cannot listen on %s: %v", r.addr, err)
	}
	_ = srv.Listener.Close()
	srv.Listener = ln
	srv.Start()
	t.Cleanup(srv.Close)
	mux.HandleFunc("/desc.xml", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, describe(fmt.Sprintf(igdDescription, version)))
	})
	mux.HandleFunc("/ctl", r.soap)
	location := fmt.Sprintf("http://%s/desc.xml", ln.Addr())
	return r.serveUDP(t, 0, func(b []byte, _ netip.AddrPort) [][]byte {
		if !strings.HasPrefix(string(b), "M-SEARCH * HTTP/1.1\r\n") || !strings.Contains(string(b), "MAN: \"ssdp:discover\"\r\n") {
			return nil
		}
		r.note("search")
		return [][]byte{
			[]byte("garbage"),
			[]byte("HTTP/1.1 200 OK\r\nLOCATION: http://192.0.2.66:80/desc.xml\r\n\r\n"), // not the router
			[]byte("HTTP/1.1 200 OK\r\nST: x\r\nLOCATION: " + location + "\r\n\r\n"),
		}
	})
}

const igdDescription = `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
<deviceList><device><deviceList><device><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:%d</serviceType><controlURL>/ctl</controlURL>
</service></serviceList></device></deviceList></device></deviceList></device></root>`

// soap answers the three actions.
func (r *fakeRouter) soap(w http.ResponseWriter, req *http.Request) {
	var env struct {
		Body struct {
			Action struct {
				XMLName  xml.Name
				External string `xml:"NewExternalPort"`
				Internal string `xml:"NewInternalPort"`
				Client   string `xml:"NewInternalClient"`
				Protocol string `xml:"NewProtocol"`
				Lease    string `xml:"NewLeaseDuration"`
			} `xml:",any"`
		} `xml:"Body"`
	}
	if err := xml.NewDecoder(req.Body).Decode(&env); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a := env.Body.Action
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(a.XMLName.Local)
	external, _ := strconv.ParseUint(a.External, 10, 16)
	internal, _ := strconv.ParseUint(a.Internal, 10, 16)
	lease, _ := strconv.ParseUint(a.Lease, 10, 32)
	outer, args, code := uint16(external), "", 0
	switch a.XMLName.Local {
	case "GetExternalIPAddress":
		args = "<NewExternalIPAddress>" + r.external.String() + "</NewExternalIPAddress>"
	case "AddPortMapping":
		switch {
		case r.refuse[UPnP] == igdOnlyPermanent && lease == 0:
		case r.refuse[UPnP] != 0:
			code = r.refuse[UPnP]
		case r.taken[outer]:
			code = igdConflict
		}
		if code == 0 {
			r.mappings[outer], r.lives[outer] = uint16(internal), uint32(lease)
		}
	case "DeletePortMapping":
		if _, ok := r.mappings[outer]; !ok {
			code = igdNoSuchEntry
		}
		delete(r.mappings, outer)
	}
	if code != 0 {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>%d</errorCode><errorDescription>No.</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>`, code)
		return
	}
	_, _ = fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:%[1]sResponse xmlns:u="%[2]s">%[3]s</u:%[1]sResponse></s:Body></s:Envelope>`, a.XMLName.Local, a.XMLName.Space, args)
}

// client is this computer's address as the fake router sees it.
var client = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// options are for a Mapper that asks r.
func (r *fakeRouter) options(ssdp uint16) Options {
	if ssdp == 0 {
		ssdp = 9 // nobody is there
	}
	return Options{Local: client, Gateway: r.addr, ports: ports{pcp: 5351, ssdp: ssdp}}
}

func closeMapper(ctx context.Context, t *testing.T, m *Mapper) {
	t.Helper()
	if err := m.Close(context.WithoutCancel(ctx)); err != nil {
		t.Errorf("Close: %v", err)
	}
}
