package diagnose

import "slices"

// A rule looks at the evidence for one concept, and gives a verdict only where the
// evidence forces it. A missing verdict costs the reader a question; a wrong one
// sends them to the wrong person.
type rule struct {
	code  string // of the verdict; INCONCLUSIVE for those that say what is open
	judge func(*evidence) (Verdict, bool)
}

// rules returns all rules, the gravest concepts first; verdicts of one severity
// keep this order.
func rules() []rule {
	return []rule{
		{ProxyUnreachable, proxyUnreachable},
		{ProxyOdd, proxyOdd},
		{ProxyLogin, proxyLogin},
		{ProxyDenied, proxyDenied},
		{ProxyNoServer, proxyNoServer},
		{CtrlDNS, ctrlDNS},
		{CtrlRefused, ctrlRefused},
		{CtrlTimeout, ctrlTimeout},
		{LimitConnections, limitAtLogin},
		{TLSRequired, tlsRequired},
		{TLSFailed, tlsFailed},
		{LoginFailed, loginFailed},
		{CtrlIntercepted, ctrlIntercepted},
		{TLSStripped, tlsStripped},

		{ProxyDataDenied, proxyDataDenied},
		{ProxyDataFailed, proxyDataFailed},
		{PASVDisabled, pasvDisabled},
		{GhostAccept, ghostAccept},
		{PASVDropped, pasvDropped},
		{PASVRefused, pasvRefused},
		{PASVPrivateIP, pasvPrivateIP},
		{PASVForeignIP, pasvForeignIP},
		{EPSVFiltered, epsvFiltered},
		{PASVPartialRange, pasvPartialRange},

		{ActiveLocalFW, activeLocalFW},
		{ActiveCGNAT, activeCGNAT},
		{ActiveNAT, activeNAT},
		{ActiveRejected, activeRejected},
		{ActiveFiltered, activeFiltered},

		{TLSReuseRequired, tlsReuseRequired},
		{TLSFailed, tlsDataFailed},
		{PMTU, pmtu},
		{TLSCloseBroken, tlsCloseBroken},
		{TLSOnly12, tlsOnly12},
		{PortsSequential, portsSequential},
		{PortsNarrow, portsNarrow},
		{LimitConnections, limitSecond},
		{IdleTimer, idleTimer},
		{ALGRewrites, algRewrites},

		{ProxyInUse, proxyInUse},

		{Inconclusive, noReplyToMethod},
		{Inconclusive, foreignCaller},
		{Inconclusive, noData},
		{Inconclusive, nowAndThen},
		{Inconclusive, whichFirewallPassive},
		{Inconclusive, whichFirewallActive},
		{Inconclusive, stoppedEarly},

		{PASVOK, pasvOK},
		{ActiveOK, activeOK},
	}
}

// Judge turns the evidence in r into r.Verdicts, the gravest first, and
// r.Recommended. It is pure: the same evidence gives the same verdicts, and
// nothing else of r changes.
//
// INCONCLUSIVE stands where causes look alike from this computer, and its Meaning
// says what would decide. These are: which of two firewalls swallows a connection
// that gets no answer (nothing comes back from either, and no other port of the
// server gave a sign either); which of them sends a refusal, where the round trip
// is too short to tell near from far; who swallowed EPSV or PASV itself; a data
// connection that opened and stayed empty; an active connection from an address
// that is not the server's; a method that works one time and fails another
// without a pattern; and a diagnosis that ended early.
func Judge(r *Report) {
	e := newEvidence(r)
	r.Verdicts = []Verdict{}
	for _, rule := range rules() {
		if v, ok := rule.judge(e); ok {
			v.Code = rule.code
			r.Verdicts = append(r.Verdicts, v)
		}
	}
	for _, late := range []func(*evidence) (Verdict, bool){noSessionUnknown, sftpAvailable} {
		if v, ok := late(e); ok {
			r.Verdicts = append(r.Verdicts, v)
		}
	}
	for i := range r.Verdicts {
		finish(&r.Verdicts[i])
	}
	slices.SortStableFunc(r.Verdicts, func(a, b Verdict) int { return int(b.Severity) - int(a.Severity) })
	r.Recommended = recommend(e)
}

// finish fills what a rule may leave out, and tells each line of evidence once.
func finish(v *Verdict) {
	if v.Actor == "" {
		v.Actor = ActNobody
	}
	if v.Confidence == "" {
		v.Confidence = Certain
	}
	lines := []string{}
	for _, l := range v.Evidence {
		if !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	v.Evidence = lines
}

// The exit codes of a diagnosis.
const (
	ExitWell     = 0 // a data method works, and there is nothing to warn of
	ExitControl  = 2 // no control connection, no protection, or no login
	ExitNoData   = 3 // logged in, and no data method works
	ExitWarnings = 4 // a data method works, with warnings, or with failures that it goes around
)

// ExitCode says in one number how a report ends. What counts for 2 is that no
// session came about (Error is set and no data connection was tried). What counts
// for 3 is that data connections were tried and none delivered, with TLS 1.2
// and with small packets neither; where none was tried, because the plan left them out, the methods do not count. A verdict of
// severity Warning or Failure makes 4; notes do not count.
func (r *Report) ExitCode() int {
	if r.Error != "" && len(r.Methods) == 0 {
		return ExitControl
	}
	failed := slices.ContainsFunc(r.Methods, func(a Attempt) bool { return a.Result == Fails })
	detour := r.TLS != nil && (r.TLS.Only12 || r.TLS.OnlySmall)
	if failed && !detour && !anyWorks(sameSecurity(r)) {
		return ExitNoData
	}
	if slices.ContainsFunc(r.Verdicts, func(v Verdict) bool { return v.Severity >= Warning }) {
		return ExitWarnings
	}
	return ExitWell
}

// sameSecurity returns the attempts with the security of the session; what works
// without TLS is of no use to a site that asks for it.
func sameSecurity(r *Report) []Attempt {
	tls := sessionTLS(r)
	return only(r.Methods, func(a Attempt) bool { return a.TLS == tls })
}

// recommend chooses a mode that works: passive before active, because it needs
// nothing of this network, and a mode of two methods before a single one, because
// it can fall back. Only the address family of the session counts. "" where
// nothing works or nothing was tried.
func recommend(e *evidence) string {
	four := !e.r.Server.Remote.Addr().Is6() || e.r.Server.Remote.Addr().Is4In6()
	own := func(a Attempt) bool { return (a.Family == 4) == four && a.Result != Unknown }
	passive, active := only(e.passive, own), only(e.active, own)
	_, filtered := epsvFiltered(e)
	state := func(method string) Result {
		of := only(slices.Concat(passive, active), func(a Attempt) bool {
			return a.Method == method && (filtered || !rejected(a)) // a refusal by reply costs nothing: the next method follows at once
		})
		switch {
		case len(of) == 0:
			return Unknown
		case !slices.ContainsFunc(of, func(a Attempt) bool { return a.Result == Fails }):
			return Works
		}
		return Fails
	}
	epsv, pasv, eprt, port := state("EPSV"), state("PASV"), state("EPRT"), state("PORT")
	switch {
	case epsv == Works && pasv != Fails || pasv == Works && epsv == Unknown:
		return "passive"
	case epsv == Works:
		return "epsv"
	case pasv == Works:
		return "pasv"
	case eprt == Works && port != Fails || port == Works && eprt == Unknown:
		return "active"
	case eprt == Works:
		return "eprt"
	case port == Works:
		return "port"
	case anyWorks(passive) && anyWorks(active):
		return "auto" // each works now and then, so that one has to stand in for the other
	case anyWorks(passive):
		return "passive"
	case anyWorks(active):
		return "active"
	case e.r.TLS != nil && e.r.TLS.OnlySmall:
		return "auto" // which goes on with small packets by itself
	}
	return ""
}
