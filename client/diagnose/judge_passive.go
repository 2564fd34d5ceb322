package diagnose

import (
	"fmt"
	"slices"
	"strings"
)

// passiveSeverity grades what stops passive mode: a failure where nothing else
// delivers or the site wants passive and no other, else a detour.
func (e *evidence) passiveSeverity() Severity {
	switch {
	case e.passiveOK:
		return Warning
	case e.wantPassive || !e.activeOK:
		return Failure
	}
	return Warning
}

// instead is the mode that goes around a dead passive mode.
func (e *evidence) instead() string {
	if !e.passiveOK && e.activeOK {
		return "active"
	}
	return ""
}

// pasvDisabled: every passive command was refused by a reply. A refusal that asks
// for TLS is TLS_REQUIRED; EPSV alone unknown to an old server is no verdict.
func pasvDisabled(e *evidence) (Verdict, bool) {
	dead := deadFamilies(e.passive)
	refused := only(dead, func(a Attempt) bool { return rejected(a) && !asksForTLS(a.Reply) })
	// A PASV reply cannot name an IPv6 address, so over IPv6 EPSV is all there is;
	// over IPv4 PASV itself must have been refused.
	if len(refused) == 0 || len(refused) != len(dead) || !slices.ContainsFunc(refused, func(a Attempt) bool { return a.Method == "PASV" || a.Family == 6 }) {
		return Verdict{}, false
	}
	return Verdict{
		Severity: e.passiveSeverity(), Actor: ActProvider, Mode: e.instead(),
		Sentence:    "The server refuses passive mode" + over(e.families(refused)) + ", in which this computer makes the connections for files.",
		Meaning:     "It is switched off in the server's settings, so that the server has to call this computer instead (active mode), which most home and office routers prevent.",
		Evidence:    attemptLines(refused),
		ForProvider: e.requestEnable("Passive mode (EPSV, PASV) is refused", refused, fixPassive),
	}, true
}

// ghostAccept: a connection that completed although the server saw nobody, or
// sooner than the path allows, was taken by something in between: an antivirus
// program, a proxy. The server's 425 while we were connected proves it.
func ghostAccept(e *evidence) (Verdict, bool) {
	ghosts := only(slices.Concat(e.passive, e.atReply), func(a Attempt) bool { return a.Ghost })
	if len(ghosts) == 0 {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: e.passiveSeverity(), Confidence: Likely, Actor: ActYou, Mode: e.instead(),
		Sentence: "Something nearer than the server takes the connections for files in its place, and delivers nothing.",
		Meaning:  "Antivirus programs, VPN shields and proxies do that. Switch off their web or FTP protection for a moment and run this again; it says “connected” although the server's port is dead.",
		Evidence: attemptLines(ghosts),
		ForAdmin: e.requestProxy(ghosts),
	}
	if slices.ContainsFunc(ghosts, func(a Attempt) bool { c := replyCode(a.Final); return c == 425 || c == 426 }) {
		v.Confidence = Certain
		v.Evidence = append(v.Evidence, "the server says that nobody connected to it, while the connection was open here")
	}
	if anyWorks(ghosts) {
		v.Severity = Note
		v.Sentence = "Something nearer than the server takes the connections for files and passes them on."
		v.Meaning = "An antivirus program or a proxy stands in between. Files come through; should transfers fail, look there first."
	}
	return v, true
}

// silentPassive returns the attempts of dead families whose connection got no
// answer or was turned away, without those that something else explains.
func silentPassive(e *evidence, hows ...string) []Attempt {
	return only(withHow(deadFamilies(e.passive), hows...), func(a Attempt) bool { return !a.Ghost })
}

// pasvDropped: the server named its port, and the connection to it got no answer
// or an ICMP ban, in every try of an address family; a single sampled port that
// was let through makes it PASV_PARTIAL_RANGE. Who swallows it is told by
// locate; where that is open, INCONCLUSIVE is added.
func pasvDropped(e *evidence) (Verdict, bool) {
	dropped := silentPassive(e, HowDropped, HowProhibited)
	refused := silentPassive(e, HowRefused)
	if len(dropped) == 0 || len(refused) > len(dropped) || len(e.coveredPorts("")) > 0 {
		return Verdict{}, false
	}
	hop, why := e.place(dropped)
	v := Verdict{
		Severity: e.passiveSeverity(), Mode: e.instead(),
		Sentence: "The login works, but a firewall swallows the connections for files that this computer makes" + over(e.families(dropped)) + " (passive mode).",
		Evidence: append(append(attemptLines(dropped), attemptLines(refused)...), append(why, e.outsideLines(why)...)...),
	}
	e.blame(&v, hop, dropped)
	if other := e.families(only(e.passive, func(a Attempt) bool { return a.Result == Works })); other != "" {
		v.Meaning += " Over " + other + " they come through."
	}
	if plain := e.tlsDifference(false); len(plain) > 0 {
		v.Meaning += " Without TLS the same connections come through: a device opens the ports that it reads in the conversation, and cannot read it under TLS."
		v.Evidence = append(v.Evidence, attemptLines(plain)...)
	}
	return v, true
}

// blame says who must act on a firewall that stops passive connections, and what
// to ask them for.
func (e *evidence) blame(v *Verdict, hop Hop, list []Attempt) {
	switch hop {
	case HopHere, HopNear:
		v.Actor, v.Confidence = ActNetwork, Likely
		v.Sentence = "The login works, but the firewall of your network stops the connections for files that this computer makes" + over(e.families(list)) + " (passive mode)."
		v.Meaning = "Its administrator has to let them out to the server's range of ports."
		v.ForAdmin = e.requestPassiveOut(list)
	case HopFar, HopServer:
		v.Actor, v.Confidence = ActProvider, Likely
		v.Sentence = "The login works, but the server's firewall stops the connections for files that this computer makes" + over(e.families(list)) + " (passive mode)."
		v.Meaning = "Whoever runs the server has to open the range of ports that the server hands out."
		v.ForProvider = e.requestPassiveIn(list)
	default:
		v.Actor = ActYou
		v.Confidence = Likely
		v.Meaning = "The server's firewall or the one of your network does it. Try another network first, such as a telephone's, to see which; the texts for both are ready."
		v.ForAdmin = e.requestPassiveOut(list)
		v.ForProvider = e.requestPassiveIn(list)
	}
}

// outsideLines show the other ports of the server, for comparison, but for those
// that have been told.
func (e *evidence) outsideLines(told []string) []string {
	var out []string
	for _, c := range e.r.Control {
		line := controlLine(c)
		known := slices.ContainsFunc(told, func(t string) bool { return strings.Contains(t, line) })
		if c.What != WhatFTP && !known && len(out) < 6 {
			out = append(out, "for comparison: "+line)
		}
	}
	return out
}

// tlsDifference returns attempts of the session's dead direction that delivered
// with the other security: the sign of a device that reads along.
func (e *evidence) tlsDifference(active bool) []Attempt {
	return only(e.other, func(a Attempt) bool {
		return e.tls && !a.TLS && isActive(a) == active && a.At == "" && a.Result == Works
	})
}

// pasvRefused: the connection was turned away by a reset in every try. The server
// had just named the port, so it listens there: something before it answers, a
// router that forwards no such port or a firewall that refuses. The time tells
// whether that is this network's.
func pasvRefused(e *evidence) (Verdict, bool) {
	refused := silentPassive(e, HowRefused)
	dropped := silentPassive(e, HowDropped, HowProhibited)
	if len(refused) == 0 || len(refused) <= len(dropped) || len(e.coveredPorts("")) > 0 {
		return Verdict{}, false
	}
	hop, why := e.place(refused)
	v := Verdict{
		Severity: e.passiveSeverity(), Mode: e.instead(),
		Evidence: append(append(attemptLines(refused), attemptLines(dropped)...), append(why, e.outsideLines(why)...)...),
	}
	e.blame(&v, hop, refused)
	switch hop {
	case HopNear, HopHere:
		v.Sentence = "The login works, but the firewall of your network turns away the connections for files that this computer makes" + over(e.families(refused)) + " (passive mode)."
	default:
		v.Actor, v.Confidence = ActProvider, Likely
		v.Sentence = "The login works, but the connections for files that this computer makes" + over(e.families(refused)) + " are turned away (passive mode)."
		v.Meaning = "The server names a port and then nothing answers there. Usually a router before the server does not pass its range of ports on, or a firewall there refuses them."
	}
	return v, true
}

// pasvPrivateIP: the 227 names an address of an inner network that is not the one
// this computer reached. Two inner networks joined by a VPN can be meant that way;
// then a connection to the named address delivers, and there is no verdict.
func pasvPrivateIP(e *evidence) (Verdict, bool) {
	named := e.otherAddress(true)
	if len(named) == 0 || anyWorks(e.atReply) {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Warning, Confidence: Likely, Actor: ActProvider,
		Sentence:    "The server gives out an address of its own inner network for files; Portside goes around it, and other programs may fail.",
		Meaning:     "The server stands behind a router and does not know its public address. Portside connects to the address of the login instead.",
		Evidence:    append(attemptLines(named), attemptLines(e.atReply)...),
		ForProvider: e.requestAddress(named),
	}
	if !inner(e.r.Server.Remote.Addr()) || len(withHow(e.atReply, HowDropped, HowRefused, HowProhibited)) > 0 {
		v.Confidence = Certain
	}
	if !e.passiveOK {
		v.Severity = e.passiveSeverity()
		v.Mode = e.instead()
		v.Sentence = "The server gives out an address of its own inner network for files, where nobody outside can reach it."
		v.Meaning = "The server stands behind a router and does not know its public address. Portside tried the address of the login as well, and that did not answer either."
	}
	return v, true
}

// otherAddress returns the PASV attempts whose 227 names another address than the
// server's: inner ones, or public ones.
func (e *evidence) otherAddress(innerOnes bool) []Attempt {
	remote := e.r.Server.Remote.Addr().Unmap()
	return only(slices.Concat(e.passive, e.atReply), func(a Attempt) bool {
		said := a.Announced.Addr().Unmap()
		server := remote
		if a.At == "" && a.Dialled.IsValid() {
			server = a.Dialled.Addr().Unmap()
		}
		return a.Method == "PASV" && said.Is4() && server.Is4() && said != server && said != remote && inner(said) == innerOnes
	})
}

// pasvForeignIP: the 227 names a public address that is not the one of the login:
// a load balancer, a wrong setting, or an attempt to send this computer somewhere
// else. Portside stays at the address of the login.
func pasvForeignIP(e *evidence) (Verdict, bool) {
	named := e.otherAddress(false)
	if len(named) == 0 {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Warning, Actor: ActProvider,
		Sentence:    "The server sends programs to another address for files than the one they logged in to.",
		Meaning:     "Portside stays at the address of the login. The server's setting is wrong, several machines share the work, or somebody wants this computer to connect elsewhere.",
		Evidence:    append(attemptLines(named), attemptLines(e.atReply)...),
		ForProvider: e.requestAddress(named),
	}
	if !e.passiveOK && anyWorks(e.atReply) {
		v.Severity = e.passiveSeverity()
		v.Meaning = "At the address of the login nothing answers, at the named one it does. If the provider confirms that the address is theirs, allow it for this site."
	}
	return v, true
}

// epsvFiltered: EPSV fails and PASV delivers. That the server itself does not
// know EPSV is no verdict, unless it lists EPSV among its features; then the
// command was changed on the way. A dead connection after EPSV counts only where
// the ports do not explain it as well (PASV_PARTIAL_RANGE).
func epsvFiltered(e *evidence) (Verdict, bool) {
	isEPSV := func(a Attempt) bool { return a.Method == "EPSV" && a.Result != Unknown && a.Family == 4 }
	epsv := only(e.passive, isEPSV)
	pasv := only(e.passive, func(a Attempt) bool { return a.Method == "PASV" && a.Result != Unknown })
	if len(epsv) == 0 || anyWorks(epsv) || !anyWorks(pasv) {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Warning, Confidence: Certain, Actor: ActNetwork, Mode: "pasv",
		Sentence: "A device on the way does not let the newer form of passive mode through (EPSV); the older form works (PASV).",
		Meaning:  "Portside uses the older form and remembers it for this network. Nothing is lost over IPv4.",
		Evidence: append(attemptLines(epsv), attemptLines(only(pasv, func(a Attempt) bool { return a.Result == Works }))...),
		ForAdmin: e.requestInspection(),
	}
	lists := slices.ContainsFunc(slices.Concat(e.r.Server.FeatBefore, e.r.Server.FeatAfter), func(f string) bool { return mentions(f, "epsv") })
	switch {
	case len(withHow(epsv, HowSilent)) > 0:
		v.Confidence = Likely
	case len(only(epsv, rejected)) == len(epsv):
		if !lists {
			return Verdict{}, false
		}
		v.Confidence = Likely
		v.Evidence = append(v.Evidence, "the server lists EPSV among its features")
	case portsExplain(dialled(withHow(epsv, unreached...)), sorted(dialled(only(pasv, works)), e.coveredPorts("PASV"))) || len(e.coveredPorts("EPSV")) > 0:
		return Verdict{}, false
	}
	return v, true
}

// unreached are the ways in which a connection to a passive port does not come about.
var unreached = []string{HowDropped, HowRefused, HowProhibited}

func works(a Attempt) bool { return a.Result == Works }

// portsExplain reports that a border between open and closed ports would explain
// the failures as well as the method does: all failed ports on one side of all
// that worked. Ports next to each other are taken as evidence against a border,
// which would have to fall exactly between them.
func portsExplain(bad, good []uint16) bool {
	if len(bad) == 0 || len(good) == 0 {
		return false
	}
	const near = 4
	above := int(bad[0]) - int(good[len(good)-1]) // > 0: all failed ones lie above
	below := int(good[0]) - int(bad[len(bad)-1])
	return above > near || below > near
}

// sorted joins ports in order.
func sorted(ports ...[]uint16) []uint16 {
	all := slices.Concat(ports...)
	slices.Sort(all)
	return all
}

// coveredPorts returns the sampled ports that were let through; with a method,
// only those that were handed out by it.
func (e *evidence) coveredPorts(method string) []uint16 {
	var out []uint16
	for _, c := range e.r.Coverage {
		if c.Class != ClassOpen {
			continue
		}
		if method == "" || e.gaveOnly(method, c.port()) {
			out = append(out, c.port())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// gaveOnly reports whether the server named the port in answer to method, and never
// in answer to the other: which of them was let through would not be known.
func (e *evidence) gaveOnly(method string, port uint16) bool {
	gave := false
	for _, s := range e.r.Ports.Samples {
		if s.Port == port && s.Method != method {
			return false
		}
		gave = gave || s.Port == port
	}
	return gave
}

// methodsExplain reports that the method would explain the failures as well as
// the ports do: one method failed each time, and no port of it was let through.
func (e *evidence) methodsExplain(failed, worked []Attempt) bool {
	method := failed[0].Method
	same := func(a Attempt) bool { return a.Method == method }
	return len(e.coveredPorts(method)) == 0 && len(only(failed, same)) == len(failed) && len(only(worked, same)) == 0
}

// pasvPartialRange: some ports are let through and others are not, and a border
// between them is in sight: all that fail lie on one side. Failures scattered
// among ports that work are INCONCLUSIVE.
func pasvPartialRange(e *evidence) (Verdict, bool) {
	own := only(e.passive, func(a Attempt) bool { return !a.Ghost && (a.Family == 6) == e.r.Server.Remote.Addr().Is6() })
	failed, worked := withHow(own, unreached...), only(own, works)
	good := slices.Concat(dialled(worked), e.coveredPorts(""))
	slices.Sort(good)
	bad, good := dialled(failed), slices.Compact(good)
	if !portsExplain(bad, good) || e.methodsExplain(failed, worked) {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: e.passiveSeverity(), Confidence: Likely, Actor: ActYou, Mode: e.instead(),
		Sentence: "Some of the ports that the server uses for files are blocked, so that transfers fail now and then.",
		Meaning:  "The server's firewall, or the one of your network, was opened for a part of the range only; the texts for both are ready. Portside tries again by another way, which costs time each time.",
		Evidence: append([]string{
			fmt.Sprintf("ports that are let through: %s", ports(good)),
			fmt.Sprintf("ports that are not: %s", ports(bad)),
		}, attemptLines(failed)...),
		ForAdmin:    e.requestPassiveOut(failed),
		ForProvider: e.requestPassiveIn(failed),
	}
	if e.activeOK {
		v.Mode = "active"
	}
	if len(bad) > 1 && len(good) > 1 {
		v.Confidence = Certain
	}
	hop, why := e.place(failed)
	v.Evidence = append(v.Evidence, why...)
	switch hop {
	case HopNear, HopHere:
		v.Actor, v.ForProvider = ActNetwork, ""
		v.Meaning = "The firewall of your network was opened for a part of the server's range only. Portside tries again by another way, which costs time each time."
	case HopFar, HopServer:
		v.Actor, v.ForAdmin = ActProvider, ""
		v.Meaning = "The server's firewall was opened for a part of its range only. Portside tries again by another way, which costs time each time."
	}
	return v, true
}

// pasvOK: a passive data connection delivered.
func pasvOK(e *evidence) (Verdict, bool) {
	worked := only(e.passive, func(a Attempt) bool { return a.Result == Works })
	if len(worked) == 0 {
		return Verdict{}, false
	}
	return Verdict{
		Severity: OK,
		Sentence: "Files come through when this computer makes the connections for them" + over(e.families(worked)) + " (passive mode).",
		Evidence: attemptLines(worked),
	}, true
}
