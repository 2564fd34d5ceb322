package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"portside/client"
	"portside/client/diagnose"
)

// portBookPath is where the passive ports of servers are kept; the window uses
// the same file.
func portBookPath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "portside", "ports.json"), nil
}

// portBook returns the book of passive ports, nil with --no-memory. Trouble with
// the file is in nobody's way: the program then learns for this run only.
func (p *program) portBook() *diagnose.PortBook {
	if p.opt.noMemory || p.book != nil {
		return p.book
	}
	path, err := portBookPath()
	if err != nil {
		p.note("the ports of this run are not kept: %v", err)
	}
	p.book, err = diagnose.OpenPortBook(path)
	p.memoryTrouble(err)
	return p.book
}

// watchPorts has each passive port that the server at addr hands out written down.
func (p *program) watchPorts(addr string, opt client.Options) client.Options {
	book := p.portBook()
	if book == nil {
		return opt
	}
	if !slices.Contains(p.watched, addr) {
		p.watched = append(p.watched, addr)
	}
	opt.OnPassive = func(pp client.PassivePort) {
		book.Add(addr, diagnose.PortSample{Time: pp.Time, Port: pp.Said.Port(), Method: pp.Method.String()})
	}
	return opt
}

// portWarnings returns the warning about the ports of the server at addr, once
// until the finding changes.
func (p *program) portWarnings(addr string) []string {
	if p.opt.quiet || p.book == nil {
		return nil
	}
	f, news := p.book.Warn(addr)
	if !news {
		return nil
	}
	return []string{portWarning(addr, f)}
}

// portWarning puts a finding into one line.
func portWarning(addr string, f diagnose.PortFinding) string {
	habit := map[diagnose.PortClass]string{
		diagnose.PortsInOrder: "hands out passive ports in sequence",
		diagnose.PortsBusy:    "hands out passive ports in sequence, with gaps",
		diagnose.PortsStride:  fmt.Sprintf("hands out passive ports in steps of %d", f.Step),
		diagnose.PortsFixed:   fmt.Sprintf("hands out the same passive port each time, %d", f.Low),
		diagnose.PortsFew:     fmt.Sprintf("hands out few passive ports, about %d", f.Candidates),
	}[f.Class]
	guessed := ""
	if f.Tried > 0 && f.Class != diagnose.PortsFew {
		guessed = fmt.Sprintf(": guessed %d of the last %d", f.Hits, f.Tried)
	}
	return addr + " " + habit + guessed + ", and a stranger can as well; see " + name + " diagnose"
}

// warnPorts tells, at the end of a command, what its results have not told yet.
func (p *program) warnPorts() {
	for _, addr := range p.watched {
		for _, w := range p.portWarnings(addr) {
			if p.opt.json {
				p.errJSON(warningJSON{Warning: w})
				continue
			}
			p.errText("note: " + client.Printable(w) + "\n")
		}
	}
}

// learnPorts keeps the ports that a diagnosis saw. What it says of them has been
// told.
func (p *program) learnPorts(r *diagnose.Report) {
	book := p.portBook()
	for _, s := range r.Ports.Samples {
		book.Add(r.Server.Addr, s)
	}
	book.Seen(r.Server.Addr, r.Ports.Class)
}

// closePortBook writes what was learned.
func (p *program) closePortBook() { p.memoryTrouble(p.book.Close()) }
