//go:build !unix

package realserver

import "errors"

type command struct {
	path string
	args []string
	env  []string
}

type process struct{ done chan struct{} }

func launch(command, string) (*process, error) {
	return nil, errors.New("real servers run on Unix only")
}

func (p *process) kill() {}
