// Package sites holds the saved site profiles: what they say, the file that
// keeps them, and what may be done to their tree.
//
// No profile ever holds a password: of each secret the operating system's keyring
// knows, under the ID of the site (package secrets). The package leaves out how
// connections are made, and the formats of other programs (package exchange).
package sites

import (
	"time"

	"portside/client"
)

// A Site is a saved server with all that is known about how to use it. The zero
// value of each field but ID, Name and Host is what most servers want.
type Site struct {
	ID     string   `json:"id"`               // never changes; 16 hexadecimal digits, also the name of its secrets
	Name   string   `json:"name"`             // for people; unique within its folder, ignoring case
	Folder []string `json:"folder,omitempty"` // path of the folder in the tree that it is in; none: the top

	Host     string          `json:"host"`
	Port     uint16          `json:"port,omitempty"` // 0: the usual one of Security
	Security client.Security `json:"security,omitempty"`
	User     string          `json:"user,omitempty"` // empty: anonymous
	Logon    Logon           `json:"logon,omitempty"`
	Account  string          `json:"account,omitempty"` // of LogonAccount: the argument of ACCT (RFC 959, 4.1.1)

	Mode             client.ConnMode `json:"mode,omitempty"`
	PreferActive     bool            `json:"prefer_active,omitempty"`      // Auto tries active methods first
	ActivePorts      string          `json:"active_ports,omitempty"`       // "50000-50100"
	ActiveAddress    string          `json:"active_address,omitempty"`     // announced in active mode: an IP address, or "server" for the one that the server sees
	TrustPASVAddress bool            `json:"trust_pasv_address,omitempty"` // use an address in a 227 that is not the server's

	Charset    string `json:"charset,omitempty"`     // WHATWG label; empty: UTF-8
	TimeOffset int    `json:"time_offset,omitempty"` // minutes that the server's clock, in listings without a zone, is ahead of UTC

	LocalDir  string `json:"local_dir,omitempty"`  // start folder on this computer, absolute
	RemoteDir string `json:"remote_dir,omitempty"` // start folder on the server, as text
	SyncDirs  bool   `json:"sync_dirs,omitempty"`  // synchronised browsing: both panes change folder together

	MaxConnections int    `json:"max_connections,omitempty"` // 0: no limit but the program's
	DownLimit      int64  `json:"down_limit,omitempty"`      // bytes a second; 0: none
	UpLimit        int64  `json:"up_limit,omitempty"`
	Exists         string `json:"exists,omitempty"`      // rule for targets that are there: ask, overwrite, newer, size, resume, rename, skip; empty: the program's
	TempUpload     bool   `json:"temp_upload,omitempty"` // upload to a temporary name first

	AfterLogin []string `json:"after_login,omitempty"` // commands sent after each login, such as "SITE UMASK 022"
	Proxy      Proxy    `json:"proxy,omitzero"`
	ClientCert string   `json:"client_certificate,omitempty"` // path of a PEM or PKCS#12 file with certificate and key
	ClientKey  string   `json:"client_key,omitempty"`         // path of the key where ClientCert is a PEM file without it

	Colour    string     `json:"colour,omitempty"` // one of Colours(); empty: none
	Notes     string     `json:"notes,omitempty"`
	Bookmarks []Bookmark `json:"bookmarks,omitempty"`

	Used time.Time `json:"used,omitzero"` // connected to last; zero: never
}

// A Logon says where the password comes from.
type Logon string

// The kinds of logon. The zero value is the keyring for a site with a user, and
// anonymous for one without.
const (
	LogonDefault   Logon = ""
	LogonAnonymous Logon = "anonymous"
	LogonKeyring   Logon = "keyring"
	LogonAsk       Logon = "ask"     // each time
	LogonAccount   Logon = "account" // as LogonKeyring, and ACCT with Account
)

// A Proxy is a client.Proxy without its password, which is in the keyring.
type Proxy struct {
	Kind client.ProxyKind `json:"kind,omitempty"`
	Addr string           `json:"address,omitempty"`
	User string           `json:"user,omitempty"`
	Form client.ProxyForm `json:"form,omitempty"`
}

// A Bookmark is a pair of folders of a site.
type Bookmark struct {
	Name      string `json:"name"`
	LocalDir  string `json:"local_dir,omitempty"`  // absolute; empty: the local pane stays where it is
	RemoteDir string `json:"remote_dir,omitempty"` // as text; empty: the remote pane stays
	SyncDirs  bool   `json:"sync_dirs,omitempty"`
}

// Colours are the names of the colours that a site may have.
func Colours() []string {
	return []string{"red", "orange", "yellow", "green", "blue", "magenta", "cyan", "grey"}
}
