package diagnose

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"portside/client"
)

// maxReport bounds the size of a report that is read, in bytes.
const maxReport = 16 << 20

// ErrNotReport is returned by ReadReport for a file that is no report.
var ErrNotReport = errors.New("this is not a report of a Portside diagnosis")

// WriteJSON writes r as JSON, indented, for ReadReport and for other programs.
func WriteJSON(w io.Writer, r *Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// ReadReport reads a report that WriteJSON wrote, perhaps on another computer:
// its size is bounded, and its texts are made fit to be shown. Foreign files give
// ErrNotReport. A report of a newer version is refused rather than half read.
func ReadReport(rd io.Reader) (*Report, error) {
	b, err := io.ReadAll(io.LimitReader(rd, maxReport+1))
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	if len(b) > maxReport {
		return nil, fmt.Errorf("%w: it is larger than %d MB", ErrNotReport, maxReport>>20)
	}
	var head map[string]json.RawMessage
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReport, err)
	}
	var format int
	if err := json.Unmarshal(head["format"], &format); err != nil || format < 1 || head["server"] == nil || head["methods"] == nil {
		return nil, ErrNotReport
	}
	if format > FormatVersion {
		return nil, fmt.Errorf("the report has format %d, written by a newer Portside; this one reads up to %d", format, FormatVersion)
	}
	r := new(Report)
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReport, err)
	}
	mapStrings(r, printableLines)
	return r, nil
}

// printableLines escapes each line of a text, and keeps its line ends.
func printableLines(s string) string {
	return eachLine(s, client.Printable)
}
