package ftptest

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

// splitFlags takes ls options like -la off an argument.
func (c *Conn) splitFlags(arg string) (flags, rest string) {
	if c.srv.settings().ignoreArgs {
		return "", arg
	}
	for strings.HasPrefix(arg, "-") {
		word, after, _ := strings.Cut(arg, " ")
		flags += word[1:]
		arg = after
	}
	return flags, arg
}

func (c *Conn) cmdLIST(arg string) {
	flags, rest := c.splitFlags(arg)
	set := c.srv.settings()
	c.list("LIST", arg, rest, strings.Contains(flags, "a"), func(i info) string {
		if set.dosList {
			return dosLine(i)
		}
		return unixLine(i, set.clock.now())
	})
}

func (c *Conn) cmdNLST(arg string) {
	flags, rest := c.splitFlags(arg)
	prefix := ""
	if rest != "" {
		if i, err := c.srv.tree.stat(c.path(rest)); err == nil && i.dir {
			prefix = strings.TrimSuffix(rest, "/") + "/"
		}
	}
	c.list("NLST", arg, rest, strings.Contains(flags, "a"), func(i info) string { return prefix + i.name })
}

// list sends a listing of the folder or file rest.
func (c *Conn) list(verb, arg, rest string, all bool, line func(info) string) {
	p := c.path(rest)
	self, err := c.srv.tree.stat(p)
	if err != nil {
		c.refuse(err)
		return
	}
	set := c.srv.settings()
	c.transfer(verb, arg, func(d *dataConn) error {
		w := bufio.NewWriterSize(d, dataChunk)
		if d.plan.hasList {
			_, err := w.Write(d.plan.listing)
			return flush(w, err)
		}
		if all && self.dir {
			for _, name := range []string{".", ".."} {
				dot := self
				dot.name = name
				if err := writeLine(w, line(dot)); err != nil {
					return err
				}
			}
		}
		err := c.srv.tree.each(p, func(i info) error {
			if self.dir && set.hideDots && !all && !i.odd && strings.HasPrefix(i.name, ".") {
				return nil
			}
			if !self.dir {
				i.name = path.Base(rest)
			}
			return writeLine(w, line(i))
		})
		return flush(w, err)
	})
}

func writeLine(w *bufio.Writer, line string) error {
	if _, err := w.WriteString(line); err != nil {
		return err
	}
	_, err := w.WriteString("\r\n")
	return err
}

func flush(w *bufio.Writer, err error) error {
	if err != nil {
		return err
	}
	return w.Flush()
}

func modeString(i info) string {
	b := []byte("-rwxrwxrwx")
	switch {
	case i.link != "":
		b[0] = 'l'
	case i.dir:
		b[0] = 'd'
	}
	for bit := range 9 {
		if i.mode&(1<<(8-bit)) == 0 {
			b[bit+1] = '-'
		}
	}
	return string(b)
}

// unixLine is a line of ls -l, with the year where the time is half a year
// away.
func unixLine(i info, now time.Time) string {
	links := 1
	if i.dir {
		links = 2
	}
	at := i.mtime.UTC()
	layout := "Jan _2 15:04"
	if at.Before(now.AddDate(0, 0, -182)) || at.After(now.Add(24*time.Hour)) {
		layout = "Jan _2  2006"
	}
	name := i.name
	if i.link != "" {
		name += " -> " + i.link
	}
	return fmt.Sprintf("%s %3d %-8s %-8s %12d %s %s", modeString(i), links, i.owner, i.group, i.size, at.Format(layout), name)
}

// dosLine is a line as IIS writes it.
func dosLine(i info) string {
	size := fmt.Sprintf("%20d", i.size)
	if i.dir {
		size = "       <DIR>        "
	}
	return i.mtime.UTC().Format("01-02-06  03:04PM") + " " + size + " " + i.name
}

// allFacts are the facts of MLST and MLSD, in the order they are sent.
func allFacts() []string {
	return []string{"type", "size", "modify", "perm", "UNIX.mode", "UNIX.owner", "UNIX.group"}
}

func (c *Conn) wants(fact string) bool {
	return c.session.facts == nil || c.session.facts[strings.ToLower(fact)]
}

// factList is the value of MLST in FEAT (RFC 3659, 7.8).
func (c *Conn) factList() string {
	var b strings.Builder
	for _, f := range allFacts() {
		b.WriteString(f)
		if c.wants(f) {
			b.WriteByte('*')
		}
		b.WriteByte(';')
	}
	return b.String()
}

// setFacts obeys OPTS MLST (RFC 3659, 7.9).
func (c *Conn) setFacts(list string) {
	asked := strings.ToLower(list)
	c.session.facts = make(map[string]bool)
	var said string
	for _, f := range allFacts() {
		for want := range strings.SplitSeq(asked, ";") {
			if want == strings.ToLower(f) {
				c.session.facts[want] = true
				said += f + ";"
			}
		}
	}
	c.Reply(200, strings.TrimSpace("MLST OPTS "+said))
}

// facts is the line of MLSD and MLST for i, of this type.
func (c *Conn) facts(i info, kind string) string {
	var b strings.Builder
	add := func(fact, value string) {
		if c.wants(fact) {
			b.WriteString(fact + "=" + value + ";")
		}
	}
	add("type", kind)
	if !i.dir {
		add("size", fmt.Sprint(i.size))
	}
	add("modify", i.mtime.UTC().Format(timeLayout))
	perm := "adfrw"
	if i.dir {
		perm = "cdeflmp"
	}
	if c.srv.settings().readOnly {
		perm = "r"
		if i.dir {
			perm = "el"
		}
	}
	add("perm", perm)
	add("UNIX.mode", fmt.Sprintf("%04o", i.mode))
	add("UNIX.owner", i.owner)
	add("UNIX.group", i.group)
	return b.String() + " " + i.name
}

func factType(i info) string {
	switch {
	case i.link != "":
		return "OS.unix=slink:" + i.link
	case i.dir:
		return "dir"
	}
	return "file"
}

func (c *Conn) cmdMLSD(arg string) {
	p := c.path(arg)
	self, err := c.srv.tree.stat(p)
	if err == nil && !self.dir {
		c.Reply(501, "Not a directory.")
		return
	}
	if err != nil {
		c.refuse(err)
		return
	}
	c.transfer("MLSD", arg, func(d *dataConn) error {
		w := bufio.NewWriterSize(d, dataChunk)
		if d.plan.hasList {
			_, err := w.Write(d.plan.listing)
			return flush(w, err)
		}
		self.name = "."
		if err := writeLine(w, c.facts(self, "cdir")); err != nil {
			return err
		}
		if up, err := c.srv.tree.stat(path.Dir(p)); err == nil && p != "/" {
			up.name = ".."
			if err := writeLine(w, c.facts(up, "pdir")); err != nil {
				return err
			}
		}
		err := c.srv.tree.each(p, func(i info) error { return writeLine(w, c.facts(i, factType(i))) })
		return flush(w, err)
	})
}

func (c *Conn) cmdMLST(arg string) {
	p := c.path(arg)
	i, err := c.srv.tree.stat(p)
	if err != nil {
		c.refuse(err)
		return
	}
	i.name = p
	c.Send("250-Listing " + p + "\n " + c.facts(i, factType(i)) + "\n250 End")
}

// statPath answers STAT with a pathname over the control connection.
func (c *Conn) statPath(arg string) {
	_, rest := c.splitFlags(arg)
	var b strings.Builder
	now := c.srv.settings().clock.now()
	err := c.srv.tree.each(c.path(rest), func(i info) error {
		_, err := io.WriteString(&b, "\n "+unixLine(i, now))
		return err
	})
	if err != nil {
		c.refuse(err)
		return
	}
	c.Send("213-Status of " + arg + ":" + b.String() + "\n213 End of status.")
}
