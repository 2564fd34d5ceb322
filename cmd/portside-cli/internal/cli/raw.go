package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"portside/client"
)

const rawHelp = `Send one command to the server as it is typed, and print the reply.

The words after the address are joined with blanks. Without any, every line of
stdin is one command. Commands that move data (LIST, RETR, STOR, …) and those
that change the login or the protection of the connection are refused. The exit
code is that of an error where the server refuses the last command.`

func (p *program) rawCommand() *cobra.Command {
	cmd := p.command("raw ADDRESS [COMMAND...]", "Send a command as it is typed", atLeast(1, "ADDRESS"),
		func(ctx context.Context, args []string) error { return p.raw(ctx, args) })
	cmd.Long = rawHelp
	cmd.Example = `  portside-cli raw ftp://mara@example.org/ SITE HELP
  printf 'SYST\nSTAT\n' | portside-cli raw ftp://mara@example.org/`
	cmd.Flags().SetInterspersed(true)
	return cmd
}

// raw sends the commands.
func (p *program) raw(ctx context.Context, args []string) error {
	r, err := p.openArg(ctx, args[0])
	if err != nil {
		return err
	}
	if len(args) > 1 {
		return p.rawLine(ctx, r, strings.Join(args[1:], " "))
	}
	sc := bufio.NewScanner(p.app.Stdin)
	for sc.Scan() {
		line := strings.TrimRight(sc.Text(), "\r")
		if line == "" {
			continue
		}
		err = p.rawLine(ctx, r, line)
		if err != nil && r.Err() != nil {
			return err
		}
	}
	if serr := sc.Err(); serr != nil {
		return &localError{op: "read commands from standard input", err: serr}
	}
	return err
}

// replyJSON is the reply to one raw command.
type replyJSON struct {
	Command string   `json:"command"`
	Code    int      `json:"code"`
	Lines   []string `json:"lines"`
}

// rawLine sends one command and prints the reply.
func (p *program) rawLine(ctx context.Context, r *remote, line string) error {
	if strings.TrimSpace(line) == "" {
		return usagef("an empty command")
	}
	wire, err := r.Encode(line)
	if err != nil {
		return &usageError{err: err}
	}
	reply, err := r.Raw(ctx, wire)
	if errors.Is(err, client.ErrUnsupported) && r.Err() == nil {
		verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		return usagef("%s moves data or changes the footing of the session, for which there are commands of their own", strings.ToUpper(verb))
	}
	if err != nil && reply.Code == 0 {
		return err
	}
	if perr := p.printReply(r, line, reply); perr != nil {
		return perr
	}
	if err == nil && reply.Code >= 400 {
		verb, _, _ := strings.Cut(line, " ")
		err = &client.ReplyError{Verb: strings.ToUpper(verb), Reply: reply}
	}
	return err
}

func (p *program) printReply(r *remote, line string, reply client.Reply) error {
	if p.opt.json {
		out := replyJSON{Command: maskedCommand(line), Code: reply.Code, Lines: make([]string, 0, len(reply.Lines))}
		for _, l := range reply.Lines {
			out.Lines = append(out.Lines, p.mask(r.Text(l)))
		}
		return p.outJSON(out)
	}
	for i, l := range reply.Lines {
		dash := "-"
		if i == len(reply.Lines)-1 {
			dash = " "
		}
		if _, err := fmt.Fprintf(p.out, "%d%s%s\n", reply.Code, dash, client.Printable(p.mask(r.Text(l)))); err != nil {
			return err
		}
	}
	return nil
}

// maskedCommand is a command as it may be shown.
func maskedCommand(line string) string {
	verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch strings.ToUpper(verb) {
	case "PASS", "ACCT":
		return strings.ToUpper(verb) + " ****"
	default:
		return line
	}
}
