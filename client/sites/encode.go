package sites

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// marshal is json.Marshal without the escapes that only web pages need.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// indented lays raw, which is well-formed, out for people.
func indented(raw []byte, prefix string) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, prefix, "\t"); err != nil {
		return raw
	}
	return b.Bytes()
}

func sorted(m extras) []string { return slices.Sorted(maps.Keys(m)) }

// encode is the JSON form of the entry, with the members that are not known.
func (e entry) encode() ([]byte, error) {
	if len(e.proxy) == 0 && len(e.bookmarks) == 0 {
		return withExtras(e.Site, e.extra)
	}
	whole := struct {
		Site
		Proxy     json.RawMessage   `json:"proxy,omitempty"`
		Bookmarks []json.RawMessage `json:"bookmarks,omitempty"`
	}{Site: e.Site}
	if e.Proxy != (Proxy{}) || len(e.proxy) > 0 {
		raw, err := withExtras(e.Proxy, e.proxy)
		if err != nil {
			return nil, err
		}
		whole.Proxy = raw
	}
	for _, b := range e.Bookmarks {
		raw, err := withExtras(b, e.bookmarks[fold(b.Name)])
		if err != nil {
			return nil, err
		}
		whole.Bookmarks = append(whole.Bookmarks, raw)
	}
	return withExtras(whole, e.extra)
}

// withExtras is the JSON form of v, a struct, with more members behind its own.
func withExtras(v any, more extras) ([]byte, error) {
	raw, err := marshal(v)
	if err != nil || len(more) == 0 {
		return raw, err
	}
	b := bytes.NewBuffer(bytes.TrimSuffix(raw, []byte("}")))
	for _, name := range sorted(more) {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		key, err := marshal(name)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(more[name])
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode is the file of the document.
func (d *document) encode() ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "{\n\t\"version\": %d", version)
	if len(d.folders) > 0 {
		b.WriteString(",\n\t\"folders\": [")
		for i, path := range d.folders {
			if i > 0 {
				b.WriteByte(',')
			}
			raw, err := marshal(path)
			if err != nil {
				return nil, err
			}
			b.WriteString("\n\t\t" + string(raw))
		}
		b.WriteString("\n\t]")
	}
	b.WriteString(",\n\t\"sites\": [")
	for i, e := range d.entries {
		if i > 0 {
			b.WriteByte(',')
		}
		raw, err := e.encode()
		if err != nil {
			return nil, err
		}
		b.WriteString("\n\t\t")
		b.Write(indented(raw, "\t\t"))
	}
	if len(d.entries) > 0 {
		b.WriteString("\n\t")
	}
	b.WriteByte(']')
	for _, name := range sorted(d.extra) {
		raw, err := marshal(name)
		if err != nil {
			return nil, err
		}
		b.WriteString(",\n\t" + string(raw) + ": ")
		b.Write(indented(d.extra[name], "\t"))
	}
	b.WriteString("\n}\n")
	return []byte(b.String()), nil
}
