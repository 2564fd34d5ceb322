package ftptest

import (
	"strings"
	"time"
)

// Special replies for [Reply], [Greeting] and [Final].
const (
	// Silence says nothing.
	Silence = ""
	// Default does what the server does unscripted.
	Default = "\x00default"
	// CloseConn closes the control connection.
	CloseConn = "\x00close"
	// ResetConn resets the control connection.
	ResetConn = "\x00reset"

	rawPrefix   = "\x00raw "
	closePrefix = "\x00then close "
)

// greetingVerb is the name under which the greeting is scripted.
const greetingVerb = "(GREETING)"

// Raw is a reply that is sent as it stands, without line ends of its own.
func Raw(text string) string { return rawPrefix + text }

// ThenClose is a reply after which the control connection is closed.
func ThenClose(text string) string { return closePrefix + text }

// script is a list of replies and the place in it.
type script struct {
	replies []string
	next    int
}

func (s *script) take() string {
	if len(s.replies) == 0 {
		return Silence
	}
	r := s.replies[min(s.next, len(s.replies)-1)]
	s.next++
	return r
}

// Reply answers verb with fixed replies instead of obeying it: the first time
// with the first, and so on; the last one repeats. The count runs over all
// connections. A verb may have its first argument, "SITE CHMOD" or "TYPE A". A
// reply is one or more lines, separated by "\n", or one of the special values.
func Reply(verb string, replies ...string) Option {
	return func(c *config) {
		list := replies
		if c.times > 0 {
			list = make([]string, 0, c.times+1)
			for i := range c.times {
				list = append(list, replies[min(i, len(replies)-1)])
			}
			list = append(list, Default)
		}
		c.replies[strings.ToUpper(verb)] = &script{replies: list}
	}
}

// Greeting sets what the server says first, in the way of [Reply]:
// "120 Soon.\n220 Ready.", CloseConn, Silence.
func Greeting(replies ...string) Option { return Reply(greetingVerb, replies...) }

// Handle calls fn when verb arrives; where fn returns false, the server goes
// on as usual. Several handlers for one verb are asked in order.
func Handle(verb string, fn func(c *Conn, arg string) bool) Option {
	return func(c *config) {
		v := strings.ToUpper(verb)
		c.handlers[v] = append(c.handlers[v], fn)
	}
}

// Without makes verbs unknown: 500, and not in FEAT.
func Without(verbs ...string) Option {
	return func(c *config) {
		for _, v := range verbs {
			c.without[strings.ToUpper(v)] = true
		}
	}
}

// NoFeat refuses FEAT with 502.
func NoFeat() Option { return Reply("FEAT", "502 FEAT is not implemented.") }

// Feat replaces the features that FEAT lists, one a line, without the leading
// space.
func Feat(lines ...string) Option {
	return func(c *config) { c.feat = append([]string{}, lines...) }
}

// Delay waits for d before verb is answered; "*" means every verb.
func Delay(verb string, d time.Duration) Option {
	return func(c *config) { c.delays[strings.ToUpper(verb)] = d }
}

// RTT makes every command arrive d later than it does, and the greeting too, so
// that each exchange takes at least d; commands sent together share the wait. TCP connects and
// TLS handshakes are not delayed: for those, hand the client a slow dialer.
func RTT(d time.Duration) Option { return func(c *config) { c.rtt = d } }

// Dribble sends replies n bytes at a time, with d between them.
func Dribble(n int, d time.Duration) Option {
	return func(c *config) { c.dribbleSize, c.dribble = n, d }
}

// CutControlAfter resets the control connection instead of answering its
// command number n+1.
func CutControlAfter(n int) Option { return func(c *config) { c.cutControl = n + 1 } }

// Reply421OnPort answers PORT and EPRT with 421 and closes.
func Reply421OnPort() Option {
	const text = "421 Service not available, closing control connection."
	return both(Reply("PORT", ThenClose(text)), Reply("EPRT", ThenClose(text)))
}

// Times applies the replies and faults in opts to the first n cases only: each
// counts for itself.
func Times(n int, opts ...Option) Option {
	return func(c *config) {
		old := c.times
		c.times = n
		for _, o := range opts {
			o(c)
		}
		c.times = old
	}
}

func both(opts ...Option) Option {
	return func(c *config) {
		for _, o := range opts {
			o(c)
		}
	}
}

// lookup finds the entry for a command line: "SITE CHMOD" before "SITE".
func lookup[T any](m map[string]T, verb, arg string) (T, bool) {
	if first, _, _ := strings.Cut(arg, " "); first != "" {
		if v, ok := m[verb+" "+strings.ToUpper(first)]; ok {
			return v, true
		}
	}
	v, ok := m[verb]
	return v, ok
}
