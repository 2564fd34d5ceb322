//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"portside/client/ftptest"
)

// editorScript writes an editor that replaces the file, as careful editors do, by what
// it had with a line more, and returns the settings that name it.
func editorScript(t *testing.T, more string) []byte {
	t.Helper()
	script := filepath.Join(t.TempDir(), "editor.sh")
	text := "cp \"$1\" \"$1~\" && printf '" + more + "\\n' >>\"$1~\" && mv \"$1~\" \"$1\"\n"
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, `{"version": 1, "editor": "sh %s"}`, script)
}

// A file of the server is edited with a program, and goes back after a question.
func TestAFileIsEdited(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/notes.txt", "one\n"))
	a := start(t, map[string][]byte{".config/portside/settings.json": editorScript(t, "two")})
	a.connect(login(srv.URL))
	a.sees("plain · passive EPSV")
	a.click("notes.txt")
	a.keys("F4")
	a.sees("“notes.txt” was changed. Upload it?")
	if got := string(srv.File("/notes.txt")); got != "one\n" {
		t.Errorf("it was uploaded before the answer: %q", got)
	}
	a.click("Always for this file")
	a.until("the upload", func() bool { return string(srv.File("/notes.txt")) == "one\ntwo\n" })
	a.click("notes.txt")
	a.keys("F4") // the copy is opened again, and its change goes without a question
	a.until("the second upload", func() bool { return string(srv.File("/notes.txt")) == "one\ntwo\ntwo\n" })
}
