package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// savedSites returns the saved sites. Those that could be read of a file with a mistake
// in it can be used; the mistake is told.
func (p *program) savedSites() *sites.Book {
	if p.saved != nil {
		return p.saved
	}
	path, err := sites.DefaultPath()
	if err == nil {
		p.saved, err = sites.Open(path)
	}
	if err != nil {
		p.warn("the saved sites cannot be read as a whole: " + plainLocal(err))
	}
	if p.saved == nil {
		p.saved, _ = sites.Open("") // one in memory, which does not fail
	}
	return p.saved
}

// openSites is savedSites for the commands about them, where not to be able to change
// the file is an error.
func (p *program) openSites() (*sites.Book, error) {
	path, err := sites.DefaultPath()
	if err != nil {
		return nil, &localError{op: "find the folder for settings", err: err}
	}
	p.saved, err = sites.Open(path)
	if err != nil {
		return nil, siteTrouble(err)
	}
	return p.saved, nil
}

// siteTrouble says what is wrong with a site, or with the file of sites.
func siteTrouble(err error) error {
	if ce, ok := errors.AsType[*sites.CheckError](err); ok {
		var lines []string
		for _, fe := range ce.Problems {
			lines = append(lines, fe.Error())
		}
		return &usageError{err: errors.New("the site is not saved as it is: " + strings.Join(lines, "; "))}
	}
	if _, ok := errors.AsType[*sites.FileError](err); ok {
		return &adviceError{advice: client.Advice{
			Sentence: endSentence("The file of saved sites has a mistake in it: " + err.Error()),
			Next:     "Mend the file with an editor. Until then nothing is written to it.", Kind: client.KindLocal,
		}, err: err}
	}
	return &localError{op: "use the saved sites", err: err}
}

// secretStore returns the keyring.
func (p *program) secretStore() *secrets.Store {
	if p.keyring == nil {
		opt := secrets.Options{Backend: p.app.Keyring}
		if path, err := sites.DefaultPath(); err == nil {
			opt.Index = filepath.Join(filepath.Dir(path), "keyring.json")
		}
		p.keyring = secrets.Open(opt)
	}
	return p.keyring
}

// splitSite finds the saved site that s begins with, as NAME:path or Folder/NAME:path.
// Names may hold colons; the longest that is one counts. found is false where s names
// none, so that it is an address or a local path.
func (p *program) splitSite(s string) (site sites.Site, path string, found bool, err error) {
	if !mayNameSite(s, runtime.GOOS) {
		return site, "", false, nil
	}
	content := p.savedSites().Content()
	for end := strings.LastIndexByte(s, ':'); end > 0; end = strings.LastIndexByte(s[:end], ':') {
		list := content.Find(s[:end])
		switch {
		case len(list) == 0 || readsAsPort(list[0], s[end+1:]):
			continue
		case len(list) > 1:
			return site, "", false, ambiguous(s[:end], list)
		}
		return list[0], s[end+1:], true, nil
	}
	return site, "", false, nil
}

// mayNameSite reports whether s has the form NAME:path, as far as that can be seen.
func mayNameSite(s, goos string) bool {
	i := strings.IndexByte(s, ':')
	switch {
	case i <= 0 || strings.Contains(s, "://") || s[0] == '[':
		return false
	case goos == "windows" && i == 1: // C:\
		return false
	}
	return true
}

// readsAsPort reports whether what follows the colon makes host:port of a site that is
// named as a host, such as "example.org:2121/pub": that stays an address.
func readsAsPort(s sites.Site, rest string) bool {
	port, _, _ := strings.Cut(rest, "/")
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0 && (strings.EqualFold(s.Name, s.Host) || strings.Contains(s.Name, "."))
}

// isAddress reports whether s is on a server beyond doubt: an address with its scheme,
// or the path of a saved site.
func (p *program) isAddress(s string) bool {
	if isAddress(s) {
		return true
	}
	_, _, found, err := p.splitSite(s)
	return found || err != nil
}

// oneSite finds the saved site of that name, with or without a colon at its end.
func (p *program) oneSite(book *sites.Book, name string) (sites.Site, error) {
	content := book.Content()
	list := content.Find(name)
	if len(list) == 0 {
		list = content.Find(strings.TrimSuffix(name, ":"))
	}
	switch len(list) {
	case 1:
		return list[0], nil
	case 0:
		return sites.Site{}, unknownSite(name, content.Sites)
	default:
		return sites.Site{}, ambiguous(name, list)
	}
}

// ambiguous is the error for a name that several sites have.
func ambiguous(typed string, list []sites.Site) error {
	var paths []string
	for _, s := range list {
		paths = append(paths, quoted(s.Path()))
	}
	return &usageError{err: &adviceError{advice: client.Advice{
		Sentence: fmt.Sprintf("Several saved sites are called %s: %s.", quoted(typed), strings.Join(paths, ", ")),
		Next:     "Write the folder before the name.",
	}}}
}

// unknownSite is the error for a name that no site has, with those that are like it.
func unknownSite(typed string, all []sites.Site) error {
	next := "See them with: " + name + " sites list"
	if like := nearSites(typed, all); len(like) > 0 {
		next = "Did you mean " + strings.Join(like, " or ") + "? " + next
	}
	return &usageError{err: &adviceError{advice: client.Advice{
		Sentence: fmt.Sprintf("No saved site is called %s.", quoted(typed)), Next: next,
	}}}
}

func quoted(s string) string { return `"` + client.Printable(s) + `"` }

// nearSites returns the names that typed may have meant, three at most.
func nearSites(typed string, all []sites.Site) []string {
	type candidate struct {
		text string
		far  int
	}
	var list []candidate
	want := strings.ToLower(typed)
	for _, s := range all {
		path, last := strings.ToLower(s.Path()), strings.ToLower(s.Name)
		far := min(distance(want, path), distance(want, last))
		if strings.Contains(path, want) && len(want) > 2 {
			far = min(far, 1)
		}
		if far <= max(1, len([]rune(want))/3) {
			list = append(list, candidate{quoted(s.Path()), far})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return a.far - b.far })
	var out []string
	for _, c := range list[:min(3, len(list))] {
		out = append(out, c.text)
	}
	return out
}

// distance is how many letters have to change, or to swap with their neighbour, to make
// b of a.
func distance(a, b string) int {
	const most = 100
	x, y := []rune(a), []rune(b)
	x, y = x[:min(most, len(x))], y[:min(most, len(y))]
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(x)][len(y)]
}

// siteAddress makes an address of a saved site and a path behind its name. The path is
// text as it is typed, without %XX; it starts at the site's own folder, or at the root
// where it begins with a slash.
func siteAddress(s sites.Site, typed, path string) address {
	u := s.URL()
	a := address{url: u, text: client.Printable(s.Path() + ":" + path), typed: typed, site: &s, below: path}
	switch {
	case strings.HasPrefix(path, "/") || s.RemoteDir == "":
		a.path = path
	default:
		a.path = strings.TrimRight(s.RemoteDir, "/") + "/" + path
	}
	a.url.Path = a.path
	return a
}
