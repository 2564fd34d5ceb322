package exchange

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"portside/client/secrets"
	"portside/client/sites"
)

// ncftpHead begins the bookmarks of NcFTP.
const ncftpHead = "NcFTP bookmark-file version:"

// readNcFTP reads NcFTP's bookmarks: two lines of a head, and on each line the fields
// of a site, parted by commas.
func readNcFTP(s *source) error {
	text, err := s.text()
	if err != nil {
		return err
	}
	return s.lines(text, func(n int, line string) error {
		if n == 1 && !strings.HasPrefix(line, ncftpHead) {
			return s.fail(n, "is no list of NcFTP's bookmarks: %q was expected", ncftpHead)
		}
		if n <= 2 || strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			return nil
		}
		e := newEntry(fmt.Sprintf("line %d", n))
		e.fromNcFTP(ncftpFields(line))
		return s.add(e.row)
	})
}

// The fields of a bookmark of NcFTP that are taken over, by their place.
const (
	ncftpName = iota
	ncftpHost
	ncftpUser
	ncftpPassword
	ncftpAccount
	ncftpDir
	ncftpType
	ncftpPort
	ncftpComment = 14
	ncftpLocal   = 18
	ncftpFieldsN = 24
)

// ncftpFields takes a line apart. A backslash stands before a character that means
// itself, a dollar before the two hexadecimal digits of a byte.
func ncftpFields(line string) []string {
	out := make([]string, 0, ncftpFieldsN)
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			i++
			b.WriteByte(line[i])
		case c == '$' && i+2 < len(line):
			n, err := strconv.ParseUint(line[i+1:i+3], 16, 8)
			if err != nil {
				b.WriteByte(c)
				continue
			}
			b.WriteByte(byte(n))
			i += 2
		case c == ',' && len(out) < ncftpFieldsN:
			out = append(out, b.String())
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return append(out, b.String())
}

func (e *entry) fromNcFTP(f []string) {
	get := func(i int) string {
		if i < len(f) {
			return f[i]
		}
		return ""
	}
	e.name(get(ncftpName))
	e.host(get(ncftpHost))
	e.port(get(ncftpPort))
	site := &e.row.Site
	if user := get(ncftpUser); user == "" || strings.EqualFold(user, "anonymous") || strings.EqualFold(user, "ftp") {
		e.anonymous()
	} else {
		e.user(user)
		site.Logon = sites.LogonKeyring
		if acct := get(ncftpAccount); acct != "" {
			site.Logon = sites.LogonAccount
			e.account(acct)
		}
		e.ncftpPassword(get(ncftpPassword))
	}
	site.RemoteDir = e.remoteDir("the folder on the server", get(ncftpDir))
	site.LocalDir = e.localDir("the local folder", get(ncftpLocal))
	e.notes(strings.ToValidUTF8(get(ncftpComment), "\uFFFD"))
	if get(ncftpType) == "A" {
		e.lose("the transfer of text")
	}
}

func (e *entry) ncftpPassword(v string) {
	hidden, ok := strings.CutPrefix(v, "*encoded*")
	if !ok {
		e.secret(secrets.Password, v)
		return
	}
	raw, err := base64.StdEncoding.DecodeString(hidden)
	if err != nil || !utf8.Valid(raw) {
		e.lose("the password, which is not written well (base64); it will be asked for")
		return
	}
	e.secret(secrets.Password, strings.TrimRight(string(raw), "\x00"))
}
