package exchange

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxTag      = 64 << 10  // bytes of one tag with its attributes
	maxElements = 2_000_000 // of a document
)

// elements reads an XML document element by element, within bounds, and without
// document type declarations and with them entities.
type elements struct {
	s       *source
	dec     *xml.Decoder
	depth   int
	count   int
	doctype string // the start of the one document type that is let through; "" none
}

func (s *source) xml() (*elements, error) {
	text, err := s.text()
	if err != nil {
		return nil, err
	}
	if err = s.longTags(text); err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(strings.NewReader(text))
	dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(label, "utf-16") || strings.EqualFold(label, "us-ascii") {
			return in, nil // has become UTF-8, or is a part of it
		}
		return nil, &Error{Path: s.path, What: fmt.Sprintf("says that it is written in %q; only UTF-8 and UTF-16 are read", cut(label))}
	}
	return &elements{s: s, dec: dec}, nil
}

// longTags refuses a tag whose attributes would fill the memory.
func (s *source) longTags(text string) error {
	for i := 0; i < len(text); {
		open := strings.IndexByte(text[i:], '<')
		if open < 0 {
			return nil
		}
		i += open
		rest := text[i:]
		end := 0
		switch {
		case strings.HasPrefix(rest, "<!--"):
			end = strings.Index(rest, "-->")
		case strings.HasPrefix(rest, "<![CDATA["):
			end = strings.Index(rest, "]]>")
		default:
			if end = strings.IndexByte(rest, '>'); end > maxTag || end < 0 && len(rest) > maxTag {
				return s.fail(strings.Count(text[:i], "\n")+1, "has a tag longer than %d KiB", maxTag>>10)
			}
		}
		if end < 0 {
			return nil // cut off, as the decoder will say
		}
		i += end + 1
	}
	return nil
}

// next returns the next start or end of an element, or text; nil at the end of the
// document.
func (x *elements) next() (xml.Token, error) {
	for {
		tok, err := x.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, x.explain(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			x.depth++
			x.count++
			switch {
			case x.depth > MaxDepth+4: // the root and what a site is in and has
				return nil, x.fail("has elements more than %d deep", MaxDepth)
			case x.count > maxElements:
				return nil, x.fail("has more than %d elements", maxElements)
			case x.count%1024 == 0 && x.s.ctx.Err() != nil:
				return nil, x.s.ctx.Err()
			}
		case xml.EndElement:
			x.depth--
		case xml.CharData:
		case xml.Directive:
			if d := string(t); x.doctype == "" || !strings.HasPrefix(d, x.doctype) || strings.ContainsAny(d, "[<") {
				return nil, x.fail("has a document type declaration (DOCTYPE), which may hold entities; such files are not read")
			}
			continue
		default:
			continue
		}
		return tok, nil
	}
}

func (x *elements) fail(format string, args ...any) error {
	line, _ := x.dec.InputPos()
	return x.s.fail(line, format, args...)
}

// explain puts an error of the decoder in words.
func (x *elements) explain(err error) error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	se, ok := errors.AsType[*xml.SyntaxError](err)
	switch {
	case ok && strings.Contains(se.Msg, "unexpected EOF"):
		return x.s.fail(se.Line, "is cut off: it ends in the middle of the document")
	case ok && strings.Contains(se.Msg, "invalid character entity"):
		return x.s.fail(se.Line, "uses an entity that XML does not have; such files are not read")
	case ok:
		return x.s.fail(se.Line, "is no well-formed XML: %s", cut(se.Msg))
	}
	return x.fail("is no well-formed XML: %s", cut(err.Error()))
}

// skip reads up to the end of the element that has just begun.
func (x *elements) skip() error {
	for depth := 1; depth > 0; {
		tok, err := x.next()
		if err != nil {
			return err
		}
		switch tok.(type) {
		case nil:
			return x.fail("is cut off: it ends in the middle of the document")
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// text reads up to the end of the element that has just begun, and returns its own
// text.
func (x *elements) text() (string, error) {
	var b strings.Builder
	for {
		tok, err := x.next()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case nil:
			return "", x.fail("is cut off: it ends in the middle of the document")
		case xml.StartElement:
			if err = x.skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return b.String(), nil
		case xml.CharData:
			b.Write(t)
		}
	}
}

// attr is an attribute of an element, "" where it has none of that name.
func attr(el xml.StartElement, name string) string {
	for _, a := range el.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
