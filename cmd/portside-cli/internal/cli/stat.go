package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/client/listing"
)

func (p *program) statCommand() *cobra.Command {
	return p.command("stat ADDRESS...", "Say what is known of a file or folder", atLeast(1, "ADDRESS"),
		func(ctx context.Context, args []string) error {
			return p.change(ctx, args, func(ctx context.Context, r *remote) error {
				e, err := r.Stat(ctx, r.raw)
				if err != nil {
					return err
				}
				return p.printEntry(r, &e)
			})
		})
}

// printEntry writes all that is known of one entry.
func (p *program) printEntry(r *remote, e *listing.Entry) error {
	if p.opt.json {
		b := append([]byte(`{"path":`), appendString(nil, shownText(r.raw, r.Text))...)
		b = append(b, `,"entry":`...)
		b = appendEntry(b, e, r.Text)
		_, err := p.out.Write(append(b, '}', '\n'))
		return err
	}
	show := func(label, value string) error {
		if value == "" {
			return nil
		}
		_, err := fmt.Fprintf(p.out, "%-10s %s\n", label, client.Printable(value))
		return err
	}
	fields := [][2]string{
		{"path", r.Text(r.raw)},
		{"name", r.Text(e.Name)},
		{"type", e.Type.String()},
		{"target", r.Text(e.Target)},
		{"size", sizeText(e.Size)},
		{"modified", timeText(e)},
		{"mode", modeText(e.Mode)},
		{"owner", r.Text(e.Owner)},
		{"group", r.Text(e.Group)},
	}
	for _, f := range fields {
		if err := show(f[0], f[1]); err != nil {
			return err
		}
	}
	return nil
}

func sizeText(n int64) string {
	if n == listing.UnknownSize {
		return ""
	}
	return fmt.Sprintf("%d bytes", n)
}

// timeText shows an exact time with its zone, and any other as the server wrote it.
func timeText(e *listing.Entry) string {
	switch {
	case e.ModTime.IsZero():
		return ""
	case e.Precise:
		return e.ModTime.In(time.Local).Format("2006-01-02 15:04:05 -0700")
	default:
		return e.ModTime.Format("2006-01-02 15:04")
	}
}

func modeText(mode uint32) string {
	if mode == listing.ModeUnknown {
		return ""
	}
	return string(appendMode(nil, mode)) + " (" + string(appendPermissions(nil, mode)) + ")"
}
