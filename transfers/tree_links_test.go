package transfers_test

import (
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

// The server's MLSD gives a link the type of the folder that it leads to, as
// pyftpdlib does. What it leads to must not be deleted.
func TestDeleteTreeSpareWhatMaskedLinksLeadTo(t *testing.T) {
	for _, c := range []struct {
		name string
		opts []ftptest.Option
		left bool // the folder stays, since it is not sure what is in it
	}{
		{name: "LIST tells", opts: nil},
		{name: "LIST does not have it", opts: []ftptest.Option{ftptest.ListLines("-rw-r--r-- 1 ftp ftp 1 Jan 01 2026 a")}, left: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, append(c.opts,
				ftptest.File("/keep/precious", "x"), ftptest.File("/top/a", "a"), ftptest.Symlink("/top/ln", "/keep"),
				ftptest.MLSDLines("type=file;size=1;modify=20260101000000; a", "type=dir;modify=20260101000000; ln"))...)
			ses, err := client.Dial(t.Context(), s.srv.Addr, s.opt)
			if err != nil {
				t.Fatal(err)
			}
			defer ses.Close()
			_, err = transfers.DeleteTree(t.Context(), ses, "/top", transfers.Options{Retries: -1, Backoff: time.Millisecond})
			if !s.srv.Exists("/keep/precious") {
				t.Error("the file behind the link is gone")
			}
			for _, cmd := range s.srv.Commands() {
				if strings.HasPrefix(cmd, "DELE /top/ln/") || strings.HasPrefix(cmd, "MLSD /top/ln") {
					t.Errorf("went through the link: %s", cmd)
				}
			}
			if s.srv.Exists("/top") != c.left || (err != nil) != c.left {
				t.Errorf("the folder is there: %v, want %v; error = %v", s.srv.Exists("/top"), c.left, err)
			}
		})
	}
}
