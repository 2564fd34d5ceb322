package diagnose

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files anew")

// richScene has something for every part of a report.
func richScene() *scene {
	s := newScene().behindNAT().withTLS().passive(Works, "", 50003, millis(31)).active(Fails, HowDropped).found(PortsInOrder, 1, 11, 11).
		control(WhatOutside, 61613, ClassRefused, millis(30), "").sampled("EPSV", ClassOpen, 50001, 50002)
	s.Ports = AnalyzePorts(s.Ports.Samples[:12])
	s.Server.System, s.Version, s.Notes = "UNIX Type: L8", "1.2.3", []string{"connection from 192.0.2.66:4444 refused: it is not the server"}
	s.Probes = []Probe{
		{ID: "epsv", Title: "Passive, by EPSV", Group: "passive", State: "done", Result: Works, Took: millis(90), Detail: "198.51.100.20:50003: connected", Said: []string{"> EPSV", "< 229 Entering Extended Passive Mode (|||50003|)"}},
		{ID: "idle", Title: "How long a connection may be idle", Group: "limits", State: "skipped", Detail: "not asked for"},
	}
	return s
}

// goldenScenes are those whose reports are kept in testdata/render.
func goldenScenes() map[string]*scene {
	return map[string]*scene{
		"rich":    richScene(),
		"blocked": newScene().passive(Fails, HowDropped, 50001, millis(3000)).active(Fails, HowDropped),
		"nohost":  newScene().noSession("", "host", "resolve ftp.exmaple.org:21: no such host"),
	}
}

func TestGoldenReports(t *testing.T) {
	writers := map[string]func(io.Writer, *Report) error{
		"txt":         func(w io.Writer, r *Report) error { return WriteText(w, r, TextStyle{}) },
		"verbose.txt": func(w io.Writer, r *Report) error { return WriteText(w, r, TextStyle{Verbose: true}) },
		"md":          WriteMarkdown, "html": WriteHTML, "json": WriteJSON,
	}
	for name, s := range goldenScenes() {
		Judge(&s.Report)
		for ext, write := range writers {
			var got bytes.Buffer
			if err := write(&got, &s.Report); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "render", name+"."+ext)
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s is not what is written now; compare, and run with -update if it is meant:\n%s", file, firstDifference(want, got.Bytes()))
			}
		}
	}
}

func firstDifference(want, got []byte) string {
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "want " + w[i] + "\ngot  " + g[i]
		}
	}
	return "one is longer"
}

// Text for a terminal fits 80 columns, whatever the report holds.
func TestTextFitsTheTerminal(t *testing.T) {
	for _, c := range sceneCases() {
		s := c.make()
		Judge(&s.Report)
		var b bytes.Buffer
		if err := WriteText(&b, &s.Report, TextStyle{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		for l := range strings.SplitSeq(b.String(), "\n") {
			if utf8.RuneCountInString(l) > 80 && !strings.Contains(l, "ftp://") && !strings.Contains(l, "IPv") {
				t.Errorf("%s: %d columns: %s", c.name, utf8.RuneCountInString(l), l)
			}
		}
		if first, _, _ := strings.Cut(b.String(), "\n"); !strings.HasPrefix(Summary(&s.Report), first) {
			t.Errorf("%s begins with %q", c.name, first)
		}
	}
}

// hostile are words of a server or of a foreign report that try to become markup.
const hostile = "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'`*_[x](javascript:1)|\x1b[31m\u202e"

func hostileScene() *scene {
	s := richScene()
	mapStrings(&s.Report, func(string) string { return hostile }, "method", "how", "class", "what", "state", "at", "step", "stop")
	return s
}

// A page is well formed, runs nothing, loads nothing, and holds what a server
// said as text only.
func TestPageIsSafeAndWhole(t *testing.T) {
	scenes := []*scene{hostileScene(), richScene()}
	for _, c := range sceneCases() {
		scenes = append(scenes, c.make())
	}
	for _, s := range scenes {
		verdicts := s.Verdicts
		Judge(&s.Report)
		s.Verdicts = append(s.Verdicts, verdicts...)
		var b bytes.Buffer
		if err := WriteHTML(&b, &s.Report); err != nil {
			t.Fatal(err)
		}
		html := strings.ReplaceAll(b.String(), "--proxy http://", "--proxy ") // a command in a letter loads nothing
		for _, bad := range []string{"<script", "<img", "<iframe", "onerror=alert(1)>", "http://", "https://", "@import", "url("} {
			if strings.Contains(strings.ToLower(html), bad) {
				t.Errorf("the page has %q", bad)
			}
		}
		for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(html, -1) {
			if err := wellFormed(svg); err != nil {
				t.Errorf("picture: %v\n%s", err, svg)
			}
		}
		if strings.Contains(html, "ZgotmplZ") {
			t.Error("the template refused a value")
		}
	}
}

func wellFormed(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// What a server said cannot become markup in Markdown, nor control a terminal.
func TestTextAndMarkdownEscape(t *testing.T) {
	s := hostileScene()
	s.Verdicts = []Verdict{{Code: hostile, Sentence: hostile, Meaning: hostile, Evidence: []string{hostile}, Actor: hostile, ForAdmin: "```\n" + hostile, ForProvider: "````\n" + hostile}}
	var md, text bytes.Buffer
	if err := errors.Join(WriteMarkdown(&md, &s.Report), WriteText(&text, &s.Report, TextStyle{Verbose: true})); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"Markdown": md.String(), "text": text.String()} {
		if strings.ContainsAny(out, "\x1b\u202e") {
			t.Errorf("%s has control characters", name)
		}
	}
	inFence := false
	fence := ""
	for l := range strings.SplitSeq(md.String(), "\n") {
		if !inFence && strings.HasPrefix(l, "```") {
			inFence, fence = true, strings.TrimSuffix(l, "text")
			continue
		}
		if inFence {
			inFence = l != fence
			continue
		}
		if strings.Contains(l, "<script") || regexp.MustCompile(`[^\\]\[x[^\\]\]`).MatchString(l) {
			t.Errorf("markup in %q", l)
		}
	}
	if inFence {
		t.Error("a letter breaks out of its fence")
	}
}

func TestReportSurvivesJSON(t *testing.T) {
	for _, c := range sceneCases() {
		s := c.make()
		Judge(&s.Report)
		var b bytes.Buffer
		if err := WriteJSON(&b, &s.Report); err != nil {
			t.Fatal(err)
		}
		back, err := ReadReport(&b)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if back.Probes == nil {
			back.Probes = s.Probes
		}
		if !reflect.DeepEqual(back.Verdicts, s.Verdicts) || !reflect.DeepEqual(back.Methods, s.Methods) || back.ExitCode() != s.ExitCode() {
			t.Errorf("%s came back changed", c.name)
		}
		Judge(back)
		if given(back) != c.want {
			t.Errorf("%s: judged anew %s", c.name, given(back))
		}
	}
}

func TestReadReportRefusesForeignFiles(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "text": "hello", "list": "[]", "other JSON": `{"name":"x"}`, "no format": `{"server":{},"methods":[]}`,
		"format 0": `{"format":0,"server":{},"methods":[]}`, "cut": `{"format":1,"server":{`, "wrong type": `{"format":1,"server":{},"methods":[{"family":"four"}]}`,
		"bad result": `{"format":1,"server":{},"methods":[{"result":"perhaps"}]}`, "huge": `{"x":"` + strings.Repeat("y", maxReport) + `"}`,
	} {
		if _, err := ReadReport(strings.NewReader(text)); !errors.Is(err, ErrNotReport) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadReport(strings.NewReader(`{"format":99,"server":{},"methods":[]}`)); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("newer format: %v", err)
	}
	r, err := ReadReport(strings.NewReader(`{"format":1,"server":{"banner":"a\u001b[31m\nb"},"methods":[]}`))
	if err != nil || strings.Contains(r.Server.Banner, "\x1b") || !strings.Contains(r.Server.Banner, "\n") {
		t.Errorf("banner %q, %v", r.Server.Banner, err)
	}
}
