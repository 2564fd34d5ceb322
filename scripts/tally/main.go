// Command tally reads the output of go test -json, says briefly how each
// package went and in full what failed, lists every skipped test with its
// reason, and closes with the sum. It adds the sum as a line to the file that
// is named by its argument. Where few tests failed, and none by a data race, a
// panic or for lack of time, it adds them to the file of -again, as lines of a
// package, a pattern for go test -run and the test's name, so that they can be
// looked at again. With -thrice it wants that test to have passed three times. What
// the race detector reports it adds to the file of -races: go test prints it with
// whichever test spoke last.
//
//	go test -json ./... | go run ./scripts/tally -again again sums
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"sort"
	"strings"
)

// An event is one line of go test -json.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
	Elapsed    float64
}

func main() {
	again := flag.String("again", "", "the `file` that gets the tests that are worth a second look")
	thrice := flag.String("thrice", "", "the `test` that must have passed three times")
	races := flag.String("races", "", "the `file` that gets what the race detector reports")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: tally [-again FILE] [-races FILE] [-thrice TEST] SUMS < events")
		os.Exit(2)
	}
	t := newTally(os.Stdout)
	err := t.read(os.Stdin)
	if err == nil {
		err = appendLine(flag.Arg(0), t.sum())
	}
	if look := t.again(); err == nil && *again != "" && len(look) > 0 {
		err = appendLine(*again, strings.Join(look, "\n"))
	}
	if err == nil && *races != "" && len(t.races) > 0 {
		err = appendLine(*races, strings.Join(t.races, "\n"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	if t.broken || t.failed > 0 || *thrice != "" && t.passes[*thrice] < 3 {
		os.Exit(1)
	}
}

func appendLine(name, line string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, line)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// A tally counts tests, subtests among them; a test with subtests counts too.
type tally struct {
	out                     io.Writer
	passed, failed, skipped int
	broken                  bool                // a package failed, in whatever way
	output                  map[string][]string // by package and test
	reasons                 map[string]int      // of skipped tests
	fell                    []event             // tests that failed, without those whose subtests did
	beyond                  bool                // something failed that a second look does not change
	passes                  map[string]int      // by test
	running                 map[string]string   // the package of each test that has not ended, by package and test
	races                   []string            // the reports of the race detector, each with its package
	racing                  map[string][]string // such a report as far as it has come, by package
}

// mostAgain is how many failed tests are worth a second look; more are no accident.
const mostAgain = 3

// again returns the tests that are worth a second look, each as "PACKAGE PATTERN TEST".
func (t *tally) again() []string {
	if t.beyond || len(t.fell) > mostAgain {
		return nil
	}
	var all []string
	for _, e := range t.fell {
		parts := strings.Split(e.Test, "/")
		for i, p := range parts {
			parts[i] = "^" + regexp.QuoteMeta(p) + "$"
		}
		all = append(all, e.Package+" "+strings.Join(parts, "/")+" "+e.Test)
	}
	return all
}

// isBeyond reports whether output tells of what no second look excuses.
func isBeyond(output []string) bool {
	text := strings.Join(output, "")
	for _, word := range []string{"DATA RACE", "race detected", "data race", "panic:", "fatal error:", "signal:"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, output: map[string][]string{}, reasons: map[string]int{}, passes: map[string]int{}, running: map[string]string{}, racing: map[string][]string{}}
}

// sum says how many tests passed, failed and were skipped.
func (t *tally) sum() string { return fmt.Sprintf("%d %d %d", t.passed, t.failed, t.skipped) }

func (t *tally) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			// Not of go test: a message of the go command itself.
			fmt.Fprintln(t.out, lines.Text())
			continue
		}
		t.take(e)
	}
	t.printReasons()
	return lines.Err()
}

func (t *tally) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "run":
		t.running[key] = e.Package
	case "output":
		// That a test runs, waits and goes on says nothing.
		if e.Test != "" && strings.HasPrefix(e.Output, "=== ") {
			return
		}
		t.output[key] = append(t.output[key], e.Output)
		t.takeRace(e.Package, e.Output)
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "build-fail":
		t.broken, t.beyond = true, true
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.endPackage(e)
		} else {
			t.endTest(e, key)
		}
		delete(t.output, key)
		delete(t.running, key)
	}
}

// takeRace collects the reports of the race detector, which end with a line of "=".
func (t *tally) takeRace(pkg, line string) {
	report, within := t.racing[pkg]
	switch {
	case strings.HasPrefix(strings.TrimSpace(line), "WARNING: DATA RACE"):
		t.endRace(pkg) // one that was cut short
		t.racing[pkg] = []string{"DATA RACE in a test of " + pkg + "\n"}
	case within && strings.HasPrefix(strings.TrimSpace(line), "======"):
		t.endRace(pkg)
	case within && len(report) < mostOfRace:
		t.racing[pkg] = append(report, line)
	}
}

// mostOfRace is how many lines of a report are kept.
const mostOfRace = 60

func (t *tally) endRace(pkg string) {
	if report, ok := t.racing[pkg]; ok {
		t.races = append(t.races, strings.Join(report, ""))
		delete(t.racing, pkg)
	}
}

func (t *tally) endTest(e event, key string) {
	switch e.Action {
	case "pass":
		t.passed++
		t.passes[e.Test]++
	case "fail":
		t.failed++
		t.beyond = t.beyond || isBeyond(t.output[key])
		if !t.hasFallen(e) {
			t.fell = append(t.fell, e)
		}
		fmt.Fprintf(t.out, "FAIL %s %s\n%s", e.Package, e.Test, strings.Join(t.output[key], ""))
	case "skip":
		t.skipped++
		t.reasons[e.Package+": "+reason(t.output[key])]++
	}
}

// hasFallen reports whether a subtest of e's test has failed, which ends before it.
func (t *tally) hasFallen(e event) bool {
	for _, f := range t.fell {
		if f.Package == e.Package && strings.HasPrefix(f.Test, e.Test+"/") {
			return true
		}
	}
	return false
}

// reason finds what a skipped test said last before its result.
func reason(output []string) string {
	for i := len(output) - 1; i >= 0; i-- {
		line := strings.TrimSpace(output[i])
		if line == "" || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "===") {
			continue
		}
		if _, said, ok := strings.Cut(line, ".go:"); ok {
			_, said, _ = strings.Cut(said, ": ")
			return said
		}
		return line
	}
	return "no reason given"
}

func (t *tally) endPackage(e event) {
	t.endRace(e.Package)
	switch e.Action {
	case "pass":
		fmt.Fprintf(t.out, "ok   %-40s %6.1f s\n", e.Package, e.Elapsed)
	case "skip":
		// A package without tests.
	case "fail":
		t.broken = true
		t.beyond = t.beyond || isBeyond(t.output[e.Package+" "]) || !t.anyFell(e.Package) || t.anyRunning(e.Package)
		fmt.Fprintf(t.out, "FAIL %s\n%s", e.Package, strings.Join(t.output[e.Package+" "], ""))
		t.printUnfinished(e.Package)
	}
}

// anyFell reports whether a test of the package has failed.
func (t *tally) anyFell(pkg string) bool {
	for _, f := range t.fell {
		if f.Package == pkg {
			return true
		}
	}
	return false
}

// anyRunning reports whether a test of the package has begun and not ended.
func (t *tally) anyRunning(pkg string) bool {
	for _, p := range t.running {
		if p == pkg {
			return true
		}
	}
	return false
}

// printUnfinished prints what the tests said that never ended, which a panic,
// a data race at the end or a timeout leaves behind.
func (t *tally) printUnfinished(pkg string) {
	var keys []string
	for key := range t.output {
		if strings.HasPrefix(key, pkg+" ") && key != pkg+" " {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	t.beyond = t.beyond || len(keys) > 0
	for _, key := range keys {
		fmt.Fprintf(t.out, "UNFINISHED %s\n%s", key, strings.Join(t.output[key], ""))
		delete(t.output, key)
	}
}

func (t *tally) printReasons() {
	var all []string
	for r := range t.reasons {
		all = append(all, r)
	}
	sort.Strings(all)
	for _, r := range all {
		fmt.Fprintf(t.out, "skipped %d: %s\n", t.reasons[r], r)
	}
}
