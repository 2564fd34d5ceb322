package ftptest

import (
	"crypto/tls"
	"crypto/x509"
	"sync/atomic"
	"time"
)

// An Option scripts a [Server].
type Option func(*config)

// settings are the plain values of a config; sessions work on copies.
type settings struct {
	addr         string
	anonymous    bool
	noPassword   bool
	account      string
	home         string
	readOnly     bool
	maxConns     int
	clock        *clock
	log          func(conn int, dir, line string)
	rtt          time.Duration
	dribble      time.Duration
	dribbleSize  int
	bandwidth    int64
	total        *limiter
	dataTimeout  time.Duration
	ignoreREST   bool
	ignoreArgs   bool
	dosList      bool
	hideDots     bool
	foreignData  bool
	connectFirst bool
	cutControl   int
	discard      bool
	noREST       bool
	passivePorts func(verb string) uint16
	dropPorts    func(verb string, port uint16) bool
	refusePorts  func(verb string, port uint16) bool
	idle         time.Duration

	tls           bool
	implicit      bool
	requireTLS    bool
	requireReuse  bool
	requireNotify bool
	plainData     bool
	noNotify      bool
	minTLS        uint16
	maxTLS        uint16
	fail13        bool
	cert          *tls.Certificate
	dataCert      *tls.Certificate
	inject        string
	clientCAs     *x509.CertPool
}

// config is everything that options set.
type config struct {
	settings
	accounts map[string]string
	handlers map[string][]func(*Conn, string) bool
	replies  map[string]*script
	delays   map[string]time.Duration
	without  map[string]bool
	feat     []string
	faults   []*fault
	formats  map[string]string
	times    int // set while Times applies its options
	tree     *tree
	err      error
}

func newConfig() *config {
	c := &config{
		settings: settings{
			addr:        "127.0.0.1:0",
			anonymous:   true,
			home:        "/",
			clock:       &clock{},
			dataTimeout: 10 * time.Second,
			hideDots:    true,
			minTLS:      tls.VersionTLS12,
			maxTLS:      tls.VersionTLS13,
		},
		accounts: make(map[string]string),
		handlers: make(map[string][]func(*Conn, string) bool),
		replies:  make(map[string]*script),
		delays:   make(map[string]time.Duration),
		without:  make(map[string]bool),
		formats:  make(map[string]string),
	}
	c.tree = newTree(c.clock.now)
	return c
}

// Addr sets the address to listen on; the default is 127.0.0.1:0. It is read
// at the start only.
func Addr(addr string) Option { return func(c *config) { c.addr = addr } }

// IPv6 listens on [::1]:0.
func IPv6() Option { return Addr("[::1]:0") }

// User adds an account. Anonymous logins stay possible; see NoAnonymous.
func User(name, password string) Option {
	return func(c *config) { c.accounts[name] = password }
}

// NoAnonymous refuses the users "anonymous" and "ftp", which are otherwise
// let in with any password.
func NoAnonymous() Option { return func(c *config) { c.anonymous = false } }

// NoPassword answers USER with 230 (RFC 959, 5.4).
func NoPassword() Option { return func(c *config) { c.noPassword = true } }

// RequireAccount answers PASS with 332 until ACCT names this account.
func RequireAccount(acct string) Option { return func(c *config) { c.account = acct } }

// Home sets the working directory after login, and makes the folder.
func Home(path string) Option {
	return func(c *config) {
		c.home = path
		c.note(c.tree.mkdirAll(path))
	}
}

// File puts a file into the tree, with the folders above it.
func File(path, data string) Option {
	return func(c *config) { c.note(c.tree.setFile(path, []byte(data))) }
}

// FileAt is File with a modification time and permission bits.
func FileAt(path, data string, mtime time.Time, mode uint32) Option {
	return func(c *config) {
		c.note(c.tree.setFile(path, []byte(data)))
		c.note(c.tree.setTime(path, mtime))
		c.note(c.tree.chmod(path, mode))
	}
}

// Dir makes a folder, with those above it.
func Dir(path string) Option {
	return func(c *config) { c.note(c.tree.mkdirAll(path)) }
}

// Symlink puts a symbolic link into the tree. Its target may be missing.
func Symlink(path, target string) Option {
	return func(c *config) { c.note(c.tree.symlink(path, target)) }
}

// BigFile puts a file of size bytes into the tree that takes no memory: its
// content is made up while it is sent, and is what BigContent returns.
func BigFile(path string, size int64) Option {
	return func(c *config) { c.note(c.tree.setBig(path, size)) }
}

// DiscardUploads keeps only the size of uploaded files.
func DiscardUploads() Option { return func(c *config) { c.discard = true } }

// Entry lists one more entry in the folder dir, under any name, "../evil" and
// "a/b" and "" included. RETR of the name as a client would join it works.
func Entry(dir, name, data string) Option {
	return func(c *config) { c.note(c.tree.addOdd(dir, name, []byte(data))) }
}

// WideListing makes a folder of n files that exist only while they are listed:
// "file-0000001.dat" and so on, of 1 to n bytes.
func WideListing(path string, n int) Option {
	return func(c *config) { c.note(c.tree.setWide(path, n)) }
}

// ReadOnly refuses every change with 550.
func ReadOnly() Option { return func(c *config) { c.readOnly = true } }

// MaxConns greets control connections beyond n with 421 and closes them.
func MaxConns(n int) Option { return func(c *config) { c.maxConns = n } }

// Now sets the server's clock, for new files and for the year in LIST.
func Now(now func() time.Time) Option {
	return func(c *config) { c.clock.fn.Store(&now) }
}

// Log is called with every command ("<") and reply line (">") of connection
// conn, from several goroutines.
func Log(fn func(conn int, dir, line string)) Option {
	return func(c *config) { c.log = fn }
}

// DOSListing makes LIST answer as IIS does.
func DOSListing() Option { return func(c *config) { c.dosList = true } }

// ShowDotFiles makes LIST and NLST show dot files without -a.
func ShowDotFiles() Option { return func(c *config) { c.hideDots = false } }

// NoListOptions takes "-a" in "LIST -a" for a pathname.
func NoListOptions() Option { return func(c *config) { c.ignoreArgs = true } }

// DataTimeout bounds the wait for a data connection; the default is 10 s.
func DataTimeout(d time.Duration) Option { return func(c *config) { c.dataTimeout = d } }

// AllowForeignData accepts data connections from, and makes them to, other
// addresses than the client's.
func AllowForeignData() Option { return func(c *config) { c.foreignData = true } }

// ConnectFirst opens the data connection before the preliminary reply, as
// vsftpd does; otherwise 150 comes first.
func ConnectFirst() Option { return func(c *config) { c.connectFirst = true } }

// clock tells the time, and can be changed while others ask.
type clock struct {
	fn atomic.Pointer[func() time.Time]
}

func (c *clock) now() time.Time {
	if fn := c.fn.Load(); fn != nil {
		return (*fn)()
	}
	return time.Now()
}

// note keeps the first error of an option, for Start to return.
func (c *config) note(err error) {
	if c.err == nil {
		c.err = err
	}
}
