package cli

import "github.com/spf13/cobra"

// choices are the values that the shell completes for options.
var choices = map[string][]string{
	"mode":    {"auto", "passive", "active", "epsv", "pasv", "eprt", "port"},
	"tls":     {"off", "auto", "require", "implicit"},
	"exists":  {"overwrite", "newer", "size", "resume", "rename", "skip", "fail"},
	"sort":    {"name", "size", "time", "none"},
	"kind":    {"list", "mlsd"},
	"fault":   faultNames(),
	"charset": {"utf-8", "latin1", "windows-1252", "koi8-r", "shift_jis", "gbk", "big5"},
}

// addChoices registers choices for cmd and the commands below it.
func addChoices(cmd *cobra.Command) error {
	for option, values := range choices {
		if cmd.LocalNonPersistentFlags().Lookup(option) == nil && cmd.PersistentFlags().Lookup(option) == nil {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(option, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			return err
		}
	}
	for _, c := range cmd.Commands() {
		if err := addChoices(c); err != nil {
			return err
		}
	}
	return nil
}
