package ftptest

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// timeLayout is the time of MDTM, MFMT and MLST (RFC 3659, 2.3).
const timeLayout = "20060102150405"

// path makes an absolute path of a client's pathname. It keeps odd paths as
// they are, so that entries made by Entry are found.
func (c *Conn) path(arg string) string {
	p := arg
	if !strings.HasPrefix(p, "/") {
		p = strings.TrimSuffix(c.session.cwd, "/") + "/" + arg
	}
	if c.srv.tree.isOdd(p) {
		return p
	}
	return clean(p)
}

func (t *tree) isOdd(p string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.odd[p]
	return ok
}

// done replies with code, or says why not.
func (c *Conn) done(err error, code int, text string) bool {
	if err != nil {
		c.refuse(err)
		return false
	}
	c.Reply(code, text)
	return true
}

func (c *Conn) refuse(err error) {
	code := 550
	if errors.Is(err, errOffset) {
		code = 554
	}
	text := err.Error()
	c.Reply(code, strings.ToUpper(text[:1])+text[1:]+".")
}

// quoted doubles quotes in a pathname for 257 (RFC 959, appendix II).
func quoted(p string) string { return `"` + strings.ReplaceAll(p, `"`, `""`) + `"` }

func (c *Conn) cmdPWD(string) {
	c.Reply(257, quoted(c.session.cwd)+" is the current directory.")
}

func (c *Conn) cmdCWD(arg string) {
	p := c.path(arg)
	i, err := c.srv.tree.stat(p)
	if err == nil && !i.dir {
		err = errNotDir
	}
	if c.done(err, 250, "Directory changed.") {
		c.session.cwd = p
	}
}

func (c *Conn) cmdCDUP(string) { c.cmdCWD("..") }

func (c *Conn) cmdMKD(arg string) {
	p := c.path(arg)
	c.done(c.srv.tree.mkdir(p), 257, quoted(p)+" created.")
}

func (c *Conn) cmdRMD(arg string) {
	c.done(c.srv.tree.remove(c.path(arg), true), 250, "Directory removed.")
}

func (c *Conn) cmdDELE(arg string) {
	c.done(c.srv.tree.remove(c.path(arg), false), 250, "File deleted.")
}

func (c *Conn) cmdRNFR(arg string) {
	p := c.path(arg)
	_, err := c.srv.tree.stat(p)
	if c.done(err, 350, "Ready for RNTO.") {
		c.session.rename = p
	}
}

func (c *Conn) cmdRNTO(arg string) {
	from := c.session.rename
	c.session.rename = ""
	if from == "" {
		c.Reply(503, "Send RNFR first.")
		return
	}
	c.done(c.srv.tree.rename(from, c.path(arg)), 250, "Renamed.")
}

// statFile finds a file, and replies where there is none.
func (c *Conn) statFile(arg string) (info, bool) {
	i, err := c.srv.tree.stat(c.path(arg))
	if err == nil && i.dir {
		err = errIsDir
	}
	if err != nil {
		c.refuse(err)
		return info{}, false
	}
	return i, true
}

func (c *Conn) cmdSIZE(arg string) {
	if c.session.ascii {
		c.Reply(550, "SIZE is not possible in ASCII mode.")
		return
	}
	if i, ok := c.statFile(arg); ok {
		c.Reply(213, fmt.Sprint(i.size))
	}
}

// cmdMDTM tells the time of a file (RFC 3659, 3), or sets it as some servers
// do when a time comes first.
func (c *Conn) cmdMDTM(arg string) {
	if stamp, name, ok := strings.Cut(arg, " "); ok {
		if at, err := time.Parse(timeLayout, stamp); err == nil {
			if c.srv.settings().readOnly {
				c.Reply(550, "Permission denied.")
				return
			}
			c.done(c.srv.tree.setTime(c.path(name), at), 253, "Date and time set.")
			return
		}
	}
	i, err := c.srv.tree.stat(c.path(arg))
	c.done(err, 213, i.mtime.UTC().Format(timeLayout))
}

func (c *Conn) cmdMFMT(arg string) {
	stamp, name, ok := strings.Cut(arg, " ")
	at, err := time.Parse(timeLayout, stamp)
	if !ok || err != nil {
		c.Reply(501, "MFMT YYYYMMDDhhmmss pathname")
		return
	}
	c.done(c.srv.tree.setTime(c.path(name), at), 213, "Modify="+stamp+"; "+name)
}
