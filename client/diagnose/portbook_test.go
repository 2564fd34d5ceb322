package diagnose

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client/keep"
)

// openBook opens a book that is closed at the end of the test.
func openBook(t *testing.T, path string) *PortBook {
	t.Helper()
	b, err := OpenPortBook(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeBook(t, b) })
	return b
}

func closeBook(t *testing.T, b *PortBook) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// addAll adds samples.
func addAll(b *PortBook, server string, samples []PortSample) {
	for _, s := range samples {
		b.Add(server, s)
	}
}

// moved is samples at a later time.
func moved(by time.Duration, samples []PortSample) []PortSample {
	for i := range samples {
		samples[i].Time = samples[i].Time.Add(by)
	}
	return samples
}

func TestPortBookWarnsOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ports.json")
	b := openBook(t, path)
	const server = "ftp.example.com:21"
	r := rand.New(rand.NewPCG(1, 1))
	count := func() portServer { return ordinal(20_000, 300, func() int { return 1 }) }
	busy := func() portServer { return ordinal(20_000, 9000, func() int { return 1 + r.IntN(4) }) }
	random := func() portServer { return uniform(r, 30_000, false) }
	fixed := func() portServer { return func() uint16 { return 4444 } }
	for i, step := range []struct {
		name  string
		serve portServer
		n     int
		warns bool
		class PortClass
	}{
		{"too few", count(), 5, false, PortsUnknown},
		{"in order", ordinal(20_000, 305, func() int { return 1 }), 20, true, PortsInOrder},
		{"still", ordinal(20_000, 325, func() int { return 1 }), 20, false, PortsInOrder},
		{"nearly", busy(), 64, false, PortsBusy},
		{"random", random(), 64, false, PortsRandom},
		{"in order again", count(), 64, true, PortsInOrder},
		{"fixed", fixed(), 64, true, PortsFixed},
	} {
		addAll(b, server, moved(time.Duration(i)*time.Hour, take(step.serve, step.n)))
		f, warns := b.Warn("FTP.Example.COM:21")
		if warns != step.warns || f.Class != step.class {
			t.Errorf("%s: %s, warns %v; want %s, %v", step.name, f.Class, warns, step.class, step.warns)
		}
		if _, again := b.Warn(server); again {
			t.Errorf("%s: warned twice", step.name)
		}
		if _, warns := b.Warn("ftp.example.com:2121"); warns {
			t.Errorf("%s: another server is warned of", step.name)
		}
	}
	closeBook(t, b)

	// What was told is remembered by the next program.
	again := openBook(t, path)
	if f, warns := again.Warn(server); warns || f.Class != PortsFixed || len(f.Samples) != 64 {
		t.Errorf("read again: %s of %d samples, warns %v", f.Class, len(f.Samples), warns)
	}
	again.Forget(server)
	addAll(again, server, take(count(), 12))
	if f, warns := again.Warn(server); !warns || f.Class != PortsInOrder {
		t.Errorf("after Forget: %s, warns %v", f.Class, warns)
	}
}

// TestPortBookUnknownIsNoChange: a class is not over because too little is known.
func TestPortBookUnknownIsNoChange(t *testing.T) {
	b := openBook(t, "")
	addAll(b, "s:21", take(ordinal(20_000, 0, func() int { return 1 }), 12))
	if _, warns := b.Warn("s:21"); !warns {
		t.Fatal("no warning")
	}
	r := rand.New(rand.NewPCG(2, 2))
	for day := range 64 { // one sample a day
		s := take(uniform(r, 30_000, false), 1)
		b.Add("s:21", moved(time.Duration(day)*24*time.Hour, s)[0])
	}
	if f, warns := b.Warn("s:21"); f.Class != PortsUnknown || warns {
		t.Fatalf("%s, warns %v", f.Class, warns)
	}
	addAll(b, "s:21", moved(65*24*time.Hour, take(ordinal(20_000, 0, func() int { return 1 }), 64)))
	if f, warns := b.Warn("s:21"); f.Class != PortsInOrder || warns {
		t.Errorf("%s, warns %v: told already", f.Class, warns)
	}
}

func TestPortBookSeen(t *testing.T) {
	b := openBook(t, "")
	addAll(b, "s:21", take(ordinal(20_000, 0, func() int { return 7 }), 12))
	b.Seen("s:21", PortsStride)
	if f, warns := b.Warn("s:21"); warns || f.Class != PortsStride {
		t.Errorf("%s, warns %v after it was seen", f.Class, warns)
	}
	b.Seen("other:21", PortsFixed) // nothing is known of it
	if f, warns := b.Warn("other:21"); warns || f.Class != PortsUnknown {
		t.Errorf("%s, warns %v", f.Class, warns)
	}
}

func TestNoPortBook(t *testing.T) {
	var b *PortBook
	b.Add("s:21", PortSample{Port: 1})
	b.Seen("s:21", PortsFixed)
	b.Forget("s:21")
	if f, warns := b.Warn("s:21"); warns || f.Class != PortsUnknown {
		t.Errorf("%+v, %v", f, warns)
	}
	if b.Samples("s:21") != nil || b.Problem() != nil || b.Close() != nil {
		t.Error("a book that is none knows something")
	}
}

// TestPortBookBounds: samples and servers are bounded, and the oldest go first.
func TestPortBookBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ports.json")
	b := openBook(t, path)
	for i := range maxServers + 50 {
		server := fmt.Sprintf("host-%03d:21", i)
		for k := range 70 {
			b.Add(server, at(float64(1000*i+k), 2000+k))
		}
	}
	b.Add(strings.Repeat("x", 1000)+":21", at(1, 2))
	b.Add("host-100:21", at(9e6+100*86_400, 999)) // a hundred days later
	closeBook(t, b)
	again := openBook(t, path)
	again.journal.Look(func(p portPages) {
		if n := len(p); n != maxServers {
			t.Errorf("%d servers", n)
		}
	})
	if again.Samples("host-049:21") != nil {
		t.Error("the server not used for longest is still there")
	}
	if s := again.Samples("host-249:21"); len(s) != maxSamples || s[0].Port != 2006 || s[63].Port != 2069 {
		t.Errorf("%d samples, %v", len(s), s)
	}
	if s := again.Samples("host-100:21"); len(s) != 1 {
		t.Errorf("%d samples, want the old ones gone", len(s))
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > 3<<20 {
		t.Errorf("%v bytes, %v", info.Size(), err)
	}
}

// TestPortBookTwoPrograms: each adds to what it finds.
func TestPortBookTwoPrograms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ports.json")
	first, second := openBook(t, path), openBook(t, path)
	var wg sync.WaitGroup
	for i, b := range []*PortBook{first, second} {
		for k := range 4 {
			wg.Go(func() {
				for n := range 8 {
					b.Add(fmt.Sprintf("s%d:21", k), at(float64(2*n+i), 5000+2*n+i))
					b.Finding("s0:21")
					b.Warn("s1:21")
				}
			})
		}
	}
	wg.Wait()
	closeBook(t, first)
	closeBook(t, second)
	both := openBook(t, path)
	for k := range 4 {
		f := both.Finding(fmt.Sprintf("s%d:21", k))
		if f.Class != PortsInOrder || len(f.Samples) != 16 {
			t.Errorf("s%d: %s, %v", k, f.Class, portsOf(f.Samples))
		}
	}
}

// TestPortBookProblems: a file that cannot be used is told of once.
func TestPortBookProblems(t *testing.T) {
	t.Run("damaged", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "ports.json")
		if err := os.WriteFile(path, []byte(`{"version":1,"servers":[`), 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := OpenPortBook(path)
		if _, ok := errors.AsType[*keep.DamagedError](err); !ok {
			t.Errorf("%v", err)
		}
		b.Add("s:21", at(1, 5000))
		closeBook(t, b)
		if s := openBook(t, path).Samples("s:21"); len(s) != 1 {
			t.Errorf("%v", s)
		}
	})
	t.Run("newer", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "ports.json")
		newer := []byte(`{"version":99}`)
		if err := os.WriteFile(path, newer, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := OpenPortBook(path)
		if _, ok := errors.AsType[*keep.NewerError](err); !ok {
			t.Errorf("%v", err)
		}
		b.Add("s:21", at(1, 5000))
		closeBook(t, b) // it was told of at the start
		if data, err := os.ReadFile(path); err != nil || !slices.Equal(data, newer) {
			t.Errorf("%s, %v", data, err)
		}
	})
	t.Run("odd content", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "ports.json")
		text := `{"version":1,"servers":[{"server":"","samples":[]},{"server":"S:21","told":"nonsense",
			"samples":[{"time":"2026-03-01T00:00:01Z","port":7,"method":"\u001b[31m"},{"time":"2026-03-01T00:00:00Z","port":0},{"time":"2026-02-01T00:00:00Z","port":6,"method":"PASV"}]}]}`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := openBook(t, path).Samples("s:21")
		if len(s) != 2 || s[0].Port != 6 || s[0].Method != "PASV" || s[1].Method != "" {
			t.Errorf("%+v", s)
		}
	})
}

func TestPortWarning(t *testing.T) {
	inOrder := AnalyzePorts(row(from(5000, 1, 14)...))
	ten := AnalyzePorts(take(uniform(rand.New(rand.NewPCG(1, 9)), 10, true), 24))
	for _, c := range []struct {
		name      string
		f         PortFinding
		software  string
		tls       bool
		has, hasM []string // in the sentence, in meaning and help
		not       []string
	}{
		{
			"in order, plain", inOrder, "220 (vsFTPd 3.0.5)", false,
			[]string{"each is one above the last", "guessed 12 of the last 12 ports"},
			[]string{"take over somebody's data connection", "use TLS", "pasv_min_port", "require_ssl_reuse=YES"},
			[]string{"PassivePorts", "220", "3.0.5"},
		},
		{
			"descending", AnalyzePorts(row(from(5000, -1, 14)...)), "ProFTPD", true,
			[]string{"one below"},
			[]string{"resume", "PassivePorts 50000 59999", "without NoSessionReuseRequired"},
			[]string{"use TLS"},
		},
		{
			"busy", AnalyzePorts(row(5000, 5002, 5003, 5007, 5008, 5010, 5011, 5014, 5015, 5016, 5018, 5019)), "Pure-FTPd", false,
			[]string{"count up", "about 3 ports", "guessed 10 of the last 10"},
			[]string{"PassivePortRange", "-p 50000:59999"},
			nil,
		},
		{"stride", AnalyzePorts(row(from(5000, 10, 12)...)), "FileZilla Server 1.8", false, []string{"each is 10 above the last"}, []string{"custom port range", "session resumption"}, nil},
		{"fixed", AnalyzePorts(row(5000, 5000, 5000, 5000, 5000)), "Microsoft FTP Service", false, []string{"always 5000"}, []string{"Data Channel Port Range"}, nil},
		{"IIS by name", inOrder, "IIS", false, nil, []string{"Data Channel Port Range"}, nil},
		{"narrow", ten, "pyftpdlib 2.0", false, []string{"only about 10"}, []string{"passive_ports"}, []string{"before the server named"}},
		{"unknown software", inOrder, "Hostile\x1b[31m 1.0", true, nil, []string{"at random from a wide range"}, []string{"Hostile", "\x1b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sentence, meaning, help := PortWarning(c.f, c.software, c.tls)
			t.Log(sentence, meaning, help)
			for _, want := range c.has {
				if !strings.Contains(sentence, want) {
					t.Errorf("no %q in %q", want, sentence)
				}
			}
			for _, want := range c.hasM {
				if !strings.Contains(meaning+" "+help, want) {
					t.Errorf("no %q in %q %q", want, meaning, help)
				}
			}
			for _, not := range c.not {
				if strings.Contains(sentence+meaning+help, not) {
					t.Errorf("%q in the text", not)
				}
			}
		})
	}
	if a, b, c := PortWarning(AnalyzePorts(nil), "vsftpd", true); a+b+c != "" {
		t.Errorf("words about nothing: %q", a+b+c)
	}
}
