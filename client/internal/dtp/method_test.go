package dtp

import (
	"net/netip"
	"testing"
)

func TestParsePASV(t *testing.T) {
	for in, want := range map[string]string{
		"Entering Passive Mode (127,0,0,1,200,10).": "127.0.0.1:51210",
		"Entering Passive Mode 127,0,0,1,200,10":    "127.0.0.1:51210",
		"=127,0,0,1,200,10":                         "127.0.0.1:51210",
		"ok (10, 0, 0, 5, 4, 1)":                    "10.0.0.5:1025",
		"mode 2 (1,2,3,4,5,6) now":                  "1.2.3.4:1286",
		"1,2,3,4,5":                                 "",
		"(256,0,0,1,200,10)":                        "",
		"(127,0,0,1,0,21)":                          "",
		"(127,0,0,1,300,10)":                        "",
		"":                                          "",
		"(-1,0,0,1,200,10)":                         "",
		"(1000,0,0,1,200,10)":                       "",
	} {
		got, err := ParsePASV(in)
		if (err == nil) != (want != "") || err == nil && got.String() != want {
			t.Errorf("ParsePASV(%q) = %v, %v, want %q", in, got, err, want)
		}
	}
}

func TestParseEPSV(t *testing.T) {
	for in, want := range map[string]uint16{
		"Entering Extended Passive Mode (|||6446|)": 6446,
		"ok (!!!50000!)":       50000,
		"no brackets |||1025|": 1025,
		"(|||80|)":             0,
		"(|||70000|)":          0,
		"(|||-1|)":             0,
		"(||6446|)":            0,
		"(|||6446":             0,
		"(11164461)":           0,
		"":                     0,
	} {
		got, err := ParseEPSV(in)
		if (err == nil) != (want != 0) || got != want {
			t.Errorf("ParseEPSV(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
}

func TestArguments(t *testing.T) {
	if got := formatPORT(netip.MustParseAddrPort("192.0.2.7:51210")); got != "192,0,2,7,200,10" {
		t.Errorf("PORT %s", got)
	}
	for in, want := range map[string]string{"192.0.2.7:51210": "|1|192.0.2.7|51210|", "[fe80::1%eth0]:1025": "|2|fe80::1|1025|"} {
		if got := formatEPRT(netip.MustParseAddrPort(in)); got != want {
			t.Errorf("EPRT %s, want %s", got, want)
		}
	}
}

func TestPortRange(t *testing.T) {
	for in, want := range map[string]PortRange{"": {}, "6000-7000": {6000, 7000}, "6000": {6000, 6000}} {
		if got, err := ParsePortRange(in); err != nil || got != want {
			t.Errorf("ParsePortRange(%q) = %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"80-90", "7000-6000", "a-b", "70000-70001", "6000-"} {
		if got, err := ParsePortRange(in); err == nil {
			t.Errorf("ParsePortRange(%q) = %v", in, got)
		}
	}
}

func TestListenInRange(t *testing.T) {
	addr := netip.MustParseAddr("127.0.0.1")
	first, err := Listen(t.Context(), addr, PortRange{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	bound, err := AddrPort(first.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if ln, busyErr := Listen(t.Context(), addr, PortRange{bound.Port(), bound.Port()}); busyErr == nil {
		_ = ln.Close()
		t.Error("listened twice on one port")
	}
}

func FuzzPassiveReplies(f *testing.F) {
	for _, s := range []string{"(127,0,0,1,200,10)", "(|||6446|)", "=1,2,3,4,5,6", "(!!!50000!)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if ap, err := ParsePASV(in); err == nil && (!ap.Addr().Is4() || ap.Port() < lowestPort) {
			t.Errorf("ParsePASV(%q) = %v", in, ap)
		}
		if port, err := ParseEPSV(in); err == nil && port < lowestPort {
			t.Errorf("ParseEPSV(%q) = %d", in, port)
		}
	})
}
