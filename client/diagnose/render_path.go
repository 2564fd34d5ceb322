package diagnose

import (
	"fmt"
	"strings"

	"portside/client"
)

// The places of the path picture, from this computer (0) to the server (1).
const (
	AtHere   = 0.0
	AtNear   = 1.0 / 3 // the firewall or NAT of this computer's network
	AtFar    = 2.0 / 3 // the server's firewall or NAT
	AtServer = 1.0
)

// A PathMark is what stands where a line of the path picture ends.
type PathMark string

// The marks.
const (
	MarkArrived PathMark = "arrived" // it got through
	MarkStopped PathMark = "stopped" // it stopped there
	MarkAsk     PathMark = "ask"     // it stopped somewhere there, or is not known
)

// A PathLine is one line of the path picture: the login, or one method. It starts
// at From, is drawn whole to To, where Mark stands, and broken from there to End,
// all between AtHere and AtServer. Active methods run from the server to here.
type PathLine struct {
	Label  string   `json:"label"`            // for people, such as "Passive (EPSV)"
	Method string   `json:"method,omitempty"` // "EPSV", "PASV", "EPRT", "PORT"; "" for the login
	Family int      `json:"family"`           // 4 or 6
	TLS    bool     `json:"tls"`
	Active bool     `json:"active,omitempty"` // the server makes the connection
	Result Result   `json:"result"`
	Partly bool     `json:"partly,omitempty"` // it works one time and fails another
	Stop   Hop      `json:"stop,omitempty"`   // where it stopped; HopUnknown where that is not known
	From   float64  `json:"from"`
	To     float64  `json:"to"`
	End    float64  `json:"end"`
	Mark   PathMark `json:"mark"`
	Text   string   `json:"text"` // what became of it, in a few words
}

// PathLines returns the lines of the path picture: the login first, then each
// method that was tried, in the order EPSV, PASV, EPRT, PORT, with the session's
// security before the other, and the session's address family before the other.
func PathLines(r *Report) []PathLine {
	e := newEvidence(r)
	lines := []PathLine{e.loginLine()}
	first := 4
	if r.Server.Remote.Addr().Is6() {
		first = 6
	}
	for _, family := range []int{first, 10 - first} {
		for _, tls := range []bool{e.tls, !e.tls} {
			for _, way := range []struct{ method, at string }{{"EPSV", ""}, {"PASV", ""}, {"PASV", "reply"}, {"EPRT", ""}, {"PORT", ""}} {
				of := only(r.Methods, func(a Attempt) bool {
					return a.Family == family && a.TLS == tls && a.Method == way.method && a.At == way.at
				})
				if len(of) > 0 {
					lines = append(lines, e.methodLine(of))
				}
			}
		}
	}
	return lines
}

// loginLine is the line of the control connection and the login.
func (e *evidence) loginLine() PathLine {
	l := PathLine{Label: "Login", Family: 4, TLS: e.r.TLS != nil, From: AtHere, To: AtServer, End: AtServer, Mark: MarkArrived, Result: Works}
	if e.r.Server.Remote.Addr().Is6() {
		l.Family = 6
	}
	if e.r.Error == "" {
		l.Text = "works"
		if rtt := span(e.r.Server.RTT); rtt > 0 {
			l.Text += ", " + secs(rtt)
		}
		if !e.connected() {
			l.Result, l.Mark, l.Text = Unknown, MarkAsk, "not known"
		}
		return l
	}
	if p := e.r.Proxy; p != nil && p.Step != "" {
		return e.proxyLine(l)
	}
	l.Result, l.Mark, l.Stop, l.Text = Fails, MarkStopped, HopServer, "refused"
	class := ""
	for _, c := range e.controlTries() {
		if class == "" || c.Class == ClassOpen {
			class = c.Class
		}
	}
	switch class {
	case ClassOpen:
		l.Text = "not logged in"
	case ClassRefused:
		l.Text = "port closed"
	case "":
		l.Stop, l.Text = HopHere, "no such computer"
	default:
		l.Stop, l.Text = HopUnknown, "no answer"
	}
	return l.stopAt(l.Stop)
}

// proxyLine is the login's line where the proxy did not let it through. A proxy stands
// where the firewall of this network does.
func (e *evidence) proxyLine(l PathLine) PathLine {
	l.Result, l.Text = Fails, "the proxy says no"
	switch e.r.Proxy.Step {
	case client.ProxyReach:
		l.Text = "the proxy cannot be reached"
	case client.ProxyTalk:
		l.Text = "the proxy does not answer"
	case client.ProxyServer:
		l.Text, l.Stop = "the proxy gets nowhere", HopUnknown
		return l.stopAt(l.Stop)
	}
	l.Stop = HopNear
	return l.stopAt(l.Stop)
}

// methodLine sums up the attempts of one method.
func (e *evidence) methodLine(of []Attempt) PathLine {
	a := of[0]
	l := PathLine{
		Label: methodLabel(a), Method: a.Method, Family: a.Family, TLS: a.TLS, Active: isActive(a),
		From: AtHere, To: AtServer, End: AtServer, Mark: MarkArrived, Result: Works,
	}
	if l.Active {
		l.From, l.To, l.End = AtServer, AtHere, AtHere
	}
	worked := only(of, works)
	failed := only(of, func(a Attempt) bool { return a.Result == Fails })
	switch {
	case len(worked) > 0:
		l.Text = "works"
		if t := span(worked[0].Connect); t > 0 {
			l.Text += ", " + secs(t)
		}
		if len(failed) > 0 {
			l.Partly = true
			l.Text = fmt.Sprintf("works %d of %d times", len(worked), len(worked)+len(failed))
		}
		return l
	case len(failed) == 0:
		l.Result, l.Mark, l.Text = Unknown, MarkAsk, "not known"
		return l
	}
	l.Result, l.Text = Fails, failedText(failed[len(failed)-1])
	l.Stop, _ = e.place(failed)
	return l.stopAt(l.Stop)
}

// stopAt ends the line at a place. A firewall before the server keeps a passive
// line from it, the one of this network an active one from here; a refusal or a
// silence of the server itself lets the line reach it.
func (l PathLine) stopAt(stop Hop) PathLine {
	l.Mark = MarkStopped
	switch stop {
	case HopHere:
		l.To = AtHere
	case HopNear:
		l.To = AtNear
	case HopFar:
		l.To = AtFar
	case HopServer:
		l.To = AtServer
		if l.Active {
			l.From, l.To, l.End = AtHere, AtServer, AtServer // it is our request that was refused
		}
	default:
		l.To, l.Mark = (AtNear+AtFar)/2, MarkAsk
	}
	return l
}

// methodLabel names a method for people.
func methodLabel(a Attempt) string {
	way := "Passive"
	if isActive(a) {
		way = "Active"
	}
	more := []string{a.Method}
	if a.At == "reply" {
		more = append(more, "address as told")
	}
	return way + " (" + strings.Join(more, ", ") + ")"
}

// failedText says in a few words how an attempt failed.
func failedText(a Attempt) string {
	port := ""
	if p := portOf(a); p != 0 && !isActive(a) {
		port = fmt.Sprintf("port %d ", p)
	}
	switch a.How {
	case HowRejected:
		if code := replyCode(a.Reply); code != 0 {
			return fmt.Sprintf("the server says no (%d)", code)
		}
		return "the server says no"
	case HowDropped:
		if isActive(a) {
			return "the call never came"
		}
		return port + "gave no answer"
	case HowRefused:
		if isActive(a) {
			return "the call was turned away"
		}
		return port + "turned it away"
	case HowProhibited:
		if isActive(a) {
			return "the call was forbidden"
		}
		return port + "is forbidden"
	case HowProxy:
		return "the proxy did not make it"
	case HowNoData:
		return "connected, nothing came"
	case HowTLS:
		return "encryption failed"
	case HowLocal:
		return "could not listen"
	case HowForeign:
		return "only a stranger came"
	case HowSilent:
		return "no reply to " + a.Method
	}
	return "failed"
}
