package diagnose

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// textWidth is the width of a terminal that text is broken for, in characters.
const textWidth = 80

// A TextStyle says what WriteText writes.
type TextStyle struct {
	Verbose bool // with evidence, letters, attempts and facts
}

// WriteText writes r for a terminal of 80 columns: the sentence first, then the
// path, then the verdicts, and with Verbose their evidence and the letters.
func WriteText(w io.Writer, r *Report, style TextStyle) error {
	b := bufio.NewWriter(w)
	t := &textWriter{b: b}
	t.wrapped("", Summary(r))
	t.line("")
	for _, l := range PathLines(r) {
		t.path(l, familiesOf(PathLines(r)))
	}
	t.line("")
	for _, v := range r.Verdicts {
		t.verdict(v, style.Verbose)
	}
	if words := modeWords(r.Recommended); words != "" {
		t.wrapped("  ", "Recommended mode: "+words+".")
	}
	if style.Verbose {
		t.details(r)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

type textWriter struct{ b *bufio.Writer }

// line writes one line; Flush tells of a failure.
func (t *textWriter) line(s string) { _, _ = t.b.WriteString(strings.TrimRight(s, " ") + "\n") }

// wrapped writes a text broken between words, with hanging indentation; first
// stands before its first line and as many blanks before the others.
func (t *textWriter) wrapped(first, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(first))
	for i, l := range wrap(text, textWidth-len(indent)) {
		if i == 0 {
			t.line(first + l)
			continue
		}
		t.line(indent + l)
	}
}

// wrap breaks a text between words; a word longer than width stands alone.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// path draws one line of the path picture: "you" at the left, the server at the
// right, and where it stopped an x, or a ? where that is not known.
func (t *textWriter) path(l PathLine, bothFamilies bool) {
	const width = 16
	label := l.Label
	if bothFamilies {
		label += fmt.Sprintf(", IPv%d", l.Family)
	}
	if l.TLS && l.Method != "" {
		label += ", TLS"
	}
	cells := make([]rune, width+1)
	for i := range cells {
		cells[i] = ' '
	}
	at := func(p float64) int { return int(p*width + 0.5) }
	fill := func(a, b int, r rune) {
		for i := min(a, b); i <= max(a, b); i++ {
			cells[i] = r
		}
	}
	fill(at(l.To), at(l.End), '.')
	fill(at(l.From), at(l.To), '-')
	if l.Result == Unknown {
		fill(at(l.From), at(l.End), '.')
	}
	mark := map[PathMark]rune{MarkStopped: 'x', MarkAsk: '?', MarkArrived: '>'}[l.Mark]
	if mark == '>' && l.Active {
		mark = '<'
	}
	cells[at(l.To)] = mark
	if l.Result == Unknown {
		cells[at(l.To)], cells[width/2] = '.', '?'
	}
	t.line(fmt.Sprintf("  %-20s you %s server  %s", label, string(cells), l.Text))
}

func (t *textWriter) verdict(v Verdict, verbose bool) {
	tag := map[Severity]string{OK: "ok", Note: "note", Warning: "WARNING", Failure: "FAILURE"}[v.Severity]
	t.wrapped(fmt.Sprintf("%-9s", tag), oneLine(v.Sentence))
	const indent = "         "
	if v.Severity > OK && v.Meaning != "" {
		t.wrapped(indent, oneLine(v.Meaning))
	}
	if v.Severity >= Warning && v.Actor != ActNobody {
		t.wrapped(indent, "To act: "+shown(v.Actor)+".")
	}
	if !verbose {
		return
	}
	t.wrapped(indent, fmt.Sprintf("(%s, %s)", shown(v.Code), shown(v.Confidence)))
	for _, e := range v.Evidence {
		t.wrapped(indent+"- ", oneLine(e))
	}
	t.letter(indent, "Text for the network administrator:", v.ForAdmin)
	t.letter(indent, "Text for the hosting provider:", v.ForProvider)
	t.line("")
}

func (t *textWriter) letter(indent, title, text string) {
	if text == "" {
		return
	}
	t.line(indent + title)
	for l := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if l == "" {
			t.line(indent + "|")
			continue
		}
		for _, part := range wrap(oneLine(l), textWidth-len(indent)-2) {
			t.line(indent + "| " + part)
		}
	}
}

func (t *textWriter) details(r *Report) {
	t.line("")
	for _, f := range facts(r) {
		t.wrapped(fmt.Sprintf("  %-26s ", f.Name), f.Value)
	}
	for _, n := range r.Notes {
		t.wrapped(fmt.Sprintf("  %-26s ", "Note"), shown(n))
	}
}
