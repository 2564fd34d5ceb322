package ui

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/diagnose"
	"portside/client/ftptest"
	"portside/ui/uitest"
	"portside/ui/uitest/scenes"

	"fyne.io/fyne/v2"
)

// fakeDiagnosis answers with a report when it is let, and remembers what it was
// asked.
type fakeDiagnosis struct {
	report *diagnose.Report
	err    error
	hold   chan struct{} // nil: at once
	asked  chan DiagnoseRequest
}

func newFakeDiagnosis(r *diagnose.Report) *fakeDiagnosis {
	return &fakeDiagnosis{report: r, asked: make(chan DiagnoseRequest, 10)}
}

func (f *fakeDiagnosis) run(ctx context.Context, req DiagnoseRequest) (*diagnose.Report, error) {
	for _, p := range f.report.Probes {
		p.State = "waiting"
		req.OnProbe(p)
	}
	first := f.report.Probes[0]
	first.State = "running"
	req.OnProbe(first)
	f.asked <- req
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-ctx.Done():
			r := *f.report
			r.Stopped, r.Methods, r.Verdicts = "it was cancelled", nil, nil
			return &r, nil
		}
	}
	return f.report, f.err
}

// openDiagnosis opens a window that is connected to a plain server, with f in
// the place of the engine's diagnosis.
func openDiagnosis(t *testing.T, f *fakeDiagnosis) *bench {
	t.Helper()
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	b := openWindow(t, func(c *Config) { c.Diagnose = f.run })
	b.connect(with(srv.URL, "joe", "s3cret"))
	b.isUp()
	return b
}

func TestDiagnosisIsOpenedReadAndClosed(t *testing.T) {
	f := newFakeDiagnosis(scenes.PassiveDropped())
	f.hold = make(chan struct{})
	b := openDiagnosis(t, f)
	b.press("plain · passive EPSV")
	b.press("Diagnose")
	b.reads("Looking at the way to the server")
	b.reads("0 of 12 · This computer's addresses")
	b.reads("Which passive ports the server hands out") // a step to come
	if req := <-f.asked; req.Options.User != "joe" || req.Options.Password != "s3cret" || req.Plain || req.Addr == "" {
		t.Errorf("asked for %q, user %q, plain %v", req.Addr, req.Options.User, req.Plain)
	}
	if uitest.HasText(b.Canvas(), "a.txt") || uitest.HasText(b.Canvas(), "Save report") {
		t.Errorf("seen: %q", uitest.Texts(b.Canvas()))
	}
	close(f.hold)
	b.reads("What was found")
	seen := strings.Join(uitest.Texts(b.Canvas()), "\n")
	for _, want := range []string{
		"A firewall before the server drops the connections that carry listings and files.",
		"The login works, but no connection for files comes about.", "Passive (EPSV)", "Active (PORT)", "Your router",
		"NAT, 198.51.100.4", "Copy for the hosting provider", "Passive: this computer opens",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("not seen: %q in\n%s", want, seen)
		}
	}
	b.Key(fyne.KeyEscape)
	b.reads("a.txt")
	b.reads("plain · passive EPSV · active blocked") // what was learned stays
	if uitest.HasText(b.Canvas(), "What was found") {
		t.Error("the view stayed")
	}
	b.press("plain · passive EPSV · active blocked")
	b.press("Last diagnosis") // without another run
	b.reads("What was found")
	if len(f.asked) != 0 {
		t.Error("it was run again")
	}
}

func TestDiagnosisShowsEvidenceOnDemandAndCopies(t *testing.T) {
	f := newFakeDiagnosis(scenes.PassiveDropped())
	b := openDiagnosis(t, f)
	b.w.win.Resize(fyne.NewSize(1280, 1400))
	b.w.Diagnose()
	b.press("Copy for the hosting provider")
	if got := b.w.app.Clipboard().Content(); got != f.report.Verdicts[0].ForProvider {
		t.Errorf("copied %q", got)
	}
	b.reads("Copied")
	if uitest.HasText(b.Canvas(), "Port 8 of the same computer") {
		t.Error("the evidence is seen at once")
	}
	b.press("Evidence")
	b.reads("Port 8 of the same computer")
	b.press("Evidence")
	if uitest.HasText(b.Canvas(), "Port 8 of the same computer") {
		t.Error("the evidence stayed")
	}
	b.press("Passive, by EPSV") // a step
	b.reads("229 Entering Extended Passive Mode")
}

func TestDiagnosisShowsWhatWasNoted(t *testing.T) {
	v := newDiagView(diagHands{zone: time.UTC})
	win := openIn(t, v.Content, 1300, 1300)
	r := scenes.AllWell()
	v.Show("joe@ftp.example.org", r, false)
	if uitest.HasText(win.Canvas(), "Also noted") {
		t.Error("a heading above nothing")
	}
	r.Notes = []string{"refused a connection from 203.0.113.77\x1b[2J"}
	v.Show("joe@ftp.example.org", r, false)
	if !uitest.HasText(win.Canvas(), `Refused a connection from 203.0.113.77\x1b[2J.`) {
		t.Errorf("%q", uitest.Texts(win.Canvas()))
	}
}

func TestDiagnosisIsCancelled(t *testing.T) {
	f := newFakeDiagnosis(scenes.AllWell())
	f.hold = make(chan struct{})
	b := openDiagnosis(t, f)
	b.w.Diagnose()
	<-f.asked
	b.press("Cancel")
	b.reads("The diagnosis ended before it was known whether files come through.")
	b.reads("stopped early: it was cancelled")
	b.press("Run again")
	<-f.asked
	b.press("Back") // gives it up too
	b.reads("a.txt")
	b.w.tasks.Wait()
	b.loop.Drain()
	if b.w.view.Visible() {
		t.Error("a diagnosis that was left came back")
	}
}

func TestDiagnosisThatFailsSaysWhy(t *testing.T) {
	f := newFakeDiagnosis(scenes.AllWell())
	f.report.Probes = f.report.Probes[:2]
	f.err = &client.DialError{Addr: "ftp.example.org:21", Op: client.OpResolve, Err: errors.New("no such host")}
	b := openDiagnosis(t, f)
	b.w.Diagnose()
	b.reads("The diagnosis did not come to an end.")
	b.reads(`No computer called "ftp.example.org" could be found.`)
}

func TestDiagnosisWithoutEncryptionTakesConsent(t *testing.T) {
	f := newFakeDiagnosis(scenes.AllWell())
	b := openDiagnosis(t, f)
	b.w.Diagnose()
	b.reads("What was found")
	if req := <-f.asked; req.Plain {
		t.Error("plain without consent")
	}
	b.press("Also try without encryption: sends the password readable")
	b.press("Run again")
	if req := <-f.asked; !req.Plain {
		t.Error("the consent did not reach the diagnosis")
	}
	b.reads("What was found")
	b.w.Diagnose()
	if req := <-f.asked; req.Plain || b.w.view.plain.Checked {
		t.Error("the consent is still there for the next diagnosis")
	}
	b.reads("What was found")
	b.w.view.Show("x", f.report, false)
	if uitest.HasText(b.Canvas(), "Also try without encryption") {
		t.Error("consent is asked for a site that has no encryption anyway")
	}
}

func TestModeOfAVerdictIsTakenOver(t *testing.T) {
	f := newFakeDiagnosis(scenes.ActiveBlocked())
	b := openDiagnosis(t, f)
	b.w.win.Resize(fyne.NewSize(1280, 1400))
	b.w.Diagnose()
	b.press("Use passive mode for this site")
	b.isUp()
	if b.w.view.Visible() || b.w.mode != client.Passive {
		t.Errorf("view %v, mode %v", b.w.view.Visible(), b.w.mode)
	}
	b.w.tasks.Wait()
	if data, err := os.ReadFile(filepath.Join(b.cfg, "recent.json")); err != nil || !strings.Contains(string(data), `"mode": "passive"`) {
		t.Errorf("the mode is not kept for the site: %s, %v", data, err)
	}
	b.press("Disconnect")
	b.reads("Not connected")
	b.w.mode = client.Active // of another server
	b.w.link.Reconnect()
	b.isUp()
	t2 := b.w.link.View().Target
	b.w.connect(t2)
	if got := b.w.link.View().Target.Mode; got != client.Passive {
		t.Errorf("connected again in mode %v, want the site's", got)
	}
}

func TestReportsAreSavedByName(t *testing.T) {
	for _, c := range []struct {
		label, name, want string
	}{
		{"Web page, to read and to print (.html)", "*.html", "<!DOCTYPE html>"},
		{"Markdown, to paste into a ticket (.md)", "*.md", "# "},
		{"JSON, to compare with another network (.json)", "*.json", `"format": 1`},
	} {
		f := newFakeDiagnosis(scenes.Sequential())
		b := openDiagnosis(t, f)
		b.w.Diagnose()
		b.press("Save report")
		b.press(c.label)
		b.press("Save")
		b.reads("The report was saved as")
		files, err := filepath.Glob(filepath.Join(b.home, c.name))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s: %v, %v", c.label, files, err)
		}
		if data, err := os.ReadFile(files[0]); err != nil || !strings.Contains(strings.ToLower(string(data)), strings.ToLower(c.want)) {
			t.Errorf("%s: no %q in %.200s, %v", c.label, c.want, data, err)
		}
	}
	if _, err := formOf("report.pdf"); err == nil {
		t.Error("a form that there is not")
	}
	r := scenes.AllWell()
	r.Server.Host = "../../etc/x y"
	if got := reportName(r, ".md"); strings.ContainsAny(got, "/ ") {
		t.Errorf("a server names the file: %q", got)
	}
}

func TestSavedReportsMayHideNames(t *testing.T) {
	f := newFakeDiagnosis(scenes.ActiveBlocked())
	b := openDiagnosis(t, f)
	b.w.Diagnose()
	b.press("Save report")
	b.press("Without names and addresses")
	b.press("JSON, to compare with another network (.json)")
	b.press("Save")
	b.reads("The report was saved as")
	files, _ := filepath.Glob(filepath.Join(b.home, "*.json"))
	if len(files) != 1 {
		t.Fatalf("%v", files)
	}
	data, err := os.ReadFile(files[0])
	for _, secret := range []string{"192.168.1.7", "203.0.113.9", "ftp.example.org"} {
		if err != nil || strings.Contains(string(data), secret) {
			t.Errorf("the report has %s, %v", secret, err)
		}
	}
}

func TestShortcutsOfThePanesRestBehindTheDiagnosis(t *testing.T) {
	f := newFakeDiagnosis(scenes.AllWell())
	b := openDiagnosis(t, f)
	b.w.remote.Select("a.txt")
	b.w.Diagnose()
	b.reads("What was found")
	b.Key(fyne.KeyDelete)
	b.Chord(fyne.KeyModifierControl, fyne.KeyLeft)
	b.w.menus.download.Action()
	if b.w.sheets.Open() || len(b.items()) > 0 || !b.w.menus.download.Disabled {
		t.Error("a key reached the panes that are not seen")
	}
	before := b.w.view.scroll.Offset.Y
	b.w.win.Resize(fyne.NewSize(900, 560))
	b.Key(fyne.KeyEnd)
	if b.w.view.scroll.Offset.Y <= before {
		t.Error("End does not scroll")
	}
	b.w.showPane(b.w.local)
	if b.w.view.Visible() {
		t.Error("the local files stay hidden")
	}
}

func TestLiveStepsAreShownOncePerBeat(t *testing.T) {
	v := newDiagView(diagHands{zone: time.UTC})
	win := openIn(t, v.Content, 900, 600)
	v.Run("joe@ftp.example.org")
	steps := scenes.Probes()
	for i := range steps {
		steps[i].State = "waiting"
	}
	steps[0].State, steps[1].State = "done", "running"
	v.Steps(steps)
	texts := uitest.Texts(win.Canvas())
	if !slices.Contains(texts, "1 of 12 · Address of ftp.example.org") {
		t.Errorf("%q", texts)
	}
	if slices.Contains(texts, "203.0.113.9") {
		t.Error("a step that runs has a result already")
	}
	if v.bar.value < 0.08 || v.bar.value > 0.09 {
		t.Errorf("the bar is at %v", v.bar.value)
	}
	v.Steps(steps[:3])
	if n := len(v.steps.lines); n != 3 {
		t.Errorf("%d lines for 3 steps", n)
	}
}

func TestAServerWithOneConnectionIsDiagnosedAllTheSame(t *testing.T) {
	f := newFakeDiagnosis(scenes.AllWell())
	busy := scenes.AllWell()
	busy.Error, busy.ErrKind = "421 too many connections", client.KindBusy.String()
	reports := make(chan *diagnose.Report, 2)
	reports <- busy
	reports <- f.report
	srv := ftptest.NewServer(t, ftptest.MaxConns(1), ftptest.File("/docs/a.txt", "hello"))
	b := openWindow(t, func(c *Config) {
		c.Diagnose = func(ctx context.Context, req DiagnoseRequest) (*diagnose.Report, error) {
			f.report = <-reports
			return f.run(ctx, req)
		}
	})
	b.connect(srv.URL + "/docs")
	b.isUp()
	b.sees("rest, also of the list of transfers that is being opened", b.w.Settled)
	b.w.Diagnose()
	b.reads("Everything works.") // by the second try
	if state := b.w.link.View().State; state != linkIdle {
		t.Errorf("the window kept its connection: %v", state)
	}
	b.press("Back")
	b.isUp()
	b.sees("the folder as before", func() bool { return b.w.remote.Path() == "/docs" })
}

func TestConnectingLeavesTheDiagnosis(t *testing.T) {
	f := newFakeDiagnosis(scenes.AllWell())
	b := openDiagnosis(t, f)
	srv := ftptest.NewServer(t, ftptest.File("/other.txt", "hello"))
	b.w.Diagnose()
	b.reads("What was found")
	b.connect(srv.URL)
	b.isUp()
	b.reads("other.txt")
}

func TestDiagnoseNextWaitsForTheDial(t *testing.T) {
	f := newFakeDiagnosis(scenes.AllWell())
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	b := openWindow(t, func(c *Config) { c.Diagnose = f.run })
	b.w.DiagnoseNext()
	b.connect(srv.URL)
	b.reads("What was found")
	if req := <-f.asked; req.Addr != srv.Addr {
		t.Errorf("diagnosed %q", req.Addr)
	}
	b.Key(fyne.KeyEscape)
	b.w.reconnect()
	b.isUp()
	if b.w.view.Visible() {
		t.Error("it diagnoses every connection")
	}
}
