package client_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/modes"
	"portside/client/transcript"
)

// relogin is a server to which the tests log in more than once.
type relogin struct {
	srv *ftptest.Server
	mem *modes.Memory
	rec *transcript.Recorder
	opt client.Options
	key modes.Key
}

func newRelogin(t *testing.T, sec client.Security, server ...ftptest.Option) *relogin {
	t.Helper()
	mem, err := modes.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mem.Close() })
	r := &relogin{srv: ftptest.NewServer(t, server...), mem: mem, rec: transcript.New(5000, nil)}
	r.opt = optionsFor(r.srv, sec)
	r.opt.Security, r.opt.Memory, r.opt.Transcript = sec, mem, r.rec
	network := modes.LocalNetwork(t.Context(), netip.MustParseAddr("127.0.0.1")).String()
	r.key = modes.Key{Server: r.srv.Addr, TLS: sec == client.SecurityRequire, Network: network}
	return r
}

// login logs in and returns the Session with the number of waits that it took: that for
// the greeting, and one for all commands that no reply was waited for in between. A TLS
// handshake is one more.
func (r *relogin) login(t *testing.T) (s *client.Session, waits int, sent []string) {
	t.Helper()
	before := len(r.rec.Lines())
	s = dial(t, r.srv, r.opt)
	waits, sent = exchanges(r.rec.Lines()[before:])
	return s, waits, sent
}

// apply changes the script of the server.
func (r *relogin) apply(t *testing.T, opt ftptest.Option) {
	t.Helper()
	if err := r.srv.Apply(opt); err != nil {
		t.Fatal(err)
	}
}

func exchanges(lines []transcript.Line) (waits int, sent []string) {
	received := false
	for _, l := range lines {
		switch l.Kind {
		case transcript.Received:
			if !received {
				waits++
			}
			received = true
		case transcript.Command:
			received = false
			sent = append(sent, l.Text)
		case transcript.Note:
		}
	}
	return waits, sent
}

func TestSecondLoginTakesFewRoundTrips(t *testing.T) {
	cases := map[string]struct {
		sec                  client.Security
		server               []ftptest.Option
		first, skips, second int
	}{
		"auto, plain": {client.SecurityAuto, nil, 11, 8, 5},
		"off":         {client.SecurityOff, nil, 10, 7, 4},
		"TLS":         {client.SecurityRequire, []ftptest.Option{ftptest.TLS()}, 13, 10, 5},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRelogin(t, c.sec, c.server...)
			one, waits, _ := r.login(t)
			if waits != c.first {
				t.Errorf("the first login waits %d times, want %d", waits, c.first)
			}
			two, waits, sent := r.login(t)
			if waits != c.skips {
				t.Errorf("a login to a server that was met before waits %d times, want %d: %q", waits, c.skips, sent)
			}
			r.mem.Ahead(r.key, true, time.Now())
			// The first reply to what is sent together comes when all of it is there.
			n := r.srv.Count("PWD") + 1
			r.apply(t, ftptest.Handle("CLNT", func(c *ftptest.Conn, _ string) bool {
				if err := r.srv.WaitForCount(c.Context(), "PWD", n); err != nil {
					t.Error(err)
				}
				return false
			}))
			three, waits, sent := r.login(t)
			if waits != c.second {
				t.Errorf("a login whose commands are sent together waits %d times, want %d: %q", waits, c.second, sent)
			}
			for _, s := range []*client.Session{two, three} {
				if !slices.Equal(s.Features().Lines(), one.Features().Lines()) || s.Info().System != one.Info().System || s.Info().Home != one.Info().Home {
					t.Errorf("got %q, %+v", s.Features().Lines(), s.Info())
				}
				put(t, s, "/a", "hello", client.TransferOptions{})
				if got := string(get(t, s, "/a")); got != "hello" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
}

// A server that is known from another day is asked for its features, in the same write.
func TestFirstLoginOfTheProcessWhereAheadIsKnown(t *testing.T) {
	r := newRelogin(t, client.SecurityOff)
	r.mem.Ahead(r.key, true, time.Now())
	s, waits, sent := r.login(t)
	if waits != 6 || s.Info().System == "" || !s.Features().Has("MLST") {
		t.Errorf("%d waits: %q", waits, sent)
	}
	plain := newRelogin(t, client.SecurityOff)
	_, _, want := plain.login(t)
	slices.Sort(want)
	slices.Sort(sent)
	if !slices.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
}

// writes keeps what is written, write by write.
type writes struct {
	net.Dialer
	mu  sync.Mutex // guards all
	all []string
}

type writesConn struct {
	net.Conn
	w *writes
}

func (w *writes) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := w.Dialer.DialContext(ctx, network, addr)
	return &writesConn{nc, w}, err
}

func (c *writesConn) Write(b []byte) (int, error) {
	c.w.mu.Lock()
	c.w.all = append(c.w.all, string(b))
	c.w.mu.Unlock()
	return c.Conn.Write(b)
}

func TestPasswordWaitsForTheReplyToUser(t *testing.T) {
	r := newRelogin(t, client.SecurityAuto)
	w := &writes{}
	r.opt.Dialer = w
	r.login(t)
	r.mem.Ahead(r.key, true, time.Now())
	w.all = nil
	r.login(t)
	want := []string{"AUTH TLS", "USER", "PASS", "CLNT"}
	w.mu.Lock()
	defer w.mu.Unlock()
	var got []string
	for i, text := range w.all {
		verb, _, _ := strings.Cut(strings.TrimSpace(text), "\r\n")
		if i > 0 {
			verb, _, _ = strings.Cut(verb, " ")
		}
		got = append(got, verb)
		if n := strings.Count(text, "\r\n"); i < 3 && n != 1 || i == 3 && n < 4 {
			t.Errorf("%d commands in write %d", n, i)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("writes begin with %q, want %q", got, want)
	}
}

// What is odd in the middle of commands that were sent together ends in a plain login,
// or in the error that a plain login would have met; the next one is plain.
func TestOddRepliesToWhatIsSentTogether(t *testing.T) {
	drop := func(c *ftptest.Conn, _ string) bool { c.Close(); return true }
	once := func(fn func(*ftptest.Conn, string) bool) func(*ftptest.Conn, string) bool {
		var first sync.Once
		return func(c *ftptest.Conn, arg string) (done bool) {
			first.Do(func() { done = fn(c, arg) })
			return done
		}
	}
	cases := map[string]struct {
		script ftptest.Option
		verb   string // of the *ReplyError
		code   int    // of it; 0: the login succeeds
		lasts  bool   // the next ones are plain, also in other processes
		ahead  bool   // the next login is sent together all the same
	}{
		"closes":              {script: ftptest.Handle("TYPE", once(drop))},
		"one too many":        {script: ftptest.Times(1, ftptest.Reply("CLNT", ftptest.Raw("200 Noted.\r\n200 Again.\r\n"))), lasts: true},
		"out of order":        {script: ftptest.Times(1, ftptest.Reply("TYPE", `257 "/" is where you are`)), lasts: true},
		"a preliminary reply": {script: ftptest.Times(1, ftptest.Reply("TYPE", ftptest.Raw("150 Soon.\r\n200 Done.\r\n"))), lasts: true},
		"says nothing":        {script: ftptest.Times(1, ftptest.Reply("TYPE", ftptest.Silence)), lasts: true},
		"no end":              {script: ftptest.Times(1, ftptest.Reply("PWD", ftptest.Silence))},
		"garbage":             {script: ftptest.Times(1, ftptest.Reply("TYPE", ftptest.Raw("what?\r\n")))},
		"421":                 {script: ftptest.Times(1, ftptest.Reply("TYPE", ftptest.ThenClose("421 Too many of you."))), code: 421},
		"421, staying":        {script: ftptest.Times(1, ftptest.Reply("TYPE", "421 Too many of you.")), code: 421},
		"refuses TYPE":        {script: ftptest.Times(1, ftptest.Reply("TYPE", "504 Not here.")), verb: "TYPE", code: 504, ahead: true},
		"refuses CLNT":        {script: ftptest.Times(1, ftptest.Reply("CLNT", "500 What?")), ahead: true},
		"refuses PWD":         {script: ftptest.Times(1, ftptest.Reply("PWD", "550 Not yours.")), ahead: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelogin(t, client.SecurityOff)
			if r.opt.Timeout = patience; name == "says nothing" || name == "no end" {
				r.opt.Timeout = 3 * time.Second
			}
			r.login(t)
			r.mem.Ahead(r.key, true, time.Now())
			r.apply(t, c.script)
			s, err := client.Dial(t.Context(), r.srv.Addr, r.opt)
			var refused *client.ReplyError
			var de *client.DialError
			switch {
			case c.code == 0 && err != nil:
				t.Fatal(err)
			case c.code == 0:
				put(t, s, "/a", "hello", client.TransferOptions{})
				if err = s.Close(); err != nil {
					t.Error(err)
				}
			case !errors.As(err, &de) || de.Op != client.OpLogin || !errors.As(err, &refused) || refused.Verb != c.verb || refused.Reply.Code != c.code:
				t.Fatalf("got %v", err)
			}
			_, works := r.mem.Lookup(r.key).Ahead(time.Now())
			if works == c.lasts {
				t.Errorf("remembered for other processes: %v", !works)
			}
			if r.mem.LogsInAhead(r.key, time.Now()) != c.ahead {
				t.Errorf("the next login is sent together: %v", !c.ahead)
			}
			_, waits, sent := r.login(t)
			if plain := waits == len(sent)+1; plain == c.ahead {
				t.Errorf("%d waits: %q", waits, sent)
			}
		})
	}
}

// What a server does not know though it lists it is asked for again.
func TestFeaturesThatAreRefusedAreAskedForAgain(t *testing.T) {
	r := newRelogin(t, client.SecurityOff)
	r.login(t)
	r.apply(t, ftptest.Times(1, ftptest.Reply("CLNT", "500 What?")))
	if _, _, sent := r.login(t); slices.Contains(sent, "FEAT") {
		t.Fatalf("sent %q", sent)
	}
	if _, _, sent := r.login(t); !slices.Contains(sent, "FEAT") {
		t.Errorf("sent %q", sent)
	}
	s, _, sent := r.login(t)
	if slices.Contains(sent, "FEAT") {
		t.Fatalf("sent %q", sent)
	}
	r.apply(t, ftptest.Without("MLSD", "MLST"))
	if _, err := s.List(t.Context(), "/"); err != nil {
		t.Fatal(err)
	}
	if s, _, sent = r.login(t); !slices.Contains(sent, "FEAT") || s.Features().Has("MLSD") {
		t.Errorf("sent %q", sent)
	}
}

// A server that refused TLS is asked for it the next time all the same, and what it said
// in plain is not believed of a protected connection.
func TestNothingOfPlainIsKnownWithTLS(t *testing.T) {
	r := newRelogin(t, client.SecurityAuto, ftptest.TLS(), ftptest.Times(1, ftptest.Reply("AUTH", "500 What?")))
	r.opt.RootCAs = r.srv.RootCAs()
	if s, _, _ := r.login(t); s.Info().TLS != nil {
		t.Fatal("TLS")
	}
	r.mem.Ahead(r.key, true, time.Now())
	s, waits, sent := r.login(t)
	if s.Info().TLS == nil || waits != len(sent)+1 || !slices.Contains(sent, "FEAT") {
		t.Errorf("%d waits: %q", waits, sent)
	}
}
