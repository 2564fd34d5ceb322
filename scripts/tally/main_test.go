package main

import (
	"slices"
	"strings"
	"testing"
)

const events = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.1}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: want 1, got 2\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: no server here\n"}
{"Action":"output","Package":"p","Test":"TestC","Output":"--- SKIP: TestC (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Test":"TestD","Output":"panic: gone\n"}
{"Action":"fail","Package":"p","Elapsed":1.5}
`

func TestTallySaysWhatFailedAndWhatWasSkipped(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	sum := newTally(&out)
	if err := sum.read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	if got := sum.sum(); got != "1 1 1" || !sum.broken {
		t.Errorf("sum = %q, broken = %v; want 1 passed, 1 failed, 1 skipped, broken", got, sum.broken)
	}
	for _, want := range []string{"FAIL p TestB\n", "want 1, got 2", "skipped 1: p: no server here", "UNFINISHED p TestD\npanic: gone"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "=== RUN") {
		t.Error("the output of a test that passed is shown")
	}
}

func TestABuildThatFailsIsNoPass(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	sum := newTally(&out)
	in := `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: syntax error\n"}
{"ImportPath":"p","Action":"build-fail"}
go: a message of the go command
`
	if err := sum.read(strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	if !sum.broken || !strings.Contains(out.String(), "syntax error") || !strings.Contains(out.String(), "a message of the go command") {
		t.Errorf("broken = %v, output:\n%s", sum.broken, out.String())
	}
}

// What the race detector reports is kept whole, whichever tests it is printed with.
func TestTallyKeepsRaces(t *testing.T) {
	t.Parallel()
	in := `{"Action":"output","Package":"p","Test":"TestA","Output":"==================\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"WARNING: DATA RACE\n"}
{"Action":"output","Package":"q","Test":"TestQ","Output":"beside it\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"Write at 0x1 by goroutine 7:\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"  p.f()\n"}
{"Action":"output","Package":"p","Output":"==================\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"another line\n"}
{"Action":"output","Package":"q","Test":"TestQ","Output":"        WARNING: DATA RACE\n"}
{"Action":"output","Package":"q","Test":"TestQ","Output":"        Read at 0x2\n"}
{"Action":"fail","Package":"q"}
`
	sum := newTally(&strings.Builder{})
	if err := sum.read(strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"DATA RACE in a test of p\nWrite at 0x1 by goroutine 7:\n  p.f()\n",
		"DATA RACE in a test of q\n        Read at 0x2\n",
	}
	if !slices.Equal(sum.races, want) {
		t.Errorf("races = %q, want %q", sum.races, want)
	}
}

// A test that failed is looked at again where it may have been an accident.
func TestTallySaysWhatToLookAtAgain(t *testing.T) {
	t.Parallel()
	const (
		sub    = `{"Action":"fail","Package":"p","Test":"TestA/a+b"}` + "\n"
		whole  = `{"Action":"fail","Package":"p","Test":"TestA"}` + "\n"
		end    = `{"Action":"fail","Package":"p"}` + "\n"
		race   = `{"Action":"output","Package":"p","Test":"TestA","Output":"    testing.go:1: race detected during execution of test\n"}` + "\n"
		panics = `{"Action":"output","Package":"p","Test":"TestZ","Output":"panic: gone\n"}` + "\n"
		more   = `{"Action":"fail","Package":"p","Test":"TestB"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestC"}` + "\n"
		most   = `{"Action":"fail","Package":"p","Test":"TestD"}` + "\n"
		died   = `{"Action":"run","Package":"p","Test":"TestZ"}` + "\n"
		killed = `{"Action":"output","Package":"p","Output":"signal: killed\n"}` + "\n"
		build  = `{"Action":"build-fail","ImportPath":"q"}` + "\n"
	)
	for events, want := range map[string][]string{
		sub + whole + end:               {`p ^TestA$/^a\+b$ TestA/a+b`},
		sub + whole + more + end:        {`p ^TestA$/^a\+b$ TestA/a+b`, "p ^TestB$ TestB", "p ^TestC$ TestC"},
		sub + whole + more + most + end: nil,
		race + whole + end:              nil,
		panics + whole + end:            nil,
		build + whole + end:             nil,
		died + whole + end:              nil,
		killed + whole + end:            nil,
		end:                             nil,
		whole + end + `{"Action":"fail","Package":"r"}` + "\n": nil,
	} {
		sum := newTally(&strings.Builder{})
		if err := sum.read(strings.NewReader(events)); err != nil {
			t.Fatal(err)
		}
		if got := sum.again(); !slices.Equal(got, want) {
			t.Errorf("again = %q, want %q, after\n%s", got, want, events)
		}
	}
}
