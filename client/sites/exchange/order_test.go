package exchange

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"portside/client/sites"
)

// Folders that were put into an order of their own come back in that order.
func TestTheOrderOfFoldersIsExported(t *testing.T) {
	book, err := sites.Open("")
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string, folder ...string) sites.Site {
		return sites.Site{Name: name, Host: name + ".example.org", Folder: folder}
	}
	if _, err = book.Add(at("one", "Alpha"), at("two", "Alpha", "X"), at("three", "Alpha", "Y"), at("four", "Beta"), at("five", "Gamma", "Z"), at("six")); err != nil {
		t.Fatal(err)
	}
	for _, move := range []struct {
		path   []string
		before string
	}{{[]string{"Gamma"}, "Alpha"}, {[]string{"Alpha", "Y"}, "X"}} {
		if err = book.ArrangeFolder(move.path, move.before); err != nil {
			t.Fatal(err)
		}
	}
	folders := func(c sites.Content) []string {
		var out []string
		for _, f := range c.Folders {
			out = append(out, strings.Join(f, "/"))
		}
		return out
	}
	want := []string{"Gamma", "Gamma/Z", "Alpha", "Alpha/Y", "Alpha/X", "Beta"}
	content := book.Content()
	if got := folders(content); !slices.Equal(got, want) {
		t.Fatalf("before the export: %v", got)
	}
	for name, write := range map[string]func(io.Writer) error{
		"sites.portside":  func(w io.Writer) error { return WritePortside(w, content.Sites, content.Folders) },
		"sitemanager.xml": func(w io.Writer) error { return WriteFileZilla(w, content.Sites, content.Folders) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		rows := mustRead(t, name, b.String()).Rows
		for i := range rows {
			rows[i].Chosen = true
		}
		other, err := sites.Open("")
		if err != nil {
			t.Fatal(err)
		}
		if _, err = Apply(t.Context(), other, nil, rows); err != nil {
			t.Fatal(err)
		}
		if got := folders(other.Content()); !slices.Equal(got, want) {
			t.Errorf("%s brings %v, want %v", name, got, want)
		}
	}
}
