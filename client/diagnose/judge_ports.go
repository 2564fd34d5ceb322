package diagnose

import (
	"fmt"

	"portside/client"
)

// guessable grades predictable ports: a note where TLS ties each data connection
// to the login, so that a guessed port is of no use to a thief.
func (e *evidence) guessable() (Severity, string) {
	if e.r.TLS != nil && e.r.TLS.Required == Works {
		return Note, "On this server that does no harm: it takes files only over connections that continue the encryption of the login."
	}
	if e.r.TLS != nil {
		return Warning, "Whoever connects to a guessed port first gets in between; TLS keeps them from reading, and a server that requires resumed TLS sessions would shut them out."
	}
	return Warning, "Whoever connects to a guessed port first can take a file in your place, or slip you another. TLS with required session reuse prevents that; so does a server that chooses its ports at random."
}

// portsSequential: the ports follow an order that a random server would show by
// chance with less than the odds given (AnalyzePorts). Busy servers count: the
// gaps are other people's connections.
func portsSequential(e *evidence) (Verdict, bool) {
	f := e.r.Ports
	var how string
	switch f.Class {
	case PortsInOrder:
		how = "one after the other"
	case PortsBusy:
		how = "one after the other, with gaps taken by other people"
	case PortsStride:
		how = fmt.Sprintf("in steps of %d", f.Step)
	case PortsFixed:
		how = "always the same one"
	default:
		return Verdict{}, false
	}
	sev, meaning := e.guessable()
	return Verdict{
		Severity: sev, Actor: ActProvider,
		Sentence:    "A stranger can guess which port the server opens next for your files: it hands them out " + how + ".",
		Meaning:     meaning,
		Evidence:    e.portLines(),
		ForProvider: e.requestRandomPorts(),
	}, true
}

// portsNarrow: no order, but so few ports that trying them all is quick.
func portsNarrow(e *evidence) (Verdict, bool) {
	if e.r.Ports.Class != PortsFew {
		return Verdict{}, false
	}
	sev, meaning := e.guessable()
	return Verdict{
		Severity: sev, Actor: ActProvider,
		Sentence:    "The server uses so few ports for files that a stranger can guess the next one.",
		Meaning:     meaning,
		Evidence:    e.portLines(),
		ForProvider: e.requestRandomPorts(),
	}, true
}

// portLines tell what the port samples show.
func (e *evidence) portLines() []string {
	f := e.r.Ports
	var seen []uint16
	for _, s := range f.Samples {
		seen = append(seen, s.Port)
	}
	lines := []string{fmt.Sprintf("%s seen: %s", client.Counted(len(seen), "port", "ports"), lastPorts(seen))}
	if f.Tried > 0 {
		lines = append(lines, fmt.Sprintf("guessed %d of the last %d ports before they came", f.Hits, f.Tried))
	}
	if f.Step != 0 {
		lines = append(lines, fmt.Sprintf("usual step from one port to the next: %+d; longest run that follows it: %d", f.Step, f.LongestRun))
	}
	if f.Low != 0 {
		lines = append(lines, "range of the ports, as far as seen: "+portSpan(f.Low, f.High))
	}
	if f.Candidates > 0 {
		lines = append(lines, fmt.Sprintf("a stranger has to try %s to hit the next", client.Counted(f.Candidates, "port", "ports")))
	}
	if f.Next != 0 {
		lines = append(lines, fmt.Sprintf("the next port is expected to be %d", f.Next))
	}
	if f.Odds > 0 {
		lines = append(lines, fmt.Sprintf("the chance that a server with random ports looks like this is below %.0e", f.Odds))
	}
	return lines
}

// lastPorts writes the last twelve.
func lastPorts(list []uint16) string {
	const most = 12
	s := ""
	if len(list) > most {
		list, s = list[len(list)-most:], "… "
	}
	for i, p := range list {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprint(p)
	}
	return s
}
