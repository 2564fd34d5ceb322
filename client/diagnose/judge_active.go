package diagnose

import (
	"fmt"
	"slices"
)

// activeSeverity grades what stops active mode. Behind most routers it cannot
// work, and need not where passive does, so that this is a note; a failure where
// nothing delivers, or where the site wants active mode and no other.
func (e *evidence) activeSeverity() Severity {
	switch {
	case e.wantActive:
		return Failure
	case e.passiveOK || e.activeOK:
		return Note
	}
	return Failure
}

// insteadOfActive is the mode that goes around.
func (e *evidence) insteadOfActive() string {
	if e.passiveOK {
		return "passive"
	}
	return ""
}

// natLine says what shows the translation of addresses.
func (e *evidence) natLine() string {
	l := e.r.Local
	if l.External.IsValid() && l.External != l.Addr {
		by := ""
		if l.ExternalBy != "" {
			by = " (by " + shown(l.ExternalBy) + ")"
		}
		return fmt.Sprintf("this computer has the address %s, and the server sees it as %s%s", l.Addr, l.External, by)
	}
	return fmt.Sprintf("this computer has the inner address %s, and the server has the address %s outside", l.Addr, e.r.Server.Remote.Addr())
}

// uncalled returns the active attempts of dead families to which no call came,
// or whose call was turned away.
func (e *evidence) uncalled() []Attempt {
	return withHow(deadFamilies(e.active), HowDropped, HowRefused, HowProhibited)
}

// refusedActive returns the active attempts of dead families whose command was
// refused by a reply.
func (e *evidence) refusedActive() []Attempt {
	return only(deadFamilies(e.active), func(a Attempt) bool { return rejected(a) && !asksForTLS(a.Reply) })
}

// foreignToServer reports that the attempt announced an address that the server
// does not see as this computer's: an inner one behind a router.
func (e *evidence) foreignToServer(a Attempt) bool {
	said := a.Announced.Addr().Unmap()
	switch {
	case !said.IsValid():
		return e.nat == Works && a.Family == 4
	case e.r.Local.External.IsValid() && e.r.Local.External.Is4() == said.Is4():
		return said != e.r.Local.External
	case e.nat == Works && said.Is4():
		return inner(said)
	}
	return false
}

// switchedOff reports a refusal of PORT or EPRT that means the command as such,
// as against one that means the address in it.
func switchedOff(reply string) bool {
	if replyCode(reply) == 502 || replyCode(reply) == 550 {
		return true
	}
	return mentions(reply, "disabled", "not implemented", "not supported", "not allowed", "not permitted", "unknown command", "not understood", "unrecognized", "unrecognised", "passive mode only", "use passive", "use pasv")
}

// activeLocalFW: this computer's own listener cannot be reached even from this
// computer. Only then is the cause surely here; a firewall that lets own
// connections pass and stops others looks like any other on the way.
func activeLocalFW(e *evidence) (Verdict, bool) {
	local := withHow(e.active, HowLocal)
	if e.r.Local.SelfReach != Fails && len(local) == 0 || e.activeOK {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: e.activeSeverity(), Actor: ActYou, Mode: e.insteadOfActive(),
		Sentence: "This computer itself stops connections that come in, so the server cannot call it back for files (active mode).",
		Meaning:  "Its own firewall or security software does that. Allow Portside to take connections, or stay with passive mode.",
		Evidence: attemptLines(local),
	}
	if e.r.Local.SelfReach == Fails {
		v.Evidence = append([]string{"a listener of Portside on this computer could not be reached from this computer"}, v.Evidence...)
	} else {
		v.Confidence = Likely
	}
	if e.r.Local.Firewall != "" {
		v.Evidence = append(v.Evidence, "the system's own firewall: "+shown(e.r.Local.Firewall))
	}
	return v, true
}

// activeCGNAT: the internet provider's translation (RFC 6598). The address range
// 100.64.0.0/10 is also used inside VPNs; a server that has such an address too, or that sees
// this computer without translation, is in the same one, and that is no CGNAT.
func activeCGNAT(e *evidence) (Verdict, bool) {
	dead := slices.Concat(e.uncalled(), e.refusedActive())
	if !shared(e.r.Local.Addr) && !shared(e.r.Local.External) || len(dead) == 0 {
		return Verdict{}, false
	}
	if remote := e.r.Server.Remote.Addr(); shared(remote) || e.nat == Fails || !remote.Unmap().Is4() {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: e.activeSeverity(), Actor: ActNobody, Mode: e.insteadOfActive(),
		Sentence: "Your internet provider shares one address between many customers, so no server can call this computer back (active mode).",
		Meaning:  "No setting of your own changes that. Passive mode and IPv6 do not need such calls.",
		Evidence: append([]string{e.natLine()}, attemptLines(dead)...),
	}
	return v, true
}

// activeNAT: the server was given an address that it cannot reach, because a
// router between us translates addresses and knows no way for the call. A server
// that refuses the address ("Illegal PORT", RFC 2577, 3) says the same. With a
// port mapping, or where the announced address is the one the server sees, the
// cause is another.
func activeNAT(e *evidence) (Verdict, bool) {
	if e.nat != Works || shared(e.r.Local.Addr) || shared(e.r.Local.External) || e.r.Local.SelfReach == Fails {
		return Verdict{}, false
	}
	behind := only(e.uncalled(), func(a Attempt) bool { return a.Family == 4 && e.r.Local.MappedBy == "" })
	behind = append(behind, only(e.refusedActive(), func(a Attempt) bool {
		return a.Family == 4 && e.foreignToServer(a) && !switchedOff(a.Reply)
	})...)
	if len(behind) == 0 {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: e.activeSeverity(), Actor: ActNetwork, Mode: e.insteadOfActive(),
		Sentence: "The server cannot call this computer back for files (active mode), because a router shares one address between all computers of this network.",
		Meaning:  "That is so in most homes and offices. Passive mode does not need it; where only active mode is allowed, the router has to pass a range of ports on to this computer.",
		Evidence: append([]string{e.natLine()}, attemptLines(behind)...),
		ForAdmin: e.requestForward(behind),
	}
	if !e.r.Local.External.IsValid() {
		v.Confidence = Likely
	}
	if plain := e.tlsDifference(true); len(plain) > 0 {
		v.Meaning = "Without TLS it works, because the router reads the conversation and opens the way; it cannot read it under TLS. Passive mode does not need that."
		v.Evidence = append(v.Evidence, attemptLines(plain)...)
	}
	return v, true
}

// activeRejected: the reply refused the command as such, or an address that is
// the right one. A refusal of an inner address behind a router is ACTIVE_NAT. An
// old server may not know EPRT; over IPv4 PORT must have been refused too.
func activeRejected(e *evidence) (Verdict, bool) {
	dead := deadFamilies(e.active)
	refused := only(e.refusedActive(), func(a Attempt) bool {
		return a.Family == 6 || !e.foreignToServer(a) || switchedOff(a.Reply)
	})
	if len(refused) == 0 || len(e.refusedActive()) != len(dead) {
		return Verdict{}, false
	}
	if !slices.ContainsFunc(refused, func(a Attempt) bool { return a.Method == "PORT" || a.Family == 6 }) {
		return Verdict{}, false
	}
	if slices.ContainsFunc(dead, func(a Attempt) bool { return a.Method == "PORT" && e.foreignToServer(a) && !switchedOff(a.Reply) }) {
		return Verdict{}, false // PORT was refused for its address
	}
	sev := e.activeSeverity()
	return Verdict{
		Severity: sev, Actor: ActProvider, Mode: e.insteadOfActive(),
		Sentence:    "The server refuses to call this computer back for files" + over(e.families(refused)) + " (active mode).",
		Meaning:     "Active mode is switched off in its settings, or not allowed for your account. Many servers do that on purpose.",
		Evidence:    attemptLines(refused),
		ForProvider: e.requestEnable("Active mode (EPRT, PORT) is refused", refused, fixActive),
	}, true
}

// activeFiltered: the server took the command, and its call never arrived or was
// turned away, although no router translates addresses and our listener works.
// It can be stopped at the server's side or at this one; where the evidence does
// not say, INCONCLUSIVE is added.
func activeFiltered(e *evidence) (Verdict, bool) {
	silent := only(e.uncalled(), func(a Attempt) bool { return e.nat != Works || a.Family == 6 || e.r.Local.MappedBy != "" })
	if len(silent) == 0 || e.r.Local.SelfReach == Fails {
		return Verdict{}, false
	}
	if e.nat == Unknown && inner(e.r.Local.Addr) != inner(e.r.Server.Remote.Addr()) {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: e.activeSeverity(), Confidence: Likely, Actor: ActNetwork, Mode: e.insteadOfActive(),
		Sentence:    "The server's call for files never arrives at this computer" + over(e.families(silent)) + " (active mode): a firewall stops it.",
		Meaning:     "Firewalls stop connections from outside unless they are told otherwise. Passive mode does not need them.",
		Evidence:    attemptLines(silent),
		ForAdmin:    e.requestCalls(silent),
		ForProvider: e.requestActiveOut(silent),
	}
	if e.nat == Fails {
		v.Evidence = append(v.Evidence, fmt.Sprintf("the server sees this computer under its own address %s: no router translates it", e.r.Local.Addr))
	}
	if e.r.Local.SelfReach == Works {
		v.Evidence = append(v.Evidence, "a listener of Portside on this computer can be reached from this computer")
	}
	if e.r.Local.Firewall != "" {
		v.Evidence = append(v.Evidence, "the system's own firewall: "+shown(e.r.Local.Firewall))
	}
	if plain := e.tlsDifference(true); len(plain) > 0 {
		v.Meaning = "Without TLS the call arrives, because a firewall reads the conversation and opens the way; it cannot read it under TLS. Passive mode does not need that."
		v.Evidence = append(v.Evidence, attemptLines(plain)...)
	}
	return v, true
}

// algRewrites: a device reads the conversation and acts on it. Proof: without TLS
// a call arrives at an inner address that the server cannot know to be behind the
// router, or a direction delivers without TLS and is dead with it, or the 227 of
// the same server names another address with TLS than without.
func algRewrites(e *evidence) (Verdict, bool) {
	v := Verdict{
		Severity: Note, Confidence: Likely, Actor: ActNetwork,
		Sentence: "A router or firewall on the way reads the FTP conversation and opens or changes what it finds there.",
		Meaning:  "That helps as long as nothing is encrypted, and stops helping under TLS. It belongs to the router's settings (FTP helper, ALG).",
		ForAdmin: e.requestInspection(),
	}
	plain := e.other
	if !e.tls {
		plain = slices.Concat(e.active, e.passive)
	}
	called := only(plain, func(a Attempt) bool {
		return !a.TLS && isActive(a) && a.Result == Works && e.nat == Works && a.Family == 4 && e.foreignToServer(a) && e.r.Local.MappedBy == ""
	})
	if len(called) > 0 {
		v.Evidence = append([]string{e.natLine()}, attemptLines(called)...)
	}
	for _, active := range []bool{false, true} {
		list := e.passive
		if active {
			list = e.active
		}
		if works := e.tlsDifference(active); len(works) > 0 && len(deadFamilies(list)) > 0 && !anyWorks(list) {
			v.Evidence = append(append(v.Evidence, attemptLines(works)...), attemptLines(deadFamilies(list))...)
		}
	}
	if with, without := e.namedAddress(true), e.namedAddress(false); with != "" && without != "" && with != without {
		v.Evidence = append(v.Evidence, fmt.Sprintf("the server's 227 names %s with TLS and %s without", with, without))
	}
	return v, len(v.Evidence) > 0
}

// namedAddress is the address in the 227 replies of the session's or of the other
// security, where they agree.
func (e *evidence) namedAddress(tls bool) string {
	named := ""
	for _, a := range e.r.Methods {
		if a.Method != "PASV" || a.TLS != tls || !a.Announced.IsValid() {
			continue
		}
		said := a.Announced.Addr().Unmap().String()
		if named != "" && named != said {
			return ""
		}
		named = said
	}
	return named
}

// activeOK: an active data connection delivered.
func activeOK(e *evidence) (Verdict, bool) {
	worked := only(e.active, func(a Attempt) bool { return a.Result == Works })
	if len(worked) == 0 {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: OK,
		Sentence: "Files come through when the server calls this computer for them" + over(e.families(worked)) + " (active mode).",
		Evidence: attemptLines(worked),
	}
	for _, a := range e.active {
		if len(a.Strangers) > 0 {
			v.Evidence = append(v.Evidence, fmt.Sprintf("%s: %s knocked as well, and was refused", attemptTitle(a), strangers(a)))
		}
	}
	if e.r.Local.MappedBy != "" {
		v.Evidence = append(v.Evidence, "through a port of the router, opened by "+shown(e.r.Local.MappedBy))
	}
	return v, true
}
