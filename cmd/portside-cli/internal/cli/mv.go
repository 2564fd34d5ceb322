package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/transfers"
)

const mvHelp = `Rename or move files and folders on one server.

NEW is an address on the same server, or a path: one that begins with a slash
is read as in an address, any other is taken from the folder that OLD is in.
Where NEW is a folder that exists, OLD is moved into it. Of several OLD, NEW
must be a folder.`

func (p *program) mvCommand() *cobra.Command {
	cmd := p.command("mv OLD... NEW", "Rename or move on the server", atLeast(2, "OLD or NEW"),
		func(ctx context.Context, args []string) error { return p.mv(ctx, args) })
	cmd.Long = mvHelp
	cmd.Example = `  portside-cli mv ftp://mara@example.org/draft.txt final.txt
  portside-cli mv ftp://mara@example.org/a.txt ftp://mara@example.org/archive/`
	return cmd
}

// mv moves every source to the last argument.
func (p *program) mv(ctx context.Context, args []string) error {
	sources, err := p.parseAddresses(args[:len(args)-1])
	if err != nil {
		return err
	}
	target := args[len(args)-1]
	if target == "" {
		return usagef("an empty name")
	}
	return p.forEach(ctx, sources, func(ctx context.Context, a address, _ int) error {
		r, err := p.open(ctx, a)
		if err != nil {
			return err
		}
		to, folder, err := p.moveTarget(r, target)
		if err != nil {
			return err
		}
		switch {
		case folder || isDir(ctx, r, to):
			to = transfers.JoinRemote(to, baseName(r.raw))
		case len(sources) > 1:
			return usagef("%s is not a folder, and several files cannot have one name", r.Text(to))
		}
		if err := r.Rename(ctx, r.raw, to); err != nil {
			return err
		}
		return p.did(doneJSON{Done: "mv", Path: r.Text(r.raw), To: r.Text(to)})
	})
}

// moveTarget finds the raw path that NEW names, and whether it was written as a folder.
func (p *program) moveTarget(r *remote, target string) (raw string, folder bool, err error) {
	folder = strings.HasSuffix(target, "/")
	if p.isAddress(target) {
		a, perr := p.parseAddress(target)
		if perr != nil {
			return "", false, perr
		}
		if a.url.Addr() != r.url.Addr() || (a.url.User != "" && a.url.User != r.url.User) {
			return "", false, &usageError{err: &adviceError{advice: client.Advice{
				Sentence: "mv works on one server only.",
				Next:     "Use get and then put to copy between servers.",
			}}}
		}
		if err = a.encode(r.Encode); err != nil {
			return "", false, err
		}
		return remotePath(r.Info().Home, a.path), folder || a.site != nil && a.below == "", nil
	}
	raw, err = r.Encode(target)
	if err != nil {
		return "", false, &usageError{err: err}
	}
	if strings.HasPrefix(raw, "/") {
		return remotePath(r.Info().Home, raw), folder, nil
	}
	return transfers.JoinRemote(parentOf(r.raw), strings.TrimRight(raw, "/")), folder, nil
}
