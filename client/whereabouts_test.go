package client_test

import (
	"slices"
	"strings"
	"testing"

	"portside/client"
	"portside/client/ftptest"
)

// Where the server has no MLST, finding out that something is a directory goes there, and
// listing it afterwards needs no further command for that.
func TestStatStaysInTheDirectory(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Without("MLSD", "MLST"), ftptest.File("/d/a", "x"))
	s := dial(t, srv, client.Options{})
	e, err := s.Stat(t.Context(), "/d")
	if err != nil || e.Type.String() != "dir" {
		t.Fatalf("Stat: %v, %v", e, err)
	}
	if _, err = s.List(t.Context(), "/d"); err != nil {
		t.Fatal(err)
	}
	if got := said(srv, "CWD"); !slices.Equal(got, []string{"CWD /d"}) {
		t.Errorf("said %q", got)
	}
	if dir, err := s.WorkingDir(t.Context()); err != nil || dir != "/" {
		t.Errorf("the working directory is %q, %v", dir, err)
	}
}

// A directory is not removed or renamed while the server is in it.
func TestLeavesADirectoryBeforeItGoes(t *testing.T) {
	in := "/"
	srv := ftptest.NewServer(t, ftptest.Without("MLSD", "MLST"), ftptest.File("/old/below/x", "x"), ftptest.File("/gone/x", "x"), ftptest.File("/d/below/a/x", "x"))
	busy := func(c *ftptest.Conn, arg string) bool {
		if in == arg || strings.HasPrefix(in, arg+"/") {
			c.Reply(550, "The process cannot access the file because it is being used by another process.")
			return true
		}
		return false
	}
	if err := srv.Apply(
		ftptest.Handle("CWD", func(_ *ftptest.Conn, arg string) bool { in = arg; return false }),
		ftptest.Handle("RMD", busy), ftptest.Handle("RNFR", busy),
	); err != nil {
		t.Fatal(err)
	}
	s := dial(t, srv, client.Options{})
	list := func(path string) {
		t.Helper()
		if _, err := s.List(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	list("/gone")
	if err := s.Delete(t.Context(), "/gone/x"); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveDir(t.Context(), "/gone"); err != nil {
		t.Errorf("RemoveDir: %v", err)
	}
	list("/old/below")
	if err := s.Rename(t.Context(), "/old", "/new"); err != nil {
		t.Errorf("Rename: %v", err)
	}
	list("/d/below/a")
	if err := s.Rename(t.Context(), "/d/below/a/x", "/d/below/a/y"); err != nil {
		t.Errorf("Rename: %v", err)
	}
	if got := said(srv, "CWD"); !slices.Equal(got, []string{"CWD /gone", "CWD /", "CWD /old/below", "CWD /", "CWD /d/below/a"}) {
		t.Errorf("said %q", got)
	}
}

// Where names are taken from the working directory, it stays where it was.
func TestStaysWhereNamesAreTakenFrom(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Without("MLSD", "MLST"), ftptest.File("/a", "x"),
		ftptest.Reply("PWD", `257 "C:/data" is the working directory`), ftptest.Reply("CWD", "250 Fine."), ftptest.Reply("RMD", "550 It is not empty."))
	s := dial(t, srv, client.Options{})
	if err := s.ChangeDir(t.Context(), "C:/data/sub"); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveDir(t.Context(), "C:/data/sub"); err == nil {
		t.Error("RemoveDir has succeeded")
	}
	if got := said(srv, "CWD"); !slices.Equal(got, []string{"CWD C:/data/sub"}) {
		t.Errorf("said %q", got)
	}
}

// said returns the commands with a verb, in order.
func said(srv *ftptest.Server, verb string) []string {
	var out []string
	for _, c := range srv.Commands() {
		if strings.HasPrefix(c, verb) {
			out = append(out, c)
		}
	}
	return out
}
