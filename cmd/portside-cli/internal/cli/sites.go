package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/access"
	"portside/client/secrets"
	"portside/client/sites"
)

const sitesHelp = `Look at and change the saved sites, which the window has as well. Wherever a command
takes an address it takes SITE:path: a site by its name, or Folder/Name, with all its
settings. The path starts at the site's own folder, and at the root of the server
where it begins with a slash.

What is kept of a site is in sites.json, without any password: see login.`

func (p *program) sitesCommand() *cobra.Command {
	cmd := p.command("sites", "List the saved sites", exactly(0, ""), func(context.Context, []string) error { return p.sitesList() })
	cmd.Long = sitesHelp
	cmd.Example = `  portside-cli sites add Work/Backup --from ftpes://mara@backup.example.org/daily
  portside-cli login Work/Backup
  portside-cli get Backup:2026/monday.tar .
  portside-cli sites edit Backup --max-connections 2 --up-limit 500k
  portside-cli sites import --found`
	list := p.command("list", "List the saved sites", exactly(0, ""), func(context.Context, []string) error { return p.sitesList() })
	show := p.command("show SITE...", "Say all that is saved of sites", atLeast(1, "SITE"),
		func(_ context.Context, args []string) error { return p.sitesShow(args) })
	show.ValidArgsFunction = p.completeSites
	rm := p.command("rm SITE...", "Remove sites, with their passwords in the keyring", atLeast(1, "SITE"),
		func(ctx context.Context, args []string) error { return p.sitesRemove(ctx, args) })
	rm.ValidArgsFunction = p.completeSites
	cmd.AddCommand(list, show, p.sitesAddCommand(), p.sitesEditCommand(), rm, p.sitesImportCommand(), p.sitesExportCommand())
	return cmd
}

// A siteJSON is a saved site as --json tells it.
type siteJSON struct {
	Path string `json:"path"` // Folder/Name
	URL  string `json:"url"`
	sites.Site
}

func siteOf(s sites.Site) siteJSON { return siteJSON{Path: s.Path(), URL: s.URL().String(), Site: s} }

func (p *program) sitesList() error {
	book := p.savedSites()
	content := book.Content()
	if p.opt.json {
		for _, s := range content.Sites {
			if err := p.outJSON(siteOf(s)); err != nil {
				return err
			}
		}
		return p.bookProblem(book)
	}
	width := 0
	for _, s := range content.Sites {
		width = max(width, len([]rune(client.Printable(s.Path()))))
	}
	if len(content.Sites) == 0 && !p.opt.quiet {
		if _, err := p.out.WriteString("No site is saved.\n"); err != nil {
			return err
		}
	}
	for _, s := range content.Sites {
		line := padded(client.Printable(s.Path()), min(width, 40)) + "  " + client.Printable(s.URL().String())
		if _, err := p.out.WriteString(line + "\n"); err != nil {
			return err
		}
	}
	return p.bookProblem(book)
}

// bookProblem makes the trouble with the file the end of a command, after what could be
// read of it was shown.
func (p *program) bookProblem(book *sites.Book) error {
	if err := book.Problem(); err != nil {
		return siteTrouble(err)
	}
	return nil
}

func (p *program) sitesShow(names []string) error {
	book := p.savedSites()
	var failed failures
	for i, typed := range names {
		s, err := p.oneSite(book, typed)
		if err != nil {
			p.failed(&failed, typed, err)
			continue
		}
		failed.done++
		switch {
		case p.opt.json:
			err = p.outJSON(siteOf(s))
		default:
			if i > 0 {
				_ = p.out.WriteByte('\n') // what fails here fails again below
			}
			_, err = p.out.WriteString(savedSiteText(s))
		}
		if err != nil {
			return err
		}
	}
	if len(failed.list) == 1 && failed.done == 0 {
		return &outcome{code: failed.code()}
	}
	return failed.orNil()
}

// savedSiteText is a site for people: what is not as usual, by the names of the options.
func savedSiteText(s sites.Site) string {
	var b strings.Builder
	line := func(what, value string) { fmt.Fprintf(&b, "%-18s %s\n", what, client.Printable(value)) }
	line("site", s.Path())
	line("address", s.URL().String())
	for _, f := range siteFields() {
		for _, v := range f.get(&s) {
			if f.option != "name" && f.option != "folder" {
				line(f.option, v)
			}
		}
	}
	line("id", s.ID)
	if !s.Used.IsZero() {
		line("last used", s.Used.UTC().Format(time.RFC3339))
	}
	return b.String()
}

func (p *program) sitesAddCommand() *cobra.Command {
	var flags *siteFlags
	var from string
	cmd := p.command("add [NAME] [options]", "Save a site", cobra.MaximumNArgs(1), func(_ context.Context, args []string) error {
		return p.sitesAdd(args, from, flags)
	})
	cmd.Long = "Save a site. NAME may begin with folders: Work/Clients/Shop. Its password is kept\nwith login, and nowhere else."
	cmd.Example = `  portside-cli sites add Work/Shop --from ftpes://mara@shop.example.org/public_html
  portside-cli sites add Office --host ftp.office.example --user mara --tls require --exists newer`
	cmd.Flags().StringVar(&from, "from", "", "take host, user, port, protection and folder from this `URL`")
	flags = addSiteFlags(cmd.Flags())
	return cmd
}

// sitesAdd saves one site.
func (p *program) sitesAdd(args []string, from string, flags *siteFlags) error {
	var s sites.Site
	dropped := false // a password in the address
	if from != "" {
		u, err := client.ParseURL(from)
		if err != nil {
			return &usageError{err: err}
		}
		s = sites.FromURL(u, client.SecurityAuto)
		if dropped = u.HasPassword; dropped {
			p.conceal(u.Password)
		}
	}
	if len(args) == 1 {
		s.Folder, s.Name = splitName(args[0])
	}
	if err := flags.apply(&s); err != nil {
		return err
	}
	switch {
	case s.Host == "":
		return usagef("missing the server: give --from URL or --host")
	case s.Name == "":
		s.Name = s.Host
	}
	book, err := p.openSites()
	if err != nil {
		return err
	}
	added, err := book.Add(s)
	if err != nil {
		return siteTrouble(err)
	}
	if dropped {
		p.warn("the password in the address is not saved; keep it with: " + name + " login " + quoted(added[0].Path()))
	}
	if p.opt.json {
		return p.outJSON(siteOf(added[0]))
	}
	p.note("saved %s", added[0].Path())
	if added[0].Name != s.Name {
		p.warn("the name was taken: it is saved as " + quoted(added[0].Path()))
	}
	return nil
}

// splitName reads "Folder/Name".
func splitName(typed string) (folder []string, last string) {
	folder, _ = parseFolder(typed) // never fails
	if len(folder) == 0 {
		return nil, ""
	}
	n := len(folder) - 1
	return folder[:n:n], folder[n]
}

func (p *program) sitesEditCommand() *cobra.Command {
	var flags *siteFlags
	cmd := p.command("edit SITE [options]", "Change a saved site", exactly(1, "SITE"), func(ctx context.Context, args []string) error {
		return p.sitesEdit(ctx, args[0], flags)
	})
	cmd.Long = "Change what the options name; an empty value sets it back to what is usual. Options\nthat may be repeated replace the whole list. What the keyring holds stays with the\nsite under its new name, and goes where the site has no more use for it."
	cmd.Example = `  portside-cli sites edit Shop --name "Shop (old)" --folder Archive
  portside-cli sites edit Shop --max-connections 0 --notes ""`
	flags = addSiteFlags(cmd.Flags())
	cmd.ValidArgsFunction = p.completeSites
	return cmd
}

// sitesEdit changes one site.
func (p *program) sitesEdit(ctx context.Context, typed string, flags *siteFlags) error {
	if !flags.any() {
		return usagef("say what to change, for example --user mara")
	}
	book, err := p.openSites()
	if err != nil {
		return err
	}
	before, err := p.oneSite(book, typed)
	if err != nil {
		return err
	}
	var applied error
	after, err := book.Update(before.ID, func(s *sites.Site) error {
		before = *s // as the file has it now
		applied = flags.apply(s)
		return applied
	})
	switch {
	case applied != nil:
		return applied
	case errors.Is(err, sites.ErrExists):
		return usagef("a site called %s is there already", quoted(after.Path()))
	case err != nil:
		return siteTrouble(err)
	}
	if kerr := p.access().Changed(ctx, before, after); kerr != nil {
		p.keyringWarning(kerr)
	}
	p.warnOfPassword(ctx, before, after)
	if p.opt.json {
		return p.outJSON(siteOf(after))
	}
	p.note("saved %s", after.Path())
	return nil
}

// warnOfPassword says where the password in the keyring goes from now on, where a site has
// become another server or user.
func (p *program) warnOfPassword(ctx context.Context, before, after sites.Site) {
	if before.Addr() == after.Addr() && before.URL().User == after.URL().User || !before.NeedsPassword() || !after.NeedsPassword() {
		return
	}
	if _, err := p.secretStore().Get(ctx, secrets.Key{Site: after.ID, Kind: secrets.Password}); err != nil {
		return // none, or none that anybody can say
	}
	p.warn("the keyring has the password of " + before.URL().String() + ", which goes to " + after.URL().String() + " from now on; another one: " +
		name + " login " + quoted(after.Path()) + "; none: " + name + " logout " + quoted(after.Path()))
}

// access is what goes from saved sites to connections.
func (p *program) access() *access.Access {
	return &access.Access{Secrets: p.secretStore(), Trust: p.trusted()}
}

// sitesRemove removes sites and their secrets.
func (p *program) sitesRemove(ctx context.Context, names []string) error {
	book, err := p.openSites()
	if err != nil {
		return err
	}
	var ids []string
	for _, typed := range names { // all or none
		s, ferr := p.oneSite(book, typed)
		if ferr != nil {
			return ferr
		}
		ids = append(ids, s.ID)
	}
	removed, err := book.Remove(ids...)
	if err != nil {
		return siteTrouble(err)
	}
	if kerr := p.access().Removed(ctx, ids...); kerr != nil {
		p.keyringWarning(kerr)
	}
	for _, s := range removed {
		if err = p.did(doneJSON{Done: "sites rm", Path: s.Path()}); err != nil {
			return err
		}
	}
	return nil
}
