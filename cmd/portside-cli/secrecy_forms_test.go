package main

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // a form that must not be found
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// formsOf returns the forms in which programs write a password.
func formsOf(password string) map[string][]byte {
	raw := []byte(password)
	forms := map[string][]byte{
		"text": raw, "hexadecimal": []byte(hex.EncodeToString(raw)), "HEXADECIMAL": bytes.ToUpper([]byte(hex.EncodeToString(raw))),
		"a word of a query": []byte(url.QueryEscape(password)), "a word of a path": []byte(url.PathEscape(password)),
		"a user's part of an address": []byte(strings.TrimPrefix(url.UserPassword("", password).String(), ":")),
		"text of HTML":                []byte(html.EscapeString(password)),
		"text of Go":                  []byte(strings.Trim(strconv.Quote(password), `"`)),
		"text of Go in ASCII":         []byte(strings.Trim(strconv.QuoteToASCII(password), `"`)),
		"a hash by SHA-256":           []byte(hexOf(sha256.Sum256(raw))), "a hash by SHA-1": []byte(hex20(sha1.Sum(raw))), "a hash by MD5": []byte(hex16(md5.Sum(raw))), //nolint:gosec // as above
		"numbers": []byte(numbers(raw)),
	}
	for _, escape := range []bool{false, true} {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(escape)
		_ = enc.Encode(password) // a string
		forms["text of JSON "+strconv.FormatBool(escape)] = bytes.Trim(b.Bytes(), "\"\n")
	}
	twice, _ := json.Marshal(strconv.Quote(password)) // a string
	forms["text of Go in JSON"] = bytes.Trim(twice, `"\`)
	var x bytes.Buffer
	_ = xml.EscapeText(&x, raw) // into memory
	forms["text of XML"] = x.Bytes()
	if latin, err := charmap.ISO8859_1.NewEncoder().Bytes(raw); err == nil {
		forms["Latin-1"] = latin
	}
	for name, order := range map[string]binary.AppendByteOrder{"UTF-16LE": binary.LittleEndian, "UTF-16BE": binary.BigEndian} {
		var wide []byte
		for _, u := range utf16.Encode([]rune(password)) {
			wide = order.AppendUint16(wide, u)
		}
		forms[name] = wide
	}
	for name, enc := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64 of addresses": base64.RawURLEncoding} {
		for before := range 3 {
			forms[name+" from "+strconv.Itoa(before)] = within64(enc, raw, before)
		}
	}
	return forms
}

// within64 is what stays the same of raw in base64, with so many bytes before it and any
// behind.
func within64(enc *base64.Encoding, raw []byte, before int) []byte {
	text := enc.EncodeToString(append(make([]byte, before), raw...))
	from := (before*8 + 5) / 6
	to := (before + len(raw)) * 8 / 6
	return []byte(text[from:to])
}

func hexOf(sum [32]byte) string { return hex.EncodeToString(sum[:]) }
func hex20(sum [20]byte) string { return hex.EncodeToString(sum[:]) }
func hex16(sum [16]byte) string { return hex.EncodeToString(sum[:]) }

// numbers is how a list of bytes prints.
func numbers(raw []byte) string {
	list := make([]string, 0, len(raw))
	for _, b := range raw {
		list = append(list, strconv.Itoa(int(b)))
	}
	return strings.Join(list, " ")
}

// A search that finds nothing says something only if it finds what is there.
func TestFormsAreFound(t *testing.T) {
	const password = "Kx7%q/Zw+9 \u00e9\"Tm<&>?"
	forms := formsOf(password)
	for name, form := range forms {
		if len(form) < 12 {
			t.Errorf("%s is %q, which may be anywhere", name, form)
		}
	}
	for _, text := range []string{
		"PASS " + password, `{"p":"Kx7%q/Zw+9 é\"Tm<&>?"}`, `{"p":"Kx7%q/Zw+9 é\"Tm\u003c\u0026\u003e?"}`, `<p>Kx7%q/Zw+9 é&#34;Tm&lt;&amp;&gt;?</p>`,
		"ftp://u:" + url.PathEscape(password) + "@h", url.UserPassword("u", password).String(),
		base64.StdEncoding.EncodeToString([]byte("x" + password + "yz")), base64.URLEncoding.EncodeToString([]byte("xy" + password)),
		base64.StdEncoding.EncodeToString([]byte(password)), "K\x00x\x007\x00%\x00q\x00/\x00Z\x00w\x00+\x009\x00 \x00\xe9\x00\"\x00T\x00m\x00<\x00&\x00>\x00?\x00",
		"Kx7%q/Zw+9 \xe9\"Tm<&>?", "4b783725712f5a772b3920c3a922546d3c263e3f",
	} {
		found := false
		for _, form := range forms {
			found = found || bytes.Contains([]byte(text), form)
		}
		if !found {
			t.Errorf("the password is not found in %q", text)
		}
	}
}
