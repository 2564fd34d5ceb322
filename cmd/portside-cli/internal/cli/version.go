package cli

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// versionJSON is what "version" knows.
type versionJSON struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// versionOf reads what the build left in the program.
func versionOf() versionJSON {
	v := versionJSON{Version: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

func (p *program) versionCommand() *cobra.Command {
	return p.command("version", "Print the version", exactly(0, ""), func(context.Context, []string) error {
		v := versionOf()
		if p.opt.json {
			return p.outJSON(v)
		}
		_, err := fmt.Fprintf(p.out, "%s %s (%s, %s/%s)\n", name, v.Version, v.Go, v.OS, v.Arch)
		return err
	})
}

func (p *program) manCommand() *cobra.Command {
	var root *cobra.Command
	cmd := p.command("man FOLDER", "Write the man pages into a folder", exactly(1, "FOLDER"),
		func(_ context.Context, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return &localError{op: "make the folder for the man pages", err: err}
			}
			if err := writeManPages(root.Root(), args[0]); err != nil {
				return &localError{op: "write the man pages", err: err}
			}
			if p.opt.json {
				return p.outJSON(doneJSON{Done: "man", Path: args[0]})
			}
			return nil
		})
	root = cmd
	return cmd
}

// writeManPages writes one page a command. The date is that of the source, so
// that the same source gives the same pages; without it, SOURCE_DATE_EPOCH or today.
func writeManPages(root *cobra.Command, dir string) error {
	header := doc.GenManHeader{Section: "1", Source: "Portside", Manual: "Portside"}
	if date, err := time.Parse(time.RFC3339, versionOf().Time); err == nil {
		header.Date = &date
	}
	root.DisableAutoGenTag = true
	return doc.GenManTree(root, &header, dir)
}
