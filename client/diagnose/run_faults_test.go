package diagnose_test

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"portside/client"
	"portside/client/diagnose"
	"portside/client/ftptest"
	"portside/client/transcript"
)

// TestHow checks how each fault shows in the attempts.
func TestHow(t *testing.T) {
	cases := map[string]struct {
		opts    []ftptest.Option
		methods string // that are to fail, others work
		how     string
		stop    diagnose.Hop
	}{
		"passive refused":  {[]ftptest.Option{ftptest.RefusePassive()}, "EPSV PASV", diagnose.HowRefused, diagnose.HopUnknown},
		"passive disabled": {[]ftptest.Option{ftptest.Reply("EPSV", "502 No."), ftptest.Reply("PASV", "502 No.")}, "EPSV PASV", diagnose.HowRejected, diagnose.HopServer},
		"EPSV dropped":     {[]ftptest.Option{ftptest.BlackHolePassive("EPSV")}, "EPSV", diagnose.HowDropped, diagnose.HopUnknown},
		"EPSV silent":      {[]ftptest.Option{ftptest.Reply("EPSV", ftptest.Silence)}, "EPSV", diagnose.HowSilent, diagnose.HopUnknown},
		"active illegal":   {[]ftptest.Option{ftptest.Reply("EPRT", "500 Illegal."), ftptest.Reply("PORT", "500 Illegal.")}, "EPRT PORT", diagnose.HowRejected, diagnose.HopServer},
		"active never":     {[]ftptest.Option{ftptest.NeverConnect()}, "EPRT PORT", diagnose.HowDropped, diagnose.HopUnknown},
		"active late":      {[]ftptest.Option{ftptest.Late425(1500 * time.Millisecond)}, "EPRT PORT", diagnose.HowDropped, diagnose.HopUnknown},
		"active at once":   {[]ftptest.Option{ftptest.Late425(0)}, "EPRT PORT", diagnose.HowDropped, diagnose.HopUnknown},
		"ghost":            {[]ftptest.Option{ftptest.GhostPassive(), ftptest.DataTimeout(time.Second)}, "EPSV PASV", diagnose.HowNoData, diagnose.HopUnknown},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := ftptest.NewServer(t, append(files(), c.opts...)...)
			rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"passive", "active"}})
			for _, m := range []string{"EPSV", "PASV", "EPRT", "PORT"} {
				list := attempts(rep, m)
				if !strings.Contains(c.methods, m) {
					if len(list) != 1 || list[0].Result != diagnose.Works {
						t.Errorf("%s: %+v", m, list)
					}
					continue
				}
				if len(list) != 2 {
					t.Errorf("%s was tried %d times, want 2", m, len(list))
				}
				for _, a := range list {
					if a.How != c.how || a.Stop != c.stop || a.Result != diagnose.Fails {
						t.Errorf("%s: %+v", m, a)
					}
					if ghost := name == "ghost"; a.Ghost != ghost {
						t.Errorf("%s: ghost is %v", m, a.Ghost)
					}
				}
			}
		})
	}
}

func TestListingRefused(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, ftptest.Reply("LIST", "550 Not for you."))
	rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"passive"}})
	for _, a := range rep.Methods {
		if a.How != diagnose.HowFile || a.Result != diagnose.Unknown || !strings.HasPrefix(a.Final, "550") {
			t.Errorf("%+v", a)
		}
	}
}

func TestAddressInTheReply(t *testing.T) {
	t.Parallel()
	t.Run("another network", func(t *testing.T) {
		srv := ftptest.NewServer(t, ftptest.PassiveAddress("10.1.2.3"))
		rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"passive"}})
		list := attempts(rep, "PASV")
		if len(list) != 1 || list[0].Announced.Addr().String() != "10.1.2.3" || list[0].Dialled.Addr().String() != "127.0.0.1" || list[0].Result != diagnose.Works {
			t.Errorf("%+v", list)
		}
		if p := probe(t, rep, "pasv-reply"); p.State != diagnose.StateSkipped || !strings.Contains(p.Detail, "10.1.2.3") {
			t.Errorf("the named address: %+v", p)
		}
	})
	t.Run("the same network", func(t *testing.T) {
		srv := ftptest.NewServer(t, ftptest.PassiveAddress("127.0.0.9"))
		rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"passive"}})
		list := slices.DeleteFunc(attempts(rep, "PASV"), func(a diagnose.Attempt) bool { return a.At != "reply" })
		if len(list) != 2 || list[0].Dialled.Addr().String() != "127.0.0.9" || list[0].How != diagnose.HowRefused {
			t.Errorf("%+v", list)
		}
	})
}

func TestStrangerIsReported(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, ftptest.Stranger("127.0.0.77"))
	rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"active"}})
	for _, m := range []string{"EPRT", "PORT"} {
		list := attempts(rep, m)
		if len(list) != 1 || list[0].Result != diagnose.Works || len(list[0].Strangers) != 1 || list[0].Peer.Addr().String() != "127.0.0.1" {
			t.Errorf("%s: %+v", m, list)
		}
	}
	if !slices.ContainsFunc(rep.Notes, func(n string) bool { return strings.Contains(n, "127.0.0.77") }) {
		t.Errorf("notes: %q", rep.Notes)
	}
}

func TestPartOfTheRange(t *testing.T) {
	t.Parallel()
	var asked atomic.Uint32
	srv := ftptest.NewServer(t, append(files(), ftptest.DropPorts(func(string, uint16) bool { return asked.Add(1)%4 == 0 }))...)
	rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"passive", "ports"}})
	open, shut := 0, 0
	for _, c := range rep.Coverage {
		switch c.Class {
		case diagnose.ClassOpen:
			open++
		case diagnose.ClassDropped:
			shut++
		default:
			t.Errorf("%+v", c)
		}
	}
	if open < 6 || shut < 2 || open+shut != 12 {
		t.Errorf("%d open and %d shut of %d", open, shut, len(rep.Coverage))
	}
	if p := probe(t, rep, "range"); p.Result != diagnose.Fails {
		t.Errorf("range: %+v", p)
	}
}

func TestSamplingStops(t *testing.T) {
	t.Parallel()
	refuse := func(code string) ftptest.Option {
		var n atomic.Uint32
		return ftptest.Handle("EPSV", func(c *ftptest.Conn, _ string) bool {
			if n.Add(1) < 5 {
				return false
			}
			c.Send(code + " Enough.")
			return true
		})
	}
	for _, code := range []string{"421", "425"} {
		srv := ftptest.NewServer(t, append(files(), refuse(code))...)
		rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"ports"}})
		if n := srv.Count("EPSV"); n != 5 || len(rep.Ports.Samples) != 4 {
			t.Errorf("%s: EPSV was sent %d times, %d samples", code, n, len(rep.Ports.Samples))
		}
	}
}

func TestPortsAsked(t *testing.T) {
	t.Parallel()
	for want, ask := range map[int]int{8: 1, 20: 20, 64: 1000} {
		srv := ftptest.NewServer(t, files()...)
		rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"ports"}, Ports: ask})
		if len(rep.Ports.Samples) != want || rep.Ports.Samples[0].Method != "EPSV" {
			t.Errorf("Ports %d: %d samples, want %d", ask, len(rep.Ports.Samples), want)
		}
	}
}

func TestLargePacketsLost(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, append(files(), ftptest.StallData(1448, "RETR"))...)
	rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"passive", "sizes"}})
	if len(rep.Sizes) != 2 || rep.Sizes[0].Result != diagnose.Works || rep.Sizes[1].Result != diagnose.Fails || rep.Sizes[1].Moved != 1448 || rep.Sizes[1].Bytes != 256<<10 {
		t.Errorf("sizes: %+v", rep.Sizes)
	}
}

func TestNoFileToReceive(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, ftptest.File("/small.txt", "hello"))
	rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"sizes"}})
	if p := probe(t, rep, "sizes"); p.State != diagnose.StateSkipped || len(rep.Sizes) > 0 {
		t.Errorf("%+v, %+v", p, rep.Sizes)
	}
}

// TestPlainLoginNeedsConsent looks at what goes over the wire in clear.
func TestPlainLoginNeedsConsent(t *testing.T) {
	t.Parallel()
	const password = "hunter2-secret"
	for _, consent := range []bool{false, true} {
		srv := ftptest.NewServer(t, append(files(), ftptest.TLS(), ftptest.User("jo", password))...)
		o := secure(srv)
		o.User, o.Password = "jo", password
		rep := diagnosed(t, srv, o, diagnose.Options{PlainLogin: consent})
		inClear := slices.ContainsFunc(srv.Conns(), func(c ftptest.ConnInfo) bool { return !c.TLS && slices.Contains(c.Verbs, "PASS") })
		if inClear != consent {
			t.Errorf("consent %v: PASS in clear: %v", consent, inClear)
		}
		without := 0
		for _, a := range rep.Methods {
			if !a.TLS {
				without++
			}
		}
		if (without == 4) != consent {
			t.Errorf("consent %v: %d attempts without TLS", consent, without)
		}
	}
}

// TestNothingSecretOrHarmful has a server that repeats the password and sends
// what a terminal obeys.
func TestNothingSecretOrHarmful(t *testing.T) {
	t.Parallel()
	const password = "hunter2-secret"
	evil := "\x1b[31m\x07\u202e" + strings.Repeat("x", 5000)
	srv := ftptest.NewServer(t, append(
		files(), ftptest.User("jo", password), ftptest.Greeting("220 "+evil),
		ftptest.Reply("STAT", "211-"+evil+"\n You said "+password+"\n211 End"),
		ftptest.Final("226 "+password+evil),
	)...)
	o := plain()
	o.User, o.Password = "jo", password
	o.Transcript = transcript.New(0, nil)
	rep := diagnosed(t, srv, o, diagnose.Options{})
	b, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), password) {
		i := strings.Index(string(b), password)
		t.Errorf("the password is in the report: %s", b[max(0, i-200):i+20])
	}
	var text any
	if err := json.Unmarshal(b, &text); err != nil {
		t.Fatal(err)
	}
	eachString(text, func(s string) {
		if len(s) > 20000 || strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || r == '\u202e') }) {
			t.Errorf("%d bytes: %.80q", len(s), s)
		}
	})
	if !slices.ContainsFunc(o.Transcript.Lines(), func(l transcript.Line) bool { return l.Conn > 1 && l.Kind == transcript.Command }) {
		t.Error("the transcript of the target has not got what was said")
	}
	if p := probe(t, rep, "epsv"); !slices.Contains(p.Said, "> EPSV") || !slices.Contains(p.Said, "> LIST") {
		t.Errorf("said: %q", p.Said)
	}
}

func eachString(v any, look func(string)) {
	switch v := v.(type) {
	case string:
		look(v)
	case []any:
		for _, x := range v {
			eachString(x, look)
		}
	case map[string]any:
		for _, x := range v {
			eachString(x, look)
		}
	}
}

func TestNoLogin(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		opts []ftptest.Option
		opt  client.Options
		kind string
	}{
		"wrong password": {nil, client.Options{Security: client.SecurityOff, User: "jo", Password: "no"}, "login"},
		"no TLS":         {nil, client.Options{Security: client.SecurityRequire}, "tls"},
		"certificate":    {[]ftptest.Option{ftptest.TLS()}, client.Options{Security: client.SecurityRequire}, "certificate"},
		"not FTP":        {[]ftptest.Option{ftptest.Greeting(ftptest.Raw("SSH-2.0-OpenSSH_9.6\r\n"))}, plain(), "other"},
		"crowded":        {[]ftptest.Option{ftptest.Greeting(ftptest.ThenClose("421 Too many."))}, plain(), "busy"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			srv := ftptest.NewServer(t, c.opts...)
			rep := diagnosed(t, srv, c.opt, diagnose.Options{})
			if rep.Error == "" || rep.ErrKind != c.kind || len(rep.Methods) > 0 {
				t.Errorf("error %q of kind %q, want %q", rep.Error, rep.ErrKind, c.kind)
			}
			if n := srv.Count("PASS"); n > 1 {
				t.Errorf("%d logins were tried", n)
			}
			if name == "not FTP" && !strings.HasPrefix(rep.Control[0].Said, "SSH-2.0") {
				t.Errorf("said: %+v", rep.Control[0])
			}
		})
	}
}

func TestMaskedBanner(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"220 ***************": true, "220 ****2****0*": true, "220 *** Welcome to our server ***": false} {
		srv := ftptest.NewServer(t, ftptest.Greeting(text))
		rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"control"}})
		if rep.Server.BannerMasked != want {
			t.Errorf("%q: masked is %v", text, rep.Server.BannerMasked)
		}
	}
}

func TestOverIPv6(t *testing.T) {
	t.Parallel()
	srv, err := ftptest.Start(append(files(), ftptest.IPv6())...)
	if err != nil {
		t.Skip("IPv6 is not available here:", err)
	}
	t.Cleanup(srv.Close)
	rep := diagnosed(t, srv, plain(), diagnose.Options{})
	for _, m := range []string{"EPSV", "EPRT"} {
		if list := attempts(rep, m); len(list) == 0 || list[0].Result != diagnose.Works || list[0].Family != 6 {
			t.Errorf("%s: %+v", m, list)
		}
	}
	for _, id := range []string{"pasv", "port"} {
		if p := probe(t, rep, id); p.State != diagnose.StateSkipped {
			t.Errorf("%s: %+v", id, p)
		}
	}
}

// TestBothFamilies has a host with an IPv4 and an IPv6 address.
func TestBothFamilies(t *testing.T) {
	t.Parallel()
	four := ftptest.NewServer(t, files()...)
	_, port, err := net.SplitHostPort(four.Addr)
	if err != nil {
		t.Fatal(err)
	}
	six, err := ftptest.Start(append(files(), ftptest.Addr("[::1]:"+port))...)
	if err != nil {
		t.Skip("IPv6 is not available here:", err)
	}
	t.Cleanup(six.Close)
	var res net.Resolver
	if list, lookErr := res.LookupNetIP(t.Context(), "ip6", "localhost"); lookErr != nil || len(list) == 0 {
		t.Skip("localhost has no IPv6 address here")
	}
	rep, err := diagnose.Run(t.Context(), diagnose.Target{Addr: "localhost:" + port, Options: plain()}, diagnose.Options{Only: []string{"passive", "active"}})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, a := range rep.Methods {
		if a.Result != diagnose.Works {
			t.Errorf("%+v", a)
		}
		seen[fmt.Sprint(a.Method, a.Family)] = true
	}
	for _, want := range []string{"EPSV4", "PASV4", "EPRT4", "PORT4", "EPSV6", "EPRT6"} {
		if !seen[want] {
			t.Errorf("%s was not tried: %v", want, seen)
		}
	}
}

func TestLong(t *testing.T) {
	t.Parallel()
	waits := []time.Duration{50 * time.Millisecond, 4 * time.Second, 30 * time.Second}
	srv := ftptest.NewServer(t, append(files(), ftptest.IdleTimeout(2*time.Second), ftptest.MaxConns(4))...)
	rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"limits"}, Long: true, LongWaits: waits})
	if l := rep.Limits; l.Most != 4 || !strings.Contains(l.MostErr, "421") {
		t.Errorf("connections: %+v", l)
	}
	idle := rep.Limits.Idle
	if len(idle) != 2 || idle[0].Result != diagnose.Works || idle[1].Result != diagnose.Fails || idle[1].Err == "" {
		t.Errorf("idle: %+v", idle)
	}
}
