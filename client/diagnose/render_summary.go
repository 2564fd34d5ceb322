package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"portside/client"
)

// Summary says in one sentence how a diagnosis ended, for the head of a report.
func Summary(r *Report) string {
	switch r.ExitCode() {
	case ExitControl:
		if len(r.Verdicts) > 0 && r.Verdicts[0].Severity == Failure {
			return r.Verdicts[0].Sentence
		}
		return "There is no session with the server."
	case ExitNoData:
		return "The login works, but no connection for files comes about."
	}
	e := newEvidence(r)
	var ways []string
	if e.passiveOK {
		ways = append(ways, "passive")
	}
	if e.activeOK {
		ways = append(ways, "active")
	}
	s := "Files come through, in " + strings.Join(ways, " and in ") + " mode"
	switch {
	case len(ways) == 0 && r.Stopped != "":
		return "The diagnosis ended before it was known whether files come through."
	case len(ways) == 0 && r.TLS != nil && r.TLS.Only12:
		s = "Files come through with TLS 1.2, and not with TLS 1.3"
	case len(ways) == 0 && r.TLS != nil && r.TLS.OnlySmall:
		s = "Files come through with small packets only"
	case len(ways) == 0:
		s = "Logged in; connections for files were not tried"
	}
	n := 0
	for _, v := range r.Verdicts {
		if v.Severity >= Warning {
			n++
		}
	}
	if n == 0 {
		return s + "."
	}
	return fmt.Sprintf("%s, with %s.", s, client.Counted(n, "warning", "warnings"))
}

// modeWords say what a recommended mode means.
func modeWords(mode string) string {
	return map[string]string{
		"passive": "passive (this computer makes the connections for files)",
		"epsv":    "epsv (passive, by the newer command alone)",
		"pasv":    "pasv (passive, by the older command alone)",
		"active":  "active (the server makes the connections for files)",
		"eprt":    "eprt (active, by the newer command alone)",
		"port":    "port (active, by the older command alone)",
		"auto":    "auto (Portside tries passive and active)",
	}[mode]
}

// serverLine and clientLine name the two ends.
func serverLine(r *Report) string {
	e := newEvidence(r)
	parts := []string{e.hostAndAddr()}
	if e.port() != "21" {
		parts[0] += ", port " + e.port()
	}
	if r.Server.Software != "" {
		parts = append(parts, shown(r.Server.Software))
	}
	if r.TLS != nil {
		parts = append(parts, shown(r.TLS.Version))
	} else if r.Server.Banner != "" {
		parts = append(parts, "not encrypted")
	}
	return strings.Join(parts, ", ")
}

func clientLine(r *Report) string {
	l := r.Local
	if !l.Addr.IsValid() {
		return "this computer"
	}
	s := l.Addr.String()
	if l.External.IsValid() && l.External != l.Addr {
		s += ", seen by the server as " + l.External.String()
	}
	if l.Network != "" {
		s += ", network " + shown(l.Network)
	}
	return s
}

// A fact is a name with its value, for the tables of a report.
type fact struct{ Name, Value string }

// facts lists what a report knows beside verdicts and methods.
func facts(r *Report) []fact {
	e := newEvidence(r)
	all := []fact{
		{"This computer", clientLine(r)},
		{"Server", serverLine(r)},
		{"Greeting", shown(r.Server.Banner)},
		{"System", shown(r.Server.System)},
		{"Round trip", spanText(r.Server.RTT)},
		{"Address translation (NAT)", map[Result]string{Works: "yes", Fails: "no", Unknown: "not known"}[e.nat]},
		{"Own listener", map[Result]string{Works: "can be reached from here", Fails: "cannot be reached from here"}[r.Local.SelfReach]},
		{"Port mapping", shown(r.Local.MappedBy)},
		{"Firewall of the system", shown(r.Local.Firewall)},
		{"Proxy", proxyFact(r)},
		{"TLS", strings.Join(e.tlsLines(), "; ")},
		{"Second connection", map[Result]string{Works: "let in", Fails: "refused: " + shown(r.Limits.SecondErr)}[r.Limits.Second]},
		{"Mode of the site", shown(r.Mode)},
		{"Ended early", shown(r.Stopped)},
	}
	for _, c := range r.Control {
		all = append(all, fact{"Port " + fmt.Sprint(c.port()), controlLine(c)})
	}
	if open := e.coveredPorts(""); len(r.Coverage) > 0 {
		all = append(all, fact{"Sampled passive ports", fmt.Sprintf("%d of %d let through", len(open), len(r.Coverage))})
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

// proxyFact names the proxy that was used, else one that the system has.
func proxyFact(r *Report) string {
	switch p := r.Proxy; {
	case p == nil && r.Local.Proxy != "":
		return shown(r.Local.Proxy) + ", which was not used"
	case p == nil:
		return ""
	case p.From != "":
		return p.String() + ", as " + shown(p.From) + " has it"
	default:
		return p.String()
	}
}

func spanText(s Span) string {
	if s <= 0 {
		return ""
	}
	return secs(span(s))
}
