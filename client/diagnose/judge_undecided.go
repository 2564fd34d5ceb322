package diagnose

import (
	"fmt"
	"slices"
	"strings"
)

// open makes an INCONCLUSIVE verdict: what is not known, and what would decide.
func open(sev Severity, sentence, decide string, evidence []string) Verdict {
	return Verdict{
		Severity: sev, Confidence: Possible, Actor: ActYou,
		Sentence: sentence, Meaning: "What would decide: " + decide, Evidence: evidence,
	}
}

const otherNetwork = "the same diagnosis from another network, such as a telephone's, compared with this one (portside-cli diagnose --compare)."

// whichFirewallPassive: a silence is the same whichever firewall keeps it, and no
// port outside the offer told them apart.
func whichFirewallPassive(e *evidence) (Verdict, bool) {
	stopped := silentPassive(e, unreached...)
	if _, partial := pasvPartialRange(e); partial || len(stopped) == 0 {
		return Verdict{}, false
	}
	if hop, _ := e.place(stopped); hop != HopUnknown {
		return Verdict{}, false
	}
	return open(Note,
		"From here it cannot be seen which firewall stops this computer's connections for files: your network's or the server's.",
		otherNetwork+" If passive mode works there, the firewall is this network's.", e.outsideLines(nil)), true
}

// whichFirewallActive: the server's call is lost on a path that only the server
// could follow.
func whichFirewallActive(e *evidence) (Verdict, bool) {
	if _, filtered := activeFiltered(e); !filtered {
		return Verdict{}, false
	}
	silent := e.uncalled()
	if hop, _ := e.place(silent); hop != HopUnknown {
		return Verdict{}, false
	}
	return open(Note,
		"From here it cannot be seen where the server's calls for files are stopped: at the server, on the way, or at this computer.",
		otherNetwork+" If active mode works there, the server can make calls.", nil), true
}

// noReplyToMethod: the command itself got no reply, though others did. A device
// that swallows the command and a server that hangs look alike. Where PASV
// delivers and EPSV is silent, EPSV_FILTERED says more.
func noReplyToMethod(e *evidence) (Verdict, bool) {
	silent := withHow(slices.Concat(e.passive, e.active), HowSilent)
	if _, known := epsvFiltered(e); len(silent) == 0 || known {
		return Verdict{}, false
	}
	sev := Note
	if !e.passiveOK && !e.activeOK {
		sev = Failure
	}
	var methods []string
	for _, a := range silent {
		if !slices.Contains(methods, a.Method) {
			methods = append(methods, a.Method)
		}
	}
	return open(sev,
		"The server, or a device on the way, gives no reply when a connection for files is asked for by "+strings.Join(methods, " and ")+".",
		otherNetwork+" If the reply comes there, a device of this network swallows the command.", attemptLines(silent)), true
}

// foreignCaller: a connection came to our listener, and not from the server's
// address. It can be another address of the server, or somebody who guesses
// ports; both look alike, so that it is refused.
func foreignCaller(e *evidence) (Verdict, bool) {
	foreign := withHow(e.active, HowForeign)
	if len(foreign) == 0 {
		return Verdict{}, false
	}
	sev := e.activeSeverity()
	return open(max(sev, Note),
		"A connection for files came from another computer than the server, and was refused.",
		fmt.Sprintf("a word of the provider whether %s belongs to the server. If not, somebody tries to get in between.", strangers(foreign[0])), attemptLines(foreign)), true
}

// noData: the connection came about and stayed empty, and neither a ghost nor a
// reply explains it.
func noData(e *evidence) (Verdict, bool) {
	empty := only(withHow(slices.Concat(e.passive, e.active), HowNoData, HowError), func(a Attempt) bool { return !a.Ghost })
	if len(empty) == 0 {
		return Verdict{}, false
	}
	if _, known := pmtu(e); known {
		return Verdict{}, false
	}
	sev := Note
	if !e.passiveOK && !e.activeOK {
		sev = Failure
	}
	return open(sev,
		"A connection for files came about, and nothing came over it.",
		"the server's log at these times, or "+otherNetwork+" A program in between, a lost packet size or a fault of the server look alike from here.", attemptLines(empty)), true
}

// nowAndThen: a method that delivers one time and fails another, without a border
// of ports that would explain it. Also EPSV dead and PASV alive where the ports
// drawn would explain it as well.
func nowAndThen(e *evidence) (Verdict, bool) {
	covered := len(e.coveredPorts("")) > 0
	failed := only(withHow(e.passive, HowDropped, HowRefused, HowProhibited, HowNoData), func(a Attempt) bool {
		return !a.Ghost && (covered || slices.ContainsFunc(e.passive, func(b Attempt) bool { return b.Family == a.Family && b.Result == Works }))
	})
	failedActive := only(withHow(e.active, HowDropped, HowRefused, HowProhibited, HowNoData), func(a Attempt) bool {
		return slices.ContainsFunc(e.active, func(b Attempt) bool { return sameCall(a, b) && b.Result == Works })
	})
	_, partial := pasvPartialRange(e)
	_, epsv := epsvFiltered(e)
	if partial || epsv {
		failed = nil
	}
	all := slices.Concat(failed, failedActive)
	if len(all) == 0 {
		return Verdict{}, false
	}
	return open(Warning,
		"Some connections for files fail, others work, and no rule shows in which.",
		"more tries (--ports 64): failing ports that lie together show a range opened by half, failures of one command show a filter.", attemptLines(all)), true
}

// sameCall reports that two active attempts asked for the same: one that went
// through a port mapping and one that did not are no repetition.
func sameCall(a, b Attempt) bool {
	return a.Method == b.Method && a.Family == b.Family && a.Announced.Addr() == b.Announced.Addr()
}

// stoppedEarly: what was not run is not known.
func stoppedEarly(e *evidence) (Verdict, bool) {
	if e.r.Stopped == "" || e.passiveOK && e.activeOK {
		return Verdict{}, false
	}
	sev := Note
	if !e.passiveOK && !e.activeOK {
		sev = Warning
	}
	var skipped []string
	for _, p := range e.r.Probes {
		if p.State != "done" && p.State != "" && len(skipped) < 8 {
			skipped = append(skipped, "not finished: "+shown(p.Title))
		}
	}
	return open(sev, "The diagnosis ended before all was tried: "+shown(e.r.Stopped)+".",
		"a run with more time (--budget 60s).", skipped), true
}
