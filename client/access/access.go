// Package access goes from a saved site to what a connection needs: the site's settings
// (package sites), its secrets (package secrets), the certificate that is trusted for it
// (package trust) and the one that it shows itself (package clientcert). Both programs
// use it.
//
// What is not known becomes a Question with its reason. A keyring in trouble is such a
// reason, and never keeps anybody from connecting.
//
// The package leaves out asking: each program has its own way.
package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"portside/client"
	"portside/client/clientcert"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/client/trust"
)

// An Access is where secrets and trust come from. Either may be nil: nothing is known
// then. It may be used by several goroutines at once.
type Access struct {
	Secrets *secrets.Store
	Trust   *trust.Store
}

// A Question is a secret that a person must be asked for.
type Question struct {
	Kind   secrets.Kind
	Of     string        // whose it is: the user, the user of the proxy, the path of the file
	Reason string        // a sentence: why it is asked for
	State  secrets.State // of the keyring; Locked and TimedOut may go away by asking the keyring again, with secrets.WithPatience
	Each   bool          // the site wants to be asked each time: what is typed is not to be kept
	Wrong  bool          // what is known is wrong: it does not open the file
}

// A Result is what a connection needs. It shows no secret however it is printed.
type Result struct {
	Options client.Options
	Missing []Question // to be asked, and answered with Answer
	Notes   []string   // sentences that a person should see, such as trouble with the keyring

	cert, key string // paths of the client certificate
}

// Options returns base with all that is known of the site. What base has of passwords
// counts more than what is saved, but that of another proxy than the site's. Calls to the keyring are bounded: the answer is there
// within three seconds, unless ctx has more patience (secrets.WithPatience). A setting
// that says nothing sensible, or a client certificate that cannot be used, is an error.
func (a *Access) Options(ctx context.Context, s sites.Site, base client.Options) (Result, error) {
	opt, err := s.Options(base)
	if err != nil {
		return Result{Options: opt}, err
	}
	proxy := base.Proxy.Password
	if known := base.Proxy; known.Kind != client.ProxyNone && (known.Kind != s.Proxy.Kind || known.Addr != s.Proxy.Addr || known.User != s.Proxy.User) {
		proxy = "" // it is another proxy's
	}
	r := Result{Options: opt, cert: s.ClientCert, key: s.ClientKey}
	if a.Trust != nil {
		r.Options.Trusted = a.Trust.Trusted(opt.CertAddr(s.Addr()))
	}
	if s.NeedsPassword() && base.Password == "" {
		a.fill(ctx, s, secrets.Password, s.User, &r)
	}
	if needsProxyPassword(s) {
		r.Options.Proxy.Password = proxy
		if proxy == "" {
			a.fill(ctx, s, secrets.ProxyPassword, s.Proxy.User, &r)
		}
	}
	if s.ClientCert != "" {
		err = a.certificate(ctx, s, &r)
	}
	return r, err
}

func needsProxyPassword(s sites.Site) bool {
	return s.Proxy.User != "" && s.Proxy.Kind != client.ProxyNone && s.Proxy.Kind != client.ProxySystem
}

// fill takes a secret from the store, or makes a question of it.
func (a *Access) fill(ctx context.Context, s sites.Site, kind secrets.Kind, of string, r *Result) {
	secret, q := a.find(ctx, s, kind, of)
	if q != nil {
		r.ask(*q)
		return
	}
	_ = r.Answer(kind, secret) // only that of a certificate can be wrong
}

// find returns a secret, or the question for it.
func (a *Access) find(ctx context.Context, s sites.Site, kind secrets.Kind, of string) (string, *Question) {
	q := &Question{Kind: kind, Of: of, State: secrets.NotFound, Reason: unsaved(kind)}
	k := secrets.Key{Site: s.ID, Kind: kind}
	if s.Logon == sites.LogonAsk {
		q.Each, q.Reason = true, each(kind)
	}
	if a.Secrets == nil || s.ID == "" {
		return "", q
	}
	if secret, ok := a.Secrets.Remembered(k); ok {
		return secret, nil
	}
	if q.Each {
		return "", q
	}
	if reason := a.Elsewhere(s, kind); reason != "" {
		q.Reason = reason
		return "", q
	}
	secret, err := a.Secrets.Get(ctx, k)
	switch {
	case err == nil:
		return secret, nil
	case errors.Is(err, secrets.ErrNotFound):
	default:
		q.State, q.Reason = secrets.StateOf(err), secrets.Sentence(err)
	}
	return "", q
}

// Elsewhere says why the secret that the keyring has of the site is not for it: somebody has
// made another site of it in the file. It is "" where it is.
func (a *Access) Elsewhere(s sites.Site, kind secrets.Kind) string {
	bound := a.Secrets.BoundTo(secrets.Key{Site: s.ID, Kind: kind})
	if bound == "" || bound == whom(s, kind) {
		return ""
	}
	return fmt.Sprintf("The %s that is saved was meant for %s, and this site is another one now.", kind.Words(), client.Printable(bound))
}

// whom is the user and the server that a secret of the site is for. That of a certificate
// is for a file.
func whom(s sites.Site, kind secrets.Kind) string {
	switch kind {
	case secrets.ProxyPassword:
		return s.Proxy.User + "@" + strings.ToLower(s.Proxy.Addr)
	case secrets.CertPassphrase:
		return ""
	default:
		return s.User + "@" + strings.ToLower(s.Addr())
	}
}

// ask adds a question, and trouble with the keyring to the notes.
func (r *Result) ask(q Question) {
	r.Missing = append(r.Missing, q)
	if q.State == secrets.NotFound || len(r.Notes) > 0 && r.Notes[len(r.Notes)-1] == q.Reason {
		return
	}
	r.Notes = append(r.Notes, q.Reason)
}

func unsaved(kind secrets.Kind) string {
	switch kind {
	case secrets.ProxyPassword:
		return "The password of the proxy is not saved."
	case secrets.CertPassphrase:
		return "The client certificate is protected by a passphrase, which is not saved."
	default:
		return "No password is saved for this site."
	}
}

func each(kind secrets.Kind) string {
	if kind == secrets.Password {
		return "This site asks for its password each time."
	}
	return fmt.Sprintf("This site asks each time, also for the %s.", kind.Words())
}

// certificate loads the client certificate. The passphrase is looked for only where the
// file wants one.
func (a *Access) certificate(ctx context.Context, s sites.Site, r *Result) error {
	err := r.Answer(secrets.CertPassphrase, "")
	if !errors.Is(err, clientcert.ErrPassphrase) {
		return err
	}
	passphrase, q := a.find(ctx, s, secrets.CertPassphrase, s.ClientCert)
	if q == nil {
		if err = r.Answer(secrets.CertPassphrase, passphrase); !errors.Is(err, clientcert.ErrPassphrase) {
			return err
		}
		q = &Question{
			Kind: secrets.CertPassphrase, Of: s.ClientCert, State: secrets.Works, Wrong: true,
			Each: s.Logon == sites.LogonAsk, Reason: "The passphrase that is saved does not open the client certificate.",
		}
		r.Missing = append(r.Missing, *q)
		return nil
	}
	r.ask(*q)
	return nil
}

// Answer puts what was typed into the options and strikes the question. Only that of a
// certificate can be wrong: the error then has clientcert.ErrPassphrase in it, or says
// what else is wrong with the file, and the question stays.
func (r *Result) Answer(kind secrets.Kind, secret string) error {
	switch kind {
	case secrets.Password:
		r.Options.Password = secret
	case secrets.ProxyPassword:
		r.Options.Proxy.Password = secret
	case secrets.CertPassphrase:
		cert, err := clientcert.Load(r.cert, r.key, secret)
		if err != nil {
			return err
		}
		r.Options.Certificates = append(r.Options.Certificates[:0:0], cert)
	}
	for i, q := range r.Missing {
		if q.Kind == kind {
			r.Missing = append(r.Missing[:i:i], r.Missing[i+1:]...)
			break
		}
	}
	return nil
}

// text is what a Result shows of itself.
func (r Result) text() string {
	return fmt.Sprintf("access.Result(%d to be asked)", len(r.Missing))
}

// Format implements fmt.Formatter.
func (r Result) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.text())) }

// MarshalText implements encoding.TextMarshaler, so that no JSON shows a secret.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.text()), nil }

// LogValue implements slog.LogValuer.
func (r Result) LogValue() slog.Value { return slog.StringValue(r.text()) }
