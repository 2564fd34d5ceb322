package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"portside/client"
	"portside/client/sitekey"
	"portside/transfers"
	"portside/transfers/queue"
)

const queueAddHelp = `Add transfers to the queue, without starting them and without asking the server
anything: whether an address is a folder is said with -r.

The options of the connection (--tls, --mode, --charset, --pin and so on) belong to
what is added, and are kept with it. A password is not: it is asked for, or taken
from PORTSIDE_PASSWORD or for a saved site from the keyring, when the queue is worked
off. The numbers of the new entries are printed.`

// addFlags are the options of queue add.
type addFlags struct {
	recursive, ascii, paused bool
	exists                   transfers.Exists
	priority                 queue.Priority
	after                    time.Time
}

func (f *addFlags) add(fs *pflag.FlagSet, folders, files bool) {
	f.exists = transfers.Overwrite
	if folders {
		fs.BoolVarP(&f.recursive, "recursive", "r", false, "folders with all that is in them")
	}
	if files {
		fs.BoolVar(&f.ascii, "ascii", false, "text files: line ends become those of the receiving side")
		fs.Var(option(&f.exists, transfers.ParseExists, "RULE"), "exists", "where the target exists: overwrite, newer, size (differs), resume, rename, skip, fail or ask; default overwrite")
	}
	fs.Var(option(&f.priority, parsePriority, "PRIORITY"), "priority", "highest, high, normal, low or lowest")
	fs.Var(option(&f.after, parseAfter, "TIME"), "after", "start it no earlier: 22:00, or 2026-12-24T18:00")
	fs.BoolVar(&f.paused, "paused", false, "hold it back until queue resume")
}

// parseAfter reads a moment: a date with a time, or the next time that a clock
// shows so.
func parseAfter(s string) (time.Time, error) {
	if t, err := time.ParseInLocation("2006-01-02T15:04", s, time.Local); err == nil {
		return t, nil
	}
	of, err := parseClock(s)
	if err != nil {
		return time.Time{}, err
	}
	now := time.Now()
	t := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.Local).Add(of)
	if t.Before(now) {
		t = t.AddDate(0, 0, 1)
	}
	return t, nil
}

func (p *program) queueAddCommand(f *queueFlags) *cobra.Command {
	cmd := p.command("add get|put|copy|delete|chmod ...", "Add transfers without starting them", func(cmd *cobra.Command, args []string) error {
		return p.noCommand(cmd, args)
	}, func(context.Context, []string) error {
		return usagef("missing what is to be added: get, put, copy, delete or chmod")
	})
	cmd.Long = queueAddHelp
	cmd.Example = `  portside-cli queue add get ftp://ftp.example.org/pub/big.iso downloads/
  portside-cli queue add put -r --priority low site ftpes://mara@example.org/public_html
  portside-cli queue add copy ftp://a.example.org/x.iso ftp://b.example.org/x.iso`
	cmd.AddCommand(p.addGetCommand(f), p.addPutCommand(f), p.addCopyCommand(f), p.addDeleteCommand(f), p.addChmodCommand(f))
	return cmd
}

// An addition collects what is to be added.
type addition struct {
	p       *program
	f       *addFlags
	command queue.Command
	rules   map[string]transfers.Exists // of saved sites, for targets that exist, by key
}

func (p *program) newAddition(f *addFlags) *addition {
	return &addition{p: p, f: f, command: queue.Command{Verb: queue.CmdAdd}, rules: map[string]transfers.Exists{}}
}

// A place is an address as the queue knows it.
type place struct {
	site sitekey.Site
	key  string
	raw  string // path
}

// Text and Encode make names between the server and this computer.
func (s place) Text(raw string) string { return charset(s.site.Charset).text(raw) }

// Encode is the inverse of Text.
func (s place) Encode(text string) (string, error) { return client.EncodeText(s.site.Charset, text) }

// place makes the server of an address known, and returns its key and path.
func (a *addition) place(text string) (place, error) {
	ad, err := a.p.parseAddress(text)
	if err != nil {
		return place{}, err
	}
	if ad.url.HasPassword && !a.p.opt.quiet && !a.p.opt.json {
		a.p.errText(name + ": the password in the address is not kept; it is asked for when the queue is worked off\n")
	}
	if ad.site != nil {
		return a.sitePlace(ad)
	}
	base, err := a.p.clientOptions()
	if err != nil {
		return place{}, err
	}
	if ad.url.Security != client.SecurityAuto && a.p.opt.tlsGiven && ad.url.Security != a.p.opt.security {
		return place{}, usagef("--tls %s contradicts the address, which says --tls %s", a.p.opt.security, ad.url.Security)
	}
	opt := ad.url.Options(base)
	if opt.User == "" {
		opt.User = a.p.opt.user
	}
	key, err := a.keyed(ad.url, opt, a.p.opt.clientCert, a.p.opt.clientKey)
	if err != nil {
		return place{}, err
	}
	return a.at(ad, key, queue.Site{Name: key.Name()})
}

// sitePlace is place for a saved site.
func (a *addition) sitePlace(ad address) (place, error) {
	base, err := a.p.clientOptions()
	if err != nil {
		return place{}, err
	}
	s, err := a.p.siteAsGiven(*ad.site)
	if err != nil {
		return place{}, err
	}
	opt, err := s.Options(base)
	if err != nil {
		return place{}, optionsTrouble(err)
	}
	key, err := a.keyed(s.URL(), a.p.asGiven(opt), s.ClientCert, s.ClientKey)
	if err != nil {
		return place{}, err
	}
	key.SiteID = s.ID
	known := siteLimits(s)
	known.Name = s.Path()
	return a.at(ad, key, known)
}

// keyed is the key of a server, with the files of the user that belong to it.
func (a *addition) keyed(u client.URL, opt client.Options, cert, certKey string) (sitekey.Site, error) {
	files := []string{a.p.opt.caFile, cert, certKey}
	for i, f := range files {
		if f == "" {
			continue
		}
		var err error
		if files[i], err = filepath.Abs(f); err != nil {
			return sitekey.Site{}, &localError{op: "find the file with a certificate", err: err}
		}
	}
	s := sitekey.Of(u, opt, files[0])
	s.ClientCert, s.ClientKey = files[1], files[2]
	return s, nil
}

// at makes a server known, and the place on it.
func (a *addition) at(ad address, key sitekey.Site, known queue.Site) (place, error) {
	s := place{site: key, key: key.Encode()}
	if ad.site != nil && ad.site.Exists != "" && !a.p.given("exists") {
		if rule, err := transfers.ParseExists(ad.site.Exists); err == nil {
			a.rules[s.key] = rule
		}
	}
	known.Key = s.key
	if err := ad.encode(s.Encode); err != nil {
		return place{}, err
	}
	s.raw = remotePath("", ad.path)
	a.command.Sites = append(a.command.Sites, known)
	return s, nil
}

// job adds a job with what the options say.
func (a *addition) job(j queue.Job) {
	j.Rule, j.ASCII, j.Priority, j.After, j.Paused = a.f.exists, a.f.ascii, a.f.priority, a.f.after, a.f.paused
	target := j.Site
	if j.Kind == queue.Copy {
		target = j.ToSite
	}
	if rule, ok := a.rules[target]; ok {
		j.Rule = rule
	}
	j.Dir = j.Dir || a.f.recursive
	a.command.Jobs = append(a.command.Jobs, queue.CommandJobOf(j))
}

func (p *program) addGetCommand(f *queueFlags) *cobra.Command {
	add := &addFlags{}
	cmd := p.command("get [options] ADDRESS... [DESTINATION]", "Add downloads", atLeast(1, "ADDRESS"), func(ctx context.Context, args []string) error {
		dest := "."
		if n := len(args) - 1; n > 0 && !p.isAddress(args[n]) {
			dest, args = args[n], args[:n]
		}
		into, err := localFolder(dest)
		if err != nil {
			return err
		}
		if len(args) > 1 && !into {
			return usagef("%s is not a folder, and several files cannot have one name", dest)
		}
		a := p.newAddition(add)
		for _, text := range args {
			from, err := a.place(text)
			if err != nil {
				return err
			}
			local := dest
			if base := baseName(from.raw); into && base != "" {
				n, nerr := transfers.LocalName(from, base)
				if nerr != nil {
					return nerr
				}
				local = filepath.Join(dest, n)
			}
			if local, err = filepath.Abs(local); err != nil {
				return &localError{op: "find the destination", err: err}
			}
			a.job(queue.Job{Kind: queue.Download, Site: from.key, Remote: from.raw, Local: local, Size: -1})
		}
		return p.steered(ctx, f, a.command)
	})
	add.add(cmd.Flags(), true, true)
	return cmd
}

func (p *program) addPutCommand(f *queueFlags) *cobra.Command {
	add := &addFlags{}
	cmd := p.command("put [options] FILE... ADDRESS", "Add uploads", atLeast(2, "FILE or ADDRESS"), func(ctx context.Context, args []string) error {
		sources := args[:len(args)-1]
		a := p.newAddition(add)
		to, err := a.place(args[len(args)-1])
		if err != nil {
			return err
		}
		into := strings.HasSuffix(args[len(args)-1], "/") || to.raw == ""
		if len(sources) > 1 && !into {
			return usagef("of several files the address must be a folder: end it with /")
		}
		for _, local := range sources {
			if err = sendable(local, add.recursive); err != nil {
				return err
			}
			info, err := os.Stat(local)
			if err == nil {
				local, err = filepath.Abs(local)
			}
			if err != nil {
				return &localError{op: "read the file to send", err: err}
			}
			target := to.raw
			if base := filepath.Base(local); into {
				n, nerr := transfers.RemoteName(to, base)
				if nerr != nil {
					return nerr
				}
				target = transfers.JoinRemote(to.raw, n)
			}
			a.job(queue.Job{
				Kind: queue.Upload, Site: to.key, Remote: target, Local: local, Dir: info.IsDir(), Size: info.Size(), ModTime: info.ModTime(),
			})
			if last := &a.command.Jobs[len(a.command.Jobs)-1].Job; !info.IsDir() {
				last.Dir = false
			}
		}
		return p.steered(ctx, f, a.command)
	})
	cmd.Long = "Add uploads. An address that ends in a slash is the folder that they go into."
	add.add(cmd.Flags(), true, true)
	return cmd
}

func (p *program) addCopyCommand(f *queueFlags) *cobra.Command {
	add := &addFlags{}
	cmd := p.command("copy [options] FROM TO", "Add a copy from one server to another, through this computer", exactly(2, "FROM or TO"),
		func(ctx context.Context, args []string) error {
			a := p.newAddition(add)
			from, err := a.place(args[0])
			if err != nil {
				return err
			}
			to, err := a.place(args[1])
			if err != nil {
				return err
			}
			target := to.raw
			if base := baseName(from.raw); base != "" && (strings.HasSuffix(args[1], "/") || target == "") {
				n, nerr := to.Encode(from.Text(base))
				if nerr != nil {
					return nerr
				}
				target = transfers.JoinRemote(target, n)
			}
			a.job(queue.Job{Kind: queue.Copy, Site: from.key, Remote: from.raw, ToSite: to.key, ToRemote: target, Size: -1})
			return p.steered(ctx, f, a.command)
		})
	add.add(cmd.Flags(), true, true)
	return cmd
}

func (p *program) addDeleteCommand(f *queueFlags) *cobra.Command {
	add := &addFlags{}
	cmd := p.command("delete [options] ADDRESS...", "Add deletions on a server", atLeast(1, "ADDRESS"), func(ctx context.Context, args []string) error {
		a := p.newAddition(add)
		for _, text := range args {
			at, err := a.place(text)
			if err != nil {
				return err
			}
			a.job(queue.Job{Kind: queue.Delete, Site: at.key, Remote: at.raw, Size: -1})
		}
		return p.steered(ctx, f, a.command)
	})
	add.add(cmd.Flags(), true, false)
	return cmd
}

func (p *program) addChmodCommand(f *queueFlags) *cobra.Command {
	add := &addFlags{}
	cmd := p.command("chmod [options] MODE ADDRESS...", "Add changes of permissions", atLeast(2, "MODE or ADDRESS"), func(ctx context.Context, args []string) error {
		mode, err := parseMode(args[0])
		if err != nil {
			return err
		}
		a := p.newAddition(add)
		for _, text := range args[1:] {
			at, err := a.place(text)
			if err != nil {
				return err
			}
			a.job(queue.Job{Kind: queue.Chmod, Site: at.key, Remote: at.raw, Mode: mode, Size: -1})
		}
		return p.steered(ctx, f, a.command)
	})
	add.add(cmd.Flags(), true, false)
	return cmd
}
