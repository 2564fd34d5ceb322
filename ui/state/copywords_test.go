package state

import (
	"strings"
	"testing"

	"portside/client/listing"
	"portside/transfers"
)

func TestCopyLine(t *testing.T) {
	file, folder := Row{Text: "a.txt", Type: listing.File}, Row{Text: "site", Type: listing.Dir}
	for _, c := range []struct {
		rows         []Row
		site, folder string
		want         string
	}{
		{[]Row{file}, "Example", "/pub", "“a.txt” goes through this computer to Example: /pub."},
		{[]Row{folder}, "Example", "", "“site” goes through this computer to Example, into the folder that it opens after login."},
		{[]Row{file, file}, "Example", "pub", "2 files go through this computer to Example: pub."},
		{[]Row{file, folder, file, file}, "Example", "/pub", "1 folder and 3 files go through this computer to Example: /pub."},
		{[]Row{file}, "Ex\x1bample", "/p\nub", "“a.txt” goes through this computer to " + `Ex\x1bample: /p\x0aub.`},
	} {
		if got := CopyLine(c.rows, c.site, c.folder); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	long := CopyLine([]Row{{Text: strings.Repeat("n", 300)}}, strings.Repeat("s", 300), strings.Repeat("/f", 300))
	if n := len([]rune(long)); n > 220 {
		t.Errorf("%d characters: %s", n, long)
	}
}

// Each rule is told, and no two alike.
func TestExistsLine(t *testing.T) {
	seen := map[string]transfers.Exists{}
	for rule := transfers.Ask; rule <= transfers.Fail; rule++ {
		line := ExistsLine(rule)
		if other, twice := seen[line]; twice {
			t.Errorf("%v and %v are both told as %q", rule, other, line)
		}
		seen[line] = rule
	}
}

func TestCopyProblem(t *testing.T) {
	pub, note := CopySource{Text: "pub", Path: "/home/joe/pub", Dir: true}, CopySource{Text: "note", Path: "/home/joe/note"}
	for _, c := range []struct {
		name    string
		sources []CopySource
		dir     string
		want    string // part of it; "": no problem
	}{
		{"another folder", []CopySource{pub, note}, "/home/joe/backup", ""},
		{"a folder of nearly the same name", []CopySource{pub}, "/home/joe/public", ""},
		{"below a file's name", []CopySource{note}, "/home/joe/note/x", ""},
		{"the folder that they are in", []CopySource{note}, "/home/joe", "“note” is in that folder already"},
		{"the same, spelled otherwise", []CopySource{note}, "/home//joe/x/../", "“note” is in that folder already"},
		{"the top", []CopySource{{Text: "a", Path: "/a"}}, "/", "“a” is in that folder already"},
		{"itself", []CopySource{note, pub}, "/home/joe/pub", "“pub” cannot be copied into itself"},
		{"inside itself", []CopySource{pub}, "/home/joe/pub/a/b", "“pub” cannot be copied into itself"},
	} {
		got := CopyProblem(c.sources, c.dir)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
