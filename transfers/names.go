package transfers

import (
	"fmt"
	"path"
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
// The error is client.ErrBadName for what is no single safe pathname
// component, or a *LocalError for what this system does not take.
func LocalName(r Namer, raw string) (string, error) {
	return localName(runtime.GOOS, r, raw)
}

func localName(goos string, r Namer, raw string) (string, error) {
	if err := client.CleanName(raw); err != nil {
		return "", fmt.Errorf("%s: %w", show(r, raw), err)
	}
	name := raw
	if !bytewise(goos) || !isUTF8Session(r) {
		text := r.Text(raw)
		back, err := r.Encode(text)
		if !bytewise(goos) || (err == nil && back == raw) {
			name = text
		}
	}
	if err := checkLocalName(goos, name); err != nil {
		return "", &LocalError{Kind: LocalBadName, Op: "create", Path: show(r, raw), Err: err}
	}
	if isPartName(name) {
		return "", &LocalError{Kind: LocalBadName, Op: "create", Path: show(r, raw), Err: errReserved}
	}
	return name, nil
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
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q is no file name", name)
	case strings.ContainsAny(name, "/\x00"):
		return fmt.Errorf("%q cannot be part of a file name", firstOf(name, "/\x00"))
	case !bytewise(goos) && !utf8.ValidString(name):
		return fmt.Errorf("%q is not Unicode", name)
	case goos == "windows":
		return checkWindowsName(name)
	}
	return nil
}

// checkWindowsName refuses what Windows reads as something else: separators,
// drives, streams, devices, and the dots and blanks that it cuts off.
func checkWindowsName(name string) error {
	const forbidden = `\:<>"|?*`
	if c := firstOf(name, forbidden); c != "" {
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
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return fmt.Errorf("%s is a device on Windows", base)
	}
	if port, found := strings.CutPrefix(base, "COM"); found && isPortDigit(port) {
		return fmt.Errorf("%s is a device on Windows", base)
	}
	if port, found := strings.CutPrefix(base, "LPT"); found && isPortDigit(port) {
		return fmt.Errorf("%s is a device on Windows", base)
	}
	return nil
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
	if strings.HasSuffix(name, wrongSuffix) && len(name) > len(wrongSuffix) {
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
	stem, ext := name, ""
	if e := path.Ext(name); e != "" && e != name && e != "." {
		stem, ext = strings.TrimSuffix(name, e), e
		if e = path.Ext(stem); strings.EqualFold(e, ".tar") && e != stem {
			stem, ext = strings.TrimSuffix(stem, e), e+ext
		}
	}
	return stem + " (" + strconv.Itoa(n) + ")" + ext
}
