package cli

import (
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/sites"
	"portside/client/trust"
	"portside/transfers"
)

// withSites is a program with saved sites in memory.
func withSites(t *testing.T, list ...sites.Site) *program {
	t.Helper()
	book, err := sites.Open("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = book.Add(list...); err != nil {
		t.Fatal(err)
	}
	return &program{saved: book, given: func(string) bool { return false }}
}

func TestSiteNames(t *testing.T) {
	p := withSites(
		t, sites.Site{Name: "Web shop", Folder: []string{"Work"}, Host: "w"}, sites.Site{Name: "a: b", Host: "ab"}, sites.Site{Name: "a", Host: "a"},
		sites.Site{Name: "example.org", Host: "example.org"}, sites.Site{Name: "C", Host: "c"}, sites.Site{Name: "box", Host: "box.example"},
		sites.Site{Name: "Two", Folder: []string{"X"}, Host: "x"}, sites.Site{Name: "Two", Folder: []string{"Y"}, Host: "y"},
		sites.Site{Name: "nas", Host: "nas"},
	)
	for in, want := range map[string]string{
		"Web shop:x/y": "w x/y", "work/web SHOP:": "w ", "a: b:c:d": "ab c:d", "a:c": "a c", "a: c": "a  c", "C:dir": "c dir",
		"box:2024/report": "box.example 2024/report", "X/Two:/a": "x /a",
		"example.org:sub":    "example.org sub",
		"example.org:2121/x": "", "nas:2121": "", "nas:21/x": "", "ftp://a:1/": "", "[::1]:21": "", "other:x": "", "plain": "", ":x": "", "./a:b": "",
	} {
		s, path, found, err := p.splitSite(in)
		got := ""
		if found {
			got = s.Host + " " + path
		}
		if err != nil || got != want {
			t.Errorf("%q names %q, %v, want %q", in, got, err, want)
		}
	}
	if _, _, _, err := p.splitSite("two:x"); err == nil || !strings.Contains(err.Error(), `"X/Two", "Y/Two"`) {
		t.Errorf("an ambiguous name: %v", err)
	}
	for in, want := range map[string]bool{`C:\dir`: false, "C:dir": false, "Co:dir": true, "plain": false} {
		if got := mayNameSite(in, "windows"); got != want {
			t.Errorf("on Windows %q may name a site: %v", in, got)
		}
	}
}

// What looks like a password is never shown as the name of a site.
func TestUnknownNamesAndAddresses(t *testing.T) {
	p := withSites(t, sites.Site{Name: "Shop", Host: "w"})
	for in, want := range map[string]string{
		"Shpo:x":            `No saved site is called "Shpo".`,
		"no such thing:/x":  `No saved site is called "no such thing".`,
		"mara:SECRET@h/x":   "",
		"mara:SECRET/x@h":   "the address is not written well",
		"host:2121/x":       "",
		"host:99999999/x":   "the port in the address",
		"host:":             "",
		"2001:db8::1:21/xx": "",
	} {
		_, err := p.parseAddress(in)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", in, err, want)
		case err != nil && strings.Contains(err.Error(), "SECRET"):
			t.Errorf("%q shows the password: %v", in, err)
		}
	}
	pr, _ := explain(unknownSite("shpo", p.savedSites().Content().Sites))
	if pr.Code != exitUsage || !strings.Contains(pr.Hint, `Did you mean "Shop"?`) {
		t.Errorf("the hint is %q, the code %d", pr.Hint, pr.Code)
	}
}

func TestSitePaths(t *testing.T) {
	for _, c := range []struct{ dir, below, want string }{
		{"", "", ""},
		{"", "a/b", "a/b"},
		{"", "/a", "/a"},
		{"pub", "a", "pub/a"},
		{"pub/", "a", "pub/a"},
		{"pub", "", "pub/"},
		{"/pub", "a/", "/pub/a/"},
		{"/pub", "/etc", "/etc"},
		{"/", "a", "/a"},
	} {
		a := siteAddress(sites.Site{Name: "S", Host: "h", RemoteDir: c.dir}, "S:"+c.below, c.below)
		if a.path != c.want {
			t.Errorf("%q in %q is %q, want %q", c.below, c.dir, a.path, c.want)
		}
	}
	latin1 := func(s string) (string, error) { return client.EncodeText("latin1", s) }
	a := siteAddress(sites.Site{Name: "S", Host: "h", RemoteDir: "ä"}, "S:ö%41", "ö%41")
	if err := a.encode(latin1); err != nil || a.path != "\xe4/\xf6%41" {
		t.Errorf("encoded: %q, %v", a.path, err)
	}
}

func TestRulesOfSites(t *testing.T) {
	plain := address{}
	at := func(rule string) address {
		return address{site: &sites.Site{Exists: rule, DownLimit: 10, MaxConnections: 2}}
	}
	f := transferFlags{exists: transfers.Overwrite, existsGiven: &optionValue[transfers.Exists]{}}
	for rule, want := range map[string]transfers.Exists{"": transfers.Overwrite, "skip": transfers.Skip, "newer": transfers.Newer, "ask": transfers.Fail} {
		if got := f.ruleFor(at(rule)); got != want {
			t.Errorf("a site with the rule %q gives %v, want %v", rule, got, want)
		}
	}
	if got := f.ruleForStdin(at("newer")); got != transfers.Fail {
		t.Errorf("stdin with the rule newer: %v", got)
	}
	if got := f.ruleFor(plain); got != transfers.Overwrite {
		t.Errorf("no site: %v", got)
	}
	if one := f.forOne(at("skip"), false); one.pace == nil || one.exists != transfers.Skip {
		t.Errorf("for one file: %+v", one)
	}
	if one := f.forOne(at("skip"), true); one.pace != nil {
		t.Error("the rate of downloads holds for an upload")
	}
	if l := f.limitsOf(at("")); l.MaxConnections != 2 || l.Down != 10 {
		t.Errorf("limits: %+v", l)
	}
	given := transferFlags{exists: transfers.Skip, existsGiven: &optionValue[transfers.Exists]{text: "skip"}, jobs: 5, limit: 7}
	if got := given.ruleFor(at("newer")); got != transfers.Skip {
		t.Errorf("the command line does not count more: %v", got)
	}
	if l := given.limitsOf(at("")); l.MaxConnections != 0 || l.Down != 0 {
		t.Errorf("limits beside those of the command line: %+v", l)
	}
}

func TestSideBySide(t *testing.T) {
	old := trust.Server{Addr: "h:21", Subject: "CN=\x1b[2Jold", Fingerprint: strings.Repeat("ab", 32), Since: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}
	fresh := trust.Server{Addr: "h:21", Subject: "CN=" + strings.Repeat("long", 30), Fingerprint: strings.Repeat("cd", 32)}
	text := sideBySide(old, fresh)
	for line := range strings.SplitSeq(text, "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("a line of %d characters: %q", n, line)
		}
	}
	if strings.Contains(text, "\x1b") || !strings.Contains(text, "trusted since 2026-01-02") || strings.Count(text, "AB:AB") == 0 {
		t.Errorf("shown:\n%s", text)
	}
	if got := strings.Count(text, "\n! "); got != 2 {
		t.Errorf("%d lines are marked, want the subject and the fingerprint:\n%s", got, text)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"work", "wrk", 1}, {"shop", "shpo", 1}, {"abcd", "dcba", 3}, {"backup", "backups", 1}, {"ä", "a", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
