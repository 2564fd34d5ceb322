package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/listing"
)

// listOptions are the options of ls.
type listOptions struct {
	names, null, all, long bool
	order                  sortOrder
	reverse                bool
}

const lsHelp = `List a folder, or one file.

The columns are type and permissions, owner, group, size in bytes, time and
name; a column that the server fills for no entry is left out. Times that the
server gives exactly (MLSD) are shown in this computer's time zone, others as
the server wrote them. Names that begin with a dot are shown where the server
sends them.

Control characters and other invisible ones in names are shown escaped. With
-0 names are written as the bytes the server sent, each ended by a NUL byte.`

func (p *program) lsCommand() *cobra.Command {
	var o listOptions
	cmd := p.command("ls [options] ADDRESS...", "List a folder", atLeast(1, "ADDRESS"),
		func(ctx context.Context, args []string) error { return p.ls(ctx, args, o) })
	cmd.Long = lsHelp
	cmd.Example = `  portside-cli ls ftp://ftp.example.org/pub/
  portside-cli ls -0 ftp://ftp.example.org/pub/ | xargs -0 -n1 echo`
	fs := cmd.Flags()
	fs.BoolVarP(&o.names, "names", "1", false, "names only, one a line")
	fs.BoolVarP(&o.null, "null", "0", false, "names only, as raw bytes, each ended by a NUL byte")
	fs.BoolVarP(&o.long, "long", "l", false, "all columns (the default)")
	fs.BoolVarP(&o.all, "all", "a", false, "names that begin with a dot too (the default)")
	fs.Var(option(&o.order, parseSort, "ORDER"), "sort", "name, size (largest first), time (newest first) or none (as sent); default name")
	fs.BoolVarP(&o.reverse, "reverse", "r", false, "reverse the order")
	return cmd
}

// A sortOrder is the value of --sort.
type sortOrder uint8

const (
	byName sortOrder = iota
	bySize
	byTime
	asSent
)

func parseSort(s string) (sortOrder, error) {
	switch strings.ToLower(s) {
	case "name":
		return byName, nil
	case "size":
		return bySize, nil
	case "time":
		return byTime, nil
	case "none":
		return asSent, nil
	default:
		return 0, fmt.Errorf("must be name, size, time or none")
	}
}

// ls lists every address.
func (p *program) ls(ctx context.Context, args []string, o listOptions) error {
	if o.null && p.opt.json {
		return usagef("--null and --json exclude each other")
	}
	list, err := p.parseAddresses(args)
	if err != nil {
		return err
	}
	return p.forEach(ctx, list, func(ctx context.Context, a address, i int) error {
		r, err := p.open(ctx, a)
		if err != nil {
			return err
		}
		l, err := listAt(ctx, r)
		if err != nil {
			return err
		}
		order(l.Entries, o)
		heading := ""
		if len(list) > 1 && !o.null {
			heading = a.text + ":\n"
			if i > 0 {
				heading = "\n" + heading
			}
		}
		return p.printListing(r, l, o, heading)
	})
}

// listAt lists the folder at r, or the file itself where r is no folder.
func listAt(ctx context.Context, r *remote) (*listing.Listing, error) {
	if r.path == "" {
		return r.List(ctx, "")
	}
	l, err := r.List(ctx, r.raw)
	_, refused := errors.AsType[*client.ReplyError](err)
	if err != nil && !refused {
		return nil, err
	}
	if err == nil && (len(l.Entries) > 0 || len(l.Unread) > 0 || l.Self > 0) {
		for i := range l.Entries { // LIST of a file may repeat the path
			l.Entries[i].Name = strings.TrimPrefix(l.Entries[i].Name, parentOf(r.raw)+"/")
		}
		return l, nil
	}
	// Refused, or empty: several servers list a name that does not exist as empty.
	e, serr := r.Stat(ctx, r.raw)
	switch {
	case serr == nil && e.Type != listing.Dir:
		return &listing.Listing{Entries: []listing.Entry{e}}, nil
	case err != nil:
		return nil, err
	case serr != nil && adviceOf(serr).Kind == client.KindNotFound:
		return nil, serr
	default:
		return l, nil
	}
}

// order sorts entries in place.
func order(entries []listing.Entry, o listOptions) {
	var compare func(a, b *listing.Entry) int
	switch o.order {
	case asSent:
		if o.reverse {
			slices.Reverse(entries)
		}
		return
	case bySize:
		compare = func(a, b *listing.Entry) int {
			return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(a.Name, b.Name))
		}
	case byTime:
		compare = func(a, b *listing.Entry) int {
			return cmp.Or(b.ModTime.Compare(a.ModTime), cmp.Compare(a.Name, b.Name))
		}
	default:
		compare = func(a, b *listing.Entry) int { return cmp.Compare(a.Name, b.Name) }
	}
	if o.reverse {
		forward := compare
		compare = func(a, b *listing.Entry) int { return forward(b, a) }
	}
	sortByIndex(entries, compare)
}

// sortByIndex sorts an index of entries and then moves each entry once: an Entry
// is large, and moving it at every step costs more than the comparison.
func sortByIndex(entries []listing.Entry, compare func(a, b *listing.Entry) int) {
	index := make([]int32, len(entries))
	sorted := true
	for i := range entries {
		index[i] = int32(i)
		sorted = sorted && (i == 0 || compare(&entries[i-1], &entries[i]) <= 0)
	}
	if sorted {
		return
	}
	slices.SortStableFunc(index, func(a, b int32) int { return compare(&entries[a], &entries[b]) })
	for i := range entries { // follow each cycle of the permutation
		if index[i] == int32(i) {
			continue
		}
		first, to := entries[i], i
		for from := int(index[to]); from != i; from = int(index[to]) {
			entries[to] = entries[from]
			index[to], to = int32(to), from
		}
		entries[to], index[to] = first, int32(to)
	}
}

// printListing writes a listing in the form that was asked for.
func (p *program) printListing(r *remote, l *listing.Listing, o listOptions, heading string) error {
	if p.opt.json {
		if err := writeListing(p.out, l.Entries, l.Unread, r.Text); err != nil {
			return err
		}
		b := []byte(`,"path":`)
		b = appendString(b, shownText(r.raw, r.Text))
		if l.Format != "" {
			b = append(b, `,"format":`...)
			b = appendString(b, l.Format)
		}
		b = append(b, `,"connection":`...)
		b = append(b, strings.TrimSuffix(string(marshal(p.connectionOf(r.Session))), "\n")...)
		_, err := p.out.Write(append(b, '}', '\n'))
		return err
	}
	if _, err := p.out.WriteString(heading); err != nil {
		return err
	}
	w := lister{decode: r.Text, zone: time.Local}
	if !o.names && !o.null {
		w.measure(l.Entries)
	}
	line := make([]byte, 0, 1024)
	for i := range l.Entries {
		e := &l.Entries[i]
		switch {
		case o.null:
			line = append(append(line[:0], e.Name...), 0)
		case o.names:
			line = append(w.appendName(line[:0], e.Name), '\n')
		default:
			line = w.appendLong(line[:0], e)
		}
		if _, err := p.out.Write(line); err != nil {
			return err
		}
	}
	p.warnUnread(l.Unread, r.Text)
	return nil
}

// warnUnread says which lines of a listing were not understood: an entry must
// never be lost in silence.
func (p *program) warnUnread(unread []string, decode func(string) string) {
	const shown = 10
	for i, line := range unread {
		if i == shown {
			p.errText(fmt.Sprintf("%s: %d more lines of the listing were not understood\n", name, len(unread)-shown))
			return
		}
		p.errText(name + ": a line of the listing was not understood: " + client.Printable(decode(line)) + "\n")
	}
}

// forEach runs do for every address, reports failures as they come, and goes on.
// With one address the error is returned as it is.
func (p *program) forEach(ctx context.Context, list []address, do func(ctx context.Context, a address, i int) error) error {
	if len(list) == 1 {
		return do(ctx, list[0], 0)
	}
	var failed failures
	for i, a := range list {
		err := do(ctx, a, i)
		if err == nil {
			failed.done++
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p.failed(&failed, a.text, err)
	}
	return failed.orNil()
}
