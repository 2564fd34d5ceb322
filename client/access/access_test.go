package access_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/client/access"
	"portside/client/clientcert"
	"portside/client/ftptest"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/client/trust"

	"software.sslmate.com/src/go-pkcs12"
)

// A drawer is a keyring in memory. Of one in trouble every call fails.
type drawer struct {
	mu      sync.Mutex // guards what follows
	items   map[string]string
	trouble secrets.State
	calls   int
}

func (d *drawer) do(f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	if d.trouble != secrets.Failed {
		return &secrets.Error{Op: "test", State: d.trouble}
	}
	return f()
}

func (d *drawer) Get(_ context.Context, item string) (secret string, err error) {
	return secret, d.do(func() error {
		var ok bool
		if secret, ok = d.items[item]; !ok {
			return secrets.ErrNotFound
		}
		return nil
	})
}

func (d *drawer) Set(_ context.Context, item, _, secret string) error {
	return d.do(func() error {
		d.items[item] = secret
		return nil
	})
}

func (d *drawer) Delete(_ context.Context, item string) error {
	return d.do(func() error {
		delete(d.items, item)
		return nil
	})
}

func (d *drawer) fail(s secrets.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble = s
}

func (d *drawer) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []string
	for name := range d.items {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func open(items map[string]string) (*access.Access, *drawer) {
	d := &drawer{items: items}
	if d.items == nil {
		d.items = map[string]string{}
	}
	return &access.Access{Secrets: secrets.Open(secrets.Options{Backend: d})}, d
}

// site is a saved site that needs every kind of secret but that of a certificate.
func site() sites.Site {
	return sites.Site{
		ID: "0123456789abcdef", Name: "Work", Host: "ftp.example.org", User: "ann",
		Proxy: sites.Proxy{Kind: client.ProxySOCKS5, Addr: "proxy.example.org", User: "joe"},
	}
}

func kinds(list []access.Question) (all []secrets.Kind) {
	for _, q := range list {
		all = append(all, q.Kind)
	}
	return all
}

func TestWhatIsSavedIsNotAskedFor(t *testing.T) {
	a, _ := open(map[string]string{"0123456789abcdef/password": "of ann", "0123456789abcdef/proxy-password": "of joe"})
	r, err := a.Options(t.Context(), site(), client.Options{Timeout: time.Minute})
	if err != nil || len(r.Missing) != 0 || len(r.Notes) != 0 {
		t.Fatalf("%v, %+v, %q", err, r.Missing, r.Notes)
	}
	o := r.Options
	if o.User != "ann" || o.Password != "of ann" || o.Proxy.Password != "of joe" || o.Proxy.User != "joe" || o.Timeout != time.Minute {
		t.Error("the options are not those of the site")
	}
}

func TestWhatIsMissingIsAskedFor(t *testing.T) {
	anonymous, ask, plain := site(), site(), site()
	anonymous.User, anonymous.Proxy = "", sites.Proxy{}
	ask.Logon = sites.LogonAsk
	plain.Proxy = sites.Proxy{Kind: client.ProxySystem, User: "joe"}
	both := []secrets.Kind{secrets.Password, secrets.ProxyPassword}
	tests := []struct {
		name    string
		site    sites.Site
		trouble secrets.State
		base    client.Options
		asked   []secrets.Kind
		reason  string
		touched bool // the keyring
	}{
		{"nothing saved", site(), 0, client.Options{}, both, "No password is saved", true},
		{"typed before", site(), 0, client.Options{Password: "x", Proxy: client.Proxy{Password: "y"}}, nil, "", false},
		{"locked", site(), secrets.Locked, client.Options{}, both, "locked", true},
		{"missing", site(), secrets.Missing, client.Options{}, both, secrets.Missing.Sentence(), true},
		{"timed out", site(), secrets.TimedOut, client.Options{}, both, "did not answer", true},
		{"refused", site(), secrets.Refused, client.Options{}, both, "denied", true},
		{"anonymous", anonymous, secrets.Locked, client.Options{}, nil, "", false},
		{"asks each time", ask, secrets.Locked, client.Options{}, both, "each time", false},
		{"proxy of the system", plain, 0, client.Options{}, []secrets.Kind{secrets.Password}, "No password", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, d := open(nil)
			d.fail(test.trouble)
			r, err := a.Options(t.Context(), test.site, test.base)
			if err != nil || !slices.Equal(kinds(r.Missing), test.asked) {
				t.Fatalf("%v, asked %v, want %v", err, kinds(r.Missing), test.asked)
			}
			if len(r.Missing) > 0 && !strings.Contains(r.Missing[0].Reason, test.reason) {
				t.Errorf("the reason is %q", r.Missing[0].Reason)
			}
			if (d.calls > 0) != test.touched {
				t.Errorf("%d calls to the keyring", d.calls)
			}
			if test.trouble != 0 && test.touched != (len(r.Notes) == 1) {
				t.Errorf("notes: %q", r.Notes)
			}
			for _, q := range r.Missing {
				if err = r.Answer(q.Kind, "typed"); err != nil {
					t.Error(err)
				}
			}
			if len(test.asked) > 0 && r.Options.Password != "typed" || len(r.Missing) != 0 {
				t.Errorf("after the answers: %v", kinds(r.Missing))
			}
		})
	}
}

// The password of a proxy goes to no other one.
func TestPasswordOfAnotherProxy(t *testing.T) {
	a, _ := open(map[string]string{"0123456789abcdef/password": "of ann", "0123456789abcdef/proxy-password": "of joe"})
	same := client.Proxy{Kind: client.ProxySOCKS5, Addr: "proxy.example.org", User: "joe", Password: "typed"}
	other, user, kind := same, same, same
	other.Addr, user.User, kind.Kind = "elsewhere.example.org", "bob", client.ProxyHTTP
	for _, test := range []struct {
		base client.Proxy
		want string
	}{{same, "typed"}, {client.Proxy{Password: "typed"}, "typed"}, {other, "of joe"}, {user, "of joe"}, {kind, "of joe"}} {
		r, err := a.Options(t.Context(), site(), client.Options{Proxy: test.base})
		if err != nil || r.Options.Proxy.Password != test.want {
			t.Errorf("%v: %v, the password is %q, want %q", test.base, err, r.Options.Proxy.Password, test.want)
		}
	}
}

// A password in the keyring goes to no other server or user that somebody has written into
// the file, but to those that the site is given in the program.
func TestPasswordStaysWithItsServer(t *testing.T) {
	d := &drawer{items: map[string]string{}}
	a := &access.Access{Secrets: secrets.Open(secrets.Options{Backend: d, Index: filepath.Join(t.TempDir(), "keyring.json")})}
	asked := func(what string, s sites.Site, want ...secrets.Kind) {
		t.Helper()
		r, err := a.Options(t.Context(), s, client.Options{})
		if err != nil || !slices.Equal(kinds(r.Missing), want) {
			t.Errorf("%s: %v, asked %+v, want %v", what, err, r.Missing, want)
		}
	}
	s := site()
	a.Keep(t.Context(), s, secrets.Password, "of ann")
	a.Keep(t.Context(), s, secrets.ProxyPassword, "of joe")
	asked("as it was", s)
	renamed := s
	renamed.Name, renamed.Host, renamed.Port = "Other", "FTP.example.org", 21
	asked("named and written otherwise", renamed)
	host, user, port, proxy := s, s, s, s
	host.Host, user.User, port.Port, proxy.Proxy.Addr = "evil.example.org", "bob", 2121, "evil.example.org"
	asked("another host", host, secrets.Password)
	asked("another user", user, secrets.Password)
	asked("another port", port, secrets.Password)
	asked("another proxy", proxy, secrets.ProxyPassword)
	if r, err := a.Options(t.Context(), host, client.Options{}); err != nil || r.Options.Password != "" || !strings.Contains(r.Missing[0].Reason, "ann@ftp.example.org:21") {
		t.Errorf("%v, %+v", err, r.Missing)
	}
	if err := a.Changed(t.Context(), s, host); err != nil {
		t.Error(err)
	}
	asked("another host, changed in the program", host)
	asked("the old host", s, secrets.Password)
	twin := user
	twin.ID = "fedcba9876543210"
	if err := a.Duplicated(t.Context(), s.ID, twin); err != nil {
		t.Error(err)
	}
	asked("a copy", twin)
}

func TestKeeping(t *testing.T) {
	a, d := open(nil)
	s := site()
	if kept, sentence := a.Keep(t.Context(), s, secrets.Password, "one"); kept != secrets.InKeyring || !strings.Contains(sentence, "saved in the keyring") {
		t.Errorf("%v, %q", kept, sentence)
	}
	d.fail(secrets.Locked)
	if kept, sentence := a.Keep(t.Context(), s, secrets.ProxyPassword, "two"); kept != secrets.InMemory || !strings.Contains(sentence, "until Portside is closed") || !strings.Contains(sentence, "locked") {
		t.Errorf("%v, %q", kept, sentence)
	}
	d.fail(0)
	r, err := a.Options(t.Context(), s, client.Options{})
	if err != nil || len(r.Missing) != 0 || r.Options.Password != "one" || r.Options.Proxy.Password != "two" {
		t.Errorf("%v, asked %v", err, kinds(r.Missing))
	}
	if names := d.names(); len(names) != 1 {
		t.Errorf("the keyring has %q", names)
	}
	a.Refused(s, secrets.ProxyPassword)
	if r, err = a.Options(t.Context(), s, client.Options{}); err != nil || len(r.Missing) != 1 {
		t.Errorf("a refused password is not asked for again: %v", kinds(r.Missing))
	}
	s.Logon = sites.LogonAsk
	calls := d.calls
	if kept, _ := a.Keep(t.Context(), s, secrets.Password, "three"); kept != secrets.NotKept || d.calls != calls {
		t.Errorf("a site that asks each time: %v", kept)
	}
	if kept, sentence := a.Keep(t.Context(), sites.Site{Host: "h", User: "u"}, secrets.Password, "four"); kept != secrets.NotKept || sentence == "" {
		t.Errorf("a site that is not saved: %v, %q", kept, sentence)
	}
}

func TestSecretsFollowTheirSite(t *testing.T) {
	a, d := open(map[string]string{"a1/password": "p", "a1/proxy-password": "q"})
	from, to := site(), site()
	from.ID, to.ID, to.Name = "a1", "b2", "Work (copy)"
	check := func(what string, err error, want ...string) {
		t.Helper()
		if have := d.names(); err != nil || !slices.Equal(have, want) {
			t.Errorf("%s: %v, the keyring has %q, want %q", what, err, have, want)
		}
	}
	check("duplicated", a.Duplicated(t.Context(), "a1", to), "a1/password", "a1/proxy-password", "b2/password", "b2/proxy-password")
	without := to
	without.Proxy = sites.Proxy{}
	check("without its proxy", a.Changed(t.Context(), to, without), "a1/password", "a1/proxy-password", "b2/password")
	asks := without
	asks.Logon = sites.LogonAsk
	check("asks each time", a.Changed(t.Context(), without, asks), "a1/password", "a1/proxy-password")
	check("asks each time, duplicated", a.Duplicated(t.Context(), "a1", asks), "a1/password", "a1/proxy-password")
	check("renamed", a.Renamed(t.Context(), from, to), "a1/password", "a1/proxy-password")
	check("removed", a.Removed(t.Context(), "b2", "a1", "zz"))
	d.fail(secrets.TimedOut)
	if err := a.Removed(t.Context(), "a1", "b2"); secrets.StateOf(err) != secrets.TimedOut {
		t.Errorf("in trouble: %v", err)
	}
	if err := a.Duplicated(t.Context(), "a1", to); secrets.StateOf(err) != secrets.TimedOut {
		t.Errorf("in trouble: %v", err)
	}
}

func TestLeftoversOfABook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sites.json")
	book, err := sites.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(t.TempDir(), "keyring.json")
	d := &drawer{items: map[string]string{}}
	a := &access.Access{Secrets: secrets.Open(secrets.Options{Backend: d, Index: index})}
	kept, gone := site(), site()
	gone.ID, gone.Name = "fedcba9876543210", "Gone"
	if _, err = book.Add(kept, gone); err != nil {
		t.Fatal(err)
	}
	for _, s := range []sites.Site{kept, gone} {
		a.Keep(t.Context(), s, secrets.Password, "x")
	}
	list, err := a.Leftovers(t.Context(), book)
	if err != nil || len(list) != 0 {
		t.Errorf("before: %v, %v", err, list)
	}
	if _, err = book.Remove(gone.ID); err != nil {
		t.Fatal(err)
	}
	list, err = a.Leftovers(t.Context(), book)
	if err != nil || len(list) != 1 || list[0].Site != gone.ID || list[0].Name != "Gone" {
		t.Fatalf("%v, %v", err, list)
	}
	// It is back, such as by an undo.
	if _, err = book.Add(gone); err != nil {
		t.Fatal(err)
	}
	if err = a.RemoveLeftovers(t.Context(), book, list); err != nil || len(d.names()) != 2 {
		t.Errorf("with its site back: %v, %q", err, d.names())
	}
	if _, err = book.Remove(gone.ID); err != nil {
		t.Fatal(err)
	}
	if err = a.RemoveLeftovers(t.Context(), book, list); err != nil || !slices.Equal(d.names(), []string{kept.ID + "/password"}) {
		t.Errorf("%v, %q", err, d.names())
	}
	// A book that cannot be read has no sites, which makes nothing a leftover.
	if err = os.WriteFile(path, []byte("{broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err = a.Leftovers(t.Context(), book); err == nil || len(list) != 0 {
		t.Errorf("of a broken book: %v, %v", err, list)
	}
	if err = a.RemoveLeftovers(t.Context(), book, []secrets.Leftover{{Key: secrets.Key{Site: kept.ID}}}); err == nil || len(d.names()) != 1 {
		t.Errorf("of a broken book: %v, %q", err, d.names())
	}
}

// container writes a PKCS#12 file with a certificate of its own.
func container(t *testing.T, passphrase string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plan := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ann"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, plan, plan, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	data, err := pkcs12.Modern.Encode(key, cert, nil, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ann.p12")
	if err = os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPassphraseOfTheCertificate(t *testing.T) {
	s := site()
	s.Proxy, s.ClientCert = sites.Proxy{}, container(t, "right")
	a, d := open(map[string]string{"0123456789abcdef/password": "p"})
	r, err := a.Options(t.Context(), s, client.Options{})
	if err != nil || len(r.Missing) != 1 || r.Missing[0].Kind != secrets.CertPassphrase || r.Missing[0].Of != s.ClientCert || r.Missing[0].Wrong {
		t.Fatalf("%v, %+v", err, r.Missing)
	}
	if err = r.Answer(secrets.CertPassphrase, "wrong"); !errors.Is(err, clientcert.ErrPassphrase) || len(r.Missing) != 1 {
		t.Errorf("a wrong answer: %v, %+v", err, r.Missing)
	}
	if err = r.Answer(secrets.CertPassphrase, "right"); err != nil || len(r.Missing) != 0 || len(r.Options.Certificates) != 1 {
		t.Errorf("the right answer: %v, %+v", err, r.Missing)
	}
	a.Keep(t.Context(), s, secrets.CertPassphrase, "wrong")
	if r, err = a.Options(t.Context(), s, client.Options{}); err != nil || len(r.Missing) != 1 || !r.Missing[0].Wrong {
		t.Errorf("a wrong one saved: %v, %+v", err, r.Missing)
	}
	a.Keep(t.Context(), s, secrets.CertPassphrase, "right")
	if r, err = a.Options(t.Context(), s, client.Options{}); err != nil || len(r.Missing) != 0 || len(r.Options.Certificates) != 1 {
		t.Errorf("the right one saved: %v, %+v", err, r.Missing)
	}
	s.ClientCert = container(t, "")
	calls := d.calls
	if r, err = a.Options(t.Context(), s, client.Options{Password: "typed"}); err != nil || len(r.Options.Certificates) != 1 || d.calls != calls {
		t.Errorf("without a passphrase: %v, %d calls", err, d.calls-calls)
	}
	s.ClientCert = filepath.Join(t.TempDir(), "none.pem")
	if _, err = a.Options(t.Context(), s, client.Options{}); err == nil || !strings.Contains(err.Error(), "none.pem") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestTrustedCertificate(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.User("ann", "secret"))
	u, err := client.ParseURL("ftp://ann@" + srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	s := sites.FromURL(u, client.SecurityRequire)
	known, err := trust.Open("")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := open(nil)
	a.Trust = known
	a.Remember(s, secrets.Password, "secret")
	dial := func() error {
		r, optErr := a.Options(t.Context(), s, client.Options{})
		if optErr != nil || len(r.Missing) != 0 {
			t.Fatal(optErr, r.Missing)
		}
		session, dialErr := client.Dial(t.Context(), s.Addr(), r.Options)
		if dialErr == nil {
			t.Cleanup(func() { _ = session.Close() })
		}
		return dialErr
	}
	err = dial()
	bad, ok := errors.AsType[*client.CertError](err)
	if !ok {
		t.Fatalf("an unknown certificate: %v", err)
	}
	known.Once(s.Addr(), bad.Fingerprint)
	if err = dial(); err != nil {
		t.Errorf("a trusted certificate: %v", err)
	}
}

func TestNothingShowsASecret(t *testing.T) {
	a, _ := open(map[string]string{"0123456789abcdef/password": "s3cret", "0123456789abcdef/proxy-password": "s3cret"})
	r, err := a.Options(t.Context(), site(), client.Options{})
	if err != nil || r.Options.Password != "s3cret" {
		t.Fatal(err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%v %+v %#v %s %q %v %+v", r, r, r, r, r, &r, &r)
	fmt.Fprintf(&text, "%v %+v %#v", a, a, a)
	slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "result", r, "access", a)
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "result", r, "access", a)
	data, err := json.Marshal([]any{r, &r, a})
	text.Write(data)
	if err != nil || strings.Contains(text.String(), "s3cret") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestSettingThatSaysNothing(t *testing.T) {
	a, d := open(nil)
	s := site()
	s.ActivePorts = "many"
	if _, err := a.Options(t.Context(), s, client.Options{}); err == nil || d.calls != 0 {
		t.Errorf("%v, %d calls", err, d.calls)
	}
}

// Without a store everything is asked for, and nothing is kept.
func TestWithoutStores(t *testing.T) {
	var a access.Access
	r, err := a.Options(t.Context(), site(), client.Options{})
	if err != nil || len(r.Missing) != 2 {
		t.Errorf("%v, %+v", err, r.Missing)
	}
	a.Remember(site(), secrets.Password, "x")
	a.Refused(site(), secrets.Password)
	kept, _ := a.Keep(t.Context(), site(), secrets.Password, "x")
	if err = errors.Join(a.Renamed(t.Context(), site()), a.Duplicated(t.Context(), "a", site()), a.Removed(t.Context(), "a"), a.Changed(t.Context(), site(), site())); err != nil || kept != secrets.NotKept {
		t.Errorf("%v, %v", err, kept)
	}
}
