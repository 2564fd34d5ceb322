package ui

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portside/client/secrets"
	"portside/client/sites/exchange"
	"portside/ui/uitest"
)

const zillaFile = `<?xml version="1.0" encoding="UTF-8"?>
<FileZilla3><Servers>
<Folder>Customers
<Server><Host>ftp.customer.example</Host><Port>21</Port><Protocol>4</Protocol><Type>0</Type><User>anna</User><Pass encoding="base64">czNjcmV0LXBhc3M=</Pass><Logontype>1</Logontype><Name>Customer</Name><DirectoryComparison>1</DirectoryComparison></Server>
<Server><Host>sftp.example.org</Host><Port>22</Port><Protocol>1</Protocol><Type>0</Type><User>anna</User><Logontype>2</Logontype><Name>Other protocol</Name></Server>
</Folder>
<Server><Host>one.example.org</Host><Port>21</Port><Protocol>0</Protocol><Type>0</Type><User>anna</User><Logontype>2</Logontype><Name>One again</Name></Server>
</Servers></FileZilla3>`

// withFile writes a file that is found by itself.
func withFile(name, text string) func(*siteBench, *siteDeps) {
	return func(b *siteBench, d *siteDeps) {
		path := filepath.Join(b.dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			b.t.Fatal(err)
		}
		format, _ := exchange.Detect(name, []byte(text))
		d.Usual = func() []exchange.Found { return []exchange.Found{{Format: format, Path: path}} }
	}
}

func TestImportFromAnotherProgram(t *testing.T) {
	b := openSites(t, withFile("sitemanager.xml", zillaFile), named("One"))
	b.press("Import…")
	b.reads("FileZilla: 1 site, 1 duplicate, 1 skipped.")
	b.reads("1 password goes into the keyring.")
	b.reads("will be imported, without 1 setting")
	b.reads("skipped: ")
	b.reads("Not taken over: comparing folders.")
	if got := b.paths(); len(got) != 1 {
		t.Fatalf("imported before anybody said so: %v", got)
	}
	b.Key(fyne.KeyEnd)
	b.Type(" ") // the duplicate too
	b.reads("Import 2 sites")
	b.press("All")
	b.clock.Advance(readTime)
	b.press("Import 1 site")
	if got, want := b.paths(), []string{"Customers/Customer", "One"}; !slices.Equal(got, want) {
		t.Fatalf("the book has %v, want %v", got, want)
	}
	s := b.site("Customer")
	if want := map[string]string{s.ID + "/password": "s3cret-pass"}; !maps.Equal(b.keyring.held(), want) {
		t.Errorf("the keyring holds %v, want %v", b.keyring.held(), want)
	}
	b.reads("1 site was imported.")
	if i := b.m.model.Chosen(); i < 0 || b.m.model.Row(i).ID != s.ID {
		t.Errorf("row %d is chosen, want what was imported", i)
	}
	if data, err := os.ReadFile(b.book.Path()); err != nil || bytes.Contains(data, []byte("s3cret")) {
		t.Errorf("the file of sites has the password, or cannot be read: %v", err)
	}
	b.press("Undo")
	if got := b.paths(); len(got) != 1 || len(b.keyring.held()) != 0 || len(b.book.Content().Folders) != 0 {
		t.Errorf("after undoing: %v, %d secrets, folders %v", got, len(b.keyring.held()), b.book.Content().Folders)
	}
}

// Two clicks in one place open the preview and no more, and neither does Return that is
// held: the list has to be there for a moment before it can be taken.
func TestNothingIsImportedUnread(t *testing.T) {
	b := openSites(t, withFile("sitemanager.xml", zillaFile), named("One"))
	at := b.Find("Import…")
	b.Click(at)
	b.idle()
	b.reads("Import 1 site")
	if near := centreOf(b.m.imports.take); near.Y-at.Y < b.m.imports.take.Size().Height {
		t.Errorf("the button is at %v, beside what was clicked at %v", near, at)
	}
	b.clock.Advance(readTime - time.Millisecond)
	b.press("Import 1 site")
	b.Key(fyne.KeyReturn)
	b.idle()
	if got := b.paths(); len(got) != 1 {
		t.Fatalf("imported before anybody can have read it: %v", got)
	}
	b.clock.Advance(time.Millisecond)
	b.press("Import 1 site")
	if got := b.paths(); len(got) != 2 {
		t.Errorf("the book has %v", got)
	}
}

func TestImportByMouse(t *testing.T) {
	b := openSites(t, withFile("sitemanager.xml", zillaFile))
	b.reads("FileZilla: 2 sites")
	b.press("FileZilla: 2 sites")
	b.reads("Import 2 sites")
	at := b.Find("Customer")
	b.Click(fyne.NewPos(syncBoxLeft+4, at.Y))
	b.reads("Import 1 site")
	b.press("None")
	b.reads("Import: nothing chosen")
	if !b.m.imports.take.Disabled() {
		t.Error("nothing can be imported")
	}
	b.Click(fyne.NewPos(syncBoxLeft+4, at.Y))
	b.clock.Advance(readTime)
	b.press("Import 1 site")
	if got, want := b.paths(), []string{"Customers/Customer"}; !slices.Equal(got, want) {
		t.Errorf("the book has %v, want %v", got, want)
	}
}

func TestImportSaysWhatIsWrongWithAFile(t *testing.T) {
	b := openSites(t, withFile("sitemanager.xml", zillaFile[:300]), named("One"))
	b.press("Import…")
	b.reads("This file cannot be imported")
	if uitest.HasText(b.Canvas(), "Import 1 site") || len(b.paths()) != 1 {
		t.Error("half a file was imported")
	}
	b.Key(fyne.KeyEscape)
	b.idle()
	b.reads("one.example.org")
	if b.closed != 0 {
		t.Error("Escape left more than the import")
	}
}

func TestImportWithoutAKeyring(t *testing.T) {
	b := openSites(t, func(b *siteBench, d *siteDeps) {
		withFile("sitemanager.xml", zillaFile)(b, d)
		b.keyring.trouble = secrets.Missing
	})
	b.m.OpenImport("")
	b.reads("1 password comes with them, and cannot be kept beyond this run. There is no")
	b.clock.Advance(readTime)
	b.Key(fyne.KeyReturn)
	b.idle()
	b.reads("1 password could not be kept and will be asked for.")
	s := b.site("Customer")
	if got, err := b.m.deps.Secrets.Get(t.Context(), secrets.Key{Site: s.ID}); got != "s3cret-pass" {
		t.Errorf("for this run there is %q, %v", got, err)
	}
}

func TestExportHoldsNoPassword(t *testing.T) {
	b := openSites(t, nil, named("One", "Work"), named("Two"))
	for _, s := range b.book.Content().Sites {
		b.keyring.items[s.ID+"/password"] = "s3cret-pass"
	}
	b.Click(b.row("Work"))
	b.press("Export…")
	b.reads("Passwords are not exported")
	path := filepath.Join(b.dir, "out.portside")
	b.m.deps.Sheets.stack[0].inputs[0].SetText(path)
	b.Key(fyne.KeyReturn)
	b.idle()
	b.reads("2 sites were exported to")
	im, err := exchange.Read(t.Context(), path, exchange.ReadOptions{})
	if err != nil || im.Count(exchange.Imported) != 2 {
		t.Fatalf("what was exported reads as %v, %v", im, err)
	}
	b.Click(b.row("Work"))
	b.m.openExport()
	sheet := b.m.deps.Sheets.stack[0]
	sheet.inputs[0].SetText(path)
	sheet.answer(true)
	b.reads("he file is there already: press Export again")
	zilla := filepath.Join(b.dir, "sitemanager.xml")
	sheet.inputs[0].SetText(zilla)
	b.ClickText("All 2 sites")
	b.ClickText("The folder “Work” with 1 site")
	b.ClickText("Portside (.portside)")
	b.ClickText("FileZilla (sitemanager.xml)")
	sheet.inputs[0].SetText(zilla)
	b.press("Export")
	b.reads("1 site was exported to")
	for _, name := range []string{path, zilla} {
		data, err := os.ReadFile(name)
		if err != nil || strings.Contains(string(data), "s3cret") || !strings.Contains(string(data), "one.example.org") {
			t.Errorf("%s: %v\n%s", name, err, data)
		}
	}
	if data, _ := os.ReadFile(zilla); strings.Contains(string(data), "two.example.org") || !strings.Contains(string(data), "<FileZilla3") {
		t.Errorf("the folder's export:\n%s", data)
	}
}
