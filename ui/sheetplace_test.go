package ui

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portside/client"
	"portside/client/ftptest"
)

// A sheet stands where it will stand from its first frame on: what a click was aimed at
// does not move away.
func TestASheetStandsStill(t *testing.T) {
	cert, err := ftptest.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	other, err := ftptest.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	b := openWindow(t, nil)
	failure := &client.CertError{Host: "ftp.example.org", Fingerprint: strings.Repeat("ab", 32), Chain: []*x509.Certificate{cert.Leaf}}
	board := b.w.sheets
	changed := changedCert{Err: failure, Now: time.Now(), Addr: "ftp.example.org:21"}
	changed.Old.Fingerprint = strings.Repeat("cd", 32)
	changed.Old.Subject, changed.Old.Since = other.Leaf.Subject.String(), time.Now()
	long := strings.Repeat("a sentence that is wrapped, ", 12)
	for _, size := range []fyne.Size{{Width: 1280, Height: 800}, minSize()} {
		b.w.win.Resize(size)
		for name, show := range map[string]func(){
			"certificate":         func() { board.AskCertificate(failure, time.Now(), certAnswer{}) },
			"changed certificate": func() { board.AskChangedCertificate(changed, certAnswer{}) },
			"reason":              func() { board.confirmNewCertificate(changed, certAnswer{}) },
			"question":            func() { board.Confirm("Sure? "+long, long, "Yes", func() {}) },
			"password":            func() { board.AskPassword("joe", "ftp.example.org", long, func(string) {}) },
			"with a problem":      func() { board.Confirm("Sure?", long, "Yes", func() {}); board.stack[0].say(long) },
		} {
			show()
			popup := board.stack[0].popup
			at, is := popup.Position(), popup.Size()
			if middle := (b.Canvas().Size().Height - is.Height) / 2; at.Y < middle-1 || at.Y > middle+1 {
				t.Errorf("%s: its top is at %v in the first frame, want the middle, %v", name, at.Y, middle)
			}
			for frame := range 3 { // what the desktop driver does before it paints
				popup.Content.Refresh()
				b.Canvas().Overlays().Top().Refresh()
				if popup.Position() != at || popup.Size() != is {
					t.Errorf("%s: frame %d has it at %v, %v; it was first at %v, %v", name, frame, popup.Position(), popup.Size(), at, is)
				}
			}
			board.CancelAll()
		}
	}
}
