package transfers_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/transfers/internal/servertest"
)

// Up, changed, deleted and down again on real servers; second runs find
// nothing to do.
func TestMirrorRealServers(t *testing.T) {
	program := servertest.Build(t)
	for _, kind := range []string{"vsftpd", "proftpd", "pureftpd", "pyftpdlib"} {
		t.Run(kind, func(t *testing.T) {
			srv := servertest.Start(t, program, kind)
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

func mirrorReal(t *testing.T, r transfers.Remote, srv servertest.Server, dial func(ctx context.Context) (transfers.RemoteCloser, error)) {
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
