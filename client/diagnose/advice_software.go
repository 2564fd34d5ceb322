package diagnose

import (
	"fmt"
	"strings"
)

// software returns the server's software in lower case, from what the probes
// recognised or from its greeting.
func (e *evidence) software() string {
	s := strings.ToLower(e.r.Server.Software)
	if s != "" {
		return s
	}
	banner := strings.ToLower(e.r.Server.Banner)
	for _, name := range []string{"vsftpd", "proftpd", "pure-ftpd", "filezilla server", "microsoft ftp", "pyftpdlib"} {
		if strings.Contains(banner, name) {
			return name
		}
	}
	return ""
}

// A fix is how one kind of server is set right.
type fix struct {
	names []string // parts of the software's name, lower case
	text  string
}

// pick returns the fix for the server's software; all of them where it is not
// known, because the reader knows it.
func (e *evidence) pick(fixes []fix) string {
	software := e.software()
	var all []string
	for _, f := range fixes {
		for _, n := range f.names {
			if software != "" && strings.Contains(software, n) {
				return f.text
			}
		}
		all = append(all, f.text)
	}
	return strings.Join(all, "\n")
}

// wide is the range that is proposed: the one seen where it is large enough to
// hide in, else a usual one.
func (e *evidence) wide() (low, high int) {
	l, h, n := e.passiveRange()
	if n > 0 && int(h)-int(l) >= 1000 {
		return int(l), int(h)
	}
	return 50000, 51000
}

// fixPassive names the settings of passive mode: address and range.
func fixPassive(e *evidence) string {
	low, high := e.wide()
	addr := e.serverAddr()
	return e.pick([]fix{
		{[]string{"vsftpd"}, fmt.Sprintf("vsftpd (vsftpd.conf): pasv_enable=YES, pasv_address=%s, pasv_min_port=%d, pasv_max_port=%d", addr, low, high)},
		{[]string{"proftpd"}, fmt.Sprintf("ProFTPD (proftpd.conf): MasqueradeAddress %s and PassivePorts %d %d", addr, low, high)},
		{[]string{"pure-ftpd", "pureftpd"}, fmt.Sprintf("Pure-FTPd: -P %s -p %d:%d (ForcePassiveIP and PassivePortRange in pure-ftpd.conf)", addr, low, high)},
		{[]string{"filezilla"}, fmt.Sprintf("FileZilla Server: Settings, Protocols settings, FTP, Passive mode: use custom port range %d-%d, and the public address %s", low, high, addr)},
		{[]string{"microsoft", "iis"}, fmt.Sprintf("IIS: FTP Firewall Support: Data Channel Port Range %d-%d (set at the server's level) and External IP Address of Firewall %s; then restart the FTP service", low, high, addr)},
		{[]string{"pyftpdlib"}, fmt.Sprintf("pyftpdlib: handler.masquerade_address = %q, handler.passive_ports = range(%d, %d)", addr, low, high+1)},
	})
}

// fixActive names the settings of active mode.
func fixActive(e *evidence) string {
	return e.pick([]fix{
		{[]string{"vsftpd"}, "vsftpd (vsftpd.conf): port_enable=YES; connect_from_port_20=NO where the firewall bars source port 20"},
		{[]string{"proftpd"}, "ProFTPD (proftpd.conf): no <Limit PORT EPRT> that denies; AllowForeignAddress stays off"},
		{[]string{"pure-ftpd", "pureftpd"}, "Pure-FTPd: start it without options that bar active mode, and let its firewall make outgoing connections"},
		{[]string{"filezilla"}, "FileZilla Server: let the server's firewall allow its outgoing connections"},
		{[]string{"microsoft", "iis"}, "IIS: allow the outgoing rule “FTP Server (FTP Traffic-Out)” in Windows Firewall"},
	})
}

// fixReuse names the settings of TLS sessions on data connections.
func fixReuse(e *evidence) string {
	return e.pick([]fix{
		{[]string{"vsftpd"}, "vsftpd (vsftpd.conf): require_ssl_reuse=YES is right; update to 3.0.5 or later, which knows resumption under TLS 1.3"},
		{[]string{"proftpd"}, "ProFTPD (mod_tls): TLSSessionTickets on; TLSOptions NoSessionReuseRequired only as a last resort"},
		{[]string{"pure-ftpd", "pureftpd"}, "Pure-FTPd: -Y 2 or -Y 3 protects data; check the certificate file and the version"},
		{[]string{"filezilla"}, "FileZilla Server: it requires session resumption by design; update it to the current version"},
		{[]string{"microsoft", "iis"}, "IIS: FTP SSL Settings: require SSL for the data channel; check that Windows hands out TLS session tickets"},
	})
}

// fixPorts names the settings that make ports hard to guess.
func fixPorts(e *evidence) string {
	if text := portSettingOf(e.software()); text != "" {
		return text
	}
	var all []string
	for _, s := range portSettings {
		if s.text != "" {
			all = append(all, s.text)
		}
	}
	return strings.Join(all, "\n")
}

// fixLimit names the settings of the number of connections.
func fixLimit(e *evidence) string {
	return e.pick([]fix{
		{[]string{"vsftpd"}, "vsftpd (vsftpd.conf): max_per_ip=4"},
		{[]string{"proftpd"}, "ProFTPD (proftpd.conf): MaxClientsPerHost 4, MaxClientsPerUser 4"},
		{[]string{"pure-ftpd", "pureftpd"}, "Pure-FTPd: -C 4 (MaxClientsPerIP)"},
		{[]string{"filezilla"}, "FileZilla Server: the user's limit of concurrent sessions: 4"},
		{[]string{"microsoft", "iis"}, "IIS: FTP site, Advanced Settings, Connections, Max Connections"},
	})
}
