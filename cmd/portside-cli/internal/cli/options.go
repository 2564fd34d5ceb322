package cli

import (
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"portside/client"
)

// globals are the options that every command takes.
type globals struct {
	json    bool
	quiet   bool
	verbose bool

	user          string
	passwordStdin bool
	account       string

	mode         client.ConnMode
	security     client.Security
	tlsGiven     bool
	caFile       string
	pin          string
	insecure     bool
	timeout      time.Duration
	retries      int
	retriesGiven bool
	ports        client.PortRange
	external     announced
	preferActive bool // in mode auto
	trustPASV    bool
	mapPort      bool
	charset      charset
	noMemory     bool
	record       string // of --transcript: "" off, "-" stderr, else a file
	around
}

// addGlobals adds the options of every command to fs.
func (p *program) addGlobals(fs *pflag.FlagSet) {
	o := &p.opt
	fs.BoolVar(&o.json, "json", false, "print results and errors as JSON")
	fs.BoolVarP(&o.quiet, "quiet", "q", false, "no progress bar and no notes")
	fs.BoolVarP(&o.verbose, "verbose", "v", false, "say on stderr what is being done")
	fs.StringVarP(&o.user, "user", "u", "", "user `NAME`, where the address has none")
	fs.BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from the first line of stdin")
	fs.StringVar(&o.account, "account", "", "`NAME` of the account, for servers that ask for one")
	fs.Var(option(&o.mode, client.ParseMode, "MODE"), "mode", "data connections: auto, passive, active, epsv, pasv, eprt or port")
	fs.BoolVar(&o.preferActive, "prefer-active", false, "in mode auto try the active methods first, where nothing else is remembered")
	fs.BoolVar(&o.trustPASV, "trust-pasv-address", false, "connect to the address that the server names in passive mode, also where it is not its own")
	fs.Var(&securityValue{o: o}, "tls", "off, auto, require (explicit) or implicit; auto uses TLS where the server offers it")
	fs.StringVar(&o.caFile, "cacert", "", "trust the certificates in this PEM `FILE`, and no others")
	fs.Var(option(&o.pin, parsePin, "SHA256"), "pin", "trust exactly the certificate with this fingerprint")
	fs.BoolVar(&o.insecure, "insecure", false, "do not check the server's certificate")
	fs.Var(timeOption(&o.timeout, client.DefaultTimeout), "timeout", "longest wait for anything, as `TIME` (10s, 2m)")
	fs.IntVar(&o.retries, "retries", 0, "try `N` more times after a lost connection or a temporary refusal; default 0, with folders and several files 3")
	fs.Var(option(&o.ports, client.ParsePortRange, "MIN-MAX"), "active-ports", "ports to listen on in active mode")
	fs.Var(option(&o.external, parseAnnounced, "ADDRESS"), "active-address", "address to announce in active mode, behind NAT; server: the one that the server sees")
	fs.BoolVar(&o.mapPort, "map-port", false, "in active mode ask the router to let the server in (UPnP, NAT-PMP, PCP) while the program runs")
	fs.Var(option(&o.charset, parseCharset, "NAME"), "charset", "character set of names on the server (latin1, shift_jis, koi8-r, …); default UTF-8")
	fs.BoolVar(&o.noMemory, "no-memory", false, "neither use nor keep what worked before (see networks)")
	fs.StringVar(&o.record, "transcript", "", "write what is said to the server, passwords masked, to `FILE` (default stderr)")
	fs.Lookup("transcript").NoOptDefVal = "-"
	o.addAround(fs)
}

// clientOptions returns the engine's options as the command line has them, without
// user, password, and what is read from files of the user.
func (p *program) clientOptions() (client.Options, error) {
	o := &p.opt
	if o.timeout <= 0 {
		return client.Options{}, usagef("--timeout must be more than 0, for example 30s")
	}
	opt := p.asGiven(client.Options{
		Pin:        o.pin,
		Insecure:   o.insecure,
		Timeout:    o.timeout,
		Transcript: p.recorder,
		Memory:     p.remembered(),
	})
	if o.mapPort {
		opt.Announce = p.portMapping().Announce
	}
	if o.caFile != "" {
		pool, err := readPool(o.caFile)
		if err != nil {
			return client.Options{}, err
		}
		opt.RootCAs = pool
	}
	return opt, nil
}

// asGiven returns opt with the settings that stand on the command line, which count
// more than those of a saved site.
func (p *program) asGiven(opt client.Options) client.Options {
	o := &p.opt
	for option, set := range map[string]func(){
		"user":               func() { opt.User = o.user },
		"account":            func() { opt.Account = o.account },
		"mode":               func() { opt.Mode = o.mode },
		"tls":                func() { opt.Security = o.security },
		"charset":            func() { opt.Charset = string(o.charset) },
		"active-ports":       func() { opt.ActivePorts = o.ports },
		"active-address":     func() { opt.ActiveAddress, opt.ActiveFromServer = o.external.addr, o.external.fromServer },
		"prefer-active":      func() { opt.PreferActive = o.preferActive },
		"trust-pasv-address": func() { opt.TrustPASVAddress = o.trustPASV },
		"proxy":              func() { opt.Proxy = o.proxy },
		"after-login":        func() { opt.AfterLogin = o.afterLogin },
		"time-offset":        func() { opt.TimeOffset = o.timeOffset },
	} {
		if p.given != nil && p.given(option) {
			set()
		}
	}
	return opt
}

// announced is the value of --active-address.
type announced struct {
	addr       netip.Addr
	fromServer bool // the one that the server sees
}

func parseAnnounced(s string) (announced, error) {
	if strings.EqualFold(s, "server") {
		return announced{fromServer: true}, nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return announced{}, fmt.Errorf("%q is neither an address nor the word server", s)
	}
	return announced{addr: addr}, nil
}

// readPool reads the certificates of --cacert.
func readPool(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, &localError{op: "read the --cacert file", err: err}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &localError{op: "read the --cacert file", err: fmt.Errorf("%s holds no certificate in PEM form", file)}
	}
	return pool, nil
}

// parsePin checks a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons.
func parsePin(s string) (string, error) {
	s = strings.TrimPrefix(strings.ToLower(s), "sha256:")
	b, err := hex.DecodeString(strings.ReplaceAll(s, ":", ""))
	if err != nil || len(b) != 32 {
		return "", errors.New("a SHA-256 fingerprint is 64 hexadecimal digits")
	}
	return hex.EncodeToString(b), nil
}

// An optionValue is a pflag.Value for a type that has a parser.
type optionValue[T any] struct {
	v     *T
	parse func(string) (T, error)
	kind  string
	text  string
}

// timeOption makes an option for a length of time, which is def where it is not given.
func timeOption(v *time.Duration, def time.Duration) *optionValue[time.Duration] {
	*v = def
	o := option(v, parseTime, "TIME")
	if def > 0 {
		o.text = def.String()
	}
	return o
}

// parseTime reads a length of time; a number alone is seconds.
func parseTime(s string) (time.Duration, error) {
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 0 && n < 1e9 {
		return time.Duration(n * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, errors.New("must be a length of time, such as 10s, 2m or 1h30m")
	}
	return d, nil
}

// option makes a pflag.Value that stores what parse returns in v.
func option[T any](v *T, parse func(string) (T, error), kind string) *optionValue[T] {
	return &optionValue[T]{v: v, parse: parse, kind: kind}
}

// Set implements pflag.Value.
func (o *optionValue[T]) Set(s string) error {
	v, err := o.parse(s)
	if err != nil {
		return err
	}
	*o.v, o.text = v, s
	return nil
}

// String implements pflag.Value.
func (o *optionValue[T]) String() string { return o.text }

// Type implements pflag.Value.
func (o *optionValue[T]) Type() string { return o.kind }

// securityValue is the value of --tls; it remembers that it was given.
type securityValue struct{ o *globals }

// Set implements pflag.Value.
func (s *securityValue) Set(text string) error {
	v, err := client.ParseSecurity(text)
	if err != nil {
		return err
	}
	s.o.security, s.o.tlsGiven = v, true
	return nil
}

// String implements pflag.Value.
func (s *securityValue) String() string {
	if s.o == nil || !s.o.tlsGiven {
		return ""
	}
	return s.o.security.String()
}

// Type implements pflag.Value.
func (s *securityValue) Type() string { return "WHEN" }
