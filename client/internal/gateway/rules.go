package gateway

import (
	"strings"

	"portside/client/internal/pi"
)

// rules is the table that adapts what servers say to what the library takes. A
// completion reply to Verb is handed on with Code; Empty is the text where the
// library would stumble over the server's.
//
// The replies that servers really send and the library refuses:
//
//	200 for 250 after CWD, DELE, RMD and RNTO   (old IIS, embedded servers)
//	250 for 226 after a transfer                (wu-ftpd, some MVS servers)
//	250 for 257 after MKD                       (embedded servers)
//	202 after PASS ("superfluous")              (servers without passwords)
//	232 after USER ("logged in, authorised by security data exchange", RFC 2228)
//	230, 250 for 200 after TYPE and NOOP        (embedded servers)
//	200, 250 for 213 after SIZE                 (embedded servers)
//	any 4yz or 5yz after OPTS UTF8              (UTF-8 is then used all the same)
var rules = map[string]int{
	"USER": 230,
	"PASS": 230,
	"TYPE": 200,
	"CWD":  250,
	"DELE": 250,
	"RMD":  250,
	"MKD":  257,
	"RNTO": 250,
	"NOOP": 200,
	"SIZE": 213,
	"OPTS": 200,
	"REST": 350,
	"RNFR": 350,
}

// transferVerbs are the commands with a data connection.
var transferVerbs = map[string]bool{"RETR": true, "STOR": true, "APPE": true, "LIST": true, "MLSD": true, "NLST": true}

// adapt gives the code with which rep is handed to the library.
func adapt(verb string, rep pi.Reply) int {
	if want, ok := rules[verb]; ok && rep.Class() == want/100 {
		return want
	}
	return rep.Code
}

// featText writes FEAT's reply in the one shape that the library reads. The
// library wants to know of UTF8 alone: which verb lists is decided by the
// Session, so MLST is kept from it and it always sends LIST.
func featText(utf8 bool) string {
	var b strings.Builder
	b.WriteString("211-Features\r\n")
	if utf8 {
		b.WriteString(" UTF8\r\n")
	}
	b.WriteString("211 End\r\n")
	return b.String()
}
