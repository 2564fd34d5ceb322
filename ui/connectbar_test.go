package ui

import (
	"errors"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"portside/client"
	"portside/ui/themed"
	"portside/ui/uitest"
)

type barBench struct {
	*uitest.User
	bar       *connectBar
	connected []target
	problems  []error
}

func openBar(t *testing.T) *barBench {
	t.Helper()
	b := &barBench{bar: newConnectBar()}
	b.bar.OnConnect = func(to target) { b.connected = append(b.connected, to) }
	b.bar.OnProblem = func(err error) { b.problems = append(b.problems, err) }
	known := &recents{list: []recentAddress{{Address: "ftp://bob@mirror.example.org/pub"}, {Address: "ftps://secure.example.org"}}}
	b.bar.Suggest = known.Match
	win := openIn(t, container.NewStack(container.NewVBox(b.bar.Content), b.bar.Layer), 900, 300)
	b.User = uitest.NewUser(t, win.Canvas())
	return b
}

func TestReturnInAnyFieldConnects(t *testing.T) {
	for name, entry := range map[string]func(*connectBar) fyne.Focusable{
		"address":  func(b *connectBar) fyne.Focusable { return b.address },
		"user":     func(b *connectBar) fyne.Focusable { return b.user },
		"password": func(b *connectBar) fyne.Focusable { return b.password },
		"port":     func(b *connectBar) fyne.Focusable { return b.port },
		"security": func(b *connectBar) fyne.Focusable { return b.security },
	} {
		b := openBar(t)
		b.bar.SetFields(fields{Address: "ftp.example.org", User: "joe", Password: "x", Port: "2121", Security: client.SecurityRequire})
		b.Canvas().Focus(entry(b.bar))
		b.Key(fyne.KeyReturn)
		if len(b.connected) != 1 || b.connected[0].addr() != "ftp.example.org:2121" || b.connected[0].Security != client.SecurityRequire {
			t.Errorf("Return in %s: %+v, %v", name, b.connected, b.problems)
		}
	}
}

func TestAPastedPasswordLeavesTheScreen(t *testing.T) {
	b := openBar(t)
	b.bar.Focus()
	b.Type("ftpes://joe:s3cret@ftp.example.org:2121/pub")
	b.Key(fyne.KeyTab)
	want := fields{Address: "ftp.example.org/pub", User: "joe", Password: "s3cret", Port: "2121", Security: client.SecurityRequire}
	if got := b.bar.Fields(); got != want {
		t.Errorf("fields %+v, want %+v", got, want)
	}
	if uitest.HasText(b.Canvas(), "s3cret") {
		t.Errorf("the password is on the screen: %q", uitest.Texts(b.Canvas()))
	}
}

func TestNothingToConnectToIsSaid(t *testing.T) {
	b := openBar(t)
	b.ClickText("Connect")
	if len(b.connected) != 0 || len(b.problems) != 1 || !errors.Is(b.problems[0], errNoAddress) {
		t.Errorf("connected %v, problems %v", b.connected, b.problems)
	}
	b.bar.SetFields(fields{Address: "host", Port: "99999"})
	b.ClickText("Connect")
	if len(b.connected) != 0 || len(b.problems) != 2 {
		t.Errorf("connected %v, problems %v", b.connected, b.problems)
	}
}

func TestAPasswordStaysWithItsServer(t *testing.T) {
	b := openBar(t)
	b.bar.Focus()
	b.Type("ftp://joe:s3cret@ftp.example.org:2121")
	b.Key(fyne.KeyReturn)
	b.bar.Focus()
	b.Type("other.example.org")
	b.Key(fyne.KeyReturn)
	if n := len(b.connected); n != 2 {
		t.Fatalf("connected %d times, %v", n, b.problems)
	}
	if to := b.connected[1]; to.Password != "" || to.URL.User != "" || to.addr() != "other.example.org:21" {
		t.Errorf("went to %+v with what belongs to another server", to)
	}
	b.bar.Focus()
	b.Type("third.example.org")
	b.Canvas().Focus(b.bar.password)
	b.Type("typed for the third")
	b.Canvas().Focus(b.bar.address)
	b.Key(fyne.KeyEnd)
	b.Type("/pub")
	b.Key(fyne.KeyReturn)
	if to := b.connected[2]; to.Password != "typed for the third" || to.URL.Path != "pub" {
		t.Errorf("lost what was typed: %+v", to)
	}
}

func TestRecentAddressesAreOfferedByKeyboard(t *testing.T) {
	b := openBar(t)
	b.bar.Focus()
	b.Type("sec")
	if got := uitest.Texts(b.Canvas()); !slices.Contains(got, "ftps://secure.example.org") || slices.Contains(got, "ftp://bob@mirror.example.org/pub") {
		t.Fatalf("offered: %q", got)
	}
	b.Key(fyne.KeyDown, fyne.KeyReturn)
	if len(b.connected) != 1 || b.connected[0].URL.Host != "secure.example.org" || b.connected[0].Security != client.SecurityImplicit {
		t.Errorf("connected to %+v", b.connected)
	}
	if b.bar.offers.visible() {
		t.Error("the list stayed open")
	}
}

func TestRecentAddressesAreOfferedByMouse(t *testing.T) {
	b := openBar(t)
	b.bar.showAll()
	b.ClickText("ftp://bob@mirror.example.org/pub")
	if len(b.connected) != 0 {
		t.Error("connected without bob's password")
	}
	if b.Canvas().Focused() != b.bar.password {
		t.Errorf("the keyboard is at %T, want the password", b.Canvas().Focused())
	}
	if got := b.bar.Fields(); got.User != "bob" || got.Address != "mirror.example.org/pub" {
		t.Errorf("fields %+v", got)
	}
}

func TestEscapeClosesTheOffers(t *testing.T) {
	b := openBar(t)
	b.bar.Focus()
	b.Key(fyne.KeyDown)
	if !b.bar.offers.visible() {
		t.Fatal("Down offers nothing")
	}
	b.Key(fyne.KeyEscape)
	if b.bar.offers.visible() || b.bar.address.Text != "" {
		t.Errorf("after Escape: open %v, text %q", b.bar.offers.visible(), b.bar.address.Text)
	}
}

func TestTheBarFitsANarrowWindow(t *testing.T) {
	b := openBar(t)
	b.bar.Content.Resize(fyne.NewSize(810, b.bar.Content.MinSize().Height))
	for _, e := range []*inputEntry{b.bar.address, b.bar.user, b.bar.port} {
		text := fyne.MeasureText(e.PlaceHolder, theme.TextSize(), fyne.TextStyle{})
		room := e.Size().Width - 2*theme.InnerPadding()
		if e.ActionItem != nil {
			room -= e.ActionItem.MinSize().Width
		}
		if text.Width > room {
			t.Errorf("%q is %v wide, and there is room for %v", e.PlaceHolder, text.Width, room)
		}
	}
	around, ok := b.bar.Content.(*themed.Area)
	if !ok {
		t.Fatal("the bar has the theme of the window")
	}
	if _, _, _, a := around.Theme.Color(theme.ColorNameScrollBar, theme.VariantDark).RGBA(); a != 0 {
		t.Error("a scroll bar lies across the text")
	}
}

// TestAnotherAddressIsConnectedToAtOnce has the button of a connected bar follow the fields.
func TestAnotherAddressIsConnectedToAtOnce(t *testing.T) {
	b := openBar(t)
	left := 0
	b.bar.OnDisconnect = func() { left++ }
	b.bar.SetFields(fields{Address: "ftp.example.org"})
	b.ClickText("Connect")
	b.bar.SetState(linkConnecting)
	b.bar.SetState(linkUp)
	says := func(when, want string) {
		t.Helper()
		if got := b.bar.button.Text; got != want {
			t.Errorf("%s the button says %q, want %q", when, got, want)
		}
	}
	says("connected", "Disconnect")
	b.bar.Focus()
	b.Type("other.example.org")
	says("with another address", "Connect")
	b.bar.Focus()
	b.Type("ftp.example.org")
	says("with the address again", "Disconnect")
	b.Canvas().Focus(b.bar.port)
	b.Type("2121")
	says("with another port", "Connect")
	b.bar.port.SetText("")
	b.bar.security.SetSelectedIndex(int(client.SecurityRequire))
	says("with other protection", "Connect")
	b.bar.security.SetSelectedIndex(int(client.SecurityAuto))
	b.bar.address.SetText("")
	says("without an address", "Disconnect")
	b.bar.Focus()
	b.Type("other.example.org")
	b.ClickText("Connect")
	if len(b.connected) != 2 || b.connected[1].URL.Host != "other.example.org" || left != 0 {
		t.Errorf("connected to %+v, left %d times", b.connected, left)
	}
	b.bar.SetState(linkConnecting)
	b.bar.SetState(linkUp)
	says("connected to it", "Disconnect")
	b.ClickText("Disconnect")
	if left != 1 {
		t.Error("it does not disconnect")
	}
}
