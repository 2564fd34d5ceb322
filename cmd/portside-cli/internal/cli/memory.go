package cli

import (
	"errors"
	"os"
	"path/filepath"

	"portside/client"
	"portside/client/keep"
	"portside/client/modes"
)

// memoryPath is where it is kept which ways to make data connections worked; the
// window uses the same file.
func memoryPath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "portside", "networks.json"), nil
}

// remembered returns the memory, nil with --no-memory. Trouble with the file is in
// nobody's way: the program then learns for this run only.
func (p *program) remembered() *modes.Memory {
	if p.opt.noMemory || p.memory != nil {
		return p.memory
	}
	path, err := memoryPath()
	if err != nil {
		p.note("nothing is remembered of this run: %v", err)
	}
	p.memory, err = modes.Open(path)
	p.memoryTrouble(err)
	return p.memory
}

// closeMemory writes what was learned.
func (p *program) closeMemory() { p.memoryTrouble(p.memory.Close()) }

// memoryTrouble tells err: a file that was set aside always, since that happens
// once; what would be told with every run only with -v.
func (p *program) memoryTrouble(err error) {
	if err == nil {
		return
	}
	if _, damaged := errors.AsType[*keep.DamagedError](err); !damaged {
		p.note("what is learned of the data connections is not kept: %v", err)
		return
	}
	if p.opt.quiet {
		return
	}
	if p.opt.json {
		p.errJSON(warningJSON{Warning: err.Error()})
		return
	}
	p.errText(name + ": " + client.Printable(err.Error()) + "\n")
}

// A warningJSON is a line on stderr about something that is no error.
type warningJSON struct {
	Warning string `json:"warning"`
}
