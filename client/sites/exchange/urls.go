package exchange

import (
	"fmt"
	"strings"
)

// readURLs reads a list of addresses: one a line, which may be followed by a blank
// and the name of the site; # begins a comment. Windows' files of a single address
// (.url) are read too.
func readURLs(s *source) error {
	text, err := s.text()
	if err != nil {
		return err
	}
	return s.lines(text, func(n int, line string) error {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") || strings.EqualFold(line, "[InternetShortcut]") {
			return nil
		}
		if key, value, ok := strings.Cut(line, "="); ok && !strings.Contains(key, "://") {
			if !strings.EqualFold(strings.TrimSpace(key), "URL") {
				return nil // another line of a .url file
			}
			line = strings.TrimSpace(value)
		}
		address, name, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
		e := newEntry(fmt.Sprintf("line %d", n))
		if !strings.Contains(address, "://") && (name != "" || !strings.ContainsAny(address, ".:")) {
			e.skip("this is no address; write it as ftp://host")
		} else {
			e.url(address)
		}
		e.name(name)
		return s.add(e.row)
	})
}

// sniffURLs reports whether the first line that says something is an address.
func sniffURLs(head []byte) bool {
	for line := range strings.SplitSeq(string(head), "\n") {
		line = strings.ToLower(strings.TrimSpace(line))
		if line == "[internetshortcut]" {
			return true
		}
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		for _, scheme := range []string{"ftp://", "ftps://", "ftpes://", "sftp://"} {
			if strings.HasPrefix(line, scheme) {
				return true
			}
		}
		return false
	}
	return false
}
