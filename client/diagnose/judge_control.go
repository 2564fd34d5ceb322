package diagnose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"portside/client"
)

// kind reports the client.Kind of the error that ended the diagnosis before a
// session came about.
func (e *evidence) kind(k client.Kind) bool {
	return e.r.Error != "" && e.r.ErrKind == k.String()
}

// errorLine repeats the error as evidence.
func (e *evidence) errorLine() []string {
	if e.r.Error == "" {
		return nil
	}
	return []string{utc(e.r.Started) + ": " + shown(e.r.Error)}
}

// allControl reports that no try of the FTP port was let in, and that one ended
// in one of these classes. Where there were no tries, the kind of error decides.
func (e *evidence) allControl(k client.Kind, classes ...string) bool {
	ftp := e.controlTries()
	if e.r.Error == "" || e.connected() || e.r.Proxy != nil && e.r.Proxy.Step != "" {
		return false
	}
	if len(ftp) == 0 {
		return e.kind(k)
	}
	return slices.ContainsFunc(ftp, func(c Control) bool { return slices.Contains(classes, c.Class) })
}

// ctrlDNS: the name has no address. Whether the name is wrong or the name service
// is out of reach is told by its answer: "no such host" comes from a service that
// works.
func ctrlDNS(e *evidence) (Verdict, bool) {
	if !e.kind(client.KindHost) {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Failure, Confidence: Likely, Actor: ActYou,
		Sentence: fmt.Sprintf("No computer called “%s” could be found.", e.host()),
		Meaning:  "Check the spelling of the server's name, and whether other addresses open on this computer.",
		Evidence: e.errorLine(),
	}
	if strings.Contains(strings.ToLower(e.r.Error), "no such host") {
		v.Confidence = Certain
	}
	return v, true
}

// ctrlRefused: something answers, and turns the connection away: the server (RST)
// or a firewall (ICMP). A silent server is CTRL_TIMEOUT.
func ctrlRefused(e *evidence) (Verdict, bool) {
	if !e.allControl(client.KindRefused, ClassRefused, ClassProhibited, ClassUnreachable) {
		return Verdict{}, false
	}
	ftp := e.controlTries()
	v := Verdict{
		Severity: Failure, Actor: ActYou,
		Sentence: fmt.Sprintf("%s turns away connections to port %s, where its FTP server should be.", capital(e.hostAndAddr()), e.port()),
		Meaning:  "No server runs there, it listens at another port, or a firewall answers in its place. Check the port with whoever runs the server.",
		Evidence: append(e.errorLine(), controlLines(e.r.Control)...),
	}
	class := func(c string) bool { return slices.ContainsFunc(ftp, func(t Control) bool { return t.Class == c }) }
	switch {
	case class(ClassRefused) || len(ftp) == 0:
		v.ForProvider = e.requestControl()
	case class(ClassProhibited):
		v.Sentence = fmt.Sprintf("A firewall forbids the connection to %s at port %s.", e.hostAndAddr(), e.port())
		v.Meaning = "The ban was answered by a device on the way, of your network or of the server's."
		v.Actor = ActNetwork
		v.Confidence = Likely
		v.ForAdmin, v.ForProvider = e.requestControl(), e.requestControl()
	default:
		v.Sentence = fmt.Sprintf("There is no way from this network to %s.", e.hostAndAddr())
		v.Meaning = "Check that this computer is connected, and that a VPN is switched on where the server needs one."
	}
	return v, true
}

// ctrlTimeout: nothing comes back from the FTP port, or the connection is made
// and no greeting follows. Other ports of the same server that answer show that
// the server is there and this port alone is closed by a firewall.
func ctrlTimeout(e *evidence) (Verdict, bool) {
	ftp := e.controlTries()
	open := slices.ContainsFunc(ftp, func(c Control) bool { return c.Class == ClassOpen })
	if open && e.r.Server.Banner == "" && e.kind(client.KindTimeout) {
		return Verdict{
			Severity: Failure, Actor: ActYou,
			Sentence: fmt.Sprintf("%s takes the connection at port %s and then says nothing.", capital(e.hostAndAddr()), e.port()),
			Meaning:  "The port may want TLS from the first byte (ftps://, usually port 990), the server may be overloaded, or something on the way took the connection in its place.",
			Evidence: append(e.errorLine(), controlLines(e.r.Control)...),
		}, true
	}
	turnedAway := slices.ContainsFunc(ftp, func(c Control) bool {
		return c.Class == ClassRefused || c.Class == ClassProhibited || c.Class == ClassUnreachable
	})
	if turnedAway || !e.allControl(client.KindTimeout, ClassDropped) {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Failure, Actor: ActYou,
		Sentence:    fmt.Sprintf("%s does not answer at port %s.", capital(e.hostAndAddr()), e.port()),
		Meaning:     "It is switched off, the address is wrong, or a firewall swallows the connection. Try another network, such as a telephone's: if it works there, this network's firewall is the cause.",
		Evidence:    append(e.errorLine(), controlLines(e.r.Control)...),
		ForAdmin:    e.requestControl(),
		ForProvider: e.requestControl(),
	}
	alive := slices.IndexFunc(e.r.Control, func(c Control) bool {
		return c.What != WhatFTP && (c.Class == ClassOpen || c.Class == ClassRefused)
	})
	if alive >= 0 {
		v.Sentence = fmt.Sprintf("%s is there, but a firewall swallows connections to its port %s.", capital(e.hostAndAddr()), e.port())
		v.Meaning = fmt.Sprintf("Its port %d gave an answer, and port %s gave none.", e.r.Control[alive].Addr.Port(), e.port())
		v.Confidence = Likely
		v.Actor = ActProvider
	}
	return v, true
}

// limitAtLogin: the server is there and full, for everybody or for this address.
func limitAtLogin(e *evidence) (Verdict, bool) {
	if !e.kind(client.KindBusy) {
		return Verdict{}, false
	}
	return Verdict{
		Severity: Failure, Actor: ActYou,
		Sentence:    "The server takes no more connections just now.",
		Meaning:     "Close other programs that are connected to it and try again in a few minutes; a program that was cut off counts on the server until its time is over.",
		Evidence:    append(e.errorLine(), e.bannerLine()...),
		ForProvider: e.requestLimit(),
	}, true
}

// loginFailed: the reply to USER, PASS or ACCT refused. A refusal for want of TLS
// is TLS_REQUIRED, one for too many connections LIMIT_CONNECTIONS.
func loginFailed(e *evidence) (Verdict, bool) {
	if !e.kind(client.KindLogin) && !e.kind(client.KindDenied) || wantsTLS(e) {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Failure, Actor: ActYou,
		Sentence: "The server did not accept the user name or the password.",
		Meaning:  "Check both, capital letters included. Do not try again and again: many servers lock an address out after a few failures.",
		Evidence: append(e.errorLine(), e.bannerLine()...),
	}
	if e.kind(client.KindDenied) {
		v.Sentence = "The server took the login and then failed to set it up."
		v.Meaning = "Its administrator should look at this account's folder."
		v.Actor = ActProvider
	}
	return v, true
}

// ctrlIntercepted: a banner of asterisks, or a command that came back as X's, is
// the mark of a device that inspects and edits the conversation. A server does
// neither by itself. That a device merely stands in between is not enough.
func ctrlIntercepted(e *evidence) (Verdict, bool) {
	masked := slices.DeleteFunc(e.saidWith("XXXX"), func(l string) bool { return !strings.Contains(l, "500") && !strings.Contains(l, "502") })
	if !e.r.Server.BannerMasked && len(masked) == 0 {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Warning, Confidence: Likely, Actor: ActNetwork,
		Sentence:    "A device on the way reads the conversation with the server and blanks out parts of it.",
		Meaning:     "Such inspection can break transfers, and can hide that the server offers encryption. With TLS it can neither read nor change anything.",
		ForAdmin:    e.requestInspection(),
		ForProvider: e.requestInspection(),
	}
	if e.r.Server.BannerMasked {
		v.Evidence = append(v.Evidence, "the greeting was "+strconv.Quote(shown(e.r.Server.Banner)))
	}
	for _, l := range masked {
		v.Evidence = append(v.Evidence, "a command was changed on the way: "+strconv.Quote(shown(l)))
	}
	if e.r.Server.BannerMasked && len(masked) > 0 {
		v.Confidence = Certain
	}
	if len(e.r.Server.FeatBefore) > 0 && !offersAUTH(e.r.Server.FeatBefore) {
		v.Evidence = append(v.Evidence, "the list of the server's features has no AUTH; whether the device removed it shows a try from another network")
	}
	return v, true
}

// saidWith returns the lines of the transcript that contain text.
func (e *evidence) saidWith(text string) []string {
	var out []string
	for _, p := range e.r.Probes {
		for _, l := range p.Said {
			if strings.Contains(l, text) && len(out) < 4 {
				out = append(out, l)
			}
		}
	}
	return out
}

// noSessionUnknown says that there is no session where no rule could say why.
func noSessionUnknown(e *evidence) (Verdict, bool) {
	if e.r.Error == "" || e.kind(client.KindCancelled) {
		return Verdict{}, false
	}
	if slices.ContainsFunc(e.r.Verdicts, func(v Verdict) bool { return v.Severity == Failure }) {
		return Verdict{}, false
	}
	v := Verdict{
		Code: Inconclusive, Severity: Failure, Confidence: Possible, Actor: ActYou,
		Sentence: fmt.Sprintf("No session with %s came about, and what was seen does not show why.", e.hostAndAddr()),
		Meaning:  "What would decide: the same diagnosis from another network, compared with this one.",
		Evidence: append(append(e.errorLine(), controlLines(e.r.Control)...), e.bannerLine()...),
	}
	for _, c := range e.controlTries() {
		if c.Class == ClassOpen && c.Said != "" && replyCode(c.Said) == 0 {
			v.Sentence = fmt.Sprintf("Something answers at port %s of %s, and it does not speak FTP.", e.port(), e.host())
			v.Meaning = "The port is another service's, or a device on the way answers in the server's place. What would decide: the port as its provider names it, or the same diagnosis from another network."
		}
	}
	return v, true
}

// bannerLine repeats the server's greeting.
func (e *evidence) bannerLine() []string {
	if e.r.Server.Banner == "" {
		return nil
	}
	return []string{"the server's greeting: " + strconv.Quote(shown(e.r.Server.Banner))}
}

// sftpAvailable: another way to the same files, worth a word only where FTP has
// trouble.
func sftpAvailable(e *evidence) (Verdict, bool) {
	trouble := e.r.Error != "" || len(withHow(slices.Concat(e.passive, e.active), HowDropped, HowRefused, HowProhibited, HowTLS)) > 0 && !e.passiveOK
	for _, c := range e.controls(WhatSSH) {
		if trouble && c.Class == ClassOpen && strings.HasPrefix(c.Said, "SSH-") {
			return Verdict{
				Code: SFTPAvailable, Severity: Note, Actor: ActYou,
				Sentence: "The same computer also answers by SSH, and may offer the files by SFTP, which needs one connection only.",
				Meaning:  "Where no way for FTP can be opened, ask the provider whether your account may use SFTP.",
				Evidence: []string{controlLine(c)},
			}, true
		}
	}
	return Verdict{}, false
}

// capital begins a sentence.
func capital(s string) string {
	if s == "the server" || strings.HasPrefix(s, "the server ") {
		return "T" + s[1:]
	}
	return s
}
