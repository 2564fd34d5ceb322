package diagnose

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes r as Markdown (CommonMark with tables), for issue trackers
// and mail. What the server said cannot become markup.
func WriteMarkdown(w io.Writer, r *Report) error {
	b := bufio.NewWriter(w)
	m := &markdown{b: b}
	m.head(r)
	m.path(r)
	m.line("## What it means", "")
	for _, v := range r.Verdicts {
		m.verdict(v)
	}
	m.attempts(r)
	m.facts(r)
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

type markdown struct{ b *bufio.Writer }

// line writes lines; Flush tells of a failure.
func (m *markdown) line(lines ...string) {
	for _, l := range lines {
		_, _ = m.b.WriteString(l + "\n")
	}
}

// markup escapes the characters that mean something in Markdown or HTML.
func markup(s string) string {
	return markupEscapes().Replace(oneLine(s))
}

func markupEscapes() *strings.Replacer {
	var pairs []string
	for _, c := range "\\`*_[]{}#|~!" {
		pairs = append(pairs, string(c), "\\"+string(c))
	}
	return strings.NewReplacer(append(pairs, "&", "&amp;", "<", "&lt;", ">", "&gt;")...)
}

func (m *markdown) head(r *Report) {
	m.line("# FTP diagnosis of "+markup(newEvidence(r).host()), "", "**"+markup(Summary(r))+"**", "")
	m.line("- Server: "+markup(serverLine(r)), "- From: "+markup(clientLine(r)), "- When: "+utc(r.Started)+", took "+secs(span(r.Took)))
	if words := modeWords(r.Recommended); words != "" {
		m.line("- Recommended mode: " + markup(words))
	}
	m.line("")
}

func (m *markdown) path(r *Report) {
	m.line("## The path", "", "| | from this computer | its network | the server's network | server | |", "|---|---|---|---|---|---|")
	lines := PathLines(r)
	for _, l := range lines {
		label := l.Label
		if familiesOf(lines) {
			label += fmt.Sprintf(", IPv%d", l.Family)
		}
		if l.TLS && l.Method != "" {
			label += ", TLS"
		}
		cells := []string{"", "", "", ""}
		for i, place := range []float64{AtHere, AtNear, AtFar, AtServer} {
			cells[i] = pathCell(l, place)
		}
		m.line("| " + markup(label) + " | " + strings.Join(cells, " | ") + " | " + markup(l.Text) + " |")
	}
	m.line("")
}

// pathCell is what stands at a place: an arrow where the line passes, a cross
// where it stopped, a question mark on both sides of where it was lost.
func pathCell(l PathLine, place float64) string {
	const same = 1e-6
	near := func(a, b float64) bool { return a-b < same && b-a < same }
	switch {
	case l.Result == Unknown:
		return "?"
	case l.Mark == MarkStopped && near(place, l.To):
		return "✕"
	case l.Mark == MarkAsk && (near(place, AtNear) || near(place, AtFar)):
		return "?"
	case min(l.From, l.To)-same <= place && place <= max(l.From, l.To)+same:
		if l.To < l.From {
			return "←"
		}
		return "→"
	}
	return ""
}

func (m *markdown) verdict(v Verdict) {
	m.line("### "+markup(v.Sentence), "")
	meta := []string{severityTag(v.Severity), markup(v.Code), markup(v.Confidence)}
	if v.Actor != ActNobody {
		meta = append(meta, "to act: "+markup(v.Actor))
	}
	if v.Mode != "" {
		meta = append(meta, "goes around it: mode "+markup(v.Mode))
	}
	m.line(strings.Join(meta, " · "), "")
	if v.Meaning != "" {
		m.line(markup(v.Meaning), "")
	}
	for _, e := range v.Evidence {
		m.line("- " + markup(e))
	}
	if len(v.Evidence) > 0 {
		m.line("")
	}
	m.letter("Text for the network administrator:", v.ForAdmin)
	m.letter("Text for the hosting provider:", v.ForProvider)
}

// letter writes a text in a fence that is longer than any in it.
func (m *markdown) letter(title, text string) {
	if text == "" {
		return
	}
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	m.line(title, "", fence+"text", strings.TrimRight(printableLines(text), "\n"), fence, "")
}

func (m *markdown) attempts(r *Report) {
	if len(r.Methods) == 0 {
		return
	}
	m.line("## Connections for files that were tried", "", "| time (UTC) | method | result | what happened |", "|---|---|---|---|")
	for _, a := range r.Methods {
		_, story, _ := strings.Cut(attemptLine(a), ": ")
		m.line("| " + clock(a.Began) + " | " + markup(attemptTitle(a)) + " | " + a.Result.String() + " | " + markup(story) + " |")
	}
	m.line("")
}

func (m *markdown) facts(r *Report) {
	m.line("## What was found out", "", "| | |", "|---|---|")
	for _, f := range facts(r) {
		m.line("| " + markup(f.Name) + " | " + markup(f.Value) + " |")
	}
	if len(r.Ports.Samples) > 0 {
		m.line("| Ports seen | " + markup(lastPorts(samplePorts(r.Ports))+". "+portsKey(r.Ports)) + " |")
	}
	for _, n := range r.Notes {
		m.line("| Note | " + markup(shown(n)) + " |")
	}
}
