package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/client/sites/exchange"
)

const sitesImportHelp = `Read the site list of another program, say what of it can be taken, and take that
after a yes: FileZilla, WinSCP, lftp, NcFTP, .netrc, Cyberduck, rclone, a list of
addresses, and the export of another Portside. The file is not changed. --found looks
for such files in their usual places.

What is there already (the same host, port and user) is left out, unless --duplicates
is given. Passwords in the file go into the keyring, and nowhere else.`

// importFlags are the options of sites import.
type importFlags struct {
	found, yes, dryRun, duplicates bool
	format                         string
	folder                         string
}

func (p *program) sitesImportCommand() *cobra.Command {
	var f importFlags
	cmd := p.command("import FILE... | --found", "Take over the sites of another program", cobra.ArbitraryArgs,
		func(ctx context.Context, args []string) error { return p.sitesImport(ctx, args, f) })
	cmd.Long = sitesImportHelp
	cmd.Example = `  portside-cli sites import --found --dry-run
  portside-cli sites import ~/.config/filezilla/sitemanager.xml --yes
  portside-cli sites import list.txt --format urls --folder Imported`
	fs := cmd.Flags()
	fs.BoolVar(&f.found, "found", false, "look for the files of other programs in their usual places")
	fs.StringVar(&f.format, "format", "", "`FORMAT` of the file, where that is not found out: "+strings.Join(formatIDs(), ", "))
	fs.StringVar(&f.folder, "folder", "", "put the sites into this `FOLDER`")
	fs.BoolVar(&f.duplicates, "duplicates", false, "take too what is there already")
	fs.BoolVarP(&f.dryRun, "dry-run", "n", false, "say what would be taken, and take nothing")
	fs.BoolVarP(&f.yes, "yes", "y", false, "take it without asking")
	return cmd
}

func formatIDs() []string {
	var ids []string
	for _, f := range exchange.Formats() {
		ids = append(ids, f.ID)
	}
	return ids
}

// sitesImport reads files, shows what is in them, and takes it.
func (p *program) sitesImport(ctx context.Context, files []string, f importFlags) error {
	if f.found == (len(files) > 0) {
		return usagef("name the files, or give --found")
	}
	if f.found {
		for _, one := range exchange.Usual(exchange.Env{}) {
			if f.format == "" || f.format == one.Format.ID {
				files = append(files, one.Path)
			}
		}
		if len(files) == 0 {
			return &adviceError{advice: client.Advice{
				Sentence: "No site list of another program was found.", Next: "Name its file: " + name + " sites import FILE", Kind: client.KindOther,
			}}
		}
	}
	book, err := p.openSites()
	if err != nil {
		return err
	}
	var failed failures
	for _, file := range files {
		if err := p.importFile(ctx, book, file, f); err != nil {
			if len(files) == 1 || ctx.Err() != nil {
				return err
			}
			p.failed(&failed, file, err)
			continue
		}
		failed.done++
	}
	return failed.orNil()
}

// importFile takes over one file.
func (p *program) importFile(ctx context.Context, book *sites.Book, file string, f importFlags) error {
	opt := exchange.ReadOptions{Format: f.format, Existing: book.Content().Sites}
	imp, err := exchange.Read(ctx, file, opt)
	if _, bad := errors.AsType[*exchange.Error](err); bad {
		next := "Nothing was imported. With --format the kind of the file can be named."
		if _, unreadable := errors.AsType[*fs.PathError](err); unreadable {
			next = "Nothing was imported."
		}
		return &adviceError{
			advice: client.Advice{Sentence: endSentence("Cannot import " + err.Error()), Next: next, Kind: client.KindLocal},
			err:    &localError{op: "import", err: err},
		}
	}
	if err != nil {
		return err
	}
	folder, _ := parseFolder(f.folder) // never fails
	for i := range imp.Rows {
		r := &imp.Rows[i]
		r.Chosen = r.Outcome == exchange.Imported || r.Outcome == exchange.Duplicate && f.duplicates
		r.Site.Folder = append(append([]string(nil), folder...), r.Site.Folder...)
	}
	if err = p.showImport(imp); err != nil {
		return err
	}
	taken := len(imp.Sites())
	if f.dryRun || taken == 0 {
		return nil
	}
	if !f.yes {
		ok, cerr := p.confirm(ctx, fmt.Sprintf("Import %s?", plural(taken, "site")))
		if cerr != nil || !ok {
			return cerr
		}
	}
	return p.take(ctx, book, imp)
}

// take puts the chosen rows into the book and the keyring.
func (p *program) take(ctx context.Context, book *sites.Book, imp *exchange.Import) error {
	ctx = secrets.WithPatience(ctx, secrets.AskedPatience)
	res, err := exchange.Apply(ctx, book, p.secretStore(), imp.Rows)
	if err != nil {
		return siteTrouble(err)
	}
	p.access().Bind(res.Sites...)
	if res.Trouble != nil {
		p.warn(fmt.Sprintf("%s not kept. %s", plural(res.Passwords-res.Kept, "password"), secrets.Sentence(res.Trouble)))
	}
	if p.opt.json {
		return p.outJSON(importedJSON{Done: "sites import", Path: imp.Path, Sites: len(res.Sites), Passwords: res.Passwords, Kept: res.Kept})
	}
	text := plural(len(res.Sites), "site") + " imported"
	if res.Kept > 0 {
		text += fmt.Sprintf(", %s in the keyring", plural(res.Kept, "password"))
	}
	_, err = p.out.WriteString(text + ".\n")
	return err
}

// An importedJSON is what came of an import.
type importedJSON struct {
	Done      string `json:"done"`
	Path      string `json:"path"`
	Sites     int    `json:"sites"`
	Passwords int    `json:"passwords"` // in the file
	Kept      int    `json:"kept"`      // in the keyring now
}

// showImport prints what a file holds: a line an entry, and why it is left out.
//
//   - Work/Backup  ftpes://mara@backup.example.org/  (password)
//     = Old          ftp://old.example.org/            is there already, as Archive
//   - Shell        line 12                           SFTP is not spoken here
func (p *program) showImport(imp *exchange.Import) error {
	if p.opt.json {
		return p.outJSON(imp)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n", client.Printable(imp.Path), imp.Format.Name)
	width := 0
	for _, r := range imp.Rows {
		width = max(width, len([]rune(importName(r))))
	}
	for _, r := range imp.Rows {
		mark, about := "+", r.Site.URL().String()
		switch {
		case r.Outcome == exchange.Skipped:
			mark, about = "-", r.Where+": "+r.Why
		case !r.Chosen:
			mark, about = "=", about+"  "+r.Why
		case r.Why != "":
			about += "  " + r.Why
		}
		if r.Chosen && len(r.Secrets) > 0 {
			about += "  (with password)"
		}
		fmt.Fprintf(&b, "%s %s  %s\n", mark, padded(importName(r), min(width, 40)), client.Printable(about))
		for _, lost := range r.Lost {
			fmt.Fprintf(&b, "      %s\n", client.Printable(lost))
		}
	}
	for _, n := range imp.Notes {
		b.WriteString(client.Printable(n) + "\n")
	}
	fmt.Fprintf(&b, "%d to import, %d there already, %d left out\n", len(imp.Sites()), imp.Count(exchange.Duplicate), imp.Count(exchange.Skipped))
	_, err := p.out.WriteString(b.String())
	return err
}

// importName is the name of an entry, as far as it has one.
func importName(r exchange.Row) string {
	if r.Site.Name == "" {
		return "?"
	}
	return client.Printable(r.Site.Path())
}

// confirm asks a yes or no at the terminal. Without one the answer cannot be had, which
// is an error.
func (p *program) confirm(ctx context.Context, question string) (bool, error) {
	if !isTerminal(p.app.Stdin) {
		return false, usagef("nobody can be asked here: add --yes, or --dry-run to look only")
	}
	if err := p.out.Flush(); err != nil { // what is asked about stands above
		return false, &localError{op: "write to standard output", err: err}
	}
	say, done := p.terminal()
	defer done()
	answer := p.choose(ctx, say, question+" yes or no [no] ", "yes", "no")
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return answer == "yes", nil
}
