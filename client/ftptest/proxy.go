package ftptest

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A ProxyServer is a proxy on loopback, for SOCKS5 (RFC 1928, 1929) or for the CONNECT
// method of HTTP (RFC 9110, 9.3.6). It connects to loopback only, and refuses the rest.
type ProxyServer struct {
	Addr string // "127.0.0.1:45678"

	socks  bool
	cfg    proxyConfig
	ln     net.Listener
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex // guards what follows
	targets []string
	conns   map[net.Conn]struct{}
	closed  bool
}

type proxyConfig struct {
	user, password string
	login          bool
	names          map[string]string
	permits        func(target string) bool
	reply          string
	silent         bool
	closes         bool
	together       bool
}

// A ProxyOption scripts a ProxyServer.
type ProxyOption func(*proxyConfig)

// ProxyLogin wants this user and password.
func ProxyLogin(user, password string) ProxyOption {
	return func(c *proxyConfig) { c.user, c.password, c.login = user, password, true }
}

// ProxyName makes a host name known to the proxy, and to nobody else.
func ProxyName(name, ip string) ProxyOption {
	return func(c *proxyConfig) { c.names[name] = ip }
}

// ProxyPermits refuses what permit says no to, by the target's "host:port" as it was asked
// for.
func ProxyPermits(permit func(target string) bool) ProxyOption {
	return func(c *proxyConfig) { c.permits = permit }
}

// ProxyReplies answers each request with these bytes and closes.
func ProxyReplies(text string) ProxyOption { return func(c *proxyConfig) { c.reply = text } }

// ProxySilent never answers.
func ProxySilent() ProxyOption { return func(c *proxyConfig) { c.silent = true } }

// ProxyCloses closes each connection instead of answering.
func ProxyCloses() ProxyOption { return func(c *proxyConfig) { c.closes = true } }

// ProxyTogether waits for the server's first words, for a moment, and sends them in one
// write with the proxy's own reply.
func ProxyTogether() ProxyOption { return func(c *proxyConfig) { c.together = true } }

// NewSOCKS5 starts a SOCKS5 proxy that lives until the test ends.
func NewSOCKS5(t testing.TB, opts ...ProxyOption) *ProxyServer {
	t.Helper()
	return newProxy(t, true, opts)
}

// NewHTTPProxy starts an HTTP proxy that lives until the test ends.
func NewHTTPProxy(t testing.TB, opts ...ProxyOption) *ProxyServer {
	t.Helper()
	return newProxy(t, false, opts)
}

func newProxy(t testing.TB, socks bool, opts []ProxyOption) *ProxyServer {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	p := &ProxyServer{
		Addr: ln.Addr().String(), socks: socks, ln: ln, cancel: cancel, conns: map[net.Conn]struct{}{},
		cfg: proxyConfig{names: map[string]string{}, permits: func(string) bool { return true }},
	}
	for _, o := range opts {
		o(&p.cfg)
	}
	p.wg.Go(func() { p.accept(ctx) })
	t.Cleanup(p.Close)
	return p
}

// Close ends the proxy and all that goes through it.
func (p *ProxyServer) Close() {
	p.cancel()
	_ = p.ln.Close()
	p.mu.Lock()
	p.closed = true
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

// Targets returns what the proxy was asked to connect to, in order, as it was asked for.
func (p *ProxyServer) Targets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.targets...)
}

// keep has Close end nc.
func (p *ProxyServer) keep(nc net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = nc.Close()
		return false
	}
	p.conns[nc] = struct{}{}
	return true
}

func (p *ProxyServer) drop(nc net.Conn) {
	_ = nc.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, nc)
}

func (p *ProxyServer) accept(ctx context.Context) {
	for {
		nc, err := p.ln.Accept()
		if err != nil {
			return
		}
		if !p.keep(nc) {
			return
		}
		p.wg.Go(func() {
			defer p.drop(nc)
			p.serve(ctx, nc)
		})
	}
}

func (p *ProxyServer) serve(ctx context.Context, nc net.Conn) {
	in := bufio.NewReader(nc)
	switch {
	case p.cfg.silent:
		_, _ = io.Copy(io.Discard, in)
		return
	case p.cfg.closes:
		_, _ = in.ReadByte() // so that the close is no reset
		return
	}
	ask, answer := p.askHTTP, answerHTTP
	if p.socks {
		ask, answer = p.askSOCKS, answerSOCKS
	}
	target, ok := ask(in, nc)
	if !ok {
		return
	}
	p.mu.Lock()
	p.targets = append(p.targets, target)
	p.mu.Unlock()
	if p.cfg.reply != "" {
		_, _ = io.WriteString(nc, p.cfg.reply)
		return
	}
	if !p.cfg.permits(target) {
		_, _ = io.WriteString(nc, answer(proxyDenies))
		return
	}
	server, why := p.dial(ctx, target)
	if server == nil {
		_, _ = io.WriteString(nc, answer(why))
		return
	}
	defer p.drop(server)
	if !p.keep(server) {
		return
	}
	first := make([]byte, 512)
	n := 0
	if p.cfg.together {
		n = firstWords(server, first)
	}
	if _, err := io.WriteString(nc, answer(proxyConnects)+string(first[:n])); err == nil {
		relay(nc, in, server)
	}
}

// firstMoment is how long ProxyTogether waits.
const firstMoment = 50 * time.Millisecond

// firstWords reads what a server says of its own accord.
func firstWords(server net.Conn, into []byte) int {
	if server.SetReadDeadline(time.Now().Add(firstMoment)) != nil {
		return 0
	}
	n, _ := server.Read(into)
	if server.SetReadDeadline(time.Time{}) != nil {
		return 0
	}
	return n
}

// relay copies both ways until both are at their end. A half that ends is passed on.
func relay(client net.Conn, in io.Reader, server net.Conn) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := io.Copy(client, server); err != nil {
			_ = client.Close()
		}
		closeWrite(client)
	}()
	if _, err := io.Copy(server, in); err != nil {
		_ = server.Close()
	}
	closeWrite(server)
	<-done
}

func closeWrite(nc net.Conn) {
	if t, ok := nc.(*net.TCPConn); ok {
		_ = t.CloseWrite()
	}
}

// What a proxy does with a request.
type proxyOutcome int

const (
	proxyConnects proxyOutcome = iota
	proxyDenies
	proxyUnknownHost
	proxyRefused
)

func (p *ProxyServer) dial(ctx context.Context, target string) (net.Conn, proxyOutcome) {
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		return nil, proxyUnknownHost
	}
	if ip, ok := p.cfg.names[host]; ok {
		host = ip
	}
	switch ip := net.ParseIP(host); {
	case ip == nil:
		return nil, proxyUnknownHost
	case !ip.IsLoopback():
		return nil, proxyDenies
	}
	d := net.Dialer{Timeout: 10 * time.Second}
	nc, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, proxyRefused
	}
	return nc, proxyConnects
}

func answerSOCKS(what proxyOutcome) string {
	code := map[proxyOutcome]byte{proxyConnects: 0, proxyDenies: 2, proxyUnknownHost: 4, proxyRefused: 5}[what]
	return string([]byte{5, code, 0, 1, 127, 0, 0, 1, 0, 0})
}

func answerHTTP(what proxyOutcome) string {
	status := map[proxyOutcome]string{
		proxyConnects: "200 Connection established", proxyDenies: "403 Forbidden by the policy",
		proxyUnknownHost: "502 Unknown host", proxyRefused: "503 Connection refused",
	}[what]
	return "HTTP/1.1 " + status + "\r\nVia: 1.1 proxy.test\r\n\r\n"
}

// askSOCKS reads what a client asks for (RFC 1928, 3 and 4).
func (p *ProxyServer) askSOCKS(in *bufio.Reader, out io.Writer) (target string, ok bool) {
	methods, err := counted(in, 5)
	if err != nil {
		return "", false
	}
	method := byte(0)
	if p.cfg.login {
		method = 2
	}
	if !strings.Contains(string(methods), string([]byte{method})) {
		_, _ = out.Write([]byte{5, 0xff})
		return "", false
	}
	_, _ = out.Write([]byte{5, method})
	if p.cfg.login && !p.socksLogin(in, out) {
		return "", false
	}
	var head [4]byte
	if _, err = io.ReadFull(in, head[:]); err != nil || head[0] != 5 || head[1] != 1 {
		return "", false
	}
	var host string
	switch head[3] {
	case 1, 4:
		ip := make(net.IP, map[byte]int{1: net.IPv4len, 4: net.IPv6len}[head[3]])
		_, err = io.ReadFull(in, ip)
		host = ip.String()
	case 3:
		var n byte
		if n, err = in.ReadByte(); err == nil {
			name := make([]byte, n)
			_, err = io.ReadFull(in, name)
			host = string(name)
		}
	}
	var port [2]byte
	if err != nil || host == "" {
		return "", false
	}
	if _, err = io.ReadFull(in, port[:]); err != nil {
		return "", false
	}
	return net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port[:])))), true
}

// counted reads a byte that must be version, then as many bytes as the next one says.
func counted(in *bufio.Reader, version byte) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	if head[0] != version {
		return nil, fmt.Errorf("version %d", head[0])
	}
	out := make([]byte, head[1])
	_, err := io.ReadFull(in, out)
	return out, err
}

// socksLogin is RFC 1929.
func (p *ProxyServer) socksLogin(in *bufio.Reader, out io.Writer) bool {
	user, err := counted(in, 1)
	if err != nil {
		return false
	}
	n, err := in.ReadByte()
	if err != nil {
		return false
	}
	password := make([]byte, n)
	if _, err = io.ReadFull(in, password); err != nil {
		return false
	}
	good := string(user) == p.cfg.user && string(password) == p.cfg.password
	status := byte(1)
	if good {
		status = 0
	}
	_, _ = out.Write([]byte{1, status})
	return good
}

// askHTTP reads the head of a CONNECT request.
func (p *ProxyServer) askHTTP(in *bufio.Reader, out io.Writer) (target string, ok bool) {
	req, err := http.ReadRequest(in)
	if err != nil || req.Method != http.MethodConnect {
		_, _ = io.WriteString(out, "HTTP/1.1 405 Only CONNECT\r\n\r\n")
		return "", false
	}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(p.cfg.user+":"+p.cfg.password))
	if p.cfg.login && req.Header.Get("Proxy-Authorization") != want {
		_, _ = io.WriteString(out, "HTTP/1.1 407 Login, please\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 6\r\n\r\nsorry\n")
		return "", false
	}
	return req.Host, true
}
