package state

import (
	"fmt"
	"net/netip"
	"strings"
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
	near := Station{Name: "Your firewall or router"}
	switch {
	case r.Local.Class == "loopback":
		near = Station{Name: "Your firewall"}
	case r.Local.NAT == diagnose.Works:
		near = Station{Name: "Your router (NAT)"}
		if r.Local.External.IsValid() {
			near.Detail = "seen as " + r.Local.External.String()
		}
	case r.Local.NAT == diagnose.Fails:
		near = Station{Name: "Your firewall", Detail: "no NAT"}
	}
	server := Station{Name: "Server", Detail: client.Printable(r.Server.Host)}
	if r.Server.Remote.IsValid() {
		server.Detail = addrText(r.Server.Remote.Addr())
	}
	return [4]Station{
		{Name: "This computer", Detail: addrText(r.Local.Addr)}, near, {Name: "The server's firewall"}, server,
	}
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}

// A PathLine is one method in the picture of the path: a line from one station
// to another, whole or broken.
type PathLine struct {
	Label   string          // "Passive, EPSV"
	Note    string          // how it ended: "works, 24 ms"
	Result  diagnose.Result // Unknown: not tried, or not decided
	Inbound bool            // the server opens the connection, so the line runs from right to left
	Stop    float32         // of a broken line: the station, from 0 to 3, where it ends; between stations where that is not known
	Sure    bool            // Stop is known
	Control bool            // the control connection, without which there is no other
	Mixed   bool            // worked sometimes
}

// PathLines returns the lines of the picture: the control connection first, then
// every method that was tried, in the order of trying.
func PathLines(r *diagnose.Report) []PathLine {
	lines := []PathLine{controlLine(r)}
	type key struct {
		method, at string
		family     int
		tls        bool
	}
	var order []key
	tries := map[key][]diagnose.Attempt{}
	families, securities := map[int]bool{}, map[bool]bool{}
	for _, a := range r.Methods {
		k := key{a.Method, a.At, a.Family, a.TLS}
		if tries[k] == nil {
			order = append(order, k)
		}
		tries[k] = append(tries[k], a)
		families[a.Family], securities[a.TLS] = true, true
	}
	for _, k := range order {
		line := attemptLine(tries[k])
		line.Label = methodWords(k.method)
		var more []string
		if k.at == "reply" {
			more = append(more, "its address")
		}
		if len(families) > 1 {
			more = append(more, fmt.Sprintf("IPv%d", k.family))
		}
		if len(securities) > 1 {
			more = append(more, map[bool]string{true: "TLS", false: "plain"}[k.tls])
		}
		if len(more) > 0 {
			line.Label += " (" + strings.Join(more, ", ") + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// methodWords puts the direction before the method's name.
func methodWords(method string) string {
	switch method {
	case "EPSV", "PASV":
		return "Passive, " + method
	case "EPRT", "PORT":
		return "Active, " + method
	}
	return client.Printable(method)
}

// controlLine is the line of the control connection.
func controlLine(r *diagnose.Report) PathLine {
	line := PathLine{Label: "Control connection", Control: true, Result: diagnose.Works, Note: "works", Stop: 3, Sure: true}
	if t := time.Duration(r.Server.RTT); t > 0 {
		line.Note = "works, " + shortTime(t)
	}
	if r.Error == "" {
		return line
	}
	line.Result, line.Note, line.Stop, line.Sure = diagnose.Fails, "no login", 3, true
	for _, c := range r.Control {
		if c.What != "ftp" && c.What != "implicit TLS" {
			continue
		}
		switch c.Class {
		case "open":
			return line
		case "refused":
			line.Note = "refused"
		case "dropped":
			line.Note, line.Stop, line.Sure = "no answer within "+shortTime(time.Duration(c.Took)), 1.5, false
		case "prohibited", "unreachable":
			line.Note, line.Stop, line.Sure = c.Class, 1.5, false
		default:
			line.Note, line.Stop, line.Sure = "failed", 1.5, false
		}
	}
	if len(r.Control) == 0 { // the name has no address
		line.Note, line.Stop = "not reached", 0
	}
	return line
}

// attemptLine sums up tries of the same method.
func attemptLine(tries []diagnose.Attempt) PathLine {
	var worked, failed int
	best := tries[0]
	for _, a := range tries {
		switch a.Result {
		case diagnose.Works:
			worked++
		case diagnose.Fails:
			failed++
		case diagnose.Unknown:
		}
		if a.Result == diagnose.Works && best.Result != diagnose.Works || best.Result == diagnose.Unknown {
			best = a
		}
	}
	inbound := best.Method == "EPRT" || best.Method == "PORT"
	line := PathLine{Result: best.Result, Inbound: inbound, Note: attemptNote(best), Mixed: worked > 0 && failed > 0}
	if line.Mixed {
		line.Note = fmt.Sprintf("works %d times of %d", worked, worked+failed)
	}
	line.Stop, line.Sure = stopOf(best)
	return line
}

// stopOf places the end of a broken line. Where it is not known it lies between
// the two firewalls.
func stopOf(a diagnose.Attempt) (at float32, sure bool) {
	switch a.Stop {
	case diagnose.HopHere:
		return 0, true
	case diagnose.HopNear:
		return 1, true
	case diagnose.HopFar:
		return 2, true
	case diagnose.HopServer:
		return 3, true
	case diagnose.HopUnknown:
	}
	return 1.5, false
}

// attemptNote says in a few words how an attempt ended.
func attemptNote(a diagnose.Attempt) string {
	inbound := a.Method == "EPRT" || a.Method == "PORT"
	after := ""
	if t := time.Duration(max(a.Connect, a.First)); t > 0 {
		after = shortTime(t)
	}
	switch {
	case a.Ghost:
		return "something on the way answers for it"
	case a.Result == diagnose.Works:
		return joinWords("works", after)
	case a.Result == diagnose.Unknown && a.How != diagnose.HowFile:
		return "not decided"
	}
	switch a.How {
	case diagnose.HowRejected:
		return "the server does not accept it"
	case diagnose.HowDropped:
		if inbound {
			return within("nothing arrived", after)
		}
		return within("no answer", after)
	case diagnose.HowRefused:
		return "refused"
	case diagnose.HowProhibited:
		return "forbidden on the way"
	case diagnose.HowNoData:
		return "connected, then silence"
	case diagnose.HowTLS:
		return "the encryption fails"
	case diagnose.HowLocal:
		return "this computer cannot listen"
	case diagnose.HowForeign:
		return "only a stranger connected"
	case diagnose.HowSilent:
		return "the server gave no reply"
	case diagnose.HowFile:
		return "the folder was refused"
	}
	return "failed"
}

func within(what, time string) string {
	if time == "" {
		return what
	}
	return what + " within " + time
}

func joinWords(what, after string) string {
	if after == "" {
		return what
	}
	return what + ", " + after
}

// shortTime writes a wait: "24 ms", "3.0 s".
func shortTime(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "under 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
}
