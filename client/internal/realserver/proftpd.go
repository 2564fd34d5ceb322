package realserver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// setupProFTPD configures ProFTPD. mod_tls keeps its default, which is to
// demand that data connections resume the TLS session; mod_digest gives it
// HASH and its older relatives.
func setupProFTPD(_ context.Context, s *Server, prog program, owner servantUser, host, port string) (command, error) {
	log, tlsLog := filepath.Join(s.dir, "proftpd.log"), filepath.Join(s.dir, "tls.log")
	s.logs = append(s.logs, log, tlsLog)
	passwd, group := filepath.Join(s.dir, "passwd"), filepath.Join(s.dir, "group")
	line := fmt.Sprintf("%s:%s:%d:%d::%s:/bin/sh\n", testUser, passwordHash, owner.uid, owner.gid, s.Root)
	if err := os.WriteFile(passwd, []byte(line), 0o600); err != nil {
		return command{}, err
	}
	if err := os.WriteFile(group, fmt.Appendf(nil, "%s:x:%d:\n", testUser, owner.gid), 0o600); err != nil {
		return command{}, err
	}
	conf := []string{
		"ModulePath " + prog.path("usr/lib/proftpd"),
		"LoadModule mod_digest.c",
		"ServerName portside",
		"ServerType standalone",
		"UseIPv6 " + onOff(s.IPv6),
		"DefaultAddress " + host,
		"SocketBindTight on",
		"Port " + port,
		"User " + owner.name,
		"Group " + owner.group,
		"PidFile " + filepath.Join(s.dir, "pid"),
		"ScoreboardFile " + filepath.Join(s.dir, "scoreboard"),
		"DelayTable none",
		"WtmpLog off",
		"UseReverseDNS off",
		"TransferLog none",
		"SystemLog " + log,
		"RequireValidShell off",
		"AuthOrder mod_auth_file.c",
		"AuthUserFile " + passwd,
		"AuthGroupFile " + group,
		"AllowOverwrite on",
		"AllowStoreRestart on",
		"AllowRetrieveRestart on",
		"MaxInstances 200",
		"Umask 022",
	}
	if os.Geteuid() == 0 {
		conf = append(conf, "DefaultRoot ~")
	}
	if s.Security != Plain {
		versions := "TLSv1.2 TLSv1.3"
		if s.TLS12 {
			// Without tickets, TLS 1.2 sessions are resumed by their id, which
			// crypto/tls cannot do; they are off by default.
			versions = "TLSv1.2\nTLSSessionTickets on"
		}
		verify := "off"
		if s.ClientCerts {
			verify = "on\nTLSCACertificateFile " + s.CAFile
		}
		conf = append(conf,
			"LoadModule mod_tls.c",
			"TLSEngine on",
			"TLSProtocol "+versions,
			"TLSECCertificateFile "+s.certFile(),
			"TLSECCertificateKeyFile "+s.keyFile(),
			"TLSRequired on",
			"TLSVerifyClient "+verify,
			"TLSRenegotiate none",
			"TLSLog "+tlsLog,
		)
	}
	if s.Security == Implicit {
		conf = append(conf, "TLSOptions UseImplicitSSL")
	}
	name := filepath.Join(s.dir, "proftpd.conf")
	if err := os.WriteFile(name, []byte(strings.Join(conf, "\n")+"\n"), 0o600); err != nil {
		return command{}, err
	}
	return command{
		path: prog.path(binaries[ProFTPD]),
		args: []string{"--nodaemon", "--config", name},
		env:  prog.env(),
	}, nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
