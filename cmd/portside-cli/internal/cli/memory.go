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

// memoryTrouble tells err as fileTrouble does.
func (p *program) memoryTrouble(err error) {
	p.fileTrouble(err, "what is learned of the data connections is not kept")
}

// fileTrouble tells err: a file that was set aside always, since that happens
// once; what would be told with every run only with -v, with what it means.
func (p *program) fileTrouble(err error, means string) {
	if err == nil {
		return
	}
	if _, damaged := errors.AsType[*keep.DamagedError](err); !damaged {
		p.note("%s: %v", means, err)
		return
	}
	p.warn(err.Error())
}

// warn tells about something that is no error.
func (p *program) warn(text string) {
	switch {
	case p.opt.quiet:
	case p.opt.json:
		p.errJSON(warningJSON{Warning: p.mask(text)})
	default:
		p.errText(name + ": " + client.Printable(p.mask(text)) + "\n")
	}
}

// A warningJSON is a line on stderr about something that is no error.
type warningJSON struct {
	Warning string `json:"warning"`
}
