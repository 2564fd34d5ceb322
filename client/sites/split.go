package sites

import (
	"bytes"
	"encoding/json"
	"errors"
)

// A member is one of a JSON object or list, with the places of its name and its value.
// The text was found to be well-formed before it is split, so that the splitting need
// not check it again.
type member struct {
	name  string
	at    int // offset of the name; in a list that of the value
	value json.RawMessage
	from  int // offset of the value
}

// members splits an object that starts at offset from.
func members(raw []byte, from int) ([]member, error) {
	i := blanks(raw, 0)
	if i == len(raw) || raw[i] != '{' {
		return nil, errors.New("this must be an object: { … }")
	}
	var list []member
	for i = next(raw, i+1); i < len(raw) && raw[i] != '}'; i = next(raw, i) {
		m := member{at: from + i}
		end := valueEnd(raw, i)
		if err := unmarshal(raw[i:end], &m.name); err != nil {
			return nil, err
		}
		i = next(raw, end)
		end = valueEnd(raw, i)
		m.value, m.from = raw[i:end:end], from+i
		list = append(list, m)
		i = end
	}
	return list, nil
}

// elements splits a list that starts at offset from.
func elements(raw []byte, from int) ([]member, error) {
	i := blanks(raw, 0)
	if i == len(raw) || raw[i] != '[' {
		return nil, errors.New("this must be a list: [ … ]")
	}
	var list []member
	for i = next(raw, i+1); i < len(raw) && raw[i] != ']'; i = next(raw, i) {
		end := valueEnd(raw, i)
		list = append(list, member{at: from + i, value: raw[i:end:end], from: from + i})
		i = end
	}
	return list, nil
}

// blanks returns the offset of the first character from i on that is no blank.
func blanks(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// next returns the offset of the next name, value or bracket from i on.
func next(raw []byte, i int) int {
	i = blanks(raw, i)
	if i < len(raw) && (raw[i] == ',' || raw[i] == ':') {
		i = blanks(raw, i+1)
	}
	return i
}

// valueEnd returns the offset behind the value that starts at i.
func valueEnd(raw []byte, i int) int {
	depth := 0
	for ; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = stringEnd(raw, i)
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		default:
			if depth == 0 {
				return wordEnd(raw, i)
			}
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return i
}

// stringEnd returns the offset of the quote that ends the string which starts at i.
func stringEnd(raw []byte, i int) int {
	for i++; i < len(raw) && raw[i] != '"'; i++ {
		if raw[i] == '\\' {
			i++
		}
	}
	return i
}

// wordEnd returns the offset behind the number, true, false or null that starts at i.
func wordEnd(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == '-' || raw[i] == '+' || raw[i] == '.' || '0' <= raw[i] && raw[i] <= '9' || 'a' <= raw[i]|0x20 && raw[i]|0x20 <= 'z') {
		i++
	}
	return i
}

// unmarshal is json.Unmarshal, quicker for plain text, of which files of sites consist.
func unmarshal(raw []byte, into any) error {
	if s, ok := into.(*string); ok && len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 {
		*s = string(raw[1 : len(raw)-1])
		return nil
	}
	return json.Unmarshal(raw, into)
}
