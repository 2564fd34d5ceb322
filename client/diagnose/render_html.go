package diagnose

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
)

// htmlTemplate is the page: its style and pictures are inside it, and it needs
// no script.
//
//go:embed report.html.tmpl
var htmlTemplate string

// A page is what the template shows. Everything in it is text, which the template
// escapes, or numbers of our own.
type page struct {
	Title, Server, Summary, Client, When, Took, Mode, Version string

	Path     pathPicture
	Cards    []card
	Ports    *portPicture
	Attempts []attemptRow
	Facts    []fact
	Notes    []string
	Probes   []probeRow
}

// A card is one verdict.
type card struct {
	Verdict
	Severity, Tag, Actor string
}

type attemptRow struct{ Time, Title, Result, Story string }

type probeRow struct{ Title, Result, Took, Detail, Said string }

// WriteHTML writes r as one self-contained page, for the eye, for print, and to
// be sent to others.
func WriteHTML(w io.Writer, r *Report) error {
	t, err := template.New("report").Parse(htmlTemplate)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := t.Execute(w, newPage(r)); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func newPage(r *Report) page {
	p := page{
		Server: serverLine(r), Summary: Summary(r), Client: clientLine(r),
		When: utc(r.Started), Took: "took " + secs(span(r.Took)), Mode: modeWords(r.Recommended), Version: shown(r.Version),
		Path: newPathPicture(r), Ports: newPortPicture(r.Ports), Facts: facts(r),
	}
	p.Title = "FTP diagnosis of " + newEvidence(r).host()
	for _, v := range r.Verdicts {
		c := card{Verdict: v, Severity: v.Severity.String(), Tag: severityTag(v.Severity)}
		if v.Actor != ActNobody {
			c.Actor = v.Actor
		}
		p.Cards = append(p.Cards, c)
	}
	for _, a := range r.Methods {
		_, story, _ := strings.Cut(attemptLine(a), ": ")
		p.Attempts = append(p.Attempts, attemptRow{clock(a.Began), attemptTitle(a), a.Result.String(), story})
	}
	for _, n := range r.Notes {
		p.Notes = append(p.Notes, shown(n))
	}
	for _, s := range r.Probes {
		p.Probes = append(p.Probes, newProbeRow(s))
	}
	return p
}

func newProbeRow(s Probe) probeRow {
	row := probeRow{Title: shown(s.Title), Result: s.Result.String(), Took: spanText(s.Took), Detail: shown(s.Detail)}
	if s.State != "done" {
		row.Result = shown(s.State)
	}
	lines := make([]string, 0, len(s.Said))
	for _, l := range s.Said {
		lines = append(lines, shown(l))
	}
	row.Said = strings.Join(lines, "\n")
	return row
}

// severityTag names a severity on a card.
func severityTag(s Severity) string {
	return map[Severity]string{OK: "fine", Note: "good to know", Warning: "warning", Failure: "does not work"}[s]
}

// The measures of the path picture, in pixels of its own.
const (
	pathLeft   = 210 // of this computer
	pathRight  = 660 // of the server
	pathTextX  = 690
	pathWidth  = 900
	pathTop    = 78
	pathRow    = 32
	pathMargin = 12
)

// A pathPicture is PathLines in pixels.
type pathPicture struct {
	Width, Height, Bottom, TextX int
	Alt                          string
	Stations                     []station
	Rows                         []pathRowView
}

type station struct {
	X               int
	Name, Sub, Kind string
}

type pathRowView struct {
	Label, Text, Class, Mark string
	Y, TextY                 int
	X1, X2, X3, MarkX        int
	Rest, Partly             bool
	Head, Cross              string
}

func newPathPicture(r *Report) pathPicture {
	lines := PathLines(r)
	p := pathPicture{Width: pathWidth, TextX: pathTextX, Height: pathTop + pathRow*len(lines) + pathMargin}
	p.Bottom = p.Height - pathMargin/2
	e := newEvidence(r)
	near := "firewall or router"
	if e.nat == Works {
		near = "router (NAT)"
	}
	p.Stations = []station{
		{pathX(AtHere), "This computer", addrText(r.Local.Addr), "computer"},
		{pathX(AtNear), "Your network", near, "wall"},
		{pathX(AtFar), "Server's network", "firewall or router", "wall"},
		{pathX(AtServer), "Server", addrText(r.Server.Remote.Addr()), "server"},
	}
	var alt []string
	for i, l := range lines {
		p.Rows = append(p.Rows, newPathRow(l, pathTop+pathRow*i+pathRow/2, familiesOf(lines)))
		alt = append(alt, l.Label+": "+l.Text)
	}
	p.Alt = "The path from this computer to the server. " + strings.Join(alt, "; ")
	return p
}

func addrText(a interface {
	IsValid() bool
	String() string
},
) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// pathX is the pixel of a place between AtHere and AtServer.
func pathX(at float64) int { return pathLeft + int(at*float64(pathRight-pathLeft)+0.5) }

// familiesOf reports whether lines of both address families are there.
func familiesOf(lines []PathLine) bool {
	return slices.ContainsFunc(lines, func(l PathLine) bool { return l.Family != lines[0].Family })
}

func newPathRow(l PathLine, y int, bothFamilies bool) pathRowView {
	row := pathRowView{
		Label: l.Label, Text: l.Text, Class: l.Result.String(), Mark: string(l.Mark),
		Partly: l.Partly, Y: y, TextY: y + 5, X1: pathX(l.From), X2: pathX(l.To), X3: pathX(l.End), MarkX: pathX(l.To),
	}
	if bothFamilies {
		row.Label += fmt.Sprintf(", IPv%d", l.Family)
	}
	if l.TLS && l.Method != "" {
		row.Label += ", TLS"
	}
	row.Rest = row.X2 != row.X3
	if l.Result == Unknown {
		row.MarkX = (row.X1 + row.X2) / 2
	}
	back := 11
	if l.To < l.From {
		back = -back
	}
	tip := row.X2
	if l.Mark == MarkArrived {
		tip = row.X2 - back/2
		row.X2 = tip - back
		row.X3 = row.X2
	}
	row.Head = fmt.Sprintf("M%d %dl%d -7v14z", tip, y, -back-back/2)
	if l.Mark == MarkArrived {
		row.Head = fmt.Sprintf("M%d %dL%d %dL%d %dz", tip, y, tip-back-back/4, y-7, tip-back-back/4, y+7)
	}
	const arm = 6
	row.Cross = fmt.Sprintf("M%d %dl%d %dM%d %dl%d %d", row.X2-arm, y-arm, 2*arm, 2*arm, row.X2-arm, y+arm, 2*arm, -2*arm)
	return row
}
