package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (p *program) demoCommand() *cobra.Command {
	return p.command("demo", "Run a demo server", exactly(0, ""), func(context.Context, []string) error { return nil })
}
