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
copy of the folder; with -T it is the copy also where it exists, such as one that
was begun before (--continue -T). A destination that is a link is followed.

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
	f.addDownload(cmd.Flags())
	return cmd
}

// get fetches every source.
func (p *program) get(ctx context.Context, args []string, f transferFlags) error {
	dest := "."
	if n := len(args) - 1; n > 0 && !p.isAddress(args[n]) {
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
	if f.exact && len(sources) > 1 {
		return usagef("several sources cannot be one copy: -T takes one")
	}
	into, err := localFolder(dest)
	if err != nil {
		return err
	}
	into = into && !f.exact
	if len(sources) > 1 && !into {
		return usagef("%s is not a folder, and several files cannot have one name", dest)
	}
	bar := p.newBar()
	defer bar.close()
	if len(sources) == 1 && !f.recursive && f.segments == 0 {
		return p.getOne(ctx, sources[0], dest, into, f, bar)
	}
	return p.getMany(ctx, sources, dest, into, f, bar)
}

// getMany fetches folders and several files.
func (p *program) getMany(ctx context.Context, sources []address, dest string, into bool, f transferFlags, bar *progressBar) error {
	b := p.newBatch(&f, bar)
	b.copied = !into
	for _, a := range sources {
		s := &batchSource{verb: "get", label: a.text, addr: a, from: a.text, to: dest}
		b.list = append(b.list, s)
		if s.err = p.getSource(ctx, b, s, dest, into); ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if one := b.list[0]; len(b.list) == 1 && one.err == nil && !one.dir && f.segments == 0 {
		return p.getOne(ctx, one.addr, dest, into, f, bar)
	}
	return b.finish(ctx)
}

// getSource finds out what a source is, and where it goes.
func (p *program) getSource(ctx context.Context, b *batch, s *batchSource, dest string, into bool) error {
	r, err := p.open(ctx, s.addr)
	if err != nil {
		return err
	}
	s.size = -1
	if b.f.recursive || b.f.segments != 0 {
		e, serr := r.Stat(ctx, r.raw)
		if serr != nil {
			return serr
		}
		s.size, s.modTime = e.Size, e.ModTime
		if s.dir = e.Type == listing.Dir; s.dir && !b.f.recursive {
			return needsRecursive(r)
		}
	}
	s.raw, s.from, s.decode, s.session = r.raw, r.Text(r.raw), r.Text, r.Session
	if s.to, err = localTarget(r, dest, into); err != nil {
		return err
	}
	if s.local, err = throughLink(s.to); err != nil {
		return err
	}
	s.site, err = b.site(ctx, r)
	return err
}

// localTarget is where r goes.
func localTarget(r *remote, dest string, into bool) (string, error) {
	base := baseName(r.raw)
	if !into || base == "" || r.path == "" || r.path == "/" {
		return dest, nil
	}
	n, err := transfers.LocalName(r.Session, base)
	if err != nil {
		return "", err
	}
	return filepath.Join(dest, n), nil
}

// throughLink is the absolute path of what is written at path: of a link that somebody
// named, what it leads to. Links inside of a folder that is fetched are not followed.
func throughLink(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", &localError{op: "find the destination", err: err}
	}
	link, err := os.Lstat(abs)
	if err != nil || link.Mode()&fs.ModeSymlink == 0 {
		return abs, nil
	}
	to, err := os.Stat(abs)
	if err != nil {
		return abs, nil // it leads nowhere, and is replaced
	}
	if !to.Mode().IsRegular() && !to.IsDir() {
		return "", &adviceError{advice: client.Advice{
			Sentence: path + " leads to something that is no file, such as a device or a pipe.",
			Next:     "Name a file, or - for standard output.", Kind: client.KindLocal,
		}}
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return "", &localError{op: "find the destination", err: err}
	}
	return abs, nil
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

// getOne fetches one file to dest, or into dest.
func (p *program) getOne(ctx context.Context, a address, dest string, into bool, f transferFlags, bar *progressBar) error {
	r, err := p.open(ctx, a)
	if err != nil {
		return err
	}
	local, err := localTarget(r, dest, into)
	if err != nil {
		return err
	}
	target, err := throughLink(local)
	if err != nil {
		return err
	}
	opt := p.transferOptions(f.forOne(a, false), a, bar)
	start := time.Now()
	sum, err := transfers.Download(ctx, r.Session, r.raw, target, opt)
	err = folderHint(ctx, r, err)
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
