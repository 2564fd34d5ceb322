package exchange

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"portside/client"
	"portside/client/sites"
)

// readCyberduck reads a bookmark of Cyberduck, a property list with one site. Its
// password is in the keychain of Cyberduck, and is asked for.
func readCyberduck(s *source) error {
	dict, err := s.plist()
	if err != nil {
		return err
	}
	if dict["Protocol"] == "" && dict["Hostname"] == "" {
		return s.fail(0, "is no bookmark of Cyberduck: it names no protocol and no host")
	}
	s.note("Cyberduck keeps passwords in the keychain; they will be asked for.")
	e := newEntry(filepath.Base(s.path))
	e.fromCyberduck(dict)
	return s.add(e.row)
}

func (e *entry) fromCyberduck(d map[string]string) {
	e.name(d["Nickname"])
	site := &e.row.Site
	switch d["Protocol"] {
	case "ftp":
		site.Security = client.SecurityAuto
	case "ftps":
		site.Security = client.SecurityRequire
		if d["Port"] == "990" {
			site.Security = client.SecurityImplicit
		}
	default:
		e.skip("its protocol %q is another one; Portside speaks FTP, and FTP over TLS", cut(d["Protocol"]))
	}
	e.host(d["Hostname"])
	e.port(d["Port"])
	switch user := d["Username"]; {
	case strings.EqualFold(user, "anonymous"):
		e.anonymous()
	case user == "":
		site.Logon = sites.LogonAsk
	default:
		e.user(user)
		site.Logon = sites.LogonKeyring
	}
	switch d["FTP Connect Mode"] {
	case "active":
		site.Mode = client.Active
	case "passive":
		site.Mode = client.Passive
	}
	site.RemoteDir = e.remoteDir("the start folder on the server", d["Path"])
	local := d["Local Folder"]
	if local == "" {
		local = d["Download Folder"]
	}
	if rest, ok := strings.CutPrefix(local, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			local = filepath.Join(home, rest)
		}
	}
	site.LocalDir = e.localDir("the local folder", local)
	e.charset(d["Encoding"])
	e.notes(d["Comment"])
	if labels := d["Labels"]; labels != "" {
		e.lose("the labels")
	}
	words := map[string]string{
		"Timezone":             "the time zone of the server",
		"Web URL":              "the address of its web site",
		"Transfer Connection":  "how many connections transfers use",
		"Readonly":             "that nothing is changed on the server",
		"Private Key File":     "the key file, which FTP has no use for",
		"Private Key File Dic": "the key file, which FTP has no use for",
		"Upload Folder":        "the folder that uploads come from",
		"Region":               "the region",
	}
	for _, key := range slices.Sorted(maps.Keys(words)) {
		if v := d[key]; v != "" && v != "false" {
			e.lose("%s", words[key])
		}
	}
	if c := d["Client Certificate"]; c != "" {
		e.lose("the client certificate, which is in Cyberduck's keychain")
	}
}

// readFolder reads a folder with bookmarks of Cyberduck, each of which is a file.
func (s *source) readFolder(opt ReadOptions) (*Import, error) {
	if opt.Format != "" && opt.Format != "cyberduck" {
		return nil, s.fail(0, "is a folder, not a file")
	}
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, s.unreadable(err)
	}
	c, _ := codecByID("cyberduck")
	s.imp.Format = c.Format
	total, found := 0, false
	for i, entry := range entries {
		switch {
		case !c.named(strings.ToLower(entry.Name())):
			continue
		case i >= MaxEntries:
			return nil, s.fail(0, "holds more than %d entries", MaxEntries)
		case s.ctx.Err() != nil:
			return nil, s.ctx.Err()
		}
		found = true
		one := &source{ctx: s.ctx, path: filepath.Join(s.path, entry.Name()), imp: s.imp}
		if err = one.load(); err != nil {
			return nil, err
		}
		if total += len(one.data); total > MaxSize {
			return nil, s.tooLarge()
		}
		if err = readCyberduck(one); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, s.fail(0, "is a folder without bookmarks of Cyberduck; choose a file")
	}
	return s.imp, s.judge(opt.Existing)
}
