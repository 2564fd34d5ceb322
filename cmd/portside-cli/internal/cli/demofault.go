package cli

import (
	"context"
	"fmt"

	"portside/client/demo/faulty"
)

// demoFault serves with a fault until ctx ends.
func (p *program) demoFault(ctx context.Context, listen, fault string) error {
	f, ok := faulty.Find(fault)
	if !ok {
		return usagef("there is no fault %q; demo --fault list names those there are", fault)
	}
	s, err := faulty.Start(ctx, f, faulty.Options{Addr: listen})
	if err != nil {
		return &localError{op: "start the demo server", err: err}
	}
	return p.serveDemo(ctx, s, f)
}

// A faultJSON is a fault as --json tells it.
type faultJSON struct {
	Name     string   `json:"name"`
	Text     string   `json:"text"`
	Verdicts []string `json:"verdicts"`
	Plain    []string `json:"verdicts_plain,omitempty"` // without TLS, where they differ
	Hint     string   `json:"hint,omitempty"`
}

// listFaults prints the faults of the demo server.
func (p *program) listFaults() error {
	for _, f := range faulty.Faults() {
		var err error
		if p.opt.json {
			err = p.outJSON(faultJSON{Name: f.Name, Text: f.Text, Verdicts: f.Verdicts, Plain: f.Plain, Hint: f.Hint})
		} else {
			_, err = fmt.Fprintf(p.out, "%-17s %s\n", f.Name, f.Text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// faultNames are the values of --fault.
func faultNames() []string {
	names := []string{"list"}
	for _, f := range faulty.Faults() {
		names = append(names, f.Name)
	}
	return names
}
