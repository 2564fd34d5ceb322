package listing

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// summary writes all of a Listing as the files testdata/servers/*.want have it.
func summary(l *Listing) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "format %q, %d lines, %d skipped, %d self\n", l.Format, l.Lines, l.Skipped, l.Self)
	for i := range l.Entries {
		fmt.Fprintln(&sb, describe(&l.Entries[i]))
	}
	for _, line := range l.Unread {
		fmt.Fprintf(&sb, "unread %q\n", line)
	}
	return sb.String()
}

// serverNow is when the listings in testdata/servers were made.
var serverNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// TestServers reads whole listings in the shapes in which servers send them.
func TestServers(t *testing.T) {
	files, err := filepath.Glob("testdata/servers/*.list")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".list")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".list") + ".want")
			if err != nil {
				t.Fatal(err)
			}
			opt := Options{Now: serverNow}
			if strings.HasSuffix(name, "-mlsd") {
				opt.Kind = MLSD
			}
			l, err := Parse(bytes.NewReader(text), opt)
			if err != nil {
				t.Fatal(err)
			}
			if got := summary(l); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
