package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manual reads docs/cli.md.
func manual(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The table of exit codes is in the help and in docs/cli.md; they must agree.
func TestManualHasTheExitCodes(t *testing.T) {
	doc := manual(t)
	rows := regexp.MustCompile(`(?m)^ +(\d+)  (.+)$`).FindAllStringSubmatch(exitHelp, -1)
	if len(rows) != 13 {
		t.Fatalf("%d codes in the help", len(rows))
	}
	for _, r := range rows {
		if line := "| " + r[1] + " | " + r[2] + " |"; !strings.Contains(doc, line) {
			t.Errorf("docs/cli.md has no line %q", line)
		}
	}
}

// Every command and every option of all commands is in docs/cli.md.
func TestManualNamesEverything(t *testing.T) {
	doc := manual(t)
	p := &program{}
	root := p.rootCommand()
	for _, c := range root.Commands() {
		if !strings.Contains(doc, "`"+c.Name()) {
			t.Errorf("docs/cli.md does not name the command %s", c.Name())
		}
		if c.Short == "" || c.RunE == nil {
			t.Errorf("%s has no text, or does nothing", c.Name())
		}
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(doc, "--"+f.Name) && !strings.Contains(doc, "`-"+f.Shorthand) {
			t.Errorf("docs/cli.md does not name --%s", f.Name)
		}
	})
	for _, name := range []string{"get", "put"} {
		cmd := find(t, root, name)
		for _, option := range []string{"recursive", "continue", "ascii", "exists", "times"} {
			if cmd.Flags().Lookup(option) == nil {
				t.Errorf("%s has no --%s", name, option)
			}
		}
	}
}

func find(t *testing.T, root *cobra.Command, name string) *cobra.Command {
	t.Helper()
	cmd, _, err := root.Find([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}
