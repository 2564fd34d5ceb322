package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

const loginHelp = `Keep the password of a saved site in the keyring of this computer, from which every
command and the window take it. It is asked for on the terminal, or read from the
first line of stdin; there is no option for it, since other users of the computer can
read command lines. Nothing is said to the server.

Where there is no keyring, or it is locked, nothing is kept, and the exit code is 10:
passwords are never written to a file.`

const logoutHelp = `Remove what the keyring holds of saved sites: passwords, those of proxies, and
passphrases of certificates. With --all everything goes that Portside has ever put
there, with --leftovers what belongs to sites that are not there any more.`

// secretWords are the values of --for, in the order of the kinds.
var secretWords = map[string]secrets.Kind{"password": secrets.Password, "proxy": secrets.ProxyPassword, "certificate": secrets.CertPassphrase}

// loginOption is what login needs on its command line for a kind.
func loginOption(k secrets.Kind) string {
	switch k {
	case secrets.ProxyPassword:
		return "--for proxy "
	case secrets.CertPassphrase:
		return "--for certificate "
	default:
		return ""
	}
}

func parseSecretKind(s string) (secrets.Kind, error) {
	k, ok := secretWords[strings.ToLower(s)]
	if !ok {
		return 0, errors.New("must be password, proxy or certificate")
	}
	return k, nil
}

func (p *program) loginCommand() *cobra.Command {
	var kind secrets.Kind
	cmd := p.command("login [options] SITE", "Keep the password of a saved site in the keyring", exactly(1, "SITE"),
		func(ctx context.Context, args []string) error { return p.login(ctx, args[0], kind) })
	cmd.Long = loginHelp
	cmd.Example = `  portside-cli login "Work/Backup"
  pass show ftp/backup | portside-cli login Backup`
	cmd.Flags().Var(option(&kind, parseSecretKind, "WHAT"), "for", "password, proxy (its password) or certificate (its passphrase); default password")
	cmd.ValidArgsFunction = p.completeSites
	return cmd
}

// A loginJSON is the result of login and logout.
type loginJSON struct {
	Done    string `json:"done"`
	Site    string `json:"site,omitempty"`
	For     string `json:"for,omitempty"`
	Removed int    `json:"removed,omitempty"`
}

// login keeps a secret.
func (p *program) login(ctx context.Context, typed string, kind secrets.Kind) error {
	s, err := p.oneSite(p.savedSites(), typed)
	if err == nil {
		err = useless(s, kind)
	}
	if err != nil {
		return err
	}
	store := p.secretStore()
	ctx = secrets.WithPatience(ctx, secrets.AskedPatience)
	if err = store.Look(ctx); err != nil { // before somebody types for nothing
		return keyringTrouble("", err)
	}
	secret, err := p.typedSecret(ctx, s, kind)
	if err != nil {
		return err
	}
	p.conceal(secret)
	if kept, kerr := store.Set(ctx, secrets.Key{Site: s.ID, Kind: kind}, s.Path(), secret); kept != secrets.InKeyring {
		return keyringTrouble("Nothing is kept. ", kerr)
	}
	p.access().Bind(s)
	if p.opt.json {
		return p.outJSON(loginJSON{Done: "login", Site: s.Path(), For: kind.String()})
	}
	p.note("the %s for %s is in the keyring", kind.Words(), s.Path())
	return nil
}

// useless is the error where a site has no use for a secret.
func useless(s sites.Site, kind secrets.Kind) error {
	why, next := "", ""
	switch {
	case kind == secrets.Password && !s.NeedsPassword():
		why, next = "logs in without a user, so it has no password", "Give it a user with: "+name+" sites edit "+quoted(s.Path())+" --user NAME"
	case s.Logon == sites.LogonAsk:
		why, next = "asks each time, so nothing is kept for it", "Change that with: "+name+" sites edit "+quoted(s.Path())+" --logon keyring"
	case kind == secrets.ProxyPassword && s.Proxy.User == "":
		why, next = "has no proxy with a user", "Give it one with: "+name+" sites edit "+quoted(s.Path())+" --proxy URL"
	case kind == secrets.CertPassphrase && s.ClientCert == "":
		why, next = "has no client certificate", "Give it one with: "+name+" sites edit "+quoted(s.Path())+" --client-cert FILE"
	default:
		return nil
	}
	return &adviceError{advice: client.Advice{Sentence: fmt.Sprintf("The site %s %s.", quoted(s.Path()), why), Next: next, Kind: client.KindOther}}
}

// typedSecret asks at the terminal, or reads the first line of stdin.
func (p *program) typedSecret(ctx context.Context, s sites.Site, kind secrets.Kind) (secret string, err error) {
	if isTerminal(p.app.Stdin) && !p.opt.passwordStdin {
		secret, err = p.askHidden(ctx, titleOf(kind)+" for "+quoted(s.Path())+": ")
	} else {
		secret, err = p.passwordFromStdin()
	}
	if err == nil && secret == "" {
		err = usagef("an empty %s is not kept", kind.Words())
	}
	return secret, err
}

// keyringTrouble says what is wrong with the keyring.
func keyringTrouble(before string, err error) error {
	return &adviceError{advice: client.Advice{
		Sentence: before + secrets.Sentence(err),
		Next:     "Without a keyring the password is asked for each time, or comes from " + passwordVariable + " or --password-stdin.",
		Kind:     client.KindLocal,
	}, err: &localError{op: "use the keyring", err: err}}
}

func (p *program) logoutCommand() *cobra.Command {
	var all, leftovers bool
	cmd := p.command("logout SITE... | --all | --leftovers", "Remove passwords from the keyring", cobra.ArbitraryArgs,
		func(ctx context.Context, args []string) error {
			chosen := 0
			for _, b := range []bool{all, leftovers, len(args) > 0} {
				if b {
					chosen++
				}
			}
			if chosen != 1 {
				return usagef("name the sites, or give --all or --leftovers")
			}
			ctx = secrets.WithPatience(ctx, secrets.AskedPatience)
			switch {
			case all:
				return p.logoutAll(ctx)
			case leftovers:
				return p.logoutLeftovers(ctx)
			}
			return p.logout(ctx, args)
		})
	cmd.Long = logoutHelp
	cmd.Flags().BoolVar(&all, "all", false, "remove everything that Portside has put into the keyring")
	cmd.Flags().BoolVar(&leftovers, "leftovers", false, "remove what belongs to sites that are gone")
	cmd.ValidArgsFunction = p.completeSites
	return cmd
}

// logout removes what the keyring holds of sites.
func (p *program) logout(ctx context.Context, names []string) error {
	book := p.savedSites()
	var failed failures
	for _, typed := range names {
		s, err := p.oneSite(book, typed)
		if err == nil {
			if err = p.secretStore().Delete(ctx, s.ID); err != nil {
				err = keyringTrouble("The password may still be there. ", err)
			}
		}
		if err != nil {
			p.failed(&failed, typed, err)
			continue
		}
		failed.done++
		if p.opt.json {
			if err = p.outJSON(loginJSON{Done: "logout", Site: s.Path()}); err != nil {
				return err
			}
			continue
		}
		p.note("the keyring holds nothing of %s", s.Path())
	}
	return failed.orNil()
}

func (p *program) logoutAll(ctx context.Context) error {
	n, err := p.secretStore().ForgetAll(ctx)
	if err != nil {
		return keyringTrouble("Not everything was removed. ", err)
	}
	return p.removedSecrets(n)
}

// logoutLeftovers removes the secrets of sites that are not there any more. Where the
// file of sites cannot be read, all would seem to be.
func (p *program) logoutLeftovers(ctx context.Context) error {
	book, err := p.openSites()
	if err != nil {
		return err
	}
	var known []string
	for _, s := range book.Content().Sites {
		known = append(known, s.ID)
	}
	list, err := p.secretStore().Leftovers(ctx, known)
	if err == nil {
		err = p.secretStore().RemoveLeftovers(ctx, list)
	}
	if err != nil {
		return keyringTrouble("Not everything was removed. ", err)
	}
	return p.removedSecrets(len(list))
}

func (p *program) removedSecrets(n int) error {
	if p.opt.json {
		return p.outJSON(loginJSON{Done: "logout", Removed: n})
	}
	_, err := fmt.Fprintf(p.out, "%s removed from the keyring.\n", plural(n, "secret"))
	return err
}
