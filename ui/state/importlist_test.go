package state

import (
	"strings"
	"testing"

	"portside/client/secrets"
	"portside/client/sites"
	"portside/client/sites/exchange"
)

func anImport() *ImportList {
	site := func(name string, folder ...string) sites.Site {
		return sites.Site{Name: name, Host: name + ".example.org", Folder: folder}
	}
	return NewImportList(&exchange.Import{
		Format: exchange.Format{ID: "filezilla", Name: "FileZilla"}, Path: "/x/sitemanager.xml",
		Rows: []exchange.Row{
			{Site: site("a", "Work", "Deep"), Outcome: exchange.Imported, Chosen: true, Secrets: map[secrets.Kind]string{secrets.Password: "s3cret"}, Where: "Work/Deep/a", Lost: []string{"comparing folders", "the server type"}},
			{Site: site("b"), Outcome: exchange.Duplicate, Why: "your site “b” is the same server and user", Secrets: map[secrets.Kind]string{secrets.Password: "s3cret", secrets.ProxyPassword: "pr0xy"}},
			{Outcome: exchange.Skipped, Why: "SFTP is another protocol", Where: "entry 3", Chosen: true},
			{Site: site("d"), Outcome: exchange.Imported, Chosen: true},
		},
	})
}

func TestImportRows(t *testing.T) {
	l := anImport()
	for i, want := range []ImportRow{
		{Name: "a", Folder: "Work / Deep", Host: "a.example.org", Outcome: "will be imported, without 2 settings", Box: true, Chosen: true, Lost: 2},
		{Name: "b", Host: "b.example.org", Outcome: "duplicate: your site “b” is the same server and user", Box: true, Doubt: true},
		{Name: "entry 3", Outcome: "skipped: SFTP is another protocol"},
		{Name: "d", Host: "d.example.org", Outcome: "will be imported", Box: true, Chosen: true},
	} {
		if got := l.Row(i); got != want {
			t.Errorf("row %d: %+v, want %+v", i, got, want)
		}
	}
	if title, text := l.Detail(0); title != "Work/Deep/a" || text != "not taken over: comparing folders; the server type" {
		t.Errorf("detail %q: %q", title, text)
	}
	if title, text := l.Detail(2); title != "entry 3" || text != "SFTP is another protocol" {
		t.Errorf("detail %q: %q", title, text)
	}
}

func TestImportSums(t *testing.T) {
	l := anImport()
	check := func(what, button, passwords string) {
		t.Helper()
		if got := l.Button(); got != button {
			t.Errorf("%s: the button says %q, want %q", what, got, button)
		}
		if got := l.Passwords(""); got != passwords {
			t.Errorf("%s: passwords %q, want %q", what, got, passwords)
		}
	}
	if got, want := l.Summary(), "FileZilla: 2 sites, 1 duplicate, 1 skipped"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
	check("as read", "Import 2 sites", "1 password goes into the keyring.")
	if !l.Toggle(1) || l.Toggle(2) || l.Toggle(-1) || l.Toggle(4) {
		t.Error("what can be chosen and what cannot is mixed up")
	}
	check("with the duplicate", "Import 3 sites", "3 passwords go into the keyring.")
	if got := l.Row(1).Outcome; !strings.HasPrefix(got, "will be imported all the same") {
		t.Errorf("the duplicate says %q", got)
	}
	if got := l.Passwords("There is no keyring."); !strings.HasPrefix(got, "3 passwords come with them") || !strings.HasSuffix(got, "There is no keyring.") {
		t.Errorf("without a keyring: %q", got)
	}
	l.Choose(false)
	check("none", "", "")
	l.Choose(true)
	check("all", "Import 2 sites", "1 password goes into the keyring.")
}
