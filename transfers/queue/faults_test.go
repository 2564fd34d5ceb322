package queue_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
	"portside/transfers/queue"
)

// A gate stands before a server's control port: it can be shut, as if the server
// were down, and frozen, as if all packets were lost. Data connections through
// Dial share its fate.
type gate struct {
	ln net.Listener

	mu     sync.Mutex // guards what follows
	conns  map[net.Conn]bool
	shut   bool
	frozen chan struct{} // closed while packets flow
}

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		t.Fatal(err)
	}
	open := make(chan struct{})
	close(open)
	g := &gate{ln: ln, conns: map[net.Conn]bool{}, frozen: open}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { g.serve(t.Context(), nc, to) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		g.thaw()
		g.reset()
		wg.Wait()
	})
	return g
}

// track keeps a connection to be reset.
func (g *gate) track(nc net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return false
	}
	g.conns[nc] = true
	return true
}

func (g *gate) serve(ctx context.Context, nc net.Conn, to string) {
	defer func() { _ = nc.Close() }()
	var d net.Dialer
	back, err := d.DialContext(ctx, "tcp", to)
	if err != nil {
		return
	}
	defer func() { _ = back.Close() }()
	if !g.track(nc) || !g.track(back) {
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { g.pump(nc, back) })
	wg.Go(func() { g.pump(back, nc) })
	wg.Wait()
}

func (g *gate) pump(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		g.mu.Lock()
		frozen := g.frozen
		g.mu.Unlock()
		<-frozen
		if n > 0 {
			if _, werr := to.Write(buf[:n]); werr != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	if c, ok := to.(*net.TCPConn); ok {
		_ = c.CloseWrite()
	}
}

// reset resets all connections.
func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for nc := range g.conns {
		if c, ok := nc.(*net.TCPConn); ok {
			_ = c.SetLinger(0)
		}
		_ = nc.Close()
	}
	clear(g.conns)
}

// down resets all connections and lets none in for a while.
func (g *gate) down(d time.Duration) {
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
	g.reset()
	time.AfterFunc(d, func() {
		g.mu.Lock()
		g.shut = false
		g.mu.Unlock()
	})
}

// freeze lets nothing through until thaw.
func (g *gate) freeze() {
	g.mu.Lock()
	g.frozen = make(chan struct{})
	g.mu.Unlock()
}

func (g *gate) thaw() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.frozen:
	default:
		close(g.frozen)
	}
}

// A faultRun is a queue in a fault of the table.
type faultRun struct {
	*bench
	gate *gate
	dir  string
	disk string // a small one that downloads go to; "": there is none
	srv  *ftptest.Server
	full func() // makes room on the small disk
}

// target is where downloads go.
func (r *faultRun) target() string {
	if r.disk != "" {
		return filepath.Join(r.disk, "down")
	}
	return filepath.Join(r.dir, "down")
}

// waited waits until an item was tried so often.
func (r *faultRun) waited(tries int) {
	r.t.Helper()
	until(r.t, func() bool {
		list, _, err := r.q.List(r.t.Context(), queue.Filter{States: []queue.State{queue.Waiting}}, 0, 10)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, it := range list {
			if it.Tries >= tries {
				return true
			}
		}
		return false
	})
}

// moved waits until so many bytes went over data connections.
func (r *faultRun) moved(n int64) {
	r.t.Helper()
	if err := r.srv.WaitMoved(r.t.Context(), n); err != nil {
		r.t.Fatal(err)
	}
}

// TestFaults is the table of what goes wrong on the way: each case ends with
// identical files on both sides, and nobody has to do anything.
func TestFaults(t *testing.T) {
	t.Parallel()
	const size = 2_000_000
	slow := ftptest.Bandwidth(4 << 20)
	tests := []struct {
		name    string
		opts    []ftptest.Option
		timeout time.Duration // of the sessions
		during  func(r *faultRun)
		long    bool
		disk    bool // downloads go to a small disk
	}{
		{name: "nothing"},
		{name: "disk full then freed", disk: true, during: func(r *faultRun) {
			until(r.t, func() bool { return r.states()[queue.Waiting] > 0 })
			list, _, err := r.q.List(r.t.Context(), queue.Filter{States: []queue.State{queue.Waiting}}, 0, 1)
			if err != nil || len(list) != 1 || list[0].Reason.Kind != "space" {
				r.t.Errorf("waits: %+v, %v", list, err)
			}
			r.waited(7) // longer than a file is tried
			r.full()
		}},
		{name: "server killed and restarted", opts: []ftptest.Option{slow}, during: func(r *faultRun) {
			r.moved(size / 4)
			r.gate.down(1500 * time.Millisecond)
			r.srv.DropAll()
			r.moved(size)
			r.gate.down(500 * time.Millisecond)
			r.srv.DropAll()
		}},
		{name: "packets dropped for 20 s", opts: []ftptest.Option{slow}, timeout: 8 * time.Second, long: true, during: func(r *faultRun) {
			r.moved(size / 4)
			r.gate.freeze()
			time.Sleep(20 * time.Second) // what is tried is that it lasts so long
			r.gate.thaw()
		}},
		{name: "RST in mid-file", opts: []ftptest.Option{ftptest.Times(4, ftptest.CutData(300_000))}},
		{name: "RST of both connections", opts: []ftptest.Option{ftptest.Times(4, ftptest.DropData(300_000))}},
		{name: "REST ignored", opts: []ftptest.Option{ftptest.IgnoreREST(), ftptest.Times(2, ftptest.DropData(300_000))}},
		{name: "no REST", opts: []ftptest.Option{ftptest.NoREST(), ftptest.Times(2, ftptest.DropData(300_000))}},
		{name: "SIZE lying", opts: []ftptest.Option{ftptest.Reply("SIZE", "213 12345"), ftptest.Times(1, ftptest.DropData(300_000))}},
		{name: "226 never sent", timeout: time.Second, opts: []ftptest.Option{
			ftptest.Times(2, ftptest.Final(ftptest.Silence, "RETR")), ftptest.Times(2, ftptest.Final(ftptest.Silence, "STOR")),
		}},
		{name: "lost after the last byte", opts: []ftptest.Option{
			ftptest.Times(3, ftptest.Final(ftptest.CloseConn, "RETR")), ftptest.Times(3, ftptest.Final(ftptest.CloseConn, "STOR")),
		}},
		{name: "data closed early", opts: []ftptest.Option{ftptest.Times(3, ftptest.TruncateData(300_000, "RETR"))}},
		{name: "425 storm", opts: []ftptest.Option{
			ftptest.Times(6, ftptest.Reply("RETR", "425 Cannot open data connection.")), ftptest.Times(6, ftptest.Reply("STOR", "425 Cannot open data connection.")),
		}},
		{name: "426 after the data", opts: []ftptest.Option{ftptest.Times(2, ftptest.Final("426 Connection closed; transfer aborted."))}},
		{name: "450 busy", opts: []ftptest.Option{ftptest.Times(3, ftptest.Reply("RETR", "450 Busy.")), ftptest.Times(3, ftptest.Reply("STOR", "450 Busy."))}},
		{name: "one connection allowed only", opts: []ftptest.Option{ftptest.MaxConns(1)}},
		{name: "one connection and it drops", opts: []ftptest.Option{ftptest.MaxConns(1), ftptest.Times(3, ftptest.DropData(300_000))}},
	}
	for _, verb := range []string{"USER", "PASS", "FEAT", "TYPE", "EPSV", "RETR", "STOR", "SIZE", "MKD", "MLSD", "MFMT", "PWD", "OPTS"} {
		tests = append(tests, struct {
			name    string
			opts    []ftptest.Option
			timeout time.Duration
			during  func(r *faultRun)
			long    bool
			disk    bool
		}{name: "421 to " + verb, opts: []ftptest.Option{
			ftptest.Times(2, ftptest.Reply(verb, ftptest.ThenClose("421 Service not available, closing control connection."))),
		}})
	}
	for n := 1; n <= 40; n += 3 {
		tests = append(tests, struct {
			name    string
			opts    []ftptest.Option
			timeout time.Duration
			during  func(r *faultRun)
			long    bool
			disk    bool
		}{name: fmt.Sprintf("control connection cut at command %d", n), opts: cutAt(n)})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.long && testing.Short() {
				t.Skip("takes half a minute")
			}
			if tt.timeout == 0 {
				tt.timeout = 5 * time.Second
			}
			disk := ""
			if tt.disk {
				disk = smallDisk(t, "6m")
			}
			r := newFaultRun(t, size, tt.opts, tt.timeout)
			if r.disk = disk; disk != "" {
				r.full = fillDisk(t, disk, size)
			}
			down, up := r.begin(t, size)
			if tt.during != nil {
				tt.during(r)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			if err := r.q.Wait(ctx); err != nil {
				t.Fatalf("%v\n%s", err, r.dump())
			}
			if s := r.states(); s[queue.Failed] > 0 || s[queue.NeedsAnswer] > 0 || s[queue.Waiting] > 0 {
				t.Errorf("%v\n%s", s, r.dump())
			}
			same(t, r.target(), down)
			for rel, data := range up {
				if got := r.srv.File("/up/" + rel); string(got) != data {
					t.Errorf("uploaded %s differs: %d bytes, want %d\n%s", rel, len(got), len(data), r.dump())
				}
			}
			if n := len(r.srv.Names("/up")); n != len(up) {
				t.Errorf("%d files in the upload folder, want %d: %q", n, len(up), r.srv.Names("/up"))
			}
		})
	}
}

// newFaultRun makes a server behind a gate, and a queue.
func newFaultRun(t *testing.T, size int, opts []ftptest.Option, timeout time.Duration) *faultRun {
	r := &faultRun{}
	for i := range 4 {
		opts = append(opts, ftptest.File(fmt.Sprintf("/down/%d", i), string(pattern(size>>i, uint32(i)))))
	}
	var dial func(ctx context.Context, site string) (transfers.RemoteCloser, error)
	r.bench = start(t, queue.Options{
		DialRetries: -1, Patience: 100 * time.Millisecond, Transfer: transfers.Options{Times: true}, Limits: queue.Limits{PerSite: 3},
		Dial: func(ctx context.Context, site string) (transfers.RemoteCloser, error) { return dial(ctx, site) },
	}, map[string][]ftptest.Option{"a": opts})
	r.srv = r.srvs["a"]
	r.gate = newGate(t, r.srv.Addr)
	dial = func(ctx context.Context, _ string) (transfers.RemoteCloser, error) {
		return client.Dial(ctx, r.gate.ln.Addr().String(), client.Options{Security: client.SecurityOff, Timeout: timeout})
	}
	return r
}

// begin adds a folder each way, and returns what is to be where.
func (r *faultRun) begin(t *testing.T, size int) (down, up map[string]string) {
	t.Helper()
	r.dir = t.TempDir()
	down, up = map[string]string{}, map[string]string{}
	source := filepath.Join(r.dir, "source")
	if err := os.Mkdir(source, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		name := fmt.Sprint(i)
		down[name] = string(pattern(size>>i, uint32(i)))
		up[name] = string(pattern(size>>i, uint32(100+i)))
		if err := os.WriteFile(filepath.Join(source, name), []byte(up[name]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.add(
		queue.Job{Kind: queue.Download, Site: "a", Remote: "/down", Local: r.target(), Dir: true, Rule: transfers.Overwrite},
		queue.Job{Kind: queue.Upload, Site: "a", Remote: "/up", Local: source, Dir: true, Rule: transfers.Overwrite},
	)
	return down, up
}

// cutAt resets the control connection at the nth command and at two later ones.
func cutAt(n int) (opts []ftptest.Option) {
	var seen atomic.Int64
	cut := func(c *ftptest.Conn, _ string) bool {
		switch int(seen.Add(1)) {
		case n, n + 17, n + 31:
			c.Reset()
			return true
		}
		return false
	}
	for _, verb := range []string{
		"USER", "PASS", "FEAT", "OPTS", "TYPE", "PWD", "CWD", "EPSV", "PASV", "RETR", "STOR", "APPE", "REST", "MLSD", "LIST",
		"MLST", "SIZE", "MFMT", "MDTM", "MKD", "NOOP", "CLNT", "SYST", "HASH",
	} {
		opts = append(opts, ftptest.Handle(verb, cut))
	}
	return opts
}
