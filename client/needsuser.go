package client

import "errors"

// NeedsUser reports whether err comes again, however often it is tried, until somebody
// changes a setting or decides something: a certificate, a client certificate that is
// missing, the login to a proxy, what a proxy permits, a mode or a command that cannot be.
// A refused login to the server itself is a *LoginError, and is judged by its reply.
func NeedsUser(err error) bool {
	var ce *CertError
	var wanted *CertWantedError
	var command *AfterLoginError
	var proxy *ProxyError
	switch {
	case errors.As(err, &ce), errors.As(err, &wanted), errors.As(err, &command), errors.Is(err, ErrActiveProxy):
		return true
	case errors.As(err, &proxy):
		return proxy.Step == ProxyLogin || proxy.Step == ProxyDenied || proxy.Kind == "system"
	}
	return false
}
