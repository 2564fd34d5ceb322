package exchange

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// An Outcome says what becomes of an entry.
type Outcome uint8

// The outcomes.
const (
	Imported  Outcome = iota // becomes a site
	Duplicate                // host, port and user are those of a site that is there, or of a row above; becomes a site where it is chosen
	Skipped                  // cannot become a site
)

// String returns "imported", "duplicate" or "skipped".
func (o Outcome) String() string {
	switch o {
	case Imported:
		return "imported"
	case Duplicate:
		return "duplicate"
	default:
		return "skipped"
	}
}

// MarshalText implements encoding.TextMarshaler.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// A Row is an entry of a file that was read. All of its text but Site is harmless to
// show; what is in Site is free of line breaks (notes excepted) and control
// characters, and is shown by client.Printable.
type Row struct {
	Site    sites.Site              // with its Folder, without an ID
	Secrets map[secrets.Kind]string // never printed; nil where there are none
	Outcome Outcome
	Chosen  bool     // Apply takes it; set for what is Imported, and free to change. A Skipped row is not taken in any case
	Why     string   // of Duplicate and Skipped
	Where   string   // in the file: "line 12", "Folder/Name"
	Lost    []string // settings that have no equal here, in words
}

// String describes r without its secrets.
func (r Row) String() string {
	s := fmt.Sprintf("%s: %s (%s)", client.Printable(r.Where), client.Printable(r.Site.Name), r.Outcome)
	if r.Why != "" {
		s += ": " + r.Why
	}
	return s
}

// Format implements fmt.Formatter: every verb writes what String returns, so that
// none shows a secret.
func (r Row) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// GoString is String.
func (r Row) GoString() string { return r.String() }

// LogValue implements slog.LogValuer, without secrets.
func (r Row) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON writes r with the names of its secrets, and without them.
func (r Row) MarshalJSON() ([]byte, error) {
	kinds := make([]string, 0, len(r.Secrets))
	for k := range r.Secrets {
		kinds = append(kinds, fmt.Sprint(k))
	}
	slices.Sort(kinds)
	return json.Marshal(struct {
		Where   string     `json:"where"`
		Outcome Outcome    `json:"outcome"`
		Chosen  bool       `json:"chosen"`
		Why     string     `json:"why,omitempty"`
		Lost    []string   `json:"lost,omitempty"`
		Secrets []string   `json:"secrets,omitempty"` // their kinds
		Site    sites.Site `json:"site"`
	}{r.Where, r.Outcome, r.Chosen, r.Why, r.Lost, kinds, r.Site})
}

// An Import is what a file holds, before any of it is taken.
type Import struct {
	Format Format
	Path   string
	Rows   []Row    // in the order of the file
	Notes  []string // on the whole file, in words
}

// Sites returns the sites of the chosen rows.
func (i *Import) Sites() []sites.Site {
	var out []sites.Site
	for _, r := range i.Rows {
		if r.Chosen && r.Outcome != Skipped {
			out = append(out, r.Site)
		}
	}
	return out
}

// Count returns how many rows have the outcome.
func (i *Import) Count(o Outcome) int {
	n := 0
	for _, r := range i.Rows {
		if r.Outcome == o {
			n++
		}
	}
	return n
}

// String sums i up: "FileZilla: 12 imported, 1 duplicate, 3 skipped".
func (i Import) String() string {
	var parts []string
	for _, o := range []Outcome{Imported, Duplicate, Skipped} {
		if n := i.Count(o); n > 0 || o == Imported {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return i.Format.Name + ": " + strings.Join(parts, ", ")
}

// GoString is String.
func (i Import) GoString() string { return i.String() }

// LogValue implements slog.LogValuer, without secrets.
func (i Import) LogValue() slog.Value { return slog.StringValue(i.String()) }

// MarshalJSON writes i with its rows, without secrets.
func (i Import) MarshalJSON() ([]byte, error) {
	rows := i.Rows
	if rows == nil {
		rows = []Row{}
	}
	return json.Marshal(struct {
		Format string   `json:"format"`
		Path   string   `json:"path"`
		Notes  []string `json:"notes,omitempty"`
		Rows   []Row    `json:"rows"`
	}{i.Format.ID, i.Path, i.Notes, rows})
}
