package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/listing"
	"portside/transfers"
)

const getHelp = `Fetch files, with -r folders.

The last argument is the destination where it is no ftp URL: a file, a folder,
or - for stdout. Without it, files go into the current folder. As with cp, a
destination that is a folder receives files under their own names, and of
several sources the destination must be a folder; one that ends in a slash is
made where it is missing. With -r, a destination that does not exist becomes the
copy of the folder.

A file is written under a temporary name beside its target, checked, and renamed
when it is complete. Names from the server never lead out of the destination.`

func (p *program) getCommand() *cobra.Command {
	var f transferFlags
	cmd := p.command("get [options] ADDRESS... [DESTINATION]", "Fetch files and folders", atLeast(1, "ADDRESS"),
		func(ctx context.Context, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return p.get(ctx, args, f)
		})
	cmd.Long = getHelp
	cmd.Example = `  portside-cli get ftp://ftp.example.org/pub/big.iso
  portside-cli get --continue ftp://ftp.example.org/pub/big.iso
  portside-cli get -r ftpes://mara@example.org/public_html site
  portside-cli get ftp://ftp.example.org/pub/list.gz - | zcat`
	f.add(cmd.Flags())
	return cmd
}

// get fetches every source.
func (p *program) get(ctx context.Context, args []string, f transferFlags) error {
	dest := "."
	if n := len(args) - 1; n > 0 && !isAddress(args[n]) {
		dest, args = args[n], args[:n]
	}
	sources, err := p.parseAddresses(args)
	if err != nil {
		return err
	}
	if dest == "-" {
		if f.recursive || f.resume {
			return usagef("to stdout go single files, without -r and --continue")
		}
		return p.forEach(ctx, sources, func(ctx context.Context, a address, _ int) error {
			return p.toStdout(ctx, a, f.ascii)
		})
	}
	into, err := localFolder(dest)
	if err != nil {
		return err
	}
	if len(sources) > 1 && !into {
		return usagef("%s is not a folder, and several files cannot have one name", dest)
	}
	bar := p.newBar()
	defer bar.close()
	return p.forEach(ctx, sources, func(ctx context.Context, a address, _ int) error {
		return p.getOne(ctx, a, dest, into, f, bar)
	})
}

// localFolder reports whether dest is a folder; one that ends in a separator is made.
func localFolder(dest string) (bool, error) {
	info, err := os.Stat(dest)
	if err == nil {
		return info.IsDir(), nil
	}
	slash := strings.HasSuffix(dest, "/") || strings.HasSuffix(dest, string(filepath.Separator))
	if !slash || !errors.Is(err, fs.ErrNotExist) {
		return false, nil // the transfer says what is wrong with it
	}
	if err := os.MkdirAll(dest, 0o777); err != nil {
		return false, &localError{op: "make the destination folder", err: err}
	}
	return true, nil
}

// getOne fetches one source to dest, or into dest.
func (p *program) getOne(ctx context.Context, a address, dest string, into bool, f transferFlags, bar *progressBar) error {
	r, err := p.open(ctx, a)
	if err != nil {
		return err
	}
	tree := false
	if f.recursive {
		e, serr := r.Stat(ctx, r.raw)
		if serr != nil {
			return serr
		}
		tree = e.Type == listing.Dir
	}
	local := dest
	if base := baseName(r.raw); into && base != "" && r.path != "" && r.path != "/" {
		n, nerr := transfers.LocalName(r.Session, base)
		if nerr != nil {
			return nerr
		}
		local = filepath.Join(dest, n)
	}
	target := local
	if abs, aerr := filepath.Abs(local); aerr == nil && !tree {
		target = abs // so that errors can name its folder
	}
	opt := p.transferOptions(f, a, bar)
	start := time.Now()
	var sum transfers.Summary
	if tree {
		sum, err = transfers.DownloadTree(ctx, r.Session, r.raw, local, opt)
	} else {
		sum, err = transfers.Download(ctx, r.Session, r.raw, target, opt)
		err = folderHint(ctx, r, err)
	}
	bar.clear()
	m := moved{verb: "get", from: r.Text(r.raw), to: local, sum: sum, took: time.Since(start), session: p.current(r), decode: r.Text}
	return p.finish(m, err)
}

// folderHint makes the refusal of a folder into the advice to use -r.
func folderHint(ctx context.Context, r *remote, err error) error {
	if errors.Is(err, transfers.ErrIsDir) {
		return needsRecursive(r)
	}
	re, refused := errors.AsType[*client.ReplyError](err)
	if refused && re.Reply.Code/100 == 5 && r.Err() == nil && isDir(ctx, r, r.raw) {
		return needsRecursive(r)
	}
	return err
}
