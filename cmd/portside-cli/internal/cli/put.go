package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/transfers"
)

const putHelp = `Send files, with -r folders.

As with cp, an address that is a folder receives files under their own names,
and of several sources the address must be a folder; one that ends in a slash is
made where it is missing. With -r, an address that does not exist becomes the
copy of the folder; with -T it is the copy also where it exists, such as one that
was begun before (--continue -T). The source - is stdin.`

func (p *program) putCommand() *cobra.Command {
	var f transferFlags
	cmd := p.command("put [options] FILE... ADDRESS", "Send files and folders", atLeast(2, "FILE or ADDRESS"),
		func(ctx context.Context, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return p.put(ctx, args, f)
		})
	cmd.Long = putHelp
	cmd.Example = `  portside-cli put report.pdf ftp://mara@example.org/inbox/
  portside-cli put -r site ftpes://mara@example.org/public_html
  tar cz photos | portside-cli put - ftp://mara@example.org/photos.tgz`
	f.addUpload(cmd.Flags())
	return cmd
}

// put sends every source.
func (p *program) put(ctx context.Context, args []string, f transferFlags) error {
	sources := args[:len(args)-1]
	a, err := p.parseAddress(args[len(args)-1])
	if err != nil {
		return err
	}
	f.tempUpload = p.temporary(f, a)
	if len(sources) == 1 && sources[0] == "-" {
		f.exists = f.ruleForStdin(a)
		return p.fromStdin(ctx, a, f)
	}
	for _, s := range sources {
		if err = sendable(s, f.recursive); err != nil && len(sources) == 1 {
			return err // before anything is asked of the server
		}
	}
	r, err := p.open(ctx, a)
	if err != nil {
		return err
	}
	into, err := remoteFolder(ctx, r)
	if err != nil {
		return err
	}
	if f.exact && len(sources) > 1 {
		return usagef("several sources cannot be one copy: -T takes one")
	}
	into = into && !f.exact
	if len(sources) > 1 && !into {
		return usagef("%s is not a folder, and several files cannot have one name", r.text)
	}
	bar := p.newBar()
	defer bar.close()
	if len(sources) == 1 {
		if info, serr := os.Stat(sources[0]); serr == nil && !info.IsDir() {
			return p.putOne(ctx, a, sources[0], into, f, bar)
		}
	}
	return p.putMany(ctx, a, sources, into, f, bar)
}

// putMany sends folders and several files.
func (p *program) putMany(ctx context.Context, a address, sources []string, into bool, f transferFlags, bar *progressBar) error {
	b := p.newBatch(&f, bar)
	b.copied = !into
	for _, local := range sources {
		s := &batchSource{verb: "put", label: local, addr: a, from: local}
		b.list = append(b.list, s)
		if s.err = p.putSource(ctx, b, s, into); ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return b.finish(ctx)
}

// putSource finds out what a source is, and where it goes.
func (p *program) putSource(ctx context.Context, b *batch, s *batchSource, into bool) error {
	if err := sendable(s.from, b.f.recursive); err != nil {
		return err
	}
	r, err := p.open(ctx, s.addr)
	if err != nil {
		return err
	}
	info, err := os.Stat(s.from)
	if err == nil {
		s.dir = info.IsDir()
		s.local, err = filepath.Abs(s.from)
	}
	if err != nil {
		return &localError{op: "read the file to send", err: err}
	}
	if s.raw, err = remoteTarget(r, s.from, into); err != nil {
		return err
	}
	s.to, s.session = r.Text(s.raw), r.Session
	s.decode = func(path string) string { return strings.ToValidUTF8(path, "\ufffd") }
	s.site, err = b.site(ctx, r)
	return err
}

// remoteTarget is where a local file or folder goes, raw.
func remoteTarget(r *remote, local string, into bool) (string, error) {
	base := filepath.Base(filepath.Clean(local))
	if !into || base == "." || base == ".." || base == string(filepath.Separator) {
		return r.raw, nil
	}
	n, err := transfers.RemoteName(r.Session, base)
	if err != nil {
		return "", err
	}
	return transfers.JoinRemote(r.raw, n), nil
}

// sendable checks a source before the server is asked anything.
func sendable(local string, recursive bool) error {
	if local == "-" {
		return usagef("stdin (-) can be sent alone only")
	}
	info, err := os.Stat(local)
	switch {
	case err != nil:
		return &localError{op: "read the file to send", err: err}
	case info.IsDir() && !recursive:
		return &adviceError{advice: client.Advice{
			Sentence: local + " is a folder.",
			Next:     "Add -r to send a folder and all that is in it.",
			Kind:     client.KindLocal,
		}}
	default:
		return nil
	}
}

// remoteFolder reports whether r is a folder to send into; one that is written
// with a final slash is made where it is missing.
func remoteFolder(ctx context.Context, r *remote) (bool, error) {
	if strings.Trim(r.path, "/") == "" {
		return true, nil
	}
	if isDir(ctx, r, r.raw) {
		return true, nil
	}
	if err := r.Err(); err != nil {
		return false, err
	}
	if !strings.HasSuffix(r.path, "/") {
		return false, nil
	}
	return true, makeDir(ctx, r, r.raw, true)
}

// putOne sends one file to the address, or into it.
func (p *program) putOne(ctx context.Context, a address, local string, into bool, f transferFlags, bar *progressBar) error {
	r, err := p.open(ctx, a) // the same connection, or a new one where a transfer lost it
	if err != nil {
		return err
	}
	target, err := remoteTarget(r, local, into)
	if err != nil {
		return err
	}
	opt := p.transferOptions(f.forOne(a, true), a, bar)
	start := time.Now()
	sum, err := transfers.Upload(ctx, r.Session, local, target, opt)
	bar.clear()
	m := moved{
		verb: "put", from: local, to: r.Text(target), sum: sum, took: time.Since(start), session: p.current(r),
		decode: func(s string) string { return strings.ToValidUTF8(s, "\ufffd") },
	}
	return p.finish(m, err)
}

// fromStdin sends stdin to the address, which must name a file.
func (p *program) fromStdin(ctx context.Context, a address, f transferFlags) error {
	if f.recursive || (f.exists != transfers.Overwrite && f.exists != transfers.Skip && f.exists != transfers.Fail) {
		return usagef("stdin can be sent without -r and --continue, and with --exists overwrite, skip or fail")
	}
	if a.path == "" || strings.HasSuffix(a.path, "/") {
		return usagef("stdin has no name: the address must name a file")
	}
	r, err := p.open(ctx, a)
	if err != nil {
		return err
	}
	if f.exists != transfers.Overwrite {
		_, serr := r.Stat(ctx, r.raw)
		switch {
		case serr == nil && f.exists == transfers.Skip:
			return p.streamed("put", "-", r.Text(r.raw), 0, 0, r)
		case serr == nil:
			return &transfers.RemoteExistsError{Path: r.raw}
		case adviceOf(serr).Kind != client.KindNotFound:
			return serr
		}
	}
	bar := p.newBar()
	if isTerminal(p.app.Stdin) {
		bar = nil
	}
	defer bar.close()
	start := time.Now()
	to := r.raw
	if f.tempUpload {
		to = transfers.PartOf(r.raw)
	}
	n, err := r.Store(ctx, to, p.app.Stdin, client.TransferOptions{ASCII: f.ascii, Progress: bar.count("stdin")})
	if err == nil && !f.ascii {
		err = sizeAgrees(ctx, r, to, n)
	}
	switch {
	case !f.tempUpload:
	case err != nil:
		dropPart(ctx, r, to) // nothing can go on from what came from stdin
	default:
		if err = putInPlace(ctx, r, to, f.exists == transfers.Overwrite); err != nil {
			p.warn("what was sent is complete, and kept as " + r.Text(to))
		}
	}
	if _, refused := errors.AsType[*client.ReplyError](err); refused {
		return folderHint(ctx, r, err)
	}
	if err != nil {
		return err
	}
	return p.streamed("put", "-", r.Text(r.raw), n, time.Since(start), r)
}

// putInPlace gives what was sent to a temporary name its own. Some servers do not rename
// over a file (RFC 959, section 4.1.3: RNTO): with replace it is deleted first, which is
// safe by then.
func putInPlace(ctx context.Context, r *remote, part string, replace bool) error {
	err := r.Rename(ctx, part, r.raw)
	if _, refused := errors.AsType[*client.ReplyError](err); !refused || !replace || isDir(ctx, r, r.raw) {
		return err
	}
	if derr := r.Delete(ctx, r.raw); derr != nil {
		return err
	}
	return r.Rename(ctx, part, r.raw)
}

// dropFor bounds the removal of a part.
const dropFor = 5 * time.Second

// dropPart deletes what was sent to a temporary name, where the session lives.
func dropPart(ctx context.Context, r *remote, part string) {
	if r.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropFor)
	defer cancel()
	_ = r.Delete(ctx, part) // it may not be there
}
