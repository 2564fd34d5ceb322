package cli

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"portside/client/sites"
)

// The table of options has every field of the file, but those that nobody sets.
func TestEveryFieldOfASiteHasAnOption(t *testing.T) {
	inTable := []string{"id", "used"}
	for _, f := range siteFields() {
		inTable = append(inTable, strings.Fields(f.json)...)
		if f.help == "" || f.get == nil || f.set == nil {
			t.Errorf("--%s is not complete", f.option)
		}
	}
	var inFile []string
	var walk func(prefix string, of reflect.Type)
	walk = func(prefix string, of reflect.Type) {
		for field := range of.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "proxy" {
				walk("proxy.", field.Type)
				continue
			}
			inFile = append(inFile, prefix+name)
		}
	}
	walk("", reflect.TypeFor[sites.Site]())
	slices.Sort(inTable)
	slices.Sort(inFile)
	if !slices.Equal(inTable, inFile) {
		t.Errorf("the table has\n%q, the file\n%q", inTable, inFile)
	}
	doc := manual(t)
	for _, f := range siteFields() {
		if !strings.Contains(doc, "`--"+f.option) {
			t.Errorf("docs/cli.md does not name --%s", f.option)
		}
	}
}

// What a field shows is what its option takes.
func TestFieldsThereAndBack(t *testing.T) {
	values := map[string][]string{
		"name": {"N"}, "folder": {"A/B"}, "host": {"h"}, "port": {"2121"}, "tls": {"require"}, "user": {"u"}, "logon": {"ask"}, "account": {"a"},
		"mode": {"epsv"}, "prefer-active": {"true"}, "active-ports": {"50000-50100"}, "active-address": {"server"}, "trust-pasv-address": {"true"},
		"charset": {"latin1"}, "time-offset": {"-05:30"}, "after-login": {"NOOP", "SITE HELP"}, "proxy": {"ftp://joe%20x@p:2121"}, "proxy-form": {"open"},
		"client-cert": {"/c.pem"}, "client-key": {"/c.key"}, "local-dir": {"/l"}, "remote-dir": {"r"}, "sync-dirs": {"true"}, "max-connections": {"3"},
		"down-limit": {"500000"}, "up-limit": {"7"}, "exists": {"newer"}, "temp-upload": {"true"}, "colour": {"red"}, "notes": {"n"},
		"bookmark": {"a=/b", "c=d=/e", "f=g==sync"},
	}
	var s sites.Site
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags := addSiteFlags(fs)
	var args []string
	for _, f := range siteFields() {
		for _, v := range values[f.option] {
			args = append(args, "--"+f.option+"="+v)
		}
	}
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	if err := flags.apply(&s); err != nil {
		t.Fatal(err)
	}
	for _, f := range siteFields() {
		if got := f.get(&s); !slices.Equal(got, values[f.option]) || len(got) == 0 {
			t.Errorf("--%s shows %q, want %q", f.option, got, values[f.option])
		}
	}
	for _, f := range siteFields() {
		empty := []string{""}
		if f.many {
			empty = nil
		}
		if err := f.set(&s, empty); err != nil {
			t.Errorf("--%s set back: %v", f.option, err)
		}
	}
	if !reflect.DeepEqual(s, sites.Site{}) {
		t.Errorf("after all was set back: %+v", s)
	}
}

func TestProxiesOfTheCommandLine(t *testing.T) {
	for in, want := range map[string]string{
		"none": "none", "SYSTEM": "system", "socks5://p:1080": "socks5://p:1080", "socks5h://p": "socks5://p", "http://a@p:3128/": "http://a@p:3128",
		"ftp://[::1]:2121": "ftp://[::1]:2121",
	} {
		p, err := parseProxy(in)
		if got := proxyURL(p.Kind, p.Addr, p.User); err != nil || got != want {
			t.Errorf("parseProxy(%q) = %s, %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"p:1080", "socks4://p", "http://", "http://p:x", "http://p/path", "socks5://a:SECRET@p", "socks5://a%zz@p", "http://a@SECRET:b@p"} {
		if _, err := parseProxy(in); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("parseProxy(%q): %v", in, err)
		}
	}
}

func TestOffsets(t *testing.T) {
	for in, want := range map[string]int{
		"2h": 120, "-90m": -90, "+05:30": 330, "05:30": 330, "-0330": -210, "0": 0, "1h30m": 90, "-00:30": -30,
	} {
		got, err := parseOffsetMinutes(in)
		if err != nil || got != want {
			t.Errorf("%q is %d minutes, %v, want %d", in, got, err, want)
		}
		back, err := parseOffsetMinutes(offsetText(want))
		if err != nil || back != want {
			t.Errorf("%q is %d minutes, %v, want %d", offsetText(want), back, err, want)
		}
	}
	for _, in := range []string{"", "x", "30h", "1s", "5:99", "::", "+-1:00", "12345"} {
		if _, err := parseOffset(in); err == nil {
			t.Errorf("%q is taken", in)
		}
	}
}
