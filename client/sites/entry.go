package sites

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"portside/client"
)

// A layout is what a struct looks like in the file.
type layout struct {
	names []string       // of its fields, in order
	index map[string]int // of the fields, by name
}

// layoutOf returns the layout of a struct.
func layoutOf(t reflect.Type) layout {
	l := layout{index: make(map[string]int, t.NumField())}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		l.index[name] = i
		l.names = append(l.names, name)
	}
	return l
}

// layout returns the layout of the struct v; each is made once for a file.
func (src *source) layout(v reflect.Value) layout {
	l, ok := src.layouts[v.Type()]
	if !ok {
		l = layoutOf(v.Type())
		if src.layouts == nil {
			src.layouts = map[reflect.Type]layout{}
		}
		src.layouts[v.Type()] = l
	}
	return l
}

// site reads one site. Where it is wrong, that is noted, and it is nil. at tells the
// offset of a field, for problems that show later.
func (src *source) site(m member) (one *entry, at func(field string) int) {
	list, err := members(m.value, m.from)
	if err != nil {
		src.add(src.fault(m.from, "", "", "%v", errNoObject))
		return nil, nil
	}
	e := &entry{extra: extras{}, proxy: extras{}, bookmarks: map[string]extras{}}
	places := map[string]int{}
	at = func(field string) int {
		if place, ok := places[field]; ok {
			return place
		}
		if outer, _, inner := strings.Cut(field, "."); inner {
			if place, ok := places[outer]; ok {
				return place
			}
		}
		return m.from
	}
	r := reader{src: src, site: siteName(list), places: places}
	r.object("", list, &e.Site, e.extra, func(name string, value member) bool {
		switch name {
		case "proxy":
			r.nested(value, "proxy.", &e.Proxy, e.proxy)
			return true
		case "bookmarks":
			r.bookmarks(e, value)
			return true
		}
		return false
	})
	if r.bad {
		return nil, at
	}
	e.Site = e.normal()
	for _, p := range e.Check() {
		src.add(src.fault(at(p.Field), r.site, p.Field, "%s", p.What))
		r.bad = true
	}
	if r.bad {
		return nil, at
	}
	return e, at
}

// siteName is the Path of a site, as far as it can be read.
func siteName(list []member) string {
	var s Site
	for _, m := range list {
		switch m.name {
		case "name":
			_ = json.Unmarshal(m.value, &s.Name) // told where the field is read
		case "folder":
			_ = json.Unmarshal(m.value, &s.Folder)
		}
	}
	return s.Path()
}

// normal returns s as it is saved: without blanks around what has none.
func (s Site) normal() Site {
	s.Name, s.Host = strings.TrimSpace(s.Name), strings.TrimSpace(s.Host)
	s.ID = strings.ToLower(s.ID)
	s.Folder = trimmed(s.Folder)
	if len(s.Folder) == 0 {
		s.Folder = nil
	}
	s.Proxy.Addr = strings.TrimSpace(s.Proxy.Addr)
	s.Used = s.Used.UTC()
	return s
}

// A reader reads the fields of one site.
type reader struct {
	src    *source
	site   string
	places map[string]int // offsets of fields
	bad    bool
}

func (r *reader) fault(m member, field, format string, args ...any) {
	r.src.add(r.src.fault(m.at, r.site, field, format, args...))
	r.bad = true
}

// object reads members into the struct that target points to; prefix stands before
// their names in what is told. special may read a member by itself.
func (r *reader) object(prefix string, list []member, target any, into extras, special func(string, member) bool) {
	value := reflect.ValueOf(target).Elem()
	form := r.src.layout(value)
	seen := make(map[string]bool, len(list))
	for _, m := range list {
		field := prefix + m.name
		if seen[m.name] {
			r.fault(m, field, "this stands here twice; remove one of them")
			continue
		}
		seen[m.name] = true
		at, known := form.index[m.name]
		if !known {
			r.src.unknown(into, r.site, m, form.names)
			continue
		}
		if prefix == "" || r.places[field] == 0 {
			r.places[field] = m.at
		}
		if special != nil && special(m.name, m) {
			continue
		}
		ptr := value.Field(at).Addr().Interface()
		if err := unmarshal(m.value, ptr); err != nil {
			r.fault(m, field, "%s", valueProblem(ptr, err, m.value))
		}
	}
}

// nested reads an object within the site.
func (r *reader) nested(m member, prefix string, target any, into extras) {
	if isNull(m.value) {
		return
	}
	list, err := members(m.value, m.from)
	if err != nil {
		r.fault(m, m.name, "%v", err)
		return
	}
	r.object(prefix, list, target, into, nil)
}

func (r *reader) bookmarks(e *entry, m member) {
	if isNull(m.value) {
		return
	}
	list, err := elements(m.value, m.from)
	if err != nil {
		r.fault(m, m.name, "%v", err)
		return
	}
	for _, one := range list {
		one.name = m.name
		b, more := Bookmark{}, extras{}
		r.nested(one, "bookmarks.", &b, more)
		e.Bookmarks = append(e.Bookmarks, b)
		if len(more) > 0 {
			e.bookmarks[fold(b.Name)] = more
		}
	}
}

// valueProblem says why a value does not fit the field that ptr points to.
func valueProblem(ptr any, err error, raw json.RawMessage) string {
	_, wrongType := errors.AsType[*json.UnmarshalTypeError](err)
	switch ptr.(type) {
	case *client.Security, *client.ConnMode, *client.ProxyKind, *client.ProxyForm:
		if wrongType || len(raw) > 60 {
			return "this must be one of the words that are possible here, between double quotes"
		}
		return err.Error()
	case *uint16:
		return "a port is a number from 1 to 65535, without quotes; leave it out for the usual one"
	}
	switch reflect.TypeOf(ptr).Elem().Kind() {
	case reflect.String:
		return "this must be text between double quotes"
	case reflect.Bool:
		return "this must be true or false, without quotes"
	case reflect.Int, reflect.Int64:
		return "this must be a whole number, without quotes"
	case reflect.Slice:
		return "this must be a list of texts: [\"…\", \"…\"]"
	case reflect.Struct:
		return "this must be a time such as \"2026-11-23T14:57:00Z\""
	}
	return "this value does not fit"
}

// shown bounds a name that is told and makes it harmless.
func shown(name string) string {
	const most = 60
	if r := []rune(name); len(r) > most {
		name = string(r[:most]) + "…"
	}
	return client.Printable(name)
}

// secretName reports whether a member of that name holds a password.
func secretName(name string) bool {
	plain := strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(strings.ToLower(name))
	if slices.Contains([]string{"pass", "pwd", "pw", "passwd", "psw", "token", "apikey", "credentials", "credential"}, plain) {
		return true
	}
	return strings.Contains(plain, "password") || strings.Contains(plain, "passphrase") || strings.Contains(plain, "secret") ||
		strings.HasSuffix(plain, "passwd")
}

// holdsSecret reports whether a password is somewhere within a value.
func holdsSecret(raw json.RawMessage) bool {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return true
	}
	return secretWithin(value)
}

func secretWithin(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if secretName(name) || secretWithin(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, secretWithin)
	}
	return false
}

// nearest returns the known name that was probably meant, or "".
func nearest(name string, known []string) string {
	plain := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
	best, least := "", 3
	for _, k := range known {
		d := distance(plain, strings.ReplaceAll(k, "_", ""))
		if d < least && d < len(k)/2+1 {
			best, least = k, d
		}
	}
	return best
}

// distance is how many characters must be put in, left out or changed (Levenshtein).
func distance(a, b string) int {
	if len(a) > 40 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
