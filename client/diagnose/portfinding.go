package diagnose

import "time"

// A PortSample is one passive port that the server handed out.
type PortSample struct {
	Time   time.Time `json:"time"` // UTC
	Port   uint16    `json:"port"`
	Method string    `json:"method,omitempty"` // "EPSV" or "PASV"
}

// A PortClass says how a server chooses its passive ports.
type PortClass string

// The classes.
const (
	PortsUnknown PortClass = "unknown"    // too few samples, or no pattern and no proof of none
	PortsInOrder PortClass = "sequential" // the next port is the last plus (or minus) one
	PortsBusy    PortClass = "busy"       // nearly sequential: other clients take ports between
	PortsStride  PortClass = "stride"     // a fixed step other than one
	PortsFixed   PortClass = "fixed"      // always the same port
	PortsFew     PortClass = "narrow"     // no order, but so few ports that guessing pays
	PortsRandom  PortClass = "random"     // no order was found
)

// Predictable reports whether a stranger can guess the next port: every class
// but random and unknown.
func (c PortClass) Predictable() bool {
	switch c {
	case PortsInOrder, PortsBusy, PortsStride, PortsFixed, PortsFew:
		return true
	default:
		return false
	}
}

// A Guess is what the analysis expected before it saw a sample.
type Guess struct {
	Next uint16 `json:"next"`          // 0: it had no idea yet
	Hit  bool   `json:"hit,omitempty"` // the port was Next, or within its few candidates
}

// A PortFinding is what the passive ports of a server show.
type PortFinding struct {
	Class      PortClass    `json:"class"`
	Samples    []PortSample `json:"samples,omitempty"`
	Guesses    []Guess      `json:"guesses,omitempty"` // one a sample
	Hits       int          `json:"hits"`              // guesses that were right …
	Tried      int          `json:"tried"`             // … of so many that were made
	LongestRun int          `json:"longest_run"`       // samples in a row that follow the pattern
	Step       int          `json:"step,omitempty"`    // median step between samples; negative: descending
	Low        uint16       `json:"low,omitempty"`     // estimated range of the server's ports
	High       uint16       `json:"high,omitempty"`
	Wraps      int          `json:"wraps,omitempty"`      // times that the order began anew; 0: Low and High bound the range from within
	Candidates int          `json:"candidates,omitempty"` // ports that an attacker must try to hit the next
	Next       uint16       `json:"next,omitempty"`       // predicted
	Odds       float64      `json:"odds,omitempty"`       // bound on the chance that a random server looks like this
}
