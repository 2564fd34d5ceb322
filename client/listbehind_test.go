package client_test

import (
	"errors"
	"testing"

	"portside/client"
	"portside/client/ftptest"
)

// LIST goes out right behind CWD where the server takes commands ahead, and a folder
// that is not there is never taken for an empty one, or for the one before.
func TestListBehindCWD(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Without("MLSD", "MLST"), ftptest.File("/a/one", "1"), ftptest.File("/b/two", "22"), ftptest.Dir("/void"))
	s, _ := dialAhead(t, srv)
	more := client.ListOptions{More: true}                         // the next listing has its data connection
	if _, err := s.ListWith(t.Context(), "/a", more); err != nil { // learns that -a works
		t.Fatal(err)
	}
	lists, behind := srv.Count("LIST"), 0
	if err := srv.Apply(ftptest.Handle("CWD", func(c *ftptest.Conn, _ string) bool {
		lists++
		if srv.WaitForCount(c.Context(), "LIST", lists) == nil {
			behind++
		}
		return false
	})); err != nil {
		t.Fatal(err)
	}
	names := func(path string) string {
		t.Helper()
		l, err := s.ListWith(t.Context(), path, more)
		if err != nil {
			t.Fatal(err)
		}
		all := ""
		for _, e := range l.Entries {
			all += e.Name + " "
		}
		return all
	}
	if got := names("/b"); got != "two " {
		t.Errorf("/b holds %q", got)
	}
	_, err := s.ListWith(t.Context(), "/missing", more)
	var refused *client.ReplyError
	if !errors.As(err, &refused) || refused.Verb != "CWD" || refused.Reply.Code != 550 {
		t.Errorf("a missing folder: %v, want the refused CWD", err)
	}
	if got := names("/void"); got != "" {
		t.Errorf("/void holds %q", got)
	}
	if got := names("/a"); got != "one " {
		t.Errorf("/a holds %q", got)
	}
	if behind != 4 {
		t.Errorf("LIST came behind CWD %d times, want 4", behind)
	}
}
