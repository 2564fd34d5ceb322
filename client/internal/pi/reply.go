package pi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Reply is one whole reply of a server (RFC 959, 4.2): a three-digit code and
// at least one line of text. Lines holds the text of each line without the code
// of the first and last one, as sent, in the server's character set.
type Reply struct {
	Code  int
	Lines []string
}

// Text returns the lines joined by line feeds.
func (r Reply) Text() string { return strings.Join(r.Lines, "\n") }

// Last returns the last line of text, which is the one meant for people.
func (r Reply) Last() string {
	if len(r.Lines) == 0 {
		return ""
	}
	return r.Lines[len(r.Lines)-1]
}

// String returns the code and the first line that says something.
func (r Reply) String() string {
	for _, l := range r.Lines {
		if l = strings.TrimSpace(l); l != "" {
			return fmt.Sprintf("%03d %s", r.Code, l)
		}
	}
	return fmt.Sprintf("%03d", r.Code)
}

// Class returns the first digit of the code: 1 preliminary, 2 completion,
// 3 intermediate, 4 transient negative, 5 permanent negative (RFC 959, 4.2.1).
func (r Reply) Class() int { return r.Code / 100 }

// Limits bounds what a server may send on the control connection. Zero fields
// stand for the defaults.
type Limits struct {
	LineBytes  int // one reply line, its end included; default 64 KiB
	ReplyBytes int // one whole reply; default 1 MiB
}

// Default limits.
const (
	DefaultLineBytes  = 64 << 10
	DefaultReplyBytes = 1 << 20
)

func (l Limits) withDefaults() Limits {
	if l.LineBytes <= 0 {
		l.LineBytes = DefaultLineBytes
	}
	if l.ReplyBytes <= 0 {
		l.ReplyBytes = DefaultReplyBytes
	}
	return l
}

// readReply frames one reply: lines end with LF, with or without CR; a multi-line
// reply ends only at a line of the same code and a blank (RFC 959, 4.2). seen is
// called with every line as it arrives.
func readReply(br *bufio.Reader, lim Limits, seen func(line string)) (Reply, error) {
	first, total, err := firstLine(br, lim, seen)
	if err != nil {
		return Reply{}, err
	}
	code, more, ok := parseReplyLine(first)
	if !ok {
		return Reply{}, &ProtocolError{Line: clip(first)}
	}
	rep := Reply{Code: code, Lines: []string{textOf(first)}}
	for more {
		line, n, lineErr := readLine(br, lim.LineBytes)
		if lineErr != nil {
			return Reply{}, lineErr
		}
		seen(line)
		if total += n; total > lim.ReplyBytes {
			return Reply{}, &LimitError{What: "a reply", Max: int64(lim.ReplyBytes)}
		}
		if c, cont, isReply := parseReplyLine(line); isReply && c == code {
			if !cont {
				more = false
			}
			line = textOf(line)
		}
		rep.Lines = append(rep.Lines, line)
	}
	return rep, nil
}

// maxBlankLines is how many empty lines between replies are passed over.
const maxBlankLines = 32

func firstLine(br *bufio.Reader, lim Limits, seen func(string)) (line string, total int, err error) {
	for range maxBlankLines {
		var n int
		line, n, err = readLine(br, lim.LineBytes)
		if err != nil {
			return "", 0, err
		}
		total += n
		if line != "" {
			seen(line)
			return line, total, nil
		}
	}
	return "", 0, &ProtocolError{Line: ""}
}

// parseReplyLine reads the code of a reply line and whether more lines follow.
func parseReplyLine(line string) (code int, more, ok bool) {
	if len(line) < 3 {
		return 0, false, false
	}
	for i := range 3 {
		if line[i] < '0' || line[i] > '9' {
			return 0, false, false
		}
		code = code*10 + int(line[i]-'0')
	}
	if code < 100 || code > 699 {
		return 0, false, false
	}
	if len(line) == 3 {
		return code, false, true
	}
	switch line[3] {
	case ' ':
		return code, false, true
	case '-':
		return code, true, true
	default:
		return 0, false, false
	}
}

func textOf(line string) string {
	if len(line) <= 4 {
		return ""
	}
	return line[4:]
}

// readLine reads up to a line feed, which it drops along with the carriage
// returns before it; n is the number of bytes taken. Telnet commands are taken
// out (RFC 959 has the control connection follow the Telnet protocol).
func readLine(br *bufio.Reader, limit int) (line string, n int, err error) {
	var buf []byte
	for {
		part, readErr := br.ReadSlice('\n')
		n += len(part)
		if n > limit {
			return "", n, &LimitError{What: "a reply line", Max: int64(limit)}
		}
		if readErr == nil && buf == nil {
			buf = part
			break
		}
		buf = append(buf, part...)
		if readErr == nil {
			break
		}
		if !errors.Is(readErr, bufio.ErrBufferFull) {
			if n > 0 && errors.Is(readErr, io.EOF) {
				return "", n, io.ErrUnexpectedEOF
			}
			return "", n, readErr
		}
	}
	end := len(buf) - 1
	for end > 0 && buf[end-1] == '\r' {
		end--
	}
	return string(dropTelnet(buf[:end])), n, nil
}

// Telnet bytes (RFC 854).
const (
	telnetIAC  = 0xff
	telnetWill = 0xfb
	telnetDont = 0xfe
)

// dropTelnet takes out option negotiation (IAC WILL/WONT/DO/DONT option) and
// makes one byte of an escaped IAC. A lone 0xff is left: servers that do not
// speak Telnet send it as a letter of a name.
func dropTelnet(b []byte) []byte {
	found := false
	for _, c := range b {
		if c == telnetIAC {
			found = true
			break
		}
	}
	if !found {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == telnetIAC && i+1 < len(b) {
			switch next := b[i+1]; {
			case next == telnetIAC:
				i++
			case next >= telnetWill && next <= telnetDont && i+2 < len(b):
				i += 2
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

// clip bounds a line that goes into an error.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
