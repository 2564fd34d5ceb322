package listing

import "time"

// A Type says what an Entry is. The zero value is Other, so that an entry whose
// type was not understood is never taken for a plain file.
type Type uint8

// The types of an entry.
const (
	Other Type = iota // device, socket, door, pipe, or not known
	File
	Dir
	Link
)

// String returns "file", "dir", "link" or "other".
func (t Type) String() string {
	switch t {
	case File:
		return "file"
	case Dir:
		return "dir"
	case Link:
		return "link"
	default:
		return "other"
	}
}

// UnknownSize is the Size of an entry whose size the server did not say.
const UnknownSize int64 = -1

// ModeUnknown is the Mode of an entry whose permissions the server did not say.
const ModeUnknown uint32 = 1 << 31

// An Entry is one line of a directory listing.
//
// Name and Target hold the bytes that the server sent, in the server's
// character set; nothing has been decoded, so that the same bytes can be sent
// back. Names are not checked here: whoever uses one to make a local path must.
type Entry struct {
	Name    string    // one pathname component, raw bytes
	Target  string    // of a Link, raw bytes; empty where not said
	Owner   string    // as sent; a name or a number
	Group   string    // as sent
	Size    int64     // bytes; UnknownSize where not said
	ModTime time.Time // UTC; the zero Time where not said
	Mode    uint32    // permission bits 07777; ModeUnknown where not said
	Type    Type
	Precise bool   // ModTime is UTC and to the second (MLSD, EPLF), not local time to the minute or day
	Raw     string // the line as sent, without its line end
}
