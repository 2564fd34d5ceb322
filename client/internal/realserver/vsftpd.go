package realserver

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

//go:embed files/pam.c
var pamSource []byte

const pamVersions = "LIBPAM_1.0 { global: pam_*; local: *; };\n"

// setupVSFTPD configures vsftpd with one guest user, who may do everything in
// the folder.
func setupVSFTPD(ctx context.Context, s *Server, prog program, owner servantUser, host, port string) (command, error) {
	pam, err := buildPAM(ctx)
	if err != nil {
		return command{}, err
	}
	libs := filepath.Join(s.dir, "lib")
	empty := filepath.Join(s.dir, "empty")
	for _, d := range []string{libs, empty} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return command{}, err
		}
	}
	if err := os.WriteFile(filepath.Join(libs, "libpam.so.0"), pam, 0o755); err != nil {
		return command{}, err
	}
	log := filepath.Join(s.dir, "vsftpd.log")
	s.logs = append(s.logs, log)
	listen := "listen=YES\nlisten_address=" + host
	if s.IPv6 {
		listen = "listen_ipv6=YES\nlisten_address6=" + host
	}
	conf := []string{
		listen,
		"listen_port=" + port,
		"background=NO",
		"anonymous_enable=NO",
		"local_enable=YES",
		"guest_enable=YES",
		"guest_username=" + owner.name,
		"virtual_use_local_privs=YES",
		"write_enable=YES",
		"local_umask=022",
		"local_root=" + s.Root,
		"chroot_local_user=YES",
		"allow_writeable_chroot=YES",
		"secure_chroot_dir=" + empty,
		"check_shell=NO",
		"tcp_wrappers=NO",
		"seccomp_sandbox=NO",
		"mdtm_write=YES",
		"max_per_ip=0",
		"max_clients=0",
		"vsftpd_log_file=" + log,
		"xferlog_enable=YES",
		"log_ftp_protocol=YES",
	}
	if s.Security != Plain {
		conf = append(conf,
			"ssl_enable=YES",
			"ssl_tlsv1=YES",
			"ssl_ciphers=HIGH",
			"rsa_cert_file="+s.certFile(),
			"rsa_private_key_file="+s.keyFile(),
			"force_local_logins_ssl=YES",
			"force_local_data_ssl=YES",
			"require_ssl_reuse=YES",
		)
	}
	if s.ClientCerts {
		conf = append(conf, "require_cert=YES", "validate_cert=YES", "ca_certs_file="+s.CAFile)
	}
	if s.Security == Implicit {
		conf = append(conf, "implicit_ssl=YES")
	}
	name := filepath.Join(s.dir, "vsftpd.conf")
	if err := os.WriteFile(name, []byte(strings.Join(conf, "\n")+"\n"), 0o600); err != nil {
		return command{}, err
	}
	return command{
		path: prog.path(binaries[VSFTPD]),
		args: []string{name},
		env:  append(prog.env(libs), s.tlsEnv()...),
	}, nil
}

// pamLibrary is the compiled pam.c, made once in a process.
var pamLibrary struct {
	sync.Mutex // guards built
	built      []byte
}

// buildPAM compiles pam.c.
func buildPAM(ctx context.Context) ([]byte, error) {
	pamLibrary.Lock()
	defer pamLibrary.Unlock()
	if pamLibrary.built != nil {
		return pamLibrary.built, nil
	}
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		return nil, &Unavailable{Kind: VSFTPD, Reason: "gcc is needed to build the library that checks its test user"}
	}
	dir, err := os.MkdirTemp("", "portside-pam-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	source, versions, out := filepath.Join(dir, "pam.c"), filepath.Join(dir, "pam.map"), filepath.Join(dir, "libpam.so.0")
	if err = os.WriteFile(source, pamSource, 0o600); err != nil {
		return nil, err
	}
	if err = os.WriteFile(versions, []byte(pamVersions), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, gcc, "-shared", "-fPIC", "-O",
		fmt.Sprintf("-DUSER=%q", testUser), fmt.Sprintf("-DPASSWORD=%q", testPassword),
		"-Wl,-soname,libpam.so.0", "-Wl,--version-script,"+versions, "-o", out, source)
	msg, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("compile pam.c: %w\n%s", err, msg)
	}
	built, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	pamLibrary.built = built
	return built, nil
}
