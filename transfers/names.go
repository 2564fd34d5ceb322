package transfers

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"portside/client"
)

// The names of partial files, ".NAME.portside-part", and of files that turned
// out to be wrong, "NAME.portside-wrong".
const (
	partPrefix  = "."
	partSuffix  = ".portside-part"
	wrongSuffix = ".portside-wrong"
)

// LocalName returns the local name for a name that a server sent, raw bytes.
//
// Where names are bytes (Unix) and the session's character set is UTF-8, it is
// the same bytes, whether they are UTF-8 or not; so they are where the name
// does not survive the session's character set. Else it is the decoded text.
// What this computer does not take is mapped: "a:b" is "a%3Ab" on Windows. The
// error is client.ErrBadName for what is no single safe pathname component, or
// a *LocalError for what cannot be mapped. See LocalNames for a whole folder.
func LocalName(r Namer, raw string) (string, error) {
	name, _, err := localName(runtime.GOOS, r, raw)
	return name, err
}

// localName is LocalName for a system. mapped says that the name is another one.
func localName(goos string, r Namer, raw string) (name string, mapped bool, err error) {
	if err = client.CleanName(raw); err != nil {
		return "", false, fmt.Errorf("%s: %w", show(r, raw), err)
	}
	name = decodedName(goos, r, raw)
	if err = checkName(goos, name); err != nil {
		return "", false, &LocalError{Kind: LocalBadName, Op: "create", Path: show(r, raw), Err: err}
	}
	is := mappedName(goos, name)
	if err = checkLocalName(goos, is); err != nil {
		return "", false, &LocalError{Kind: LocalBadName, Op: "create", Path: show(r, raw), Err: err}
	}
	return is, is != name, nil
}

// ownName is LocalName without mapping: what would be mapped is a *LocalError.
func ownName(r Namer, raw string) (string, error) {
	name, mapped, err := localName(runtime.GOOS, r, raw)
	if err != nil || !mapped {
		return name, err
	}
	err = errReserved
	if cerr := checkLocalName(runtime.GOOS, decodedName(runtime.GOOS, r, raw)); cerr != nil {
		err = cerr
	}
	return "", &LocalError{Kind: LocalBadName, Op: "create", Path: show(r, raw), Err: err}
}

// decodedName returns a name as the system writes it: bytes or text.
func decodedName(goos string, r Namer, raw string) string {
	if bytewise(goos) && isUTF8Session(r) {
		return raw
	}
	text := r.Text(raw)
	back, err := r.Encode(text)
	if !bytewise(goos) || (err == nil && back == raw) {
		return text
	}
	return raw
}

// RemoteName returns the raw bytes for a local name, the inverse of LocalName.
func RemoteName(r Namer, local string) (string, error) {
	return remoteName(runtime.GOOS, r, local)
}

func remoteName(goos string, r Namer, local string) (string, error) {
	raw := local
	switch {
	case bytewise(goos) && (isUTF8Session(r) || !utf8.ValidString(local)):
	default:
		var err error
		if raw, err = r.Encode(local); err != nil {
			return "", fmt.Errorf("%s: %w", client.Printable(local), err)
		}
	}
	if err := client.CleanName(raw); err != nil {
		return "", fmt.Errorf("%s: %w", client.Printable(local), err)
	}
	return raw, nil
}

// bytewise reports whether the system's names are bytes and not Unicode text.
func bytewise(goos string) bool { return goos != "windows" && goos != "darwin" && goos != "ios" }

// isUTF8Session reports whether no other character set was chosen.
func isUTF8Session(r Namer) bool {
	i, ok := r.(informed)
	if !ok {
		return true
	}
	switch strings.ToLower(i.Info().Charset) {
	case "", "utf-8", "utf8":
		return true
	default:
		return false
	}
}

// show returns a remote path for people.
func show(r Namer, raw string) string { return client.Printable(r.Text(raw)) }

// checkLocalName refuses what cannot be one pathname component on the system.
func checkLocalName(goos, name string) error {
	if err := checkName(goos, name); err != nil || goos != "windows" {
		return err
	}
	return checkWindowsName(name)
}

// checkName refuses what cannot be one, nor be mapped to one.
func checkName(goos, name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q is no file name", name)
	case strings.ContainsAny(name, "/\x00"):
		return fmt.Errorf("%q cannot be part of a file name", firstOf(name, "/\x00"))
	case !bytewise(goos) && !utf8.ValidString(name):
		return fmt.Errorf("%q is not Unicode", name)
	}
	return nil
}

// windowsForbidden are the characters that Windows has in no name.
const windowsForbidden = `\:<>"|?*`

// checkWindowsName refuses what Windows reads as something else: separators,
// drives, streams, devices, and the dots and blanks that it cuts off.
func checkWindowsName(name string) error {
	if c := firstOf(name, windowsForbidden); c != "" {
		return fmt.Errorf("windows has no file names with %s", c)
	}
	for _, c := range name {
		if c < ' ' {
			return fmt.Errorf("windows has no file names with the control character %U", c)
		}
	}
	if last := name[len(name)-1]; last == '.' || last == ' ' {
		return fmt.Errorf("windows has no file names that end in %q", string(last))
	}
	if device := deviceName(name); device != "" {
		return fmt.Errorf("%s is a device on Windows", device)
	}
	return nil
}

// deviceName returns the device that Windows takes a name for, or "".
func deviceName(name string) string {
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return base
	}
	for _, kind := range []string{"COM", "LPT"} {
		if port, found := strings.CutPrefix(base, kind); found && isPortDigit(port) {
			return base
		}
	}
	return ""
}

// isPortDigit reports what Windows takes for the number of a port, superscript
// digits included.
func isPortDigit(s string) bool {
	return utf8.RuneCountInString(s) == 1 && strings.Contains("0123456789¹²³", s)
}

func firstOf(s, chars string) string {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[i : i+1]
	}
	return ""
}

// isPartName reports whether name is one that partName or wrongName makes.
func isPartName(name string) bool {
	if isSegmentName(name) || strings.HasSuffix(name, wrongSuffix) && len(name) > len(wrongSuffix) {
		return true
	}
	return strings.HasPrefix(name, partPrefix) && strings.HasSuffix(name, partSuffix) &&
		len(name) > len(partPrefix)+len(partSuffix)
}

// foldName returns what is equal for names that a file system without case, or
// with normalised Unicode, may take for one.
func foldName(name string) string { return cases.Fold().String(norm.NFC.String(name)) }

// numbered returns "name (n).ext" of name; ".tar" belongs to the extension and
// a leading dot to the name.
func numbered(name string, n int) string {
	stem, ext := splitExt(name)
	return stem + " (" + strconv.Itoa(n) + ")" + ext
}
