package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/jlaffaye/ftp"

	"portside/client/internal/gateway"
	"portside/client/internal/pi"
	"portside/client/modes"
	"portside/client/transcript"
)

// sessionCacheSize holds the tickets of one control connection and its data
// connections; there is one server name, so one entry is used.
const sessionCacheSize = 4

// Dial opens a control connection to addr ("host" or "host:port") and logs in.
// ctx bounds the whole exchange, greeting included; the Session outlives it.
// Errors are *DialError, holding what went wrong, or those of ctx.
func Dial(ctx context.Context, addr string, opt Options) (*Session, error) {
	opt = opt.withDefaults()
	s, err := dial(ctx, addr, opt)
	var odd *gateway.OddError
	if errors.As(err, &odd) && ctx.Err() == nil {
		s, err = dialAgain(ctx, addr, opt) // which sends one command after the other
	}
	if err != nil && worthTLS12(err, opt) && ctx.Err() == nil {
		remark(opt, opt.Transcript.NextConn(), "TLS 1.3 failed; trying TLS 1.2")
		older := opt
		older.MaxTLS = tls.VersionTLS12
		if second, secondErr := dial(ctx, addr, older); secondErr == nil {
			second.info.TLSDowngraded = true
			s, err = second, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if s.info.TLSDowngraded {
		opt.Memory.BoundTLS(s.key, tls.VersionTLS12, opt.Now())
	}
	s.start()
	return s, nil
}

// worthTLS12 reports whether err may be the work of something on the way that
// cannot stand TLS 1.3: the handshake failed, and not for its certificate.
func worthTLS12(err error, opt Options) bool {
	var de *DialError
	var ce *CertError
	var re *ReplyError
	var pe *ProtocolError
	if opt.MaxTLS != 0 || opt.Security == SecurityOff || !errors.As(err, &de) || de.Op != OpTLS {
		return false
	}
	return !errors.As(err, &ce) && !errors.As(err, &re) && !errors.As(err, &pe)
}

// dial makes a Session that has not begun to live: nothing runs beside its calls.
func dial(ctx context.Context, addr string, opt Options) (*Session, error) {
	host, hostPort, err := dialPort(addr, opt.Security)
	if err != nil {
		return nil, &DialError{Op: OpResolve, Addr: addr, Err: err}
	}
	cs, err := newCharset(opt.Charset)
	if err != nil {
		return nil, err
	}
	for _, line := range opt.AfterLogin {
		if err = CheckAfterLogin(line); err != nil {
			return nil, err
		}
	}
	way, err := opt.route(ctx, hostPort)
	if err != nil {
		return nil, &DialError{Op: OpConnect, Addr: hostPort, Err: err}
	}
	if opt.certAddr == "" {
		opt.certAddr = opt.CertAddr(hostPort)
	}
	s := &Session{opt: opt, charset: cs, route: way, shown: &shownCerts{certs: opt.Certificates}, turn: make(chan struct{}, 1)}
	s.tlsControl, err = controlTLS(opt, way.certHost(host), tls.NewLRUClientSessionCache(sessionCacheSize))
	if err != nil {
		return nil, err
	}
	s.tlsControl.GetClientCertificate = s.shown.choose
	s.info.Addr, s.info.Charset, s.info.Proxy = hostPort, cs.name, way.String()
	s.number = opt.Transcript.NextConn()
	s.remarkWay(hostPort)
	if err := s.open(ctx, hostPort); err != nil {
		s.remark("no session: %v", err)
		if s.ctl != nil {
			_ = s.ctl.Close()
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	return s, nil
}

// open runs the whole exchange from the TCP connection to the working directory.
func (s *Session) open(ctx context.Context, hostPort string) error {
	failed := func(op string, err error) error {
		var de *DialError
		var ce *CertWantedError
		if err = s.shown.judge(err); errors.As(err, &ce) {
			op = OpTLS // with TLS 1.3 the refusal comes in place of the first reply
		}
		if errors.As(err, &de) {
			return err
		}
		return &DialError{Op: op, Addr: hostPort, Err: err}
	}
	nc, err := s.route.connect(ctx, s.opt, hostPort)
	if err != nil {
		return err
	}
	s.recall(ctx, nc)
	if s.opt.Security == SecurityImplicit {
		if nc, err = s.implicitTLS(ctx, nc); err != nil {
			return failed(OpTLS, err)
		}
	}
	s.ctl = pi.New(nc, pi.Config{
		Timeout: s.opt.Timeout, Transcript: s.opt.Transcript, Number: s.number, Secrets: s.secrets(), Now: s.opt.Now,
		Limits: pi.Limits{LineBytes: s.opt.Limits.ReplyLine, ReplyBytes: s.opt.Limits.Reply},
	})
	if s.route.tunnel == "" {
		s.ctl.Note("connected to %s", nc.RemoteAddr())
	} else {
		s.ctl.Note("connected to %s through the proxy %s", hostPort, s.route.proxy)
	}
	greeting, err := s.ctl.Greeting(ctx)
	if err != nil {
		return failed(OpGreeting, err)
	}
	s.info.Greeting = greeting.Text()
	if err := s.protect(ctx); err != nil {
		return failed(OpTLS, err)
	}
	s.info.Remote, s.info.Local = s.route.remote(s.ctl.RemoteAddr()), tcpAddr(s.ctl.LocalAddr())
	s.info.TLS = tlsInfo(s.ctl.TLS())
	w := s.welcome()
	if err := s.login(ctx, w); err != nil {
		return failed(OpLogin, err)
	}
	if err := s.prepare(ctx, w, failed); err != nil {
		return err
	}
	s.welcomed(w)
	return nil
}

// recall looks up what worked here before, on the connection that is to become
// the control connection.
func (s *Session) recall(ctx context.Context, nc net.Conn) {
	if s.opt.Memory == nil {
		return
	}
	local := tcpAddr(nc.LocalAddr()).Addr()
	s.key = modes.Key{Server: s.info.Addr, TLS: s.opt.Security != SecurityOff, Network: s.route.network(modes.LocalNetwork(ctx, local).String())}
	s.known = s.opt.Memory.Lookup(s.key)
	if bound := s.known.TLSBound(s.opt.Now()); bound != 0 && s.opt.MaxTLS == 0 {
		s.tlsControl.MaxVersion = bound
		s.opt.MaxTLS = bound // for the connections beside and after this one too
	}
}

// settleKey is called when it is known whether the connection is protected.
func (s *Session) settleKey() {
	if protected := s.ctl.TLS() != nil; s.opt.Memory != nil && s.key.TLS != protected {
		s.key.TLS = protected
		s.known = s.opt.Memory.Lookup(s.key)
	}
}

// remark writes a note to the transcript, also where there is no control
// connection. Secrets that a server repeats are masked.
func (s *Session) remark(format string, args ...any) {
	if s.ctl != nil {
		s.ctl.Note(format, args...)
		return
	}
	remark(s.opt, s.number, format, args...)
}

// remarkWay says where it goes, and what is left out on that way.
func (s *Session) remarkWay(hostPort string) {
	switch s.route.kind {
	case ProxyNone:
		s.remark("connecting to %s", hostPort)
		return
	case ProxyFTP:
		s.remark("connecting to %s by the FTP proxy %s", hostPort, s.route.proxy)
		return
	case ProxySystem, ProxySOCKS5, ProxyHTTP:
	}
	s.remark("connecting to %s through the %s proxy %s", hostPort, strings.ToUpper(s.route.kind.String()), s.route.proxy)
	if s.opt.Mode == Auto {
		s.remark("active modes are left out: the server cannot connect through the proxy")
	}
}

func remark(o Options, number int, format string, args ...any) {
	o.Transcript.Add(transcript.Line{Time: o.Now(), Conn: number, Kind: transcript.Note, Text: fmt.Sprintf(format, args...)})
}

func tcpAddr(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		ap := t.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// implicitTLS shakes hands before the first reply.
func (s *Session) implicitTLS(ctx context.Context, nc net.Conn) (net.Conn, error) {
	hctx, cancel := context.WithTimeout(ctx, s.opt.Timeout)
	defer cancel()
	t := tls.Client(nc, s.tlsControl)
	if err := t.HandshakeContext(hctx); err != nil {
		_ = nc.Close()
		if ctx.Err() == nil && hctx.Err() != nil {
			return nil, &TimeoutError{What: "the TLS handshake", After: s.opt.Timeout}
		}
		return nil, fmt.Errorf("tls handshake: %w", err)
	}
	return t, nil
}

// protect sends AUTH TLS where it is wanted. Only SecurityAuto may go on in
// plain, and only where the server refuses before anything secret was sent.
func (s *Session) protect(ctx context.Context) error {
	switch s.opt.Security {
	case SecurityOff, SecurityImplicit:
		return nil
	case SecurityAuto, SecurityRequire:
	}
	_, err := s.ctl.StartTLS(ctx, s.tlsControl)
	var refused *ReplyError
	if s.opt.Security == SecurityAuto && errors.As(err, &refused) && refused.Reply.Code != 421 {
		s.info.FellBackToPlain = true
		s.ctl.Note("the server does not offer TLS; going on in plain text")
		return nil
	}
	return err
}

// login drives the library's login, which sends USER, PASS, FEAT, TYPE and OPTS. PASS
// goes out when the reply to USER has come: a server may want TLS or another user first.
func (s *Session) login(ctx context.Context, w *welcome) error {
	hooks := s.hooks()
	hooks.Feat = func(ctx context.Context) (bool, error) { return s.loginFeatures(ctx, w) }
	gate, err := gateway.New(s.ctl, hooks)
	if err != nil {
		return err
	}
	s.gate = gate
	user, password := s.loginAs()
	if user, err = s.charset.encode(user); err != nil {
		return err
	}
	password, err = s.charset.encode(password)
	if err != nil {
		return fmt.Errorf("%w: the password cannot be written in %s", ErrBadName, s.charset.name)
	}
	if !w.known && s.route.kind != ProxyFTP { // whose own features say nothing
		if err = s.earlyFeatures(ctx); err != nil {
			return err
		}
	}
	if err = s.proxyLogin(ctx); err != nil {
		return err
	}
	err = gate.Do(ctx, func(c *ftp.ServerConn) error { return c.Login(user, password) })
	var refused *ReplyError
	if errors.As(err, &refused) && (refused.Verb == "USER" || refused.Verb == "PASS" || refused.Verb == "ACCT") {
		return &LoginError{Verb: refused.Verb, Reply: s.ctl.MaskReply(refused.Reply)}
	}
	if errors.Is(err, ftp.ErrInvalidCommand) {
		return fmt.Errorf("%w: the user or the password holds a line break", ErrBadName)
	}
	return err
}

// hooks are the decisions that the gateway leaves to s after the login.
func (s *Session) hooks() gateway.Hooks {
	return gateway.Hooks{
		Open:    s.openData,
		Account: s.account,
		Login:   s.sawLogin,
	}
}

func (s *Session) sawLogin(_ string, rep Reply) {
	if rep.Class() == 2 {
		s.info.LoginText = rep.Text()
	}
}

// prepare protects the data connections and learns what the Session needs.
func (s *Session) prepare(ctx context.Context, w *welcome, failed func(string, error) error) error {
	s.typ = 'I'
	if st := s.ctl.TLS(); st != nil {
		s.tlsData = dataTLS(s.tlsControl, leafOf(st))
		for _, c := range [][2]string{{"PBSZ", "0"}, {"PROT", "P"}} {
			rep, err := s.gate.Ask(ctx, c[0], c[1])
			if err != nil {
				return failed(OpTLS, err)
			}
			if rep.Class() != 2 && c[0] == "PROT" {
				return failed(OpTLS, &ReplyError{Verb: "PROT P", Reply: rep})
			}
		}
	}
	s.info.System = w.System
	if !w.known {
		rep, err := s.gate.Ask(ctx, "SYST", "")
		if err != nil {
			return failed(OpLogin, err)
		}
		if rep.Class() == 2 {
			s.info.System = strings.TrimSpace(s.ctl.MaskReply(rep).Last()) // shown and remembered
		}
	}
	if err := s.goHome(ctx); err != nil {
		return failed(OpLogin, err)
	}
	return nil
}

// goHome learns the working directory after the login.
func (s *Session) goHome(ctx context.Context) error {
	rep, err := s.gate.Ask(ctx, "PWD", "")
	for err == nil && rep.Class() == 1 {
		rep, err = s.ctl.Read(ctx, "the reply to PWD")
	}
	if err != nil {
		return err
	}
	home, ok := "", false
	if rep.Class() == 2 {
		home, ok = parsePWD(rep.Text())
	}
	if !ok {
		s.note("the working directory is not told; taking it for /")
		home = "/"
	}
	s.info.Home = home
	s.home, s.cwd, s.serverCwd = home, home, home
	return nil
}

func leafOf(st *tls.ConnectionState) *x509.Certificate {
	if len(st.PeerCertificates) == 0 {
		return nil
	}
	return st.PeerCertificates[0]
}

// isDNS reports whether the host's address could not be found.
func isDNS(err error) bool {
	var de *net.DNSError
	return errors.As(err, &de)
}
