package client

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
)

// explainProxy is for all that a proxy between here and the server does.
func explainProxy(err error, _ *DialError) (Advice, bool) {
	if errors.Is(err, ErrActiveProxy) {
		return Advice{Kind: KindProxy, Sentence: "Active mode cannot work through this proxy: the server would have to connect to this computer.", Next: "Choose automatic or passive mode, or connect without the proxy."}, true
	}
	var pe *ProxyError
	if !errors.As(err, &pe) {
		return Advice{}, false
	}
	a := Advice{Kind: KindProxy}
	proxy := strings.TrimSpace(fmt.Sprintf("the %s proxy %s", pe.Kind, pe.Addr))
	because := ""
	if pe.Err != nil && !isTimeoutErr(pe.Err) && pe.Said == "" {
		because = ": " + cause(pe.Err)
	}
	if pe.Said != "" {
		because = fmt.Sprintf(". It said: %q", strings.TrimRight(pe.Said, ". "))
	}
	switch {
	case pe.Kind == "system":
		a.Sentence = sentence("the proxy that this computer has set cannot be used" + because)
		a.Next = "Correct that setting, or choose the proxy in the site."
	case pe.Step == ProxyReach:
		a.Sentence = sentence(proxy + " could not be reached" + reachedHow(pe, because))
		a.Next = "Check the proxy's address and your network connection, or connect without the proxy."
	case pe.Step == ProxyTalk && isTimeoutErr(pe.Err):
		a.Sentence = sentence(proxy + " did not answer in time")
		a.Next = "Check its address and kind, or try again: it may be overloaded."
	case pe.Step == ProxyTalk:
		a.Sentence = sentence(proxy + " does not answer as one" + because)
		a.Next = "Check its address, and whether it is a proxy of this kind."
	case pe.Step == ProxyLogin:
		a.Sentence = sentence(proxy + " did not accept the login" + loginBecause(pe, because))
		a.Next = "Check the user and the password for the proxy, which are not those for the server."
	case pe.Step == ProxyDenied:
		a.Sentence = sentence(proxy + " does not permit a connection to " + pe.Target + because)
		a.Next = "Ask its administrator to permit FTP: the server's port and its passive ports. Many HTTP proxies let port 443 through only."
	default:
		a.Sentence = sentence(proxy + " could not connect to " + pe.Target + because)
		a.Next = "Check the server's address. The proxy looks up its name by itself, and may be in another network."
	}
	var de *DataError
	if errors.As(err, &de) {
		a.Sentence = "The login works, but no data connection could be made: " + strings.ToLower(a.Sentence[:1]) + a.Sentence[1:]
		if pe.Step == ProxyServer {
			a.Next = "Have the server's administrator open its passive ports for the proxy, or ask the proxy's to permit them."
		}
	}
	return a, true
}

// reachedHow says why a proxy could not be reached.
func reachedHow(pe *ProxyError, because string) string {
	var dns *net.DNSError
	switch {
	case errors.As(pe.Err, &dns):
		return ": no computer of that name could be found"
	case isTimeoutErr(pe.Err):
		return ": it did not answer in time"
	case errors.Is(pe.Err, syscall.ECONNREFUSED):
		return ": nobody listens there"
	}
	return because
}

// loginBecause gives the proxy's words and what they mean.
func loginBecause(pe *ProxyError, because string) string {
	var re *ReplyError
	if pe.Said == "" || pe.Err == nil || errors.As(pe.Err, &re) {
		return because
	}
	return ": " + pe.Err.Error() + because
}

func explainClientCert(err error, _ *DialError) (Advice, bool) {
	var ce *CertWantedError
	switch {
	case !errors.As(err, &ce):
		return Advice{}, false
	case ce.Shown:
		return Advice{
			Kind: KindCert, Sentence: fmt.Sprintf("The server did not accept your client certificate: %s.", cause(ce.Err)),
			Next: "Check that it is the one that the server's administrator has made or admitted, and that it is valid today.",
		}, true
	}
	return Advice{
		Kind: KindCert, Sentence: "The server lets in only those who show a client certificate.",
		Next: "Choose the file with your certificate and its key for this server; its administrator gives it out.",
	}, true
}

func explainAfterLogin(err error, _ *DialError) (Advice, bool) {
	var ae *AfterLoginError
	if !errors.As(err, &ae) {
		return Advice{}, false
	}
	return Advice{Kind: KindOther, Sentence: sentence(ae.Error()), Next: "Change the site's commands after the login; nothing was sent."}, true
}
