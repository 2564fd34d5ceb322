package main

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"

	"portside/cmd/portside/internal/handover"
	"portside/ui"
)

func TestExitCodes(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	for _, c := range []struct {
		name string
		args []string
		code int
		out  string // on standard output
		errs string // on standard error
	}{
		{"version", []string{"--version"}, 0, "portside ", ""},
		{"help", []string{"--help"}, 0, "", "Usage:"},
		{"unknown flag", []string{"--nonsense"}, 2, "", "nonsense"},
		{"two addresses", []string{"a", "b"}, 2, "", "more than one address"},
		{"demo and address", []string{"--demo", "a"}, 2, "", "leave the address out"},
		{"fault without demo", []string{"--fault", "ghost"}, 2, "", "--fault belongs to --demo"},
		{"unknown fault", []string{"--demo", "--fault", "nonsense"}, 2, "", "there is no fault"},
		{"site and address", []string{"--site", "x", "a"}, 2, "", "leave the address out"},
		{"site and demo", []string{"--site", "x", "--demo"}, 2, "", "leave the address out"},
		{"diagnose nothing", []string{"--diagnose"}, 2, "", "--diagnose wants"},
		{"unknown theme", []string{"--theme", "pink"}, 2, "", "pink"},
		{"unknown size", []string{"--size", "big"}, 2, "", "big"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), c.args, &out, &errs)
		if code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.errs) {
			t.Errorf("%s: exit %d, want %d\nout: %s\nerr: %s", c.name, code, c.code, &out, &errs)
		}
	}
}

func TestFlags(t *testing.T) {
	var errs bytes.Buffer
	opt, err := parseFlags([]string{"--theme", "dark", "--size", "900x600", "--screenshot", "a.png", "ftp://host/"}, &errs)
	if err != nil {
		t.Fatal(err)
	}
	if opt.theme != ui.ThemeDark || opt.size.Width != 900 || opt.size.Height != 600 || opt.screenshot != "a.png" || opt.address != "ftp://host/" {
		t.Errorf("%+v", opt)
	}
	if opt, err = parseFlags(nil, &errs); err != nil || opt.theme != ui.ThemeRemembered || opt.size.Width != 1280 || opt.demo {
		t.Errorf("defaults %+v, %v", opt, err)
	}
}

// What other programs hand over: a link is an address whatever it looks like, and only a
// path is a file.
func TestWhatIsOpened(t *testing.T) {
	for _, c := range []struct{ arg, address, imports string }{
		{"ftp://h/a.portside", "ftp://h/a.portside", ""},
		{"FTPS://h/--site=x", "FTPS://h/--site=x", ""},
		{"ftp.example.org", "ftp.example.org", ""},
		{"/tmp/my sites.portside", "", "/tmp/my sites.portside"},
		{"/tmp/SITES.PORTSIDE", "", "/tmp/SITES.PORTSIDE"},
		{"file:///tmp/my%20sites.portside", "", "/tmp/my sites.portside"},
		{"file://elsewhere/tmp/a.portside", "file://elsewhere/tmp/a.portside", ""},
		{"file:///etc/passwd", "file:///etc/passwd", ""},
	} {
		opt, err := parseFlags([]string{"--", c.arg}, io.Discard)
		if err != nil || opt.address != c.address || opt.imports != c.imports || opt.site != "" {
			t.Errorf("%s: address %q, imports %q, site %q, %v", c.arg, opt.address, opt.imports, opt.site, err)
		}
	}
	if opt, err := parseFlags([]string{"--site", "Work/backup"}, io.Discard); err != nil || opt.site != "Work/backup" {
		t.Errorf("--site: %q, %v", opt.site, err)
	}
}

// A window that is open is given the address, the site or the file, and nothing else: who
// says how the window is to be gets one.
func TestWhatIsHandedOver(t *testing.T) {
	for _, c := range []struct {
		args string
		want handover.Request
	}{
		{"ftp://h/a.portside", handover.Request{Address: "ftp://h/a.portside"}},
		{"-- /tmp/a.portside", handover.Request{Import: "/tmp/a.portside"}},
		{"--site Work/backup", handover.Request{Site: "Work/backup"}},
		{"", handover.Request{}},
		{"--new-window ftp://h/", handover.Request{}},
		{"--new-window --site x", handover.Request{}},
		{"--theme dark ftp://h/", handover.Request{}},
		{"--diagnose ftp://h/", handover.Request{}},
		{"--screenshot a.png ftp://h/", handover.Request{}},
		{"--demo", handover.Request{}},
	} {
		opt, err := parseFlags(strings.Fields(c.args), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		var got handover.Request
		if r := opt.request(); r != nil {
			got = *r
		}
		if got != c.want {
			t.Errorf("%q hands over %+v, want %+v", c.args, got, c.want)
		}
		if c.want == (handover.Request{}) {
			continue
		}
		if o, err := requested(got); err != nil || o != opt.opening() {
			t.Errorf("%q comes in as %+v, %v", c.args, o, err)
		}
	}
}

// What comes in is judged as an argument is.
func TestOddRequests(t *testing.T) {
	for _, r := range []handover.Request{
		{},
		{Address: "/tmp/a.portside"},
		{Address: "file:///tmp/a.portside"},
		{Import: "a.portside"},
		{Import: "/etc/passwd"},
		{Import: "ftp://h/a.portside"},
		{Address: "ftp://h/", Site: "x"},
		{Site: "x", Import: "/tmp/a.portside"},
	} {
		if o, err := requested(r); err == nil {
			t.Errorf("%+v comes in as %+v", r, o)
		}
	}
	for _, args := range []string{"--demo", "--screenshot a.png", "--bench-table 9", "--bench-transfers 9"} {
		if opt, err := parseFlags(strings.Fields(args), io.Discard); err != nil || !opt.ofItsOwn() {
			t.Errorf("%s: %v, a window like others", args, err)
		}
	}
}

func TestParseSize(t *testing.T) {
	for _, bad := range []string{"", "x", "100", "1280x", "x800", "10x10", "99999x800", "-5x900"} {
		if got, err := parseSize(bad); err == nil {
			t.Errorf("parseSize(%q) = %v", bad, got)
		}
	}
}

func TestWhereEditedFilesAre(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems name one folder")
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	for data, want := range map[string]string{
		"/data": "/data/portside/edited", "": home + "/.local/share/portside/edited", "data": home + "/.local/share/portside/edited",
	} {
		t.Setenv("XDG_DATA_HOME", data)
		if got := editDir(options{}); got != want {
			t.Errorf("with %q: %q, want %q", data, got, want)
		}
	}
	if got := editDir(options{screenshot: "x.png"}); got != "" {
		t.Errorf("for a picture: %q", got)
	}
}
