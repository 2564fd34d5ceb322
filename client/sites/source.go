package sites

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// A source is the text of a file, with the lines that its problems are told by.
type source struct {
	path  string
	data  []byte
	lines []int // offsets of the line breaks; nil: lines say nothing
	found []*FileError
	notes []string

	layouts map[reflect.Type]layout
}

// maxProblems is how many places that are wrong are told of at most.
const maxProblems = 50

func newSource(path string, data []byte) *source {
	src := &source{path: path, data: data, lines: []int{}}
	for i, c := range data {
		if c == '\n' {
			src.lines = append(src.lines, i)
		}
	}
	return src
}

// line returns the number of the line at offset.
func (src *source) line(offset int) int {
	if src.lines == nil || offset < 0 {
		return 0
	}
	n, _ := slices.BinarySearch(src.lines, offset)
	return n + 1
}

// fault is the error for one place.
func (src *source) fault(offset int, site, field, format string, args ...any) *FileError {
	return &FileError{Path: src.path, Line: src.line(offset), Site: site, Field: field, What: fmt.Sprintf(format, args...)}
}

// add notes a place that is wrong.
func (src *source) add(e *FileError) {
	if len(src.found) < maxProblems {
		src.found = append(src.found, e)
	}
}

// note notes something that people should know of a place.
func (src *source) note(offset int, site, format string, args ...any) {
	if len(src.notes) >= maxProblems {
		return
	}
	var b strings.Builder
	if n := src.line(offset); n > 0 {
		fmt.Fprintf(&b, "line %d: ", n)
	}
	if site != "" {
		fmt.Fprintf(&b, "site %q: ", site)
	}
	fmt.Fprintf(&b, format, args...)
	src.notes = append(src.notes, b.String())
}

// err returns what was found, the first place with the others in it.
func (src *source) err() error {
	if len(src.found) == 0 {
		return nil
	}
	first := *src.found[0]
	first.More = src.found[1:]
	return &first
}

// text checks that the file is JSON in UTF-8, and takes a byte order mark off.
func (src *source) text() *FileError {
	data := src.data
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) ||
		len(data) > 1 && (data[0] == 0) != (data[1] == 0) {
		src.lines = nil
		return src.fault(0, "", "", "this is UTF-16 text; save it as UTF-8")
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		data = bytes.Clone(data)
		copy(data, "   ") // offsets stay
	}
	src.data = data
	if len(bytes.TrimSpace(data)) == 0 {
		return src.fault(-1, "", "", "the file is empty; delete it to begin anew, or put back a copy of it")
	}
	if !utf8.Valid(data) {
		bad := 0
		for bad < len(data) {
			r, n := utf8.DecodeRune(data[bad:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			bad += n
		}
		return src.fault(bad, "", "", "a character here is not UTF-8; save the file as UTF-8")
	}
	var all json.RawMessage
	err := json.Unmarshal(data, &all)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at, what := syntaxFault(data, int(syntax.Offset)-1, syntax)
		return src.fault(at, "", "", "%s", what)
	}
	if err != nil {
		return src.fault(-1, "", "", "this is not JSON: %v", err)
	}
	return nil
}

// syntaxFault says what is wrong with the JSON at offset and where to look. Nothing
// of the file is quoted but one character of punctuation.
func syntaxFault(data []byte, offset int, syntax error) (at int, what string) {
	offset = min(max(offset, 0), len(data)-1)
	before := len(bytes.TrimRight(data[:offset], " \t\r\n")) - 1
	next := data[offset]
	message := syntax.Error()
	switch {
	case strings.Contains(message, "unexpected end"):
		return len(bytes.TrimRight(data, " \t\r\n")) - 1, "the file ends too early: a closing quote, ] or } is missing"
	case strings.Contains(message, "max depth"):
		return offset, "brackets are nested too deeply"
	case before >= 0 && data[before] == ',' && (next == '}' || next == ']'):
		return before, fmt.Sprintf("there is a comma before %c that has nothing behind it; remove it", next)
	case strings.Contains(message, "after top-level value"):
		return offset, "there is something behind the last }; remove it"
	case next == '/' || next == '#':
		return offset, "a comment is not possible in this file; write it into \"notes\" of a site"
	case next == '\'':
		return offset, "text stands between double quotes, not single ones"
	case strings.Contains(message, "in string literal"):
		return offset, "there is a line break within a text; its closing quote may be missing"
	case strings.Contains(message, "in string escape"):
		return offset, "a backslash in a text is written twice: \\\\"
	case strings.Contains(message, "after object key:value pair"), strings.Contains(message, "after array element"):
		return max(before, 0), "a comma, ] or } is missing behind this line's last value"
	case strings.Contains(message, "after object key"):
		return offset, "a colon is missing between a name and its value"
	case strings.Contains(message, "beginning of object key"):
		return offset, "the name of a field stands between double quotes"
	case strings.Contains(message, "looking for beginning of value"), strings.Contains(message, "in literal"):
		return offset, "a value here is not written well; text stands between double quotes, true and false and numbers without"
	}
	return offset, "this is not well-formed JSON"
}
