package transcript_test

import (
	"testing"

	"portside/client/transcript"
)

func TestRingKeepsNewest(t *testing.T) {
	var sunk []string
	r := transcript.New(3, func(l transcript.Line) { sunk = append(sunk, l.Text) })
	for _, s := range []string{"a", "b", "c", "d", "e"} {
		r.Add(transcript.Line{Text: s})
	}
	got := ""
	for _, l := range r.Lines() {
		got += l.Text
	}
	if got != "cde" {
		t.Errorf("Lines = %q, want the newest three in order", got)
	}
	if len(sunk) != 5 {
		t.Errorf("the sink saw %d lines, want all 5", len(sunk))
	}
}

func TestSincePolls(t *testing.T) {
	r := transcript.New(4, nil)
	r.Add(transcript.Line{Text: "one"})
	lines, seq := r.Since(0)
	if len(lines) != 1 || lines[0].Text != "one" {
		t.Fatalf("Since(0) = %v", lines)
	}
	if lines, _ = r.Since(seq); len(lines) != 0 {
		t.Errorf("Since(newest) = %v, want nothing", lines)
	}
	r.Add(transcript.Line{Kind: transcript.Command, Text: "NOOP"})
	if lines, _ = r.Since(seq); len(lines) != 1 || lines[0].String() != "> NOOP" {
		t.Errorf("Since(newest) = %v, want the new command", lines)
	}
}

func TestNilRecorderDiscards(t *testing.T) {
	var r *transcript.Recorder
	r.Add(transcript.Line{Text: "x"})
	if n := r.NextConn(); n != 0 {
		t.Errorf("NextConn = %d, want 0", n)
	}
	if l := r.Lines(); l != nil {
		t.Errorf("Lines = %v, want none", l)
	}
}
