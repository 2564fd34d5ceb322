package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/modes"
	"portside/ui/uitest/scenes"

	"fyne.io/fyne/v2"
)

func TestActiveByChoiceThatIsBlockedLeadsOnToPassive(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.NeverConnect(), ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.w.setMode(client.Active)
	began := time.Now()
	b.connect(srv.URL)
	b.reads("did not arrive")
	b.reads("Go on in passive")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("told after %v, want 10 s at most", took)
	}
	b.reads("plain · active · blocked")
	b.reads("Diagnose")
	b.press("Go on in passive")
	b.reads("a.txt")
	b.reads("plain · passive EPSV")
}

func TestPassiveByChoiceThatIsBlockedLeadsOn(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.RefusePassive(), ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.w.setMode(client.Passive)
	b.connect(srv.URL)
	b.press("Find a way automatically")
	b.reads("a.txt")
	b.reads("plain · active EPRT · passive blocked")
}

func TestDiagnoseStandsBesideConnectionErrors(t *testing.T) {
	f := newFakeDiagnosis(scenes.AllWell())
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	b := openWindow(t, func(c *Config) { c.Diagnose = f.run })
	b.connect(srv.URL)
	b.isUp()
	srv.Close()
	b.reads("was lost.")
	b.press("Diagnose") // in the banner
	if req := <-f.asked; req.Addr != srv.Addr {
		t.Errorf("diagnoses %q, want %q", req.Addr, srv.Addr)
	}
	b.reads("What was found")
	b.press("Back")
	b.w.reconnect()
	b.reads("No connection")
	b.press("Diagnose") // in the card
	<-f.asked
	b.reads("What was found")
}

func TestDiagnosisOfTheTypedAddress(t *testing.T) {
	f := newFakeDiagnosis(scenes.AllWell())
	b := openWindow(t, func(c *Config) { c.Diagnose = f.run })
	b.w.Diagnose()
	b.reads("Type the address of a server first")
	b.Replace("ftp://joe@ftp.example.org:2121")
	b.w.Diagnose()
	b.reads("The diagnosis logs in as you would.")
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	if req := <-f.asked; req.Addr != "ftp.example.org:2121" || req.Options.Password != "s3cret" {
		t.Errorf("asked for %q with %q", req.Addr, req.Options.Password)
	}
}

func TestPortsInSequenceAreToldOnce(t *testing.T) {
	next := uint16(21000)
	srv := ftptest.NewServer(t, ftptest.PassivePorts(func(string) uint16 { next++; return next }), ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	for i := 0; i < 20 && !b.w.banners.Has("ports"); i++ {
		b.w.remote.Relist()
		b.sees("the listing", func() bool { return !b.w.remote.Busy() })
	}
	b.reads("This server hands out passive ports in sequence")
	b.press("What it means")
	b.reads("Whoever guesses the next port")
	b.reads("next: ")
	b.Key(fyne.KeyEscape)
	for range 3 {
		b.w.remote.Relist()
		b.sees("the listing", func() bool { return !b.w.remote.Busy() })
	}
	if b.w.banners.Has("ports") {
		t.Error("it is told again, though nothing has changed")
	}
}

func TestWhatIsRememberedOfNetworksIsShownAndForgotten(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.sees("the memory", func() bool { return len(b.w.memory.Entries()) == 1 && b.w.memoryAt != modes.Key{} })
	b.press("plain · passive EPSV")
	b.reads("Remembered for this network")
	b.reads("passive EPSV, once, just now")
	b.press("Forget")
	b.sees("nothing remembered", func() bool { return len(b.w.memory.Entries()) == 0 })
	b.w.reconnect()
	b.sees("the memory again", func() bool { return len(b.w.memory.Entries()) == 1 })
	b.w.showNetworks()
	b.reads(srv.Addr + ", plain · this computer itself")
	b.reads("Works: passive EPSV, once, just now")
	b.press("Forget all")
	b.reads("Nothing is remembered yet.")
	b.press("Close")
	if b.w.sheets.Open() {
		t.Error("the sheet stayed")
	}
}

func TestTheDemoServerLeavesNothingBehind(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("demo", "demo"), ftptest.File("/welcome.txt", "hello"))
	b := openWindow(t, nil)
	b.w.demo = &DemoServer{Address: strings.Replace(srv.URL, "ftp://", "ftp://demo@", 1), Password: "demo"}
	b.w.OpenDemo()
	b.isUp()
	b.w.tasks.Wait()
	if n := len(b.w.memory.Entries()) + len(b.w.ports.Samples(srv.Addr)); n != 0 {
		t.Errorf("%d things are remembered of a server that is gone with the program", n)
	}
	if _, err := os.Stat(filepath.Join(b.cfg, "recent.json")); err == nil {
		t.Error("its address is kept")
	}
}

func TestEscapeClosesTheChipsSheet(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.press("plain · passive EPSV")
	b.reads("EPRT only (active)")
	b.Key(fyne.KeyEscape)
	b.reads("a.txt")
}
