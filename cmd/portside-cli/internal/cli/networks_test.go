package cli

import (
	"crypto/tls"
	"testing"
	"time"

	"portside/client"
	"portside/client/modes"
)

func TestNetworkText(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const day = 24 * time.Hour
	e := modes.Entry{
		Key: modes.Key{Server: "ftp.example.org:21", TLS: true, Network: "192.0.2.0/24 via 192.0.2.1"},
		Record: modes.Record{
			Methods: []modes.Outcome{
				{Method: client.MethodEPSV, Worked: ago(30 * time.Hour), Successes: 5, Failed: ago(time.Hour), Failures: 1, Reason: "no answer"},
				{Method: client.MethodPASV, Worked: ago(5 * time.Minute), Successes: 12, Failed: ago(3 * day), Failures: 2, Reason: "refused"},
				{Method: client.MethodEPRT, Worked: ago(61 * time.Second), Successes: 2},
				{Method: client.MethodPORT, Worked: ago(100 * day), Successes: 1},
			},
			MaxTLS: tls.VersionTLS12, MaxTLSAt: ago(day),
		},
	}
	want := `ftp.example.org:21, TLS, from 192.0.2.0/24 via 192.0.2.1
  EPSV  fails  1 hour ago, once: no answer; worked 30 hours ago, 5 times
  PASV  works  5 minutes ago, 12 times; failed 3 days ago, twice: refused
* EPRT  works  1 minute ago, twice
  PORT  old    100 days ago, once
  newest version that works: TLS 1.2
`
	if got := networkText(e, now); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	j := networkOf(e, now)
	if j.Works != "EPRT" || j.MaxTLS != "TLS 1.2" || len(j.Methods) != 4 || !j.LastUsed.Equal(ago(61*time.Second)) {
		t.Errorf("as JSON: %+v", j)
	}
	states := ""
	for _, m := range j.Methods {
		states += m.State + " "
	}
	if states != "fails works works old " {
		t.Errorf("states %q", states)
	}
	if n := networkOf(e, now.Add(60*day)); n.Works != "" || n.MaxTLS != "" {
		t.Errorf("after 60 days: %+v", n)
	}
}
