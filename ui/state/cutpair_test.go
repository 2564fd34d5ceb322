package state

import "testing"

func TestCutPair(t *testing.T) {
	columns := func(s string) float32 { return float32(len([]rune(s))) }
	for _, c := range []struct {
		text  string
		limit float32
		want  string
	}{
		{"Harbour › Isle", 20, "Harbour › Isle"},
		{"mara@ftp.example.org › Isle", 20, "mara@ftp….org › Isle"},
		{"Isle › mara@ftp.example.org", 20, "Isle › mara@ftp….org"},
		{"mara@ftp.example.org › joe@archive.example.org", 23, "mara@f…org › joe@ar…org"},
		{"mara@ftp.example.org", 11, "mara@f….org"},
		{"a › b", 2, "a…"},
	} {
		got := CutPair(c.text, c.limit, columns)
		if got != c.want {
			t.Errorf("CutPair(%q, %v) = %q, want %q", c.text, c.limit, got, c.want)
		}
		if columns(got) > c.limit {
			t.Errorf("%q is wider than %v", got, c.limit)
		}
	}
}
