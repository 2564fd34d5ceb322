package exchange

import (
	"bytes"
	"path"
	"strings"
)

// A Format is a kind of file with sites in it.
type Format struct {
	ID   string // "filezilla"
	Name string // for people: "FileZilla"
	File string // what such a file is called, for people: "sitemanager.xml"
}

// String returns the format's name for people.
func (f Format) String() string { return f.Name }

// codec is a format with the way to know and read it.
type codec struct {
	Format
	named func(base string) bool // whether a file of this name, in lower case, is one
	sniff func(head []byte) bool // whether it begins like one
	read  func(*source) error
}

// codecs lists the formats, those with a clearer beginning first.
func codecs() []codec {
	return []codec{
		{Format{"portside", "Portside", "sites.portside"}, suffix(".portside"), sniffPortside, readPortside},
		{Format{"filezilla", "FileZilla", "sitemanager.xml"}, names("sitemanager.xml", "recentservers.xml", "fzdefaults.xml", "filezilla.xml"), contains("<FileZilla3"), readFileZilla},
		{Format{"cyberduck", "Cyberduck", "*.duck"}, suffix(".duck"), sniffPlist, readCyberduck},
		{Format{"winscp", "WinSCP", "WinSCP.ini"}, names("winscp.ini"), contains(`[Sessions\`, `[Configuration\Interface`), readWinSCP},
		{Format{"rclone", "rclone", "rclone.conf"}, names("rclone.conf", ".rclone.conf"), sniffRclone, readRclone},
		{Format{"ncftp", "NcFTP", "bookmarks"}, names(), contains(ncftpHead), readNcFTP},
		{Format{"netrc", ".netrc", ".netrc"}, names(".netrc", "_netrc", "netrc"), sniffNetrc, readNetrc},
		{Format{"lftp", "lftp", "bookmarks"}, names("bookmarks"), sniffLftp, readLftp},
		{Format{"urls", "List of addresses", "*.txt"}, suffix(".txt", ".urls", ".url"), sniffURLs, readURLs},
	}
}

// Formats lists the formats that can be read.
func Formats() []Format {
	var out []Format
	for _, c := range codecs() {
		out = append(out, c.Format)
	}
	return out
}

// Detect says which format a file is of, by its name and its beginning. What a file
// holds counts for more than what it is called. The second result is false where
// neither tells.
func Detect(name string, head []byte) (Format, bool) {
	c, ok := detect(name, head)
	return c.Format, ok
}

func detect(name string, head []byte) (codec, bool) {
	base := strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
	text := sniffable(head)
	all := codecs()
	for _, c := range all {
		if c.named(base) && c.sniff(text) {
			return c, true
		}
	}
	for _, c := range all {
		if c.sniff(text) {
			return c, true
		}
	}
	for _, c := range all {
		if c.named(base) {
			return c, true
		}
	}
	return codec{}, false
}

func codecByID(id string) (codec, bool) {
	for _, c := range codecs() {
		if c.ID == id {
			return c, true
		}
	}
	return codec{}, false
}

// sniffable is the beginning of a file as text, however it is encoded.
func sniffable(head []byte) []byte {
	const enough = 64 << 10
	if len(head) > enough {
		head = head[:enough]
	}
	head = bytes.TrimPrefix(head, []byte(bomUTF8))
	head = bytes.TrimPrefix(head, []byte("%EF%BB%BF"))
	if !bytes.HasPrefix(head, []byte("bplist")) {
		head = bytes.ReplaceAll(head, []byte{0}, nil)
		head = bytes.TrimPrefix(bytes.TrimPrefix(head, []byte("\xff\xfe")), []byte("\xfe\xff"))
	}
	return head
}

func names(list ...string) func(string) bool {
	return func(base string) bool {
		for _, n := range list {
			if base == n {
				return true
			}
		}
		return false
	}
}

func suffix(list ...string) func(string) bool {
	return func(base string) bool {
		for _, s := range list {
			if strings.HasSuffix(base, s) {
				return true
			}
		}
		return false
	}
}

func contains(list ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, s := range list {
			if bytes.Contains(head, []byte(s)) {
				return true
			}
		}
		return false
	}
}
