package transfers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/transfers"
)

// A realServer is what the program that starts one says of it.
type realServer struct{ Addr, User, Password, Root string }

// startReal starts a real server, or skips the test where there is none.
func startReal(t *testing.T, program, kind string) realServer {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "-stdin", "-kind", kind)
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
	var srv realServer
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

// Up, changed, deleted and down again on real servers; second runs find
// nothing to do.
func TestMirrorRealServers(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs real servers")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the real servers of the tests run on Linux only")
	}
	program := filepath.Join(t.TempDir(), "serve")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "portside/client/internal/realserver/serve")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, kind := range []string{"vsftpd", "proftpd", "pureftpd", "pyftpdlib"} {
		t.Run(kind, func(t *testing.T) {
			srv := startReal(t, program, kind)
			opt := client.Options{User: srv.User, Password: srv.Password, Security: client.SecurityOff, Timeout: 15 * time.Second}
			dial := func(ctx context.Context) (transfers.RemoteCloser, error) { return client.Dial(ctx, srv.Addr, opt) }
			r, err := dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			mirrorReal(t, r, srv, dial)
		})
	}
}

func mirrorReal(t *testing.T, r transfers.Remote, srv realServer, dial func(ctx context.Context) (transfers.RemoteCloser, error)) {
	t.Helper()
	src, back := tree(t), filepath.Join(t.TempDir(), "back")
	up := transfers.MirrorOptions{Upload: true, Delete: true, Jobs: 3, Dial: dial}
	twice(t, r, src, "/copy", up)
	sameTrees(t, src, filepath.Join(srv.Root, "copy"))
	down := transfers.MirrorOptions{Delete: true, Jobs: 3, Dial: dial}
	twice(t, r, back, "/copy", down)
	sameTrees(t, src, back)

	// A change of the same size, a longer file, and things that go.
	for name, n := range map[string]int{"a.txt": 1000, "sub/b": 80_000} {
		b := pattern(n + 1)[1:]
		if err := os.WriteFile(filepath.Join(src, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"many", "empty"} {
		if err := os.RemoveAll(filepath.Join(src, name)); err != nil {
			t.Fatal(err)
		}
	}
	twice(t, r, src, "/copy", up)
	sameTrees(t, src, filepath.Join(srv.Root, "copy"))
	twice(t, r, back, "/copy", down)
	sameTrees(t, src, back)

	// A link on the server, to what is not to be touched, and one here.
	precious := filepath.Join(srv.Root, "precious")
	if err := os.MkdirAll(filepath.Join(precious, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, filepath.Join(srv.Root, "copy", "link")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := mirror(t, r, src, "/copy", up); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(precious, "x")); err != nil {
		t.Errorf("what a link leads to is gone: %v", err)
	}
}
