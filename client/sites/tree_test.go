package sites

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
)

// tree makes a book in memory with sites at these paths, and an empty folder E. The
// ID of each site is its name, four digits, four times.
func tree(t *testing.T) *Book {
	t.Helper()
	b := openBook(t, "")
	for _, path := range []string{"A/B/0001", "A/0002", "A/0003", "0004", "C/0005", "0006"} {
		parts := strings.Split(path, "/")
		name := parts[len(parts)-1]
		if _, err := b.Add(Site{ID: id(name), Name: name, Folder: parts[:len(parts)-1], Host: "h"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.AddFolder([]string{"E"}); err != nil {
		t.Fatal(err)
	}
	return b
}

func id(name string) string { return strings.Repeat(name, 4) }

// drawn writes a tree in one line, folders in brackets.
func drawn(b *Book) string {
	c := b.Content()
	var out []string
	for _, f := range c.Folders {
		out = append(out, "["+strings.Join(f, "/")+"]")
	}
	return strings.Join(append(out, paths(c)...), " ")
}

const unchanged = "[A] [A/B] [C] [E] A/B/0001 A/0002 A/0003 C/0005 0004 0006"

func TestTree(t *testing.T) {
	one := func(name string) []string { return []string{id(name)} }
	for name, c := range map[string]struct {
		do   func(*Book) error
		want string // "": unchanged
		err  error
	}{
		"nothing": {do: func(b *Book) error { return nil }},

		"move to the end":           {do: func(b *Book) error { return b.Move(one("0004"), nil, "") }, want: "[A] [A/B] [C] [E] A/B/0001 A/0002 A/0003 C/0005 0006 0004"},
		"move in front":             {do: func(b *Book) error { return b.Move(one("0006"), nil, id("0004")) }, want: "[A] [A/B] [C] [E] A/B/0001 A/0002 A/0003 C/0005 0006 0004"},
		"move into a folder":        {do: func(b *Book) error { return b.Move(one("0004"), []string{"A"}, "") }, want: "[A] [A/B] [C] [E] A/B/0001 A/0002 A/0003 A/0004 C/0005 0006"},
		"move in front in a folder": {do: func(b *Book) error { return b.Move(one("0004"), []string{"A"}, id("0003")) }, want: "[A] [A/B] [C] [E] A/B/0001 A/0002 A/0004 A/0003 C/0005 0006"},
		"move several":              {do: func(b *Book) error { return b.Move([]string{id("0006"), id("0001")}, []string{"E"}, "") }, want: "[A] [A/B] [C] [E] A/0002 A/0003 C/0005 E/0006 E/0001 0004"},
		"move in front of itself":   {do: func(b *Book) error { return b.Move(one("0002"), []string{"A"}, id("0002")) }},
		"move the last by itself":   {do: func(b *Book) error { return b.Move(one("0003"), []string{"A"}, id("0003")) }},
		"move to a new folder":      {do: func(b *Book) error { return b.Move(one("0004"), []string{"N", "M"}, "") }, want: "[A] [A/B] [C] [E] [N] [N/M] A/B/0001 A/0002 A/0003 C/0005 N/M/0004 0006"},
		"move none to a new folder": {do: func(b *Book) error { return b.Move(nil, []string{"a"}, "") }},
		"move one that is gone":     {do: func(b *Book) error { return b.Move([]string{id("0004"), id("0009")}, []string{"A"}, "") }, err: ErrGone},
		"move one twice":            {do: func(b *Book) error { return b.Move([]string{id("0004"), id("0004")}, []string{"A"}, "") }, err: ErrGone},
		"move before one elsewhere": {do: func(b *Book) error { return b.Move(one("0004"), []string{"A"}, id("0005")) }, err: ErrGone},
		"move before one gone":      {do: func(b *Book) error { return b.Move(one("0004"), []string{"A"}, id("0009")) }, err: ErrGone},
		"move to a nameless folder": {do: func(b *Book) error { return b.Move(one("0004"), []string{""}, "") }, err: FieldError{Field: "folder", What: "a name is missing"}},

		"remove":             {do: func(b *Book) error { return removed(b.Remove(id("0002"), id("0006"), id("0009")))("A/0002 0006") }, want: "[A] [A/B] [C] [E] A/B/0001 A/0003 C/0005 0004"},
		"remove the last":    {do: func(b *Book) error { return removed(b.Remove(id("0005")))("C/0005") }, want: "[A] [A/B] [C] [E] A/B/0001 A/0002 A/0003 0004 0006"},
		"remove what is not": {do: func(b *Book) error { return removed(b.Remove(id("0009")))("") }},

		"add a folder":            {do: func(b *Book) error { return b.AddFolder([]string{"C", "D", " F "}) }, want: "[A] [A/B] [C] [C/D] [C/D/F] [E] A/B/0001 A/0002 A/0003 C/0005 0004 0006"},
		"add one that is there":   {do: func(b *Book) error { return b.AddFolder([]string{"a", "b"}) }, err: ErrExists},
		"add the top":             {do: func(b *Book) error { return b.AddFolder(nil) }, err: ErrExists},
		"add a nameless folder":   {do: func(b *Book) error { return b.AddFolder([]string{"A", ""}) }, err: FieldError{Field: "folder", What: "a name is missing"}},
		"add a folder of a slash": {do: func(b *Book) error { return b.AddFolder([]string{"E/F"}) }, want: "[A] [A/B] [C] [E] [E/F] A/B/0001 A/0002 A/0003 C/0005 0004 0006"},

		"rename a folder":         {do: func(b *Book) error { return b.RenameFolder([]string{"a"}, " Z ") }, want: "[Z] [Z/B] [C] [E] Z/B/0001 Z/0002 Z/0003 C/0005 0004 0006"},
		"rename in case only":     {do: func(b *Book) error { return b.RenameFolder([]string{"A", "B"}, "b") }, want: "[A] [A/b] [C] [E] A/b/0001 A/0002 A/0003 C/0005 0004 0006"},
		"rename to what is there": {do: func(b *Book) error { return b.RenameFolder([]string{"A"}, "c") }, err: ErrExists},
		"rename what is not":      {do: func(b *Book) error { return b.RenameFolder([]string{"X"}, "Y") }, err: ErrGone},
		"rename the top":          {do: func(b *Book) error { return b.RenameFolder(nil, "Y") }, err: ErrGone},
		"rename to nothing":       {do: func(b *Book) error { return b.RenameFolder([]string{"A"}, " ") }, err: FieldError{Field: "folder", What: "a name is missing"}},

		"move a folder":            {do: func(b *Book) error { return b.MoveFolder([]string{"A"}, []string{"E"}) }, want: "[C] [E] [E/A] [E/A/B] C/0005 E/A/B/0001 E/A/0002 E/A/0003 0004 0006"},
		"move a folder to the top": {do: func(b *Book) error { return b.MoveFolder([]string{"A", "B"}, nil) }, want: "[A] [C] [E] [B] A/0002 A/0003 C/0005 B/0001 0004 0006"},
		"move a folder to the end": {do: func(b *Book) error { return b.MoveFolder([]string{"A"}, nil) }, want: "[C] [E] [A] [A/B] C/0005 A/B/0001 A/0002 A/0003 0004 0006"},
		"move into its own child":  {do: func(b *Book) error { return b.MoveFolder([]string{"A"}, []string{"a", "b"}) }, err: ErrInside},
		"move into itself":         {do: func(b *Book) error { return b.MoveFolder([]string{"A"}, []string{"A"}) }, err: ErrInside},
		"move into what is not":    {do: func(b *Book) error { return b.MoveFolder([]string{"A"}, []string{"X"}) }, err: ErrGone},
		"move what is not":         {do: func(b *Book) error { return b.MoveFolder([]string{"X"}, nil) }, err: ErrGone},
		"move the top":             {do: func(b *Book) error { return b.MoveFolder(nil, []string{"A"}) }, err: ErrGone},
		"move onto one there": {do: func(b *Book) error {
			return errors.Join(b.AddFolder([]string{"E", "a"}), b.MoveFolder([]string{"A"}, []string{"E"}))
		}, want: "[A] [A/B] [C] [E] [E/a] A/B/0001 A/0002 A/0003 C/0005 0004 0006", err: ErrExists},

		"arrange folders":             {do: func(b *Book) error { return b.ArrangeFolder([]string{"E"}, "a") }, want: "[E] [A] [A/B] [C] A/B/0001 A/0002 A/0003 C/0005 0004 0006"},
		"arrange with what is in it":  {do: func(b *Book) error { return b.ArrangeFolder([]string{"A"}, "E") }, want: "[C] [A] [A/B] [E] C/0005 A/B/0001 A/0002 A/0003 0004 0006"},
		"arrange to the end":          {do: func(b *Book) error { return b.ArrangeFolder([]string{"A"}, "") }, want: "[C] [E] [A] [A/B] C/0005 A/B/0001 A/0002 A/0003 0004 0006"},
		"arrange in front of itself":  {do: func(b *Book) error { return b.ArrangeFolder([]string{"A"}, "A") }},
		"arrange before what is not":  {do: func(b *Book) error { return b.ArrangeFolder([]string{"A"}, "B") }, err: ErrGone},
		"arrange what is not":         {do: func(b *Book) error { return b.ArrangeFolder([]string{"X"}, "A") }, err: ErrGone},
		"remove a folder":             {do: func(b *Book) error { return removed(b.RemoveFolder([]string{"a"}))("A/B/0001 A/0002 A/0003") }, want: "[C] [E] C/0005 0004 0006"},
		"remove an empty folder":      {do: func(b *Book) error { return removed(b.RemoveFolder([]string{"E"}))("") }, want: "[A] [A/B] [C] A/B/0001 A/0002 A/0003 C/0005 0004 0006"},
		"remove a folder that is not": {do: func(b *Book) error { return removed(b.RemoveFolder([]string{"X"}))("") }, err: ErrGone},
		"remove the top":              {do: func(b *Book) error { return removed(b.RemoveFolder(nil))("") }, err: ErrGone},
	} {
		t.Run(name, func(t *testing.T) {
			b := tree(t)
			err := c.do(b)
			if !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if c.want == "" {
				c.want = unchanged
			}
			if got := drawn(b); got != c.want {
				t.Errorf("the tree is\n%s, want\n%s", got, c.want)
			}
		})
	}
}

// removed checks the sites that were removed by their paths.
func removed(list []Site, err error) func(want string) error {
	return func(want string) error {
		if got := strings.Join(paths(Content{Sites: list}), " "); err == nil && got != want {
			return fmt.Errorf("removed %s, want %s", got, want)
		}
		return err
	}
}

// What was removed comes back with Add, as it was.
func TestUndo(t *testing.T) {
	b := tree(t)
	list, err := b.RemoveFolder([]string{"A"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = b.Add(list...); err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if got, ok := b.Content().ByID(s.ID); !ok || got.Path() != s.Path() {
			t.Errorf("%s is back as %v, %v", s.Path(), got.Path(), ok)
		}
	}
	if _, err = b.Add(list[0]); !errors.Is(err, ErrExists) {
		t.Errorf("adding it twice: %v", err)
	}
}

func TestNamesAreUnique(t *testing.T) {
	b := tree(t)
	long := strings.Repeat("é", maxName)
	added, err := b.Add(
		Site{Name: "0004", Host: "h"}, Site{Name: " 0004 ", Host: "h"}, Site{Name: "0004", Folder: []string{"a"}, Host: "h"},
		Site{Name: long, Host: "h"}, Site{Name: long, Host: "h"}, Site{Name: "A/0002", Host: "h"},
		Site{Name: "caf\u00e9", Host: "h"}, Site{Name: "CAFE\u0301", Host: "h"},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"0004 2", "0004 3", "a/0004", long, long[:2*(maxName-2)] + " 2", "A/0002", "caf\u00e9", "CAFE\u0301 2"}
	if got := paths(Content{Sites: added}); !slices.Equal(got, want) {
		t.Errorf("added %q, want %q", got, want)
	}
	if got := b.Content().Find("0004"); len(got) != 2 {
		t.Errorf("Find by a name that is in two folders: %q", paths(Content{Sites: got}))
	}
	for name, want := range map[string]string{
		"/0004": "0004", "a/0004": "A/0004", " A/0002 ": "A/0002 A/0002", "0003": "A/0003", id("0005"): "C/0005", "x": "", "": "", "/": "",
	} {
		if got := strings.Join(paths(Content{Sites: b.Content().Find(name)}), " "); got != want {
			t.Errorf("Find(%q) = %s, want %s", name, got, want)
		}
	}

	s, _ := b.Content().ByID(id("0002"))
	s.Name = "0003"
	if err := b.Put(s); !errors.Is(err, ErrExists) {
		t.Errorf("Put with the name of another one: %v", err)
	}
	s.Name, s.Folder = "0004", nil
	if err := b.Put(s); !errors.Is(err, ErrExists) {
		t.Errorf("Put into another folder: %v", err)
	}
	if err := b.Move([]string{added[2].ID}, nil, ""); !errors.Is(err, ErrExists) {
		t.Errorf("Move: %v", err)
	}
}

func TestPut(t *testing.T) {
	b := tree(t)
	s, _ := b.Content().ByID(id("0002"))
	s.Name, s.Notes = "NEW", "n"
	if err := b.Put(s); err != nil {
		t.Fatal(err)
	}
	if got := drawn(b); got != strings.Replace(unchanged, "0002", "NEW", 1) {
		t.Errorf("the tree is %s", got)
	}
	s.Folder = []string{"C", "New"}
	if err := b.Put(s); err != nil {
		t.Fatal(err)
	}
	if got := drawn(b); got != "[A] [A/B] [C] [C/New] [E] A/B/0001 A/0003 C/New/NEW C/0005 0004 0006" {
		t.Errorf("the tree is %s", got)
	}
	s.ID = id("0009")
	if err := b.Put(s); !errors.Is(err, ErrGone) {
		t.Errorf("Put of one that is gone: %v", err)
	}
	s.ID, s.Host, s.TimeOffset = id("0002"), "", 2000
	err := b.Put(s)
	if e, ok := errors.AsType[*CheckError](err); !ok || len(e.Problems) != 2 || !strings.Contains(err.Error(), `"C/New/NEW" cannot be used as it is: host: `) {
		t.Errorf("Put of a wrong one: %v", err)
	}
	if _, err = b.Add(Site{Name: "ok", Host: "h"}, s); err == nil || len(b.Content().Sites) != 6 {
		t.Errorf("Add with a wrong one: %v, %s", err, drawn(b))
	}
}

func TestTouch(t *testing.T) {
	b := tree(t)
	now := time.Date(2026, 11, 23, 15, 0, 0, 5, time.FixedZone("", 3600))
	if err := b.Touch(id("0002"), now); err != nil {
		t.Fatal(err)
	}
	s, _ := b.Content().ByID(id("0002"))
	if !s.Used.Equal(now.Truncate(time.Second)) || s.Used.Location() != time.UTC {
		t.Errorf("used at %v", s.Used)
	}
	used := s.Used
	s.Used = used.Add(-time.Hour) // from a form that was open meanwhile
	if err := b.Put(s); err != nil {
		t.Fatal(err)
	}
	if s, _ = b.Content().ByID(s.ID); !s.Used.Equal(used) {
		t.Errorf("Put sets the time back to %v", s.Used)
	}
	if err := b.Touch(s.ID, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if s, _ = b.Content().ByID(s.ID); !s.Used.IsZero() {
		t.Errorf("the time is not forgotten: %v", s.Used)
	}
}

func TestDuplicate(t *testing.T) {
	b := openBook(t, "")
	if _, err := b.Add(full(), Site{Name: "last", Host: "h", Folder: full().Folder}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Büro & Lager (copy)", "Büro & Lager (copy) 2"} {
		s, err := b.Duplicate(full().ID)
		if err != nil || s.Name != want || s.ID == full().ID || !validID(s.ID) || !s.Used.IsZero() || s.Account != full().Account {
			t.Errorf("%+v, %v", s, err)
		}
	}
	if got := drawn(b); got != "[Work] [Work/Clients] Work/Clients/Büro & Lager Work/Clients/Büro & Lager (copy) 2 Work/Clients/Büro & Lager (copy) Work/Clients/last" {
		t.Errorf("the tree is %s", got)
	}
	if _, err := b.Duplicate("0"); !errors.Is(err, ErrGone) {
		t.Errorf("Duplicate of none: %v", err)
	}
}

func TestFoldersNotTooDeep(t *testing.T) {
	b := openBook(t, "")
	deep := slices.Repeat([]string{"x"}, MaxDepth)
	if err := errors.Join(b.AddFolder(deep), b.AddFolder([]string{"y"})); err != nil {
		t.Fatal(err)
	}
	before := drawn(b)
	for name, err := range map[string]error{
		"AddFolder":  b.AddFolder(append(deep, "x")),
		"MoveFolder": b.MoveFolder([]string{"x"}, []string{"y"}),
	} {
		if e, ok := errors.AsType[FieldError](err); !ok || !strings.Contains(e.What, "deeper than 64") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if drawn(b) != before {
		t.Error("the tree has changed")
	}
}

func TestNewIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := NewID()
		if !validID(id) || seen[id] {
			t.Fatalf("%q is no new ID", id)
		}
		seen[id] = true
	}
}

func TestSecurityOfWhatIsAdded(t *testing.T) {
	b := openBook(t, "")
	added, err := b.Add(Site{Name: "x", Host: "h", Security: client.SecurityRequire})
	if err != nil || added[0].Security != client.SecurityRequire {
		t.Errorf("%+v, %v", added, err)
	}
}
