package ui

import (
	"testing"

	"portside/client/ftptest"
	"portside/client/sites"
)

func TestTheManagerOpensOnTheConnectedSite(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, sites.Site{Name: "Another", Host: "another.example"}, harbour(srv, nil)))
	b.press("Harbour")
	b.isUp()
	b.w.openManager("")
	b.sees("the connected site", func() bool {
		at := b.w.manager.model.Chosen()
		return at >= 0 && b.w.manager.model.Row(at).ID == harbourID
	})
}
