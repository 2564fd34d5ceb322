package client_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"portside/client"
	"portside/client/ftptest"
)

// The replies of vsftpd, ProFTPD, Pure-FTPd and pyftpdlib are as the real servers send
// them, with other addresses.
var externalTexts = []struct {
	name, kind, server, text, want string // want is empty where nothing must be taken
}{
	{
		"vsftpd", "STAT", "203.0.113.5",
		"FTP server status:\n     Connected to 192.0.2.7\n     Logged in as skipper\n     TYPE: BINARY\n     No session bandwidth limit\n     Session timeout in seconds is 300\n     Control connection is plain text\n     Data connections will be plain text\n     At session startup, client count was 1\n     vsFTPd 3.0.3 - secure, fast, stable\nEnd of status", "192.0.2.7",
	},
	{"vsftpd on a dual socket", "STAT", "203.0.113.5", "FTP server status:\n     Connected to ::ffff:192.0.2.7\n     vsFTPd 3.0.3 - secure, fast, stable\nEnd of status", "192.0.2.7"},
	{"vsftpd over IPv6", "STAT", "2001:db8::21", "FTP server status:\n     Connected to 2001:db8:1::7\n     vsFTPd 3.0.3 - secure, fast, stable\nEnd of status", "2001:db8:1::7"},
	{"vsftpd on loopback", "STAT", "127.0.0.1", "FTP server status:\n     Connected to 127.0.0.1\n     vsFTPd 3.0.3 - secure, fast, stable\nEnd of status", "127.0.0.1"},
	{"vsftpd behind the NAT of the client", "STAT", "198.51.100.1", "FTP server status:\n     Connected to 198.51.100.1\n     vsFTPd 3.0.3 - secure, fast, stable\nEnd of status", "198.51.100.1"},
	{
		"ProFTPD", "STAT", "203.0.113.5",
		"Status of 'portside'\n Connected from client.example.net (192.0.2.7)\n Logged in as skipper\n TYPE: BINARY, STRUcture: File, Mode: Stream\n No data connection\nEnd of status", "192.0.2.7",
	},
	{"ProFTPD without names", "STAT", "203.0.113.5", "Status of 'portside'\n Connected from 192.0.2.7 (192.0.2.7)\n Logged in as skipper\nEnd of status", "192.0.2.7"},
	{"ProFTPD over IPv6", "STAT", "::1", "Status of 'portside'\n Connected from ::1 (::1)\nEnd of status", "::1"},
	{"a name that is an address", "STAT", "203.0.113.5", "Status of 'x'\n Connected from 10.9.9.9 (192.0.2.7)\nEnd of status", "192.0.2.7"},
	{"Pure-FTPd", "STAT", "203.0.113.5", "https://www.pureftpd.org/", ""},
	{"pyftpdlib tells its own", "STAT", "203.0.113.5", "FTP server status:\n Connected to: 10.0.0.5:21\n Logged in as: skipper\n TYPE: Binary; STRUcture: File; MODE: Stream\n Data connection closed.\nEnd of status.", ""},
	{"pyftpdlib over IPv6", "STAT", "2001:db8::21", "FTP server status:\n Connected to: 2001:db8::21:36223\nEnd of status.", ""},
	{"its own without a colon", "STAT", "203.0.113.5", "FTP server status:\n     Connected to 10.0.0.5\n     Logged in as skipper\nEnd of status", ""},
	{"ftpserverlib", "STAT", "203.0.113.5", "Server status\nConnected to 0.0.0.0:21 from 192.0.2.7:51234 for 5s\nLogged in as skipper", "192.0.2.7"},
	{"ftpserverlib over IPv6", "STAT", "2001:db8::21", "Server status\nConnected to :21 from [2001:db8:1::7]:51234 for 5s", "2001:db8:1::7"},
	{"Apache FtpServer", "STAT", "203.0.113.5", "Apache FtpServer\nConnected from 192.0.2.7\nConnected to 10.0.0.5\nLogged in as skipper\nEnd of status.", "192.0.2.7"},
	{"BSD", "STAT", "203.0.113.5", "ftp.example.org FTP server status:\n     Version 6.4\n     Connected to client.example.net (192.0.2.7)\n     Logged in as skipper\nEnd of status", "192.0.2.7"},
	{"BSD, naming the server", "STAT", "203.0.113.5", "status:\n     Connected to ftp.example.org (203.0.113.5)\nEnd of status", ""},
	{"loopback told by a far server", "STAT", "203.0.113.5", "Status\n Connected from localhost (127.0.0.1)\nEnd", ""},
	{"no address at all", "STAT", "203.0.113.5", "Status\n Connected from client.example.net\nEnd", ""},
	{"multicast", "STAT", "203.0.113.5", "Status\n Connected from 224.0.0.1\nEnd", ""},

	{"ProFTPD's greeting", "220", "203.0.113.5", "ProFTPD Server (portside) [10.0.0.5]", ""},
	{"Pure-FTPd's greeting", "220", "203.0.113.5", "--------- Welcome to Pure-FTPd [privsep] [TLS] ----------\nYou are user number 1 of 200 allowed.\nLocal time is now 07:41. Server port: 21.\nThis is a private system - No anonymous login\nYou will be disconnected after 15 minutes of inactivity.", ""},
	{"user number", "230", "203.0.113.5", "You are user number 3 of 50 from 192.0.2.7", "192.0.2.7"},
	{"your IP", "220", "203.0.113.5", "Welcome to example.org (203.0.113.5), your IP is 192.0.2.7.", "192.0.2.7"},
	{"your IP address", "230", "203.0.113.5", "Hello skipper\nYour IP address is: 192.0.2.7", "192.0.2.7"},
	{"connected from", "220", "2001:db8::21", "You are connected from [2001:db8:1::7]:51234", "2001:db8:1::7"},
	{"the last login", "230", "203.0.113.5", "Welcome skipper, your last login was from 198.51.100.9", ""},
	{"the server's own", "220", "203.0.113.5", "Welcome, you are connected to 203.0.113.5", ""},
	{"the server's own as yours", "220", "203.0.113.5", "Your IP is 203.0.113.5", ""},
	{"a mirror", "220", "203.0.113.5", "Welcome user, this is mirrored from 198.51.100.9", ""},
	{"a version", "220", "203.0.113.5", "You are welcome. Server 1.2.3.4 ready", ""},
	{"a name of another family", "220", "203.0.113.5", "Your host is 300.1.2.3", ""},
	{"no kind", "", "203.0.113.5", "Connected from 192.0.2.7", ""},
	{"far down", "STAT", "203.0.113.5", strings.Repeat("filler\n", 5000) + " Connected from 192.0.2.7", ""},
	{"a long line", "STAT", "203.0.113.5", "Connected to " + strings.Repeat("x", 70000) + " from 192.0.2.7", ""},
}

func TestExternalAddress(t *testing.T) {
	for _, c := range externalTexts {
		got, ok := client.ExternalAddress(c.kind, c.text, netip.MustParseAddr(c.server))
		switch {
		case ok != (c.want != "") || ok && got.String() != c.want:
			t.Errorf("%s: ExternalAddress = %v, %v; want %q", c.name, got, ok, c.want)
		case !ok && got.IsValid():
			t.Errorf("%s: address %v although nothing was found", c.name, got)
		}
	}
}

func FuzzExternalAddress(f *testing.F) {
	for _, c := range externalTexts {
		f.Add(c.kind, c.text)
	}
	server := netip.MustParseAddr("203.0.113.5")
	f.Fuzz(func(t *testing.T, kind, text string) {
		a, ok := client.ExternalAddress(kind, text, server)
		if ok != a.IsValid() || ok && (client.AddressClass(a) == "" || a.IsLoopback() || a.Zone() != "" || a.Is4In6()) {
			t.Errorf("ExternalAddress(%q, %q) = %v, %v", kind, text, a, ok)
		}
	})
}

func TestAddressClass(t *testing.T) {
	for addr, want := range map[string]string{
		"8.8.8.8": "public", "192.0.2.7": "public", "172.32.0.1": "public", "100.128.0.1": "public", "2001:db8::1": "public", "::ffff:8.8.8.8": "public",
		"10.0.0.1": "private", "172.16.0.1": "private", "192.168.1.1": "private", "::ffff:10.0.0.1": "private",
		"100.64.0.1": "cgnat", "100.127.255.255": "cgnat", "192.0.0.2": "cgnat",
		"fd00::1": "ula", "fc00::1": "ula", "127.0.0.1": "loopback", "::1": "loopback",
		"169.254.1.1": "link-local", "fe80::1%eth0": "link-local",
		"0.0.0.0": "", "::": "", "224.0.0.1": "", "ff02::1": "", "255.255.255.255": "", "0.1.2.3": "", "240.0.0.1": "",
	} {
		if got := client.AddressClass(netip.MustParseAddr(addr)); got != want {
			t.Errorf("AddressClass(%s) = %q, want %q", addr, got, want)
		}
	}
	if got := client.AddressClass(netip.Addr{}); got != "" {
		t.Errorf("AddressClass of no address = %q", got)
	}
}

func TestSessionExternalAddress(t *testing.T) {
	const stat = "211-Status of 'x'\n Connected from client.example.net (192.0.2.7)\n211 End of status"
	for _, c := range []struct {
		name       string
		opts       []ftptest.Option
		want, from string
		asks       int // how often STAT is sent for two questions
	}{
		{"STAT", []ftptest.Option{ftptest.Reply("STAT", stat)}, "192.0.2.7", "STAT", 1},
		{"login", []ftptest.Option{ftptest.Reply("PASS", "230 Hello, your IP is 198.51.100.4"), ftptest.Reply("TYPE", "200 Ok."), ftptest.Reply("PWD", `257 "/"`), ftptest.Reply("STAT", stat)}, "198.51.100.4", "230", 0},
		{"greeting", []ftptest.Option{ftptest.Greeting("220 Welcome, you are connected from 198.51.100.5"), ftptest.Reply("STAT", stat)}, "198.51.100.5", "220", 0},
		{"refused", []ftptest.Option{ftptest.Reply("STAT", "502 no Connected from 192.0.2.7")}, "", "", 1},
		{"silent about it", []ftptest.Option{ftptest.Reply("STAT", "211 https://www.pureftpd.org/")}, "", "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := ftptest.NewServer(t, c.opts...)
			s, err := client.Dial(t.Context(), srv.Addr, client.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			for range 2 {
				addr, from, err := s.ExternalAddress(t.Context())
				if err != nil || from != c.from || addr.IsValid() != (c.want != "") || addr.IsValid() && addr.String() != c.want {
					t.Errorf("ExternalAddress = %v, %q, %v; want %q, %q", addr, from, err, c.want, c.from)
				}
			}
			if n := len(slices.DeleteFunc(srv.Verbs(), func(v string) bool { return v != "STAT" })); n != c.asks {
				t.Errorf("STAT was sent %d times, want %d", n, c.asks)
			}
		})
	}
}

func TestMappingHelps(t *testing.T) {
	for _, c := range []struct {
		local, server, seen string
		want                bool
	}{
		{"192.168.1.5", "203.0.113.5", "", true},
		{"192.168.1.5", "203.0.113.5", "198.51.100.7", true},
		{"198.51.100.7", "203.0.113.5", "198.51.100.7", false}, // no NAT
		{"192.168.1.5", "192.168.1.9", "", false},              // a neighbour
		{"192.168.1.5", "192.168.1.9", "192.168.1.5", false},
		{"192.168.1.5", "10.9.9.9", "10.9.0.1", true}, // NAT inside a company
		{"2001:db8::7", "2001:db8:1::5", "", true},    // a firewall may stand in the router
		{"fd00::7", "fd00::5", "", false},
		{"127.0.0.1", "127.0.0.1", "", false},
		{"::1", "::1", "", false},
		{"fe80::1", "fe80::2", "", false},
	} {
		var seen netip.Addr
		if c.seen != "" {
			seen = netip.MustParseAddr(c.seen)
		}
		if got := client.MappingHelps(netip.MustParseAddr(c.local), netip.MustParseAddr(c.server), seen); got != c.want {
			t.Errorf("MappingHelps(%s, %s, %s) = %v", c.local, c.server, c.seen, got)
		}
	}
	if client.MappingHelps(netip.Addr{}, netip.Addr{}, netip.Addr{}) {
		t.Error("a mapping for nobody")
	}
}
