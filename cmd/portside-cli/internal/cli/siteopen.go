package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"portside/client"
	"portside/client/access"
	"portside/client/clientcert"
	"portside/client/secrets"
	"portside/client/sites"
)

// proxyPasswordVariable is the environment variable that a proxy's password may come from.
const proxyPasswordVariable = "PORTSIDE_PROXY_PASSWORD"

// siteOptions returns the engine's options for a saved site, with its secrets. What
// stands on the command line counts more than what the site says.
func (p *program) siteOptions(ctx context.Context, saved sites.Site) (client.Options, error) {
	opt, ok := p.ready[saved.ID]
	if ok {
		return opt, nil
	}
	base, err := p.clientOptions()
	if err != nil {
		return base, err
	}
	s, err := p.siteAsGiven(saved)
	if err != nil {
		return base, err
	}
	if base.Password, err = p.passwordGiven(s.URL().User); err != nil {
		return base, err
	}
	base.Proxy.Password = p.app.Getenv(proxyPasswordVariable)
	acc := access.Access{Secrets: p.secretStore(), Trust: p.trusted()}
	res, err := acc.Options(ctx, s, base)
	if err != nil {
		return base, optionsTrouble(err)
	}
	if err = p.answer(ctx, s, &res); err != nil {
		return base, err
	}
	opt = p.asGiven(res.Options)
	if !p.proxyIsOf(saved) {
		if err = p.proxyPassword(ctx, &opt); err != nil {
			return base, err
		}
	} else {
		opt.Proxy = res.Options.Proxy
	}
	p.hide(opt)
	if p.ready == nil {
		p.ready = map[string]client.Options{}
	}
	p.ready[saved.ID] = opt
	return opt, nil
}

// siteAsGiven is the site with what of the command line decides which secrets it has.
func (p *program) siteAsGiven(s sites.Site) (sites.Site, error) {
	if p.given("user") && p.opt.user != s.User {
		s.User, s.Logon, s.ID = p.opt.user, sites.LogonDefault, "" // its password is another user's
	}
	if !p.proxyIsOf(s) {
		s.Proxy = sites.Proxy{} // likewise
	}
	if p.opt.clientCert != "" {
		var err error
		if s.ClientCert, err = filepath.Abs(p.opt.clientCert); err == nil && p.opt.clientKey != "" {
			s.ClientKey, err = filepath.Abs(p.opt.clientKey)
		} else {
			s.ClientKey = ""
		}
		if err != nil {
			return s, &localError{op: "find the client certificate", err: err}
		}
	}
	return s, nil
}

// proxyIsOf reports whether the proxy is the site's: none is given, or the same.
func (p *program) proxyIsOf(s sites.Site) bool {
	g := p.opt.proxy
	return !p.given("proxy") || g.Kind == s.Proxy.Kind && g.Addr == s.Proxy.Addr && g.User == s.Proxy.User && g.Form == s.Proxy.Form
}

// optionsTrouble says what is wrong with the settings of a site.
func optionsTrouble(err error) error {
	if ce, ok := errors.AsType[*sites.CheckError](err); ok && len(ce.Problems) > 0 {
		return &adviceError{advice: client.Advice{
			Sentence: endSentence("The saved site " + quoted(ce.Site) + " cannot be used: " + ce.Problems[0].Error()),
			Next:     "Mend it with: " + name + " sites edit " + quoted(ce.Site), Kind: client.KindLocal,
		}, err: err}
	}
	if _, ok := errors.AsType[*clientcert.FileError](err); ok {
		return &localError{op: "use the client certificate", err: err}
	}
	return err
}

// passwordGiven is the password that comes from --password-stdin or the environment.
func (p *program) passwordGiven(user string) (string, error) {
	if p.opt.passwordStdin {
		return p.passwordFromStdin()
	}
	if user == "" || isAnonymous(user) {
		return "", nil
	}
	return p.app.Getenv(passwordVariable), nil
}

// answer asks for the secrets that are missing.
func (p *program) answer(ctx context.Context, s sites.Site, res *access.Result) error {
	for _, q := range append([]access.Question(nil), res.Missing...) {
		if q.Kind == secrets.Password && p.opt.passwordStdin {
			continue // an empty one is one
		}
		if !isTerminal(p.app.Stdin) {
			return p.notKnown(s, q)
		}
		if err := p.askSecret(ctx, s, q, res); err != nil {
			return err
		}
	}
	return nil
}

// notKnown is the error for a secret where nobody can be asked.
func (p *program) notKnown(s sites.Site, q access.Question) error {
	next := "Keep it in the keyring with: " + name + " login " + loginOption(q.Kind) + quoted(s.Path())
	switch {
	case q.Kind == secrets.Password && (q.Each || q.State != secrets.NotFound || s.ID == ""):
		next = "Run the command on a terminal, or give the password in " + passwordVariable + " or with --password-stdin."
	case q.Kind == secrets.ProxyPassword && (q.Each || s.ID == "" || q.State != secrets.NotFound):
		next = "Run the command on a terminal, or give the password in " + proxyPasswordVariable + "."
	case q.Each || s.ID == "" || q.State != secrets.NotFound && q.State != secrets.Works:
		next = "Run the command on a terminal."
	}
	kind := client.KindLogin
	if q.Kind == secrets.CertPassphrase {
		kind = client.KindLocal
	}
	return &adviceError{advice: client.Advice{
		Sentence: "The " + q.Kind.Words() + " for " + quoted(s.Path()) + " is not known. " + q.Reason, Next: next, Kind: kind,
	}}
}

// askSecret asks a person at the terminal for one secret.
func (p *program) askSecret(ctx context.Context, s sites.Site, q access.Question, res *access.Result) error {
	if q.State != secrets.NotFound || q.Wrong {
		p.tellTerminal(q.Reason)
	}
	whose := q.Of
	if q.Kind != secrets.CertPassphrase {
		host := s.Host
		if q.Kind == secrets.ProxyPassword {
			host = s.Proxy.Addr
		}
		whose += " on " + host
	}
	for range 3 {
		secret, err := p.askHidden(ctx, titleOf(q.Kind)+" for "+client.Printable(whose)+": ")
		if err != nil {
			return err
		}
		p.conceal(secret)
		err = res.Answer(q.Kind, secret)
		if err == nil {
			if !q.Each && s.ID != "" && q.State == secrets.NotFound {
				p.tellTerminal("To keep it in the keyring: " + name + " login " + loginOption(q.Kind) + quoted(s.Path()))
			}
			return nil
		}
		if !errors.Is(err, clientcert.ErrPassphrase) || secret == "" {
			return optionsTrouble(err)
		}
		p.tellTerminal("The passphrase does not open " + client.Printable(q.Of) + ".")
	}
	return &localError{op: "use the client certificate", err: clientcert.ErrPassphrase}
}

// titleOf is a kind at the beginning of a prompt.
func titleOf(k secrets.Kind) string {
	switch k {
	case secrets.ProxyPassword:
		return "Password of the proxy"
	case secrets.CertPassphrase:
		return "Passphrase of the certificate"
	default:
		return "Password"
	}
}

// tellTerminal says something to the person who is being asked.
func (p *program) tellTerminal(text string) {
	if p.opt.quiet {
		return
	}
	say, done := p.terminal()
	defer done()
	say(name + ": " + client.Printable(p.mask(text)) + "\n")
}

// proxyPassword finds the password of a proxy that stands on the command line.
func (p *program) proxyPassword(ctx context.Context, opt *client.Options) error {
	if opt.Proxy.User == "" || opt.Proxy.Password != "" {
		return nil
	}
	opt.Proxy.Password = p.app.Getenv(proxyPasswordVariable)
	if opt.Proxy.Password != "" || !isTerminal(p.app.Stdin) {
		return nil
	}
	secret, err := p.promptAs(ctx, "Password of the proxy", opt.Proxy.User, proxyHost(opt.Proxy))
	opt.Proxy.Password = secret
	return err
}

// clientCertificate reads --client-cert for an address that is no saved site.
func (p *program) clientCertificate(ctx context.Context, opt *client.Options) error {
	if p.opt.clientCert == "" {
		return nil
	}
	cert, err := p.loadCertificate(ctx, p.opt.clientCert, p.opt.clientKey, "")
	if err != nil {
		return optionsTrouble(err)
	}
	opt.Certificates = append(opt.Certificates[:0:0], cert)
	return nil
}

// hide keeps the secrets of opt out of every message.
func (p *program) hide(opt client.Options) {
	for _, secret := range []string{opt.Password, opt.Proxy.Password} {
		if secret != "" && !strings.EqualFold(secret, "anonymous@") {
			p.conceal(secret)
		}
	}
}
