package ui

import (
	"errors"
	"strings"

	"portside/client"
	"portside/client/sites"
	"portside/transfers"
	"portside/transfers/queue"
	"portside/ui/state"
)

// A copying is what is to be copied from the server that is connected to another site.
type copying struct {
	from    linkView[Session]
	rows    []state.Row
	sources []state.CopySource
}

// copySelected asks where the selected files of the server are to be copied to.
func (w *Window) copySelected() { w.copyElsewhere(w.remote, w.remote.Selection()) }

// copyElsewhere asks where rows of the server are to be copied to: a folder of a saved
// site.
func (w *Window) copyElsewhere(p *Pane, rows []state.Row) {
	if !w.ready() || w.sheets.Open() {
		return
	}
	if len(rows) == 0 {
		w.banners.Show(notice{key: "address", tone: toneInfo, text: "Select the files and folders of the server that are to be copied first."})
		return
	}
	c := copying{from: w.shown, rows: rows}
	for i := range rows {
		c.sources = append(c.sources, state.CopySource{Text: rows[i].Text, Path: p.Join(rows[i]), Dir: rows[i].IsDir()})
	}
	content := w.content()
	if len(content.Sites) == 0 {
		w.sheets.Show(noCopySites(func() { w.openManager("") }))
		return
	}
	current := ""
	if s, ok := w.connectedSite(); ok {
		current = s.ID
	}
	ask := newCopySheet(content, current, copyHands{
		line: func(s sites.Site, folder string) (what, there string) {
			return state.CopyLine(rows, s.Name, strings.TrimSpace(folder)), state.ExistsLine(w.copyRule(s))
		},
		check: func(s sites.Site, folder string) error {
			_, err := c.place(s, folder)
			return err
		},
		copy: func(s sites.Site, folder string) {
			if dir, err := c.place(s, folder); err == nil {
				w.copyTo(c, s, dir)
			}
		},
	})
	ask.sheet.title = "Copy " + state.Describe(rows) + " to another site"
	w.sheets.Show(ask.sheet)
}

// noCopySites says that there is nowhere to copy to yet.
func noCopySites(manage func()) *sheet {
	return &sheet{
		title: "Copy to another site", width: 440, confirm: "Site manager…",
		body: paragraph("There is no saved site yet. Files are copied from the server that is connected to a site that is set up in the site manager."),
		done: func(ok bool) {
			if ok {
				manage()
			}
		},
	}
}

// place returns the raw path of a folder of a site, or says why nothing can be copied
// there: a relative one begins where the login ends.
func (c *copying) place(s sites.Site, folder string) (string, error) {
	folder = strings.TrimSpace(folder)
	if client.Printable(folder) != folder {
		return "", errSay("The folder has a character in it that no path can have.")
	}
	dir, err := client.EncodeText(s.Charset, folder)
	if err != nil {
		return "", errSay("The folder cannot be written in the character set of that site: " + sentence(client.Printable(err.Error())))
	}
	if dir != "" {
		dir = state.SlashPaths.Clean(dir)
	}
	if t := targetOf(s); sameFiles(t, c.from.Target) {
		if problem := state.CopyProblem(c.sources, state.SlashPaths.Resolve(c.from.Session.Info().Home, dir)); problem != "" {
			return "", errSay(problem)
		}
	}
	if dir == "." {
		dir = ""
	}
	return dir, nil
}

// sameFiles reports whether two targets are one user of one server.
func sameFiles(a, b target) bool {
	return a.addr() == b.addr() && (a.URL.User == b.URL.User || isNobody(a.URL.User) && isNobody(b.URL.User))
}

func isNobody(user string) bool { return user == "" || isAnonymous(user) }

// copyRule is what is done with files that are at a site already: as with uploads to it.
func (w *Window) copyRule(to sites.Site) transfers.Exists {
	var opt transfers.Options
	w.transferRules(siteKey(targetOf(to)), &opt)
	return opt.Exists
}

// copyTo puts copies into the queue, once what a login there takes is known.
func (w *Window) copyTo(c copying, to sites.Site, dir string) {
	jobs := w.copyJobs(c, to, dir)
	if len(jobs) == 0 {
		return
	}
	add := func() {
		w.banners.Hide("copy")
		w.addJobsOf(c.from.Target, jobs, w.sites.queueSite(siteKey(targetOf(to))))
		if !w.panel.Open() {
			w.togglePanel()
		}
	}
	w.run(func() { // the keyring may be slow
		t, err := w.sites.login(w.ctx, siteKey(targetOf(to)))
		w.cfg.Do(func() {
			if missing, ok := errors.AsType[*secretsNeeded](err); ok {
				w.askBeside(besideLogin{
					target: t, note: "Logging in to " + t.name() + " for the copy.", failed: "Nothing was copied to " + t.name(),
					then: func(target, func(string) string) { add() },
				}, missing.questions)
				return
			}
			add() // whatever else there is, the panel says it, and offers to log in
		})
	})
}

// copyJobs are the jobs of a copy. What has no name there is said.
func (w *Window) copyJobs(c copying, to sites.Site, dir string) []queue.Job {
	rule, key := w.copyRule(to), siteKey(targetOf(to))
	var jobs []queue.Job
	for i, r := range c.rows {
		name, err := client.EncodeText(to.Charset, c.from.Session.Text(r.Name))
		if err == nil {
			err = client.CleanName(name)
		}
		if err != nil {
			w.refuse(r.Text, err)
			continue
		}
		jobs = append(jobs, queue.Job{
			Kind: queue.Copy, Remote: c.sources[i].Path, ToSite: key, ToRemote: transfers.JoinRemote(dir, name),
			Dir: r.IsDir(), Size: max(0, r.Size), ModTime: r.ModTime, Rule: rule,
		})
	}
	return jobs
}
