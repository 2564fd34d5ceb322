package client

// EncodeText is Session.Encode without a session: the bytes of text in the
// character set with this label, empty for UTF-8. It is an error where the set
// lacks a character, or is not known.
func EncodeText(charsetLabel, text string) (string, error) {
	c, err := newCharset(charsetLabel)
	if err != nil {
		return "", err
	}
	return c.encode(text)
}
