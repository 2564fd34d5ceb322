package keep

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// words counts words; a change is one of them.
type words struct {
	Count map[string]int `json:"count"`
}

func openWords(t *testing.T, path string, wait time.Duration) *Journal[map[string]int, words, string] {
	t.Helper()
	j, err := OpenJournal(File{Path: path, Version: 1}, Rules[map[string]int, words, string]{
		Read:  func(w words) map[string]int { return maps.Collect(maps.All(w.Count)) },
		Write: func(m map[string]int) words { return words{m} },
		News:  func(_ map[string]int, word string) bool { return word != "noise" },
		Apply: func(m map[string]int, word string) bool { m[word]++; return true },
		Wait:  wait, Pending: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func times(j *Journal[map[string]int, words, string], word string) (n int) {
	j.Look(func(m map[string]int) { n = m[word] })
	return n
}

func TestJournalOfTwoPrograms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "words.json")
	a, b := openWords(t, path, time.Hour), openWords(t, path, time.Hour)
	if !a.Learn("x", "x") || !b.Learn("x", "y") || a.Learn("noise") {
		t.Error("news and noise are confused")
	}
	if times(a, "x") != 2 || a.Waiting() != 2 {
		t.Errorf("%d known, %d wait", times(a, "x"), a.Waiting())
	}
	if err := errors.Join(a.Flush(), b.Close(), a.Close(), a.Close()); err != nil {
		t.Fatal(err)
	}
	c := openWords(t, path, 0)
	defer c.Close()
	if times(c, "x") != 3 || times(c, "y") != 1 || times(c, "noise") != 0 {
		t.Errorf("x %d, y %d", times(c, "x"), times(c, "y"))
	}
}

func TestJournalWithoutAFile(t *testing.T) {
	j := openWords(t, "", 0)
	if j.Learn("x"); times(j, "x") != 1 || j.Waiting() != 0 {
		t.Errorf("%d known, %d wait", times(j, "x"), j.Waiting())
	}
	if err := errors.Join(j.Flush(), j.Close()); err != nil {
		t.Error(err)
	}
}

// What cannot be written waits, the newest of it, and is told once.
func TestJournalInTheWay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sub")
	path := filepath.Join(dir, "words.json")
	j := openWords(t, path, time.Hour)
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j.Learn(slices.Repeat([]string{"old"}, 3)...)
	if err := j.Flush(); err == nil || j.Problem() != nil {
		t.Errorf("Flush = %v, or its error is told again", err)
	}
	j.Learn(slices.Repeat([]string{"new"}, 3)...)
	if n := j.Waiting(); n != 4 {
		t.Errorf("%d wait, want the 4 newest", n)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), `"new": 3`) || !strings.Contains(string(data), `"old": 1`) {
		t.Errorf("%s, %v", data, err)
	}
}
