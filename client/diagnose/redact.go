package diagnose

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"portside/client"
)

// Redact returns a copy of r that can be shown to strangers. In every text, host
// names, addresses, user names and paths stand as tokens: "client" is this
// computer, "client-outside" how the server sees it, "server" the server, and
// "net-4", "host-2", "user", "path" others; the same thing has the same token
// everywhere. Fields that hold addresses get stand-ins of the same class
// (documentation addresses for public ones, RFC 5737 and RFC 3849) whose last
// number is that of the token; a note tells which is which. Ports, classes, times
// and what is said about the path stay. more are further words to take out, such
// as the user's name; those that r names itself are found.
func Redact(r *Report, more ...string) *Report {
	c := copyReport(r)
	x := newRedactor(c, more)
	mapStrings(c, x.text, fixedWords...)
	x.addresses(c)
	c.Server.Host = "server"
	if _, port, ok := strings.Cut(lastColon(r.Server.Addr), ":"); ok {
		c.Server.Addr = "server:" + port
	} else {
		c.Server.Addr = "server"
	}
	c.Notes = append(c.Notes, x.legend())
	return c
}

// fixedWords are the fields whose values are words of this package, which stay
// even where a user is called so.
var fixedWords = []string{
	"version", "mode", "class", "external_by", "mapped_by", "kind", "proxy_step", "what", "id", "group", "state", "method", "at", "how", "step", "stop",
	"code", "confidence", "who_must_act", "error_kind", "recommended_mode", "cipher", "software",
}

// lastColon cuts "[::1]:21" down to ":21".
func lastColon(addr string) string {
	if i := strings.LastIndexByte(addr, ':'); i >= 0 {
		return addr[i:]
	}
	return ""
}

// copyReport makes a copy that shares nothing with r.
func copyReport(r *Report) *Report {
	b, err := json.Marshal(r)
	c := new(Report)
	if err == nil {
		err = json.Unmarshal(b, c)
	}
	if err != nil { // only for a field that JSON cannot hold, which no test would let pass
		return &Report{Format: r.Format, Error: "the report could not be redacted"}
	}
	return c
}

// A redactor knows the tokens of one report.
type redactor struct {
	order  []netip.Addr          // number n stands at n-1
	names  map[netip.Addr]string // tokens that are not net-n
	words  []privateWord         // to be replaced, longest first
	tokens map[string]string     // of words, in lower case
}

// A privateWord is a word that is taken out.
type privateWord struct {
	shape *regexp.Regexp
	by    string
	size  int
}

func newRedactor(r *Report, more []string) *redactor {
	x := &redactor{names: map[netip.Addr]string{}, tokens: map[string]string{}}
	x.name(r.Local.Addr, "client")
	x.name(r.Local.External, "client-outside")
	x.proxy(r.Proxy)
	x.name(r.Server.Remote.Addr(), "server")
	x.word(r.Server.Host, "server")
	for _, p := range r.Probes {
		for _, l := range p.Said {
			if user, ok := strings.CutPrefix(l, "> USER "); ok {
				x.word(strings.TrimSpace(user), "user")
			}
		}
	}
	for _, m := range more {
		x.word(m, "user")
	}
	slices.SortStableFunc(x.words, func(a, b privateWord) int { return b.size - a.size })
	return x
}

// proxy takes the proxy's name out.
func (x *redactor) proxy(p *ProxyFacts) {
	if p == nil {
		return
	}
	host, _, err := net.SplitHostPort(p.Addr)
	if err != nil {
		host = p.Addr
	}
	if a, err := netip.ParseAddr(host); err == nil {
		x.name(a, "proxy")
		return
	}
	x.word(host, "proxy")
}

// name gives an address its number, and a token of its own where there was none.
func (x *redactor) name(a netip.Addr, token string) {
	a = a.Unmap().WithZone("")
	if !a.IsValid() {
		return
	}
	x.number(a)
	if _, ok := x.names[a]; !ok {
		x.names[a] = token
	}
}

// number is the number of an address.
func (x *redactor) number(a netip.Addr) int {
	if i := slices.Index(x.order, a); i >= 0 {
		return i + 1
	}
	x.order = append(x.order, a)
	return len(x.order)
}

// word takes a word out. Addresses are no words; the names of anonymous users
// tell nothing.
func (x *redactor) word(w, token string) {
	w = client.Printable(w) // as reports have it
	key := strings.ToLower(w)
	if _, err := netip.ParseAddr(w); err == nil || len(w) < 2 || key == "anonymous" || key == "ftp" {
		return
	}
	if _, ok := x.tokens[key]; ok {
		return
	}
	x.tokens[key] = token
	x.words = append(x.words, privateWord{
		// Standing alone, in any case.
		shape: regexp.MustCompile(`(?i)(^|[^\pL\pN_.-])` + regexp.QuoteMeta(w) + `($|[^\pL\pN_-])`),
		by:    "${1}" + token + "${2}", size: len(w),
	})
}

// addr is the stand-in of an address: of the same class, with the number of its
// token.
func (x *redactor) addr(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || a.IsLoopback() || a.IsUnspecified() {
		return a
	}
	n := x.number(a)
	hi, lo := byte(n>>8), byte(n)
	six := func(prefix ...byte) netip.Addr {
		var b [16]byte
		copy(b[:], prefix)
		b[14], b[15] = hi, lo
		return netip.AddrFrom16(b)
	}
	switch class := classOf(a); {
	case class == "private":
		return netip.AddrFrom4([4]byte{10, 0, hi, lo})
	case class == "cgnat":
		return netip.AddrFrom4([4]byte{100, 64, hi, lo})
	case class == "link-local" && a.Is4():
		return netip.AddrFrom4([4]byte{169, 254, hi, lo})
	case class == "link-local":
		return six(0xfe, 0x80)
	case class == "ula":
		return six(0xfd)
	case a.Is6():
		return six(0x20, 0x01, 0x0d, 0xb8)
	case n < 256:
		return netip.AddrFrom4([4]byte{192, 0, 2, lo})
	case n < 512:
		return netip.AddrFrom4([4]byte{198, 51, 100, lo})
	}
	return netip.AddrFrom4([4]byte{203, 0, 113, lo})
}

// token is what stands for an address in a text.
func (x *redactor) token(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.IsLoopback() || a.IsUnspecified() {
		return a.String()
	}
	n := x.number(a)
	if t, ok := x.names[a]; ok {
		return t
	}
	return fmt.Sprintf("net-%d", n)
}

// legend tells which stand-in is which token.
func (x *redactor) legend() string {
	var parts []string
	for _, a := range x.order {
		parts = append(parts, x.token(a)+" is "+x.addr(a).String())
	}
	s := "names and addresses are redacted"
	if len(parts) > 0 {
		s += "; in fields of addresses " + strings.Join(parts, ", ")
	}
	return s
}

// The shapes of what is taken out of texts.
var (
	addrShape  = regexp.MustCompile(`(?i)(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})|\d{1,3}(?:\.\d{1,3}){3}`)
	commaShape = regexp.MustCompile(`\b\d{1,3}(?:,\d{1,3}){3}(,\d{1,3},\d{1,3})\b`)
	hostShape  = regexp.MustCompile(`(?i)\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}\b`)
	pathShape  = regexp.MustCompile(`(?i)\b(RETR|STOR|SIZE|CWD|MDTM|MLST|MLSD|LIST|NLST|STAT) ((?:-\w+ )?)([^-\s].*)$`)
	quotedPath = regexp.MustCompile(`"(/[^"]+)"`)
)

// text takes names out of a text.
func (x *redactor) text(s string) string {
	return eachLine(s, func(l string) string {
		if strings.HasPrefix(l, "> ") {
			l = pathShape.ReplaceAllString(l, "$1 ${2}path")
		}
		l = quotedPath.ReplaceAllString(l, `"path"`)
		l = addrShape.ReplaceAllStringFunc(l, func(m string) string {
			if a, err := netip.ParseAddr(m); err == nil {
				return x.token(a)
			}
			return m
		})
		l = commaShape.ReplaceAllStringFunc(l, func(m string) string {
			parts := strings.Split(m, ",")
			a, err := netip.ParseAddr(strings.Join(parts[:4], "."))
			if err != nil {
				return m
			}
			return x.token(a) + "," + parts[4] + "," + parts[5]
		})
		for _, w := range x.words {
			l = w.replace(l)
		}
		return hostShape.ReplaceAllStringFunc(l, x.host)
	})
}

// notHosts end like host names and are none.
var notHosts = []string{".conf", ".pem", ".log", ".html", ".json", ".txt"}

// host is the token of a host name.
func (x *redactor) host(name string) string {
	key := strings.ToLower(name)
	if slices.ContainsFunc(notHosts, func(end string) bool { return strings.HasSuffix(key, end) }) || strings.HasPrefix(key, "handler.") {
		return name
	}
	if t, ok := x.tokens[key]; ok {
		return t
	}
	x.tokens[key] = fmt.Sprintf("host-%d", len(x.tokens)+1)
	return x.tokens[key]
}

// replace puts the token for the word.
func (w privateWord) replace(s string) string {
	for range 2 { // neighbours share the character between them
		s = w.shape.ReplaceAllString(s, w.by)
	}
	return s
}

// eachLine changes each line of a text.
func eachLine(s string, change func(string) string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = change(lines[i])
	}
	return strings.Join(lines, "\n")
}

var (
	addrType     = reflect.TypeFor[netip.Addr]()
	addrPortType = reflect.TypeFor[netip.AddrPort]()
	prefixType   = reflect.TypeFor[netip.Prefix]()
)

// addresses puts stand-ins into the fields that hold addresses.
func (x *redactor) addresses(r *Report) {
	walk(reflect.ValueOf(r), "", func(v reflect.Value, _ string) bool {
		switch old := v.Interface().(type) {
		case netip.Addr:
			v.Set(reflect.ValueOf(x.addr(old)))
		case netip.AddrPort:
			if old.IsValid() {
				v.Set(reflect.ValueOf(netip.AddrPortFrom(x.addr(old.Addr()), old.Port())))
			}
		case netip.Prefix:
			if old.IsValid() {
				v.Set(reflect.ValueOf(netip.PrefixFrom(x.addr(old.Addr()), old.Bits())))
			}
		default:
			return false
		}
		return true
	})
}

// mapStrings changes every string that r holds, but for fields whose name in JSON
// is in but.
func mapStrings(r *Report, change func(string) string, but ...string) {
	walk(reflect.ValueOf(r), "", func(v reflect.Value, field string) bool {
		if v.Kind() == reflect.String && !slices.Contains(but, field) {
			v.SetString(change(v.String()))
		}
		return false
	})
}

// walk calls visit for every value that v leads to and that can be changed, with
// the JSON name of the field that it is in. Where visit returns true, it goes no
// deeper.
func walk(v reflect.Value, field string, visit func(v reflect.Value, field string) bool) {
	if v.CanSet() && visit(v, field) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), field, visit)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), field, visit)
		}
	case reflect.Struct:
		if t := v.Type(); t == addrType || t == addrPortType || t == prefixType {
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				walk(v.Field(i), name, visit)
			}
		}
	}
}
