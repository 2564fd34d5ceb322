package state

import (
	"io/fs"
	"strings"
	"time"

	"portside/client/listing"
)

// A Row is one entry of a pane, local or remote.
type Row struct {
	Name    string       // one pathname component, raw bytes: what the engine is given; the identity of the row
	Text    string       // Name as shown: decoded and printable
	Target  string       // of a link, as shown; empty where not said
	Owner   string       // as shown: "owner" or "owner:group"; empty where not said
	Size    int64        // bytes; listing.UnknownSize where not said
	ModTime time.Time    // in the zone in which it is shown; the zero Time where not said
	Mode    uint32       // permission bits 07777; listing.ModeUnknown where not said
	Type    listing.Type // the zero value is Other
	LeadsTo listing.Type // of a Link: what it leads to, Other where that is not known
	DayOnly bool         // ModTime is known to the day only
}

// IsDir reports whether r is a folder, or a link that is known to lead to one.
func (r *Row) IsDir() bool {
	return r.Type == listing.Dir || r.Type == listing.Link && r.LeadsTo == listing.Dir
}

// Hidden reports whether r is hidden by the custom of a leading dot.
func (r *Row) Hidden() bool { return strings.HasPrefix(r.Name, ".") }

// Place is the local time zone of the person who looks, and how raw names read.
type Place struct {
	Zone *time.Location           // nil: UTC
	Text func(raw string) string  // raw bytes to printable text; nil: unchanged
	Link func(raw string) LinkEnd // what a link of the folder leads to; nil: not known
}

// LinkEnd says where a link leads.
type LinkEnd struct {
	Target string
	Type   listing.Type
}

func (p Place) text(raw string) string {
	if p.Text == nil {
		return raw
	}
	return p.Text(raw)
}

func (p Place) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// FromListing makes the row of an entry that a server listed. A time that the
// server gave in UTC is shown in p's zone; one of an ls line has no zone, so it
// is shown as it was sent.
func FromListing(e listing.Entry, p Place) Row {
	r := Row{
		Name: e.Name, Text: p.text(e.Name), Owner: ownerText(p.text(e.Owner), p.text(e.Group)),
		Size: e.Size, ModTime: e.ModTime, Mode: e.Mode, Type: e.Type,
	}
	if e.Target != "" {
		r.Target = p.text(e.Target)
	}
	switch {
	case e.ModTime.IsZero():
	case e.Precise:
		r.ModTime = e.ModTime.In(p.zone())
	default:
		h, m, s := e.ModTime.Clock()
		r.DayOnly = h == 0 && m == 0 && s == 0 // ls leaves the clock out of old dates
	}
	if e.Type == listing.Link && p.Link != nil {
		r.follow(p.Link(e.Name), p)
	}
	return r
}

// FromFile makes the row of a local file. owner is empty where the system does
// not say.
func FromFile(name string, info fs.FileInfo, owner string, p Place) Row {
	r := Row{
		Name: name, Text: p.text(name), Owner: owner,
		Size: info.Size(), ModTime: info.ModTime().In(p.zone()), Mode: unixMode(info.Mode()),
	}
	switch m := info.Mode(); {
	case m.IsDir():
		r.Type, r.Size = listing.Dir, listing.UnknownSize
	case m&fs.ModeSymlink != 0:
		r.Type, r.Size = listing.Link, listing.UnknownSize
		if p.Link != nil {
			r.follow(p.Link(name), p)
		}
	case m.IsRegular():
		r.Type = listing.File
	default:
		r.Type, r.Size = listing.Other, listing.UnknownSize
	}
	return r
}

func (r *Row) follow(end LinkEnd, p Place) {
	r.LeadsTo = end.Type
	if end.Target != "" {
		r.Target = p.text(end.Target)
	}
}

func ownerText(owner, group string) string {
	if group == "" || group == owner {
		return owner
	}
	return owner + ":" + group
}

// unixMode puts the bits of m where a Unix has them.
func unixMode(m fs.FileMode) uint32 {
	mode := uint32(m.Perm())
	if m&fs.ModeSetuid != 0 {
		mode |= 0o4000
	}
	if m&fs.ModeSetgid != 0 {
		mode |= 0o2000
	}
	if m&fs.ModeSticky != 0 {
		mode |= 0o1000
	}
	return mode
}
