package client

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"portside/client/listing"
)

// A Kind sorts errors by what a person has to do about them.
type Kind uint8

// The kinds of trouble.
const (
	KindOther       Kind = iota
	KindHost             // the host is not known
	KindRefused          // nobody listens, or the way there is closed
	KindTimeout          // no answer in time
	KindLogin            // user or password refused
	KindCert             // the certificate is not trusted
	KindTLS              // no protected connection
	KindLost             // the control connection ended
	KindData             // no data connection
	KindNotFound         // no such file
	KindDenied           // no permission
	KindSpace            // no room
	KindName             // the name cannot be used
	KindUnsupported      // the server does not have it
	KindLocal            // trouble on this computer
	KindCancelled        // the user gave up
	KindBusy             // too many connections, or not now
	KindProxy            // the proxy on the way
)

var kindNames = []string{"other", "host", "refused", "timeout", "login", "certificate", "tls", "lost", "data", "not-found", "denied", "space", "name", "unsupported", "local", "cancelled", "busy", "proxy"}

// String returns the kind's name as it stands in --json.
func (k Kind) String() string { return nameOf(kindNames, int(k)) }

// Advice puts an error into words: one plain sentence, and what to do next,
// which may be empty. Neither holds a secret, nor characters that do harm.
type Advice struct {
	Kind     Kind
	Sentence string
	Next     string
}

// Explain puts err into a sentence for people, with the next step.
func Explain(err error) Advice {
	if err == nil {
		return Advice{}
	}
	a := explain(err)
	a.Sentence, a.Next = Printable(a.Sentence), Printable(a.Next)
	return a
}

func explain(err error) Advice {
	var de *DialError
	errors.As(err, &de)
	for _, rule := range []func(error, *DialError) (Advice, bool){
		explainContext, explainAfterLogin, explainCert, explainClientCert, explainProxy, explainLogin, explainLimit, explainDial, explainNoMethod, explainData, explainLost, explainReply, explainProtocol, explainTimeout, explainLocal,
	} {
		if a, ok := rule(err, de); ok {
			return a
		}
	}
	return Advice{Kind: KindOther, Sentence: sentence(err.Error())}
}

// quote gives a reply in quotation marks, without a full stop of its own.
func quote(rep Reply) string {
	return fmt.Sprintf("%q", strings.TrimRight(rep.String(), ". "))
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[size:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

func explainContext(err error, _ *DialError) (Advice, bool) {
	switch {
	case errors.Is(err, context.Canceled):
		return Advice{Kind: KindCancelled, Sentence: "Cancelled."}, true
	case errors.Is(err, context.DeadlineExceeded):
		return Advice{Kind: KindTimeout, Sentence: "It took longer than allowed, so it was given up.", Next: "Try again, or allow more time."}, true
	}
	return Advice{}, false
}

func explainCert(err error, _ *DialError) (Advice, bool) {
	var ce *CertError
	if !errors.As(err, &ce) {
		if errors.Is(err, ErrForeignDataCert) {
			return Advice{
				Kind:     KindCert,
				Sentence: "The data connection showed another certificate than the server's, so nothing was sent over it.",
				Next:     "Somebody may be in between. Ask the server's administrator whether one certificate is used for both connections.",
			}, true
		}
		return Advice{}, false
	}
	a := Advice{Kind: KindCert, Next: "Ask the server's administrator for the certificate's SHA-256 fingerprint. If it is " + spaced(ce.Fingerprint) + ", trust it; otherwise do not connect."}
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.Is(ce.Reason, ErrPinMismatch):
		a.Sentence = fmt.Sprintf("The certificate of %s is not the one that was pinned: it has changed, or somebody is in between.", ce.Host)
		a.Next = "Ask the server's administrator whether the certificate was replaced. The one shown now has the SHA-256 fingerprint " + spaced(ce.Fingerprint) + "."
	case ce.Known != "":
		a.Sentence = fmt.Sprintf("STOP: the certificate of %s has changed. It is not the one that was trusted, and this computer cannot verify it: somebody may be in between and read the password.", ce.Host)
		a.Next = "Do not log in before the server's administrator has confirmed the change. Trusted was the SHA-256 fingerprint " + spaced(ce.Known) + "; shown now is " + spaced(ce.Fingerprint) + "."
	case errors.As(ce.Reason, &host):
		a.Sentence = fmt.Sprintf("The certificate is made out for %s and not for %s.", names(ce.Chain), ce.Host)
	case errors.As(ce.Reason, &invalid) && invalid.Reason == x509.Expired:
		a.Sentence = fmt.Sprintf("The certificate of %s is not valid today; it was valid from %s to %s.", ce.Host, day(ce.Chain, true), day(ce.Chain, false))
	case selfSigned(ce.Chain):
		a.Sentence = fmt.Sprintf("The certificate of %s is self-signed, so nobody vouches that this is the right server.", ce.Host)
	case errors.As(ce.Reason, &unknown):
		a.Sentence = fmt.Sprintf("The certificate of %s is signed by an authority that this computer does not know.", ce.Host)
	default:
		a.Sentence = fmt.Sprintf("The certificate of %s did not pass the check: %v.", ce.Host, ce.Reason)
	}
	if len(ce.Chain) == 0 {
		a.Next = "Ask the server's administrator to install a certificate."
	}
	return a, true
}

func selfSigned(chain []*x509.Certificate) bool {
	return len(chain) > 0 && chain[0].CheckSignatureFrom(chain[0]) == nil || len(chain) == 1 && string(chain[0].RawIssuer) == string(chain[0].RawSubject)
}

func names(chain []*x509.Certificate) string {
	if len(chain) == 0 {
		return "nobody"
	}
	out := append([]string(nil), chain[0].DNSNames...)
	for _, ip := range chain[0].IPAddresses {
		out = append(out, ip.String())
	}
	if len(out) == 0 {
		out = append(out, chain[0].Subject.CommonName)
	}
	const most = 4
	if len(out) > most {
		out = append(out[:most], "others")
	}
	return strings.Join(out, ", ")
}

func day(chain []*x509.Certificate, from bool) string {
	if len(chain) == 0 {
		return "?"
	}
	if from {
		return chain[0].NotBefore.UTC().Format(time.DateOnly)
	}
	return chain[0].NotAfter.UTC().Format(time.DateOnly)
}

// spaced writes a fingerprint in pairs with colons.
func spaced(fingerprint string) string {
	var pairs []string
	for i := 0; i+2 <= len(fingerprint); i += 2 {
		pairs = append(pairs, strings.ToUpper(fingerprint[i:i+2]))
	}
	return strings.Join(pairs, ":")
}

func explainLogin(err error, _ *DialError) (Advice, bool) {
	var le *LoginError
	if !errors.As(err, &le) {
		return Advice{}, false
	}
	said := fmt.Sprintf(" It said: %s.", quote(le.Reply))
	text := strings.ToLower(le.Reply.Text())
	switch {
	case le.Verb == "USER" && le.Reply.Code != 332 && (strings.Contains(text, "tls") || strings.Contains(text, "ssl") || strings.Contains(text, "encrypt") || strings.Contains(text, "secure")):
		return Advice{Kind: KindTLS, Sentence: "The server wants a protected connection before the login." + said, Next: "Connect with TLS (ftpes://)."}, true
	case le.Reply.Code == 421 || strings.Contains(text, "too many") || strings.Contains(text, "maximum"):
		return Advice{Kind: KindBusy, Sentence: "The server has too many connections just now." + said, Next: "Close other connections to it, or try again in a while."}, true
	case le.Reply.Code != 530 && le.Reply.Class() == 5 && (strings.Contains(text, "oops") || strings.Contains(text, "director")):
		return Advice{Kind: KindDenied, Sentence: "The server took the login and then failed to set it up." + said, Next: "Ask its administrator to look at this account's folder."}, true
	case le.Reply.Code == 332 || le.Verb == "ACCT":
		return Advice{Kind: KindLogin, Sentence: "The server wants an account name besides user and password." + said, Next: "Give the account name (ACCT)."}, true
	}
	return Advice{Kind: KindLogin, Sentence: "The server did not accept the user name or the password." + said, Next: "Check both, capital letters included, and try again."}, true
}

func explainLimit(err error, _ *DialError) (Advice, bool) {
	var le *LimitError
	var ll *listing.LimitError
	if errors.As(err, &le) || errors.As(err, &ll) {
		return Advice{Kind: KindOther, Sentence: sentence(errorText(err)), Next: "The server is broken or hostile. If the amount is right, raise the limit."}, true
	}
	return Advice{}, false
}

// errorText is the text of the innermost limit error.
func errorText(err error) string {
	var le *LimitError
	if errors.As(err, &le) {
		return le.Error()
	}
	var ll *listing.LimitError
	if errors.As(err, &ll) {
		return ll.Error()
	}
	return err.Error()
}

func explainDial(err error, de *DialError) (Advice, bool) {
	if de == nil {
		return Advice{}, false
	}
	host, port, splitErr := net.SplitHostPort(de.Addr)
	if splitErr != nil {
		host = de.Addr
	}
	var pe *ProtocolError
	var re *ReplyError
	switch {
	case de.Op == OpResolve:
		return Advice{Kind: KindHost, Sentence: fmt.Sprintf("No computer called %q could be found.", host), Next: "Check the spelling of the host name and your network connection."}, true
	case isTimeoutErr(err):
		next := "Check the address, and whether a firewall is in between."
		if de.Op != OpConnect {
			next = "Something answers there that does not speak FTP, or it is overloaded. Check the port and the kind of TLS."
		}
		return Advice{Kind: KindTimeout, Sentence: fmt.Sprintf("%s did not answer on port %s in time.", host, port), Next: next}, true
	case de.Op == OpConnect && errors.Is(err, syscall.ECONNREFUSED) || isRefusedText(err):
		return Advice{Kind: KindRefused, Sentence: fmt.Sprintf("%s refuses connections on port %s: no FTP server listens there.", host, port), Next: "Check the port (usually 21, or 990 for implicit TLS) and whether the server is running."}, true
	case de.Op == OpConnect:
		return Advice{Kind: KindRefused, Sentence: fmt.Sprintf("%s could not be reached: %s.", host, cause(err)), Next: "Check the address and your network connection."}, true
	case errors.As(err, &pe) && strings.HasPrefix(pe.Line, "SSH-"):
		return Advice{Kind: KindOther, Sentence: fmt.Sprintf("Port %s of %s is an SSH server, which speaks SFTP and not FTP.", port, host), Next: "Use an SFTP client for it, or find out its FTP port."}, true
	case de.Op == OpGreeting && errors.As(err, &pe):
		return Advice{Kind: KindOther, Sentence: fmt.Sprintf("What answers on port %s of %s is not an FTP server.", port, host), Next: "Check the port, and whether it wants implicit TLS (ftps://)."}, true
	case de.Op == OpGreeting && errors.As(err, &re):
		return Advice{Kind: KindBusy, Sentence: fmt.Sprintf("%s does not take new connections now. It said: %s.", host, quote(re.Reply)), Next: "Try again in a while."}, true
	case de.Op == OpTLS && errors.As(err, &pe):
		return Advice{Kind: KindTLS, Sentence: sentence(pe.Error()), Next: "Do not log in over this network before it is clear who did that."}, true
	case de.Op == OpTLS:
		if errors.As(err, &re) {
			return Advice{Kind: KindTLS, Sentence: fmt.Sprintf("%s does not offer a protected connection. It said: %s.", host, quote(re.Reply)), Next: "Ask for TLS on the server, or connect in plain text if you accept that the password can be read on the way."}, true
		}
		return Advice{Kind: KindTLS, Sentence: fmt.Sprintf("No protected connection to %s could be made: %s.", host, cause(err)), Next: "Check the kind of TLS: explicit (ftpes://, port 21) or implicit (ftps://, port 990)."}, true
	}
	return Advice{}, false
}

// isRefusedText covers systems whose error numbers differ.
func isRefusedText(err error) bool {
	var oe *net.OpError
	return errors.As(err, &oe) && oe.Op == "dial" && strings.Contains(oe.Error(), "refused")
}

func isTimeoutErr(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// cause is the innermost error's text.
func cause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

func explainLost(err error, _ *DialError) (Advice, bool) {
	var le *LostError
	switch {
	case errors.As(err, &le) && le.Last != nil:
		return Advice{Kind: KindLost, Sentence: fmt.Sprintf("The server closed the connection. It said: %s.", quote(*le.Last)), Next: "Connect again."}, true
	case errors.As(err, &le):
		return Advice{Kind: KindLost, Sentence: "The connection to the server was lost.", Next: "Check your network connection and connect again."}, true
	case errors.Is(err, ErrClosed):
		return Advice{Kind: KindLost, Sentence: "The connection is closed.", Next: "Connect again."}, true
	}
	return Advice{}, false
}

func explainReply(err error, _ *DialError) (Advice, bool) {
	if errors.Is(err, ErrUnsupported) {
		return Advice{Kind: KindUnsupported, Sentence: sentence(err.Error())}, true
	}
	var re *ReplyError
	if !errors.As(err, &re) {
		return Advice{}, false
	}
	if a, ok := explainCode(re); ok {
		return a, true
	}
	next := ""
	if re.Temporary() {
		next = "Try again in a while."
	}
	return Advice{Kind: KindOther, Sentence: fmt.Sprintf("The server refused. It said: %s.", quote(re.Reply)), Next: next}, true
}

// explainCode reads the codes and words that servers refuse a file with.
func explainCode(re *ReplyError) (Advice, bool) {
	said := fmt.Sprintf("It said: %s.", quote(re.Reply))
	text := strings.ToLower(re.Reply.Text())
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	switch {
	case re.Reply.Code == 552 || re.Reply.Code == 452 || has("quota", "no space", "disk full"):
		return Advice{Kind: KindSpace, Sentence: "There is no room left on the server. " + said, Next: "Delete something there, or ask for more room."}, true
	case re.Reply.Code == 553 && !has("no such", "not found"):
		return Advice{Kind: KindDenied, Sentence: "The server does not accept this name or does not let you write there. " + said, Next: "Choose another name or folder."}, true
	case re.Reply.Code == 550 && has("denied", "permission", "not permitted", "not allowed", "forbidden", "read-only"):
		return Advice{Kind: KindDenied, Sentence: "The server does not permit this. " + said, Next: "Ask its administrator for the right to do it, or choose another folder."}, true
	case re.Reply.Code == 550 && has("exists", "already exist") && !has("not exist", "doesn't exist", "no such"):
		return Advice{Kind: KindDenied, Sentence: "There is something of that name already. " + said, Next: "Choose another name."}, true
	case re.Reply.Code == 550 && has("not empty"):
		return Advice{Kind: KindDenied, Sentence: "The folder is not empty. " + said, Next: "Delete what is in it first."}, true
	case re.Reply.Code == 550 && !has("no such", "not found") && (re.Verb == "MKD" || re.Verb == "RMD" || re.Verb == "RNTO" || re.Verb == "STOR" || re.Verb == "APPE"):
		return Advice{Kind: KindDenied, Sentence: "The server did not do it. " + said, Next: "Check that you may write there, that the name is free, and that a folder to be removed is empty."}, true
	case re.Reply.Code == 450 && !has("no such", "not found", "no files"):
		return Advice{Kind: KindBusy, Sentence: "The server cannot give this file or folder just now. " + said, Next: "Try again in a while."}, true
	case re.Reply.Code == 550 || re.Reply.Code == 450 || has("no such", "not found"):
		return Advice{Kind: KindNotFound, Sentence: "The server does not have this file or folder, or does not show it to you. " + said, Next: "Check the name, and refresh the listing."}, true
	case re.Reply.Code == 426:
		return Advice{Kind: KindLost, Sentence: "The connection broke during the transfer. " + said, Next: "Try again; the transfer can be resumed."}, true
	case re.Reply.Code == 421:
		return Advice{Kind: KindBusy, Sentence: "The server closes the connection. " + said, Next: "Try again in a while."}, true
	}
	return Advice{}, false
}

func explainProtocol(err error, _ *DialError) (Advice, bool) {
	var pe *ProtocolError
	if errors.As(err, &pe) {
		return Advice{Kind: KindOther, Sentence: "The server said something that is not FTP: " + sentence(pe.Error()), Next: "Connect again; if it stays, the transcript shows what was said."}, true
	}
	return Advice{}, false
}

func explainTimeout(err error, _ *DialError) (Advice, bool) {
	if isTimeoutErr(err) {
		return Advice{Kind: KindTimeout, Sentence: "The server did not answer in time.", Next: "Try again, or allow more time."}, true
	}
	return Advice{}, false
}

func explainLocal(err error, _ *DialError) (Advice, bool) {
	var pe *fs.PathError
	path := ""
	if errors.As(err, &pe) {
		path = " " + pe.Path
	}
	switch {
	case errors.Is(err, ErrBadName):
		return Advice{Kind: KindName, Sentence: sentence(err.Error()), Next: "Choose another name."}, true
	case errors.Is(err, syscall.ENOSPC):
		return Advice{Kind: KindSpace, Sentence: "There is no room left on this computer's disk.", Next: "Free some room and try again."}, true
	case errors.Is(err, fs.ErrPermission):
		return Advice{Kind: KindLocal, Sentence: fmt.Sprintf("This computer does not permit access to%s.", path), Next: "Choose another folder, or change its permissions."}, true
	case errors.Is(err, fs.ErrNotExist):
		return Advice{Kind: KindLocal, Sentence: fmt.Sprintf("There is no%s on this computer.", path), Next: "Check the name."}, true
	case errors.Is(err, fs.ErrExist):
		return Advice{Kind: KindLocal, Sentence: fmt.Sprintf("There is a%s on this computer already.", path), Next: "Choose another name."}, true
	}
	return Advice{}, false
}
