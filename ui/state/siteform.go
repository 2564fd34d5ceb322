package state

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// A SiteForm is what somebody types about a site: a draft beside what the book
// has. What makes no sense yet is kept as it was typed, and says what is wrong.
type SiteForm struct {
	fields map[string]SiteField
	base   sites.Site        // when the form was opened
	saved  sites.Site        // in the book
	draft  sites.Site        // saved, with all changes that could be read
	texts  map[string]string // what was typed where it could not be read
	wrong  map[string]string // why not, and what the book objects to
	asked  sites.Site        // on its way into the book
	inBook bool
	strict bool // also what is merely missing is said
}

// NewSiteForm returns a form of s, which is in the book or will be.
func NewSiteForm(s sites.Site, inBook bool) *SiteForm {
	f := &SiteForm{fields: map[string]SiteField{}, texts: map[string]string{}, wrong: map[string]string{}, inBook: inBook}
	for _, field := range SiteFields() {
		f.fields[field.Key] = field
	}
	f.base, f.saved, f.draft = cloneSite(s), cloneSite(s), cloneSite(s)
	return f
}

// cloneSite copies s with all that it holds; what is empty becomes nil, so that
// copies can be compared.
func cloneSite(s sites.Site) sites.Site {
	s.Folder = append([]string(nil), s.Folder...)
	s.AfterLogin = append([]string(nil), s.AfterLogin...)
	s.Bookmarks = append([]sites.Bookmark(nil), s.Bookmarks...)
	return s
}

// sameSite compares all but when a site was used.
func sameSite(a, b sites.Site) bool {
	a.Used = b.Used
	return reflect.DeepEqual(cloneSite(a), cloneSite(b))
}

// ID is the site's.
func (f *SiteForm) ID() string { return f.draft.ID }

// Opened is the site as it was when the form was opened.
func (f *SiteForm) Opened() sites.Site { return cloneSite(f.base) }

// Draft is the site with all changes that could be read.
func (f *SiteForm) Draft() sites.Site { return cloneSite(f.draft) }

// InBook reports whether the site was ever saved.
func (f *SiteForm) InBook() bool { return f.inBook }

// Text is what a field shows.
func (f *SiteForm) Text(key string) string {
	if text, raw := f.texts[key]; raw {
		return text
	}
	return f.fields[key].get(&f.draft)
}

// Hint explains a field in a line, as it is filled in now.
func (f *SiteForm) Hint(key string) string {
	if hint := f.fields[key].hint; hint != nil {
		return hint(&f.draft)
	}
	return ""
}

// Shown reports whether a field has a meaning, as the others are filled in now.
// One in which something is wrong is shown in any case.
func (f *SiteForm) Shown(key string) bool {
	shown := f.fields[key].shown
	return shown == nil || shown(&f.draft) || f.wrong[key] != ""
}

// Set takes in what was typed into a field.
func (f *SiteForm) Set(key, text string) {
	field := f.fields[key]
	delete(f.wrong, key)
	delete(f.texts, key)
	if err := field.set(&f.draft, text); err != nil {
		f.texts[key], f.wrong[key] = text, err.Error()
	}
}

// SetBookmarks replaces the bookmarks.
func (f *SiteForm) SetBookmarks(b []sites.Bookmark) { f.draft.Bookmarks = slices.Clone(b) }

// SetFolder says into which folder the site was moved.
func (f *SiteForm) SetFolder(path []string) {
	f.draft.Folder, f.saved.Folder, f.base.Folder = slices.Clone(path), slices.Clone(path), slices.Clone(path)
}

// Settle spreads a whole address that was typed as the host over the fields that
// it speaks of. It returns the password in it, if there is one.
func (f *SiteForm) Settle() (password string, changed bool) {
	host := f.draft.Host
	if !looksLikeURL(host) {
		return "", false
	}
	u, err := client.ParseURL(host)
	if err != nil || u.Host == "" {
		return "", false
	}
	from := sites.FromURL(u, f.draft.Security)
	f.draft.Host, f.draft.Port = from.Host, from.Port
	delete(f.texts, "port")
	delete(f.wrong, "port")
	if u.Security != client.SecurityAuto {
		f.draft.Security = u.Security
	}
	if from.User != "" {
		f.draft.User = from.User
		if f.draft.Logon == sites.LogonAnonymous {
			f.draft.Logon = sites.LogonDefault
		}
	}
	if from.RemoteDir != "" {
		f.draft.RemoteDir = from.RemoteDir
	}
	return u.Password, true
}

func looksLikeURL(host string) bool {
	for i := range len(host) {
		switch host[i] {
		case '/', '@':
			return true
		}
	}
	return false
}

// Problems are what has to be mended, by field.
func (f *SiteForm) Problems() map[string]string {
	out := maps.Clone(f.wrong)
	for _, e := range f.draft.Check() {
		key := f.fieldOf(e.Field)
		if out[key] == "" {
			out[key] = e.What
		}
	}
	return out
}

// fieldOf finds the field of the form that a name in a FieldError means.
func (f *SiteForm) fieldOf(name string) string {
	if _, ok := f.fields[name]; ok {
		return name
	}
	for i, r := range name {
		if r == '[' || r == '.' {
			if _, ok := f.fields[name[:i]]; ok {
				return name[:i]
			}
			if name[:i] == "proxy" {
				return "proxy.kind"
			}
		}
	}
	if name == "proxy" {
		return "proxy.kind"
	}
	return "name"
}

// Complains reports whether it is time to say what is wrong with a field: that the
// host of a new site is missing goes without saying.
func (f *SiteForm) Complains(key string) bool {
	return f.strict || f.inBook || key != "host" || f.draft.Host != ""
}

// Complain makes the form say all that is wrong.
func (f *SiteForm) Complain() { f.strict = true }

// ProblemIn reports whether a section has something to mend.
func (f *SiteForm) ProblemIn(section SiteSection) bool {
	for key := range f.Problems() {
		if f.fields[key].Section == section && f.Complains(key) {
			return true
		}
	}
	return false
}

// Object notes what the book has against a field.
func (f *SiteForm) Object(key, what string) { f.wrong[f.fieldOf(key)] = what }

// Untouched reports whether nothing was typed into the form of a site that is
// not in the book.
func (f *SiteForm) Untouched() bool {
	return !f.inBook && sameSite(f.draft, f.base) && len(f.texts) == 0
}

// Unsaved reports whether something was typed that the book does not have.
func (f *SiteForm) Unsaved() bool {
	return !f.inBook || len(f.texts) > 0 || !sameSite(f.draft, f.saved)
}

// Changed reports whether something is other than when the form was opened.
func (f *SiteForm) Changed() bool { return len(f.texts) > 0 || !sameSite(f.draft, f.base) }

// Save returns what can be put into the book: the draft, where what is wrong
// stays as it is in the book. It reports false where there is nothing to put, or
// nothing that the book takes.
func (f *SiteForm) Save() (sites.Site, bool) {
	s := cloneSite(f.draft)
	for key := range f.Problems() {
		field := f.fields[key]
		if field.set == nil {
			if key == "bookmarks" {
				s.Bookmarks = slices.Clone(f.saved.Bookmarks)
			}
			continue
		}
		if err := field.set(&s, field.get(&f.saved)); err != nil {
			return sites.Site{}, false
		}
	}
	if len(s.Check()) > 0 || sameSite(s, f.asked) || f.inBook && f.asked.ID == "" && sameSite(s, f.saved) {
		return sites.Site{}, false
	}
	return s, true
}

// Saved notes that the book holds got where it was asked for another. What the book has
// changed in it, and nobody has typed since, the form takes over.
func (f *SiteForm) Saved(asked, got sites.Site) {
	if !f.inBook {
		f.base = cloneSite(got)
	}
	f.inBook = true
	f.saved = cloneSite(got)
	if sameSite(f.asked, asked) {
		f.asked = sites.Site{}
	}
	f.draft = MergeSite(asked, f.draft, got)
}

// Base is what a site that is saved now was made from: what is other in the book by then,
// somebody else has changed.
func (f *SiteForm) Base() sites.Site {
	if f.asked.ID != "" {
		return cloneSite(f.asked) // on its way
	}
	return cloneSite(f.saved)
}

// Reload takes over what the book has, where somebody else has changed it: all
// of it where nothing is unsaved, else what was not changed here. It reports whether
// the form is to be shown anew.
func (f *SiteForm) Reload(s sites.Site) bool {
	if !f.inBook {
		return false
	}
	unsaved := f.Unsaved()
	other := !sameSite(f.saved, s)
	before := f.saved
	f.saved = cloneSite(s)
	f.draft.Used = s.Used
	if !other {
		return false
	}
	if unsaved {
		f.base, f.draft = MergeSite(before, f.base, s), MergeSite(before, f.draft, s)
		return false
	}
	f.base, f.draft = cloneSite(s), cloneSite(s)
	f.wrong = map[string]string{}
	return true
}

// Revert goes back to how things were when the form was opened.
func (f *SiteForm) Revert() {
	used := f.draft.Used
	f.draft = cloneSite(f.base)
	f.draft.Used = used
	clear(f.texts)
	clear(f.wrong)
}

// SortForms puts forms in the order of their names.
func SortForms(forms []*SiteForm) {
	slices.SortFunc(forms, func(a, b *SiteForm) int {
		if c := strings.Compare(strings.ToLower(a.draft.Name), strings.ToLower(b.draft.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.draft.ID, b.draft.ID)
	})
}

// Asked notes what the book has been asked to hold, until Saved; the zero Site
// where it refused.
func (f *SiteForm) Asked(s sites.Site) { f.asked = cloneSite(s) }

// Named is the path by which the book knows the site; "" where it does not.
func (f *SiteForm) Named() string {
	if !f.inBook {
		return ""
	}
	return f.saved.Path()
}

// Gone notes that the site is not in the book any more: it is a new one.
func (f *SiteForm) Gone() { f.inBook = false }

// Restore makes s the draft, as after Revert.
func (f *SiteForm) Restore(s sites.Site) {
	f.draft = cloneSite(s)
	clear(f.texts)
	clear(f.wrong)
}

// Dropped are the secrets that the site had a use for when the form was opened,
// and has none for any more.
func (f *SiteForm) Dropped() []secrets.Kind {
	if !f.inBook {
		return nil
	}
	return DroppedSecrets(f.base, f.saved)
}

// DroppedSecrets are the secrets for which a site has no use any more.
func DroppedSecrets(before, now sites.Site) []secrets.Kind {
	var out []secrets.Kind
	for _, field := range SiteFields() {
		if field.Kind == SiteSecret && field.shown(&before) && !field.shown(&now) {
			out = append(out, field.Secret)
		}
	}
	return out
}
