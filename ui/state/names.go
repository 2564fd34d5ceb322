package state

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Why a name is refused. The texts are sentences for people.
var (
	errNoName   = errors.New("a name is needed")
	errReserved = errors.New("“.” and “..” are not names")
	errControl  = errors.New("a name cannot hold a line break or another control character")
)

// CheckName says why a person may not call a new or renamed entry name, or nil.
// Servers and systems refuse more; this is what can be known before asking them.
func (s PathStyle) CheckName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return errNoName
	case name == "." || name == "..":
		return errReserved
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return errControl
		}
	}
	bad := "/"
	if s == WindowsPaths {
		bad = `/\:*?"<>|`
	}
	if i := strings.IndexAny(name, bad); i >= 0 {
		return fmt.Errorf("a name cannot hold “%s”", name[i:i+1])
	}
	if s == WindowsPaths && strings.TrimRight(name, " .") != name {
		return errors.New("a name cannot end with a dot or a space")
	}
	return nil
}

// FreeName returns want, or "want 2", "want 3" and so on, whichever taken does
// not hold.
func FreeName(want string, taken func(string) bool) string {
	name := want
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("%s %d", want, n)
	}
	return name
}
