package cli

import (
	"slices"
	"strings"
	"time"

	"portside/client"
	"portside/client/diagnose"
)

// steps shows the probes of a diagnosis while they run: one line on the terminal
// for each that has ended, and below them those that are under way. The nil
// steps show nothing.
type steps struct {
	bar     *progressBar
	running []string
}

// newSteps returns steps where stderr is a terminal that wants them, else nil.
func (p *program) newSteps() *steps {
	bar := p.newBar()
	if bar == nil {
		return nil
	}
	return &steps{bar: bar}
}

// show is the OnProbe function of a diagnosis.
func (s *steps) show(pr diagnose.Probe) {
	if s == nil {
		return
	}
	s.running = slices.DeleteFunc(s.running, func(t string) bool { return t == pr.Title })
	if pr.State == diagnose.StateRunning {
		s.running = append(s.running, pr.Title)
	} else {
		_, _ = s.bar.out.Write([]byte(cutText(stepLine(pr), s.bar.columns()-1) + "\n")) // what cannot be shown is no failure
	}
	line := ""
	if len(s.running) > 0 {
		line = cutText("  …        "+strings.Join(s.running, "; "), s.bar.columns()-1)
	}
	s.bar.out.setBar([]byte(line))
}

// end takes the line of what is under way off the terminal, and sets what follows
// apart.
func (s *steps) end() {
	if s != nil {
		s.bar.out.setBar(nil)
		_, _ = s.bar.out.Write([]byte("\n")) // as in show
	}
}

// stepLine tells one probe that has ended.
func stepLine(pr diagnose.Probe) string {
	state := pr.Result.String()
	if pr.State == diagnose.StateSkipped {
		state = "skipped"
	}
	line := "  " + state + strings.Repeat(" ", max(1, 9-len(state))) + client.Printable(pr.Title)
	if took := time.Duration(pr.Took); took >= time.Second {
		line += ", " + took.Round(100*time.Millisecond).String()
	}
	if pr.Detail != "" {
		line += ": " + client.Printable(pr.Detail)
	}
	return line
}

// cutText cuts a line to a number of columns.
func cutText(s string, columns int) string {
	r := []rune(s)
	if columns < 10 || len(r) <= columns {
		return s
	}
	return string(r[:columns-1]) + "…"
}
