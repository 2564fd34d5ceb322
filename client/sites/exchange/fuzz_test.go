package exchange

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"portside/client/sites"
)

// FuzzRead reads a file as each format. Whatever is read holds nothing that could do
// harm, is what the book takes, and survives our own export.
func FuzzRead(f *testing.F) {
	for _, h := range hostiles() {
		if h.content != nil {
			if text := h.content(); len(text) < 4096 {
				f.Add([]byte(text))
			}
		}
	}
	for _, seed := range []string{winscpFile, duckXML, "machine h login u password \"p\\n\"\nmacdef x\n\ndefault login a", "x ftp://u:p@h/%2Fa\n", "[a]\ntype = ftp\nhost = h\nuser = u\n"} {
		f.Add([]byte(seed))
	}
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		if text, err := os.ReadFile(name); err == nil { // not a folder
			f.Add(text)
		}
	}
	var own bytes.Buffer
	if err := WritePortside(&own, []sites.Site{fullSite()}, nil, WriteOptions{ClientFiles: true}); err != nil {
		f.Fatal(err)
	}
	f.Add(own.Bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		Detect("file", content)
		for _, format := range Formats() {
			imp, err := readBytes(t, content, format.ID)
			if err != nil {
				continue
			}
			for _, r := range imp.Rows {
				if bad := unclean(r); bad != "" {
					t.Fatalf("%s: row %v holds %s", format.ID, r, bad)
				}
				if problems := r.Site.Check(); r.Outcome != Skipped && len(problems) > 0 {
					t.Fatalf("%s: row %v: %v", format.ID, r, problems)
				}
			}
			again(t, imp)
		}
	})
}

// again exports what was read, and reads it again.
func again(t *testing.T, imp *Import) {
	list := imp.Sites()
	if len(list) == 0 {
		return
	}
	var b bytes.Buffer
	if err := WritePortside(&b, list, nil, WriteOptions{ClientFiles: true}); err != nil {
		t.Fatal(err)
	}
	back, err := readBytes(t, b.Bytes(), "portside")
	if err != nil {
		t.Fatalf("our own export: %v\n%s", err, b.String())
	}
	var got []sites.Site
	for _, r := range back.Rows {
		got = append(got, r.Site)
	}
	if !reflect.DeepEqual(got, list) {
		t.Fatalf("our own export changed\n%+v\nto\n%+v\nlost %q", list, got, back.Rows[0].Lost)
	}
}

// readBytes is Read without a file.
func readBytes(t *testing.T, content []byte, format string) (*Import, error) {
	s := &source{ctx: t.Context(), path: "file", data: bytes.Clone(content), imp: &Import{Path: "file"}}
	return s.read(ReadOptions{Format: format})
}
