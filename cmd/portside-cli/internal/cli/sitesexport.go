package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"portside/client/sites"
	"portside/client/sites/exchange"
)

const sitesExportHelp = `Write saved sites for another Portside or for FileZilla, to FILE or to stdout: all of
them, or those of --site and of --folder. No password is in it, and without --with-paths
no path of a client certificate.`

// exportFlags are the options of sites export.
type exportFlags struct {
	format    string
	only      []string
	folder    string
	withPaths bool
	force     bool
}

func (p *program) sitesExportCommand() *cobra.Command {
	f := exportFlags{format: "portside"}
	cmd := p.command("export [FILE]", "Write sites for another program or computer, without passwords", cobra.MaximumNArgs(1),
		func(_ context.Context, args []string) error { return p.sitesExport(args, f) })
	cmd.Long = sitesExportHelp
	cmd.Example = `  portside-cli sites export sites.portside
  portside-cli sites export --format filezilla --folder Work work.xml`
	fs := cmd.Flags()
	fs.Var(option(&f.format, parseExportFormat, "FORMAT"), "format", "portside or filezilla; default portside")
	fs.StringArrayVar(&f.only, "site", nil, "write the site of this `NAME` (may be repeated)")
	fs.StringVar(&f.folder, "folder", "", "write the sites in this `FOLDER` and those below it")
	fs.BoolVar(&f.withPaths, "with-paths", false, "also the paths of client certificates on this computer")
	fs.BoolVar(&f.force, "force", false, "replace a file that exists")
	return cmd
}

func parseExportFormat(s string) (string, error) {
	switch s = strings.ToLower(s); s {
	case "portside", "filezilla":
		return s, nil
	default:
		return "", errors.New("must be portside or filezilla")
	}
}

// sitesExport writes sites.
func (p *program) sitesExport(args []string, f exportFlags) error {
	book, err := p.openSites()
	if err != nil {
		return err
	}
	list, folders, err := p.exported(book, f)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if f.format == "filezilla" {
		err = exchange.WriteFileZilla(&b, list, folders)
	} else {
		err = exchange.WritePortside(&b, list, folders, exchange.WriteOptions{ClientFiles: f.withPaths})
	}
	if err != nil {
		return &localError{op: "write the sites", err: err}
	}
	if len(args) == 0 || args[0] == "-" {
		_, err = p.out.Write(b.Bytes())
		return err
	}
	if err = writeNew(args[0], b.Bytes(), f.force); err != nil {
		return err
	}
	if p.opt.json {
		return p.outJSON(struct {
			Done  string `json:"done"`
			Path  string `json:"path"`
			Sites int    `json:"sites"`
		}{"sites export", args[0], len(list)})
	}
	p.note("%s written to %s", plural(len(list), "site"), args[0])
	return nil
}

// exported chooses the sites and their folders.
func (p *program) exported(book *sites.Book, f exportFlags) ([]sites.Site, [][]string, error) {
	content := book.Content()
	if len(f.only) == 0 && f.folder == "" {
		return content.Sites, content.Folders, nil
	}
	chosen := map[string]bool{}
	for _, typed := range f.only {
		s, err := p.oneSite(book, typed)
		if err != nil {
			return nil, nil, err
		}
		chosen[s.ID] = true
	}
	under := strings.ToLower(strings.Trim(f.folder, "/"))
	below := func(folder []string) bool {
		path := strings.ToLower(folderText(folder))
		return under != "" && (path == under || strings.HasPrefix(path, under+"/"))
	}
	var list []sites.Site
	for _, s := range content.Sites {
		if chosen[s.ID] || below(s.Folder) {
			list = append(list, s)
		}
	}
	var folders [][]string
	for _, path := range content.Folders {
		if below(path) {
			folders = append(folders, path)
		}
	}
	if f.folder != "" && len(folders) == 0 {
		return nil, nil, usagef("there is no folder %s", quoted(f.folder))
	}
	return list, folders, nil
}

// writeNew writes a file, readable for its owner only: it names servers and users. Where
// that fails, a file that was there before is as it was, and no half one is left.
func writeNew(path string, data []byte, replace bool) error {
	err := writeFile(path, data, replace)
	if errors.Is(err, os.ErrExist) && !replace {
		return usagef("%s is there already; --force replaces it", path)
	}
	if err != nil {
		return &localError{op: "write the file", err: err}
	}
	return nil
}

func writeFile(path string, data []byte, replace bool) error {
	if !replace {
		out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		return fill(out, data, path)
	}
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() { // a link, a device
		return os.WriteFile(path, data, 0o600)
	}
	out, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part") // for the owner only, as above
	if err != nil {
		return err
	}
	return fill(out, data, path)
}

// fill writes a new file, and gives it its name where that is another. It is removed
// where that fails.
func fill(out *os.File, data []byte, path string) error {
	_, err := out.Write(data)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err == nil && out.Name() != path {
		err = os.Rename(out.Name(), path)
	}
	if err != nil {
		_ = os.Remove(out.Name()) // the first error says enough
	}
	return err
}
