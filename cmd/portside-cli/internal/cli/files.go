package cli

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/listing"
	"portside/transfers"
)

// A doneJSON is the result of a command that changes one thing on a server.
type doneJSON struct {
	Done string `json:"done"` // the command
	Path string `json:"path"`
	To   string `json:"to,omitempty"`
	Mode string `json:"mode,omitempty"`
}

// did reports one change.
func (p *program) did(d doneJSON) error {
	if p.opt.json {
		return p.outJSON(d)
	}
	switch {
	case d.To != "":
		p.note("%s %s to %s", d.Done, d.Path, d.To)
	case d.Mode != "":
		p.note("%s %s %s", d.Done, d.Mode, d.Path)
	default:
		p.note("%s %s", d.Done, d.Path)
	}
	return nil
}

func (p *program) mkdirCommand() *cobra.Command {
	var parents bool
	cmd := p.command("mkdir [options] ADDRESS...", "Make folders", atLeast(1, "ADDRESS"),
		func(ctx context.Context, args []string) error {
			return p.change(ctx, args, func(ctx context.Context, r *remote) error {
				if err := makeDir(ctx, r, r.raw, parents); err != nil {
					return err
				}
				return p.did(doneJSON{Done: "mkdir", Path: r.Text(r.raw)})
			})
		})
	cmd.Flags().BoolVarP(&parents, "parents", "p", false, "make the folders above too; a folder that exists is no error")
	return cmd
}

// change opens every address and runs do on it.
func (p *program) change(ctx context.Context, args []string, do func(ctx context.Context, r *remote) error) error {
	list, err := p.parseAddresses(args)
	if err != nil {
		return err
	}
	return p.forEach(ctx, list, func(ctx context.Context, a address, _ int) error {
		r, err := p.open(ctx, a)
		if err != nil {
			return err
		}
		return do(ctx, r)
	})
}

// makeDir makes the folder raw, with parents as mkdir -p does.
func makeDir(ctx context.Context, r *remote, raw string, parents bool) error {
	err := r.MakeDir(ctx, raw)
	if _, refused := errors.AsType[*client.ReplyError](err); !refused {
		return err
	}
	e, serr := r.Stat(ctx, raw)
	switch {
	case serr == nil && parents && e.Type == listing.Dir:
		return nil
	case serr == nil:
		return &adviceError{advice: client.Advice{
			Sentence: r.Text(raw) + " exists already on the server.",
			Next:     "Choose another name; with -p a folder that exists is no error.",
			Kind:     client.KindOther,
		}, err: err}
	case !parents:
		return err
	}
	up := parentOf(raw)
	if up == raw || up == "." || up == "/" {
		return err
	}
	if perr := makeDir(ctx, r, up, true); perr != nil {
		return perr
	}
	return r.MakeDir(ctx, raw)
}

// isDir reports whether raw is a folder; false where that cannot be found out.
func isDir(ctx context.Context, r *remote, raw string) bool {
	e, err := r.Stat(ctx, raw)
	return err == nil && e.Type == listing.Dir
}

func (p *program) rmCommand() *cobra.Command {
	var recursive, force bool
	cmd := p.command("rm [options] ADDRESS...", "Delete files, with -r folders", atLeast(1, "ADDRESS"),
		func(ctx context.Context, args []string) error {
			return p.change(ctx, args, func(ctx context.Context, r *remote) error {
				return p.remove(ctx, r, recursive, force)
			})
		})
	cmd.Flags().BoolVarP(&recursive, "recursive", "r", false, "delete folders with all that is in them")
	cmd.Flags().BoolVarP(&force, "force", "f", false, "a file that is not there is no error")
	return cmd
}

// removedJSON is the result of rm.
type removedJSON struct {
	doneJSON
	Files int `json:"files"`
	Dirs  int `json:"dirs"`
}

// remove deletes what is at r.
func (p *program) remove(ctx context.Context, r *remote, recursive, force bool) error {
	if strings.Trim(r.raw, "/.") == "" || r.raw == r.Info().Home || r.site != nil && strings.Trim(r.below, "/.") == "" {
		return usagef("refusing to delete the whole of %s: name a folder in it", r.text)
	}
	e, err := r.Stat(ctx, r.raw)
	if err != nil {
		if adviceOf(err).Kind == client.KindNotFound && force {
			return nil
		}
		return err
	}
	res := removedJSON{doneJSON: doneJSON{Done: "rm", Path: r.Text(r.raw)}}
	switch {
	case e.Type != listing.Dir:
		err = r.Delete(ctx, r.raw)
		res.Files = 1
	case !recursive:
		return needsRecursive(r)
	default:
		var sum transfers.Summary
		bar := p.newBar()
		sum, err = transfers.DeleteTree(ctx, r.Session, r.raw, p.transferOptions(transferFlags{}, r.address, bar))
		bar.close()
		res.Files, res.Dirs = sum.Files, sum.Dirs
		err = p.treeFailures(sum, err, r.Text)
	}
	if err != nil {
		return err
	}
	if p.opt.json {
		return p.outJSON(res)
	}
	return p.did(res.doneJSON)
}

// needsRecursive is the error for a folder where a file was expected.
func needsRecursive(r *remote) error {
	return &adviceError{advice: client.Advice{
		Sentence: r.Text(r.raw) + " is a folder.",
		Next:     "Add -r to work on a folder and all that is in it.",
		Kind:     client.KindOther,
	}}
}

func (p *program) chmodCommand() *cobra.Command {
	cmd := p.command("chmod MODE ADDRESS...", "Change permissions", atLeast(2, "MODE or ADDRESS"),
		func(ctx context.Context, args []string) error {
			mode, err := parseMode(args[0])
			if err != nil {
				return err
			}
			return p.change(ctx, args[1:], func(ctx context.Context, r *remote) error {
				if err := r.Chmod(ctx, r.raw, mode); err != nil {
					return err
				}
				return p.did(doneJSON{Done: "chmod", Path: r.Text(r.raw), Mode: string(appendMode(nil, mode))})
			})
		})
	cmd.Long = "Change the permissions of files and folders, where the server knows SITE CHMOD.\nMODE is octal: 644, 0755."
	return cmd
}

// parseMode reads permission bits.
func parseMode(s string) (uint32, error) {
	mode, err := strconv.ParseUint(s, 8, 32)
	if err != nil || mode > 0o7777 {
		return 0, usagef("the mode must be octal, for example 644 or 0755, not %q", s)
	}
	return uint32(mode), nil
}
