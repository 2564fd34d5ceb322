package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdJSON checks JSON, from stdout, stderr or a file:
//
//	json stdout entries.0.name a.txt    the value there, as text
//	json stdout entries.len 3             how many elements
//	json stdout error.hint              is there at all
//	! json stdout entries.0.size        is not there
//
// Of several values one after the other, the path begins with the number of one.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: json FILE PATH [WANT]")
	}
	text := ts.ReadFile(args[0])
	if !utf8.ValidString(text) {
		ts.Fatalf("%s is not UTF-8", args[0])
	}
	root, err := decodeJSON(text)
	if err != nil {
		ts.Fatalf("%s: %v\n%s", args[0], err, text)
	}
	got, ok := lookup(root, args[1])
	switch {
	case len(args) == 2 && ok == neg:
		ts.Fatalf("%s there: %v (%v)", args[1], ok, got)
	case len(args) == 3 && !ok:
		ts.Fatalf("no %s in %s", args[1], text)
	case len(args) == 3 && (got == args[2]) == neg:
		ts.Fatalf("%s = %q, want %q", args[1], got, args[2])
	}
}

// decodeJSON reads one value, or several as a list of them.
func decodeJSON(text string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var list []any
	for {
		var v any
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	switch len(list) {
	case 0:
		return nil, errors.New("no JSON")
	case 1:
		return list[0], nil
	default:
		return list, nil
	}
}

// lookup follows a path such as "entries.0.name".
func lookup(v any, path string) (string, bool) {
	for part := range strings.SplitSeq(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			next, ok := node[part]
			if !ok {
				return "", false
			}
			v = next
		case []any:
			if part == "len" {
				v = len(node)
				continue
			}
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(node) {
				return "", false
			}
			v = node[i]
		default:
			return "", false
		}
	}
	return fmt.Sprint(v), true
}
