package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/spf13/afero"
)

//go:embed content
var content embed.FS

// builder fills the tree.
type builder struct {
	fs  afero.Fs
	now time.Time
	n   int // files so far, for their dates
	err error
}

// Files returns the demo's files, with dates counted back from now, to read.
func Files(now time.Time) (fs.FS, error) {
	files, err := newTree(now)
	if err != nil {
		return nil, err
	}
	return afero.NewIOFS(afero.NewBasePathFs(files, "/")), nil
}

// newTree makes the files, with dates counted back from now.
func newTree(now time.Time) (afero.Fs, error) {
	b := &builder{fs: afero.NewMemMapFs(), now: now.UTC().Truncate(time.Second)}
	b.texts()
	b.photos()
	b.music()
	b.logs()
	b.names()
	b.samples()
	b.dateFolders()
	if b.err != nil {
		return nil, fmt.Errorf("make demo files: %w", b.err)
	}
	return b.fs, nil
}

// file puts a file into the tree, with a date of its own.
func (b *builder) file(name string, data []byte) {
	b.n++
	// Steps of no round number, so that the dates look grown.
	age := time.Duration(b.n) * (31*time.Hour + 17*time.Minute + 23*time.Second)
	b.fileAt(name, data, b.now.Add(-age))
}

func (b *builder) fileAt(name string, data []byte, at time.Time) {
	b.try(func() error { return b.fs.MkdirAll(path.Dir(name), 0o755) })
	b.try(func() error { return afero.WriteFile(b.fs, name, data, 0o644) })
	b.try(func() error { return b.fs.Chtimes(name, at, at) })
}

// try does the next step, unless one failed.
func (b *builder) try(step func() error) {
	if b.err == nil {
		b.err = step()
	}
}

// texts are the files that are kept as such in the folder content.
func (b *builder) texts() {
	b.try(func() error {
		return fs.WalkDir(content, "content", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := content.ReadFile(p)
			if err != nil {
				return err
			}
			b.file(strings.TrimPrefix(p, "content"), data)
			return b.err
		})
	})
}

// logs are such as a web server writes, a day a file.
func (b *builder) logs() {
	paths := []string{"/", "/about.html", "/css/style.css", "/js/hours.js", "/menu/today", "/favicon.ico"}
	codes := []int{200, 200, 200, 304, 200, 404}
	for day := 1; day <= 5; day++ {
		date := b.now.AddDate(0, 0, -day).Truncate(24 * time.Hour)
		var text strings.Builder
		r := newRand(uint64(day))
		at := date
		for at.Sub(date) < 24*time.Hour {
			k := r.IntN(len(paths))
			fmt.Fprintf(&text, "127.0.0.%d - - [%s] \"GET %s HTTP/1.1\" %d %d\n",
				1+r.IntN(200), at.Format("02/Jan/2006:15:04:05 -0700"), paths[k], codes[k], 200+r.IntN(9000))
			at = at.Add(time.Duration(20+r.IntN(200)) * time.Second)
		}
		b.fileAt("/Logs/access-"+date.Format("2006-01-02")+".log", []byte(text.String()), date.Add(24*time.Hour-time.Second))
	}
}

// names are file names that put a client to the test.
func (b *builder) names() {
	for name, text := range map[string]string{
		"中文文件.txt":                      "你好，欢迎使用 Portside。\n",
		"日本語のファイル.txt":                  "こんにちは。港へようこそ。\n",
		"ملف عربي.txt":                  "مرحبا بكم في الميناء.\n",
		"עברית.txt":                     "ברוכים הבאים לנמל.\n",
		"Привет.txt":                    "Добро пожаловать в гавань.\n",
		"Ελληνικά.txt":                  "Καλώς ήρθατε στο λιμάνι.\n",
		"한국어.txt":                       "항구에 오신 것을 환영합니다.\n",
		"हिन्दी.txt":                    "बंदरगाह में आपका स्वागत है।\n",
		"Crème brûlée à l’œuf.txt":      "Six yolks, half a litre of cream, patience.\n",
		"Straße nach Überlingen.txt":    "Am See entlang, dann links.\n",
		"Sailing \U0001F6A2\u2693.txt":  "A ship and an anchor.\n",
		"It's 100% & <ok> [really].txt": "Every one of these characters has broken somebody's program.\n",
		"#hash; semicolon, comma.txt":   "And so have these.\n",
		"two  spaces.txt":               "There are two.\n",
		".hidden":                       "Files whose names start with a dot are not shown by all programs.\n",
		"no extension":                  "This one has none.\n",
		strings.Repeat("A very long file name that goes on and on ", 5) + ".txt": "Its end matters as much as its start.\n",
	} {
		b.fileAt("/Names/"+name, []byte(text), b.now.AddDate(0, 0, -len(name)))
	}
	b.try(func() error { return b.fs.MkdirAll("/Names/Empty folder", 0o755) })
	b.file("/Names/Ordner mit Übergröße/Datei.txt", []byte("In a folder with an umlaut.\n"))
	deep := "/Names/Deep"
	for i := 1; i <= 8; i++ {
		deep += fmt.Sprintf("/Level %d", i)
	}
	b.file(deep+"/You found me.txt", []byte("Eight folders down. Well done.\n"))
}

// dateFolders gives folders the date of the newest file in them.
func (b *builder) dateFolders() {
	newest := make(map[string]time.Time)
	b.try(func() error {
		return afero.Walk(b.fs, "/", func(p string, i fs.FileInfo, err error) error {
			if err != nil || i.IsDir() {
				return err
			}
			for dir := path.Dir(p); ; dir = path.Dir(dir) {
				if newest[dir].Before(i.ModTime()) {
					newest[dir] = i.ModTime()
				}
				if dir == "/" {
					return nil
				}
			}
		})
	})
	if _, ok := newest["/Names/Empty folder"]; !ok {
		newest["/Names/Empty folder"] = b.now.AddDate(0, -3, 0)
	}
	for dir, at := range newest {
		b.try(func() error { return b.fs.Chtimes(dir, at, at) })
	}
}
