package exchange

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// Lengths in bytes beyond which a value of a file is not taken.
const (
	maxName     = 200
	maxHost     = 253
	maxUser     = 512
	maxPassword = 1024
	maxPath     = 4096
	maxCommand  = 512
	maxNotes    = 64 << 10
	maxCommands = 50
	maxMarks    = 1000
)

// entry is a row being made from what a file says. Its methods take raw values,
// check them, and keep what may be kept.
type entry struct{ row Row }

func newEntry(where string, folder ...string) *entry {
	return &entry{Row{Where: where, Site: sites.Site{Folder: folder}}}
}

// skip says why the entry becomes no site; the first reason stays.
func (e *entry) skip(format string, args ...any) {
	if e.row.Why == "" {
		e.row.Outcome, e.row.Why = Skipped, fmt.Sprintf(format, args...)
	}
}

// lose notes a setting that is not taken.
func (e *entry) lose(format string, args ...any) {
	e.row.Lost = append(e.row.Lost, fmt.Sprintf(format, args...))
}

// flaw says what is wrong with a value of a file, or "".
func flaw(value string, most int) string {
	switch {
	case len(value) > most:
		return fmt.Sprintf("is longer than %d bytes", most)
	case strings.ContainsAny(value, "\r\n"):
		return "holds a line break"
	case strings.ContainsRune(value, 0):
		return "holds a NUL"
	case !utf8.ValidString(value):
		return "is not written in UTF-8"
	case strings.ContainsFunc(value, control):
		return "holds a control character"
	}
	return ""
}

func control(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }

// cut is value fit for a message: printable, and not long.
func cut(value string) string { return cutTo(value, 60) }

func cutTo(value string, most int) string {
	r := []rune(client.Printable(strings.ToValidUTF8(value[:min(len(value), 4*most)], "\uFFFD")))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}

// title makes a name of a site or a folder harmless: in one line, without control
// characters and of a moderate length. The second result is false where it changed.
func title(name string) (string, bool) {
	out := strings.TrimSpace(strings.Map(func(r rune) rune {
		if control(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name[:min(len(name), 8*maxName)], "\uFFFD")))
	for len(out) > maxName {
		_, size := utf8.DecodeLastRuneInString(out)
		out = out[:len(out)-size]
	}
	out = strings.TrimSpace(out)
	return out, out == strings.TrimSpace(name)
}

func (e *entry) name(v string) {
	n, same := title(v)
	if !same {
		e.lose("the name as it was: it held control characters or was very long")
	}
	e.row.Site.Name = n
}

func (e *entry) host(v string) {
	v = strings.TrimSpace(v)
	if bare, ok := strings.CutPrefix(v, "["); ok && strings.HasSuffix(v, "]") {
		v = strings.TrimSuffix(bare, "]")
	}
	if v == "" {
		e.skip("it names no host")
		return
	}
	if f := flaw(v, maxHost); f != "" {
		e.skip("the host name %s", f)
		return
	}
	if strings.Contains(v, "@") { // not quoted: there may be a password in it
		e.skip("what stands for the host is an address with a user; write the host's name alone")
		return
	}
	if strings.ContainsAny(v, " \t/\\@?#\"'<>") || client.Printable(v) != v || strings.HasPrefix(v, "-") {
		e.skip("%q is no name of a host", cut(v))
		return
	}
	e.row.Site.Host = v
}

// port takes a decimal number; "" leaves the usual one.
func (e *entry) port(v string) {
	if v = strings.TrimSpace(v); v == "" {
		return
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 65535 {
		e.skip("the port %q is not a number from 1 to 65535", cut(v))
		return
	}
	e.row.Site.Port = uint16(n)
}

func (e *entry) user(v string) {
	if f := flaw(v, maxUser); f != "" {
		e.skip("the user name %s", f)
		return
	}
	e.row.Site.User = v
}

func (e *entry) account(v string) {
	if f := flaw(v, maxUser); f != "" {
		e.skip("the account %s", f)
		return
	}
	e.row.Site.Account = v
}

// secret keeps a secret for the keyring, never in the site.
func (e *entry) secret(kind secrets.Kind, v string) {
	if v == "" {
		return
	}
	if f := flaw(v, maxPassword); f != "" {
		e.lose("the %s, since it %s; it will be asked for", kind.Words(), f)
		return
	}
	if e.row.Secrets == nil {
		e.row.Secrets = make(map[secrets.Kind]string, 1)
	}
	e.row.Secrets[kind] = v
}

// notes are the one text that may have several lines.
func (e *entry) notes(v string) {
	v = strings.ReplaceAll(strings.ReplaceAll(v, "\r\n", "\n"), "\r", "\n")
	clean := strings.TrimSpace(strings.Map(func(r rune) rune {
		if control(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, v))
	if len(clean) > maxNotes {
		e.lose("the notes, which are longer than %d KiB", maxNotes>>10)
		return
	}
	e.row.Site.Notes = clean
}

// localDir checks a folder of this computer.
func (e *entry) localDir(what, v string) string {
	if v == "" {
		return ""
	}
	if f := flaw(v, maxPath); f != "" {
		e.lose("%s, which %s", what, f)
		return ""
	}
	switch {
	case strings.HasPrefix(v, `\\`) || strings.HasPrefix(v, "//"):
		// To look at such a folder would log in to the computer that it names.
		e.lose("%s %q, which is on another computer", what, cut(v))
	case !filepath.IsAbs(v):
		e.lose("%s %q, which is no full path on this computer", what, cut(v))
	case upwards(filepath.ToSlash(v)):
		e.lose("%s %q, which leads upwards", what, cut(v))
	default:
		return v
	}
	return ""
}

// remoteDir checks a folder of a server.
func (e *entry) remoteDir(what, v string) string {
	if f := flaw(v, maxPath); f != "" {
		e.lose("%s, which %s", what, f)
		return ""
	}
	if upwards(v) {
		e.lose("%s %q, which leads upwards", what, cut(v))
		return ""
	}
	return v
}

// upwards reports whether a component of a path is "..".
func upwards(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

func (e *entry) command(v string) {
	v = strings.TrimSpace(v)
	switch f := flaw(v, maxCommand); {
	case v == "":
	case f != "":
		e.lose("a command after login, which %s", f)
	case client.CheckAfterLogin(v) != nil:
		verb, _, _ := strings.Cut(v, " ")
		e.lose("the command after login %s, which cannot be sent there", cut(strings.ToUpper(verb)))
	case len(e.row.Site.AfterLogin) >= maxCommands:
		e.lose("a command after login, since there are more than %d", maxCommands)
	default:
		e.row.Site.AfterLogin = append(e.row.Site.AfterLogin, v)
	}
}

func (e *entry) bookmark(b sites.Bookmark) {
	b.Name, _ = title(b.Name)
	same := func(have sites.Bookmark) bool { return strings.EqualFold(have.Name, b.Name) }
	for n, name := 2, b.Name; n < 1000 && slices.ContainsFunc(e.row.Site.Bookmarks, same); n++ {
		b.Name = fmt.Sprintf("%s %d", name, n)
	}
	switch {
	case len(e.row.Site.Bookmarks) >= maxMarks:
		e.lose("the bookmark %q, one too many", cut(b.Name))
	case b.Name == "" || b.LocalDir == "" && b.RemoteDir == "":
		e.lose("a bookmark without a name or a folder")
	default:
		e.row.Site.Bookmarks = append(e.row.Site.Bookmarks, b)
	}
}

// charset takes the name of a character set.
func (e *entry) charset(v string) {
	v = strings.TrimSpace(v)
	if v == "" {
		return
	}
	if flaw(v, 64) != "" {
		e.lose("the character set, whose name is not well-formed")
		return
	}
	if _, err := client.DecodeText(v, ""); err != nil {
		e.lose("the character set %q, which is not known here", cut(v))
		return
	}
	e.row.Site.Charset = strings.ToLower(v)
}

// connections takes the number of connections that are allowed at once.
func (e *entry) connections(v string) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	switch {
	case v == "" || err == nil && n == 0:
	case err != nil || n < 0 || n > 1000:
		e.lose("the limit of connections %q, which is no sensible number", cut(v))
	default:
		e.row.Site.MaxConnections = n
	}
}

// offset takes what the server's clock is ahead of UTC.
func (e *entry) offset(minutes int) {
	const day = 24 * 60
	if minutes < -day || minutes > day {
		e.lose("the offset of the server's clock, which is more than a day")
		return
	}
	e.row.Site.TimeOffset = minutes
}

// anonymous makes the site one without a user.
func (e *entry) anonymous() {
	e.row.Site.Logon, e.row.Site.User, e.row.Secrets = sites.LogonAnonymous, "", nil
}
