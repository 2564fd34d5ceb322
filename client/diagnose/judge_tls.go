package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"portside/client"
)

// offersAUTH reports whether a list of features has AUTH TLS (RFC 4217, 4).
func offersAUTH(features []string) bool {
	return slices.ContainsFunc(features, func(f string) bool {
		return strings.HasPrefix(strings.ToUpper(strings.TrimSpace(f)), "AUTH")
	})
}

// mentions reports whether text has one of the words, in any case.
func mentions(text string, words ...string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// asksForTLS reports that a refusal names encryption as what is missing, as
// against one that names a resumed session (TLS_REUSE_REQUIRED).
func asksForTLS(text string) bool {
	return mentions(text, "tls", "ssl", "encrypt", "prot p", "secure connection", "protected connection") &&
		!mentions(text, "reuse", "resum", "certificate", "handshake", "not supported", "not available", "does not offer", "unavailable")
}

// wantsTLS reports that the login was refused in plain text because it was in
// plain text.
func wantsTLS(e *evidence) bool {
	return e.r.TLS == nil && e.r.Error != "" && (e.kind(client.KindTLS) || e.kind(client.KindLogin) || e.kind(client.KindDenied)) && asksForTLS(e.r.Error)
}

// tlsRequired: a reply to USER, PASS or the data command says that encryption is
// wanted, and the connection has none. The words of the reply decide; the code
// alone (530, 550, 522) also stands for wrong passwords and resumed sessions.
func tlsRequired(e *evidence) (Verdict, bool) {
	v := Verdict{
		Severity: Failure, Actor: ActYou,
		Sentence: "The server lets nobody log in without encryption, and this connection has none.",
		Meaning:  "Use TLS: the address then begins with ftpes://. With --tls require, or “TLS: required” in the window, the same site works.",
	}
	if wantsTLS(e) {
		v.Evidence = append(e.errorLine(), e.bannerLine()...)
		if offersAUTH(e.r.Server.FeatBefore) {
			v.Evidence = append(v.Evidence, "the server offers AUTH TLS")
		}
		return v, true
	}
	if e.tls {
		return Verdict{}, false
	}
	refused := only(slices.Concat(e.passive, e.active), func(a Attempt) bool {
		return a.Result == Fails && asksForTLS(a.Reply+" "+a.Final)
	})
	if len(refused) == 0 {
		return Verdict{}, false
	}
	v.Sentence = "The server moves files over encrypted connections only, and this one is not encrypted."
	v.Evidence = attemptLines(refused)
	return v, true
}

// tlsFailed: TLS was wanted on the control connection and did not come about, or
// the certificate was not accepted. It is not said who is at fault: a missing
// AUTH can be the server's setting, or taken out on the way (TLS_STRIPPED).
func tlsFailed(e *evidence) (Verdict, bool) {
	if !e.kind(client.KindTLS) && !e.kind(client.KindCert) || wantsTLS(e) {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Failure, Actor: ActYou,
		Sentence: "No encrypted connection to the server could be made.",
		Meaning:  "Check the kind of TLS: explicit (ftpes://, port 21) or implicit (ftps://, port 990).",
		Evidence: append(e.errorLine(), e.bannerLine()...),
	}
	if e.kind(client.KindCert) {
		v.Sentence = "The server's certificate could not be trusted, so Portside went no further."
		v.Meaning = "Ask the server's administrator for the certificate's SHA-256 fingerprint, compare it with the one shown, and pin it if they are the same."
		return v, true
	}
	if len(e.r.Server.FeatBefore) > 0 {
		word := "does not offer"
		if offersAUTH(e.r.Server.FeatBefore) {
			word = "offers"
		}
		v.Evidence = append(v.Evidence, "the server "+word+" AUTH TLS in its list of features")
	}
	return v, true
}

// tlsStripped: the greeting names TLS, as Pure-FTPd's does where it is compiled
// in and switched on, and the list of features, sent in plain text, lacks AUTH.
// A list without AUTH alone is what every server without TLS sends, so without
// such a contradiction there is no verdict.
func tlsStripped(e *evidence) (Verdict, bool) {
	f := e.r.Server.FeatBefore
	if len(f) == 0 || offersAUTH(f) || !strings.Contains(e.r.Server.Banner, "[TLS]") {
		return Verdict{}, false
	}
	return Verdict{
		Severity: Warning, Confidence: Likely, Actor: ActNetwork,
		Sentence: "Something on the way seems to hide that the server can encrypt.",
		Meaning:  "The server's greeting names TLS, but the list of its abilities that arrived here does not. Do not log in in plain text over this network; require TLS (ftpes://).",
		Evidence: append(e.bannerLine(), "features as they arrived: "+shown(strings.Join(f, ", "))),
		ForAdmin: e.requestInspection(),
	}, true
}

// mentionsReuse reports a refusal for want of a resumed session. ProFTPD puts it
// as 425 with the text of EPERM.
func mentionsReuse(a Attempt) bool {
	text := a.Final + " " + a.Err + " " + a.Reply
	return mentions(text, "reuse", "not resumed", "resumption", "session resum") ||
		replyCode(a.Final) == 425 && mentions(a.Final, "operation not permitted")
}

// tlsReuseRequired: the server takes data connections only in the TLS session of
// the control connection. That is a strength, and a note, where ours are resumed;
// it is a failure where the reply names it. A handshake that fails without a word
// about the session is TLS_FAILED.
func tlsReuseRequired(e *evidence) (Verdict, bool) {
	failed := only(slices.Concat(e.passive, e.active), func(a Attempt) bool { return a.TLS && a.Result == Fails && mentionsReuse(a) })
	t := e.r.TLS
	switch {
	case len(failed) > 0:
		v := Verdict{
			Severity: Failure, Actor: ActProvider,
			Sentence:    "The server wants every file connection to continue the encryption of the login, and did not accept that this one does.",
			Meaning:     "Portside offers it each time. With TLS 1.2 it may work; otherwise the server's setting has to be changed.",
			Evidence:    append(attemptLines(failed), e.tlsLines()...),
			ForProvider: e.requestReuse(failed),
		}
		if anyWorks(e.passive) || anyWorks(e.active) {
			v.Severity = Warning
		}
		return v, true
	case t != nil && t.Required == Works:
		does := "Portside does that."
		if t.Only12 {
			does = "Portside does that with TLS 1.2."
		}
		return Verdict{
			Severity: Note, Actor: ActNobody,
			Sentence: "The server takes files only over connections that continue the encryption of the login, which protects them well; " + does,
			Meaning:  "Nobody else can take over a connection for your files. Programs that cannot do it fail on this server.",
			Evidence: e.tlsLines(),
		}, true
	}
	return Verdict{}, false
}

// tlsLines tell what is known of TLS.
func (e *evidence) tlsLines() []string {
	t := e.r.TLS
	if t == nil {
		return nil
	}
	lines := []string{shown(t.Version) + ", " + shown(t.Cipher)}
	if t.Tries > 0 {
		lines = append(lines, fmt.Sprintf("protected data connections: %d tried, %d resumed the session, %d worked", t.Tries, t.Resumed, t.Worked))
	}
	if t.FirstFailed > 0 {
		lines = append(lines, fmt.Sprintf("the first that failed was number %d", t.FirstFailed))
	}
	return lines
}

// tlsDataFailed: the data connection came about and its handshake failed, for
// another reason than a missing resumption.
func tlsDataFailed(e *evidence) (Verdict, bool) {
	failed := only(withHow(slices.Concat(e.passive, e.active), HowTLS), func(a Attempt) bool { return a.TLS && !mentionsReuse(a) })
	if len(failed) == 0 {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Failure, Confidence: Likely, Actor: ActProvider,
		Sentence:    "The login is encrypted, but the encryption of the connections for files cannot be set up.",
		Meaning:     "The server's TLS settings are the likely cause. Nothing was sent over these connections.",
		Evidence:    append(attemptLines(failed), e.tlsLines()...),
		ForProvider: e.requestReuse(failed),
	}
	if e.passiveOK || e.activeOK {
		v.Severity = Warning
		v.Sentence = "The encryption of some connections for files could not be set up."
	}
	return v, true
}

// tlsCloseBroken: protected data ended without the closing mark (close_notify,
// RFC 8446, 6.1), so that TLS cannot tell a whole file from one cut short.
func tlsCloseBroken(e *evidence) (Verdict, bool) {
	if e.r.TLS == nil || e.r.TLS.CloseNotify != Fails {
		return Verdict{}, false
	}
	return Verdict{
		Severity: Warning, Actor: ActProvider,
		Sentence: "The server ends encrypted transfers without the mark that says they are complete.",
		Meaning:  "A file cut short on the way would look whole. Portside compares sizes instead.",
		Evidence: append([]string{"no close_notify at the end of data"}, e.tlsLines()...),
		ForProvider: e.request("Encrypted data connections end without a TLS close_notify alert (RFC 8446, 6.1; RFC 4217, 12.1), so that clients cannot tell a complete file from one cut short.",
			"Please update the server software, or report it to its makers.", e.bannerLine()),
	}, true
}

// tlsOnly12: a handshake of TLS 1.3 failed and one of TLS 1.2 worked.
func tlsOnly12(e *evidence) (Verdict, bool) {
	if e.r.TLS == nil || !e.r.TLS.Only12 {
		return Verdict{}, false
	}
	sev := Note
	if !e.passiveOK && !e.activeOK {
		sev = Warning
	}
	return Verdict{
		Severity: sev, Actor: ActProvider,
		Sentence:    "The newest encryption (TLS 1.3) fails with this server; the one before it (TLS 1.2) works and is used.",
		Evidence:    e.tlsLines(),
		ForProvider: e.request("TLS 1.3 fails with this server, TLS 1.2 works.", "Please update the server software or its TLS library.", append(e.tlsLines(), e.bannerLine()...)),
	}, true
}
