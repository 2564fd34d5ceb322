package client_test

import (
	"net/netip"
	"strings"
	"sync"
	"testing"

	"portside/client"
	"portside/client/ftptest"
)

// TestAnnouncesTheAddressOutside looks at what is announced behind NAT: the server
// says in STAT that it sees another address than the local one.
func TestAnnouncesTheAddressOutside(t *testing.T) {
	const outside = "203.0.113.7"
	for _, c := range []struct {
		name   string
		refuse string // the reply to EPRT and PORT
		change func(*client.Options)
		want   []string // the addresses announced by EPRT, in order
	}{
		{name: "nothing said", refuse: "502 No.", change: func(*client.Options) {}, want: []string{"127.0.0.1"}},
		{name: "ports given", refuse: "500 No.", change: func(o *client.Options) { o.ActivePorts = client.PortRange{Min: 40000, Max: 60000} }, want: []string{outside, outside}},
		{name: "asked for", refuse: "502 No.", change: func(o *client.Options) { o.ActiveFromServer = true }, want: []string{outside}},
		{name: "given", refuse: "500 No.", change: func(o *client.Options) { o.ActiveAddress = netip.MustParseAddr("198.51.100.4") }, want: []string{"198.51.100.4"}},
		{name: "the local one refused", refuse: "500 Illegal EPRT command.", change: func(*client.Options) {}, want: []string{"127.0.0.1", outside}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var got []string
			srv := ftptest.NewServer(t,
				ftptest.Reply("STAT", "211-Status of 'ProFTPD'\n Connected from client ("+outside+")\n211 End of status"),
				ftptest.Reply("PORT", c.refuse),
				ftptest.Handle("EPRT", func(conn *ftptest.Conn, arg string) bool {
					mu.Lock()
					defer mu.Unlock()
					got = append(got, strings.Split(arg, "|")[2])
					conn.Send(c.refuse)
					return true
				}))
			s, _ := dialAuto(t, srv, func(o *client.Options) { o.Mode = client.Active }, c.change)
			if _, err := s.List(t.Context(), "/"); err == nil {
				t.Error("no error")
			}
			mu.Lock()
			defer mu.Unlock()
			if strings.Join(got, " ") != strings.Join(c.want, " ") {
				t.Errorf("announced %v, want %v", got, c.want)
			}
		})
	}
}
