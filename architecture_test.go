// Package portside_test holds the shape of the program: which package may
// import which (ARCHITECTURE.md).
package portside_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Deps       []string
	Imports    []string
}

// list asks the go command for the packages that the patterns match.
func list(t *testing.T, patterns ...string) []pkg {
	t.Helper()
	args := append([]string{"list", "-json=ImportPath,Deps,Imports"}, patterns...)
	cmd := exec.CommandContext(t.Context(), "go", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func under(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// A layer may not reach, through however many packages, what it forbids.
var layers = []struct {
	dir     string
	forbids []string
}{
	{"portside/client", []string{"portside/transfers", "portside/ui", "portside/cmd", "portside/assets", "fyne.io"}},
	{"portside/transfers", []string{"portside/ui", "portside/cmd", "fyne.io"}},
	{"portside/ui/state", []string{"fyne.io", "portside/cmd"}},
	{"portside/ui", []string{"portside/cmd"}},
	{"portside/assets", []string{"fyne.io", "portside/ui", "portside/client"}},
	{"portside/cmd/portside-cli", []string{"fyne.io", "portside/ui"}},
}

func TestArrows(t *testing.T) {
	t.Parallel()
	all := list(t, "./...")
	for _, layer := range layers {
		found := false
		for _, p := range all {
			if !under(p.ImportPath, layer.dir) {
				continue
			}
			found = true
			for _, dep := range p.Deps {
				if slices.ContainsFunc(layer.forbids, func(no string) bool { return under(dep, no) }) {
					t.Errorf("%s reaches %s, and %s must not", p.ImportPath, dep, layer.dir)
				}
			}
		}
		if !found {
			t.Errorf("there is no package in %s: the rule about it checks nothing", layer.dir)
		}
	}
}

func TestOnlyTheWindowImportsFyne(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		if under(p.ImportPath, "portside/ui") || under(p.ImportPath, "portside/cmd/portside") {
			continue
		}
		for _, dep := range p.Deps {
			if under(dep, "fyne.io") {
				t.Errorf("%s reaches %s; only ui and cmd/portside may", p.ImportPath, dep)
			}
		}
	}
}

func TestTheEngineHidesItsLibrary(t *testing.T) {
	t.Parallel()
	const library = "github.com/jlaffaye/ftp"
	for _, p := range list(t, "./...") {
		if slices.Contains(p.Imports, library) && !under(p.ImportPath, "portside/client/internal/gateway") && p.ImportPath != "portside/client" {
			t.Errorf("%s imports %s; only the gateway and the client may", p.ImportPath, library)
		}
	}
}
