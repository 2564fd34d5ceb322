package exchange

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// rcloneEncrypted begins a configuration that rclone has encrypted as a whole.
const rcloneEncrypted = "RCLONE_ENCRYPT_V"

// readRclone reads the remotes of type ftp in rclone's configuration.
func readRclone(s *source) error {
	if strings.Contains(string(s.data[:min(len(s.data), 4096)]), rcloneEncrypted) {
		return s.fail(0, "is encrypted by rclone; decrypt it first (rclone config encryption remove, or rclone config dump)")
	}
	return s.sections(func(string) bool { return true }, func(sec section) error {
		e := newEntry(fmt.Sprintf("line %d", sec.line))
		e.name(sec.name)
		switch kind := sec.get("type"); kind {
		case "ftp":
			e.fromRclone(sec)
		case "":
			e.skip("it has no type")
		default:
			e.skip("it is a remote of type %q, which is another protocol", cut(kind))
		}
		return s.add(e.row)
	})
}

func (e *entry) fromRclone(sec section) {
	e.host(sec.get("host"))
	e.port(sec.get("port"))
	site := &e.row.Site
	yes := func(key string) bool {
		on, err := strconv.ParseBool(sec.get(key))
		return err == nil && on
	}
	switch {
	case yes("tls"):
		site.Security = client.SecurityImplicit
	case yes("explicit_tls"):
		site.Security = client.SecurityRequire
	default:
		site.Security = client.SecurityOff
	}
	if yes("disable_epsv") {
		site.Mode = client.PASV
	}
	e.connections(sec.get("concurrency"))
	e.rcloneLogon(sec, yes("ask_password"))
	e.rcloneProxy(sec.get("socks_proxy"))
	if yes("no_check_certificate") {
		e.lose("that certificates are not checked: Portside asks about one that it cannot verify")
	}
	known := []string{
		"type", "host", "port", "user", "pass", "tls", "explicit_tls", "disable_epsv", "concurrency", "ask_password", "socks_proxy",
		"no_check_certificate", "description",
	}
	if v := sec.get("description"); v != "" {
		e.notes(v)
	}
	for _, key := range slices.Sorted(maps.Keys(sec.keys)) {
		if !slices.Contains(known, key) && sec.get(key) != "" && sec.get(key) != "false" {
			e.lose("the setting %q", cut(key))
		}
	}
}

func (e *entry) rcloneLogon(sec section, ask bool) {
	user := sec.get("user")
	switch {
	case strings.EqualFold(user, "anonymous"):
		e.anonymous()
		return
	case user == "":
		e.lose("the user, which rclone takes from the name of this computer's user")
		e.row.Site.Logon = sites.LogonAsk
		return
	}
	e.user(user)
	if ask {
		e.row.Site.Logon = sites.LogonAsk
		return
	}
	e.row.Site.Logon = sites.LogonKeyring
	if hidden := sec.get("pass"); hidden != "" {
		plain, err := rcloneReveal(hidden)
		if err != nil {
			e.lose("the password, which %s; it will be asked for", err)
			return
		}
		e.secret(secrets.Password, plain)
	}
}

// rcloneProxy reads "[user[:password]@]host:port" of a SOCKS5 proxy.
func (e *entry) rcloneProxy(v string) {
	if v == "" {
		return
	}
	login, addr := "", v
	if at := strings.LastIndexByte(v, '@'); at >= 0 {
		login, addr = v[:at], v[at+1:]
	}
	if _, _, err := net.SplitHostPort(addr); err != nil || flaw(v, maxPath) != "" || strings.ContainsAny(v, " \t/") {
		e.lose("the SOCKS proxy, whose address is not written well")
		return
	}
	user, password, _ := strings.Cut(login, ":")
	e.row.Site.Proxy = sites.Proxy{Kind: client.ProxySOCKS5, Addr: addr, User: user}
	e.secret(secrets.ProxyPassword, password)
}

// rcloneKey is the key with which rclone hides passwords. It is the same in every
// rclone, and public, so that it protects nothing.
func rcloneKey() []byte {
	return []byte{
		0x9c, 0x93, 0x5b, 0x48, 0x73, 0x0a, 0x55, 0x4d, 0x6b, 0xfd, 0x7c, 0x63, 0xc8, 0x86, 0xa9, 0x2b,
		0xd3, 0x90, 0x19, 0x8e, 0xb8, 0x12, 0x8a, 0xfb, 0xf4, 0xde, 0x16, 0x2b, 0x8b, 0x95, 0xf6, 0x38,
	}
}

// rcloneReveal undoes "rclone obscure".
func rcloneReveal(hidden string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(hidden)
	if err != nil || len(raw) < aes.BlockSize {
		return "", errors.New("is not written well (base64)")
	}
	block, err := aes.NewCipher(rcloneKey())
	if err != nil {
		return "", err
	}
	plain := raw[aes.BlockSize:]
	cipher.NewCTR(block, raw[:aes.BlockSize]).XORKeyStream(plain, plain)
	if !utf8.Valid(plain) {
		return "", errors.New("was not hidden by rclone")
	}
	return string(plain), nil
}

// sniffRclone reports whether there is a section with a type in the way of rclone.
func sniffRclone(head []byte) bool {
	section := false
	for line := range strings.SplitSeq(string(head), "\n") {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, rcloneEncrypted):
			return true
		case strings.HasPrefix(line, "["):
			section = true
		case section && ok && strings.TrimSpace(key) == "type" && strings.TrimSpace(value) != "":
			return true
		}
	}
	return false
}
