//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"portside/client/ftptest"
)

// has reports whether a text that is seen holds s.
func (a *app) has(s string) bool {
	a.t.Helper()
	for _, seen := range a.dump() {
		if strings.Contains(seen.Text, s) {
			return true
		}
	}
	return false
}

// TestTransfersGoOnNextTime queues a folder, pauses, goes on, answers a question
// for all, closes the window in the middle of it, starts it again and sees
// everything arrive.
func TestTransfersGoOnNextTime(t *testing.T) {
	const files = 12
	tree := []ftptest.Option{ftptest.User("joe", "s3cret"), ftptest.Bandwidth(300_000)}
	want := map[string][]byte{}
	for i := range files {
		name := fmt.Sprintf("/album/%02d.bin", i)
		data := random(400_000+i, int64(i))
		want[name] = data
		tree = append(tree, ftptest.File(name, string(data)))
	}
	srv := ftptest.NewServer(t, tree...)
	a := start(t, map[string][]byte{"album/00.bin": []byte("old"), "album/01.bin": []byte("old, too")})
	a.connect(login(srv.URL))
	a.sees("plain · passive EPSV")
	a.click("album") // the local one is the first
	a.move(a.find("album", 1))
	a.do("click", "1")
	a.keys("ctrl+Left")
	a.sees("to go")

	a.click("Pause")
	a.sees("to go, paused")
	a.click("Go on")

	a.sees("“00.bin” exists here")
	a.click("For all")
	a.click("Overwrite")
	a.until("the answer for all", func() bool { return !a.has("exists here") && !a.has("Waits for your answer") })

	a.keys("ctrl+q")
	a.sees("Transfers are still going on")
	a.find("Go on working", 0)
	a.find("Stop and forget", 0)
	a.keys("Return") // continue next time
	a.ends()
	whole := 0
	for name, data := range want {
		if a.holds(strings.TrimPrefix(name, "/"), data) {
			whole++
		}
	}
	if whole == files {
		t.Fatal("everything had arrived before the window was closed: the rest of the test shows nothing")
	}

	b := startIn(t, a.home)
	b.sees("Log in again to go on.")
	b.click("Log in")
	b.sees("Password of joe")
	b.write("s3cret")
	b.keys("Return")
	b.until("the rest of the files", func() bool {
		for name, data := range want {
			if !b.holds(strings.TrimPrefix(name, "/"), data) {
				return false
			}
		}
		return true
	})
	b.sees(" done")
	for _, seen := range b.dump() {
		if strings.Contains(seen.Text, "s3cret") {
			t.Errorf("the password is on the screen: %q", seen.Text)
		}
	}
}
