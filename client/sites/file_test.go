package sites

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/keep"
)

// handwritten is a file around sites, whose first line is line 4.
func handwritten(sites string) string {
	return "{\n\t\"version\": 1,\n\t\"sites\": [\n" + sites + "\n\t]\n}\n"
}

// A file that was edited and went wrong is left alone: the error says where and what,
// and nothing is written until it is mended.
func TestFileThatWentWrong(t *testing.T) {
	deep := `"` + strings.Join(slices.Repeat([]string{"x"}, 65), `","`) + `"`
	for name, c := range map[string]struct {
		text  string
		line  int
		site  string
		field string
		what  string
	}{
		"empty":              {text: " \n\n", what: "the file is empty"},
		"cut off":            {text: "{\n\"version\": 1,\n\"sites\": [\n{\"name\": \"x\",\n", line: 4, what: "ends too early"},
		"cut in a text":      {text: "{\n\"version\": 1,\n\"si", line: 3, what: "ends too early"},
		"a list":             {text: "[]", line: 1, what: "must be an object"},
		"a word":             {text: "sites", line: 1, what: "a value here is not written well"},
		"two objects":        {text: "{\"version\": 1}\n{}", line: 2, what: "behind the last }"},
		"zeros":              {text: strings.Repeat("\x00", 100), line: 1, what: "a value here is not written well"},
		"no version":         {text: `{"sites": []}`, field: "version", what: "does not say its version"},
		"version 0":          {text: "{\n\"version\": 0}", line: 2, field: "version", what: "there has never been a version 0"},
		"version -1":         {text: `{"version": -1}`, line: 1, field: "version", what: "must be a number"},
		"version as text":    {text: `{"version": "1"}`, line: 1, field: "version", what: "must be a number"},
		"utf-16 with mark":   {text: "\xff\xfe{\x00}\x00", what: "UTF-16"},
		"utf-16 big":         {text: "\x00{\x00}", what: "UTF-16"},
		"latin1":             {text: handwritten("{\"name\": \"B\xfcro\", \"host\": \"h\"}"), line: 4, what: "not UTF-8"},
		"comma at the end":   {text: handwritten("{\"name\": \"x\",\n\"host\": \"h\",\n}"), line: 5, what: "there is a comma before }"},
		"comma in the list":  {text: handwritten("{\"name\": \"x\", \"host\": \"h\"},\n"), line: 4, what: "there is a comma before ]"},
		"comma missing":      {text: handwritten("{\"name\": \"x\"\n\"host\": \"h\"}"), line: 4, what: "a comma, ] or } is missing"},
		"comma between":      {text: handwritten("{}\n{}"), line: 4, what: "a comma, ] or } is missing"},
		"colon missing":      {text: handwritten("{\"name\" \"x\"}"), line: 4, what: "a colon is missing"},
		"comment":            {text: handwritten("// mine\n{}"), line: 4, what: "a comment is not possible"},
		"single quotes":      {text: handwritten("{'name': \"x\"}"), line: 4, what: "double quotes"},
		"no quotes":          {text: handwritten("{name: \"x\"}"), line: 4, what: "between double quotes"},
		"a bare word":        {text: handwritten("{\"name\": x}"), line: 4, what: "a value here is not written well"},
		"True":               {text: handwritten("{\"sync_dirs\": True}"), line: 4, what: "a value here is not written well"},
		"a line break":       {text: handwritten("{\"name\": \"x\ny\"}"), line: 4, what: "a line break within a text"},
		"backslashes":        {text: handwritten(`{"local_dir": "C:\Sites"}`), line: 4, what: "a backslash"},
		"nested 20000":       {text: strings.Repeat("[", 20000), line: 1, what: "nested too deeply"},
		"sites no list":      {text: "{\"version\": 1,\n\"sites\": {}}", line: 2, field: "sites", what: "must be a list"},
		"sites twice":        {text: "{\"version\": 1, \"sites\": [],\n\"sites\": []}", line: 2, field: "sites", what: "twice"},
		"a site no object":   {text: handwritten("7"), line: 4, what: "a site is an object"},
		"no host":            {text: handwritten("\n{\n\"name\": \"x\"}"), line: 5, site: "x", field: "host", what: "name is missing"},
		"no name":            {text: handwritten("{\"host\": \"h\"}"), line: 4, field: "name", what: "a name is missing"},
		"port as text":       {text: handwritten("{\"name\": \"x\",\n\"host\": \"h\",\n\"port\": \"abc\"}"), line: 6, site: "x", field: "port", what: "a number from 1 to 65535"},
		"port 65536":         {text: handwritten("{\"name\": \"x\",\n\"folder\": [\"F\"], \"host\": \"h\",\n\"port\": 65536}"), line: 6, site: "F/x", field: "port", what: "a number from 1 to 65535"},
		"port -1":            {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"port\": -1}"), line: 4, site: "x", field: "port", what: "65535"},
		"port 21.5":          {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"port\": 21.5}"), line: 4, site: "x", field: "port", what: "65535"},
		"security":           {text: handwritten("{\"name\": \"x\", \"host\": \"h\",\n\"security\": \"tsl\"}"), line: 5, site: "x", field: "security", what: "choose one of auto, off, require, implicit"},
		"security a number":  {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"security\": 2}"), line: 4, site: "x", field: "security", what: "one of the words"},
		"mode":               {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"mode\": \"aktive\"}"), line: 4, site: "x", field: "mode", what: "choose one of auto, passive"},
		"logon":              {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"user\": \"u\",\n\"logon\": \"normal\"}"), line: 5, site: "x", field: "logon", what: "choose one of anonymous"},
		"proxy kind":         {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"proxy\": {\n\"kind\": \"sock\"}}"), line: 5, site: "x", field: "proxy.kind", what: "choose one of none"},
		"proxy address":      {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"proxy\": {\n\"kind\": \"http\"}}"), line: 4, site: "x", field: "proxy.address", what: "address is missing"},
		"proxy no object":    {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"proxy\": \"none\"}"), line: 4, site: "x", field: "proxy", what: "must be an object"},
		"a flag as text":     {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"sync_dirs\": \"yes\"}"), line: 4, site: "x", field: "sync_dirs", what: "true or false"},
		"a number as text":   {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"up_limit\": \"1M\"}"), line: 4, site: "x", field: "up_limit", what: "a whole number"},
		"text as number":     {text: handwritten("{\"name\": \"x\", \"host\": 7}"), line: 4, site: "x", field: "host", what: "text between double quotes"},
		"folder as text":     {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"folder\": \"A/B\"}"), line: 4, site: "x", field: "folder", what: "a list of texts"},
		"time":               {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"used\": \"yesterday\"}"), line: 4, site: "x", field: "used", what: "must be a time"},
		"bookmarks no list":  {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"bookmarks\": {}}"), line: 4, site: "x", field: "bookmarks", what: "must be a list"},
		"bookmark no object": {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"bookmarks\": [\n7]}"), line: 5, site: "x", field: "bookmarks", what: "must be an object"},
		"bookmark's name":    {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"bookmarks\": [{\"name\":\n7}]}"), line: 4, site: "x", field: "bookmarks.name", what: "text between double quotes"},
		"bookmark nameless":  {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"bookmarks\": [{}]}"), line: 4, site: "x", field: "bookmarks", what: "bookmark 1: a name is missing"},
		"field twice":        {text: handwritten("{\"name\": \"x\", \"host\": \"h\",\n\"host\": \"i\"}"), line: 5, site: "x", field: "host", what: "twice"},
		"name twice":         {text: handwritten("{\"name\": \"x\", \"host\": \"h\"},\n{\"name\": \"X \", \"host\": \"i\"}"), line: 5, site: "X", field: "name", what: "line 4 has a site of this name"},
		"id twice":           {text: handwritten("{\"id\": \"0123456789abcdef\", \"name\": \"x\", \"host\": \"h\"},\n{\"id\": \"0123456789ABCDEF\", \"name\": \"y\", \"host\": \"i\"}"), line: 5, site: "y", field: "id", what: `also the ID of "x" in line 4`},
		"id":                 {text: handwritten("{\"id\": \"1\", \"name\": \"y\", \"host\": \"i\"}"), line: 4, site: "y", field: "id", what: "leave it out"},
		"folders too deep":   {text: handwritten("{\"name\": \"x\", \"host\": \"h\",\n\"folder\": [" + deep + "]}"), line: 5, site: strings.Repeat("x/", 65) + "x", field: "folder", what: "deeper than 64"},
		"folder list deep":   {text: "{\"version\": 1, \"folders\": [\n[" + deep + "]]}", line: 2, field: "folders", what: "deeper than 64"},
		"folder list flat":   {text: "{\"version\": 1, \"folders\": [\n\"A\"]}", line: 2, field: "folders", what: "list of its names"},
		"folder list empty":  {text: "{\"version\": 1, \"folders\": [[]]}", line: 1, field: "folders", what: "list of its names"},
		"folders no list":    {text: "{\"version\": 1, \"folders\": 7}", line: 1, field: "folders", what: "must be a list"},
		"folder nameless":    {text: "{\"version\": 1, \"folders\": [[\" \"]]}", line: 1, field: "folders", what: "a name is missing"},
		"charset":            {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"charset\": \"utf-9\"}"), line: 4, site: "x", field: "charset", what: "is not known"},
		"time offset":        {text: handwritten("{\"name\": \"x\", \"host\": \"h\", \"time_offset\": 3600}"), line: 4, site: "x", field: "time_offset", what: "minutes"},
	} {
		t.Run(name, func(t *testing.T) {
			path := bookPath(t)
			writeFile(t, path, c.text)
			b, err := Open(path)
			got, ok := errors.AsType[*FileError](err)
			if !ok || b == nil {
				t.Fatalf("Open: %v", err)
			}
			if got.Path != path || got.Line != c.line || got.Site != c.site || got.Field != c.field || !strings.Contains(got.What, c.what) {
				t.Errorf("line %d, site %q, field %q: %s\nwant line %d, site %q, field %q: %s", got.Line, got.Site, got.Field, got.What, c.line, c.site, c.field, c.what)
			}
			if c.line > 0 && !strings.HasPrefix(err.Error(), fmt.Sprintf("%s, line %d: ", path, c.line)) {
				t.Errorf("the sentence is %q", err)
			}
			if _, err = b.Add(Site{Name: "new", Host: "h"}); !isFileError(err) {
				t.Errorf("Add: %v", err)
			}
			if err = b.AddFolder([]string{"new"}); !isFileError(err) || b.Problem() == nil {
				t.Errorf("AddFolder: %v, Problem: %v", err, b.Problem())
			}
			if fileText(t, path) != c.text {
				t.Error("the file was changed")
			}
			if list, globErr := filepath.Glob(path + ".*"); globErr != nil || len(list) > 1 { // the lock
				t.Errorf("beside the file are %v, %v", list, globErr)
			}
			writeFile(t, path, handwritten(`{"name": "mended", "host": "h"}`))
			if c := b.Content(); len(c.Sites) != 1 || b.Problem() != nil {
				t.Errorf("mended: %+v, %v", c, b.Problem())
			}
			if _, err = b.Add(Site{Name: "new", Host: "h"}); err != nil {
				t.Errorf("Add to the mended file: %v", err)
			}
		})
	}
}

func isFileError(err error) bool {
	_, ok := errors.AsType[*FileError](err)
	return ok
}

// Where some sites are wrong the others can be used, and every wrong place is told.
func TestOthersCanBeUsed(t *testing.T) {
	path := bookPath(t)
	writeFile(t, path, handwritten(`{"name": "good", "host": "h"},
{"name": "bad", "host": "h", "port": 0.5, "mode": "x"},
{"name": "worse"},
{"name": "fine", "host": "h"}`))
	b, err := Open(path)
	got, ok := errors.AsType[*FileError](err)
	if !ok || got.Line != 5 || len(got.More) != 2 || got.More[1].Line != 6 || !strings.HasSuffix(err.Error(), "; and 2 more places are wrong") {
		t.Fatalf("%v", err)
	}
	c := b.Content()
	if len(c.Sites) != 2 || c.Sites[0].Name != "good" || c.Sites[1].Name != "fine" {
		t.Errorf("%+v", c.Sites)
	}
	if _, err = b.Remove(c.Sites[0].ID); !isFileError(err) {
		t.Errorf("Remove: %v", err)
	}
}

// While somebody edits the file its last good content stays.
func TestBrokenWhileOpen(t *testing.T) {
	path := bookPath(t)
	b := openBook(t, path)
	added, err := b.Add(Site{Name: "x", Host: "h"})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, `{"version": 1, "si`)
	if c := b.Content(); len(c.Sites) != 1 || !isFileError(b.Problem()) {
		t.Errorf("%+v, %v", c, b.Problem())
	}
	if err := b.Touch(added[0].ID, time.Now()); !isFileError(err) || fileText(t, path) != `{"version": 1, "si` {
		t.Errorf("Touch: %v; the file is %s", err, fileText(t, path))
	}
}

func TestNewerFileIsLeftAlone(t *testing.T) {
	path := bookPath(t)
	const text = `{"version": 2, "sites": "elsewhere"}`
	writeFile(t, path, text)
	b, err := Open(path)
	_, addErr := b.Add(Site{Name: "x", Host: "h"})
	for _, err := range []error{err, addErr, b.Problem()} {
		if newer, ok := errors.AsType[*keep.NewerError](err); !ok || newer.Version != 2 {
			t.Errorf("%v", err)
		}
	}
	if fileText(t, path) != text {
		t.Error("the file was changed")
	}
}

func TestTooLargeFile(t *testing.T) {
	path := bookPath(t)
	writeFile(t, path, `{"version": 1}`)
	if err := os.Truncate(path, keep.MaxSize+1); err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if !isFileError(err) || !strings.Contains(err.Error(), "larger than 16 MiB") {
		t.Errorf("Open: %v", err)
	}
	if _, err = b.Add(Site{Name: "x", Host: "h"}); !isFileError(err) {
		t.Errorf("Add: %v", err)
	}
}

// What would make the file larger than it may be is not written.
func TestFileDoesNotGrowTooLarge(t *testing.T) {
	path := bookPath(t)
	b := openBook(t, path)
	if _, err := b.Add(Site{Name: "x", Host: "h"}); err != nil {
		t.Fatal(err)
	}
	before := fileText(t, path)
	list := make([]Site, 300)
	for i := range list {
		list[i] = Site{Name: "x", Host: "h", Notes: strings.Repeat("n", maxNotes)}
	}
	if _, err := b.Add(list...); err == nil || fileText(t, path) != before {
		t.Errorf("Add: %v", err)
	}
	if c := b.Content(); len(c.Sites) != 1 {
		t.Errorf("%d sites", len(c.Sites))
	}
}

// By hand, people leave out what the program can find by itself.
func TestHandwritten(t *testing.T) {
	path := bookPath(t)
	text := "\xef\xbb\xbf" + handwritten(`
{"name": " one ", "host": "h ", "folder": ["work"], "port": null, "proxy": null, "bookmarks": null},
{"name": "two", "host": "h", "folder": ["WORK", "Deep"]},
{"name": "three", "host": "h"}`)
	writeFile(t, path, text)
	b := openBook(t, path)
	c := b.Content()
	if got := fmt.Sprint(c.Folders, paths(c)); got != "[[work] [work Deep]] [work/Deep/two work/one three]" {
		t.Errorf("the tree is %s", got)
	}
	again := openBook(t, path).Content()
	for i, s := range c.Sites {
		if !validID(s.ID) || s.ID != again.Sites[i].ID {
			t.Errorf("%s has the ID %q, then %q", s.Name, s.ID, again.Sites[i].ID)
		}
	}
	if fileText(t, path) != text {
		t.Error("reading changed the file")
	}
	s := c.Sites[1]
	s.Name = "renamed"
	if err := b.Put(s); err != nil {
		t.Fatal(err)
	}
	if got, ok := openBook(t, path).Content().ByID(s.ID); !ok || got.Name != "renamed" {
		t.Errorf("after saving: %+v, %v", got, ok)
	}
}

func paths(c Content) []string {
	list := make([]string, 0, len(c.Sites))
	for _, s := range c.Sites {
		list = append(list, s.Path())
	}
	return list
}

// What a later version may have added is kept in the file, and what was probably
// misspelt is told.
func TestUnknownMembers(t *testing.T) {
	path := bookPath(t)
	writeFile(t, path, `{
	"version": 1,
	"later": {"a": [1, 2]},
	"sites": [
		{"id": "0123456789abcdef", "name": "x", "host": "h",
		 "prot": 2121,
		 "Port": 2122,
		 "tags": ["a", "<b>"],
		 "proxy": {"kind": "http", "address": "p", "realm": "r"},
		 "bookmarks": [{"name": "b", "icon": "i"}, {"name": "c"}]}
	]
}`)
	b := openBook(t, path)
	notes := strings.Join(b.Content().Notes, "\n")
	for _, want := range []string{
		`line 3: "later" is not known to this version; it does nothing, and stays in the file`,
		`line 6: site "x": "prot" is not known and does nothing; "port" may be meant`,
		`line 7: site "x": "Port" is not known and does nothing; "port" may be meant`,
		`line 8: site "x": "tags" is not known`,
		`line 9: site "x": "realm" is not known`,
		`line 10: site "x": "icon" is not known`,
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note says %s; they are\n%s", want, notes)
		}
	}
	s := b.Content().Sites[0]
	s.Name = "y"
	if err := b.Put(s); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Duplicate(s.ID); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(fileText(t, path)), "")
	for want, n := range map[string]int{
		`"prot":2121`: 2, `"Port":2122`: 2, `"tags":["a","<b>"]`: 2, `"realm":"r"`: 2, `{"name":"b","icon":"i"}`: 2, `"later":{"a":[1,2]}`: 1,
	} {
		if strings.Count(text, want) != n {
			t.Errorf("%s stands in the file %d times, want %d:\n%s", want, strings.Count(text, want), n, text)
		}
	}
	after := b.Content()
	if !json.Valid([]byte(fileText(t, path))) || len(after.Notes) != 11 {
		t.Errorf("%d notes: %q", len(after.Notes), after.Notes)
	}
	writeFile(t, path, fileText(t, path)+" ")
	if fresh := openBook(t, path).Content().Notes; !slices.Equal(fresh, after.Notes) {
		t.Errorf("the notes %q name other lines than %q", after.Notes, fresh)
	}
}

// A password that somebody wrote into the file is told, shown nowhere, and gone
// after the next change.
func TestPasswordsDoNotStay(t *testing.T) {
	const secret = "hunter2-Zq"
	for _, member := range []string{
		`"password": "hunter2-Zq"`, `"pass": "hunter2-Zq"`, `"pwd": "hunter2-Zq"`, `"Pass-Word": "hunter2-Zq"`, `"proxy_password": ["hunter2-Zq"]`,
		`"key_passphrase": {"x": "hunter2-Zq"}`, `"later": {"deep": [{"Passwd": "hunter2-Zq"}]}`, `"client_secret": "hunter2-Zq"`,
		`"proxy": {"kind": "http", "address": "p", "password": "hunter2-Zq"}`,
		`"bookmarks": [{"name": "b", "password": "hunter2-Zq"}]`,
	} {
		t.Run(member, func(t *testing.T) {
			path := bookPath(t)
			writeFile(t, path, handwritten("{\"name\": \"it's x\", \"host\": \"h\", \"user\": \"u\",\n\n"+member+"}"))
			b := openBook(t, path)
			c := b.Content()
			if len(c.Notes) != 1 || !strings.HasPrefix(c.Notes[0], `line 6: site "it's x": passwords do not belong in this file; remove "`) ||
				!strings.HasSuffix(c.Notes[0], `store it with portside-cli login 'it'\''s x'`) {
				t.Errorf("the notes are %q", c.Notes)
			}
			if all := fmt.Sprintf("%+v", c); strings.Contains(all, secret) {
				t.Errorf("the password shows in %s", all)
			}
			if err := b.Touch(c.Sites[0].ID, time.Now()); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(fileText(t, path), secret) || len(b.Content().Notes) != 0 {
				t.Errorf("the password stays in %s, notes %q", fileText(t, path), b.Content().Notes)
			}
		})
	}
}

// Errors never quote what may be a password.
func TestErrorsQuoteNoValues(t *testing.T) {
	const secret = "hunter2-Zq"
	for _, members := range []string{
		`"host": "ftp://u:hunter2-Zq@h"`, `"host": "h", "after_login": ["PASS hunter2-Zq"]`, `"host": "h", "after_login": ["hunter2-Zq x\n"]`,
		`"host": "h", "port": "hunter2-Zq"`, `"host": "h", "proxy": {"kind": "http", "address": "u:hunter2-Zq@p"}`, `"host": "h", "active_ports": "hunter2-Zq"`,
		`"host": "h", "password": "hunter2-Zq", "x"`, `"host": "h", "password": hunter2-Zq`, `"host": "h", "local_dir": "hunter2-Zq"`,
		`"host": "h", "charset": "hunter2-Zq"`, `"host": "h", "active_address": "hunter2-Zq"`, `"host": "h", "id": "hunter2-Zq"`,
	} {
		path := bookPath(t)
		writeFile(t, path, handwritten(`{"name": "x", `+members+`}`))
		_, err := Open(path)
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", members, err)
		}
		if e, ok := errors.AsType[*FileError](err); ok {
			for _, more := range e.More {
				if strings.Contains(more.Error(), secret) {
					t.Errorf("%s: %v", members, more)
				}
			}
		}
	}
}

// A made-up version 0 had a folder as one text. It is brought to this version by a
// step, and from the next change on the file is of this version.
func TestMigration(t *testing.T) {
	steps := format{version: version, steps: map[int]func(map[string]json.RawMessage) error{0: func(doc map[string]json.RawMessage) error {
		var list []map[string]any
		if err := json.Unmarshal(doc["sites"], &list); err != nil {
			return err
		}
		for _, s := range list {
			if folder, ok := s["folder"].(string); ok {
				s["folder"] = strings.Split(folder, "/")
			}
		}
		raw, err := json.Marshal(list)
		doc["sites"] = raw
		return err
	}}}
	path := bookPath(t)
	const old = "{\"version\": 0, \"kept\": true, \"sites\": [\n{\"name\": \"x\", \"host\": \"h\", \"folder\": \"A/B\", \"colour\": \"red\"}]}"
	writeFile(t, path, old)
	b, err := openAs(path, steps)
	if err != nil {
		t.Fatal(err)
	}
	c := b.Content()
	if len(c.Sites) != 1 || c.Sites[0].Path() != "A/B/x" || c.Sites[0].Colour != "red" || fileText(t, path) != old {
		t.Errorf("%+v from %s", c, fileText(t, path))
	}
	if err = b.AddFolder([]string{"C"}); err != nil {
		t.Fatal(err)
	}
	if got := openBook(t, path).Content(); len(got.Sites) != 1 || got.Sites[0].ID != c.Sites[0].ID || len(got.Folders) != 3 ||
		!strings.Contains(fileText(t, path), `"kept": true`) {
		t.Errorf("%+v from %s", got, fileText(t, path))
	}

	writeFile(t, path, strings.Replace(old, `"red"`, `"pink"`, 1))
	if _, err = openAs(path, steps); !isFileError(err) || strings.Contains(err.Error(), "line") || !strings.Contains(err.Error(), `site "A/B/x": "colour"`) {
		t.Errorf("a wrong field: %v", err)
	}
	writeFile(t, path, `{"version": 0, "sites": 7}`)
	if _, err = openAs(path, steps); !isFileError(err) || !strings.Contains(err.Error(), "version 0 and cannot be read") {
		t.Errorf("a wrong document: %v", err)
	}
}

func TestTenThousandSites(t *testing.T) {
	t.Parallel()
	path := bookPath(t)
	list := make([]Site, 10_000)
	for i := range list {
		list[i] = Site{
			Name: fmt.Sprint("site ", i), Folder: []string{"Work", fmt.Sprint(i % 100)}, Host: "ftp.example.org", User: "anna",
			Security: client.SecurityRequire, RemoteDir: "/public_html", LocalDir: "/home/anna/site", Used: full().Used,
		}
	}
	b := openBook(t, path)
	start := time.Now()
	if _, err := b.Add(list...); err != nil {
		t.Fatal(err)
	}
	added := time.Since(start)
	start = time.Now()
	other := openBook(t, path)
	opened := time.Since(start)
	c := other.Content()
	start = time.Now()
	if err := b.Touch(c.Sites[5000].ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	t.Logf("added in %v, opened in %v, one changed in %v; %d bytes", added, opened, time.Since(start), len(fileText(t, path)))
	if len(c.Sites) != 10_000 || len(c.Folders) != 101 {
		t.Errorf("%d sites in %d folders", len(c.Sites), len(c.Folders))
	}
	if opened > 20*time.Second { // for what grows with the square; a computer may be busy
		t.Errorf("opening took %v", opened)
	}
}

// What is read is written so that it reads the same.
func FuzzParse(f *testing.F) {
	f.Add(handwritten(`{"name": "x", "host": "h", "tags": [1], "folder": ["A"], "bookmarks": [{"name": "b", "z": {}}]}`))
	f.Add(`{"version": 1, "folders": [["A"], ["a", "b"]], "later": null}`)
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := current().parse("sites.json", []byte(text))
		if err != nil {
			_ = err.Error() // does not panic
			return
		}
		first, err := doc.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := current().parse("sites.json", first)
		if err != nil {
			t.Fatalf("%v in\n%s", err, first)
		}
		second, err := again.encode()
		if err != nil || string(first) != string(second) {
			t.Fatalf("%v\n%s\nis read as\n%s", err, first, second)
		}
	})
}

// A file as large as one may be, made to be slow, is read in time.
func TestFilesMadeToBeSlow(t *testing.T) {
	t.Parallel()
	var members, names strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&members, "%q: %d,\n", fmt.Sprint("hostess", i), i)
		fmt.Fprintf(&names, "[%q, %q],\n", "x", fmt.Sprint("x", i))
	}
	for name, text := range map[string]string{
		"fields":   handwritten("{" + members.String() + `"name": "x", "host": "h"}`),
		"members":  "{" + members.String() + `"version": 1}`,
		"folders":  `{"version": 1, "folders": [` + names.String() + `["x"]]}`,
		"problems": handwritten(strings.Repeat("7,\n", 50_000) + "7"),
		"nesting":  handwritten(`{"name": "x", "host": "h", "x": ` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`),
	} {
		start := time.Now()
		doc, err := current().parse("sites.json", []byte(text))
		took := time.Since(start)
		t.Logf("%s: %v", name, took)
		if _, ok := errors.AsType[*FileError](err); err != nil && !ok || doc == nil || len(doc.notes) > maxProblems || took > 30*time.Second {
			t.Errorf("%s: %v after %v", name, err, took)
		}
	}
}
