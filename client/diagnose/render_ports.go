package diagnose

import (
	"fmt"
	"strings"
	"time"
)

// The measures of the port picture, in pixels of its own.
const (
	portsWidth  = 900
	portsHeight = 300
	portsLeft   = 70
	portsRight  = 860
	portsTop    = 46
	portsBottom = 250
)

// A portPicture is the scatter of port samples over time, with the next one that
// is expected.
type portPicture struct {
	Width, Height, Left, Right, LabelX, XLabelY int
	Alt, Key, Trace                             string
	XTicks, YTicks                              []tick
	Dots                                        []dot
	Next                                        *nextDot
}

type tick struct {
	At, TextAt int
	Text       string
}

type dot struct {
	X, Y int
	Hit  bool
	Text string
}

type nextDot struct {
	X, Y, TextY int
	Text, Shape string
}

// newPortPicture lays out the samples of f; nil where there are too few to show.
func newPortPicture(f PortFinding) *portPicture {
	if len(f.Samples) < 2 {
		return nil
	}
	p := &portPicture{Width: portsWidth, Height: portsHeight, Left: portsLeft, Right: portsRight, LabelX: portsLeft - 8, XLabelY: portsBottom + 24}
	low, high := f.Samples[0].Port, f.Samples[0].Port
	first, last := f.Samples[0].Time, f.Samples[0].Time
	for _, s := range f.Samples {
		low, high = min(low, s.Port), max(high, s.Port)
		if s.Time.Before(first) {
			first = s.Time
		}
		if s.Time.After(last) {
			last = s.Time
		}
	}
	if f.Next != 0 {
		low, high = min(low, f.Next), max(high, f.Next)
	}
	x := func(t time.Time) int {
		whole := last.Sub(first)
		room := portsRight - portsLeft - 90 // for the next one
		if whole <= 0 {
			return portsLeft + 20
		}
		return portsLeft + 20 + int(float64(room)*float64(t.Sub(first))/float64(whole))
	}
	y := func(port uint16) int {
		if high == low {
			return (portsTop + portsBottom) / 2
		}
		return portsBottom - int(float64(portsBottom-portsTop)*float64(port-low)/float64(high-low))
	}
	p.layDots(f, x, y, first)
	p.layTicks(low, high, y, last.Sub(first))
	if f.Next != 0 {
		n := &nextDot{X: portsRight - 30, Y: y(f.Next), Text: fmt.Sprint(f.Next)}
		n.TextY = n.Y - 16
		n.Shape = fmt.Sprintf("M%d %dl8 8l-8 8l-8 -8z", n.X, n.Y-8)
		p.Next = n
	}
	p.Key = portsKey(f)
	p.Alt = fmt.Sprintf("Ports over time: %s. %s", lastPorts(samplePorts(f)), p.Key)
	return p
}

func (p *portPicture) layDots(f PortFinding, x func(time.Time) int, y func(uint16) int, first time.Time) {
	var trace []string
	for i, s := range f.Samples {
		d := dot{X: x(s.Time), Y: y(s.Port)}
		d.Hit = i < len(f.Guesses) && f.Guesses[i].Hit
		d.Text = fmt.Sprintf("%d, after %s", s.Port, secs(s.Time.Sub(first)))
		if s.Method != "" {
			d.Text += ", " + shown(s.Method)
		}
		p.Dots = append(p.Dots, d)
		trace = append(trace, fmt.Sprintf("%d,%d", d.X, d.Y))
	}
	p.Trace = strings.Join(trace, " ")
}

func (p *portPicture) layTicks(low, high uint16, y func(uint16) int, whole time.Duration) {
	marks := []uint16{low, uint16((int(low) + int(high)) / 2), high}
	for i, port := range marks {
		if i > 0 && port == marks[i-1] {
			continue
		}
		p.YTicks = append(p.YTicks, tick{At: y(port), TextAt: y(port) + 4, Text: fmt.Sprint(port)})
	}
	p.XTicks = []tick{{At: portsLeft + 20, Text: "0 s"}}
	if whole > 0 {
		p.XTicks = append(p.XTicks, tick{At: portsRight - 70, Text: secs(whole)})
	}
}

func samplePorts(f PortFinding) []uint16 {
	var out []uint16
	for _, s := range f.Samples {
		out = append(out, s.Port)
	}
	return out
}

// portsKey says what the picture shows.
func portsKey(f PortFinding) string {
	s := map[PortClass]string{
		PortsInOrder: "The server hands out its ports one after the other.",
		PortsBusy:    "The server hands out its ports one after the other; the gaps are other people's connections.",
		PortsStride:  "The server hands out its ports in equal steps.",
		PortsFixed:   "The server always uses the same port.",
		PortsFew:     "The server uses few ports, in no order.",
		PortsRandom:  "No order was found, as it should be.",
	}[f.Class]
	if s == "" {
		s = "Too few ports, or no pattern that could be proved."
	}
	if f.Tried > 0 {
		s += fmt.Sprintf(" Portside guessed %d of the last %d before they came: filled dots were guessed, open ones were not.", f.Hits, f.Tried)
	}
	return s
}
