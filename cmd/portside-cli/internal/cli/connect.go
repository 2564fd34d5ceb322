package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"portside/client"
)

// A sessionKey is what makes two addresses share one connection.
type sessionKey struct {
	addr, user, password string
	security             client.Security
	site                 string // ID of the saved site that was named: its settings count
}

// A remote is an address on a server that is connected.
type remote struct {
	*client.Session
	address
	raw string // the path on the server, raw bytes
}

// open connects to the server of a, or takes the connection that is there.
func (p *program) open(ctx context.Context, a address) (*remote, error) {
	opt, err := p.optionsFor(ctx, a)
	if err != nil {
		return nil, err
	}
	key := keyOf(a, opt)
	s := p.sessions[key]
	if s != nil && s.Err() != nil {
		s.Abort()
		s = nil
	}
	if s == nil {
		s, err = p.dial(ctx, a.url.Addr(), opt)
		if err != nil {
			return nil, err
		}
		p.sessions[key] = s
	}
	if err := a.encode(s.Encode); err != nil {
		return nil, err
	}
	return &remote{Session: s, address: a, raw: remotePath(s.Info().Home, a.path)}, nil
}

func keyOf(a address, opt client.Options) sessionKey {
	key := sessionKey{addr: a.url.Addr(), user: opt.User, password: opt.Password, security: opt.Security}
	if a.site != nil {
		key.site = a.site.ID
	}
	return key
}

// current is the connection that r's server has now: a transfer may have had to
// replace the one of r.
func (p *program) current(r *remote) *client.Session {
	for key, s := range p.sessions {
		if key.addr == r.url.Addr() && s != r.Session && r.Err() != nil {
			return s
		}
	}
	return r.Session
}

// openArg is open for an address as typed.
func (p *program) openArg(ctx context.Context, s string) (*remote, error) {
	a, err := p.parseAddress(s)
	if err != nil {
		return nil, err
	}
	return p.open(ctx, a)
}

// optionsFor joins the global options with what the address, or the saved site, says.
func (p *program) optionsFor(ctx context.Context, a address) (client.Options, error) {
	var opt client.Options
	var err error
	if a.site != nil {
		opt, err = p.siteOptions(ctx, *a.site)
	} else {
		opt, err = p.urlOptions(ctx, a.url)
	}
	if err != nil {
		return opt, err
	}
	return p.withTrust(a.url.Addr(), opt), nil
}

// withTrust adds the certificate that somebody has decided to trust on connections to
// addr, where the command line does not decide about certificates.
func (p *program) withTrust(addr string, opt client.Options) client.Options {
	opt.Trusted = ""
	if opt.Pin == "" && opt.RootCAs == nil && !opt.Insecure {
		opt.Trusted = p.trusted().Trusted(opt.CertAddr(addr))
	}
	return opt
}

// urlOptions is optionsFor for a URL.
func (p *program) urlOptions(ctx context.Context, u client.URL) (client.Options, error) {
	base, err := p.clientOptions()
	if err != nil {
		return base, err
	}
	if u.Security != client.SecurityAuto && p.opt.tlsGiven && u.Security != p.opt.security {
		return base, usagef("--tls %s contradicts the address, which says --tls %s", p.opt.security, u.Security)
	}
	opt := u.Options(base)
	if u.Security == client.SecurityAuto {
		opt.Security = base.Security
	}
	if opt.User == "" {
		opt.User = p.opt.user
	}
	if opt.Password, err = p.password(ctx, u, opt.User); err != nil {
		return opt, err
	}
	if err = p.proxyPassword(ctx, &opt); err != nil {
		return opt, err
	}
	p.hide(opt)
	return opt, p.clientCertificate(ctx, &opt)
}

// dial connects, and tries again as often as --retries says.
func (p *program) dial(ctx context.Context, addr string, opt client.Options) (*client.Session, error) {
	wait := time.Second
	for attempt := 0; ; attempt++ {
		s, err := p.dialTrusting(ctx, addr, p.watchPorts(addr, opt))
		if fingerprint := p.askTrust(ctx, addr, err); fingerprint != "" {
			opt.Trusted = fingerprint
			s, err = p.dialTrusting(ctx, addr, p.watchPorts(addr, opt))
		}
		if err == nil {
			p.sayPlain(s, opt.User)
			return s, nil
		}
		if attempt >= p.opt.retries || !worthRetry(err) || ctx.Err() != nil {
			return nil, err
		}
		pr, _ := explain(err)
		p.note("%s Trying again in %s.", endSentence(pr.Message), wait)
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
		wait = min(2*wait, 30*time.Second)
	}
}

// worthRetry reports whether the same attempt may succeed a moment later.
func worthRetry(err error) bool {
	if re, ok := errors.AsType[*client.ReplyError](err); ok {
		return re.Temporary()
	}
	switch adviceOf(err).Kind {
	case client.KindRefused, client.KindTimeout, client.KindLost, client.KindData:
		return true
	default:
		return false
	}
}

// pause waits for d, or for ctx.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sayPlain says on a terminal that a password went over an unprotected
// connection because the server offers nothing else. With -v the engine's notes
// say it, and --json has it in the result.
func (p *program) sayPlain(s *client.Session, user string) {
	info := s.Info()
	if !info.FellBackToPlain || user == "" || isAnonymous(user) || p.opt.quiet || p.opt.json || p.opt.verbose || !isTerminal(p.app.Stderr) {
		return
	}
	p.errText(name + ": " + client.Printable(info.Addr) + " offers no TLS: the password and the files can be read on the way\n")
}

// connectionJSON is the connection as --json tells it.
type connectionJSON struct {
	Server  string `json:"server"`
	TLS     string `json:"tls,omitempty"`
	Cipher  string `json:"cipher,omitempty"`
	Pin     string `json:"fingerprint,omitempty"`
	Plain   bool   `json:"fell_back_to_plain,omitempty"`
	Method  string `json:"method,omitempty"` // of the last data connection
	Charset string `json:"charset,omitempty"`
	System  string `json:"system,omitempty"`

	Warnings []string `json:"warnings,omitempty"` // about the server, each told once
}

// connectionOf describes s, with the warnings that have not been told.
func (p *program) connectionOf(s *client.Session) connectionJSON {
	info := s.Info()
	c := connectionJSON{Server: info.Addr, Plain: info.FellBackToPlain, Charset: info.Charset, System: info.System, Warnings: p.portWarnings(info.Addr)}
	if info.TLS != nil {
		c.TLS, c.Cipher, c.Pin = info.TLS.Version, info.TLS.Cipher, info.TLS.Fingerprint
	}
	if info.Method != client.MethodNone {
		c.Method = info.Method.String()
	}
	return c
}

// closeSessions says goodbye to every server, or hangs up when ctx is over.
func (p *program) closeSessions(ctx context.Context) {
	for key, s := range p.sessions {
		if ctx.Err() != nil {
			s.Abort()
		}
		_ = s.Close() // the work is done and has been reported
		delete(p.sessions, key)
	}
}

func endSentence(s string) string { return strings.TrimRight(s, ".") + "." }
