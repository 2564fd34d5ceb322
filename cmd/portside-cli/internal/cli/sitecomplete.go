package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"portside/client/secrets"
	"portside/client/sites"
)

// keyringWarning says that a site was changed and the keyring was not.
func (p *program) keyringWarning(err error) {
	p.warn("the keyring was not changed with it: " + secrets.Sentence(err) + " Later: " + name + " logout --leftovers")
}

// quietSites are the saved sites for completion, where nothing may be printed.
func quietSites() []sites.Site {
	path, err := sites.DefaultPath()
	if err != nil {
		return nil
	}
	book, _ := sites.Open(path) // what could be read will do
	return book.Content().Sites
}

// completeSites completes the names of saved sites.
func (p *program) completeSites(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, s := range quietSites() {
		if path := s.Path(); hasFold(path, typed) {
			out = append(out, path+"\t"+s.Host)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completeAddress completes the names of saved sites where an address can stand, with
// the colon behind them. What else is typed is a file of this computer.
func (p *program) completeAddress(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, s := range quietSites() {
		if path := s.Path() + ":"; hasFold(path, typed) {
			out = append(out, path+"\t"+s.Host)
		}
	}
	if len(out) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return out, cobra.ShellCompDirectiveNoSpace
}

func hasFold(s, start string) bool {
	return len(s) >= len(start) && strings.EqualFold(s[:len(start)], start)
}

// completeAddresses lets the commands that take addresses complete the names of sites.
func (p *program) completeAddresses(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 && takesAddress(c.Use) {
			c.ValidArgsFunction = p.completeAddress
		}
		p.completeAddresses(c)
	}
}

// takesAddress reports whether the words of a command's use name an address.
func takesAddress(use string) bool {
	for _, word := range []string{"ADDRESS", "SRC", "OLD", "FROM"} {
		if strings.Contains(use, word) {
			return true
		}
	}
	return false
}
