package faulty_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client/demo"
	"portside/client/demo/faulty"
)

// demoFiles are the demo's, made once.
var demoFiles = sync.OnceValues(func() (fs.FS, error) { return demo.Files(time.Now()) })

// start starts the fault of this name.
func start(t *testing.T, name string) *faulty.Server {
	t.Helper()
	f, ok := faulty.Find(name)
	if !ok {
		t.Fatalf("there is no fault %q", name)
	}
	files, err := demoFiles()
	if err != nil {
		t.Fatal(err)
	}
	srv, err := faulty.Start(t.Context(), f, faulty.Options{Idle: idle, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return srv
}

// wire is a control connection that shows what the server does.
type wire struct {
	t    *testing.T
	nc   net.Conn
	tp   *textproto.Conn
	conf *tls.Config // with TLS
	ln   net.Listener
	to   string // the passive address that was named, at the server's own
	said string // the last reply
}

// dial connects, and reads the greeting into said.
func dial(t *testing.T, srv *faulty.Server) *wire {
	t.Helper()
	var d net.Dialer
	nc, err := d.DialContext(t.Context(), "tcp", srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, nc: nc, tp: textproto.NewConn(nc)}
	t.Cleanup(func() {
		_ = w.tp.Close()
		if w.ln != nil {
			_ = w.ln.Close()
		}
	})
	w.read()
	return w
}

// login logs in as demo.
func login(t *testing.T, srv *faulty.Server) *wire {
	t.Helper()
	w := dial(t, srv)
	w.login()
	return w
}

func (w *wire) login() {
	w.t.Helper()
	w.want(331, "USER "+demo.User)
	w.want(230, "PASS "+demo.Password)
	w.want(200, "TYPE I")
}

// loginTLS logs in with TLS of at most this version, on data connections too.
func loginTLS(t *testing.T, srv *faulty.Server, version uint16) *wire {
	t.Helper()
	w := dial(t, srv)
	w.want(234, "AUTH TLS")
	w.conf = &tls.Config{
		RootCAs: srv.RootCAs(), ServerName: "localhost", MinVersion: tls.VersionTLS12, MaxVersion: version,
		ClientSessionCache: tls.NewLRUClientSessionCache(8),
	}
	tc := tls.Client(w.nc, w.conf)
	if err := tc.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.tp = textproto.NewConn(tc)
	w.login()
	w.want(200, "PBSZ 0")
	w.want(200, "PROT P")
	return w
}

// read reads a reply, and returns its code; 0 where the connection ended.
func (w *wire) read() int {
	code, text, err := w.tp.ReadResponse(0)
	w.said = fmt.Sprintf("%d %s", code, text)
	if err != nil {
		if pe, ok := errors.AsType[*textproto.Error](err); !ok || pe == nil {
			w.said = err.Error()
			return 0
		}
	}
	return code
}

// cmd sends a command and returns the reply's code.
func (w *wire) cmd(command string) int {
	w.t.Helper()
	w.send(command)
	return w.read()
}

func (w *wire) send(command string) {
	w.t.Helper()
	if err := w.tp.PrintfLine("%s", command); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) want(code int, command string) {
	w.t.Helper()
	if got := w.cmd(command); got != code {
		w.t.Fatalf("%s: %s, want %d", command, w.said, code)
	}
}

// passive asks for a passive port, and returns it.
func (w *wire) passive(verb string) int {
	w.t.Helper()
	code := map[string]int{"EPSV": 229, "PASV": 227}[verb]
	w.want(code, verb)
	var port int
	if verb == "EPSV" {
		port, _ = strconv.Atoi(strings.Split(w.said, "|")[3])
	} else {
		f := strings.FieldsFunc(w.said, func(r rune) bool { return strings.ContainsRune("(),", r) })
		high, _ := strconv.Atoi(f[len(f)-3])
		low, _ := strconv.Atoi(f[len(f)-2])
		port = high<<8 | low
	}
	if port == 0 {
		w.t.Fatalf("no port in %q", w.said)
	}
	w.to = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	return port
}

// connect connects to the passive port.
func (w *wire) connect() (net.Conn, error) {
	d := net.Dialer{Timeout: 2 * time.Second}
	conn, err := d.DialContext(w.t.Context(), "tcp", w.to)
	if err != nil {
		return nil, err
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	return conn, conn.SetDeadline(time.Now().Add(time.Minute))
}

// get transfers by a passive method, and returns the bytes and the final code.
func (w *wire) get(verb, command string) (int, int) {
	w.t.Helper()
	w.passive(verb)
	conn, err := w.connect()
	if err != nil {
		w.t.Fatalf("%s: %v", verb, err)
	}
	w.send(command)
	if code := w.read(); code != 150 {
		return 0, code
	}
	if w.conf != nil {
		conn = tls.Client(conn, w.conf)
	}
	n, err := io.Copy(io.Discard, conn)
	_ = conn.Close()
	if err != nil {
		w.t.Logf("%s: %v", command, err)
	}
	return int(n), w.read()
}

// active listens and announces that by EPRT or PORT; it returns the reply's code.
func (w *wire) active(verb string) int {
	w.t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(w.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.ln = ln
	port := ln.Addr().(*net.TCPAddr).Port
	if verb == "EPRT" {
		return w.cmd(fmt.Sprintf("EPRT |1|127.0.0.1|%d|", port))
	}
	return w.cmd(fmt.Sprintf("PORT 127,0,0,1,%d,%d", port>>8, port&255))
}

// accept takes a connection, within d.
func (w *wire) accept(d time.Duration) (net.Conn, error) {
	w.t.Helper()
	if err := w.ln.(*net.TCPListener).SetDeadline(time.Now().Add(d)); err != nil {
		w.t.Fatal(err)
	}
	conn, err := w.ln.Accept()
	if err == nil {
		w.t.Cleanup(func() { _ = conn.Close() })
	}
	return conn, err
}

// works fails unless a file comes through by this method.
func (w *wire) works(verb string) {
	w.t.Helper()
	if n, code := w.get(verb, "RETR README.txt"); n == 0 || code != 226 {
		w.t.Errorf("%s: %d bytes, %s", verb, n, w.said)
	}
}

// activeWorks fails unless a file comes through in active mode.
func (w *wire) activeWorks() {
	w.t.Helper()
	if code := w.active("EPRT"); code != 200 {
		w.t.Fatalf("EPRT: %s", w.said)
	}
	w.want(150, "RETR README.txt")
	conn, err := w.accept(time.Minute)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.conf != nil {
		conn = tls.Client(conn, w.conf)
	}
	if n, err := io.Copy(io.Discard, conn); n == 0 || err != nil {
		w.t.Errorf("active: %d bytes, %v", n, err)
	}
	if w.read() != 226 {
		w.t.Errorf("active: %s", w.said)
	}
}

func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}
