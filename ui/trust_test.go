package ui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"portside/client/ftptest"
	"portside/ui/uitest"
)

func TestACertificateThatIsTrustedIsAskedAboutOnce(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.TLS(), ftptest.File("/a.txt", "hello"))
	dir := t.TempDir()
	keep := func(c *Config) { c.ConfigDir = dir }
	b := openWindow(t, keep)
	b.connect(with(srv.URL, "joe", "s3cret"))
	b.press("Always trust for this server")
	b.isUp()
	b.w.remote.Select("a.txt") // over a connection of its own
	b.w.remote.TransferSelected()
	b.reads("1 done")

	again := openWindow(t, keep)
	again.connect(with(srv.URL, "joe", "s3cret"))
	again.isUp()
	again.w.showTrusted()
	again.reads(srv.Addr)
	again.press("Forget")
	again.reads("No certificate is trusted by hand.")
	again.press("Close")
	again.w.reconnect()
	again.reads("cannot be verified")
	again.Key(fyne.KeyEscape)
}

func TestAChangedCertificateStopsLoudly(t *testing.T) {
	old, err := ftptest.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.TLS(), ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	if err = b.w.trust.Trust(srv.Addr, old.Leaf, b.w.cfg.Now()); err != nil {
		t.Fatal(err)
	}
	b.connect(with(srv.URL, "joe", "s3cret"))
	b.reads("Stop: 127.0.0.1 shows another certificate than before")
	b.reads("Shown now")
	b.reads("≠ SHA-256")
	if uitest.HasText(b.Canvas(), "Trust once") {
		t.Error("a changed certificate can be trusted at once")
	}
	b.Key(fyne.KeyReturn)
	if b.w.sheets.Open() {
		t.Fatal("Return left the sheet open")
	}
	b.press("Show the certificate")
	b.press("I know why: trust the new one…")
	b.press("Trust the new certificate") // without a reason
	b.reads("Tick the reason first.")
	b.Key(fyne.KeyReturn)
	if b.w.sheets.Open() || slices.Contains(srv.Verbs(), "PASS") {
		t.Fatalf("Return has trusted it: sent %v", srv.Verbs())
	}
	b.press("Show the certificate")
	b.press("I know why: trust the new one…")
	b.press("The owner has told me so, or I have renewed it myself, and this is the fingerprint:")
	b.press("Trust the new certificate")
	b.isUp()
	if now, ok := b.w.trust.Known(srv.Addr); !ok || now.Fingerprint != b.w.shown.Session.Info().TLS.Fingerprint {
		t.Errorf("known is %+v", now)
	}
}

func TestAllThatIsWrongWithACertificateIsSaid(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.TLS())
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.reads("cannot be verified")
	for _, s := range []string{"Issued to", "Issued by", "SHA-256", "Nothing was sent.", "Trust once", "Do not connect"} {
		b.reads(s)
	}
	b.Key(fyne.KeyEscape)
}
