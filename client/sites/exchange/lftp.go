package exchange

import (
	"fmt"
	"strings"
)

// readLftp reads lftp's bookmarks: on each line a name, blanks, and an address.
func readLftp(s *source) error {
	text, err := s.text()
	if err != nil {
		return err
	}
	return s.lines(text, func(n int, line string) error {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			return nil
		}
		e := newEntry(fmt.Sprintf("line %d", n))
		i := strings.IndexAny(line, " \t")
		if i < 0 {
			e.skip("there is no address behind the name")
			if !strings.Contains(line, "@") { // else it is an address, perhaps with a password
				e.name(line)
			}
			return s.add(e.row)
		}
		e.name(line[:i])
		e.url(strings.TrimSpace(line[i:]))
		return s.add(e.row)
	})
}

// sniffLftp reports whether the first line that says something is a name and an
// address.
func sniffLftp(head []byte) bool {
	for line := range strings.SplitSeq(string(head), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		scheme, _, ok := strings.Cut(f[len(f)-1], "://")
		return len(f) == 2 && ok && len(scheme) < 10 && !strings.Contains(f[0], "://")
	}
	return false
}
