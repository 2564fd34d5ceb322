package state

import (
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"portside/client"
	"portside/client/modes"
)

func TestNetworkRows(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	key := modes.Key{Server: "ftp.example.org:21", TLS: true, Network: "192.168.1.0/24 via 192.168.1.1"}
	rows := NetworkRows([]modes.Entry{
		{Key: key, Record: modes.Record{Methods: []modes.Outcome{
			{Method: client.MethodEPSV, Worked: now.Add(-50 * time.Hour), Successes: 14},
			{Method: client.MethodEPRT, Failed: now.Add(-3 * time.Hour), Failures: 1, Reason: "nothing\x07 arrived"},
		}, MaxTLS: tls.VersionTLS12, MaxTLSAt: now}},
		{Key: modes.Key{Server: "127.0.0.1:2121", Network: "loopback"}, Record: modes.Record{Methods: []modes.Outcome{
			{Method: client.MethodPORT, Worked: now, Successes: 1},
		}}},
	}, now)
	if len(rows) != 2 || rows[0].Key != key {
		t.Fatalf("%+v", rows)
	}
	for _, c := range []struct{ got, want string }{
		{rows[0].Server, "ftp.example.org:21"},
		{rows[0].Network, "192.168.1.0/24 via 192.168.1.1"},
		{rows[0].Works, "passive EPSV, 14 times, last 2 days ago; TLS 1.2 only"},
		{rows[0].Failed, `active EPRT, 3 hours ago: nothing\x07 arrived`},
		{rows[1].Server, "127.0.0.1:2121, plain"},
		{rows[1].Network, "this computer itself"},
		{rows[1].Works, "active PORT, once, just now"},
		{rows[1].Failed, ""},
		{NetworkText(""), "an unknown network"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestAgeText(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]string{
		-time.Hour: "just now", 0: "just now", time.Minute: "1 minute ago", 59 * time.Minute: "59 minutes ago",
		time.Hour: "1 hour ago", 47 * time.Hour: "47 hours ago", 48 * time.Hour: "2 days ago",
	} {
		if got := AgeText(now.Add(-age), now); got != want {
			t.Errorf("%v: %q, want %q", age, got, want)
		}
	}
}

func TestTrouble(t *testing.T) {
	silent := &client.DataError{Method: client.MethodEPRT, Step: client.StepAccept, Err: errors.New("timeout")}
	for _, c := range []struct {
		name             string
		err              error
		active, data, ok bool // of DataTrouble, of ConnectionTrouble
	}{
		{"none", nil, false, false, false},
		{"silent", silent, true, true, true},
		{"dial", &client.DataError{Method: client.MethodEPSV, Step: client.StepDial, Err: errors.New("timeout")}, false, true, true},
		{"broken copy", &client.DataError{Method: client.MethodEPSV, Step: client.StepCopy, Err: errors.New("reset")}, false, false, true},
		{"no host", &client.DialError{Addr: "nowhere:21", Op: client.OpResolve, Err: errors.New("no such host")}, false, false, true},
		{"no file", &client.ReplyError{Verb: "RETR", Reply: client.Reply{Code: 550, Lines: []string{"No such file"}}}, false, false, false},
	} {
		active, data := DataTrouble(c.err)
		if ok := ConnectionTrouble(c.err); active != c.active || data != c.data || ok != c.ok {
			t.Errorf("%s: active %v, data %v, connection %v; want %v, %v, %v", c.name, active, data, ok, c.active, c.data, c.ok)
		}
	}
}
