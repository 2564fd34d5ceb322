package exchange

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"portside/client/secrets"
	"portside/client/sites"
)

// readNetrc reads a .netrc file, as the ftp commands of Unix and curl do: words
// parted by blanks, with quoted strings as curl has them.
func readNetrc(s *source) error {
	text, err := s.text()
	if err != nil {
		return err
	}
	s.note("A .netrc does not say which of its machines are FTP servers; choose those that are.")
	n := &netrc{s: s, rest: text, line: 1}
	for {
		word, err := n.word()
		switch {
		case errors.Is(err, io.EOF):
			return n.flush()
		case err != nil:
			return err
		}
		if err = n.take(word); err != nil {
			return err
		}
	}
}

// netrc is the state of reading a .netrc.
type netrc struct {
	s    *source
	rest string // what is still to be read
	line int

	e                    *entry // of the machine being read; nil before the first
	login, pass, account string
	macros               int
}

// take acts on a keyword.
func (n *netrc) take(word string) error {
	switch word {
	case "machine", "default":
		if err := n.flush(); err != nil {
			return err
		}
		n.e = newEntry(fmt.Sprintf("line %d", n.line))
		if word == "default" {
			n.e.skip("it is meant for every machine that is not named")
			n.e.name("default")
			return nil
		}
		return n.value(word, n.e.host)
	case "macdef":
		n.macros++
		return n.macro()
	case "login", "user":
		return n.value(word, func(v string) { n.login = v })
	case "password", "passwd":
		return n.value("password", func(v string) { n.pass = v })
	case "account":
		return n.value(word, func(v string) { n.account = v })
	case "port":
		return n.value(word, func(v string) {
			if n.e != nil {
				n.e.port(v)
			}
		})
	}
	// Not quoted: it may be a part of a password.
	return n.s.fail(n.line, "has a word that .netrc does not know, where machine, login, password, account, default or macdef was expected")
}

// value reads the word behind a keyword.
func (n *netrc) value(key string, set func(string)) error {
	// What begins with # is a comment, but not behind a keyword on its line: it may be a
	// password.
	n.rest = strings.TrimLeft(n.rest, " \t")
	var v string
	var err error
	if strings.HasPrefix(n.rest, "#") {
		v, err = n.bare()
	} else {
		v, err = n.word()
	}
	if errors.Is(err, io.EOF) {
		return n.s.fail(n.line, "is cut off behind the word %s", key)
	}
	if err == nil {
		set(v)
	}
	return err
}

// flush adds the row of the machine that has been read.
func (n *netrc) flush() error {
	e := n.e
	if e == nil {
		return nil
	}
	site := &e.row.Site
	switch {
	case strings.EqualFold(n.login, "anonymous"):
		e.anonymous()
	case n.login == "":
		e.skip("it names no user")
	default:
		e.user(n.login)
		site.Logon = sites.LogonKeyring
		e.secret(secrets.Password, n.pass)
		if n.account != "" {
			site.Logon = sites.LogonAccount
			e.account(n.account)
		}
	}
	if n.macros > 0 {
		e.lose("the macros (macdef)")
	}
	n.e, n.login, n.pass, n.account, n.macros = nil, "", "", "", 0
	return n.s.add(e.row)
}

// macro skips the name and the body of a macro, which ends at an empty line.
func (n *netrc) macro() error {
	if _, err := n.word(); err != nil {
		return n.s.fail(n.line, "is cut off behind the word macdef")
	}
	for first := true; n.rest != ""; first = false { // the first is the rest of the line with the name
		line, rest, _ := strings.Cut(n.rest, "\n")
		n.rest = rest
		n.line++
		if !first && strings.TrimSpace(line) == "" {
			break
		}
	}
	return nil
}

// word returns the next word, io.EOF behind the last one.
func (n *netrc) word() (string, error) {
	for n.rest != "" {
		switch c := n.rest[0]; c {
		case '\n':
			n.line++
			n.rest = n.rest[1:]
		case ' ', '\t', '\r':
			n.rest = n.rest[1:]
		case '#':
			_, after, _ := strings.Cut(n.rest, "\n")
			n.rest = after
			n.line++
		case '"':
			return n.quoted()
		default:
			return n.bare()
		}
	}
	return "", io.EOF
}

// bare returns the word that begins here, up to a blank.
func (n *netrc) bare() (string, error) {
	end := strings.IndexAny(n.rest, " \t\r\n")
	if end < 0 {
		end = len(n.rest)
	}
	word := n.rest[:end]
	n.rest = n.rest[end:]
	if len(word) > maxLine {
		return "", n.s.fail(n.line, "has a word longer than %d KiB", maxLine>>10)
	}
	return word, nil
}

// quoted reads a string in quotes, with curl's escapes.
func (n *netrc) quoted() (string, error) {
	var b strings.Builder
	for i := 1; i < len(n.rest); i++ {
		switch c := n.rest[i]; c {
		case '"':
			n.rest = n.rest[i+1:]
			return b.String(), nil
		case '\n':
			return "", n.s.fail(n.line, "has a quoted string that does not end on its line")
		case '\\':
			i++
			if i == len(n.rest) {
				break
			}
			switch n.rest[i] {
			case 'n':
				b.WriteByte('\n')
			case 'r':
				b.WriteByte('\r')
			case 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(n.rest[i])
			}
		default:
			b.WriteByte(c)
		}
		if b.Len() > maxLine {
			return "", n.s.fail(n.line, "has a quoted string longer than %d KiB", maxLine>>10)
		}
	}
	return "", n.s.fail(n.line, "has a quoted string that does not end")
}

// sniffNetrc reports whether the first word is one that a .netrc begins with.
func sniffNetrc(head []byte) bool {
	for line := range strings.SplitSeq(string(head), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		switch f[0] {
		case "machine", "macdef":
			return len(f) > 1 || f[0] == "machine"
		case "default":
			return len(f) == 1 || f[1] == "login" || f[1] == "password"
		}
		return false
	}
	return false
}
