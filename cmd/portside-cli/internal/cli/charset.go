package cli

import "portside/client"

// A charset is the label of the character set of names on a server. The empty
// label is UTF-8.
type charset string

// parseCharset checks the label of a character set.
func parseCharset(label string) (charset, error) {
	if _, err := client.DecodeText(label, ""); err != nil {
		return "", err
	}
	return charset(label), nil
}

// text decodes raw for people, as client.Session.Text does.
func (c charset) text(raw string) string {
	s, err := client.DecodeText(string(c), raw)
	if err != nil { // parseCharset has let no such label through
		return raw
	}
	return s
}
