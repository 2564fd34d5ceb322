package exchange

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// readFileZilla reads FileZilla's site manager, its list of recent servers, and what
// it exports. All have the same elements.
func readFileZilla(s *source) error {
	if n := bytes.Count(s.data, []byte("<Server>")); n > MaxEntries {
		return s.fail(0, "holds more than %d entries", MaxEntries)
	}
	x, err := s.xml()
	if err != nil {
		return err
	}
	root, err := x.root()
	if err != nil {
		return err
	}
	switch root {
	case "FileZilla3":
	case "FileZilla":
		return s.fail(0, "is a file of FileZilla 2; import it into FileZilla 3 and export it there")
	default:
		return s.fail(0, "is no list of sites of FileZilla: its outermost element is %q", cut(root))
	}
	z := &zilla{x: x}
	lists := 0
	for {
		tok, err := x.next()
		if err != nil {
			return err
		}
		switch t := tok.(type) {
		case nil:
			return x.fail("is cut off: it ends in the middle of the document")
		case xml.EndElement:
			if lists == 0 {
				return s.fail(0, "holds no sites but other settings of FileZilla; the sites are in sitemanager.xml")
			}
			return nil
		case xml.StartElement:
			switch t.Name.Local {
			case "Servers", "RecentServers":
				lists++
				if _, err = z.list(0); err != nil {
					return err
				}
			default:
				if err = x.skip(); err != nil {
					return err
				}
			}
		}
	}
}

// root reads up to the start of the outermost element.
func (x *elements) root() (string, error) {
	for {
		tok, err := x.next()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case nil:
			return "", x.s.fail(0, "holds no XML element")
		case xml.StartElement:
			return t.Name.Local, nil
		}
	}
}

type zilla struct{ x *elements }

// list reads what is in a list or a folder, up to its end, and returns the folder's
// name: its element Name, or the text before its contents.
func (z *zilla) list(depth int) (string, error) {
	name, text := "", strings.Builder{}
	inside := false
	for {
		tok, err := z.x.next()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case nil:
			return "", z.x.fail("is cut off: it ends in the middle of the document")
		case xml.EndElement:
			if name = strings.TrimSpace(name); name == "" {
				name = strings.TrimSpace(text.String())
			}
			return name, nil
		case xml.CharData:
			if !inside && text.Len() < 1<<10 {
				text.Write(t[:min(len(t), 1<<10)])
			}
		case xml.StartElement:
			switch t.Name.Local {
			case "Folder":
				inside = inside || strings.TrimSpace(text.String()) != ""
				err = z.folder(depth + 1)
			case "Server":
				inside = inside || strings.TrimSpace(text.String()) != ""
				err = z.server()
			case "Name":
				name, err = z.x.text()
			default:
				err = z.x.skip()
			}
			if err != nil {
				return "", err
			}
		}
	}
}

// folder reads a folder and puts its name in front of the folders of its rows.
func (z *zilla) folder(depth int) error {
	if depth > MaxDepth {
		return z.x.fail("has folders more than %d deep", MaxDepth)
	}
	s := z.x.s
	first := len(s.imp.Rows)
	name, err := z.list(depth)
	if err != nil {
		return err
	}
	if name, _ = title(name); name == "" {
		name = "Unnamed"
	}
	if first == len(s.imp.Rows) {
		s.note("The folder %q is empty and is left out.", cut(name))
	}
	for i := first; i < len(s.imp.Rows); i++ {
		f := &s.imp.Rows[i].Site.Folder
		*f = append([]string{name}, *f...)
	}
	return nil
}

// record is an element with simple children: a server, or a bookmark.
type record struct {
	text   strings.Builder
	fields map[string]field
	marks  []record // bookmarks
	cmds   []string
	params []string // names of parameters, which other protocols have
}

type field struct{ text, encoding string }

func (r *record) get(name string) string { return r.fields[name].text }

func (r *record) yes(name string) bool { return strings.TrimSpace(r.fields[name].text) == "1" }

// name is that of the element Name, else the text of the element.
func (r *record) name() string {
	if n := strings.TrimSpace(r.get("Name")); n != "" {
		return n
	}
	return strings.TrimSpace(r.text.String())
}

const maxFields = 2000 // of a server, bookmarks and commands included

// record reads a server or a bookmark up to its end.
func (z *zilla) record() (*record, error) {
	r := &record{fields: map[string]field{}}
	for n := 0; ; {
		tok, err := z.x.next()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case nil:
			return nil, z.x.fail("is cut off: it ends in the middle of the document")
		case xml.EndElement:
			return r, nil
		case xml.CharData:
			if r.text.Len() < 1<<12 {
				r.text.Write(t[:min(len(t), 1<<12)])
			}
		case xml.StartElement:
			if n++; n > maxFields {
				return nil, z.x.fail("has a site with more than %d settings", maxFields)
			}
			if err = z.child(r, t); err != nil {
				return nil, err
			}
		}
	}
}

// child reads one element of a server.
func (z *zilla) child(r *record, el xml.StartElement) error {
	switch name := el.Name.Local; name {
	case "Bookmark":
		mark, err := z.record()
		if err != nil {
			return err
		}
		r.marks = append(r.marks, *mark)
	case "PostLoginCommands":
		list, err := z.commands()
		if err != nil {
			return err
		}
		r.cmds = append(r.cmds, list...)
	case "Parameter":
		r.params = append(r.params, attr(el, "Name"))
		return z.x.skip()
	default:
		text, err := z.x.text()
		if err != nil {
			return err
		}
		if len(name) > 64 {
			name = "with a very long name"
		}
		r.fields[name] = field{text, attr(el, "encoding")}
	}
	return nil
}

func (z *zilla) commands() ([]string, error) {
	var out []string
	for {
		tok, err := z.x.next()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case nil:
			return nil, z.x.fail("is cut off: it ends in the middle of the document")
		case xml.EndElement:
			return out, nil
		case xml.StartElement:
			text, err := z.x.text()
			if err != nil {
				return nil, err
			}
			if t.Name.Local == "Command" {
				out = append(out, text)
			}
			if len(out) > maxFields {
				return nil, z.x.fail("has a site with more than %d commands after login", maxFields)
			}
		}
	}
}

// server reads a site and adds its row.
func (z *zilla) server() error {
	r, err := z.record()
	if err != nil {
		return err
	}
	e := newEntry("")
	e.fromZilla(r)
	if e.row.Site.Name == "" && e.row.Outcome == Skipped {
		e.row.Where = fmt.Sprintf("entry %d", len(z.x.s.imp.Rows)+1)
	}
	return z.x.s.add(e.row)
}
