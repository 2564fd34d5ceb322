package state

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"portside/client"
	"portside/transfers"
)

// Prefs are what the user has chosen. They hold no secret. NewPrefs gives the
// defaults; the zero value is none.
type Prefs struct {
	Mode          string // as client.ParseMode reads it, for servers without a choice of their own
	Security      string // as client.ParseSecurity reads it, where nothing says another
	Timeout       int    // seconds of a single wait
	KeepAlive     int    // seconds without a command before NOOP; 0: never
	Retries       int    // times that a lost connection is made again by itself
	MapPorts      bool   // the router may be asked for ports
	ActiveAddress string // announced in active mode; "": the engine decides; "server": what the server sees
	ActivePorts   string // as client.ParsePortRange reads it; "": any
	Proxy         string // as client.ParseProxyKind reads it, without "ftp"
	ProxyAddr     string
	ProxyUser     string

	ProxyPasswordFor string // the ProxyWhom that the stored password was typed for

	Exists     string // rule for targets that are there, as transfers.ParseExists reads it
	Verify     string // "auto", "always", "never"
	Times      bool   // the target gets the source's time
	TempUpload bool
	ASCII      string // extensions that are transferred as text; "": none

	Theme        string // "system", "light", "dark"
	Density      string // "compact", "normal", "relaxed"
	Dates        string // as DateStyle
	Sizes        string // as SizeUnits
	HiddenFiles  bool
	FoldersFirst bool
	Transcript   bool

	FileOpen      string // what a double click on a file does: "transfer", "open", "edit", "nothing"
	Editor        string // command line of the program that opens local files; "": the system's
	UploadEdited  string // what becomes of a file of a server that was edited: "ask", "at-once"
	RenameStem    bool   // renaming selects the name without its extension
	ConfirmDelete bool   // for files; folders are always asked for

	Recents  bool // servers that were connected to are kept
	Networks bool // what worked in which network is kept

	Keys map[string]string // action to key, where it is another than the usual

	TransfersClosed bool    // the panel of transfers is but a line
	TransfersShare  float64 // of the height that it has when open; 0: the usual
}

// NewPrefs returns the defaults.
func NewPrefs() Prefs {
	return Prefs{
		Mode: "auto", Security: "auto", Timeout: 30, KeepAlive: 45, Proxy: "none",
		Exists: "ask", Verify: "auto", Times: true,
		Theme: "system", Density: "normal", Dates: string(DatesISO), Sizes: string(SizesDecimal),
		FoldersFirst: true, Transcript: true,
		FileOpen: "transfer", UploadEdited: "ask", RenameStem: true, ConfirmDelete: true,
		Recents: true, Networks: true,
	}
}

// Clone returns a copy that shares nothing.
func (p Prefs) Clone() Prefs {
	keys := make(map[string]string, len(p.Keys))
	for k, v := range p.Keys {
		keys[k] = v
	}
	p.Keys = keys
	return p
}

// ConnMode is the mode for a server that nothing is known about.
func (p *Prefs) ConnMode() client.ConnMode {
	m, _ := client.ParseMode(p.Mode) // checked when it was set
	return m
}

// TLS is the kind of security where nothing says another.
func (p *Prefs) TLS() client.Security {
	s, _ := client.ParseSecurity(p.Security) // checked when it was set
	return s
}

// Dial completes what a connection is made with. What the target has of its own
// stays, and so does what a program around the window has set where the user has
// chosen nothing else. The proxy is left to the caller.
func (p *Prefs) Dial(opt *client.Options) {
	usual := NewPrefs()
	if opt.Timeout == 0 || p.Timeout != usual.Timeout {
		opt.Timeout = time.Duration(p.Timeout) * time.Second
	}
	if p.KeepAlive != usual.KeepAlive {
		opt.KeepAlive = time.Duration(p.KeepAlive) * time.Second
	}
	if !opt.ActiveAddress.IsValid() && !opt.ActiveFromServer {
		addr, err := netip.ParseAddr(p.ActiveAddress)
		opt.ActiveFromServer = p.ActiveAddress == "server"
		if err == nil {
			opt.ActiveAddress = addr
		}
	}
	if p.ActivePorts != "" && opt.ActivePorts == (client.PortRange{}) {
		opt.ActivePorts, _ = client.ParsePortRange(p.ActivePorts) // checked when it was set
	}
}

// ProxyFor is the proxy without its password.
func (p *Prefs) ProxyFor() client.Proxy {
	kind, _ := client.ParseProxyKind(p.Proxy) // checked when it was set
	if kind != client.ProxySOCKS5 && kind != client.ProxyHTTP {
		return client.Proxy{Kind: kind}
	}
	if p.ProxyAddr == "" {
		return client.Proxy{}
	}
	return client.Proxy{Kind: kind, Addr: p.ProxyAddr, User: p.ProxyUser}
}

// ProxyWhom names the proxy and who logs in there.
func (p *Prefs) ProxyWhom() string { return p.Proxy + "://" + p.ProxyUser + "@" + p.ProxyAddr }

// Transfer changes how files are transferred; each applies to what starts next.
func (p *Prefs) Transfer(opt *transfers.Options) {
	opt.Times, opt.TempUpload = p.Times, p.TempUpload
	switch p.Verify {
	case "always":
		opt.Verify = transfers.VerifyAlways
	case "never":
		opt.Verify = transfers.VerifyNever
	default:
		opt.Verify = transfers.VerifyAuto
	}
	opt.ASCIIFor = nil
	if ext := SplitExtensions(p.ASCII); len(ext) > 0 {
		opt.ASCIIFor = transfers.TextNames(ext...)
	}
}

// Rule is what is done about a target that is there already.
func (p *Prefs) Rule() transfers.Exists {
	e, _ := transfers.ParseExists(p.Exists) // checked when it was set
	return e
}

// Format is how sizes and times are written.
func (p *Prefs) Format(now func() time.Time) Format {
	return Format{Sizes: SizeUnits(p.Sizes), Dates: DateStyle(p.Dates), Now: now}
}

// SplitExtensions reads "txt, .html md" as extensions in small letters, each once.
func SplitExtensions(text string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		if word = strings.TrimPrefix(strings.TrimPrefix(word, "*"), "."); word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// Text returns the value of a field as a form shows it: of a switch "true" or
// "false".
func (p *Prefs) Text(f *PrefField) string {
	switch v := f.at(p).(type) {
	case *bool:
		return strconv.FormatBool(*v)
	case *int:
		return strconv.Itoa(*v)
	case *string:
		return *v
	}
	return ""
}

// Set changes a field to what a form says, where that can be used.
func (p *Prefs) Set(f *PrefField, text string) error {
	text = strings.TrimSpace(text)
	switch v := f.at(p).(type) {
	case *bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return errSwitch
		}
		*v = b
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil || n < f.Least || n > f.Most {
			return f.outside()
		}
		*v = n
	case *string:
		if err := f.allows(text); err != nil {
			return err
		}
		*v = text
	}
	return nil
}

// Is reports whether two preferences agree in a field.
func (f *PrefField) Is(a, b *Prefs) bool { return a.Text(f) == b.Text(f) }

// PrefDiff returns the names of what differs between two preferences, in the order
// of the fields.
func PrefDiff(a, b *Prefs) []string {
	var keys []string
	for _, f := range append(PrefFields(), hiddenPrefs()...) {
		if !f.Is(a, b) {
			keys = append(keys, f.Key)
		}
	}
	if a.TransfersShare != b.TransfersShare {
		keys = append(keys, "transfers_share")
	}
	if !maps.Equal(a.Keys, b.Keys) {
		keys = append(keys, "keys")
	}
	return keys
}
