package ui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/access"
	"portside/client/diagnose"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/ui/state"
)

// siteSecretMissing says that a site cannot be tried out before the user has
// been asked for something.
type siteSecretMissing struct{ Question access.Question }

func (e *siteSecretMissing) Error() string { return e.Question.Reason }

// A siteTest tries a site out with what the user has typed for just that, and with what
// is saved.
type siteTest func(ctx context.Context, s sites.Site, typed map[secrets.Kind]string, onProbe func(diagnose.Probe)) (*diagnose.Report, error)

// newSiteTest returns what a siteDeps.Test does: it finds what the keyring and the
// trusted certificates have, and runs the short diagnosis. A certificate that
// cannot be verified comes as the *client.CertError that it is.
func newSiteTest(from *access.Access, base client.Options, usual func(context.Context, *client.Options), version string) siteTest {
	return func(ctx context.Context, s sites.Site, typed map[secrets.Kind]string, onProbe func(diagnose.Probe)) (*diagnose.Report, error) {
		opt := base
		opt.Password, opt.Proxy.Password = typed[secrets.Password], typed[secrets.ProxyPassword]
		found, err := from.Options(ctx, s, opt)
		if phrase := typed[secrets.CertPassphrase]; err == nil && phrase != "" && asks(found.Missing, secrets.CertPassphrase) {
			err = found.Answer(secrets.CertPassphrase, phrase)
		}
		if err != nil {
			return nil, err
		}
		if len(found.Missing) > 0 {
			return nil, &siteSecretMissing{found.Missing[0]}
		}
		usual(ctx, &found.Options)
		if from.Trust != nil { // the usual proxy may be who shows the certificate
			found.Options.Trusted = from.Trust.Trusted(found.Options.CertAddr(s.Addr()))
		}
		return shortDiagnosis(ctx, s.Addr(), found.Options, version, onProbe)
	}
}

// siteTestTime bounds the short diagnosis.
const siteTestTime = 15 * time.Second

// shortDiagnosis tries the login and the two ways of listings and files.
func shortDiagnosis(ctx context.Context, addr string, base client.Options, version string, onProbe func(diagnose.Probe)) (*diagnose.Report, error) {
	dctx, cancel := context.WithTimeout(ctx, siteTestTime)
	defer cancel()
	session, err := client.Dial(dctx, addr, base) // says exactly what is wrong with a certificate
	if err != nil {
		if _, is := errors.AsType[*client.CertError](err); is {
			return nil, err
		}
	} else if err = session.Close(); err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	opt := diagnose.Options{
		Only: []string{diagnose.GroupControl, diagnose.GroupPassive, diagnose.GroupActive}, Budget: siteTestTime, OnProbe: onProbe, Version: version,
	}
	report, err := diagnose.Run(ctx, diagnose.Target{Addr: addr, Options: base}, opt)
	if err != nil {
		return nil, err
	}
	diagnose.Judge(report)
	return report, nil
}

// siteTester tries the shown site out, and says in its form what came of it.
type siteTester struct {
	Content *fyne.Container

	m      *siteManager
	cancel context.CancelFunc // of what runs; nil: nothing
	turn   int
	mark   *fyne.Container
	line   *widget.RichText
	more   *widget.RichText
	hints  *fyne.Container
	bar    *thinBar
	acts   *fyne.Container
}

func newSiteTester(m *siteManager) *siteTester {
	t := &siteTester{
		m: m, mark: container.NewStack(), line: newSyncLine(), more: newInk("", theme.SizeNameText, theme.ColorNamePlaceHolder),
		bar: newThinBar(), acts: container.NewHBox(),
	}
	t.hints = container.New(flowLayout{gap: 2}, tightLine(t.line), tightLine(t.more), t.bar)
	gap := theme.Padding() * 2
	mark := container.New(layout.NewCustomPaddedLayout(0, 0, 0, gap), container.New(topLayout{}, t.mark))
	acts := container.New(topLayout{}, t.acts)
	body := container.New(layout.NewCustomPaddedLayout(gap, gap, syncEdge, 4), container.NewBorder(nil, nil, mark, acts, t.hints))
	t.Content = container.NewStack(newSurface(theme.ColorNameBackground), container.NewBorder(widget.NewSeparator(), widget.NewSeparator(), nil, nil, body))
	t.Content.Hide()
	return t
}

// Cancel gives up what runs.
func (t *siteTester) Cancel() {
	t.turn++
	if t.cancel != nil {
		t.cancel()
		t.cancel = nil
	}
}

// Clear takes the result away.
func (t *siteTester) Clear() {
	t.Cancel()
	if t.Content.Visible() {
		t.Content.Hide()
		t.relayout()
	}
}

// relayout gives everything its place, also texts that need another height now.
func (t *siteTester) relayout() {
	for range 2 {
		t.hints.Refresh()
		t.m.formSide.Refresh()
	}
}

// say shows a line, and what is to be added to it.
func (t *siteTester) say(mark fyne.CanvasObject, line, more string, running bool, acts ...siteNoticeAction) {
	t.mark.RemoveAll()
	if mark != nil {
		t.mark.Add(mark)
	}
	setInk(t.line, line)
	setInk(t.more, more)
	t.more.Hidden = more == ""
	t.bar.Hidden = !running
	t.acts.RemoveAll()
	for _, a := range acts {
		b := newPushButton(a.label, a.do)
		b.onEscape = t.m.escape
		t.acts.Add(b)
	}
	hide := newIconButton(theme.CancelIcon(), t.Clear)
	hide.onEscape = t.m.escape
	t.acts.Add(hide)
	t.Content.Show()
	t.relayout()
}

// test tries the shown site out.
func (m *siteManager) test() {
	f := m.forms[m.shown]
	if f == nil || m.deps.Test == nil {
		return
	}
	m.settled()
	if len(f.Problems()) > 0 {
		m.form.FocusProblem()
		return
	}
	m.tester.Run(f.Draft(), nil)
}

// Run tries a site out, with what was typed for it in answer to earlier tries.
func (t *siteTester) Run(s sites.Site, typed map[secrets.Kind]string) {
	t.Cancel()
	m := t.m
	ctx, cancel := context.WithCancel(m.deps.Ctx)
	t.cancel = cancel
	turn := t.turn
	var probes []diagnose.Probe
	t.bar.Set(0)
	t.say(nil, "Trying "+client.Printable(s.Addr()), "Nothing is changed on the server.", true)
	m.work.Add(func() func() { // what was typed is in the keyring before it is looked for
		m.deps.Run(func() {
			defer cancel()
			report, err := m.deps.Test(ctx, s, typed, func(p diagnose.Probe) {
				m.deps.Do(func() {
					if t.turn == turn {
						probes = state.MergeProbe(probes, p)
						t.progress(probes)
					}
				})
			})
			m.deps.Do(func() { //nolint:contextcheck // it shows, and may begin another with the view's own
				if t.turn == turn {
					t.cancel = nil
					t.over(s, typed, report, err)
				}
			})
		})
		return nil
	})
}

// progress shows how far the test is.
func (t *siteTester) progress(probes []diagnose.Probe) {
	done, running := state.DiagnosisProgress(probes)
	if running == "" {
		return
	}
	t.bar.Set(float64(done) / float64(max(1, len(probes))))
	setInk(t.more, running)
}

// over shows what the test has found.
func (t *siteTester) over(s sites.Site, typed map[secrets.Kind]string, report *diagnose.Report, err error) {
	m := t.m
	const size = 16
	if missing, is := errors.AsType[*siteSecretMissing](err); is {
		t.Clear()
		q, whom := missing.Question, s.Host
		if q.Kind == secrets.ProxyPassword {
			whom = "the proxy " + s.Proxy.Addr
		}
		m.deps.Sheets.AskPassword(client.Printable(q.Of), client.Printable(whom), q.Reason+" It is used for this test only.",
			func(secret string) {
				if secret != "" {
					all := map[secrets.Kind]string{q.Kind: secret}
					for kind, known := range typed {
						if kind != q.Kind {
							all[kind] = known
						}
					}
					t.Run(s, all)
				}
			})
		return
	}
	if cert, is := errors.AsType[*client.CertError](err); is {
		var acts []siteNoticeAction
		if m.deps.Trust != nil {
			acts = append(acts, siteNoticeAction{"Show the certificate", func() { m.deps.Trust(s, cert, func() { t.Run(s, typed) }) }})
		}
		t.say(severityMark(diagnose.Warning, size), "The server's certificate cannot be verified.", certProblem(cert, m.deps.Now())+" No password was sent.", false, acts...)
		return
	}
	if err != nil {
		advice := client.Explain(err)
		t.say(severityMark(diagnose.Failure, size), sentence(advice.Sentence), joinSentences(advice.Next), false)
		return
	}
	severity, headline, more := state.SiteVerdict(report)
	t.say(severityMark(severity, size), headline, more, false)
}
