package transfers_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

// Where no data connection can be made, a tree does not try that for every file.
func TestTreeWithoutDataConnections(t *testing.T) {
	s := newSite(t, ftptest.Reply("STOR", "425 Can't open data connection."))
	s.opt.Mode = client.Passive
	ses, err := client.Dial(t.Context(), s.srv.Addr, s.opt)
	if err != nil {
		t.Fatal(err)
	}
	defer ses.Close()
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c", "d"} {
		if err = os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err = transfers.UploadTree(t.Context(), ses, dir, "/", transfers.Options{Retries: 3, Backoff: time.Millisecond})
	if err == nil {
		t.Error("no error")
	}
	if n := s.srv.Count("STOR"); n > 3 { // once by the method that worked, then by each
		t.Errorf("STOR was sent %d times", n)
	}
}
