package cli

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"portside/client/diagnose"
)

// The exit codes of diagnose are in its help and in docs/cli.md; they must agree.
func TestManualHasTheExitCodesOfDiagnose(t *testing.T) {
	doc := manual(t)
	rows := regexp.MustCompile(`(?m)^ +(\d+)  (.+)$`).FindAllStringSubmatch(diagnoseExitHelp, -1)
	if len(rows) != 6 {
		t.Fatalf("%d codes in the help", len(rows))
	}
	for _, r := range rows {
		if line := "| " + r[1] + " | " + r[2] + " |"; !strings.Contains(doc, line) {
			t.Errorf("docs/cli.md has no line %q", line)
		}
	}
}

// Every option of diagnose is in docs/cli.md.
func TestManualNamesTheOptionsOfDiagnose(t *testing.T) {
	doc := manual(t)
	p := &program{}
	cmd := find(t, p.rootCommand(), "diagnose")
	for _, name := range []string{"only", "redact", "report", "ports", "plain-login", "long", "budget", "compare"} {
		if cmd.Flags().Lookup(name) == nil || !strings.Contains(doc, "| `--"+name) {
			t.Errorf("--%s is not an option of diagnose that docs/cli.md names", name)
		}
	}
	for _, group := range diagnose.Groups() {
		if !strings.Contains(doc, "`"+group+"`") {
			t.Errorf("docs/cli.md does not name the group %s", group)
		}
	}
}

// One line for each probe that ended, escaped and cut, and below them those that run.
func TestStepsShowOneLineAProbe(t *testing.T) {
	var out bytes.Buffer
	s := &steps{bar: &progressBar{out: &lockedWriter{w: &out}}}
	probe := diagnose.Probe{Title: "Passive, by EPSV", State: diagnose.StateRunning}
	s.show(probe)
	s.show(diagnose.Probe{Title: "Login", State: diagnose.StateRunning})
	if got := string(s.bar.out.bar); got != "  …        Passive, by EPSV; Login" {
		t.Errorf("under way: %q", got)
	}
	probe.State, probe.Result, probe.Took, probe.Detail = diagnose.StateDone, diagnose.Fails, diagnose.Span(3100*time.Millisecond), "no answer\x1b[31m"
	s.show(probe)
	s.show(diagnose.Probe{Title: "Login", State: diagnose.StateSkipped, Detail: "not asked for"})
	s.end()
	lines := strings.Split(out.String(), "\n")
	if !strings.Contains(lines[0], `  fails    Passive, by EPSV, 3.1s: no answer\x1b[31m`) {
		t.Errorf("first line %q", lines[0])
	}
	if !strings.Contains(lines[1], "  skipped  Login: not asked for") {
		t.Errorf("second line %q", lines[1])
	}
	if len(s.bar.out.bar) != 0 || strings.Contains(out.String(), "no answer\x1b") {
		t.Errorf("left behind: %q in %q", s.bar.out.bar, out.String())
	}
	var none *steps
	none.show(probe) // in a pipe
	none.end()
}

func TestCutText(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{{"twelve chars", 12, "twelve chars"}, {"twelve charsx", 12, "twelve char…"}, {"äöüäöüäöüäöü", 11, "äöüäöüäöüä…"}, {"narrow", 3, "narrow"}} {
		if got := cutText(c.s, c.n); got != c.want {
			t.Errorf("cutText(%q, %d) = %q", c.s, c.n, got)
		}
	}
}

func TestPortWarningWords(t *testing.T) {
	for _, c := range []struct {
		f    diagnose.PortFinding
		want string
	}{
		{diagnose.PortFinding{Class: diagnose.PortsInOrder, Hits: 11, Tried: 12}, "h:21 hands out passive ports in sequence: guessed 11 of the last 12, and a stranger can as well; see portside-cli diagnose"},
		{diagnose.PortFinding{Class: diagnose.PortsStride, Step: -7, Hits: 9, Tried: 9}, "h:21 hands out passive ports in steps of -7: guessed 9 of the last 9, and"},
		{diagnose.PortFinding{Class: diagnose.PortsFixed, Low: 4242}, "h:21 hands out the same passive port each time, 4242, and"},
		{diagnose.PortFinding{Class: diagnose.PortsFew, Candidates: 12, Tried: 5, Hits: 1}, "h:21 hands out few passive ports, about 12, and"},
	} {
		if got := portWarning("h:21", c.f); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q", c.f.Class, got)
		}
	}
}

// An outcome is a code and no message; trouble with the output goes first.
func TestOutcomeSaysNothing(t *testing.T) {
	var out, errOut bytes.Buffer
	p := &program{app: App{Stdout: &out, Stderr: &errOut}, errOut: &lockedWriter{w: &errOut}}
	if code := p.report(t.Context(), errors.Join(&outcome{code: 4}, nil)); code != 4 || errOut.Len() > 0 {
		t.Errorf("code %d, said %q", code, errOut.String())
	}
	full := errors.Join(&outcome{code: 4}, &localError{op: "write to standard output", err: fmt.Errorf("no room")})
	if code := p.report(t.Context(), full); code != exitLocal || !strings.Contains(errOut.String(), "no room") {
		t.Errorf("code %d, said %q", code, errOut.String())
	}
}
