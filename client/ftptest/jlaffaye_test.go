package ftptest_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jlaffaye/ftp"

	"portside/client/ftptest"
)

// TestLibrary drives the server with a client that others wrote.
func TestLibrary(t *testing.T) {
	at := time.Date(2025, 6, 1, 10, 0, 0, 0, time.UTC)
	for _, name := range []string{"plain", "explicit", "implicit"} {
		t.Run(name, func(t *testing.T) {
			srv := ftptest.NewServer(t, ftptest.User("joe", "secret"), ftptest.FileAt("/docs/a.txt", "hello", at, 0o644), ftptest.TLS())
			opts := []ftp.DialOption{ftp.DialWithContext(t.Context())}
			switch name {
			case "explicit":
				opts = append(opts, ftp.DialWithExplicitTLS(clientConfig(srv)))
			case "implicit":
				srv = ftptest.NewServer(t, ftptest.User("joe", "secret"), ftptest.FileAt("/docs/a.txt", "hello", at, 0o644), ftptest.ImplicitTLS())
				opts = append(opts, ftp.DialWithTLS(clientConfig(srv)))
			}
			c, err := ftp.Dial(srv.Addr, opts...)
			if err != nil {
				t.Fatal(err)
			}
			if err = c.Login("joe", "secret"); err != nil {
				t.Fatal(err)
			}
			entries, err := c.List("/docs")
			if err != nil || len(entries) != 3 { // with cdir and pdir
				t.Fatalf("List = %v, %v", entries, err)
			}
			if e := entries[2]; e.Name != "a.txt" || e.Size != 5 || !e.Time.Equal(at) {
				t.Errorf("entry = %+v", e)
			}
			if err = c.Stor("/docs/b.txt", strings.NewReader("stored")); err != nil {
				t.Fatal(err)
			}
			if err = c.Append("/docs/b.txt", strings.NewReader(" and more")); err != nil {
				t.Fatal(err)
			}
			if err = c.Rename("/docs/b.txt", "/c.txt"); err != nil {
				t.Fatal(err)
			}
			r, err := c.RetrFrom("/c.txt", 7)
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil || string(data) != "and more" {
				t.Errorf("RetrFrom = %q, %v", data, err)
			}
			if err = r.Close(); err != nil {
				t.Error(err)
			}
			if err = c.Quit(); err != nil {
				t.Error(err)
			}
		})
	}
}
