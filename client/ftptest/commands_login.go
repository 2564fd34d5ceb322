package ftptest

import (
	"crypto/tls"
	"strings"
)

func (c *Conn) cmdUSER(name string) {
	set := c.srv.settings()
	if set.requireTLS && !c.Secure() {
		c.Reply(530, "TLS is required: send AUTH TLS first.")
		return
	}
	c.session.user, c.session.loggedIn, c.session.passed = name, false, false
	if set.noPassword {
		c.login()
		return
	}
	c.Reply(331, "Password required for "+name+".")
}

func (c *Conn) cmdPASS(password string) {
	if c.session.user == "" {
		c.Reply(503, "Send USER first.")
		return
	}
	c.srv.mu.Lock()
	want, ok := c.srv.cfg.accounts[c.session.user]
	if !ok {
		u := strings.ToLower(c.session.user)
		ok = c.srv.cfg.anonymous && (u == "anonymous" || u == "ftp")
		want = password
	}
	account := c.srv.cfg.account
	c.srv.mu.Unlock()
	switch {
	case !ok || want != password:
		c.session.user = ""
		c.Reply(530, "Login incorrect.")
	case account != "":
		c.session.passed = true
		c.Reply(332, "Account required.")
	default:
		c.login()
	}
}

func (c *Conn) cmdACCT(account string) {
	switch {
	case c.session.loggedIn:
		c.Reply(202, "No account needed.")
	case !c.session.passed:
		c.Reply(503, "Send USER and PASS first.")
	case account != c.srv.settings().account:
		c.Reply(530, "Login incorrect.")
	default:
		c.login()
	}
}

func (c *Conn) login() {
	c.session.loggedIn = true
	c.session.cwd = clean(c.srv.settings().home)
	c.srv.mu.Lock()
	c.info.User = c.session.user
	c.srv.notify()
	c.srv.mu.Unlock()
	c.Reply(230, "User "+c.session.user+" logged in.")
}

func (c *Conn) cmdAUTH(arg string) {
	set := c.srv.settings()
	switch kind := strings.ToUpper(arg); {
	case !set.tls:
		c.Reply(502, "TLS is not offered.")
	case kind != "TLS" && kind != "SSL" && kind != "TLS-C" && kind != "TLS-P":
		c.Reply(504, "Unknown security mechanism.")
	case c.Secure():
		c.Reply(503, "TLS is on already.")
	default:
		const ok = "234 Proceed with the TLS handshake."
		if set.inject == "" {
			c.Send(ok)
		} else {
			c.write(ok + "\r\n" + set.inject)
		}
		if !c.startTLS(set) {
			c.Close()
		}
	}
}

// startTLS makes the control connection a protected one. The reader waits.
func (c *Conn) startTLS(set settings) bool {
	if c.br.Buffered() > 0 {
		// Commands in the clear that were meant to be run as protected ones.
		c.br.Reset(c.raw)
		return false
	}
	conf, err := c.srv.tlsConfig(set)
	if err != nil {
		return false
	}
	tc := tls.Server(c.raw, conf)
	if err := tc.HandshakeContext(c.ctx); err != nil {
		c.log("*", "TLS handshake: "+err.Error())
		return false
	}
	c.wmu.Lock()
	c.nc = tc
	c.wmu.Unlock()
	c.br.Reset(tc)
	c.tlsConf = conf
	c.session.user, c.session.loggedIn = "", false
	c.srv.mu.Lock()
	c.info.TLS = true
	c.srv.notify()
	c.srv.mu.Unlock()
	return true
}

func (c *Conn) cmdPBSZ(string) {
	if !c.Secure() {
		c.Reply(503, "Send AUTH TLS first.")
		return
	}
	c.Reply(200, "PBSZ=0")
}

func (c *Conn) cmdPROT(arg string) {
	switch level := strings.ToUpper(arg); {
	case !c.Secure():
		c.Reply(503, "Send AUTH TLS first.")
	case level == "P":
		c.session.prot = true
		c.Reply(200, "Protection level is P.")
	case level == "C" && c.srv.settings().requireTLS:
		c.Reply(534, "Data connections must be protected.")
	case level == "C":
		c.session.prot = false
		c.Reply(200, "Protection level is C.")
	default:
		c.Reply(536, "Unknown protection level.")
	}
}
