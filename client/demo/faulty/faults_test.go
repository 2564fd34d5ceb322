package faulty_test

import (
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"portside/client/demo"
	"portside/client/demo/faulty"
)

// idle is how long a connection may rest here.
const idle = 2 * time.Second

// checks say how each fault shows on the wire.
var checks = map[string]func(*testing.T, *faulty.Server){
	"ports-sequential": func(t *testing.T, s *faulty.Server) {
		steps(t, s, 8, func(d int) bool { return d == 1 || d > 1 && d < 4 }) // past ports that others have
	},
	"ports-stride": func(t *testing.T, s *faulty.Server) { steps(t, s, 8, func(d int) bool { return d == 10 || d == 20 }) },
	"ports-busy":   func(t *testing.T, s *faulty.Server) { steps(t, s, 8, func(d int) bool { return d >= 1 && d <= 10 }) },
	"ports-narrow": func(t *testing.T, s *faulty.Server) {
		ports := sample(login(t, s), 40)
		if span := slices.Max(ports) - slices.Min(ports); span > 11 || span < 5 {
			t.Errorf("ports %v", ports)
		}
	},
	"ports-fixed": func(t *testing.T, s *faulty.Server) {
		steps(t, s, 6, func(d int) bool { return d == 0 })
		// Two cannot have it at a time.
		first, second := login(t, s), login(t, s)
		first.passive("EPSV")
		second.want(425, "EPSV")
		first.want(200, "NOOP")
	},
	"passive-dropped": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		for _, verb := range []string{"EPSV", "PASV"} {
			w.passive(verb)
			if _, err := w.connect(); !isTimeout(err) {
				t.Errorf("%s: %v", verb, err)
			}
		}
		w.activeWorks()
	},
	"passive-refused": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		for _, verb := range []string{"EPSV", "PASV"} {
			w.passive(verb)
			if _, err := w.connect(); !errors.Is(err, syscall.ECONNREFUSED) && runtime.GOOS != "windows" {
				t.Errorf("%s: %v", verb, err)
			}
		}
		w.activeWorks()
	},
	"passive-partial": partial,
	"passive-disabled": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		w.want(502, "EPSV")
		w.want(502, "PASV")
		w.activeWorks()
	},
	"epsv-refused": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		w.want(500, "EPSV")
		if w.cmd("FEAT"); strings.Contains(w.said, "EPSV") {
			t.Errorf("FEAT names EPSV: %s", w.said)
		}
		w.works("PASV")
	},
	"epsv-dropped": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		for range 4 {
			dead := w.passive("EPSV")
			if _, err := w.connect(); !isTimeout(err) {
				t.Errorf("EPSV: %v", err)
			}
			if near := w.passive("PASV") - dead; near < -20 || near > 20 {
				t.Errorf("PASV names a port %d further", near)
			}
			if _, err := w.connect(); err != nil {
				t.Errorf("PASV: %v", err)
			}
		}
		w.works("PASV")
	},
	"pasv-refused": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		w.want(502, "PASV")
		w.works("EPSV")
	},
	"pasv-private": func(t *testing.T, s *faulty.Server) { names(t, s, "(10,11,12,13,") },
	"pasv-foreign": func(t *testing.T, s *faulty.Server) { names(t, s, "(203,0,113,7,") },
	"ghost": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		w.passive("EPSV")
		conn, err := w.connect()
		if err != nil {
			t.Fatal(err)
		}
		w.want(425, "LIST") // while we are connected
		if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); !isTimeout(err) {
			t.Errorf("the ghost said something: %v", err)
		}
		w.activeWorks()
	},
	"active-refused": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		for _, verb := range []string{"EPRT", "PORT"} {
			if code := w.active(verb); code != 500 {
				t.Errorf("%s: %s", verb, w.said)
			}
		}
		w.works("EPSV")
	},
	"active-silent": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		if code := w.active("PORT"); code != 200 {
			t.Fatal(w.said)
		}
		w.want(150, "LIST")
		if _, err := w.accept(300 * time.Millisecond); !isTimeout(err) {
			t.Errorf("somebody connected: %v", err)
		}
		w.want(426, "ABOR") // the listing is over
	},
	"active-late": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		if code := w.active("EPRT"); code != 200 {
			t.Fatal(w.said)
		}
		w.want(150, "LIST")
		began := time.Now()
		if code := w.read(); code != 425 || time.Since(began) < 4*time.Second {
			t.Errorf("%s after %v", w.said, time.Since(began))
		}
	},
	"stranger": func(t *testing.T, s *faulty.Server) {
		if runtime.GOOS == "darwin" {
			t.Skip("127.0.0.77 is no address of this computer")
		}
		w := login(t, s)
		w.active("EPRT")
		w.want(150, "RETR README.txt")
		for _, from := range []string{"127.0.0.77", "127.0.0.1"} {
			conn, err := w.accept(time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if host, _, _ := net.SplitHostPort(conn.RemoteAddr().String()); host != from {
				t.Errorf("from %s, want %s", host, from)
			}
			_, _ = io.Copy(io.Discard, conn)
		}
		if w.read() != 226 {
			t.Error(w.said)
		}
	},
	"no-data": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		w.want(502, "EPSV")
		w.want(502, "PASV")
		if a, b := w.active("EPRT"), w.active("PORT"); a != 500 || b != 500 {
			t.Errorf("%d, %d", a, b)
		}
	},
	"tls-stripped": func(t *testing.T, s *faulty.Server) {
		w := dial(t, s)
		if !strings.Contains(w.said, "[TLS]") {
			t.Errorf("greeting %s", w.said)
		}
		if w.cmd("FEAT"); strings.Contains(w.said, "AUTH") || !strings.Contains(w.said, "MLST") {
			t.Errorf("FEAT: %s", w.said)
		}
		w.want(500, "AUTH TLS")
	},
	"tls-required": func(t *testing.T, s *faulty.Server) {
		dial(t, s).want(530, "USER demo")
		loginTLS(t, s, tls.VersionTLS13).works("EPSV")
	},
	"tls-reuse": func(t *testing.T, s *faulty.Server) {
		w := loginTLS(t, s, tls.VersionTLS13)
		w.works("EPSV")
		w.conf.ClientSessionCache = nil
		if _, code := w.get("EPSV", "RETR README.txt"); code != 522 {
			t.Errorf("without a resumed session: %s", w.said)
		}
	},
	"tls13-broken": func(t *testing.T, s *faulty.Server) {
		w := dial(t, s)
		w.want(234, "AUTH TLS")
		if err := tls.Client(w.nc, &tls.Config{RootCAs: s.RootCAs(), ServerName: "localhost"}).HandshakeContext(t.Context()); err == nil {
			t.Error("TLS 1.3 was accepted")
		}
		loginTLS(t, s, tls.VersionTLS12).works("EPSV")
		login(t, s).works("EPSV")
	},
	"tls13-data": func(t *testing.T, s *faulty.Server) {
		if _, code := loginTLS(t, s, tls.VersionTLS13).get("EPSV", "RETR README.txt"); code != 522 {
			t.Errorf("TLS 1.3: %d", code)
		}
		loginTLS(t, s, tls.VersionTLS12).works("EPSV")
		login(t, s).works("EPSV")
	},
	"tls-close": func(t *testing.T, s *faulty.Server) {
		w := loginTLS(t, s, tls.VersionTLS12)
		w.passive("EPSV")
		raw, err := w.connect()
		if err != nil {
			t.Fatal(err)
		}
		w.want(150, "RETR README.txt")
		seen := &lastRecord{Conn: raw}
		if n, err := io.Copy(io.Discard, tls.Client(seen, w.conf)); n == 0 || err == nil && seen.alert() {
			t.Errorf("%d bytes, %v, close_notify %v", n, err, seen.alert())
		}
	},
	"banner-masked": func(t *testing.T, s *faulty.Server) {
		if w := dial(t, s); !regexp.MustCompile(`^220 \*+$`).MatchString(w.said) {
			t.Errorf("greeting %s", w.said)
		}
	},
	"one-connection": func(t *testing.T, s *faulty.Server) {
		first := login(t, s)
		if second := dial(t, s); !strings.HasPrefix(second.said, "421") {
			t.Errorf("second: %s", second.said)
		}
		first.works("EPSV")
	},
	"idle": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		w.works("EPSV")
		began := time.Now()
		if code := w.read(); code != 421 || time.Since(began) < idle/2 {
			t.Errorf("%s after %v", w.said, time.Since(began))
		}
	},
	"pmtu": func(t *testing.T, s *faulty.Server) {
		w := login(t, s)
		if n, code := w.get("EPSV", "MLSD"); n > 1400 || code != 226 {
			t.Errorf("a small listing: %d bytes, %s", n, w.said)
		}
		w.passive("EPSV")
		conn, err := w.connect()
		if err != nil {
			t.Fatal(err)
		}
		w.want(150, "RETR random-1MiB.bin")
		got, err := io.ReadFull(conn, make([]byte, 1400))
		if err != nil {
			t.Fatalf("%d bytes, %v", got, err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if n, err := conn.Read(make([]byte, 1)); n != 0 || !isTimeout(err) {
			t.Errorf("after 1400 bytes: %d, %v", n, err)
		}
	},
}

// lastRecord remembers the type of the last TLS record that came.
type lastRecord struct {
	net.Conn
	all []byte
}

func (c *lastRecord) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.all = append(c.all, b[:n]...)
	return n, err
}

// alert reports whether the last record is one.
func (c *lastRecord) alert() bool {
	last := byte(0)
	for b := c.all; len(b) >= 5; {
		last = b[0]
		b = b[min(len(b), 5+int(b[3])<<8+int(b[4])):]
	}
	return last == 21
}

// sample asks for n ports, by both commands.
func sample(w *wire, n int) []int {
	ports := make([]int, n)
	for i := range ports {
		ports[i] = w.passive([]string{"EPSV", "PASV"}[i%2])
	}
	return ports
}

// steps fails unless all steps between n ports are right, but for one that begins
// anew, and the ports are open.
func steps(t *testing.T, s *faulty.Server, n int, right func(int) bool) {
	t.Helper()
	w := login(t, s)
	ports := sample(w, n)
	wrong := 0
	for i, p := range ports[1:] {
		if !right(p - ports[i]) {
			wrong++
		}
	}
	if wrong > 1 {
		t.Errorf("ports %v", ports)
	}
	w.works("EPSV")
	w.works("PASV")
	w.activeWorks()
	w.want(221, "QUIT")
	if w.read() != 0 { // the server is done with it
		t.Error(w.said)
	}
}

// names fails unless 227 names this address, and the port is open at the server's.
func names(t *testing.T, s *faulty.Server, address string) {
	t.Helper()
	w := login(t, s)
	w.passive("PASV")
	if !strings.Contains(w.said, address) {
		t.Errorf("227: %s", w.said)
	}
	w.works("PASV")
	w.works("EPSV")
}

// partial fails unless there is a border below which ports are open, and above
// which they answer nothing.
func partial(t *testing.T, s *faulty.Server) {
	w := login(t, s)
	var open, shut []int
	for i := 0; i < 40 && (len(open) < 4 || len(shut) < 3); i++ {
		port := w.passive("EPSV")
		_, err := w.connect()
		switch {
		case err == nil:
			open = append(open, port)
		case isTimeout(err):
			shut = append(shut, port)
		default:
			t.Fatal(err)
		}
	}
	if len(open) == 0 || len(shut) == 0 || slices.Max(open) >= slices.Min(shut) {
		t.Errorf("open %v, shut %v", open, shut)
	}
}

// drops are the faults that need a system whose full queues drop connections.
var drops = []string{"passive-dropped", "passive-partial", "epsv-dropped"}

func needsLinux(name string) bool { return runtime.GOOS != "linux" && slices.Contains(drops, name) }

// TestFaults shows each fault on the wire.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, f := range faulty.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			if needsLinux(f.Name) {
				t.Skip("a full queue drops connections on Linux")
			}
			check := checks[f.Name]
			if check == nil {
				t.Fatal("no check")
			}
			check(t, start(t, f.Name))
		})
	}
	if len(checks) != len(faulty.Faults()) {
		t.Errorf("%d checks of %d faults", len(checks), len(faulty.Faults()))
	}
}

// TestCatalogue: names and texts are as they are shown.
func TestCatalogue(t *testing.T) {
	seen := make(map[string]bool)
	for _, f := range faulty.Faults() {
		if !regexp.MustCompile(`^[a-z][a-z0-9-]{3,16}$`).MatchString(f.Name) || seen[f.Name] {
			t.Errorf("name %q", f.Name)
		}
		seen[f.Name] = true
		if !strings.HasSuffix(f.Text, ".") || len(f.Text) > 160 || len(f.Verdicts) == 0 {
			t.Errorf("%s: %q, %v", f.Name, f.Text, f.Verdicts)
		}
		for _, code := range slices.Concat(f.Verdicts, f.Plain) {
			if !regexp.MustCompile(`^[A-Z0-9_]+$`).MatchString(code) {
				t.Errorf("%s: verdict %q", f.Name, code)
			}
		}
		if got, ok := faulty.Find(f.Name); !ok || got.Text != f.Text {
			t.Errorf("Find(%q) = %v, %v", f.Name, got, ok)
		}
	}
	if _, ok := faulty.Find("none-such"); ok {
		t.Error("a fault that is none was found")
	}
}

// TestStart: loopback over IPv4 only, the demo's files, and its users.
func TestStart(t *testing.T) {
	f, _ := faulty.Find("ports-sequential")
	for _, addr := range []string{"192.0.2.1:0", "0.0.0.0:0", "[::1]:0", "nonsense"} {
		if s, err := faulty.Start(t.Context(), f, faulty.Options{Addr: addr}); err == nil {
			t.Errorf("%s: listens at %s", addr, s.Addr())
			_ = s.Close()
		}
	}
	if _, err := faulty.Start(t.Context(), faulty.Fault{Name: "x"}, faulty.Options{}); err == nil {
		t.Error("a fault that is none was started")
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, err := faulty.Start(t.Context(), f, faulty.Options{Addr: "localhost:0", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := login(t, s)
	files, err := demo.Files(now)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		n++
		if w.cmd("MDTM /"+path) != 213 || w.said != "213 "+info.ModTime().UTC().Format("20060102150405") {
			t.Errorf("MDTM %s: %s, want %s", path, w.said, info.ModTime())
		}
		return nil
	})
	if err != nil || n < 30 {
		t.Errorf("%d entries, %v", n, err)
	}
	w.want(257, "MKD /mine")
	guest := dial(t, s)
	guest.want(331, "USER anonymous")
	guest.want(230, "PASS x@")
	guest.want(550, "MKD /theirs")
	guest.works("EPSV")
}
