package proxydial

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

const (
	// maxHead bounds the head of a proxy's reply.
	maxHead = 16 << 10
	// maxSaid bounds what is kept of its words.
	maxSaid = 120
	// maxInterim bounds the 1xx replies before it.
	maxInterim = 8
)

// connect asks for a connection (RFC 9110, 9.3.6).
func (d *Dialer) connect(nc net.Conn, target string) error {
	request := "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: Portside\r\n"
	if d.User != "" || d.Password != "" {
		request += "Proxy-Authorization: Basic " + d.credentials() + "\r\n"
	}
	if _, err := io.WriteString(nc, request+"\r\n"); err != nil {
		return d.failed(target, StepTalk, "", err)
	}
	for range maxInterim {
		head, err := readHead(nc)
		if err != nil {
			return d.failed(target, StepTalk, "", ended(err))
		}
		code, said, err := parseStatus(head)
		if err != nil {
			return d.failed(target, StepTalk, "", err)
		}
		switch code / 100 {
		case 1:
			continue
		case 2:
			return nil
		}
		said = d.masked(said)
		return d.httpRefusal(target, code, said[:min(len(said), maxSaid)], head)
	}
	return d.failed(target, StepTalk, "", errors.New("its reply has no end"))
}

// readHead reads a reply's head, up to the empty line and not a byte further: what comes
// then is the server's. So it reads byte by byte, which at this size costs nothing.
func readHead(nc net.Conn) (string, error) {
	head := make([]byte, 0, 512)
	var b [1]byte
	for len(head) < maxHead {
		if _, err := io.ReadFull(nc, b[:]); err != nil {
			return "", err
		}
		head = append(head, b[0])
		if b[0] == '\n' && (strings.HasSuffix(string(head), "\r\n\r\n") || strings.HasSuffix(string(head), "\n\n")) {
			return string(head), nil
		}
		if len(head) == len("HTTP/") && string(head) != "HTTP/" {
			return "", errors.New("its reply is not HTTP")
		}
	}
	return "", fmt.Errorf("the head of its reply is longer than %d bytes", maxHead)
}

// parseStatus reads the status line, "HTTP/1.1 200 Connection established".
func parseStatus(head string) (code int, said string, err error) {
	line, _, _ := strings.Cut(head, "\n")
	line = strings.TrimRight(line, "\r")
	proto, rest, _ := strings.Cut(line, " ")
	number, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if code, err = strconv.Atoi(number); err != nil || len(number) != 3 || code < 100 || !strings.HasPrefix(proto, "HTTP/1.") {
		return 0, "", errors.New("its reply is not HTTP")
	}
	return code, rest, nil
}

// httpRefusal sorts a reply that is no 2xx.
func (d *Dialer) httpRefusal(target string, code int, said, head string) error {
	switch {
	case code == http.StatusProxyAuthRequired:
		return d.failed(target, StepLogin, said, d.wantedLogin(head))
	case code/100 == 5 && code != http.StatusNotImplemented:
		return d.failed(target, StepServer, said, nil)
	}
	return d.failed(target, StepDenied, said, nil)
}

// credentials is the login as it is sent (RFC 7617, 2).
func (d *Dialer) credentials() string {
	return base64.StdEncoding.EncodeToString([]byte(d.User + ":" + d.Password))
}

// masked is what a proxy has said without the login, which it may repeat.
func (d *Dialer) masked(said string) string {
	if len(d.Password) < 3 {
		return strings.ReplaceAll(said, d.credentials(), "****")
	}
	return strings.NewReplacer(d.credentials(), "****", d.Password, "****").Replace(said)
}

// wantedLogin says what is missing after a 407.
func (d *Dialer) wantedLogin(head string) error {
	_, fields, _ := strings.Cut(head, "\n")
	header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(fields))).ReadMIMEHeader()
	if kinds := header.Values("Proxy-Authenticate"); err == nil && len(kinds) > 0 {
		basic, names := false, make([]string, 0, len(kinds))
		for _, k := range kinds {
			name, _, _ := strings.Cut(strings.TrimSpace(d.masked(k)), " ")
			basic = basic || strings.Contains(strings.ToLower(k), "basic")
			names = append(names, name[:min(len(name), maxSaid)])
		}
		if !basic {
			return fmt.Errorf("it wants a login of the kind %q, and only Basic is there", strings.Join(names[:min(len(names), 4)], ", "))
		}
	}
	if d.User == "" && d.Password == "" {
		return errors.New("it wants a user and a password")
	}
	return errors.New("the user or the password is wrong")
}
