package diagnose

import (
	"net/netip"
	"strings"

	"portside/client"
	"portside/client/transcript"
)

// products are the names by which server software shows itself, in lower case, in
// its greeting, its login text or its answer to STAT.
var products = []struct{ mark, name string }{
	{"vsftpd", "vsftpd"},
	{"proftpd", "ProFTPD"},
	{"pure-ftpd", "Pure-FTPd"},
	{"pureftpd", "Pure-FTPd"},
	{"filezilla server", "FileZilla Server"},
	{"microsoft ftp service", "IIS"},
	{"windows_nt", "IIS"},
	{"pyftpdlib", "pyftpdlib"},
	{"serv-u", "Serv-U"},
	{"wu-ftpd", "wu-ftpd"},
	{"wu-2.", "wu-ftpd"},
	{"crushftp", "CrushFTP"},
	{"cerberus", "Cerberus FTP Server"},
	{"wing ftp", "Wing FTP Server"},
	{"xlight", "Xlight FTP Server"},
	{"titan ftp", "Titan FTP Server"},
	{"gene6", "Gene6 FTP Server"},
	{"globalscape", "Globalscape EFT"},
	{"sftpgo", "SFTPGo"},
	{"ncftpd", "NcFTPd"},
	{"glftpd", "glFTPd"},
	{"bftpd", "bftpd"},
	{"mikrotik", "MikroTik"},
	{"zftpserver", "zFTPServer"},
	{"ibm ftp cs", "z/OS FTP"},
	{"qtcp at", "IBM i FTP"},
	{"apache ftpserver", "Apache FtpServer"},
	{"goftp", "goftp"},
	{"portside demo", "Portside demo"},
}

// software names the server software, "" where it does not show itself.
func software(text string) string {
	text = strings.ToLower(text)
	for _, p := range products {
		if strings.Contains(text, p.mark) {
			return p.name
		}
	}
	return ""
}

// bannerMasked reports a greeting that an inspecting firewall has overwritten:
// "220 ***************".
func bannerMasked(rep client.Reply) bool {
	const few = 4
	stars, rest := 0, 0
	for _, r := range rep.Text() {
		switch r {
		case '*', 'X':
			stars++
		case ' ', '\n', '\t', '.':
		default:
			rest++
		}
	}
	return stars >= few && stars > 2*rest
}

// A hint is a text in which a server may say how it sees this computer.
type hint struct{ by, text string }

// ownWords are words that stand beside an address of the server itself.
var ownWords = []string{"server address", "listening", "local address", "masquerade", "server at", "server on"}

// herWords are words that stand beside the address of the client.
var herWords = []string{"connected from", "connected to", "your ip", "your address", "your host", "client", "from", "remote", "logged in", "user", "you are"}

// externalAddress finds the address of this computer in what the server says.
// The server's own is passed over, unless both are the same computer.
func externalAddress(local, remote netip.Addr, hints []hint) (netip.Addr, string) {
	local, remote = local.WithZone(""), remote.WithZone("")
	for _, h := range hints {
		for line := range strings.SplitSeq(strings.ToLower(h.text), "\n") {
			if containsAny(line, ownWords) {
				continue
			}
			for _, a := range addressesIn(line) {
				if a == local {
					return a, h.by
				}
				if a != remote && a.Is4() == local.Is4() && !a.IsUnspecified() && containsAny(line, herWords) {
					return a, h.by
				}
			}
		}
	}
	return netip.Addr{}, ""
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// addressesIn returns the IP addresses in a line of text.
func addressesIn(line string) []netip.Addr {
	var out []netip.Addr
	for _, w := range strings.FieldsFunc(line, func(c rune) bool {
		return c != '.' && c != ':' && (c < '0' || c > '9') && (c < 'a' || c > 'f')
	}) {
		w = strings.TrimRight(w, ".")
		if strings.Count(w, ":") == 1 {
			w, _, _ = strings.Cut(w, ":") // an IPv4 address with its port, or "from:"
		}
		a, err := netip.ParseAddr(strings.TrimPrefix(w, ":ffff:"))
		if err != nil {
			a, err = netip.ParseAddr(w)
		}
		if err == nil {
			out = append(out, a.Unmap())
		}
	}
	return out
}

// newest returns the transcript of the control connection that was opened last.
func (r *run) newest() []transcript.Line {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.recorders) == 0 {
		return nil
	}
	return r.recorders[len(r.recorders)-1].Lines()
}

// mostNotes bounds the notes in a report.
const mostNotes = 30

// collectNotes takes over what the engine noted, but for the steps of each
// connection that the probes tell in any case.
func (r *run) collectNotes() {
	seen := map[string]bool{}
	for _, rec := range r.recorders {
		for _, l := range rec.Lines() {
			if l.Kind != transcript.Note || len(r.rep.Notes) == mostNotes {
				continue
			}
			text := said(l.Text)
			if strings.HasPrefix(text, "connect") || strings.HasPrefix(text, "TLS ") || strings.HasPrefix(text, "no session") || seen[text] {
				continue
			}
			seen[text] = true
			r.rep.Notes = append(r.rep.Notes, text)
		}
	}
}
