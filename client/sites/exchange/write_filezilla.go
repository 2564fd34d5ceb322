package exchange

import (
	"encoding/xml"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"portside/client"
	"portside/client/sites"
)

// zillaVersion is the version of FileZilla whose format is written.
const zillaVersion = "3.63.0"

// zillaSite is a site as FileZilla writes it, in the order of FileZilla.
type zillaSite struct {
	XMLName         xml.Name    `xml:"Server"`
	Host            string      `xml:"Host"`
	Port            int         `xml:"Port"`
	Protocol        int         `xml:"Protocol"`
	Type            int         `xml:"Type"`
	User            string      `xml:"User,omitempty"`
	Account         string      `xml:"Account,omitempty"`
	Logontype       int         `xml:"Logontype"`
	TimezoneOffset  int         `xml:"TimezoneOffset,omitempty"`
	PasvMode        string      `xml:"PasvMode"`
	Connections     int         `xml:"MaximumMultipleConnections,omitempty"`
	EncodingType    string      `xml:"EncodingType"`
	CustomEncoding  string      `xml:"CustomEncoding,omitempty"`
	Commands        *zillaCmds  `xml:"PostLoginCommands,omitempty"`
	BypassProxy     int         `xml:"BypassProxy"`
	Name            string      `xml:"Name"`
	Comments        string      `xml:"Comments,omitempty"`
	Colour          int         `xml:"Colour,omitempty"`
	LocalDir        string      `xml:"LocalDir,omitempty"`
	RemoteDir       string      `xml:"RemoteDir,omitempty"`
	SyncBrowsing    int         `xml:"SyncBrowsing"`
	DirectoryCompar int         `xml:"DirectoryComparison"`
	Bookmarks       []zillaMark `xml:"Bookmark"`
}

type zillaCmds struct {
	Command []string `xml:"Command"`
}

type zillaMark struct {
	Name            string `xml:"Name"`
	LocalDir        string `xml:"LocalDir,omitempty"`
	RemoteDir       string `xml:"RemoteDir,omitempty"`
	SyncBrowsing    int    `xml:"SyncBrowsing"`
	DirectoryCompar int    `xml:"DirectoryComparison"`
}

// WriteFileZilla writes sites and folders as FileZilla exports them, for its File,
// Import, or as its sitemanager.xml. It holds no password: FileZilla asks for them.
// What FileZilla has no setting for is left out.
func WriteFileZilla(w io.Writer, list []sites.Site, folders [][]string) error {
	platform := map[string]string{"windows": "windows", "darwin": "mac"}[runtime.GOOS]
	if platform == "" {
		platform = "*nix"
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "\t")
	root := xml.StartElement{Name: xml.Name{Local: "FileZilla3"}, Attr: []xml.Attr{
		{Name: xml.Name{Local: "version"}, Value: zillaVersion}, {Name: xml.Name{Local: "platform"}, Value: platform},
	}}
	servers := xml.StartElement{Name: xml.Name{Local: "Servers"}}
	for _, start := range []xml.StartElement{root, servers} {
		if err := enc.EncodeToken(start); err != nil {
			return err
		}
	}
	if err := newTree(list, folders).write(enc); err != nil {
		return err
	}
	for _, end := range []xml.EndElement{servers.End(), root.End()} {
		if err := enc.EncodeToken(end); err != nil {
			return err
		}
	}
	if err := enc.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// tree is a folder with what is in it, in order.
type tree struct {
	name    string
	folders []*tree
	sites   []sites.Site
}

func newTree(list []sites.Site, folders [][]string) *tree {
	root := &tree{}
	for _, f := range folders {
		root.at(f)
	}
	for _, s := range list {
		t := root.at(s.Folder)
		t.sites = append(t.sites, s)
	}
	return root
}

// at returns the folder at path, and makes it where it is missing.
func (t *tree) at(path []string) *tree {
	for _, name := range path {
		i := slices.IndexFunc(t.folders, func(f *tree) bool { return strings.EqualFold(f.name, name) })
		if i < 0 {
			i = len(t.folders)
			t.folders = append(t.folders, &tree{name: name})
		}
		t = t.folders[i]
	}
	return t
}

func (t *tree) write(enc *xml.Encoder) error {
	for _, f := range t.folders {
		start := xml.StartElement{Name: xml.Name{Local: "Folder"}, Attr: []xml.Attr{{Name: xml.Name{Local: "expanded"}, Value: "1"}}}
		if err := enc.EncodeToken(start); err != nil {
			return err
		}
		if err := enc.EncodeToken(xml.CharData(f.name)); err != nil {
			return err
		}
		if err := f.write(enc); err != nil {
			return err
		}
		if err := enc.EncodeToken(start.End()); err != nil {
			return err
		}
	}
	for _, s := range t.sites {
		if err := enc.Encode(zillaOf(s)); err != nil {
			return fmt.Errorf("write the site %q: %w", client.Printable(s.Path()), err)
		}
	}
	return nil
}

// zillaOf is s in FileZilla's terms.
func zillaOf(s sites.Site) zillaSite {
	z := zillaSite{
		Host: s.Host, Name: s.Name, User: s.User, TimezoneOffset: -s.TimeOffset, Connections: min(s.MaxConnections, 10),
		PasvMode: "MODE_DEFAULT", EncodingType: "Auto", Comments: s.Notes, LocalDir: s.LocalDir, SyncBrowsing: bit(s.SyncDirs),
	}
	_, port, _ := strings.Cut(s.Addr()[strings.LastIndexByte(s.Addr(), ':'):], ":")
	z.Port, _ = strconv.Atoi(port)
	z.Protocol = map[client.Security]int{client.SecurityOff: 6, client.SecurityRequire: 4, client.SecurityImplicit: 3}[s.Security]
	switch {
	case !s.NeedsPassword():
		z.User, z.Logontype = "", 0
	default:
		z.Logontype = 2
	}
	switch s.Mode {
	case client.Active, client.EPRT, client.PORT:
		z.PasvMode = "MODE_ACTIVE"
	case client.Passive, client.EPSV, client.PASV:
		z.PasvMode = "MODE_PASSIVE"
	}
	switch c := strings.ToLower(s.Charset); c {
	case "":
	case "utf-8", "utf8":
		z.EncodingType = "UTF-8"
	default:
		z.EncodingType, z.CustomEncoding = "Custom", s.Charset
	}
	if len(s.AfterLogin) > 0 {
		z.Commands = &zillaCmds{s.AfterLogin}
	}
	z.Colour = max(0, slices.Index(zillaColours(), s.Colour))
	z.RemoteDir, _ = safePathOf(s.RemoteDir)
	for _, b := range s.Bookmarks {
		m := zillaMark{Name: b.Name, LocalDir: b.LocalDir, SyncBrowsing: bit(b.SyncDirs)}
		m.RemoteDir, _ = safePathOf(b.RemoteDir)
		if m.LocalDir != "" || m.RemoteDir != "" {
			z.Bookmarks = append(z.Bookmarks, m)
		}
	}
	return z
}

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}
