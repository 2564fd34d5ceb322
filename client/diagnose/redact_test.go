package diagnose

import (
	"bytes"
	"strings"
	"testing"
)

// privateScene mentions people, hosts, addresses and files wherever a report can.
func privateScene() *scene {
	s := richScene()
	s.Server.Host, s.Server.Addr = "ftp.example.org", "ftp.example.org:2121"
	s.Server.Banner = "Welcome to www.customer-site.example at 198.51.100.20, mara"
	s.Server.Status = "Connected to 203.0.113.7\nLogged in as mara\nTYPE: ASCII\n::ffff:203.0.113.7"
	s.Server.LoginText = "User mara logged in. Last login from 192.0.2.77 (home.mara.example)"
	s.Local.Network = "192.168.1.0/24 via 192.168.1.1"
	s.Local.Interfaces = []Interface{{Name: "eth0"}}
	s.Methods[1].Reply = "227 Entering Passive Mode (198,51,100,20,195,83)"
	s.Probes[0].Said = []string{"> USER mara", "> PASS ****", `< 257 "/home/mara" is the current directory`, "> RETR /home/mara/secret plans.odt", "> LIST -a /home/mara", "> EPRT |1|192.168.1.10|40001|", "> PORT 192,168,1,10,156,65"}
	s.Notes = []string{"connection from 192.0.2.66:4444 refused", "connecting to [2001:db8::77]:50000", "user Mara, mara@customer-site.example"}
	return s
}

func TestRedactTakesOutWhatIsPrivate(t *testing.T) {
	s := privateScene()
	Judge(&s.Report)
	before := asJSON(t, &s.Report)
	red := Redact(&s.Report)
	text := asJSON(t, red)
	for _, secret := range []string{
		"mara", "Mara", "example.org", "customer-site", "198.51.100.20", "198,51,100,20", "203.0.113.7", "192.168.1", "192,168,1,10",
		"192.0.2.77", "192.0.2.66", "2001:db8::77", "secret plans",
	} {
		if strings.Contains(text, secret) {
			i := strings.Index(text, secret)
			t.Errorf("%q is still there: …%s…", secret, text[max(0, i-60):min(len(text), i+60)])
		}
	}
	for _, kept := range []string{"50003", "40001", "61613", "195,83", "server:2121", "Entering Passive Mode (server,195,83)", "Connected to client-outside", "> EPRT |1|client|40001|", "> PORT client,156,65", "> USER user", "> RETR path", "> LIST -a path", "pasv_min_port", "2026-03-14"} {
		if !strings.Contains(text, kept) {
			t.Errorf("%q is gone", kept)
		}
	}
	if asJSON(t, &s.Report) != before {
		t.Error("the report itself was changed")
	}
	if given(red) != given(&s.Report) || red.ExitCode() != s.ExitCode() {
		t.Errorf("verdicts changed: %s", given(red))
	}
	Judge(red)
	if given(red) != given(&s.Report) {
		t.Errorf("judged anew %s, was %s", given(red), given(&s.Report))
	}
}

// The classes of addresses stay, since verdicts rest on them.
func TestRedactKeepsVerdictsOfAllScenes(t *testing.T) {
	for _, c := range sceneCases() {
		s := c.make()
		red := Redact(&s.Report)
		Judge(red)
		if given(red) != c.want {
			t.Errorf("%s: %s, want %s", c.name, given(red), c.want)
		}
	}
}

// The same thing has the same token everywhere, and redacting twice changes
// nothing that matters.
func TestRedactIsStable(t *testing.T) {
	s := privateScene()
	one, two := asJSON(t, Redact(&s.Report)), asJSON(t, Redact(&s.Report))
	if one != two {
		t.Error("two runs differ")
	}
}

// A user who is called like a word of the report does not spoil it.
func TestRedactUserCalledOK(t *testing.T) {
	s := newScene().passive(Works, "", 50001, millis(30))
	s.Notes = []string{"ok logged in"}
	red := Redact(&s.Report, "ok")
	if red.Methods[0].How != HowOK || red.Notes[0] != "user logged in" {
		t.Errorf("how %q, note %q", red.Methods[0].How, red.Notes[0])
	}
}

// A name can be any bytes.
func TestRedactTakesAnyName(t *testing.T) {
	s := newScene().passive(Works, "", 50001, millis(30))
	s.Notes = []string{`r\xc3mi logged in`, "a(b logged in"}
	red := Redact(&s.Report, "r\xc3mi", "a(b", "", "x")
	if red.Notes[0] != "user logged in" || red.Notes[1] != "user logged in" {
		t.Errorf("%q", red.Notes)
	}
}

func asJSON(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
