package ui

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/sites"
	"portside/client/trust"
)

// openTrust opens what is known of the certificates of servers.
func (w *Window) openTrust() {
	var err error
	if w.trust, err = trust.Open(w.keptFile("known_servers.json")); err != nil {
		w.sayTrust(err)
	}
}

func (w *Window) sayTrust(err error) {
	w.banners.Show(notice{key: "trust", tone: toneWarning, text: sentence(client.Printable(err.Error()))})
}

// askCertificate asks about a certificate that could not be verified, and connects
// where somebody trusts it.
func (w *Window) askCertificate(t target, cert *client.CertError) {
	w.judgeCertificate(t.addr(), cert, func() { w.link.Connect(t) })
}

// judgeCertificate asks about a certificate that could not be verified; then is called
// where somebody trusts it.
func (w *Window) judgeCertificate(addr string, cert *client.CertError, then func()) {
	if cert.Addr != "" {
		addr = cert.Addr // an FTP proxy's certificate is not the server's
	}
	now := w.cfg.Now()
	answer := certAnswer{
		once: func() {
			w.trust.Once(addr, cert.Fingerprint)
			then()
		},
		always: func() { w.trustAlways(addr, leafOf(cert), then) },
	}
	if cert.Known == "" {
		w.sheets.AskCertificate(cert, now, answer)
		return
	}
	old, ok := w.trust.Known(addr)
	if !ok || old.Fingerprint != cert.Known {
		old = trust.Server{Addr: addr, Fingerprint: cert.Known}
	}
	w.sheets.AskChangedCertificate(changedCert{Old: old, Err: cert, Now: now, Addr: addr}, answer)
}

// trustAlways keeps the certificate of a server. Where it cannot be kept it is taken in
// this run, which is said.
func (w *Window) trustAlways(addr string, leaf *x509.Certificate, then func()) {
	if leaf == nil {
		return
	}
	w.run(func() {
		err := w.trust.Trust(addr, leaf, w.cfg.Now())
		w.cfg.Do(func() {
			if err != nil {
				w.sayTrust(err)
			}
			then()
		})
	})
}

// showCertFailure says why there is no connection to a server whose certificate cannot be
// verified, behind the sheet that asks.
func (w *Window) showCertFailure(t target, cert *client.CertError) {
	look := func() { w.askCertificate(t, cert) }
	title := "The certificate cannot be verified"
	if cert.Known != "" {
		title = "The certificate is another one than before"
	}
	w.showState(remoteCard{
		icon: theme.NewWarningThemedResource(theme.WarningIcon()), title: title,
		text:    certProblem(cert, w.cfg.Now()),
		hint:    "Nothing was sent. Look at the certificate before you decide.",
		buttons: []action{{"Show the certificate", look}, {"Try again", w.tryAgain}},
	})
	look()
}

// showTrusted lists the servers whose certificates are trusted, to be forgotten one by
// one.
func (w *Window) showTrusted() {
	list := container.New(flowLayout{})
	scroll := container.NewVScroll(list)
	var fill func()
	fill = func() {
		list.RemoveAll()
		known := w.trust.List()
		if len(known) == 0 {
			list.Add(newInk("No certificate is trusted by hand. Where a server shows one that cannot be verified, Portside asks, and lists here what you always trust.",
				theme.SizeNameText, theme.ColorNamePlaceHolder))
		}
		for i, s := range known {
			if i > 0 {
				list.Add(widget.NewSeparator())
			}
			list.Add(trustedRow(s, w.cfg.Now(), func() { w.forgetTrusted(fill, s.Addr) }))
		}
		list.Refresh()
		scroll.Refresh()
	}
	fill()
	w.sheets.Show(&sheet{
		title: "Trusted servers", width: 640, cancel: "Close",
		body: container.New(&fixedHeight{300}, scroll),
	})
	fill() // the texts have their width now
}

// forgetTrusted forgets servers; then is called when it is done.
func (w *Window) forgetTrusted(then func(), addrs ...string) {
	w.run(func() {
		var err error
		for _, a := range addrs {
			if ferr := w.trust.Forget(a); err == nil {
				err = ferr
			}
		}
		w.cfg.Do(func() {
			if err != nil {
				w.sayTrust(err)
			}
			then()
		})
	})
}

// trustedRow is one server: its address, what its certificate says, since when.
func trustedRow(s trust.Server, now time.Time, forget func()) fyne.CanvasObject {
	body := container.New(flowLayout{gap: -theme.Padding()})
	head := newInk(client.Printable(s.Addr), theme.SizeNameText, theme.ColorNameForeground)
	style(head).TextStyle.Bold = true
	body.Add(head)
	var facts []string
	if s.Subject != "" {
		facts = append(facts, "issued to "+s.Subject)
	}
	if !s.NotAfter.IsZero() {
		word := "valid until "
		if now.After(s.NotAfter) {
			word = "ran out on "
		}
		facts = append(facts, word+certDay(s.NotAfter))
	}
	if !s.Since.IsZero() {
		facts = append(facts, "trusted since "+s.Since.Local().Format(time.DateOnly))
	}
	if len(facts) > 0 {
		body.Add(newInk(sentence(strings.Join(facts, ", ")), theme.SizeNameText, theme.ColorNamePlaceHolder))
	}
	body.Add(factValue(fingerprintText(s.Fingerprint, 16), true, false))
	return container.NewBorder(nil, nil, nil, container.NewCenter(newPushButton("Forget", forget)), body)
}

// noteSecurity says what there is to say about the protection of a connection: that it
// could be encrypted and is not, or that it is and will be from now on.
func (w *Window) noteSecurity(v linkView[Session], first bool) {
	info := v.Session.Info()
	switch {
	case info.TLS == nil && info.OffersTLS:
		w.banners.Show(notice{
			key: "plain", tone: toneWarning,
			text:    "This server offers TLS, and the connection is not encrypted: others on the network can read passwords and files.",
			actions: []action{{"Switch to TLS", func() { w.switchToTLS(v.Target) }}},
		})
	case info.FellBackToPlain:
		w.banners.Show(notice{
			key: "plain", tone: toneWarning,
			text: "This server offers no TLS. Passwords and files travel unencrypted, and others on the network can read them.",
		})
	case info.TLS != nil && first && v.Target.Site != nil && v.Target.Site.Security == client.SecurityAuto:
		w.banners.Hide("plain")
		w.requireTLS(*v.Target.Site)
	default:
		w.banners.Hide("plain")
	}
}

// switchToTLS connects again with TLS required, and makes it so for a saved site.
func (w *Window) switchToTLS(t target) {
	t.Security = client.SecurityRequire
	if p := w.remote.Path(); p != "" && w.remote.Source() != nil {
		t.Return = p
	}
	if t.Site == nil {
		w.bar.SetSecurity(t.Security)
		w.leaveDiagnosis()
		w.link.Connect(t)
		return
	}
	w.changeSite(t.Site.ID, func(s *sites.Site) { s.Security = client.SecurityRequire }, func(s sites.Site) {
		w.bar.FollowSite(*t.Site, s)
		t, _ = t.with(s)
		w.leaveDiagnosis()
		w.link.Connect(t)
	})
}

// requireTLS makes TLS required for a site whose server has shown that it takes it,
// since nobody in between may be able to take that away again.
func (w *Window) requireTLS(s sites.Site) {
	turn := func(from, to client.Security) func(*sites.Site) {
		return func(s *sites.Site) { // what somebody has chosen meanwhile stays
			if s.Security == from {
				s.Security = to
			}
		}
	}
	w.changeSite(s.ID, turn(client.SecurityAuto, client.SecurityRequire), func(now sites.Site) {
		w.adoptSite(now)
		if now.Security != client.SecurityRequire {
			return
		}
		w.banners.Show(notice{
			key: "required", tone: toneInfo,
			text: fmt.Sprintf("“%s” takes TLS, so from now on Portside connects to it with TLS only.", client.Printable(s.Name)),
			actions: []action{{"Undo", func() {
				w.changeSite(s.ID, turn(client.SecurityRequire, client.SecurityAuto), w.adoptSite)
			}}},
		})
	})
}
