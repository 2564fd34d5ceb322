// Package servertest starts real FTP servers for the tests of this module's
// transfers, as programs of their own.
package servertest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A Server is a running server.
type Server struct {
	Addr, User, Password string
	Root                 string // the folder of its user
	CAFile               string // certificate of who signed its own, where it has TLS
}

// Build builds the program that starts servers, for any number of Start. It skips
// the test where none can run.
func Build(t testing.TB) (program string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs real servers")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the real servers of the tests run on Linux only")
	}
	program = filepath.Join(t.TempDir(), "serve")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "portside/client/internal/realserver/serve")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// Start starts a server: "vsftpd", "proftpd", "pureftpd" or "pyftpdlib", with
// further arguments of the program. It skips the test where that does not run
// here, and ends the server with the test.
func Start(t testing.TB, program, kind string, args ...string) Server {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"-stdin", "-kind", kind}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var srv Server
	if err = json.NewDecoder(out).Decode(&srv); err != nil {
		_ = in.Close()
		_ = cmd.Wait()
		t.Skipf("%s does not run here: %s", kind, strings.TrimSpace(stderr.String()))
	}
	t.Cleanup(func() {
		_ = in.Close() // ends it
		_ = cmd.Wait()
	})
	return srv
}
