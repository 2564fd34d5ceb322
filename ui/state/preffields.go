package state

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"portside/client"
	"portside/transfers"
)

// A PrefSection is a page of the settings.
type PrefSection uint8

// The sections, in their order.
const (
	PrefConnection PrefSection = iota
	PrefTransfers
	PrefInterface
	PrefEditing
	PrefKeyboard
	PrefPrivacy
	PrefSections int = iota // how many there are
)

// String returns the title of a section.
func (s PrefSection) String() string {
	return [...]string{"Connection", "Transfers", "Interface", "Editing", "Keyboard", "Privacy"}[s]
}

// A PrefKind says how a field is filled in.
type PrefKind uint8

// The kinds.
const (
	PrefSwitch PrefKind = iota
	PrefChoice
	PrefText
	PrefNumber
)

// A PrefOption is one value of a choice.
type PrefOption struct{ Value, Label string }

// A PrefField is one setting: where it is kept, how it is called and what it means.
type PrefField struct {
	Key     string // name in the file
	Section PrefSection
	Kind    PrefKind
	Label   string
	Help    string // one line
	Options []PrefOption
	Prompt  string // of a text: what stands in it while it is empty
	Unit    string // of a number
	Least   int    // of a number
	Most    int
	Group   string              // heading above it; "": that of the field before
	Needs   func(p *Prefs) bool // nil: it always has a meaning; else it is shown where it has one

	check func(string) error // of a text, which is not empty
	at    func(p *Prefs) any // *bool, *int or *string
}

var errSwitch = errors.New("want true or false")

func (f *PrefField) outside() error {
	return fmt.Errorf("want a number from %d to %d", f.Least, f.Most)
}

// allows says why a text is no value of the field.
func (f *PrefField) allows(text string) error {
	if f.Kind == PrefChoice {
		if !slices.ContainsFunc(f.Options, func(o PrefOption) bool { return o.Value == text }) {
			var values []string
			for _, o := range f.Options {
				values = append(values, o.Value)
			}
			return fmt.Errorf("want %s or %s", strings.Join(values[:len(values)-1], ", "), values[len(values)-1])
		}
		return nil
	}
	if f.check != nil && text != "" {
		return f.check(text)
	}
	return nil
}

// PrefFields are all settings that are kept in the program's own file and shown in
// the settings, in their order.
func PrefFields() []PrefField {
	return slices.Concat(connectionPrefs(), transferPrefs(), interfacePrefs(), editingPrefs(), privacyPrefs())
}

// PrefByKey returns the field with that name.
func PrefByKey(key string) *PrefField {
	for _, f := range append(PrefFields(), hiddenPrefs()...) {
		if f.Key == key {
			return &f
		}
	}
	return nil
}

func connectionPrefs() []PrefField {
	proxied := func(p *Prefs) bool { return p.Proxy == "socks5" || p.Proxy == "http" }
	return []PrefField{
		{
			Key: "mode", Kind: PrefChoice, Label: "Data connections", Group: "New connections",
			Help: "Used for servers that you have chosen nothing else for. Automatic finds what works and remembers it.",
			Options: []PrefOption{
				{"auto", "Automatic"}, {"passive", "Passive"}, {"active", "Active"},
			},
			at: func(p *Prefs) any { return &p.Mode },
		},
		{
			Key: "security", Kind: PrefChoice, Label: "Encryption",
			Help: "What the address bar begins with. “If offered” falls back to plain FTP, and says so.",
			Options: []PrefOption{
				{"auto", "TLS if offered"}, {"require", "TLS required"}, {"implicit", "Implicit TLS"}, {"off", "No TLS"},
			},
			at: func(p *Prefs) any { return &p.Security },
		},
		{
			Key: "timeout", Kind: PrefNumber, Label: "Give up after", Unit: "seconds", Least: 5, Most: 600,
			Help: "How long a server may stay silent before the connection counts as dead. Applies from the next connection.",
			at:   func(p *Prefs) any { return &p.Timeout },
		},
		{
			Key: "keep_alive", Kind: PrefNumber, Label: "Keep alive every", Unit: "seconds", Least: 0, Most: 3600,
			Help: "Sends NOOP while nothing else is sent, so that the server does not log you out. 0 sends nothing. Applies from the next connection.",
			at:   func(p *Prefs) any { return &p.KeepAlive },
		},
		{
			Key: "retries", Kind: PrefNumber, Label: "Reconnect by itself", Unit: "times", Least: 0, Most: 20,
			Help: "How often a lost connection is made again before you are asked. 0 asks at once.",
			at:   func(p *Prefs) any { return &p.Retries },
		},
		{
			Key: "active_address", Kind: PrefText, Label: "Address to announce", Group: "Active mode", Prompt: "found out by itself",
			Help:  "The address under which servers reach this computer, or “server” for the one that the server sees.",
			check: checkActiveAddress,
			at:    func(p *Prefs) any { return &p.ActiveAddress },
		},
		{
			Key: "active_ports", Kind: PrefText, Label: "Ports to listen on", Prompt: "any, or 50000-50100",
			Help: "Only these ports are used, so that a firewall or router can let them in.",
			check: func(s string) error {
				_, err := client.ParsePortRange(s)
				return err
			},
			at: func(p *Prefs) any { return &p.ActivePorts },
		},
		{
			Key: "map_ports", Kind: PrefSwitch, Label: "Ask the router to let servers in",
			Help: "Opens a port for the moment of a transfer, by PCP, NAT-PMP or UPnP.",
			at:   func(p *Prefs) any { return &p.MapPorts },
		},
		{
			Key: "proxy", Kind: PrefChoice, Label: "Proxy for all connections", Group: "Proxy",
			Help: "A saved site with a proxy of its own uses that one.",
			Options: []PrefOption{
				{"none", "None"}, {"system", "As the system has it"}, {"socks5", "SOCKS5"}, {"http", "HTTP CONNECT"},
			},
			at: func(p *Prefs) any { return &p.Proxy },
		},
		{
			Key: "proxy_address", Kind: PrefText, Label: "Proxy server", Prompt: "proxy.example.org:1080",
			Help: "Name or address, with the port where it is not 1080 (SOCKS5) or 3128 (HTTP).", Needs: proxied,
			check: checkProxyAddress,
			at:    func(p *Prefs) any { return &p.ProxyAddr },
		},
		{
			Key: "proxy_user", Kind: PrefText, Label: "Proxy user", Prompt: "none",
			Help: "Where the proxy asks who you are.", Needs: proxied,
			at: func(p *Prefs) any { return &p.ProxyUser },
		},
	}
}

func checkActiveAddress(s string) error {
	if _, err := netip.ParseAddr(s); err != nil && s != "server" {
		return errors.New("want an IP address such as 203.0.113.7, or “server”")
	}
	return nil
}

func checkProxyAddress(s string) error {
	if u, err := client.ParseURL(s); err != nil || u.User != "" || u.Path != "" || strings.Contains(s, "://") || strings.ContainsAny(s, " \t") {
		return errors.New("want a name or an address, such as proxy.example.org:1080")
	}
	return nil
}

func transferPrefs() []PrefField {
	all := []PrefField{
		{
			Key: "exists", Kind: PrefChoice, Label: "If a file exists already", Group: "Files",
			Help: "What is done where the target is there, unless its site says another. Applies from the next file.",
			Options: []PrefOption{
				{"ask", "Ask"},
				{"overwrite", "Overwrite"},
				{"newer", "Overwrite if the source is newer"},
				{"size", "Overwrite if the sizes differ"},
				{"resume", "Complete it"},
				{"rename", "Keep both"},
				{"skip", "Skip"},
			},
			at: func(p *Prefs) any { return &p.Exists },
		},
		{
			Key: "temp_upload", Kind: PrefSwitch, Label: "Upload under a temporary name",
			Help: "The file gets its own name once it is there and checked, so that nobody reads half of it.",
			at:   func(p *Prefs) any { return &p.TempUpload },
		},
		{
			Key: "times", Kind: PrefSwitch, Label: "Keep the time of files",
			Help: "The copy gets the modification time of the original, where the server can set it.",
			at:   func(p *Prefs) any { return &p.Times },
		},
		{
			Key: "verify", Kind: PrefChoice, Label: "Compare checksums",
			Help: "Sizes are always compared; checksums where the server has a command for them.",
			Options: []PrefOption{
				{"auto", "Where it pays"}, {"always", "Every file"}, {"never", "Never"},
			},
			at: func(p *Prefs) any { return &p.Verify },
		},
		{
			Key: "ascii", Kind: PrefText, Label: "Transfer as text", Prompt: "none; for example txt, html, csv",
			Help:  "Files with these extensions get the line ends of the other side. They cannot be resumed or checked.",
			check: checkExtensions,
			at:    func(p *Prefs) any { return &p.ASCII },
		},
	}
	for i := range all {
		all[i].Section = PrefTransfers
	}
	return all
}

func checkExtensions(s string) error {
	for _, e := range SplitExtensions(s) {
		if strings.ContainsAny(e, `/\*?."`) {
			return fmt.Errorf("“%s” is no extension: want a list such as txt, html, csv", client.Printable(e))
		}
	}
	return nil
}

func interfacePrefs() []PrefField {
	all := []PrefField{
		{
			Key: "theme", Kind: PrefChoice, Label: "Colours", Group: "Look",
			Help:    "Light, dark, or as the desktop is at the moment.",
			Options: []PrefOption{{"system", "As the desktop"}, {"light", "Light"}, {"dark", "Dark"}},
			at:      func(p *Prefs) any { return &p.Theme },
		},
		{
			Key: "density", Kind: PrefChoice, Label: "Density",
			Help:    "How close the rows of tables, trees and lists stand, and how much air is around things.",
			Options: []PrefOption{{"compact", "Compact"}, {"normal", "Normal"}, {"relaxed", "Relaxed"}},
			at:      func(p *Prefs) any { return &p.Density },
		},
		{
			Key: "dates", Kind: PrefChoice, Label: "Dates", Group: "How things are written",
			Help: "How the time of a file is written.",
			Options: []PrefOption{
				{string(DatesISO), "2026-11-02 14:03"}, {string(DatesLocale), "As in this country"}, {string(DatesRelative), "5 minutes ago"},
			},
			at: func(p *Prefs) any { return &p.Dates },
		},
		{
			Key: "sizes", Kind: PrefChoice, Label: "Sizes",
			Help: "1 kB is 1000 bytes, 1 KiB is 1024. Resting on a size shows it to the byte in any case.",
			Options: []PrefOption{
				{string(SizesDecimal), "kB, MB, GB"}, {string(SizesBinary), "KiB, MiB, GiB"}, {string(SizesBytes), "Bytes"},
			},
			at: func(p *Prefs) any { return &p.Sizes },
		},
		{
			Key: "hidden_files", Kind: PrefSwitch, Label: "Show hidden files", Group: "What is shown",
			Help: "Names that begin with a dot, in both panes.",
			at:   func(p *Prefs) any { return &p.HiddenFiles },
		},
		{
			Key: "folders_first", Kind: PrefSwitch, Label: "Folders first",
			Help: "Folders stand above the files, whatever column the rows are in the order of.",
			at:   func(p *Prefs) any { return &p.FoldersFirst },
		},
		{
			Key: "transcript", Kind: PrefSwitch, Label: "Show the transcript",
			Help: "What is said between this computer and the server, below the panes.",
			at:   func(p *Prefs) any { return &p.Transcript },
		},
	}
	for i := range all {
		all[i].Section = PrefInterface
	}
	return all
}

func editingPrefs() []PrefField {
	all := []PrefField{
		{
			Key: "file_open", Kind: PrefChoice, Label: "A double click on a file", Group: "Files",
			Help:    "Return does the same. “Edits it” opens a file of this computer, and a copy of one on the server.",
			Options: []PrefOption{{"transfer", "Transfers it"}, {"open", "Opens it, if it is on this computer"}, {"edit", "Edits it"}, {"nothing", "Does nothing"}},
			at:      func(p *Prefs) any { return &p.FileOpen },
		},
		{
			Key: "editor", Kind: PrefText, Label: "Open files with", Prompt: "the system's program for the file",
			Help: "A program with its arguments; the file is added at the end. It is run without a shell.",
			check: func(s string) error {
				_, err := ParseCommand(s)
				return err
			},
			at: func(p *Prefs) any { return &p.Editor },
		},
		{
			Key: "upload_edited", Kind: PrefChoice, Label: "Upload edited files",
			Help:    "When the editor has saved a file of a server. A file that was changed there meanwhile is always asked about.",
			Options: []PrefOption{{"ask", "Ask"}, {"at-once", "At once"}},
			at:      func(p *Prefs) any { return &p.UploadEdited },
		},
		{
			Key: "rename_stem", Kind: PrefSwitch, Label: "Renaming selects the name only",
			Help: "Typing then leaves the extension as it is.",
			at:   func(p *Prefs) any { return &p.RenameStem },
		},
		{
			Key: "confirm_delete", Kind: PrefSwitch, Label: "Ask before files are deleted",
			Help: "Folders are asked for in any case.",
			at:   func(p *Prefs) any { return &p.ConfirmDelete },
		},
	}
	for i := range all {
		all[i].Section = PrefEditing
	}
	return all
}

func privacyPrefs() []PrefField {
	all := []PrefField{
		{
			Key: "recents", Kind: PrefSwitch, Label: "Remember recent servers", Group: "What is remembered",
			Help: "Their addresses with the user, never a password. Switching it off forgets nothing that is there.",
			at:   func(p *Prefs) any { return &p.Recents },
		},
		{
			Key: "networks", Kind: PrefSwitch, Label: "Remember what works in which network",
			Help: "Which kind of data connection a server could be used by, so that it need not be found out again. Applies from the next connection.",
			at:   func(p *Prefs) any { return &p.Networks },
		},
	}
	for i := range all {
		all[i].Section = PrefPrivacy
	}
	return all
}

// hiddenPrefs are kept, and shown elsewhere than in the settings.
func hiddenPrefs() []PrefField {
	return []PrefField{
		{Key: "transfers_closed", Kind: PrefSwitch, at: func(p *Prefs) any { return &p.TransfersClosed }},
		{Key: "proxy_password_for", Kind: PrefText, at: func(p *Prefs) any { return &p.ProxyPasswordFor }},
	}
}

// ExistsLabel is how the settings word a rule.
func ExistsLabel(e transfers.Exists) string {
	for _, o := range PrefByKey("exists").Options {
		if o.Value == e.String() {
			return o.Label
		}
	}
	return e.String()
}
