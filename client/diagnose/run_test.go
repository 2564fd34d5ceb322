package diagnose_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/client/diagnose"
	"portside/client/ftptest"
)

// files are what the test servers hold: something small and something large.
func files() []ftptest.Option {
	return []ftptest.Option{ftptest.File("/small.txt", "hello"), ftptest.BigFile("/big.bin", 1<<20)}
}

// wellFor is how long a diagnosis may take where all is well.
const wellFor = 12 * time.Second

func plain() client.Options { return client.Options{Security: client.SecurityOff} }

func secure(srv *ftptest.Server) client.Options {
	return client.Options{Security: client.SecurityRequire, RootCAs: srv.RootCAs()}
}

// diagnosed runs a diagnosis and checks what holds for all of them.
func diagnosed(t *testing.T, srv *ftptest.Server, o client.Options, opt diagnose.Options) *diagnose.Report {
	t.Helper()
	rep, err := diagnose.Run(t.Context(), diagnose.Target{Addr: srv.Addr, Options: o}, opt)
	if err != nil {
		t.Fatal(err)
	}
	checkForm(t, rep, opt)
	for _, verb := range []string{"STOR", "APPE", "STOU", "DELE", "MKD", "RMD", "RNFR", "RNTO", "SITE", "MFMT"} {
		if srv.Count(verb) > 0 {
			t.Errorf("%s was sent: a diagnosis changes nothing", verb)
		}
	}
	return rep
}

// checkForm checks that a report is whole.
func checkForm(t *testing.T, rep *diagnose.Report, opt diagnose.Options) {
	t.Helper()
	plan := diagnose.Plan(opt)
	if len(rep.Probes) != len(plan) {
		t.Fatalf("%d probes, the plan has %d", len(rep.Probes), len(plan))
	}
	for i, p := range rep.Probes {
		if p.ID != plan[i].ID {
			t.Errorf("probe %d is %s, the plan has %s", i, p.ID, plan[i].ID)
		}
		if p.State != diagnose.StateDone && p.State != diagnose.StateSkipped {
			t.Errorf("%s is left %s", p.ID, p.State)
		}
		if p.State == diagnose.StateSkipped && (p.Result != diagnose.Unknown || p.Detail == "") {
			t.Errorf("%s was skipped: %s, %q", p.ID, p.Result, p.Detail)
		}
	}
	for _, a := range rep.Methods {
		if (a.Result == diagnose.Works) != (a.How == diagnose.HowOK) || a.Began.IsZero() || a.Family == 0 {
			t.Errorf("attempt %+v", a)
		}
	}
	if !slices.IsSortedFunc(rep.Methods, func(a, b diagnose.Attempt) int { return a.Began.Compare(b.Began) }) {
		t.Error("the attempts are not in order")
	}
	if _, err := json.Marshal(rep); err != nil {
		t.Error(err)
	}
}

// attempts returns those of one method.
func attempts(rep *diagnose.Report, method string) []diagnose.Attempt {
	var out []diagnose.Attempt
	for _, a := range rep.Methods {
		if a.Method == method {
			out = append(out, a)
		}
	}
	return out
}

func probe(t *testing.T, rep *diagnose.Report, id string) diagnose.Probe {
	t.Helper()
	for _, p := range rep.Probes {
		if p.ID == id {
			return p
		}
	}
	t.Fatalf("there is no probe %q", id)
	return diagnose.Probe{}
}

func TestAllWell(t *testing.T) {
	t.Parallel()
	var srv *ftptest.Server
	var live []diagnose.Probe
	var seen []diagnose.Attempt
	var rep *diagnose.Report
	for range 3 { // on a busy computer the 300 ms of SelfReach may pass
		srv, live, seen = ftptest.NewServer(t, files()...), nil, nil
		rep = diagnosed(t, srv, plain(), diagnose.Options{
			Version: "1", OnProbe: func(p diagnose.Probe) { live = append(live, p) }, OnAttempt: func(a diagnose.Attempt) { seen = append(seen, a) },
		})
		if rep.Local.SelfReach == diagnose.Works {
			break
		}
	}
	for _, m := range []string{"EPSV", "PASV", "EPRT", "PORT"} {
		list := attempts(rep, m)
		if len(list) == 0 || list[0].Result != diagnose.Works || list[0].Bytes == 0 || list[0].Reply == "" || !strings.HasPrefix(list[0].Final, "226") {
			t.Errorf("%s: %+v", m, list)
		}
	}
	if took := time.Duration(rep.Took); took > wellFor || rep.Stopped != "" || rep.Error != "" {
		t.Errorf("took %s, stopped %q, error %q", took, rep.Stopped, rep.Error)
	}
	home := netip.MustParseAddr("127.0.0.1")
	if l := rep.Local; l.Addr != home || l.Class != "loopback" || l.External != home || l.ExternalBy != "STAT" || l.NAT != diagnose.Fails || l.SelfReach != diagnose.Works {
		t.Errorf("local: %+v", l)
	}
	if s := rep.Server; s.Remote.String() != srv.Addr || s.Banner == "" || s.BannerMasked || len(s.FeatBefore) == 0 || len(s.FeatAfter) == 0 || s.RTT <= 0 || s.ConnectRTT <= 0 || s.System == "" || s.LoginText == "" {
		t.Errorf("server: %+v", s)
	}
	if len(rep.Ports.Samples) < 12 || len(rep.Coverage) != 12 || rep.Limits.Second != diagnose.Works || rep.TLS != nil {
		t.Errorf("%d samples, %d covered, limits %+v, TLS %+v", len(rep.Ports.Samples), len(rep.Coverage), rep.Limits, rep.TLS)
	}
	if len(rep.Sizes) != 2 || rep.Sizes[0].Moved != 5 || rep.Sizes[1].Moved < 256<<10 || rep.Sizes[0].Result != diagnose.Works || rep.Sizes[1].Result != diagnose.Works {
		t.Errorf("sizes: %+v", rep.Sizes)
	}
	if rep.Control[0].What != diagnose.WhatFTP || rep.Control[0].Class != diagnose.ClassOpen || len(rep.Control) != 5 {
		t.Errorf("control: %+v", rep.Control)
	}
	if n := srv.Count("PASS"); n > 3 {
		t.Errorf("%d logins", n)
	}
	checkLive(t, rep, live, seen)
	if srv.OpenConns() > 0 {
		if err := srv.WaitConns(t.Context(), 0); err != nil {
			t.Error(err)
		}
	}
}

// checkLive checks what was told while the diagnosis ran.
func checkLive(t *testing.T, rep *diagnose.Report, live []diagnose.Probe, seen []diagnose.Attempt) {
	t.Helper()
	state := map[string]string{}
	for _, p := range live {
		switch {
		case p.State == diagnose.StateRunning && state[p.ID] == "", p.State == diagnose.StateSkipped, p.State == diagnose.StateDone && state[p.ID] == diagnose.StateRunning:
			state[p.ID] = p.State
		default:
			t.Errorf("%s went from %q to %q", p.ID, state[p.ID], p.State)
		}
	}
	for _, p := range rep.Probes {
		if state[p.ID] != p.State {
			t.Errorf("%s was told to be %q, the report has %q", p.ID, state[p.ID], p.State)
		}
	}
	if len(seen) != len(rep.Methods) {
		t.Errorf("%d attempts were told, the report has %d", len(seen), len(rep.Methods))
	}
}

func TestAllWellWithTLS(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, append(files(), ftptest.RequireSessionReuse())...)
	rep := diagnosed(t, srv, secure(srv), diagnose.Options{})
	f := rep.TLS
	if f == nil || f.Version != "TLS 1.3" || f.Tries != 6 || f.Worked != 6 || f.Resumed != 6 || f.FirstFailed != 0 || f.Required != diagnose.Works || f.CloseNotify != diagnose.Works {
		t.Errorf("TLS: %+v", f)
	}
	for _, a := range rep.Methods {
		if a.TLS && (!a.Resumed || a.Result != diagnose.Works) {
			t.Errorf("attempt: %+v", a)
		}
	}
	if !slices.ContainsFunc(rep.Server.FeatBefore, func(l string) bool { return l == "AUTH TLS" }) {
		t.Errorf("features before TLS: %q", rep.Server.FeatBefore)
	}
	if took := time.Duration(rep.Took); took > wellFor {
		t.Errorf("took %s", took)
	}
}

func TestTLSFacts(t *testing.T) {
	cases := map[string]struct {
		opts []ftptest.Option
		want func(*diagnose.TLSFacts) bool
	}{
		"no closing mark": {[]ftptest.Option{ftptest.NoCloseNotify()}, func(f *diagnose.TLSFacts) bool { return f.CloseNotify == diagnose.Fails && f.Worked == 6 }},
		"resumption is free": {[]ftptest.Option{ftptest.TLS()}, func(f *diagnose.TLSFacts) bool {
			return f.Required == diagnose.Fails && f.CloseNotify == diagnose.Works
		}},
		"tickets run out": {[]ftptest.Option{ftptest.TLS(), ftptest.Handle("LIST", failAfter(5))}, func(f *diagnose.TLSFacts) bool {
			return f.FirstFailed > 1 && f.Worked < f.Tries
		}},
		"only 1.2": {[]ftptest.Option{ftptest.TLS(), ftptest.Handle("LIST", func(c *ftptest.Conn, _ string) bool {
			if c.TLSVersion() < 0x0304 {
				return false
			}
			c.Send("522 SSL connection failed: session reuse required.")
			return true
		})}, func(f *diagnose.TLSFacts) bool { return f.Only12 && f.Required == diagnose.Works }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := ftptest.NewServer(t, append(files(), c.opts...)...)
			rep := diagnosed(t, srv, secure(srv), diagnose.Options{Only: []string{"passive", "active", "tls"}})
			if rep.TLS == nil || !c.want(rep.TLS) {
				t.Errorf("TLS: %+v\n%+v", rep.TLS, probe(t, rep, "tls"))
			}
		})
	}
}

// failAfter refuses listings after the first n.
func failAfter(n int32) func(*ftptest.Conn, string) bool {
	var count atomic.Int32
	return func(c *ftptest.Conn, _ string) bool {
		if count.Add(1) <= n {
			return false
		}
		c.Send("522 SSL connection failed.")
		return true
	}
}

func TestOnly(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ sent, unsent []string }{
		"passive": {[]string{"EPSV", "PASV", "LIST"}, []string{"EPRT", "PORT", "RETR"}},
		"active":  {[]string{"EPRT", "PORT", "LIST"}, []string{"EPSV", "PASV", "RETR"}},
		"ports":   {[]string{"EPSV"}, []string{"LIST", "PASV", "EPRT", "PORT", "RETR"}},
		"sizes":   {[]string{"RETR"}, []string{"EPRT", "PORT", "PASV"}},
		"control": {[]string{"STAT", "FEAT"}, []string{"EPSV", "PASV", "EPRT", "PORT", "LIST"}},
		"limits":  {[]string{"STAT"}, []string{"EPSV", "PASV", "EPRT", "PORT", "LIST"}},
	}
	for group, c := range cases {
		t.Run(group, func(t *testing.T) {
			srv := ftptest.NewServer(t, files()...)
			diagnosed(t, srv, plain(), diagnose.Options{Only: []string{group}})
			for _, v := range c.sent {
				if srv.Count(v) == 0 {
					t.Errorf("%s was not sent", v)
				}
			}
			for _, v := range c.unsent {
				if srv.Count(v) > 0 {
					t.Errorf("%s was sent", v)
				}
			}
		})
	}
}

func TestParseOnly(t *testing.T) {
	got, err := diagnose.ParseOnly(" passive, TLS,")
	if err != nil || !slices.Equal(got, []string{"passive", "tls"}) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := diagnose.ParseOnly("passive,dns"); err == nil {
		t.Error("dns was taken for a group")
	}
}

// TestCancelled stops a diagnosis in the middle of a silent attempt.
func TestCancelled(t *testing.T) {
	t.Parallel()
	unspoilt(t, func() (wrong []string) {
		if late := cancelledDiagnosis(t); late > time.Second {
			wrong = append(wrong, fmt.Sprintf("it went on for %s", late))
		}
		return wrong
	})
}

// cancelledDiagnosis returns for how long one goes on when it has been cancelled.
func cancelledDiagnosis(t *testing.T) time.Duration {
	t.Helper()
	srv := ftptest.NewServer(t, append(files(), ftptest.BlackHolePassive(), ftptest.NeverConnect())...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var ended time.Time
	rep, err := diagnose.Run(ctx, diagnose.Target{Addr: srv.Addr, Options: plain()}, diagnose.Options{OnProbe: func(p diagnose.Probe) {
		if p.ID == "eprt" && p.State == diagnose.StateRunning {
			ended = time.Now()
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	late := time.Since(ended)
	checkForm(t, rep, diagnose.Options{})
	if rep.Stopped == "" || rep.Server.Banner == "" {
		t.Errorf("stopped %q, banner %q", rep.Stopped, rep.Server.Banner)
	}
	for _, a := range rep.Methods {
		if a.Result == diagnose.Fails {
			t.Errorf("an attempt that was broken off counts as a failure: %+v", a)
		}
	}
	if p := probe(t, rep, "sizes"); p.State != diagnose.StateSkipped || p.Result != diagnose.Unknown {
		t.Errorf("sizes: %+v", p)
	}
	return late
}

func TestBudget(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, append(files(), ftptest.BlackHolePassive(), ftptest.NeverConnect())...)
	var rep *diagnose.Report
	unspoilt(t, func() (wrong []string) {
		began := time.Now()
		rep = diagnosed(t, srv, plain(), diagnose.Options{Budget: 5 * time.Second})
		if took := time.Since(began); took > 6*time.Second {
			wrong = append(wrong, fmt.Sprintf("took %s with a budget of 5 s", took))
		}
		return wrong
	})
	if p := probe(t, rep, "ports"); p.State != diagnose.StateSkipped {
		t.Errorf("ports: %+v", p)
	}
	if len(attempts(rep, "EPSV")) == 0 {
		t.Error("the first probe of all was not done")
	}
}

// TestEverythingDropped has to end within 30 s, also where the server lets in one
// connection at a time.
func TestEverythingDropped(t *testing.T) {
	for name, extra := range map[string][]ftptest.Option{"several connections": nil, "one connection": {ftptest.MaxConns(1)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var srv *ftptest.Server
			var rep *diagnose.Report
			unspoilt(t, func() (wrong []string) {
				srv = ftptest.NewServer(t, append(append(files(), ftptest.BlackHolePassive(), ftptest.NeverConnect()), extra...)...)
				rep = diagnosed(t, srv, plain(), diagnose.Options{})
				took := time.Duration(rep.Took)
				t.Logf("took %s", took)
				if took > 30*time.Second || rep.Stopped != "" {
					wrong = append(wrong, fmt.Sprintf("took %s, stopped %q", took, rep.Stopped))
				}
				return wrong
			})
			for _, m := range []string{"EPSV", "PASV", "EPRT", "PORT"} {
				list := attempts(rep, m)
				if len(list) < 2 {
					t.Errorf("%s was tried %d times only", m, len(list))
				}
				for _, a := range list {
					if a.How != diagnose.HowDropped || a.Result != diagnose.Fails {
						t.Errorf("%s: %+v", m, a)
					}
				}
			}
			outside := 0
			for _, c := range rep.Control {
				if c.What == diagnose.WhatOutside && c.Class == diagnose.ClassRefused {
					outside++
				}
			}
			if outside != 2 {
				t.Errorf("%d ports outside the offer were refused: %+v", outside, rep.Control)
			}
			if want := map[bool]diagnose.Result{true: diagnose.Works, false: diagnose.Fails}[extra == nil]; rep.Limits.Second != want {
				t.Errorf("second connection: %+v", rep.Limits)
			}
			if n := srv.Count("PASS"); n > 6 {
				t.Errorf("%d logins", n)
			}
		})
	}
}

func TestOneConnection(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, append(files(), ftptest.MaxConns(1))...)
	rep := diagnosed(t, srv, plain(), diagnose.Options{})
	for _, m := range []string{"EPSV", "PASV", "EPRT", "PORT"} {
		if list := attempts(rep, m); len(list) == 0 || list[0].Result != diagnose.Works {
			t.Errorf("%s: %+v", m, list)
		}
	}
	if rep.Limits.Second != diagnose.Fails || !strings.Contains(rep.Limits.SecondErr, "421") {
		t.Errorf("limits: %+v", rep.Limits)
	}
}
