package queue

import (
	"testing"
	"time"

	"portside/client/listing"
)

// Folders that contain themselves end by themselves, also where they hold two
// links to themselves and no file; folders that are merely alike do not.
func TestExtendMarks(t *testing.T) {
	t.Parallel()
	at := time.Unix(1e9, 0)
	dir := func(name string) listing.Entry { return listing.Entry{Name: name, Type: listing.Dir, ModTime: at} }
	file := listing.Entry{Name: "f", Type: listing.File, Size: 3, ModTime: at}
	tests := []struct {
		name    string
		entries []listing.Entry
		levels  int // after which it is cyclic; 0: never
	}{
		{"with a file", []listing.Entry{dir("self"), file}, 2},
		{"without files", []listing.Entry{dir("a"), dir("b")}, 6},
		{"empty", nil, 0},
	}
	for _, tt := range tests {
		var marks []byte
		found := 0
		for level := range 50 {
			var cyclic bool
			if marks, cyclic = extendMarks(marks, &listing.Listing{Entries: tt.entries}); cyclic {
				found = level
				break
			}
		}
		if found != tt.levels {
			t.Errorf("%s: cyclic after %d levels, want %d", tt.name, found, tt.levels)
		}
	}
	var marks []byte
	for level := range 50 {
		entries := []listing.Entry{dir("a"), {Name: "f", Type: listing.File, Size: int64(level % 2), ModTime: at}}
		var cyclic bool
		if marks, cyclic = extendMarks(marks, &listing.Listing{Entries: entries}); cyclic {
			t.Fatalf("folders that differ are taken for one at level %d", level)
		}
	}
}
