package ftptest

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

func (c *Conn) cmdSYST(string) {
	if c.srv.settings().dosList {
		c.Reply(215, "Windows_NT")
		return
	}
	c.Reply(215, "UNIX Type: L8")
}

func (c *Conn) cmdCLNT(string) { c.Reply(200, "Noted.") }
func (c *Conn) cmdNOOP(string) { c.Reply(200, "Zzz...") }
func (c *Conn) cmdALLO(string) { c.Reply(202, "No storage allocation necessary.") }
func (c *Conn) cmdABOR(string) { c.Reply(226, "Abort successful.") }

func (c *Conn) cmdQUIT(string) {
	c.Reply(221, "Goodbye.")
	c.Close()
}

func (c *Conn) cmdHELP(string) {
	verbs := make([]string, 0, len(c.srv.table))
	for v := range c.srv.table {
		verbs = append(verbs, v)
	}
	sort.Strings(verbs)
	c.Send("214-The following commands are recognised.\n " + strings.Join(verbs, " ") + "\n214 Help OK.")
}

// cmdFEAT lists the features (RFC 2389, 3).
func (c *Conn) cmdFEAT(string) {
	c.srv.mu.Lock()
	lines := c.srv.cfg.feat
	without := func(v string) bool { return c.srv.cfg.without[v] }
	var own []string
	add := func(verb, line string) {
		if !without(verb) {
			own = append(own, line)
		}
	}
	if c.srv.cfg.tls {
		add("AUTH", "AUTH TLS")
		add("PBSZ", "PBSZ")
		add("PROT", "PROT")
	}
	add("CLNT", "CLNT")
	add("EPRT", "EPRT")
	add("EPSV", "EPSV")
	add("HASH", "HASH "+c.hashes())
	add("MDTM", "MDTM")
	add("MFMT", "MFMT")
	add("MLST", "MLST "+c.factList())
	if !c.srv.cfg.noREST {
		add("REST", "REST STREAM")
	}
	add("SIZE", "SIZE")
	add("TVFS", "TVFS")
	add("UTF8", "UTF8")
	for _, x := range []string{"XCRC", "XMD5", "XSHA1", "XSHA256"} {
		add(x, x)
	}
	c.srv.mu.Unlock()
	if lines == nil {
		lines = own
	}
	if len(lines) == 0 {
		c.Reply(211, "No features.")
		return
	}
	c.Send("211-Features:\n " + strings.Join(lines, "\n ") + "\n211 End")
}

func (c *Conn) cmdOPTS(arg string) {
	what, rest, _ := strings.Cut(arg, " ")
	switch strings.ToUpper(what) {
	case "UTF8", "UTF-8":
		c.Reply(200, "Always in UTF8 mode.")
	case "MLST":
		c.setFacts(rest)
	case "HASH":
		if rest != "" {
			if newHash(strings.ToUpper(rest)) == nil {
				c.Reply(501, "Unknown algorithm.")
				return
			}
			c.session.hash = strings.ToUpper(rest)
		}
		c.Reply(200, c.session.hash)
	default:
		c.Reply(501, "Unknown option.")
	}
}

func (c *Conn) cmdTYPE(arg string) {
	switch strings.ToUpper(arg) {
	case "A", "A N":
		c.session.ascii = true
		c.Reply(200, "Type is ASCII.")
	case "I", "L 8":
		c.session.ascii = false
		c.Reply(200, "Type is image.")
	default:
		c.Reply(504, "Type is not implemented.")
	}
}

func (c *Conn) cmdMODE(arg string) {
	if !strings.EqualFold(arg, "S") {
		c.Reply(504, "Only stream mode is implemented.")
		return
	}
	c.Reply(200, "Mode is stream.")
}

func (c *Conn) cmdSTRU(arg string) {
	if !strings.EqualFold(arg, "F") {
		c.Reply(504, "Only file structure is implemented.")
		return
	}
	c.Reply(200, "Structure is file.")
}

func (c *Conn) cmdREST(arg string) {
	n, err := strconv.ParseInt(arg, 10, 64)
	switch {
	case err != nil || n < 0:
		c.Reply(501, "A restart position is a number.")
	case n > 0 && c.session.ascii:
		c.Reply(501, "Resuming is not possible in ASCII mode.")
	default:
		c.session.offset = n
		c.Reply(350, fmt.Sprintf("Restarting at %d.", n))
	}
}

func (c *Conn) cmdSTAT(arg string) {
	if arg != "" {
		c.statPath(arg)
		return
	}
	kind := "Image"
	if c.session.ascii {
		kind = "ASCII"
	}
	c.Send(fmt.Sprintf("211-Server status:\n Connected from %s\n Logged in as %s\n TYPE: %s\n211 End",
		c.remoteAddr(), c.session.user, kind))
}

func (c *Conn) cmdSITE(arg string) {
	what, rest, _ := strings.Cut(arg, " ")
	switch strings.ToUpper(what) {
	case "HELP":
		c.Send("214-SITE commands:\n CHMOD HELP\n214 End")
	case "CHMOD":
		mode, name, ok := strings.Cut(rest, " ")
		bits, err := strconv.ParseUint(mode, 8, 32)
		switch {
		case !ok || err != nil:
			c.Reply(501, "SITE CHMOD mode pathname")
		case c.srv.settings().readOnly:
			c.Reply(550, "Permission denied.")
		default:
			c.done(c.srv.tree.chmod(c.path(name), uint32(bits)), 200, "SITE CHMOD command successful.")
		}
	default:
		c.Reply(504, "Unknown SITE command.")
	}
}
