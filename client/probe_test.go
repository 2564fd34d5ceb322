package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
)

// short are waits that let a test of silence end soon.
func short(spec client.ProbeSpec) client.ProbeSpec {
	spec.Answer, spec.Connect, spec.Accept, spec.Silence = time.Second, time.Second, time.Second, time.Second
	return spec
}

func methodsOf() []client.Method {
	return []client.Method{client.MethodEPSV, client.MethodPASV, client.MethodEPRT, client.MethodPORT}
}

func TestProbeTellsWhatWorks(t *testing.T) {
	kinds := map[string]struct {
		sec  client.Security
		opts []ftptest.Option
	}{
		"plain":         {client.SecurityOff, nil},
		"connect first": {client.SecurityOff, []ftptest.Option{ftptest.ConnectFirst()}},
		"no 150":        {client.SecurityOff, []ftptest.Option{ftptest.No150()}},
		"TLS 1.3":       {client.SecurityRequire, []ftptest.Option{ftptest.RequireSessionReuse()}},
		"TLS 1.2":       {client.SecurityRequire, []ftptest.Option{ftptest.RequireSessionReuse(), ftptest.TLSVersions(tls.VersionTLS12, tls.VersionTLS12)}},
	}
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			srv := ftptest.NewServer(t, append(k.opts, ftptest.File("/readme.txt", "hello"))...)
			s := dial(t, srv, optionsFor(srv, k.sec))
			for _, m := range methodsOf() {
				res := s.Probe(t.Context(), client.ProbeSpec{Method: m, Keep: 1000})
				if res.Err != nil || !res.Clean || !res.Connected || res.Final.Code != 226 || res.Reply.Class() != 2 {
					t.Fatalf("%s: %+v", m, res)
				}
				if !strings.Contains(string(res.Data), "readme.txt") || int64(len(res.Data)) != res.Bytes {
					t.Errorf("%s: %d bytes, kept %q", m, res.Bytes, res.Data)
				}
				if res.ReplyTook <= 0 || res.FirstByte <= 0 || res.Took < res.FirstByte {
					t.Errorf("%s: reply %v, first byte %v, all %v", m, res.ReplyTook, res.FirstByte, res.Took)
				}
				if secure := k.sec == client.SecurityRequire; (res.TLS != nil) != secure || secure && (!res.TLS.Resumed || !res.CloseNotify) {
					t.Errorf("%s: TLS %+v, close_notify %v", m, res.TLS, res.CloseNotify)
				}
				if res.Peer.Addr() != s.Info().Remote.Addr() {
					t.Errorf("%s: peer %v", m, res.Peer)
				}
			}
		})
	}
}

// A probeFailure is how a probe is to fail.
type probeFailure struct {
	methods []client.Method
	opts    []ftptest.Option
	step    string
	timeout bool
	code    int // of the final reply, or of the reply to the method's command
	clean   bool
}

func TestProbeTellsWhatFails(t *testing.T) {
	passive := []client.Method{client.MethodEPSV, client.MethodPASV}
	active := []client.Method{client.MethodEPRT, client.MethodPORT}
	cases := map[string]probeFailure{
		"dropped":     {passive, []ftptest.Option{ftptest.BlackHolePassive()}, client.StepDial, true, 0, true},
		"refused":     {passive, []ftptest.Option{ftptest.RefusePassive()}, client.StepDial, false, 0, true},
		"rejected":    {passive, []ftptest.Option{ftptest.Reply("EPSV", "502 No."), ftptest.Reply("PASV", "502 No.")}, client.StepNegotiate, false, 502, true},
		"unreadable":  {passive, []ftptest.Option{ftptest.Reply("EPSV", "229 Yes."), ftptest.Reply("PASV", "227 Yes.")}, client.StepNegotiate, false, 0, true},
		"silent":      {passive, []ftptest.Option{ftptest.Reply("EPSV", ftptest.Silence), ftptest.Reply("PASV", ftptest.Silence)}, client.StepNegotiate, true, 0, false},
		"never":       {active, []ftptest.Option{ftptest.NeverConnect()}, client.StepAccept, true, 0, true},
		"late 425":    {active, []ftptest.Option{ftptest.Late425(50 * time.Millisecond)}, client.StepAccept, false, 425, true},
		"illegal":     {active, []ftptest.Option{ftptest.Reply("EPRT", "500 Illegal."), ftptest.Reply("PORT", "500 Illegal.")}, client.StepNegotiate, false, 500, true},
		"no file":     {methodsOf(), []ftptest.Option{ftptest.Reply("LIST", "550 No.")}, "", false, 550, true},
		"no data":     {methodsOf(), []ftptest.Option{ftptest.StallData(0)}, client.StepCopy, true, 0, true},
		"stalls":      {methodsOf(), []ftptest.Option{ftptest.StallData(10)}, client.StepCopy, true, 0, true},
		"crowded":     {active, []ftptest.Option{ftptest.Reply421OnPort()}, client.StepNegotiate, false, 421, false},
		"wants reuse": {methodsOf(), []ftptest.Option{ftptest.RequireSessionReuse()}, "", false, 522, true},
	}
	for name, c := range cases {
		for _, m := range c.methods {
			t.Run(name+" "+m.String(), func(t *testing.T) {
				t.Parallel()
				srv := ftptest.NewServer(t, append(c.opts, ftptest.File("/readme.txt", strings.Repeat("hello", 100)))...)
				opt := client.Options{Security: client.SecurityOff}
				spec := client.ProbeSpec{Method: m}
				if c.timeout {
					spec = short(spec)
				}
				if name == "wants reuse" {
					opt, spec.FreshTLS = secure(srv, client.SecurityRequire), true
				}
				s := dial(t, srv, opt)
				checkFailure(t, s, s.Probe(t.Context(), spec), c)
			})
		}
	}
}

func checkFailure(t *testing.T, s *client.Session, res client.ProbeResult, want probeFailure) {
	t.Helper()
	if res.Err == nil || want.step != "" && res.Step != want.step {
		t.Fatalf("step %q, error %v, want one at %q", res.Step, res.Err, want.step)
	}
	var late *client.TimeoutError
	if errors.As(res.Err, &late) != want.timeout {
		t.Errorf("error %v, want a timeout: %v", res.Err, want.timeout)
	}
	var refused *client.ReplyError
	if errors.As(res.Err, &refused) != (want.code != 0) || want.code != 0 && refused.Reply.Code != want.code {
		t.Errorf("error %v, want reply %d", res.Err, want.code)
	}
	if res.Clean != want.clean {
		t.Fatalf("clean is %v: %+v", res.Clean, res)
	}
	if want.clean {
		if err := s.Noop(t.Context()); err != nil {
			t.Errorf("after it: %v", err)
		}
	}
}

func TestProbeUsesOneMethodOnly(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BlackHolePassive())
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	s.Probe(t.Context(), short(client.ProbeSpec{Method: client.MethodEPSV}))
	for _, verb := range []string{"PASV", "EPRT", "PORT", "LIST"} {
		if slices.Contains(srv.Verbs(), verb) {
			t.Errorf("%s was sent after EPSV had failed", verb)
		}
	}
}

func TestProbeRefusesStrangers(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Stranger("127.0.0.77"))
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	res := s.Probe(t.Context(), client.ProbeSpec{Method: client.MethodPORT})
	if res.Err != nil {
		t.Fatal(res.Err)
	}
	if len(res.Strangers) != 1 || res.Strangers[0].Addr() != netip.MustParseAddr("127.0.0.77") {
		t.Errorf("strangers %v, want the one from 127.0.0.77", res.Strangers)
	}
	if res.Peer.Addr() != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("peer %v, want the server", res.Peer)
	}
}

func TestProbeAtTheAddressInTheReply(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.PassiveAddress("127.0.0.9"))
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	res := s.Probe(t.Context(), client.ProbeSpec{Method: client.MethodPASV})
	if res.Err != nil || res.Announced.Addr().String() != "127.0.0.9" || res.Dialled.Addr().String() != "127.0.0.1" {
		t.Errorf("announced %v, dialled %v, error %v", res.Announced, res.Dialled, res.Err)
	}
	res = s.Probe(t.Context(), short(client.ProbeSpec{Method: client.MethodPASV, AtReply: true}))
	if res.Step != client.StepDial || res.Dialled.Addr().String() != "127.0.0.9" {
		t.Errorf("at the reply: step %q, dialled %v, error %v", res.Step, res.Dialled, res.Err)
	}
}

func TestProbeAnnouncesWhatItIsTold(t *testing.T) {
	srv := ftptest.NewServer(t)
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	res := s.Probe(t.Context(), client.ProbeSpec{Method: client.MethodPORT, Announce: netip.MustParseAddr("192.0.2.7")})
	if res.Announced.Addr().String() != "192.0.2.7" || !slices.ContainsFunc(srv.Commands(), func(c string) bool { return strings.HasPrefix(c, "PORT 192,0,2,7,") }) {
		t.Errorf("announced %v, commands %q", res.Announced, srv.Commands())
	}
	released := false
	res = s.Probe(t.Context(), client.ProbeSpec{Method: client.MethodEPRT, Map: func(_ context.Context, at netip.AddrPort) (netip.AddrPort, func(), error) {
		return at, func() { released = true }, nil
	}})
	if res.Err != nil || !released || res.Announced != res.Listener {
		t.Errorf("mapped: %v, released %v, announced %v for %v", res.Err, released, res.Announced, res.Listener)
	}
}

func TestProbeAsksOnly(t *testing.T) {
	srv := ftptest.NewServer(t)
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	ports := map[uint16]bool{}
	for range 4 {
		res := s.Probe(t.Context(), client.ProbeSpec{Method: client.MethodEPSV, AskOnly: true})
		if res.Err != nil || res.Connected || !res.Clean {
			t.Fatalf("%+v", res)
		}
		ports[res.Announced.Port()] = true
	}
	if len(ports) < 2 || srv.Count("LIST") != 0 {
		t.Errorf("%d ports, %d listings", len(ports), srv.Count("LIST"))
	}
}

func TestProbeCutsALongFile(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/big", 64<<20))
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	res := s.Probe(t.Context(), client.ProbeSpec{Method: client.MethodEPSV, Retrieve: "/big", MaxBytes: 256 << 10})
	if res.Err != nil || !res.Cut || !res.Clean || res.Bytes < 256<<10 || res.Bytes > 1<<20 {
		t.Errorf("error %v, cut %v, clean %v, %d bytes", res.Err, res.Cut, res.Clean, res.Bytes)
	}
	if _, err := s.List(t.Context(), ""); err != nil {
		t.Errorf("a listing after it: %v", err)
	}
}

func TestProbeEndsWithItsContext(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.NeverConnect())
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan client.ProbeResult)
	go func() { ended <- s.Probe(ctx, client.ProbeSpec{Method: client.MethodPORT, Accept: time.Minute}) }()
	if err := srv.WaitFor(t.Context(), "LIST"); err != nil {
		t.Fatal(err)
	}
	cancel()
	if res := <-ended; !errors.Is(res.Err, context.Canceled) || res.Clean {
		t.Errorf("error %v, clean %v", res.Err, res.Clean)
	}
}

func TestProbeSaysWhereAFloodComesFrom(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Reply("LIST", strings.Repeat("150 More.\n", 200)+"226 Done."))
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	res := s.Probe(t.Context(), short(client.ProbeSpec{Method: client.MethodPORT}))
	var limit *client.LimitError
	if !errors.As(res.Err, &limit) || res.Clean {
		t.Errorf("error %v, clean %v, want a limit", res.Err, res.Clean)
	}
}
