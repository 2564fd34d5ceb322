package exchange

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"strconv"
	"strings"
	"unicode/utf16"
)

// maxPlist bounds a property list. A bookmark has about two thousand bytes.
const maxPlist = 1 << 20

// plist reads the outermost dictionary of a property list, XML or binary: its texts,
// numbers and truth values, as text. Values that hold others are left out, without
// following them, so that a list that refers to itself does no harm.
func (s *source) plist() (map[string]string, error) {
	if len(s.data) > maxPlist {
		return nil, s.fail(0, "is larger than %d KiB, which no bookmark of Cyberduck is", maxPlist>>10)
	}
	if bytes.HasPrefix(s.data, []byte("bplist")) {
		return s.binaryPlist()
	}
	return s.xmlPlist()
}

func (s *source) xmlPlist() (map[string]string, error) {
	x, err := s.xml()
	if err != nil {
		return nil, err
	}
	x.doctype = "DOCTYPE plist PUBLIC "
	root, err := x.root()
	if err != nil {
		return nil, err
	}
	if root != "plist" {
		return nil, s.fail(0, "is no property list: its outermost element is %q", cut(root))
	}
	if root, err = x.root(); err != nil {
		return nil, err
	}
	if root != "dict" {
		return nil, s.fail(0, "is no bookmark of Cyberduck: it holds %q where a dictionary was expected", cut(root))
	}
	out, key := map[string]string{}, ""
	for {
		tok, err := x.next()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case nil:
			return nil, x.fail("is cut off: it ends in the middle of the document")
		case xml.EndElement:
			return out, x.rest()
		case xml.StartElement:
			text, err := x.text()
			if err != nil {
				return nil, err
			}
			switch t.Name.Local {
			case "key":
				key = text
				continue
			case "true", "false":
				text = t.Name.Local
			case "dict", "array":
				text = "" // the text between its elements
			}
			if key != "" {
				out[key] = text
			}
			key = ""
		}
	}
}

// rest reads up to the end of the document, so that what is wrong there is said.
func (x *elements) rest() error {
	for {
		tok, err := x.next()
		if tok == nil || err != nil {
			return err
		}
	}
}

// bplist is a binary property list: objects one behind the other, a table of where
// each begins, and 32 bytes that describe the table.
type bplist struct {
	s       *source
	d       []byte // the file without its last 32 bytes
	table   int    // where the table of offsets begins
	offSize int    // bytes of an offset in it
	refSize int    // bytes of a reference to an object
	objects int
}

func (s *source) binaryPlist() (map[string]string, error) {
	const trailer = 32
	if len(s.data) < 8+trailer || !bytes.HasPrefix(s.data, []byte("bplist00")) {
		return nil, s.fail(0, "is no binary property list, or is cut off")
	}
	end := s.data[len(s.data)-trailer:]
	p := &bplist{s: s, d: s.data[:len(s.data)-trailer], offSize: int(end[6]), refSize: int(end[7])}
	objects, top, table := binary.BigEndian.Uint64(end[8:]), binary.BigEndian.Uint64(end[16:]), binary.BigEndian.Uint64(end[24:])
	room := uint64(len(p.d))
	switch {
	case p.offSize < 1 || p.offSize > 8 || p.refSize < 1 || p.refSize > 8,
		table < 8 || table > room, objects == 0 || objects > room, top >= objects,
		objects*uint64(p.offSize) > room-table:
		return nil, s.fail(0, "is a binary property list whose table of contents is wrong, or is cut off")
	}
	p.table, p.objects = int(table), int(objects)
	at, ok := p.object(top)
	if !ok || p.d[at]>>4 != 0xd {
		return nil, s.fail(0, "is no bookmark of Cyberduck: it holds no dictionary")
	}
	n, at, ok := p.count(at)
	if !ok || n > p.objects || at+2*n*p.refSize > p.table {
		return nil, s.fail(0, "is a binary property list whose dictionary is longer than the file")
	}
	out := make(map[string]string, min(n, 64))
	for i := range n {
		key, okKey := p.scalar(p.ref(at + i*p.refSize))
		value, okValue := p.scalar(p.ref(at + (n+i)*p.refSize))
		if !okKey || !okValue {
			return nil, s.fail(0, "is a binary property list with a reference that leads nowhere")
		}
		out[key] = value
	}
	return out, nil
}

// number reads size bytes, the most significant first.
func (p *bplist) number(at, size int) (n uint64) {
	for _, b := range p.d[at : at+size] {
		n = n<<8 | uint64(b)
	}
	return n
}

func (p *bplist) ref(at int) uint64 { return p.number(at, p.refSize) }

// object is where the object of that number begins.
func (p *bplist) object(n uint64) (int, bool) {
	if n >= uint64(p.objects) {
		return 0, false
	}
	at := p.number(p.table+int(n)*p.offSize, p.offSize)
	return int(at), at >= 8 && at < uint64(p.table)
}

// count reads how many elements or characters the object at a place has, and where
// they begin.
func (p *bplist) count(at int) (n, start int, ok bool) {
	n = int(p.d[at] & 0xf)
	at++
	if n != 0xf {
		return n, at, true
	}
	if at >= p.table || p.d[at]>>4 != 1 || p.d[at]&0xf > 2 {
		return 0, 0, false
	}
	size := 1 << (p.d[at] & 0xf)
	if at+1+size > p.table {
		return 0, 0, false
	}
	length := p.number(at+1, size)
	return int(length), at + 1 + size, length <= uint64(p.table) // so that it is an int everywhere
}

// scalar reads the object of that number as text; one that holds others is "".
func (p *bplist) scalar(n uint64) (string, bool) {
	at, ok := p.object(n)
	if !ok {
		return "", false
	}
	switch tag := p.d[at]; tag >> 4 {
	case 0:
		return map[byte]string{8: "false", 9: "true"}[tag], true
	case 1:
		size := 1 << (tag & 0xf)
		if size > 8 || at+1+size > p.table {
			return "", false
		}
		return strconv.FormatInt(int64(p.number(at+1, size)), 10), true
	case 5:
		length, start, ok := p.count(at)
		if !ok || start+length > p.table {
			return "", false
		}
		return string(p.d[start : start+length]), true
	case 6:
		length, start, ok := p.count(at)
		if !ok || start+2*length > p.table {
			return "", false
		}
		units := make([]uint16, length)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(p.d[start+2*i:])
		}
		return string(utf16.Decode(units)), true
	}
	return "", true
}

// sniffPlist reports whether a file begins like a property list.
func sniffPlist(head []byte) bool {
	return bytes.HasPrefix(head, []byte("bplist")) ||
		strings.HasPrefix(strings.TrimSpace(string(head)), "<") && contains("<plist", "<!DOCTYPE plist")(head)
}
