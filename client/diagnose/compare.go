package diagnose

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A Comparison names what differs between two diagnoses of one server, as a rule
// from two networks. A and B stand for the reports in the order given.
type Comparison struct {
	Format      int          `json:"format"`
	A           Side         `json:"a"`
	B           Side         `json:"b"`
	SameServer  bool         `json:"same_server"`
	Sentences   []string     `json:"sentences"`   // what follows, the most telling first
	Differences []Difference `json:"differences"` // fact by fact
	Same        []string     `json:"same"`        // methods with the same result on both
}

// A Side is one of the two reports.
type Side struct {
	Started     time.Time  `json:"started"`
	Server      string     `json:"server"`
	Addr        netip.Addr `json:"addr,omitzero"`
	Network     string     `json:"network,omitempty"`
	External    netip.Addr `json:"external,omitzero"`
	Recommended string     `json:"recommended_mode,omitempty"`
	ExitCode    int        `json:"exit_code"`
}

// A Difference is one fact that is not the same on both sides.
type Difference struct {
	What string `json:"what"` // "EPSV over IPv4 with TLS", "NAT", "verdict", …
	A    string `json:"a"`
	B    string `json:"b"`
}

// Compare finds what differs between a and b. Both reports are of one server, or
// the first sentence says that they are not. What delivers on one network and is
// dead on the other is laid to the other network, since the server is the same;
// that the server lets in only some addresses looks alike, and is said.
func Compare(a, b *Report) Comparison {
	c := Comparison{
		Format: FormatVersion, A: sideOf(a), B: sideOf(b), SameServer: sameServer(a, b),
		Sentences: []string{}, Differences: []Difference{}, Same: []string{},
	}
	c.methods(a, b)
	c.facts(a, b)
	c.verdicts(a, b)
	c.conclude(a, b)
	return c
}

func sideOf(r *Report) Side {
	return Side{
		Started: r.Started, Server: r.Server.Addr, Addr: r.Local.Addr, Network: r.Local.Network,
		External: r.Local.External, Recommended: r.Recommended, ExitCode: r.ExitCode(),
	}
}

// sameServer compares names, and addresses where names differ. Redacted reports
// all have one name.
func sameServer(a, b *Report) bool {
	if strings.EqualFold(a.Server.Addr, b.Server.Addr) && a.Server.Addr != "" {
		return true
	}
	return a.Server.Remote.IsValid() && a.Server.Remote == b.Server.Remote
}

// A wayOf is a kind of data connection that both sides may have tried.
type wayOf struct {
	method, at string
	family     int
	tls        bool
}

func (c *Comparison) methods(a, b *Report) {
	var ways []wayOf
	for _, r := range []*Report{a, b} {
		for _, m := range r.Methods {
			w := wayOf{m.Method, m.At, m.Family, m.TLS}
			if !slices.Contains(ways, w) {
				ways = append(ways, w)
			}
		}
	}
	for _, w := range ways {
		name := attemptTitle(Attempt{Method: w.method, At: w.at, Family: w.family, TLS: w.tls})
		ra, ta := outcome(a, w)
		rb, tb := outcome(b, w)
		switch {
		case ra != rb || ra == Fails && ta != tb:
			c.differ(name, ta, tb)
		case ra != Unknown:
			c.Same = append(c.Same, name+": "+ra.String())
		}
	}
}

// outcome sums up one kind of data connection in a report.
func outcome(r *Report, w wayOf) (Result, string) {
	of := only(r.Methods, func(m Attempt) bool {
		return m.Method == w.method && m.At == w.at && m.Family == w.family && m.TLS == w.tls && m.Result != Unknown
	})
	if len(of) == 0 {
		return Unknown, "not tried"
	}
	if anyWorks(of) {
		if failed := len(of) - len(only(of, works)); failed > 0 {
			return Works, fmt.Sprintf("works %d of %d times", len(of)-failed, len(of))
		}
		return Works, "works"
	}
	return Fails, "fails: " + shown(of[len(of)-1].How)
}

func (c *Comparison) differ(what, a, b string) {
	if a != b {
		c.Differences = append(c.Differences, Difference{What: what, A: a, B: b})
	}
}

// facts compares what surrounds the methods.
func (c *Comparison) facts(a, b *Report) {
	orNone := func(x netip.Addr) string {
		if !x.IsValid() {
			return "not known"
		}
		return x.String()
	}
	nat := func(r *Report) string {
		return map[Result]string{Works: "yes", Fails: "no", Unknown: "not known"}[natOf(r)]
	}
	c.differ("session", session(a), session(b))
	c.differ("address of this computer", orNone(a.Local.Addr), orNone(b.Local.Addr))
	c.differ("proxy", orDash(proxyFact(a)), orDash(proxyFact(b)))
	c.differ("local network", shown(a.Local.Network), shown(b.Local.Network))
	c.differ("address as the server sees it", orNone(a.Local.External), orNone(b.Local.External))
	c.differ("address translation (NAT)", nat(a), nat(b))
	c.differ("address of the server", orNone(a.Server.Remote.Addr()), orNone(b.Server.Remote.Addr()))
	c.differ("greeting", shown(a.Server.Banner), shown(b.Server.Banner))
	c.differ("offers TLS (AUTH)", offers(a), offers(b))
	c.differ("TLS", tlsText(a), tlsText(b))
	c.differ("second connection", a.Limits.Second.String(), b.Limits.Second.String())
	c.differ("order of ports", string(a.Ports.Class), string(b.Ports.Class))
	if ra, rb := span(a.Server.RTT), span(b.Server.RTT); ra > 0 && rb > 0 {
		if ratio := float64(max(ra, rb)) / float64(min(ra, rb)); ratio >= 1.5 {
			c.differ("round trip", secs(ra), secs(rb)+fmt.Sprintf(" (by %.1f)", ratio))
		}
	}
}

func session(r *Report) string {
	if r.Error == "" {
		return "logged in"
	}
	return "none: " + shown(r.Error)
}

func offers(r *Report) string {
	if len(r.Server.FeatBefore) == 0 {
		return "not known"
	}
	if offersAUTH(r.Server.FeatBefore) {
		return "yes"
	}
	return "no"
}

func tlsText(r *Report) string {
	if r.TLS == nil {
		return "none"
	}
	return shown(r.TLS.Version)
}

// verdicts names those that one side has and the other has not.
func (c *Comparison) verdicts(a, b *Report) {
	codes := func(r *Report) []string {
		var out []string
		for _, v := range r.Verdicts {
			if v.Code != Inconclusive && !slices.Contains(out, v.Code) {
				out = append(out, v.Code)
			}
		}
		return out
	}
	ca, cb := codes(a), codes(b)
	for _, code := range ca {
		if !slices.Contains(cb, code) {
			c.differ("verdict", shown(code), "")
		}
	}
	for _, code := range cb {
		if !slices.Contains(ca, code) {
			c.differ("verdict", "", shown(code))
		}
	}
}

// conclude says in words what follows.
func (c *Comparison) conclude(a, b *Report) {
	if !c.SameServer {
		c.say("These reports are about different servers, %s and %s, so that the networks alone do not explain the differences.", shown(a.Server.Addr), shown(b.Server.Addr))
		return
	}
	ea, eb := newEvidence(a), newEvidence(b)
	switch {
	case a.Error == "" && b.Error != "":
		c.say("On A there is a session and on B there is none: what stands in the way is on B's side, unless the server lets in only some addresses.")
	case a.Error != "" && b.Error == "":
		c.say("On B there is a session and on A there is none: what stands in the way is on A's side, unless the server lets in only some addresses.")
	case a.Error != "" && b.Error != "":
		c.say("On neither network is there a session: the cause is the server's, or the site's settings.")
		return
	}
	c.passiveWords(ea, eb)
	c.activeWords(ea, eb)
	if ea.tls != eb.tls {
		name := map[bool]string{true: "A", false: "B"}[ea.tls]
		c.say("Only %s is encrypted; a device that reads the conversation can act on the other alone.", name)
	}
	if len(c.Sentences) == 0 {
		c.say("What works is the same on both networks.")
	}
}

func (c *Comparison) passiveWords(a, b *evidence) {
	for _, side := range []struct {
		works, dead *evidence
		w, d        string
	}{{a, b, "A", "B"}, {b, a, "B", "A"}} {
		stopped := silentPassive(side.dead, unreached...)
		if !side.works.passiveOK || side.dead.passiveOK || len(stopped) == 0 {
			continue
		}
		how := "dropped"
		if stopped[0].How != HowDropped {
			how = "turned away"
		}
		c.say("On %s passive works and on %s its ports are %s before the server: %s's firewall stands in the way, unless the server lets in only some addresses.", side.w, side.d, how, side.d)
	}
	if stoppedA, stoppedB := silentPassive(a, unreached...), silentPassive(b, unreached...); len(stoppedA) > 0 && len(stoppedB) > 0 && !a.passiveOK && !b.passiveOK {
		c.say("Passive connections are stopped on both networks: most likely by the server's firewall.")
	}
	if ra, rb := rejectedAll(a.passive), rejectedAll(b.passive); ra && rb {
		c.say("The server refuses passive mode on both networks: that is its own setting.")
	}
}

func (c *Comparison) activeWords(a, b *evidence) {
	for _, side := range []struct {
		works, dead *evidence
		w, d        string
	}{{a, b, "A", "B"}, {b, a, "B", "A"}} {
		if !side.works.activeOK || side.dead.activeOK || len(side.dead.active) == 0 {
			continue
		}
		why := fmt.Sprintf("a firewall on %s's side stops them", side.d)
		if side.dead.nat == Works {
			why = fmt.Sprintf("%s's router (NAT) lets no calls in", side.d)
		}
		c.say("On %s the server's calls arrive (active mode) and on %s they do not: %s.", side.w, side.d, why)
	}
	if ra, rb := rejectedAll(a.active), rejectedAll(b.active); ra && rb {
		c.say("The server refuses active mode on both networks.")
	}
}

// rejectedAll reports that every attempt was refused by a reply.
func rejectedAll(list []Attempt) bool {
	return len(list) > 0 && len(only(list, rejected)) == len(list)
}

func (c *Comparison) say(format string, args ...any) {
	c.Sentences = append(c.Sentences, fmt.Sprintf(format, args...))
}

// WriteText writes the comparison for a terminal of 80 columns.
func (c Comparison) WriteText(w io.Writer) error {
	var b strings.Builder
	write := func(first, text string) {
		indent := strings.Repeat(" ", len(first))
		for i, l := range wrap(oneLine(text), textWidth-len(first)) {
			if i > 0 {
				first = indent
			}
			b.WriteString(strings.TrimRight(first+l, " ") + "\n")
		}
	}
	for _, s := range c.Sentences {
		write("", s)
	}
	b.WriteString("\n")
	write("A  ", c.A.describe())
	write("B  ", c.B.describe())
	b.WriteString("\n")
	for _, d := range c.Differences {
		write("", d.What+":")
		write("  A  ", orDash(d.A))
		write("  B  ", orDash(d.B))
	}
	for _, s := range c.Same {
		write("same: ", s)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// describe names a side.
func (s Side) describe() string {
	parts := []string{utc(s.Started), s.Server}
	if s.Network != "" {
		parts = append(parts, "from network "+s.Network)
	}
	if s.Recommended != "" {
		parts = append(parts, "recommended mode: "+s.Recommended)
	}
	return strings.Join(parts, ", ")
}
