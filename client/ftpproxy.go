package client

import (
	"context"
	"net"
)

// An FTP proxy is a server that is logged in to, and told in the login where to go. It
// makes the connection to the server itself, plain: TLS is between here and the proxy,
// whose certificate is what is verified, and data connections are made with the proxy.
// Its commands go out after AUTH TLS, so that no password is sent in clear where TLS is
// asked for.

// proxyLogin says to an FTP proxy what its form wants before the login to the server.
func (s *Session) proxyLogin(ctx context.Context) error {
	p := s.opt.Proxy
	if s.route.kind != ProxyFTP || p.Form == ProxyUserAtProxy || p.Form == ProxyUserBlank {
		return nil
	}
	if p.User != "" {
		rep, err := s.tellProxy(ctx, "USER", p.User, ProxyLogin)
		if err != nil {
			return err
		}
		if rep.Class() == 3 {
			if _, err = s.tellProxy(ctx, "PASS", p.Password, ProxyLogin); err != nil {
				return err
			}
		}
	}
	verb := ""
	switch p.Form {
	case ProxySite:
		verb = "SITE"
	case ProxyOpen:
		verb = "OPEN"
	case ProxyUserAtHost, ProxyUserAtProxy, ProxyUserBlank:
		return nil
	}
	_, err := s.tellProxy(ctx, verb, s.proxyTarget(), ProxyServer)
	return err
}

// tellProxy sends one command of the login to the proxy. A refusal is a *ProxyError.
func (s *Session) tellProxy(ctx context.Context, verb, arg, step string) (Reply, error) {
	raw, err := s.charset.encode(arg)
	if err != nil {
		return Reply{}, err
	}
	rep, err := s.ctl.Cmd(ctx, verb, raw)
	for err == nil && rep.Class() == 1 {
		rep, err = s.ctl.Read(ctx, "the reply to "+verb)
	}
	if err != nil {
		return rep, err
	}
	if rep.Class() >= 4 || rep.Code == 332 {
		rep = s.ctl.MaskReply(rep)
		return rep, &ProxyError{
			Kind: "FTP", Addr: s.route.proxy, Target: s.info.Addr, Step: step, Said: rep.String(),
			Err: &ReplyError{Verb: verb, Reply: rep},
		}
	}
	return rep, nil
}

// proxyTarget is the server as an FTP proxy is told of it: with its port where that is
// not 21.
func (s *Session) proxyTarget() string {
	host, port, err := net.SplitHostPort(s.info.Addr)
	if err != nil || port != "21" {
		return s.info.Addr
	}
	return host
}

// loginAs returns the arguments of USER and PASS.
func (s *Session) loginAs() (user, password string) {
	user, password = s.opt.User, s.opt.Password
	if s.route.kind != ProxyFTP {
		return user, password
	}
	p, at := s.opt.Proxy, "@"+s.proxyTarget()
	switch p.Form {
	case ProxyUserAtHost:
		return user + at, password
	case ProxyUserAtProxy:
		return user + "@" + p.User + at, password + "@" + p.Password
	case ProxyUserBlank:
		return user + at + " " + p.User, password
	case ProxySite, ProxyOpen:
	}
	return user, password
}

// account returns the argument of ACCT where the server asks for one.
func (s *Session) account() (string, bool) {
	if s.route.kind == ProxyFTP && s.opt.Proxy.Form == ProxyUserBlank {
		return s.opt.Proxy.Password, true
	}
	return s.opt.Account, s.opt.Account != ""
}
