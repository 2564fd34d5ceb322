package diagnose

import (
	"fmt"
	"strings"
)

// A portSetting is what helps against ports that can be guessed, in the settings of
// one server software.
type portSetting struct {
	mark string // in the name of the software, in lower case
	text string
}

// portSettings name what each software calls the range of its passive ports and the
// demand for TLS session reuse. Where a software is known to choose at random within
// its range, or to refuse data connections from other addresses, that is said.
var portSettings = []portSetting{
	{"vsftpd", "In vsftpd.conf, set ssl_enable=YES, force_local_data_ssl=YES and require_ssl_reuse=YES, and a wide range with pasv_min_port and pasv_max_port, such as 50000 and 59999, within which vsftpd chooses at random; leave pasv_promiscuous=NO, which turns away connections from other addresses."},
	{"proftpd", "In proftpd.conf, set TLSRequired on, without NoSessionReuseRequired in TLSOptions, and a wide range such as PassivePorts 50000 59999, within which ProFTPD chooses at random; leave AllowForeignAddress off, which turns away connections from other addresses."},
	{"pure-ftpd", "In pure-ftpd.conf, set TLS 3 (the option -Y 3), and a wide range such as PassivePortRange 50000 59999 (-p 50000:59999), within which Pure-FTPd chooses at random; do not allow FXP, so that connections from other addresses are turned away."},
	{"filezilla", "In the settings of FileZilla Server, require FTP over TLS, with TLS session resumption on data connections where the version leaves a choice, and set a wide custom port range under Passive mode, such as 50000-59999."},
	{"iis", "In IIS Manager, set FTP SSL Settings to require SSL, and a wide Data Channel Port Range under FTP Firewall Support of the server, such as 50000-59999; leave matchClientAddressForPasv on, which turns away connections from other addresses."},
	{"microsoft", ""}, // as iis
	{"pyftpdlib", "In the program that uses pyftpdlib, set passive_ports to a wide range, such as range(50000, 60000), from which pyftpdlib chooses at random, tls_control_required and tls_data_required with TLS_FTPHandler, and leave permit_foreign_addresses False, which turns away connections from other addresses."},
}

// portSettingOf returns the settings of the software that a banner, or a name as in
// Server.Software, shows; "" where it is not known.
func portSettingOf(software string) string {
	software = strings.ToLower(software)
	for i, s := range portSettings {
		if !strings.Contains(software, s.mark) {
			continue
		}
		if s.text == "" {
			return portSettings[i-1].text
		}
		return s.text
	}
	return ""
}

// PortWarning puts a finding into words: what was seen, with the score of the guesses;
// what it means; and what helps. software is the name of the server's software, or its
// banner, which is only searched and never repeated; tls says that data connections are
// protected. All three are "" where the finding is not predictable.
func PortWarning(f PortFinding, software string, tls bool) (sentence, meaning, help string) {
	if !f.Class.Predictable() {
		return "", "", ""
	}
	sentence = "This server's data ports can be guessed: " + portHabit(f)
	if f.Tried > 0 && f.Class != PortsFew {
		sentence += fmt.Sprintf("; Portside guessed %d of the last %d ports before the server named them", f.Hits, f.Tried)
	}
	sentence += "."
	meaning = "Whoever guesses the next port can connect to it before Portside does, and so take over somebody's data connection: receive the file, or send another in its place."
	help = "It helps if the server accepts data connections only with TLS that resumes the session of the control connection."
	if tls {
		meaning += " TLS keeps such a person out only if the server demands that data connections resume the TLS session of the control connection."
	} else {
		meaning += " A server may turn away connections from other addresses, but this cannot be seen from here, and nothing else protects a connection without TLS."
		help = "It helps to use TLS, with a server that accepts data connections only if they resume the TLS session of the control connection."
	}
	if setting := portSettingOf(software); setting != "" {
		return sentence, meaning, help + " For the administrator of the server: " + setting
	}
	return sentence, meaning, help + " The administrator can also make the server choose its passive ports at random from a wide range."
}

// portHabit says how the server chooses.
func portHabit(f PortFinding) string {
	switch f.Class {
	case PortsInOrder:
		return "each is one " + aboveOrBelow(f.Step) + " the last"
	case PortsBusy:
		if f.Step < 0 {
			return fmt.Sprintf("they count down, with gaps that other clients take, so the next is among %s", somePorts(f.Candidates))
		}
		return fmt.Sprintf("they count up, with gaps that other clients take, so the next is among %s", somePorts(f.Candidates))
	case PortsStride:
		return fmt.Sprintf("each is %d %s the last", abs(f.Step), aboveOrBelow(f.Step))
	case PortsFixed:
		return fmt.Sprintf("it is always %d", f.Low)
	default:
		return fmt.Sprintf("there are only about %d of them", f.Candidates)
	}
}

func aboveOrBelow(step int) string {
	if step < 0 {
		return "below"
	}
	return "above"
}

func somePorts(n int) string {
	if n == 1 {
		return "very few ports"
	}
	return fmt.Sprintf("about %d ports", n)
}
