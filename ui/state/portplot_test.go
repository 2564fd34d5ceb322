package state

import (
	"math"
	"testing"
	"time"

	"portside/client/diagnose"
)

// finding makes one of ports that came step apart.
func finding(class diagnose.PortClass, next uint16, step time.Duration, ports ...uint16) diagnose.PortFinding {
	f := diagnose.PortFinding{Class: class, Next: next}
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for i, p := range ports {
		f.Samples = append(f.Samples, diagnose.PortSample{Time: at.Add(time.Duration(i) * step), Port: p})
		f.Guesses = append(f.Guesses, diagnose.Guess{})
	}
	return f
}

func TestPlotPortsPlacesThePoints(t *testing.T) {
	f := finding(diagnose.PortsInOrder, 1004, time.Second, 1000, 1001, 1002, 1003)
	f.Guesses[2] = diagnose.Guess{Next: 1002, Hit: true}
	f.Guesses[3] = diagnose.Guess{Next: 1009}
	p := PlotPorts(f)
	if len(p.Points) != 5 || !p.Joined || p.Next != "next: 1004" {
		t.Fatalf("%+v", p)
	}
	marks := []PortMark{PortUnguessed, PortUnguessed, PortGuessed, PortMissed, PortNext}
	step := p.Points[1].X - p.Points[0].X
	for i, q := range p.Points {
		if q.Mark != marks[i] {
			t.Errorf("point %d has mark %d, want %d", i, q.Mark, marks[i])
		}
		if q.X < 0 || q.X > 1 || q.Y < 0 || q.Y > 1 {
			t.Errorf("point %d is outside: %+v", i, q)
		}
		if i > 0 && (math.Abs(q.X-p.Points[i-1].X-step) > 1e-9 || q.Y <= p.Points[i-1].Y) {
			t.Errorf("point %d is not one step on and one port up: %+v after %+v", i, q, p.Points[i-1])
		}
	}
	for _, tick := range p.Ports { // the marks agree with the points
		if tick.Text == "1002" && math.Abs(tick.At-p.Points[2].Y) > 1e-9 {
			t.Errorf("1002 is marked at %v and painted at %v", tick.At, p.Points[2].Y)
		}
	}
	if n := len(p.Ports); n < 3 || n > 8 {
		t.Errorf("%d marks at the ports: %v", n, p.Ports)
	}
	if len(p.Legend) != 3 {
		t.Errorf("legend %v", p.Legend)
	}
}

func TestPlotPortsOfARandomServer(t *testing.T) {
	p := PlotPorts(finding(diagnose.PortsRandom, 0, time.Second, 50000, 61000, 52000, 64999))
	if p.Joined || p.Next != "" || len(p.Points) != 4 || p.Legend != nil {
		t.Errorf("%+v", p)
	}
}

func TestPlotPortsOnTheEdges(t *testing.T) {
	if p := PlotPorts(diagnose.PortFinding{}); len(p.Points) != 0 {
		t.Errorf("of nothing: %+v", p)
	}
	if p := PlotPorts(finding(diagnose.PortsUnknown, 0, time.Second, 1000)); len(p.Points) != 0 {
		t.Errorf("of one: %+v", p)
	}
	for name, f := range map[string]diagnose.PortFinding{
		"no times":      finding(diagnose.PortsInOrder, 1003, 0, 1000, 1001, 1002),
		"one port":      finding(diagnose.PortsFixed, 1000, time.Second, 1000, 1000, 1000),
		"the lowest":    finding(diagnose.PortsRandom, 0, time.Second, 1, 2, 3),
		"the highest":   finding(diagnose.PortsRandom, 0, time.Second, 65535, 65534, 65535),
		"all of them":   finding(diagnose.PortsRandom, 0, 40*24*time.Hour, 1, 65535),
		"a microsecond": finding(diagnose.PortsRandom, 0, time.Microsecond, 1, 65535),
	} {
		p := PlotPorts(f)
		for i, q := range p.Points {
			if !(q.X >= 0 && q.X <= 1 && q.Y >= 0 && q.Y <= 1) {
				t.Errorf("%s: point %d is outside: %+v", name, i, q)
			}
			if i > 0 && q.X <= p.Points[i-1].X {
				t.Errorf("%s: point %d is not after the one before", name, i)
			}
		}
		for _, tick := range append(p.Ports, p.Times...) {
			if !(tick.At >= 0 && tick.At <= 1) || tick.Text == "" {
				t.Errorf("%s: mark %+v", name, tick)
			}
		}
		if len(p.Ports) < 2 || len(p.Ports) > 8 || len(p.Times) > 8 {
			t.Errorf("%s: %d and %d marks", name, len(p.Ports), len(p.Times))
		}
	}
}

func TestPlotPortsTellsTheTime(t *testing.T) {
	for _, c := range []struct {
		step time.Duration
		last string
	}{
		{150 * time.Millisecond, "0.4 s"},
		{time.Second, "3 s"},
		{10 * time.Minute, "30 min"},
		{5 * time.Hour, "15 h"},
		{10 * 24 * time.Hour, "30 d"},
	} {
		p := PlotPorts(finding(diagnose.PortsRandom, 0, c.step, 1000, 2000, 1500, 3000))
		if got := p.Times[len(p.Times)-1].Text; got != c.last {
			t.Errorf("samples %v apart: the last mark is %q, want %q", c.step, got, c.last)
		}
	}
}

func TestPortsSentence(t *testing.T) {
	f := diagnose.PortFinding{Class: diagnose.PortsInOrder, Hits: 11, Tried: 12, Step: 1}
	for _, c := range []struct {
		change func(*diagnose.PortFinding)
		want   string
	}{
		{func(*diagnose.PortFinding) {}, "This server hands out passive ports in sequence: 11 of 12 guessed."},
		{func(f *diagnose.PortFinding) { f.Step = -1 }, "This server hands out passive ports in sequence, downwards: 11 of 12 guessed."},
		{func(f *diagnose.PortFinding) { f.Tried = 0 }, "This server hands out passive ports in sequence."},
		{func(f *diagnose.PortFinding) { f.Class = diagnose.PortsBusy }, "This server hands out passive ports almost in sequence: 11 of 12 guessed."},
		{func(f *diagnose.PortFinding) { f.Class, f.Step = diagnose.PortsStride, -8 }, "This server hands out passive ports in steps of 8: 11 of 12 guessed."},
		{func(f *diagnose.PortFinding) { f.Class = diagnose.PortsFixed }, "This server uses one passive port for everything."},
		{func(f *diagnose.PortFinding) { *f = finding(diagnose.PortsFixed, 0, 0, 7, 7) }, "This server uses one passive port for everything, 7."},
		{func(f *diagnose.PortFinding) { f.Class, f.Low, f.High = diagnose.PortsFew, 5, 16 }, "This server has so few passive ports, 5 to 16, that they can be guessed."},
		{func(f *diagnose.PortFinding) { *f = finding(diagnose.PortsRandom, 0, 0, 9, 2, 5) }, "No order was found in 3 passive ports: the next one cannot be guessed."},
		{func(f *diagnose.PortFinding) { *f = finding(diagnose.PortsUnknown, 0, 0, 9) }, "1 passive port was seen: too few to tell how the server chooses them."},
		{func(f *diagnose.PortFinding) { *f = diagnose.PortFinding{} }, "No passive ports were seen yet."},
	} {
		f := f
		c.change(&f)
		if got := PortsSentence(f); got != c.want {
			t.Errorf("%+v: %q, want %q", f, got, c.want)
		}
	}
}

func TestPortsSpan(t *testing.T) {
	if got, want := PortsSpan(finding(diagnose.PortsRandom, 0, time.Minute, 1, 2, 3), time.UTC), "3 ports from 2026-11-20 09:00:00 to 09:02:00"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := PortsSpan(finding(diagnose.PortsRandom, 0, 24*time.Hour, 1, 2), time.UTC), "2 ports from 2026-11-20 09:00:00 to 2026-11-21 09:00:00"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := PortsSpan(diagnose.PortFinding{}, time.UTC); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestPlotPortsTakesSamplesOutOfOrder(t *testing.T) {
	f := finding(diagnose.PortsInOrder, 1004, time.Second, 1000, 1001, 1002, 1003)
	f.Samples[3].Time = f.Samples[0].Time.Add(time.Microsecond)
	f.Samples[1].Time = f.Samples[0].Time.Add(-time.Second)
	for i, q := range PlotPorts(f).Points {
		if !(q.X >= 0 && q.X <= 1) {
			t.Errorf("point %d is outside: %+v", i, q)
		}
	}
}
