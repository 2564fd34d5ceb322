package state

import (
	"fmt"
	"net/netip"
	"time"

	"portside/client"
	"portside/client/diagnose"
)

// A Station is a place on the way between this computer and a server, as the
// picture of a diagnosis names it.
type Station struct {
	Name   string
	Detail string // an address, or what is known; may be empty
}

// Stations returns the four places of the picture, from here to there.
func Stations(r *diagnose.Report) [4]Station {
	near := Station{Name: "Your firewall", Detail: "or router"}
	switch {
	case r.Local.Class == "loopback":
		near.Detail = ""
	case r.Local.NAT == diagnose.Works:
		near = Station{Name: "Your router", Detail: "NAT"}
		if r.Local.External.IsValid() {
			near.Detail += ", " + addrText(r.Local.External)
		}
	case r.Local.NAT == diagnose.Fails:
		near.Detail = "no NAT"
	}
	server := Station{Name: "Server", Detail: client.Printable(r.Server.Host)}
	if r.Server.Remote.IsValid() {
		server.Detail = addrText(r.Server.Remote.Addr())
	}
	return [4]Station{
		{Name: "This computer", Detail: addrText(r.Local.Addr)}, near, {Name: "Server's firewall"}, server,
	}
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}

// PathLabels names the lines of the picture: by what they are, and by family of
// addresses and security where both occur.
func PathLabels(lines []diagnose.PathLine) []string {
	families, securities := map[int]bool{}, map[bool]bool{}
	for _, l := range lines {
		families[l.Family] = true
		if l.Method != "" { // the login of a server with plain data connections may be protected
			securities[l.TLS] = true
		}
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = client.Printable(l.Label)
		if len(securities) > 1 && l.Method != "" {
			out[i] += map[bool]string{true: ", TLS", false: ", plain"}[l.TLS]
		}
		if len(families) > 1 {
			out[i] += fmt.Sprintf(", IPv%d", l.Family)
		}
	}
	return out
}

// shortTime writes a wait: "24 ms", "3.0 s".
func shortTime(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
}
