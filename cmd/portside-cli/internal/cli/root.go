package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// rootHelp is the long help of the program, and its man page.
const rootHelp = `portside-cli lists, fetches, sends and changes files on FTP servers.

An address is a URL:

    ftp://[user[:password]@]host[:port]/path     TLS where the server offers it (see --tls)
    ftpes://…                                    explicit TLS, required
    ftps://…                                     implicit TLS, port 990

A bare host/path is ftp://. An IPv6 address stands in brackets: ftp://[::1]:2121/.
The path is relative to the folder in which the login ends; a second slash makes
it absolute: ftp://host//var/log. Any byte may be written as %XX.

SITE:path is a saved site with its settings, by its name or Folder/Name; the path
starts at the site's own folder, or at the root where it begins with a slash. See
sites, login and trust.

A password comes from --password-stdin, else from the address, else from the
variable PORTSIDE_PASSWORD, else for a saved site from the keyring, else from a
prompt on the terminal. It is never shown. A password in an address can be read by
other users of this computer while the program runs; the other ways keep it to
yourself.

With --json every result is one JSON object a line on stdout, and an error is
{"error":{"message","hint","kind","code"}} on stderr; code is the exit code.`

// rootCommand makes the command tree.
func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           name,
		Short:         "FTP at the command line",
		Long:          rootHelp + "\n\n" + exitHelp,
		Args:          p.noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
		Example: `  portside-cli ls ftp://ftp.example.org/pub/
  portside-cli get ftp://ftp.example.org/pub/big.iso --continue
  portside-cli put -r site ftpes://mara@example.org/public_html/
  portside-cli ls ftp://example.org/ --json | jq '.entries[].name'`,
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	p.addGlobals(root.PersistentFlags())
	root.AddCommand(
		p.lsCommand(), p.getCommand(), p.putCommand(), p.mirrorCommand(), p.catCommand(),
		p.mkdirCommand(), p.rmCommand(), p.mvCommand(), p.chmodCommand(), p.statCommand(),
		p.rawCommand(), p.diagnoseCommand(), p.parseListingCommand(), p.demoCommand(), p.networksCommand(),
		p.queueCommand(), p.sitesCommand(), p.loginCommand(), p.logoutCommand(), p.trustCommand(), p.manCommand(), p.versionCommand(),
	)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err: err, command: cmd.CommandPath()}
	})
	p.completeAddresses(root)
	_ = addChoices(root) // fails only for an option that is not there
	return root
}

// noCommand refuses a word that is no command. The word may be an address with
// a password, so it is shown only where it is a plain word.
func (p *program) noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if strings.ContainsAny(args[0], ":/@") {
		return errors.New("a command must come before the address, for example: " + name + " ls ADDRESS")
	}
	return unknownCommand(cmd, args[0])
}

// suggestWithin is how many letters a word may be away from a command that is named.
const suggestWithin = 2

// unknownCommand refuses a plain word in the place of a command, and names what is like it.
func unknownCommand(cmd *cobra.Command, word string) error {
	msg := fmt.Sprintf("unknown command %q", word)
	if cmd.HasParent() {
		msg = fmt.Sprintf("unknown command %q of %s", word, cmd.Name())
	}
	cmd.SuggestionsMinimumDistance = suggestWithin
	if like := cmd.SuggestionsFor(word); len(like) > 0 {
		msg += "; did you mean " + strings.Join(like, " or ") + "?"
	}
	return errors.New(msg)
}

// atLeast wants n arguments or more.
func atLeast(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < n {
			return errors.New("missing " + what)
		}
		return nil
	}
}

// exactly wants n arguments.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n && cmd.HasAvailableSubCommands() && !strings.ContainsAny(args[0], ":/@") {
			return unknownCommand(cmd, args[0])
		}
		if len(args) > n {
			return fmt.Errorf("too many arguments: %s takes %d", cmd.Name(), n)
		}
		return atLeast(n, what)(cmd, args)
	}
}
