package exchange

import "strings"

// section is a section of an INI file.
type section struct {
	name string
	line int
	keys map[string]string
}

func (s section) get(key string) string { return s.keys[key] }

// maxKeys bounds the settings of a section.
const maxKeys = 2000

// sections calls f with each section of an INI file that want says yes to. A setting
// that is there twice counts as the last one says.
func (s *source) sections(want func(name string) bool, f func(section) error) error {
	text, err := s.text()
	if err != nil {
		return err
	}
	var cur section
	flush := func() error {
		if cur.keys == nil {
			return nil
		}
		return f(cur)
	}
	seen := 0
	err = s.lines(text, func(n int, line string) error {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == ';' || trimmed[0] == '#':
			return nil
		case trimmed[0] == '[':
			if !strings.HasSuffix(trimmed, "]") {
				return s.fail(n, "has the name of a section without its closing bracket")
			}
			if ferr := flush(); ferr != nil {
				return ferr
			}
			cur = section{name: trimmed[1 : len(trimmed)-1], line: n}
			if want(cur.name) {
				cur.keys = map[string]string{}
			}
			return nil
		}
		seen++
		key, value, ok := strings.Cut(line, "=")
		switch {
		case cur.name == "" && cur.line == 0:
			return s.fail(n, "has a setting before the first section")
		case !ok:
			return s.fail(n, "is no setting (name = value) and no section")
		case cur.keys == nil:
			return nil
		case len(cur.keys) >= maxKeys:
			return s.fail(n, "is in a section with more than %d settings", maxKeys)
		}
		cur.keys[strings.TrimSpace(key)] = strings.TrimSpace(value)
		return nil
	})
	if err != nil {
		return err
	}
	if cur.line == 0 && seen == 0 {
		return s.fail(0, "holds no section")
	}
	return flush()
}
