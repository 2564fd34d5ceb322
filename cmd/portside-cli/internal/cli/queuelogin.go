package cli

import (
	"context"
	"errors"
	"strings"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sitekey"
	"portside/client/sites"
	"portside/transfers/queue"
)

// askTrust is that of the program, out of the way of the bar.
func (r *queueRun) askTrust(ctx context.Context, addr string, err error) string {
	if err == nil {
		return ""
	}
	r.asking.Lock()
	defer r.asking.Unlock()
	r.bar.clear()
	return r.p.askTrust(ctx, addr, err)
}

// login finds out how to log in to a site, once.
func (r *queueRun) login(ctx context.Context, key string) *login {
	r.asking.Lock()
	defer r.asking.Unlock()
	r.mu.Lock()
	l := r.logins[key]
	r.mu.Unlock()
	if l != nil {
		return l
	}
	l = &login{}
	l.err = r.find(ctx, key, l)
	if l.err != nil {
		l.last = l.err
		l.err = errors.Join(l.err, queue.ErrLogin)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logins[key] = l
	return l
}

// find fills in how to log in.
func (r *queueRun) find(ctx context.Context, key string, l *login) (err error) {
	p := r.p
	if l.site, err = sitekey.Parse(key); err != nil {
		return &adviceError{advice: client.Advice{
			Sentence: endSentence("The server of some entries cannot be used here: " + client.Printable(err.Error())),
			Next:     "Let the window work them off.", Kind: client.KindOther,
		}}
	}
	base, err := p.clientOptions()
	if err != nil {
		return err
	}
	base.RootCAs = nil
	saved, isSaved := r.savedSite(l.site)
	if isSaved {
		l.site = asProtected(l.site, saved)
		base.Proxy.Password = r.proxySecret(ctx, l.site, saved)
	}
	l.opt = l.site.Options(base)
	if l.site.CAFile != "" {
		if l.opt.RootCAs, err = readPool(l.site.CAFile); err != nil {
			return err
		}
	}
	r.bar.clear()
	u := l.site.URL()
	l.opt = p.withTrust(u.Addr(), l.opt)
	if err = r.around(ctx, l, saved); err != nil {
		return err
	}
	trouble := ""
	if l.opt.Password, err = p.passwordGiven(u.User); err == nil && l.opt.Password == "" && isSaved {
		l.opt.Password, trouble = r.secret(ctx, saved, secrets.Password)
	}
	if err == nil && l.opt.Password == "" {
		l.opt.Password, err = p.findPassword(ctx, u, u.User)
	}
	if err != nil {
		return err
	}
	r.mu.Lock() // messages are masked meanwhile
	p.hide(l.opt)
	r.mu.Unlock()
	if u.User != "" && !isAnonymous(u.User) && l.opt.Password == "" {
		return &adviceError{advice: client.Advice{
			Sentence: strings.TrimSpace("The password of " + l.site.Name() + " is not known. " + trouble),
			Next:     "Run the command on a terminal, or give the password in PORTSIDE_PASSWORD or with --password-stdin.",
			Kind:     client.KindLogin,
		}}
	}
	l.opt = p.watchPorts(u.Addr(), l.opt)
	return nil
}

// savedSite finds the saved site that entries were added for, where it still is the
// same server and user, and no other FTP proxy: to nobody else does its password go.
func (r *queueRun) savedSite(key sitekey.Site) (sites.Site, bool) {
	if key.SiteID == "" {
		return sites.Site{}, false
	}
	s, ok := r.p.savedSites().Content().ByID(key.SiteID)
	if !ok || s.Addr() != key.URL().Addr() || s.URL().User != key.User {
		return sites.Site{}, false
	}
	if p := key.Proxy; p.Kind == client.ProxyFTP && (s.Proxy.Kind != p.Kind || s.Proxy.Addr != p.Addr) {
		return sites.Site{}, false
	}
	return s, true
}

// asProtected is key with the protection that the saved site asks for now, where entries
// were added when it asked for less.
func asProtected(key sitekey.Site, saved sites.Site) sitekey.Site {
	rank := map[client.Security]int{client.SecurityAuto: 1, client.SecurityRequire: 2, client.SecurityImplicit: 2}
	if rank[saved.Security] > rank[key.Security] {
		key.Security, key.Port = saved.Security, saved.Port
	}
	return key
}

// secret takes a secret from the keyring; trouble is a sentence where there is some.
func (r *queueRun) secret(ctx context.Context, s sites.Site, kind secrets.Kind) (secret, trouble string) {
	if s.ID == "" || s.Logon == sites.LogonAsk {
		return "", ""
	}
	if trouble = r.p.access().Elsewhere(s, kind); trouble != "" {
		return "", trouble
	}
	secret, err := r.p.secretStore().Get(ctx, secrets.Key{Site: s.ID, Kind: kind})
	if err != nil && !errors.Is(err, secrets.ErrNotFound) {
		trouble = secrets.Sentence(err)
	}
	return secret, trouble
}

// proxySecret is the password of the proxy of a site, where it is still the same proxy.
func (r *queueRun) proxySecret(ctx context.Context, key sitekey.Site, s sites.Site) string {
	if given := r.p.app.Getenv(proxyPasswordVariable); given != "" {
		return given
	}
	if s.Proxy.User == "" || s.Proxy.Kind != key.Proxy.Kind || s.Proxy.Addr != key.Proxy.Addr || s.Proxy.User != key.Proxy.User {
		return ""
	}
	secret, _ := r.secret(ctx, s, secrets.ProxyPassword)
	return secret
}

// around fills in the proxy's password and the client certificate.
func (r *queueRun) around(ctx context.Context, l *login, saved sites.Site) error {
	if err := r.p.proxyPassword(ctx, &l.opt); err != nil || l.site.ClientCert == "" {
		return err
	}
	passphrase := ""
	if saved.ClientCert == l.site.ClientCert {
		passphrase, _ = r.secret(ctx, saved, secrets.CertPassphrase)
	}
	cert, err := r.p.loadCertificate(ctx, l.site.ClientCert, l.site.ClientKey, passphrase)
	if err != nil {
		return optionsTrouble(err)
	}
	l.opt.Certificates = append(l.opt.Certificates[:0:0], cert)
	return nil
}

// limitSites gives the saved sites of the queue the limits that they have now.
func (r *queueRun) limitSites(ctx context.Context) error {
	list, err := r.q.Sites(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		key, err := sitekey.Parse(s.Key)
		if err != nil {
			continue // told when its entries come up
		}
		saved, ok := r.savedSite(key)
		if !ok {
			continue
		}
		limits := siteLimits(saved)
		limits.Key, limits.Name = s.Key, s.Name
		if err = r.q.AddSite(ctx, limits); err != nil {
			return err
		}
	}
	return nil
}
