package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"portside/client/sites"
)

// The head of our own exports.
const (
	portsideFormat  = "portside-sites"
	portsideVersion = 1
)

// maxSite bounds the text of one site in our own exports.
const maxSite = 256 << 10

// readPortside reads what WritePortside wrote, and takes nothing in it on trust.
func readPortside(s *source) error {
	text, err := s.text()
	if err != nil {
		return err
	}
	if jsonDepth(text) > MaxDepth+8 {
		return s.fail(0, "has values more than %d deep", MaxDepth)
	}
	p := &portside{s: s, text: text, dec: json.NewDecoder(strings.NewReader(text))}
	if err := p.document(); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return p.fail("is cut off: it ends in the middle of the document")
		}
		if se, ok := errors.AsType[*json.SyntaxError](err); ok {
			if int(se.Offset) >= len(strings.TrimSpace(text)) {
				return s.fail(0, "is cut off: it ends in the middle of the document")
			}
			return s.fail(lineAt([]byte(text), min(int(se.Offset), len(text))), "is no well-formed JSON: %s", cutTo(se.Error(), 120))
		}
		return err
	}
	if !p.known {
		return s.fail(0, "is no export of Portside: it does not begin with \"format\": %q", portsideFormat)
	}
	return nil
}

// portside is the state of reading one of our exports.
type portside struct {
	s     *source
	text  string
	dec   *json.Decoder
	known bool // the head has said what the file is
}

func (p *portside) fail(format string, args ...any) error {
	at := min(int(p.dec.InputOffset()), len(p.text))
	return p.s.fail(strings.Count(p.text[:at], "\n")+1, format, args...)
}

// document reads the outermost object, one value at a time, so that what is in memory
// at once stays small.
func (p *portside) document() error {
	if err := p.delim('{'); err != nil {
		return err
	}
	for p.dec.More() {
		tok, err := p.dec.Token()
		if err != nil {
			return err
		}
		key, _ := tok.(string)
		switch key {
		case "format", "version":
			if err = p.head(key); err != nil {
				return err
			}
		case "sites":
			if !p.known {
				return p.fail("is no export of Portside: it does not begin with \"format\": %q", portsideFormat)
			}
			if err = p.list(); err != nil {
				return err
			}
		default:
			var skipped json.RawMessage
			if err = p.dec.Decode(&skipped); err != nil {
				return err
			}
		}
	}
	if err := p.delim('}'); err != nil {
		return err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return p.fail("goes on behind its end")
	}
	return nil
}

func (p *portside) delim(want json.Delim) error {
	tok, err := p.dec.Token()
	if err != nil {
		return err
	}
	if tok != want {
		return p.fail("is no export of Portside: %q was expected", want.String())
	}
	return nil
}

// head reads the member "format" or "version".
func (p *portside) head(key string) error {
	var v any
	if err := p.dec.Decode(&v); err != nil {
		return err
	}
	if key == "format" {
		if v != portsideFormat {
			return p.fail("is no export of Portside's sites: its format is %q", cut(fmt.Sprint(v)))
		}
		p.known = true
		return nil
	}
	n, ok := v.(float64)
	switch {
	case !ok || n < 1:
		return p.fail("has a version that is no number: %q", cut(fmt.Sprint(v)))
	case n > portsideVersion:
		return p.fail("was written by a newer version of Portside (format %v, this one reads %d); update Portside", n, portsideVersion)
	}
	return nil
}

// list reads the sites.
func (p *portside) list() error {
	if err := p.delim('['); err != nil {
		return err
	}
	for p.dec.More() {
		var raw json.RawMessage
		if err := p.dec.Decode(&raw); err != nil {
			return err
		}
		e := newEntry(fmt.Sprintf("site %d", len(p.s.imp.Rows)+1))
		if len(raw) > maxSite {
			e.skip("it is larger than %d KiB", maxSite>>10)
		} else {
			e.fromPortside(raw)
		}
		if err := p.s.add(e.row); err != nil {
			return err
		}
	}
	return p.delim(']')
}

// fromPortside takes a site of our own format over, field by field.
func (e *entry) fromPortside(raw []byte) {
	var in sites.Site
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		in = sites.Site{}
		if err = json.Unmarshal(raw, &in); err != nil {
			e.skip("%s", portsideFault(err))
			return
		}
		e.portsideUnknown(raw)
	}
	site := &e.row.Site
	*site = in
	site.ID, site.Folder, site.AfterLogin, site.Bookmarks, site.Used = "", nil, nil, nil, time.Time{}
	if len(in.Folder) > MaxDepth {
		e.skip("it is more than %d folders deep", MaxDepth)
	}
	for _, f := range in.Folder[:min(len(in.Folder), MaxDepth)] {
		if f, _ = title(f); f != "" {
			site.Folder = append(site.Folder, f)
		}
	}
	e.name(in.Name)
	e.host(in.Host)
	e.user(in.User)
	e.account(in.Account)
	site.LocalDir = e.localDir("the local start folder", in.LocalDir)
	site.RemoteDir = e.remoteDir("the start folder on the server", in.RemoteDir)
	site.ClientCert = e.localDir("the client certificate", in.ClientCert)
	site.ClientKey = e.localDir("the key of the client certificate", in.ClientKey)
	site.Charset = ""
	e.charset(in.Charset)
	for _, c := range in.AfterLogin {
		e.command(c)
	}
	for _, b := range in.Bookmarks {
		what := "of the bookmark " + fmt.Sprintf("%q", cut(b.Name))
		b.LocalDir = e.localDir("the local folder "+what, b.LocalDir)
		b.RemoteDir = e.remoteDir("the folder on the server "+what, b.RemoteDir)
		e.bookmark(b)
	}
	e.notes(in.Notes)
	if len(in.Notes) > maxNotes {
		site.Notes = ""
	}
	for what, v := range map[string]string{
		"the proxy's address": in.Proxy.Addr, "the proxy's user": in.Proxy.User, "the ports of active mode": in.ActivePorts,
		"the address of active mode": in.ActiveAddress, "the rule for what is there": in.Exists, "the colour": in.Colour,
		"the kind of login": string(in.Logon),
	} {
		if f := flaw(v, maxHost+maxUser); f != "" {
			e.skip("%s %s", what, f)
		}
	}
}

// portsideFault puts an error of the decoder in words, without values.
func portsideFault(err error) string {
	if te, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("the field %q has a value of a wrong kind (%s)", cut(te.Field), cut(te.Value))
	}
	return cutTo(err.Error(), 200)
}

// portsideUnknown names the fields that this version does not know.
func (e *entry) portsideUnknown(raw []byte) {
	var have map[string]json.RawMessage
	if json.Unmarshal(raw, &have) != nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		one, err := json.Marshal(map[string]json.RawMessage{key: have[key]})
		if err != nil {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(one))
		dec.DisallowUnknownFields()
		if dec.Decode(&sites.Site{}) != nil {
			e.lose("the setting %q, which this version does not know", cut(key))
		}
	}
}

// jsonDepth is how deep values are in values.
func jsonDepth(text string) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// sniffPortside reports whether a file begins like an export of ours.
func sniffPortside(head []byte) bool {
	head = bytes.TrimSpace(head)
	return bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head[:min(len(head), 512)], []byte(`"`+portsideFormat+`"`))
}

// exported is a site without its ID.
type exported struct {
	sites.Site
	ID string `json:"id,omitempty"` // stands before that of Site, and is never set
}

// A WriteOptions says what else an export for Portside holds.
type WriteOptions struct {
	ClientFiles bool // paths of client certificates and keys on this computer
}

// WritePortside writes sites and folders as JSON, for another Portside: a .portside
// file. It holds no secret, no ID, nothing of when a site was used, and no path of a
// client certificate or key unless opt says so.
func WritePortside(w io.Writer, list []sites.Site, folders [][]string, opt ...WriteOptions) error {
	files := len(opt) > 0 && opt[0].ClientFiles
	out := make([]exported, 0, len(list))
	for _, s := range list {
		s.Used = time.Time{}
		if !files {
			s.ClientCert, s.ClientKey = "", ""
		}
		out = append(out, exported{Site: s})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Format  string     `json:"format"`
		Version int        `json:"version"`
		Folders [][]string `json:"folders,omitempty"`
		Sites   []exported `json:"sites"`
	}{portsideFormat, portsideVersion, folders, out})
}
