package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/transfers"
)

func (p *program) catCommand() *cobra.Command {
	var ascii bool
	cmd := p.command("cat [options] ADDRESS...", "Write files to stdout", atLeast(1, "ADDRESS"),
		func(ctx context.Context, args []string) error {
			list, err := p.parseAddresses(args)
			if err != nil {
				return err
			}
			return p.forEach(ctx, list, func(ctx context.Context, a address, _ int) error {
				return p.toStdout(ctx, a, ascii)
			})
		})
	cmd.Long = "Write files to stdout, as they are. With --json the result goes to stderr."
	cmd.Flags().BoolVar(&ascii, "ascii", false, "text files: line ends become those of this computer")
	return cmd
}

// toStdout fetches one file to stdout. The result of --json goes to stderr,
// since stdout is the file.
func (p *program) toStdout(ctx context.Context, a address, ascii bool) error {
	r, err := p.open(ctx, a)
	if err != nil {
		return err
	}
	if err = p.out.Flush(); err != nil {
		return &localError{op: "write to standard output", err: err}
	}
	bar := p.newBar()
	if isTerminal(p.app.Stdout) {
		bar = nil // the file itself is on the screen
	}
	defer bar.close()
	start := time.Now()
	n, err := r.Retrieve(ctx, r.raw, p.app.Stdout, client.TransferOptions{ASCII: ascii, Progress: bar.count(r.Text(r.raw))})
	if le, ok := errors.AsType[*client.LocalIOError](err); ok {
		return &localError{op: "write to standard output", err: le.Err}
	}
	if err != nil {
		return folderHint(ctx, r, err)
	}
	if !ascii {
		if err := sizeAgrees(ctx, r, r.raw, n); err != nil {
			return err
		}
	}
	return p.streamed("get", r.Text(r.raw), "-", n, time.Since(start), r)
}

// sizeAgrees compares the bytes that went over with what the server says the
// file has, where it says so.
func sizeAgrees(ctx context.Context, r *remote, raw string, n int64) error {
	size, err := r.Size(ctx, raw)
	if err != nil || size == n {
		return nil // a server without SIZE: its 226 has to do
	}
	return &transfers.SizeError{Path: raw, Want: size, Got: n}
}

// streamed reports one file that went from stdin or to stdout.
func (p *program) streamed(verb, from, to string, n int64, took time.Duration, r *remote) error {
	if !p.opt.json {
		return nil
	}
	c := p.connectionOf(r.Session)
	b := marshal(transferJSON{
		Done: verb, Path: from, To: to, Files: 1, Bytes: n,
		Seconds: took.Round(time.Microsecond).Seconds(), Connection: &c,
	})
	var w io.Writer = p.out
	if to == "-" {
		w = p.errOut
	}
	_, err := w.Write(b)
	return err
}
