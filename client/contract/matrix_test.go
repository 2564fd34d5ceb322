package contract

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/internal/realserver"
	"portside/client/transcript"
)

// TestMatrix runs the contract on every server, with every method, kind of
// security and family of addresses, and prints a table. The table goes also
// into the file that the environment variable PORTSIDE_MATRIX names.
func TestMatrix(t *testing.T) {
	t.Parallel()
	m := &matrix{notes: map[string]int{}}
	t.Cleanup(func() { m.publish(t) })
	for _, r := range rows() {
		line := m.add(r)
		t.Run(r.name(), func(t *testing.T) {
			t.Parallel()
			srv, err := r.start(t.Context())
			var gone *realserver.Unavailable
			if errors.As(err, &gone) {
				m.setAll(line, gone.Reason)
				t.Skip(gone)
			}
			if err != nil {
				m.setAll(line, "FAIL")
				t.Fatal(err)
			}
			// The methods of a row take turns inside the group, so that the
			// server ends after the last.
			t.Cleanup(srv.close)
			for i, method := range methods {
				t.Run(method.String(), func(t *testing.T) {
					m.set(line, i, "FAIL")
					if why := r.impossible(method); why != "" {
						refusesMethod(t, srv, r, method)
						m.set(line, i, why)
						return
					}
					if runContract(t, srv, r, method) {
						m.set(line, i, "ok")
					}
				})
			}
		})
	}
}

var (
	methods = []client.Method{client.MethodEPSV, client.MethodPASV, client.MethodEPRT, client.MethodPORT}
	modes   = map[client.Method]client.ConnMode{
		client.MethodEPSV: client.EPSV, client.MethodPASV: client.PASV,
		client.MethodEPRT: client.EPRT, client.MethodPORT: client.PORT,
	}
)

// A row is a server in one form.
type row struct {
	server   string // "ftptest", or a realserver.Kind
	security client.Security
	tls      string // "TLS 1.3", "TLS 1.2"; empty: plain
	ipv6     bool
}

func rows() []row {
	servers := []string{"ftptest"}
	for _, kind := range realserver.Kinds() {
		servers = append(servers, string(kind))
	}
	var all []row
	for _, server := range servers {
		for _, ipv6 := range []bool{false, true} {
			all = append(all,
				row{server, client.SecurityOff, "", ipv6},
				row{server, client.SecurityRequire, "TLS 1.3", ipv6},
				row{server, client.SecurityRequire, "TLS 1.2", ipv6},
				row{server, client.SecurityImplicit, "TLS 1.3", ipv6},
			)
		}
	}
	return all
}

func (r row) family() string {
	if r.ipv6 {
		return "IPv6"
	}
	return "IPv4"
}

func (r row) protection() string {
	switch {
	case r.tls == "":
		return "plain"
	case r.security == client.SecurityImplicit:
		return "implicit TLS"
	default:
		return r.tls
	}
}

func (r row) name() string {
	return r.server + "/" + strings.ReplaceAll(strings.ToLower(r.protection()), " ", "") + "/" + strings.ToLower(r.family())
}

// impossible says why a cell cannot exist.
func (r row) impossible(m client.Method) string {
	if r.ipv6 && (m == client.MethodPASV || m == client.MethodPORT) {
		return "PASV and PORT carry IPv4 addresses only (RFC 2428, 1)"
	}
	return ""
}

// lacks says what the servers do not have, and why.
var lacks = map[string]map[Ability]string{
	string(realserver.VSFTPD): {
		CanHash:    "vsftpd has no command for sums",
		CanMachine: "vsftpd has no MLSD",
	},
	string(realserver.PureFTPd): {
		CanHash:      "Pure-FTPd has no command for sums",
		CanBackslash: "Pure-FTPd takes no name with a backslash",
	},
	string(realserver.PyFTPDLib): {
		CanHash:      "pyftpdlib has no command for sums",
		CanNameBytes: "pyftpdlib replaces bytes in names that are not UTF-8",
	},
}

// lacks is the server's, with what it does not have in this form.
func (r row) lacks() map[Ability]string {
	l := maps.Clone(lacks[r.server])
	if r.server == string(realserver.PureFTPd) && r.tls == "TLS 1.3" {
		l[CanResumeTLS] = "Pure-FTPd issues no tickets in TLS 1.3, so that nothing can be resumed"
	}
	return l
}

// A target is a running server of either kind.
type target struct {
	addr, user, password string
	roots                *x509.CertPool
	log                  func() string
	close                func()
}

func (r row) start(ctx context.Context) (*target, error) {
	if r.server == "ftptest" {
		return r.startScripted() //nolint:contextcheck // the server lives until it is closed, not until ctx ends
	}
	cfg := realserver.Config{Kind: realserver.Kind(r.server), TLS12: r.tls == "TLS 1.2", IPv6: r.ipv6}
	switch r.security {
	case client.SecurityRequire:
		cfg.Security = realserver.Explicit
	case client.SecurityImplicit:
		cfg.Security = realserver.Implicit
	}
	s, err := realserver.Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &target{
		addr: s.Addr, user: s.User, password: s.Password, roots: s.CA, log: s.Log,
		close: func() { _ = s.Close() },
	}, nil
}

func (r row) startScripted() (*target, error) {
	opts := []ftptest.Option{ftptest.User("skipper", "harbour"), ftptest.NoAnonymous()}
	if r.ipv6 {
		opts = append(opts, ftptest.IPv6())
	}
	switch r.security {
	case client.SecurityRequire:
		opts = append(opts, ftptest.RequireTLS(), ftptest.RequireSessionReuse())
	case client.SecurityImplicit:
		opts = append(opts, ftptest.ImplicitTLS(), ftptest.RequireTLS(), ftptest.RequireSessionReuse())
	}
	if r.tls == "TLS 1.2" {
		opts = append(opts, ftptest.TLSVersions(tls.VersionTLS12, tls.VersionTLS12))
	}
	s, err := ftptest.Start(opts...)
	if err != nil {
		return nil, err
	}
	tg := &target{addr: s.Addr, user: "skipper", password: "harbour", close: s.Close, log: func() string { return "" }}
	if r.tls != "" {
		tg.roots = s.RootCAs()
	}
	return tg, nil
}

func (r row) options(srv *target, method client.Method) client.Options {
	return client.Options{
		User: srv.user, Password: srv.password,
		Mode: modes[method], Security: r.security, RootCAs: srv.roots,
		Timeout: 15 * time.Second,
	}
}

// runContract runs the contract in one cell.
func runContract(t *testing.T, srv *target, r row, method client.Method) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	rec := transcript.New(400, nil)
	dial := func(ctx context.Context, opt client.Options) (*client.Session, error) {
		opt.Transcript = rec
		return client.Dial(ctx, srv.addr, opt)
	}
	err := Test(ctx, dial, Config{
		Options: r.options(srv, method),
		Method:  method,
		TLS:     r.tls,
		Lacks:   r.lacks(),
	})
	if err != nil {
		t.Errorf("%v\n%s%s", err, lastLines(rec, 40), srv.log())
	}
	return err == nil
}

// refusesMethod holds that a method that cannot work says so at once.
func refusesMethod(t *testing.T, srv *target, r row, method client.Method) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := client.Dial(ctx, srv.addr, r.options(srv, method))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, err = c.List(ctx, "")
	var data *client.DataError
	if !errors.As(err, &data) || data.Method != method || ctx.Err() != nil {
		t.Errorf("list with %v on IPv6: %v, want a DataError of that method", method, err)
	}
	if err := c.Noop(ctx); err != nil {
		t.Errorf("the session afterwards: %v", err)
	}
}

func lastLines(rec *transcript.Recorder, n int) string {
	lines := rec.Lines()
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintln(&b, l)
	}
	return b.String()
}

// A matrix is the table of results.
type matrix struct {
	mu    sync.Mutex // guards the rest
	rows  []row
	cells [][]string
	notes map[string]int
	order []string
}

func (m *matrix) add(r row) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows = append(m.rows, r)
	m.cells = append(m.cells, slices.Repeat([]string{"not run"}, len(methods)))
	return len(m.rows) - 1
}

func (m *matrix) set(line, column int, what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cells[line][column] = what
}

func (m *matrix) setAll(line int, what string) {
	for i := range methods {
		m.set(line, i, what)
	}
}

// mark turns a reason into the number of a note.
func (m *matrix) mark(cell string) string {
	if cell == "ok" || cell == "FAIL" || cell == "not run" {
		return cell
	}
	if m.notes[cell] == 0 {
		m.order = append(m.order, cell)
		m.notes[cell] = len(m.order)
	}
	return fmt.Sprintf("(%d)", m.notes[cell])
}

func (m *matrix) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%-10s %-13s %-6s", "server", "security", "family")
	for _, method := range methods {
		fmt.Fprintf(&b, " %-7s", method)
	}
	b.WriteString("\n")
	for i, r := range m.rows {
		if !slices.ContainsFunc(m.cells[i], func(c string) bool { return c != "not run" }) {
			continue // left out by -run
		}
		fmt.Fprintf(&b, "%-10s %-13s %-6s", r.server, r.protection(), r.family())
		for _, cell := range m.cells[i] {
			fmt.Fprintf(&b, " %-7s", m.mark(cell))
		}
		b.WriteString("\n")
	}
	for i, note := range m.order {
		fmt.Fprintf(&b, "(%d) %s\n", i+1, note)
	}
	for _, why := range m.absences() {
		fmt.Fprintf(&b, "not tried: %s\n", why)
	}
	return b.String()
}

// absences lists what the servers of the rows do not have.
func (m *matrix) absences() []string {
	all := map[string]bool{}
	for _, r := range m.rows {
		for _, why := range r.lacks() {
			all[why] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (m *matrix) publish(t *testing.T) {
	table := m.String()
	t.Log("\n" + table)
	name := os.Getenv("PORTSIDE_MATRIX")
	if name == "" {
		return
	}
	if err := os.WriteFile(name, []byte(table), 0o600); err != nil {
		t.Error(err)
	}
}

// TestLoopbackHasIPv6 keeps the matrix honest: without ::1 half of it would be
// failures for a reason that is not the engine's.
func TestLoopbackHasIPv6(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "[::1]:0")
	if err != nil {
		t.Fatalf("this machine has no IPv6 on the loopback: %v", err)
	}
	_ = l.Close()
}
