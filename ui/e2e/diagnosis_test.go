//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"portside/client/demo/faulty"
)

// serveFault starts the demo server with a fault and returns its URL.
func serveFault(t *testing.T, name string) string {
	t.Helper()
	fault, ok := faulty.Find(name)
	if !ok {
		t.Fatalf("there is no fault %q", name)
	}
	srv, err := faulty.Start(t.Context(), fault, faulty.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return "ftp://demo:demo@" + srv.Addr() + "/"
}

// clickPart clicks the first text that begins so.
func (a *app) clickPart(s string) {
	a.t.Helper()
	whole := ""
	a.until("the text "+s, func() bool {
		for _, seen := range a.dump() {
			if strings.HasPrefix(seen.Text, s) {
				whole = seen.Text
				return true
			}
		}
		return false
	})
	a.click(whole)
}

// wheelTo turns the wheel until a text is seen.
func (a *app) wheelTo(s string) {
	a.t.Helper()
	a.move(500, 300)
	a.until("the text "+s, func() bool {
		for _, seen := range a.dump() {
			if seen.Text == s {
				return true
			}
		}
		a.do("click", "5")
		return false
	})
}

func TestDiagnosis(t *testing.T) {
	a := start(t, nil)
	a.connect(serveFault(t, "active-silent"))
	a.click("Trust once")
	a.sees("README.txt")
	a.clickPart("TLS 1.3 · passive EPSV") // the chip
	a.click("Diagnose")
	a.sees("Files come through, in passive mode.")
	a.sees("The server's call for files never arrives at this computer (active mode): a firewall stops it.")
	a.find("Passive (EPSV)", 0)
	a.find("Active (PORT)", 0)

	a.wheelTo("Copy for the firewall administrator")
	a.click("Copy for the firewall administrator")
	a.sees("Copied")
	var text string
	a.ask("clipboard", &text)
	if !strings.Contains(text, "127.0.0.1") || strings.Contains(text, "demo:demo") {
		t.Errorf("copied: %q", text)
	}
	a.click("Evidence")
	a.sees("EPRT")

	a.keys("Escape")
	a.sees("README.txt")
	a.sees("TLS 1.3 · passive EPSV · active blocked")
	for _, seen := range a.dump() {
		if strings.Contains(seen.Text, "What was found") {
			t.Error("Escape left the diagnosis open")
		}
	}
}

func TestActiveByChoiceIsToldWhatBlocksIt(t *testing.T) {
	a := start(t, nil)
	a.connect(serveFault(t, "active-silent"))
	a.click("Trust once")
	a.sees("README.txt")
	a.clickPart("TLS 1.3 · passive EPSV")
	a.click("Active")
	a.sees("did not arrive")
	a.click("Go on in passive")
	a.sees("TLS 1.3 · passive EPSV")
	a.sees("README.txt")
}

func TestPortsInSequenceAreTold(t *testing.T) {
	a := start(t, nil)
	a.connect(serveFault(t, "ports-sequential"))
	a.click("Trust once")
	a.sees("README.txt")
	has := func(part string) bool {
		for _, seen := range a.dump() {
			if strings.Contains(seen.Text, part) {
				return true
			}
		}
		return false
	}
	a.until("the warning", func() bool {
		a.keys("F5")
		a.until("the listing", func() bool { return !has("Listing…") })
		return has("This server hands out passive ports in sequence")
	})
	a.click("What it means")
	a.sees("Whoever guesses the next port")
	a.keys("Escape")
	a.until("the files again", func() bool { return has("README.txt") && !has("Whoever guesses") })
}
