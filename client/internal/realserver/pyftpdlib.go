package realserver

import (
	"context"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed files/pyftpdlib_server.py
var pyftpdlibServer []byte

// setupPyFTPDLib starts files/pyftpdlib_server.py with the Python that was
// fetched along with the library, or the system's where it has one.
func setupPyFTPDLib(_ context.Context, s *Server, prog program, _ servantUser, host, port string) (command, error) {
	if s.Security == Implicit {
		return command{}, &Unavailable{Kind: PyFTPDLib, Reason: "it has no implicit TLS"}
	}
	python := prog.path("usr/bin/python3")
	if _, err := os.Stat(python); err != nil {
		// Debian's own, whose version the packages are made for.
		if python, err = exec.LookPath("/usr/bin/python3"); err != nil {
			return command{}, &Unavailable{Kind: PyFTPDLib, Reason: "there is no Python 3"}
		}
	}
	script := filepath.Join(s.dir, "server.py")
	if err := os.WriteFile(script, pyftpdlibServer, 0o600); err != nil {
		return command{}, err
	}
	args := []string{"-B", script, host, port, testUser, testPassword, s.Root}
	if s.Security == Explicit {
		args = append(args, s.bothFile())
	}
	env := append(prog.env(), s.tlsEnv()...)
	return command{
		path: python,
		args: args,
		env:  append(env, "PYTHONPATH="+prog.path("usr/lib/python3/dist-packages"), "PYTHONNOUSERSITE=1"),
	}, nil
}
