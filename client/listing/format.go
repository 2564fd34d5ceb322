package listing

// The permission bits above rwxrwxrwx.
const (
	bitSetUID = 0o4000
	bitSetGID = 0o2000
	bitSticky = 0o1000
)

// FormatMode returns the permission bits in octal, as chmod takes them: "0644".
// For ModeUnknown it returns "".
func FormatMode(mode uint32) string {
	if mode == ModeUnknown {
		return ""
	}
	var b [4]byte
	for i := range b {
		b[i] = '0' + byte(mode>>(9-3*i)&7)
	}
	return string(b[:])
}

// ModeString returns t and the permission bits as ls shows them: "drwxr-xr-x".
// A type that is not known is "?", and so are the nine letters of ModeUnknown.
func ModeString(t Type, mode uint32) string {
	b := [10]byte{'?', '?', '?', '?', '?', '?', '?', '?', '?', '?'}
	switch t {
	case File:
		b[0] = '-'
	case Dir:
		b[0] = 'd'
	case Link:
		b[0] = 'l'
	}
	if mode == ModeUnknown {
		return string(b[:])
	}
	const letters = "rwxrwxrwx"
	for i := range 9 {
		b[i+1] = '-'
		if mode&(1<<(8-i)) != 0 {
			b[i+1] = letters[i]
		}
	}
	special := func(at int, bit uint32, with, without byte) {
		switch {
		case mode&bit == 0:
		case b[at] == 'x':
			b[at] = with
		default:
			b[at] = without
		}
	}
	special(3, bitSetUID, 's', 'S')
	special(6, bitSetGID, 's', 'S')
	special(9, bitSticky, 't', 'T')
	return string(b[:])
}
