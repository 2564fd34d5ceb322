//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portside/client"
	"portside/client/ftptest"
)

// TestTheFirstSite names the first site of all by the keyboard, as soon as its form is
// there: by the button, and by the menu of another run.
func TestTheFirstSite(t *testing.T) {
	for _, open := range []func(a *app){
		func(a *app) {
			a.keys("ctrl+b")
			a.still("New folder") // the bar of the site manager
			a.click("New site")
		},
		func(a *app) {
			a.click("Sites")
			a.click("New site…")
		},
	} {
		a := start(t, nil)
		open(a)
		a.sees("What you call the site.")
		a.write("Abc")
		a.keys("Tab")
		a.write("abc.example.org")
		sites := filepath.Join(a.home, ".config/portside/sites.json")
		a.keys("Tab")
		a.until("the site", func() bool {
			data, err := os.ReadFile(sites)
			return err == nil && strings.Contains(string(data), `"Abc"`) && strings.Contains(string(data), `"abc.example.org"`)
		})
	}
}

// TestASavedSite connects to a saved site whose certificate nobody vouches for, without a
// keyring, and looks for its password in everything that is left.
func TestASavedSite(t *testing.T) {
	const password = "s3cret-of-the-harbour"
	srv := ftptest.NewServer(t, ftptest.User("joe", password), ftptest.TLS(), ftptest.File("/site/a.txt", "hello"))
	u, err := client.ParseURL(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf(`{"version": 1, "folders": [["Work"]], "sites": [
		{"id": "0123456789abcdef", "name": "Harbour", "folder": ["Work"], "host": %q, "port": %d, "user": "joe", "remote_dir": "/site"}]}`, u.Host, u.Port)
	a := start(t, map[string][]byte{".config/portside/sites.json": []byte(file)})
	a.click("Harbour")
	a.sees("Log in to Harbour")
	a.write(password)
	a.keys("Return")
	a.sees("cannot be verified")
	a.click("Always trust for this server")
	a.sees("a.txt")
	a.sees("takes TLS")
	a.keys("ctrl+shift+b")
	a.sees("Bookmark this folder")
	a.keys("Return")
	sites := filepath.Join(a.home, ".config/portside/sites.json")
	a.until("the bookmark", func() bool {
		data, readErr := os.ReadFile(sites)
		return readErr == nil && strings.Contains(string(data), "bookmarks") && strings.Contains(string(data), `"require"`)
	})
	home := a.home
	a.stop()
	a.over = true
	forms := [][]byte{[]byte(password), []byte(base64.StdEncoding.EncodeToString([]byte(password))), []byte(hex.EncodeToString([]byte(password)))}
	err = filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, form := range forms {
			if bytes.Contains(data, form) {
				t.Errorf("the password is in %s", path)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
