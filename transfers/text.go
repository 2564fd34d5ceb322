package transfers

import (
	"bytes"
	"io"
	"os"
	"path"
	"runtime"
	"strings"
)

// TextNames returns an Options.ASCIIFor that takes names with one of the
// extensions, without their dot, for text; without any, those of common plain
// text. Large and small letters are one. Names without an extension are not text.
func TextNames(extensions ...string) func(name string) bool {
	if len(extensions) == 0 {
		extensions = TextExtensions()
	}
	set := make(map[string]bool, len(extensions))
	for _, e := range extensions {
		set[strings.ToLower(strings.TrimPrefix(e, "."))] = true
	}
	return func(name string) bool {
		ext := path.Ext(name)
		return ext != "" && ext != name && set[strings.ToLower(ext[1:])]
	}
}

// TextExtensions returns the extensions that TextNames takes for text where it
// is given none: of files that people and programs read line by line, and that
// no program signs or checks byte by byte.
func TextExtensions() []string {
	return []string{
		"asc", "asp", "aspx", "bat", "c", "cc", "cfg", "cgi", "cmd", "conf", "cpp", "cs", "css", "csv", "cxx",
		"diff", "dtd", "go", "h", "hpp", "htaccess", "htm", "html", "hxx", "inc", "ini", "java", "js", "json",
		"jsp", "jsx", "log", "lua", "m3u", "markdown", "md", "mk", "patch", "php", "pl", "pm", "po", "properties",
		"ps1", "py", "rb", "rs", "rst", "rtf", "scss", "sh", "shtml", "sql", "srt", "svg", "tcl", "tex", "toml",
		"ts", "tsv", "tsx", "txt", "vb", "vbs", "xhtml", "xml", "xsl", "yaml", "yml",
	}
}

// chooseType decides whether the file of that remote path (raw) is text.
func (t *task) chooseType(remote string) {
	t.opt.ASCII = t.allText
	if t.opt.ASCII || t.opt.ASCIIFor == nil {
		return
	}
	_, name := splitRemote(remote)
	t.opt.ASCII = t.opt.ASCIIFor(t.r.Text(name))
}

// textProbe is how much of a file is looked at for what no text holds.
const textProbe = 8 << 10

// reconsiderType makes a file binary that was taken for text by its name, but
// holds a NUL early on, as UTF-16 does: line ends cannot be converted in it.
func (t *task) reconsiderType(f *os.File) {
	if !t.opt.ASCII || t.allText {
		return
	}
	start := make([]byte, textProbe)
	n, _ := f.ReadAt(start, 0) // an error comes again where the file is sent
	if bytes.IndexByte(start[:n], 0) >= 0 {
		t.opt.ASCII = false
	}
}

// localText returns where a session, which writes lines that end in LF, puts
// text on the system.
func localText(goos string, w io.Writer) io.Writer {
	if goos == "windows" {
		return &crlfWriter{w: w}
	}
	return w
}

// A crlfWriter turns LF into CRLF; a CRLF stays as it is.
type crlfWriter struct {
	w    io.Writer
	buf  []byte
	last byte
}

func (c *crlfWriter) Write(p []byte) (int, error) {
	c.buf = c.buf[:0]
	for _, b := range p {
		if b == '\n' && c.last != '\r' {
			c.buf = append(c.buf, '\r')
		}
		c.buf = append(c.buf, b)
		c.last = b
	}
	if _, err := c.w.Write(c.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}

// target returns what a try writes into.
func (f *fetch) target() io.Writer {
	if f.t.opt.ASCII {
		return localText(runtime.GOOS, f.p.f)
	}
	return f.p.f // itself, so that the kernel can move the bytes
}
