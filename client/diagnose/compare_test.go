package diagnose

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestCompareWords(t *testing.T) {
	works := func() *scene { return newScene().passive(Works, "", 50001, millis(30)).active(Works, "") }
	for _, c := range []struct {
		name string
		a, b *scene
		want string // a part of the sentences
		not  string
	}{
		{"passive dropped on A", newScene().passive(Fails, HowDropped, 50001, millis(3000)), works(), "On B passive works and on A its ports are dropped before the server: A's firewall stands in the way", "On A passive works"},
		{"passive turned away on B", works(), newScene().passive(Fails, HowRefused, 50001, millis(1)), "On A passive works and on B its ports are turned away before the server: B's firewall", "On B passive works"},
		{"NAT on B", works(), newScene().behindNAT().passive(Works, "", 50001, millis(30)).active(Fails, HowDropped), "On A the server's calls arrive (active mode) and on B they do not: B's router (NAT)", "firewall"},
		{"stopped on both", newScene().passive(Fails, HowDropped, 50001, millis(3000)), newScene().passive(Fails, HowDropped, 50011, millis(3000)), "on both networks: most likely by the server's firewall", "A's firewall"},
		{"refused on both", newScene().refuse("PASV", "502 no"), newScene().refuse("PASV", "502 no"), "refuses passive mode on both", "firewall"},
		{"the same", works(), works(), "the same on both", "firewall"},
		{"no session on A", newScene().noSession(ClassDropped, "timeout", "no answer"), works(), "what stands in the way is on A's side", "B's"},
		{"TLS on A only", newScene().withTLS().passive(Works, "", 50001, millis(30)), newScene().passive(Works, "", 50001, millis(30)), "Only A is encrypted", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			Judge(&c.a.Report)
			Judge(&c.b.Report)
			got := strings.Join(Compare(&c.a.Report, &c.b.Report).Sentences, " ")
			if !strings.Contains(got, c.want) || c.not != "" && strings.Contains(got, c.not) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestCompareFacts(t *testing.T) {
	a := newScene().behindNAT().passive(Fails, HowDropped, 50001, millis(3000))
	b := newScene().passive(Works, "", 50001, millis(90)).found(PortsInOrder, 1, 11, 11)
	b.Local.Addr, b.Local.External, b.Server.RTT = ipAddr("203.0.113.99"), ipAddr("203.0.113.99"), millis(90)
	Judge(&a.Report)
	Judge(&b.Report)
	c := Compare(&a.Report, &b.Report)
	for _, want := range []Difference{
		{"EPSV over IPv4", "fails: dropped", "works"},
		{"address translation (NAT)", "yes", "no"},
		{"address as the server sees it", outsideIP, "203.0.113.99"},
		{"order of ports", "random", "sequential"},
		{"round trip", "30 ms", "90 ms (by 3.0)"},
		{"verdict", "PASV_DROPPED", ""},
		{"verdict", "", "PORTS_SEQUENTIAL"},
	} {
		if !slices.Contains(c.Differences, want) {
			t.Errorf("no %+v in %+v", want, c.Differences)
		}
	}
	if !c.SameServer || c.A.ExitCode != ExitNoData || c.B.ExitCode != ExitWarnings {
		t.Errorf("same server %v, exit codes %d and %d", c.SameServer, c.A.ExitCode, c.B.ExitCode)
	}
	var text bytes.Buffer
	if err := c.WriteText(&text); err != nil || !strings.Contains(text.String(), "EPSV over IPv4:\n  A  fails: dropped\n  B  works\n") {
		t.Errorf("%v\n%s", err, text.String())
	}
	if raw, err := json.Marshal(c); err != nil || !strings.Contains(string(raw), `"same_server":true`) {
		t.Errorf("%v %s", err, raw)
	}
}

func TestCompareOfDifferentServers(t *testing.T) {
	a, b := newScene(), newScene()
	b.Server.Addr, b.Server.Remote = "other.example.org:21", ipPort("192.0.2.50", 21)
	c := Compare(&a.Report, &b.Report)
	if c.SameServer || !strings.Contains(c.Sentences[0], "different servers") {
		t.Errorf("%+v", c)
	}
}
