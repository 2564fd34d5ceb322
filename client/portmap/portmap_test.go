package portmap

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func plain(s string) string { return s }

func localPort(port uint16) netip.AddrPort { return netip.AddrPortFrom(client, port) }

func TestMap(t *testing.T) {
	for _, c := range []struct {
		name  string
		serve func(*testing.T, *fakeRouter) (ssdp uint16)
		how   string
		outer uint16
		life  time.Duration
	}{
		{"NAT-PMP", func(t *testing.T, r *fakeRouter) uint16 { r.servePMP(t, true, false); return 0 }, NATPMP, 40001, 10 * time.Minute},
		{"PCP", func(t *testing.T, r *fakeRouter) uint16 { r.servePMP(t, false, true); return 0 }, PCP, 40001, 10 * time.Minute},
		{"IGD 1", func(t *testing.T, r *fakeRouter) uint16 { return r.serveIGD(t, 1, plain) }, UPnP, 40000, 10 * time.Minute},
		{"IGD 2", func(t *testing.T, r *fakeRouter) uint16 { return r.serveIGD(t, 2, plain) }, UPnP, 40000, 10 * time.Minute},
		{"IGD without lifetimes", func(t *testing.T, r *fakeRouter) uint16 {
			r.refuse[UPnP] = igdOnlyPermanent
			return r.serveIGD(t, 1, plain)
		}, UPnP, 40000, 0},
		{"NAT-PMP after PCP refuses", func(t *testing.T, r *fakeRouter) uint16 {
			r.refuse[PCP] = 2
			r.servePMP(t, true, true)
			return 0
		}, NATPMP, 40001, 10 * time.Minute},
		{"IGD after both refuse", func(t *testing.T, r *fakeRouter) uint16 {
			r.refuse[PCP], r.refuse[NATPMP] = 2, 2
			r.servePMP(t, true, true)
			return r.serveIGD(t, 1, plain)
		}, UPnP, 40000, 10 * time.Minute},
		{"IGD with a base elsewhere", func(t *testing.T, r *fakeRouter) uint16 {
			return r.serveIGD(t, 1, func(s string) string {
				return strings.Replace(s, "<device>", "<URLBase>http://192.0.2.66:80/</URLBase><device>", 1)
			})
		}, UPnP, 40000, 10 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRouter(t)
			m, err := Open(t.Context(), r.options(c.serve(t, r)))
			if err != nil {
				t.Fatal(err)
			}
			defer closeMapper(t.Context(), t, m)
			got, err := m.Map(t.Context(), localPort(40000))
			if err != nil {
				t.Fatal(err)
			}
			want := Mapping{Local: localPort(40000), External: netip.AddrPortFrom(r.external, c.outer), How: c.how, Lifetime: c.life}
			if got != want {
				t.Errorf("Map = %+v, want %+v", got, want)
			}
			if r.ports()[c.outer] != 40000 {
				t.Errorf("the router has %v", r.ports())
			}
			if err = m.Release(t.Context(), got); err != nil || len(r.ports()) != 0 {
				t.Errorf("Release = %v, the router has %v", err, r.ports())
			}
			if err = m.Release(t.Context(), got); err != nil {
				t.Errorf("second Release = %v", err)
			}
		})
	}
}

func TestMapTakenPort(t *testing.T) {
	r := newRouter(t)
	r.taken[40000] = true
	m, err := Open(t.Context(), r.options(r.serveIGD(t, 1, plain)))
	if err != nil {
		t.Fatal(err)
	}
	defer closeMapper(t.Context(), t, m)
	got, err := m.Map(t.Context(), localPort(40000))
	if err != nil || got.External.Port() == 40000 || r.ports()[got.External.Port()] != 40000 {
		t.Errorf("Map = %+v, %v; the router has %v", got, err, r.ports())
	}
}

func TestCloseRemovesAll(t *testing.T) {
	r := newRouter(t)
	r.servePMP(t, true, true)
	m, err := Open(t.Context(), r.options(0))
	if err != nil {
		t.Fatal(err)
	}
	for port := range uint16(4) {
		if _, err = m.Map(t.Context(), localPort(40000+2*port)); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.ports()) != 4 {
		t.Fatalf("the router has %v", r.ports())
	}
	closeMapper(t.Context(), t, m)
	closeMapper(t.Context(), t, m)
	if len(r.ports()) != 0 {
		t.Errorf("after Close the router has %v", r.ports())
	}
	if _, err = m.Map(t.Context(), localPort(40000)); !errors.Is(err, ErrClosed) {
		t.Errorf("Map after Close = %v", err)
	}
}

// A router that makes a mapping and whose answer is lost must not keep it.
func TestLostAnswerIsRemoved(t *testing.T) {
	for _, how := range []string{NATPMP, PCP} {
		t.Run(how, func(t *testing.T) {
			r := newRouter(t)
			r.silent[how] = true
			r.servePMP(t, how == NATPMP, how == PCP)
			opt := r.options(0)
			opt.Wait = 2 * time.Second
			m, err := Open(t.Context(), opt)
			if err != nil {
				t.Fatal(err)
			}
			if mp, err := m.Map(t.Context(), localPort(40000)); err == nil || !strings.Contains(err.Error(), "no answer") {
				t.Errorf("Map = %+v, %v", mp, err)
			}
			closeMapper(t.Context(), t, m)
			if len(r.ports()) != 0 || !strings.Contains(r.saw(), "-remove") {
				t.Errorf("the router has %v after %s", r.ports(), r.saw())
			}
		})
	}
}

func TestRefused(t *testing.T) {
	r := newRouter(t)
	r.refuse[PCP], r.refuse[NATPMP], r.refuse[UPnP] = 2, 2, 606
	r.servePMP(t, true, true)
	m, err := Open(t.Context(), r.options(r.serveIGD(t, 1, plain)))
	if err != nil {
		t.Fatal(err)
	}
	defer closeMapper(t.Context(), t, m)
	_, err = m.Map(t.Context(), localPort(40000))
	if err == nil {
		t.Fatal("a mapping, although the router refuses all")
	}
	for _, part := range []string{"PCP: the router says: not authorized", "NAT-PMP: Non-zero result code 2", `UPnP-IGD: the router says: "No." (606)`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
}

func TestOpenFails(t *testing.T) {
	t.Run("nothing there", func(t *testing.T) {
		r := newRouter(t)
		began := time.Now()
		opt := r.options(0)
		opt.Wait = 300 * time.Millisecond
		m, err := Open(t.Context(), opt)
		if !errors.Is(err, ErrNone) || m != nil || !strings.Contains(err.Error(), r.addr.String()) {
			t.Errorf("Open = %v, %v", m, err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("Open took %v", took)
		}
	})
	t.Run("no gateway", func(t *testing.T) {
		for _, local := range []string{"127.0.0.1", "192.0.2.99", "0.0.0.0"} {
			if _, err := Open(t.Context(), Options{Local: netip.MustParseAddr(local)}); !errors.Is(err, ErrNoGateway) {
				t.Errorf("Open from %s = %v", local, err)
			}
		}
		if _, err := Open(t.Context(), Options{}); !errors.Is(err, ErrNoGateway) {
			t.Errorf("Open from nowhere = %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		r := newRouter(t)
		r.serveUDP(t, 5351, func([]byte, netip.AddrPort) [][]byte { return nil })
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("the user gave up")
		cancel(reason)
		if _, err := Open(ctx, r.options(0)); !errors.Is(err, reason) {
			t.Errorf("Open = %v", err)
		}
	})
	t.Run("a description without services", func(t *testing.T) {
		r := newRouter(t)
		opt := r.options(r.serveIGD(t, 7, plain))
		opt.Wait = 500 * time.Millisecond
		if _, err := Open(t.Context(), opt); !errors.Is(err, ErrNone) {
			t.Errorf("Open = %v", err)
		}
	})
	t.Run("a control address elsewhere", func(t *testing.T) {
		r := newRouter(t)
		opt := r.options(r.serveIGD(t, 1, func(s string) string {
			return strings.Replace(s, "/ctl", "http://192.0.2.66:80/ctl", 1)
		}))
		opt.Wait = 500 * time.Millisecond
		if _, err := Open(t.Context(), opt); !errors.Is(err, ErrNone) {
			t.Errorf("Open = %v", err)
		}
		if strings.Contains(r.saw(), "GetExternal") {
			t.Error("the router was asked at an address that it did not name")
		}
	})
}

func TestUnusableAddresses(t *testing.T) {
	for _, c := range []struct {
		external, server string
		want             error
	}{
		{"10.0.0.1", "203.0.113.5", ErrAnotherNAT},
		{"100.64.3.4", "203.0.113.5", ErrAnotherNAT},
		{"10.0.0.1", "10.9.9.9", nil},
		{"10.0.0.1", "", nil},
		{"198.51.100.1", "203.0.113.5", nil},
	} {
		r := newRouter(t)
		r.external = netip.MustParseAddr(c.external)
		r.servePMP(t, true, true)
		opt := r.options(0)
		if c.server != "" {
			opt.Server = netip.MustParseAddr(c.server)
		}
		m, err := Open(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = m.Map(t.Context(), localPort(40000)); !errors.Is(err, c.want) {
			t.Errorf("outer address %s, server %q: %v, want %v", c.external, c.server, err, c.want)
		}
		closeMapper(t.Context(), t, m)
		if len(r.ports()) != 0 {
			t.Errorf("the router has %v", r.ports())
		}
	}
}

func TestMapWrongListener(t *testing.T) {
	r := newRouter(t)
	r.servePMP(t, true, true)
	m, err := Open(t.Context(), r.options(0))
	if err != nil {
		t.Fatal(err)
	}
	defer closeMapper(t.Context(), t, m)
	for _, local := range []string{"127.0.0.2:40000", "127.0.0.1:0"} {
		if _, err = m.Map(t.Context(), netip.MustParseAddrPort(local)); err == nil {
			t.Errorf("%s was mapped", local)
		}
	}
	if strings.Contains(r.saw(), "-map") {
		t.Errorf("the router was asked: %s", r.saw())
	}
}

func TestAnnouncer(t *testing.T) {
	r := newRouter(t)
	r.servePMP(t, true, true)
	a := NewAnnouncer(r.options(0))
	if r.saw() != "" {
		t.Errorf("the router was asked before there was a listener: %s", r.saw())
	}
	first, release, err := a.Announce(t.Context(), localPort(40000))
	if err != nil || first != netip.AddrPortFrom(r.external, 40001) {
		t.Fatalf("Announce = %v, %v", first, err)
	}
	if _, _, err = a.Announce(t.Context(), localPort(40002)); err != nil {
		t.Fatal(err)
	}
	release()
	release()
	if last, ok := a.Last(); !ok || last.External.Port() != 40003 || last.How == "" {
		t.Errorf("Last = %+v, %v", last, ok)
	}
	for range 2 {
		if err = a.Close(t.Context()); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	if len(r.ports()) != 0 {
		t.Errorf("the router has %v", r.ports())
	}
	if _, _, err = a.Announce(t.Context(), localPort(40004)); !errors.Is(err, ErrClosed) {
		t.Errorf("Announce after Close = %v", err)
	}
}

// A router without port mapping costs its wait once, not for every transfer.
func TestAnnouncerAsksOnce(t *testing.T) {
	r := newRouter(t)
	n := 0
	r.serveUDP(t, 5351, func([]byte, netip.AddrPort) [][]byte { n++; return nil })
	opt := r.options(0)
	opt.Wait = 100 * time.Millisecond
	a := NewAnnouncer(opt)
	var first error
	for i := range 3 {
		_, release, err := a.Announce(t.Context(), localPort(40000))
		if !errors.Is(err, ErrNone) || release != nil {
			t.Fatalf("Announce = %v", err)
		}
		r.mu.Lock()
		if i == 0 {
			first, n = err, 0
		} else if n != 0 || err.Error() != first.Error() {
			t.Errorf("the router was asked again: %d datagrams, %v", n, err)
		}
		r.mu.Unlock()
	}
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// Close does not wait until a silent router's time is over.
func TestAnnouncerCloseWhileAsking(t *testing.T) {
	r := newRouter(t)
	asked := make(chan struct{}, 100)
	r.serveUDP(t, 5351, func([]byte, netip.AddrPort) [][]byte { asked <- struct{}{}; return nil })
	opt := r.options(0)
	opt.Wait = time.Minute
	a := NewAnnouncer(opt)
	got := make(chan error, 1)
	go func() {
		_, _, err := a.Announce(t.Context(), localPort(40000))
		got <- err
	}()
	<-asked
	began := time.Now()
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Close took %v", took)
	}
	if err := <-got; !errors.Is(err, ErrClosed) {
		t.Errorf("Announce = %v", err)
	}
}

func TestAnnouncerLoopback(t *testing.T) {
	a := NewAnnouncer(Options{})
	got, release, err := a.Announce(t.Context(), localPort(40000))
	if err != nil || got != localPort(40000) {
		t.Fatalf("Announce = %v, %v", got, err)
	}
	release()
	if err = a.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// What a router answers leads nowhere else.
func TestGatewayClient(t *testing.T) {
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 10)
	srv := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		asked <- req.URL.Path
		switch req.URL.Path {
		case "/redirect":
			http.Redirect(w, req, "/elsewhere", http.StatusFound)
		case "/endless":
			for {
				if _, writeErr := w.Write(make([]byte, 1<<16)); writeErr != nil {
					return
				}
			}
		}
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(ln) }()
	defer func() { _ = srv.Close(); <-done }()
	get := func(gateway, path string) (int64, error) {
		c := gatewayClient(Options{Local: client, Gateway: netip.MustParseAddr(gateway)})
		req, reqErr := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+ln.Addr().String()+path, nil)
		if reqErr != nil {
			t.Fatal(reqErr)
		}
		resp, getErr := c.Do(req)
		if getErr != nil {
			return 0, getErr
		}
		defer func() { _ = resp.Body.Close() }()
		return io.Copy(io.Discard, resp.Body)
	}
	if _, err = get("127.0.0.2", "/"); err == nil || !strings.Contains(err.Error(), "not the router") || len(asked) != 0 {
		t.Errorf("another computer was asked: %v", err)
	}
	if _, err = get("127.0.0.1", "/redirect"); err == nil || len(asked) != 1 {
		t.Errorf("a redirect was followed: %v", err)
	}
	if n, err := get("127.0.0.1", "/endless"); err != nil || n != igdBytes {
		t.Errorf("%d bytes were read, %v", n, err)
	}
}
