package ui

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// saveThisSite saves the connection as a site.
func (w *Window) saveThisSite() { w.saveAsSite("", func() {}) }

// canSaveSite reports whether the connection can be saved as a site.
func (w *Window) canSaveSite() bool {
	v := w.shown
	return v.State == linkUp && v.Target.Site == nil && !v.Target.Passing
}

// saveAsSite asks for a name and a folder, and saves the connection as a site; then is
// called once it is one. why is said above, where it is not empty.
func (w *Window) saveAsSite(why string, then func()) {
	if !w.canSaveSite() {
		if w.ready() && w.shown.Target.Site != nil {
			w.banners.Show(notice{key: "sites", tone: toneInfo, text: "This is the saved site “" + w.shown.Target.name() + "” already."})
		}
		return
	}
	t := w.shown.Target
	s := siteOfConnection(w.shown)
	ask := newSiteAsk{
		site: s, why: why, password: t.Password != "" && s.NeedsPassword(),
		done: func(s sites.Site, keep bool) {
			w.addSite(s, t.Password, keep, func(s sites.Site) {
				w.adoptSaved(t, s)
				then()
			})
		},
	}
	if !ask.password {
		w.askNewSite(ask)
		return
	}
	w.run(func() { // the keyring may be slow to say how it stands
		ask.keyring = w.secrets.State(w.ctx)
		w.cfg.Do(func() {
			if w.canSaveSite() && !w.sheets.Open() {
				w.askNewSite(ask)
			}
		})
	})
}

// siteOfConnection is the site that a connection would be: one that was encrypted wants
// TLS from now on.
func siteOfConnection(v linkView[Session]) sites.Site {
	t := v.Target
	t.URL.Path = ""
	s := sites.FromURL(t.URL, t.Security)
	if v.Session.Info().TLS != nil && s.Security == client.SecurityAuto {
		s.Security = client.SecurityRequire
	}
	s.Mode = t.Mode
	return s
}

// saveRecent saves a recent address as a site, without connecting.
func (w *Window) saveRecent(address string) {
	u, err := client.ParseURL(address)
	if err != nil {
		w.saySites(err)
		return
	}
	s := sites.FromURL(u, u.Security)
	s.Mode = w.recents.Mode(target{URL: client.URL{Host: u.Host, Port: u.Port, User: u.User}, Security: u.Security})
	w.askNewSite(newSiteAsk{site: s, done: func(s sites.Site, _ bool) {
		w.addSite(s, "", false, func(sites.Site) { w.showSites() })
	}})
}

// A newSiteAsk is a site that is about to be saved.
type newSiteAsk struct {
	site     sites.Site
	why      string
	password bool // there is one that can go to the keyring
	keyring  secrets.State
	done     func(s sites.Site, keep bool)
}

var errSiteName = errors.New("Type a name.") //nolint:revive,staticcheck // a sentence to be shown

// askNewSite asks for the name and the folder of a site.
func (w *Window) askNewSite(a newSiteAsk) {
	content := w.content()
	name := newInputEntry("Name")
	name.SetText(freeSiteName(content, a.site.Name))
	var folders []string
	for _, f := range content.Folders {
		folders = append(folders, strings.Join(f, "/"))
	}
	folder := newInputEntry("Folder, or none; a slash parts folders")
	body := container.New(flowLayout{gap: theme.Padding()})
	if a.why != "" {
		body.Add(newInk(a.why, theme.SizeNameText, theme.ColorNameForeground))
	}
	body.Add(newInk(client.Printable(targetOf(a.site).server())+tlsWords(a.site.Security), theme.SizeNameText, theme.ColorNamePlaceHolder))
	body.Add(name)
	body.Add(folder)
	if len(folders) > 0 {
		choice := widget.NewSelect(folders, func(f string) { folder.SetText(f) })
		choice.PlaceHolder = "Choose a folder"
		body.Add(newFramed(choice))
	}
	keep := widget.NewCheck("Store the password in the keyring", nil)
	keep.SetChecked(a.password)
	switch usable := a.keyring == secrets.Works || a.keyring == secrets.NotFound; {
	case a.password && usable:
		body.Add(keep)
	case a.password:
		body.Add(newInk("The password is kept until Portside ends, and written nowhere. "+a.keyring.Sentence(), theme.SizeNameText, theme.ColorNamePlaceHolder))
	}
	w.sheets.Show(&sheet{
		title: "Save as site", width: 420, confirm: "Save", inputs: []*inputEntry{name, folder}, focus: name, body: body,
		check: func() error {
			s := a.site
			s.Name, s.Folder = strings.TrimSpace(name.Text), folderPath(folder.Text)
			if s.Name == "" {
				return errSiteName
			}
			if problems := s.Check(); len(problems) > 0 {
				return errors.New(sentence(problems[0].What))
			}
			return nil
		},
		done: func(ok bool) {
			if ok {
				s := a.site
				s.Name, s.Folder = strings.TrimSpace(name.Text), folderPath(folder.Text)
				a.done(s, a.password && keep.Checked)
			}
		},
	})
	name.selectAll()
}

// folderPath reads "A/B".
func folderPath(text string) []string {
	var path []string
	for p := range strings.SplitSeq(text, "/") {
		if p = strings.TrimSpace(p); p != "" {
			path = append(path, p)
		}
	}
	return path
}

func tlsWords(sec client.Security) string {
	switch sec {
	case client.SecurityRequire:
		return ", with TLS only"
	case client.SecurityImplicit:
		return ", with implicit TLS"
	case client.SecurityOff:
		return ", without TLS"
	default:
		return ""
	}
}

// freeSiteName is name, with a number where there is a site of that name.
func freeSiteName(content sites.Content, name string) string {
	name = client.Printable(name)
	free := name
	for n := 2; slices.ContainsFunc(content.Sites, func(s sites.Site) bool { return strings.EqualFold(s.Name, free) }); n++ {
		free = name + " " + strconv.Itoa(n)
	}
	return free
}

// addSite saves a site, and its password where that is wanted.
func (w *Window) addSite(s sites.Site, password string, keep bool, then func(sites.Site)) {
	w.run(func() {
		added, err := w.book.Add(s)
		said := ""
		if err == nil && keep && password != "" {
			if kept, why := w.access.Keep(w.ctx, added[0], secrets.Password, password); kept != secrets.InKeyring {
				said = notKept(secrets.Password, why)
			}
		}
		w.readSites()
		w.cfg.Do(func() {
			if err != nil {
				w.saySites(err)
				return
			}
			if said != "" {
				w.banners.Show(notice{key: "keyring", tone: toneInfo, text: said})
			}
			w.menus.update()
			then(added[0])
		})
	})
}

// adoptSaved makes the connection one to the site that it was just saved as.
func (w *Window) adoptSaved(t target, s sites.Site) {
	s.Used = w.cfg.Now() // it was connected to already
	w.link.Adopt(func(now target) target {
		if now.Site == nil && now.addr() == t.addr() && now.URL.User == t.URL.User {
			now.Site, now.Security = &s, s.Security
		}
		return now
	})
	w.showLink()
	w.bar.SetSite(s)
	if v := w.link.View(); v.State == linkUp {
		w.sites.learn(v.Target, v.Session.Text, nil)
	}
	w.run(func() {
		if err := w.book.Touch(s.ID, s.Used); err != nil {
			w.cfg.Do(func() { w.saySites(err) })
		}
		w.readSites()
	})
}
