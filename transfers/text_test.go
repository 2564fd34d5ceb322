package transfers

import (
	"bytes"
	"io"
	"path/filepath"
	"runtime"
	"testing"
)

func TestTextNames(t *testing.T) {
	common, own := TextNames(), TextNames("foo", ".BAR")
	for name, want := range map[string][2]bool{
		"a.txt": {true, false}, "A.TXT": {true, false}, "a.html": {true, false}, "a.zip": {}, "a.txt.gz": {},
		"README": {}, ".txt": {}, "a.": {}, "": {}, "x.foo": {false, true}, "x.Bar": {false, true},
	} {
		if got := [2]bool{common(name), own(name)}; got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestLocalText(t *testing.T) {
	for goos, want := range map[string]string{"windows": "a\r\nb\r\n\r\nc\rd\r\n", "linux": "a\nb\n\nc\rd\r\n", "darwin": "a\nb\n\nc\rd\r\n"} {
		var got bytes.Buffer
		w := localText(goos, &got)
		for _, part := range []string{"a\nb", "\n", "\nc\rd\r", "\n"} {
			if n, err := io.WriteString(w, part); err != nil || n != len(part) {
				t.Fatal(n, err)
			}
		}
		if got.String() != want {
			t.Errorf("%s: %q, want %q", goos, got.String(), want)
		}
	}
}

// Each file is text or not by its own name; what is no text, whatever
// it is called, goes up as it is.
func TestASCIIByName(t *testing.T) {
	f := newFake().file("/top/a.txt", []byte("x\r\ny\r\n")).file("/top/b.bin", []byte("x\r\ny\r\n")).file("/top/c.txt", []byte("z\r\n"))
	dir := t.TempDir()
	opt := quick(Overwrite)
	opt.ASCIIFor = TextNames()
	for _, name := range []string{"a.txt", "b.bin", "c.txt"} {
		if _, err := Download(t.Context(), f, "/top/"+name, filepath.Join(dir, name), opt); err != nil {
			t.Fatal(err)
		}
	}
	line := "\n"
	if runtime.GOOS == "windows" {
		line = "\r\n"
	}
	wantFile(t, filepath.Join(dir, "a.txt"), []byte("x"+line+"y"+line))
	wantFile(t, filepath.Join(dir, "b.bin"), []byte("x\r\ny\r\n"))
	wantFile(t, filepath.Join(dir, "c.txt"), []byte("z"+line))

	asked := map[string]bool{}
	f.onStore = func(p string, ascii bool) { asked[p] = ascii }
	up := t.TempDir()
	for name, data := range map[string]string{"a.txt": "x\ny\n", "utf16.txt": "x\x00\n\x00", "b.bin": "\n"} {
		write(t, filepath.Join(up, name), []byte(data))
		if _, err := Upload(t.Context(), f, filepath.Join(up, name), "/up/"+name, opt); err != nil {
			t.Fatal(err)
		}
	}
	if !asked["/up/a.txt"] || asked["/up/utf16.txt"] || asked["/up/b.bin"] || len(asked) != 3 {
		t.Errorf("text: %v", asked)
	}
}
