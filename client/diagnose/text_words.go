package diagnose

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"portside/client"
)

// maxShown bounds what a sentence repeats of the server's words, in characters.
const maxShown = 200

// shown makes the server's text fit to be shown and pasted: one line, escaped,
// bounded.
func shown(s string) string {
	s = client.Printable(strings.TrimSpace(s))
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}

// utc writes a time as reports have it.
func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// clock is the time of day of an event, to the millisecond.
func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }

// secs writes a duration with a unit that fits.
func secs(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	}
	return strings.TrimSuffix(d.Round(time.Second).String(), "0s")
}

// ports writes up to eight ports.
func ports(list []uint16) string {
	const most = 8
	var out []string
	for i, p := range list {
		if i == most {
			out = append(out, "…")
			break
		}
		out = append(out, strconv.Itoa(int(p)))
	}
	return strings.Join(out, ", ")
}

// portSpan writes a range of ports.
func portSpan(low, high uint16) string {
	if low == high {
		return strconv.Itoa(int(low))
	}
	return fmt.Sprintf("%d-%d", low, high)
}

// over names the family in a sentence: " over IPv6", or nothing.
func over(family string) string {
	if family == "" {
		return ""
	}
	return " over " + family
}

// host is the server's name for people.
func (e *evidence) host() string {
	switch {
	case e.r.Server.Host != "":
		return shown(e.r.Server.Host)
	case e.r.Server.Addr != "":
		return shown(e.r.Server.Addr)
	}
	return "the server"
}

// hostAndAddr is the server's name with its address.
func (e *evidence) hostAndAddr() string {
	a := e.r.Server.Remote.Addr()
	if p := e.r.Proxy; p != nil && !p.tunnels() {
		return e.host() + " (by the " + p.String() + ")"
	}
	if !a.IsValid() || a.String() == e.r.Server.Host {
		return e.host()
	}
	return e.host() + " (" + a.String() + ")"
}

// port is the control port.
func (e *evidence) port() string {
	if e.r.Server.Remote.IsValid() && (e.r.Proxy == nil || e.r.Proxy.tunnels()) {
		return strconv.Itoa(int(e.r.Server.Remote.Port()))
	}
	if _, p, err := net.SplitHostPort(e.r.Server.Addr); err == nil {
		return shown(p)
	}
	return "21"
}

// family names an attempt's address family.
func family(a Attempt) string {
	if a.Family == 6 {
		return "IPv6"
	}
	return "IPv4"
}

// attemptTitle names an attempt: "EPSV over IPv4 with TLS".
func attemptTitle(a Attempt) string {
	s := a.Method + " over " + family(a)
	if a.Target != "" {
		s = a.Method + " through the proxy"
	}
	if a.TLS {
		s += " with TLS"
	}
	if a.At == "reply" {
		s += ", at the address that the server named"
	}
	return s
}

// attemptLine tells one attempt with its time, ports and addresses.
func attemptLine(a Attempt) string {
	var b strings.Builder
	if !a.Began.IsZero() {
		b.WriteString(clock(a.Began) + " UTC  ")
	}
	b.WriteString(attemptTitle(a) + ": ")
	if isActive(a) {
		b.WriteString(activeStory(a))
	} else {
		b.WriteString(passiveStory(a))
	}
	if a.Final != "" {
		b.WriteString("; the server's last word: " + strconv.Quote(shown(a.Final)))
	}
	return b.String()
}

func passiveStory(a Attempt) string {
	if rejected(a) {
		return "the server answered " + strconv.Quote(shown(a.Reply))
	}
	if a.How == HowSilent {
		return "no reply to " + a.Method + " came within " + secs(max(span(a.ReplyTook), span(a.Took)))
	}
	said := ""
	if a.Announced.IsValid() && a.Dialled.IsValid() && a.Announced.Addr() != a.Dialled.Addr() && a.Announced.Addr().IsValid() && !a.Announced.Addr().IsUnspecified() {
		said = fmt.Sprintf("the server named %s; ", a.Announced)
	}
	to := where(a.Dialled, a.Announced)
	if a.Target != "" {
		to = shown(a.Target)
	}
	return said + fmt.Sprintf("connection to %s %s", to, howPassive(a))
}

// where is the first address that is known.
func where(list ...netip.AddrPort) string {
	for _, a := range list {
		if a.IsValid() {
			return a.String()
		}
	}
	return "the server"
}

func howPassive(a Attempt) string {
	after := ""
	if a.Connect > 0 {
		after = " after " + secs(span(a.Connect))
	}
	switch a.How {
	case HowOK:
		return fmt.Sprintf("made%s, %d bytes came", after, a.Bytes)
	case HowDropped:
		return "got no answer within " + secs(max(span(a.Connect), span(a.Took)))
	case HowRefused:
		return "was refused (RST)" + after
	case HowProhibited:
		return "was prohibited (ICMP)" + after
	case HowProxy:
		return "was not made by the proxy" + because(a)
	case HowNoData:
		return "was made" + after + ", and nothing came"
	case HowTLS:
		return "was made" + after + ", and its protection failed" + because(a)
	case HowFile:
		return "says nothing, as the server refused the listing itself"
	}
	return "failed" + because(a)
}

func because(a Attempt) string {
	if a.Err == "" {
		return ""
	}
	return ": " + shown(a.Err)
}

func activeStory(a Attempt) string {
	told := "the server was told to call " + where(a.Announced)
	if rejected(a) {
		return told + " and answered " + strconv.Quote(shown(a.Reply))
	}
	after := ""
	if a.Connect > 0 {
		after = " after " + secs(span(a.Connect))
	}
	switch a.How {
	case HowOK:
		return fmt.Sprintf("%s; it came from %s%s, %d bytes", told, where(a.Peer), after, a.Bytes)
	case HowDropped:
		return told + "; nobody came within " + secs(max(span(a.Connect), span(a.Took)))
	case HowRefused, HowProhibited:
		return told + "; its call was turned away"
	case HowForeign:
		return told + "; only " + strangers(a) + " came, and was sent away"
	case HowNoData:
		return told + "; it came" + after + " and sent nothing"
	case HowTLS:
		return told + "; it came" + after + ", and the protection failed" + because(a)
	case HowLocal:
		return "this computer could not listen" + because(a)
	case HowSilent:
		return told + ", and gave no reply"
	case HowFile:
		return told + "; says nothing, as the server refused the listing itself"
	}
	return told + "; it failed" + because(a)
}

func strangers(a Attempt) string {
	var out []string
	for _, s := range a.Strangers {
		out = append(out, s.String())
	}
	if len(out) == 0 {
		return "somebody else"
	}
	return strings.Join(out, ", ")
}

// rejected reports that a reply refused EPSV, PASV, EPRT or PORT itself.
func rejected(a Attempt) bool {
	return a.Result == Fails && a.How == HowRejected && (a.Reply == "" || replyCode(a.Reply) >= 400)
}

// replyCode reads the code of a reply; 0 where there is none.
func replyCode(reply string) int {
	reply = strings.TrimSpace(reply)
	if len(reply) < 3 {
		return 0
	}
	n, err := strconv.Atoi(reply[:3])
	if err != nil || n < 100 {
		return 0
	}
	return n
}

// attemptLines tells up to eight attempts.
func attemptLines(list []Attempt) []string {
	const most = 8
	var out []string
	for i, a := range list {
		if i == most {
			out = append(out, fmt.Sprintf("and %d more of the same kind", len(list)-most))
			break
		}
		out = append(out, attemptLine(a))
	}
	return out
}

// controlLine tells one try of a port.
func controlLine(c Control) string {
	how := map[string]string{
		ClassOpen: "is open", ClassRefused: "was refused (RST)", ClassDropped: "got no answer",
		ClassProhibited: "was prohibited (ICMP)", ClassUnreachable: "has no route", ClassProxy: "was not made by the proxy",
	}[c.Class]
	if how == "" {
		how = "failed"
	}
	what := shown(c.What)
	if c.What == WhatOutside {
		what = "a port that the server does not offer"
	}
	s := fmt.Sprintf("TCP %s (%s) %s", c.where(), what, how)
	if c.Took > 0 {
		s += " after " + secs(span(c.Took))
	}
	if c.Proxy != "" {
		s += ": " + shown(c.Proxy)
	}
	if c.Said != "" {
		s += "; it said " + strconv.Quote(shown(c.Said))
	}
	return s
}

func controlLines(list []Control) []string {
	var out []string
	for _, c := range list {
		out = append(out, controlLine(c))
	}
	return out
}

// oneLine makes a text fit to be shown in one line; it is not shortened.
func oneLine(s string) string { return client.Printable(strings.ReplaceAll(s, "\n", " ")) }
