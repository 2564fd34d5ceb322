package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/listing"
)

const parseListingHelp = `Read the text of a LIST or MLSD reply on stdin, and print it as JSON:

    {"entries":[{"name","name_b64","type","size","target","target_b64","mode",
                 "owner","group","mtime","raw","raw_b64"}],"unread":[…]}

type is file, dir, link or other. What the line does not say is left out. name,
target and raw are text; where that does not hold the bytes of the name, the
field with _b64 does, in base64. mode is octal ("0644"), mtime is in UTC
(RFC 3339). Lines that cannot be read are in unread.

--charset says how to decode names.`

// parseOptions are the options of parse-listing.
type parseOptions struct {
	kind   listing.Kind
	now    time.Time
	system string
}

func (p *program) parseListingCommand() *cobra.Command {
	var o parseOptions
	cmd := p.command("parse-listing [options]", "Read the text of a listing on stdin", exactly(0, ""),
		func(context.Context, []string) error { return p.parseListing(o) })
	cmd.Long = parseListingHelp
	cmd.Example = `  curl -s ftp://ftp.example.org/pub/ | portside-cli parse-listing --kind list`
	fs := cmd.Flags()
	fs.Var(option(&o.kind, parseKind, "KIND"), "kind", "list or mlsd; default: found out from the text")
	fs.Var(option(&o.now, parseNow, "TIME"), "now", "time of the listing, for dates without a year (2026-11-23 or RFC 3339); default now")
	fs.StringVar(&o.system, "system", "", "reply of the server to SYST, a `HINT` to the format")
	return cmd
}

func parseKind(s string) (listing.Kind, error) {
	switch strings.ToLower(s) {
	case "list":
		return listing.LIST, nil
	case "mlsd":
		return listing.MLSD, nil
	case "auto":
		return listing.Auto, nil
	default:
		return 0, fmt.Errorf("must be list or mlsd")
	}
}

// parseNow reads RFC 3339, or a date with or without a time, then in UTC.
func parseNow(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly, "2006-01-02T15:04:05", time.DateTime} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("must be a date (2026-11-23) or a time (2026-11-23T12:00:00Z)")
}

// parseListing reads stdin and prints what it holds.
func (p *program) parseListing(o parseOptions) error {
	in := &errorReader{r: p.app.Stdin}
	l, err := listing.Parse(in, listing.Options{
		Kind: o.kind, Now: o.now, System: o.system, Charset: string(p.opt.charset),
	})
	if err != nil {
		if le := in.err; le != nil {
			return &localError{op: "read standard input", err: le}
		}
		return &adviceError{advice: client.Advice{Sentence: "The listing is too large: " + err.Error() + ".", Kind: client.KindOther}, err: err}
	}
	if err = writeListing(p.out, l.Entries, l.Unread, p.opt.charset.text); err != nil {
		return err
	}
	_, err = p.out.WriteString("}\n")
	return err
}

// An errorReader keeps the error of r, so that it can be told from one of the parser.
type errorReader struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (e *errorReader) Read(b []byte) (int, error) {
	n, err := e.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		e.err = err
	}
	return n, err
}
