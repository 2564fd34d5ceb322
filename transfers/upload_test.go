package transfers

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestResumeUpload(t *testing.T) {
	const size = 500_000
	whole := bytesOf(size, 1)
	spoiled := slices.Clone(whole[:200_000])
	spoiled[199_999] ^= 1
	newer, older := time.Now().Add(time.Hour), epoch()
	tests := []struct {
		name  string
		there []byte
		time  time.Time
		spoil func(f *fake)
		sent  []string
	}{
		{"nothing there", nil, newer, nil, []string{"STOR /a @0"}},
		{"part", whole[:200_000], newer, nil, []string{"APPE /a @0"}},
		{"small part", whole[:10], newer, nil, []string{"APPE /a @0"}},
		{"empty", []byte{}, newer, nil, []string{"STOR /a @0"}},
		{"complete", whole, newer, nil, nil},
		{"complete, no hash", whole, newer, func(f *fake) { f.noHASH = true }, nil},
		{"too long", append(slices.Clone(whole), 1), newer, nil, []string{"STOR /a @0"}},
		{"differs", spoiled, newer, nil, []string{"STOR /a @0"}},
		{"source is newer", whole[:200_000], older, nil, []string{"STOR /a @0"}},
		{"not to be read", whole[:200_000], newer, func(f *fake) {
			f.on = func(verb, _ string) error {
				if verb == "RETR" {
					return refuse(verb, 550, "Permission denied.")
				}
				return nil
			}
		}, []string{"STOR /a @0"}},
		{"no SIZE", whole[:200_000], newer, func(f *fake) { f.noSIZE = true }, []string{"STOR /a @0"}},
		{"no APPE", whole[:200_000], newer, func(f *fake) {
			f.on = func(verb, _ string) error {
				if verb == "APPE" {
					return refuse(verb, 502, "Not implemented.")
				}
				return nil
			}
		}, []string{"APPE /a @0", "STOR /a @200000"}},
		{"APPE replaces", whole[:200_000], newer, func(f *fake) {
			f.on = func(verb, p string) error {
				if verb == "APPE" {
					f.nodes["/a"].data = nil
				}
				return nil
			}
		}, []string{"APPE /a @0", "STOR /a @0"}},
		{"no APPE, REST ignored", whole[:200_000], newer, func(f *fake) {
			f.on = func(verb, _ string) error {
				if verb == "APPE" {
					return refuse(verb, 502, "Not implemented.")
				}
				f.ignoreREST = verb == "STOR"
				return nil
			}
		}, []string{"APPE /a @0", "STOR /a @200000", "STOR /a @0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			local := filepath.Join(t.TempDir(), "a")
			write(t, local, whole)
			f := newFake()
			if tt.there != nil {
				f.file("/a", tt.there)
				f.nodes["/a"].mtime = tt.time
			}
			if tt.spoil != nil {
				tt.spoil(f)
			}
			if _, err := Upload(t.Context(), f, local, "/a", redialing(f, quick(Resume))); err != nil {
				t.Fatal(err)
			}
			if got := f.content("/a"); !slices.Equal(got, whole) {
				t.Errorf("the server has %d bytes, want %d, or they differ", len(got), size)
			}
			got := append(f.lines("APPE"), f.lines("STOR")...)
			if !slices.Equal(got, tt.sent) {
				t.Errorf("sent %q, want %q", got, tt.sent)
			}
		})
	}
}

// What breaks on the way up is gone on with, after comparing.
func TestUploadRetries(t *testing.T) {
	const size = 1_000_000
	whole := bytesOf(size, 1)
	tests := []struct {
		name  string
		there []byte
		spoil func(f *fake)
		sent  []string
	}{
		{
			"data connection", nil, func(f *fake) { f.cut = first("STOR", 400_000, brokenData()) },
			[]string{"STOR /a @0", "APPE /a @0"},
		},
		{
			"control connection", nil, func(f *fake) { f.cut = first("STOR", 400_000, lostConn()) },
			[]string{"STOR /a @0", "APPE /a @0"},
		},
		{"before the first byte", whole[:300_000], func(f *fake) {
			f.on = once("STOR", brokenData())
		}, []string{"STOR /a @0", "STOR /a @0"}},
		{
			"reply lost after the last byte", nil, func(f *fake) { f.cut = first("STOR", size, lostConn()) },
			[]string{"STOR /a @0"},
		},
		{
			"control connection lost before SIZE", nil, func(f *fake) { f.on = once("SIZE", lostConn()) },
			[]string{"STOR /a @0"},
		},
		{"bytes lost", nil, func(f *fake) {
			f.on = func(verb, _ string) error {
				if n := f.nodes["/a"]; verb == "SIZE" && len(f.lines("SIZE")) == 1 {
					n.data = n.data[:size-1]
				}
				return nil
			}
		}, []string{"STOR /a @0", "STOR /a @0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			local := filepath.Join(t.TempDir(), "a")
			write(t, local, whole)
			f := newFake()
			if tt.there != nil {
				f.file("/a", tt.there)
			}
			tt.spoil(f)
			sum, err := Upload(t.Context(), f, local, "/a", redialing(f, quick(Overwrite)))
			if err != nil {
				t.Fatal(err)
			}
			if got := f.content("/a"); !slices.Equal(got, whole) {
				t.Errorf("the server has %d bytes, want %d, or they differ", len(got), size)
			}
			var got []string
			for _, l := range f.log {
				if len(l) > 5 && (l[:5] == "STOR " || l[:5] == "APPE ") {
					got = append(got, l)
				}
			}
			if !slices.Equal(got, tt.sent) {
				t.Errorf("sent %q, want %q", got, tt.sent)
			}
			if sum.Files != 1 {
				t.Errorf("summary = %+v", sum)
			}
		})
	}
}

// first cuts the first transfer of that verb.
func first(verb string, after int64, err error) func(string, string) (int64, error) {
	done := false
	return func(v, _ string) (int64, error) {
		if v == verb && !done {
			done = true
			return after, err
		}
		return 0, nil
	}
}

// once fails the first operation of that verb.
func once(verb string, err error) func(string, string) error {
	done := false
	return func(v, _ string) error {
		if v == verb && !done {
			done = true
			return err
		}
		return nil
	}
}

func TestUploadChecksSize(t *testing.T) {
	local := filepath.Join(t.TempDir(), "a")
	write(t, local, bytesOf(1000, 1))
	f := newFake()
	f.on = func(verb, _ string) error {
		if n := f.nodes["/a"]; verb == "SIZE" {
			n.data = n.data[:999]
		}
		return nil
	}
	_, err := Upload(t.Context(), f, local, "/a", quick(Overwrite))
	if !isA[*SizeError](err) {
		t.Errorf("error = %v, want that the sizes differ", err)
	}
	opt := quick(Overwrite)
	opt.ASCII = true
	if _, err = Upload(t.Context(), f, local, "/a", opt); err != nil {
		t.Errorf("as text: %v", err)
	}
}

func TestUploadOfChangingFile(t *testing.T) {
	local := filepath.Join(t.TempDir(), "a")
	write(t, local, bytesOf(1000, 1))
	f := newFake()
	grows := 0
	f.on = func(verb, _ string) error {
		if verb == "STOR" && grows > 0 {
			grows--
			h, err := os.OpenFile(local, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = h.WriteString("more")
			return joinClose(h, err)
		}
		return nil
	}
	grows = 1
	if _, err := Upload(t.Context(), f, local, "/a", quick(Overwrite)); err != nil {
		t.Fatalf("changed once: %v", err)
	}
	if n := len(f.content("/a")); n != 1004 {
		t.Errorf("the server has %d bytes of 1004", n)
	}
	grows = 100
	if _, err := Upload(t.Context(), f, local, "/a", quick(Overwrite)); !isLocalKind(LocalChanged)(err) {
		t.Errorf("changed all the time: error = %v", err)
	}
}

func joinClose(h *os.File, err error) error {
	if cerr := h.Close(); err == nil {
		err = cerr
	}
	return err
}
