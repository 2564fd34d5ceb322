package cli

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/transfers"
	"portside/transfers/queue"
	"portside/transfers/queue/store"
)

const queueHelp = `List and steer the transfers that are kept for later: the queue of the window.

Without the window the entries wait; "queue run" works them off in this terminal.
While the window, or another "queue run", has the queue open, lists are read beside
it, and changes are handed to it: it carries them out within a second. Where it does
not answer within three, the change is kept, and the program carries it out when it
can, or the next one that opens the queue.

Entries are named by the numbers that "queue list" shows. What is said of a folder
holds for all that was found in it. Passwords are never kept.`

// queueFlags are the options of all commands of queue.
type queueFlags struct{ file string }

func (p *program) queueCommand() *cobra.Command {
	f := &queueFlags{}
	cmd := p.command("queue", "List and steer the stored transfers", exactly(0, ""),
		func(ctx context.Context, _ []string) error {
			return p.queueList(ctx, f, listFlags{limit: defaultListed})
		})
	cmd.Long = queueHelp
	cmd.Example = `  portside-cli queue list --state failed
  portside-cli queue add get -r ftpes://mara@example.org/photos /home/mara/
  portside-cli queue run
  portside-cli queue limits --down 2M
  portside-cli queue retry --failed`
	cmd.PersistentFlags().StringVar(&f.file, "queue", "", "use the queue in `FILE` instead of the window's")
	cmd.AddCommand(
		p.queueListCommand(f), p.queueShowCommand(f), p.queueHistoryCommand(f), p.queueAddCommand(f), p.queueRunCommand(f),
		p.queueManyCommand(f, "pause", queue.CmdPause, "Hold entries back; with --all start nothing any more", "all"),
		p.queueManyCommand(f, "resume", queue.CmdResume, "Let paused entries go on; with --all end a pause of everything", "all"),
		p.queueManyCommand(f, "cancel", queue.CmdCancel, "End entries", "all"),
		p.queueManyCommand(f, "retry", queue.CmdRetry, "Run failed or cancelled entries again", "failed"),
		p.queueManyCommand(f, "skip", queue.CmdSkip, "Leave entries out", ""),
		p.queueManyCommand(f, "remove", queue.CmdRemove, "Take entries off the list", ""),
		p.queueClearCommand(f), p.queuePriorityCommand(f), p.queueMoveCommand(f), p.queueAnswerCommand(f),
		p.queueLimitsCommand(f), p.queueScheduleCommand(f), p.queueWhenDoneCommand(f), p.queuePathCommand(f),
	)
	return cmd
}

// path is the queue's file.
func (f *queueFlags) path() (string, error) {
	if f.file != "" {
		return f.file, nil
	}
	path, err := queue.DefaultPath()
	if err != nil {
		return "", &localError{op: "find the folder of the queue", err: err}
	}
	return path, nil
}

func (p *program) queuePathCommand(f *queueFlags) *cobra.Command {
	return p.command("path", "Print where the queue is kept", exactly(0, ""), func(context.Context, []string) error {
		path, err := f.path()
		if err != nil {
			return err
		}
		if p.opt.json {
			return p.outJSON(struct {
				Path string `json:"path"`
			}{path})
		}
		_, err = p.out.WriteString(path + "\n")
		return err
	})
}

// beside opens the queue for looking; nil where there is none yet.
func (p *program) beside(ctx context.Context, f *queueFlags) (*queue.Beside, error) {
	path, err := f.path()
	if err != nil {
		return nil, err
	}
	b, err := queue.OpenBeside(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, queueTrouble(err)
	}
	return b, nil
}

// queueTrouble says what is wrong with the queue's file.
func queueTrouble(err error) error {
	advice := client.Advice{Sentence: "The queue cannot be used: " + plainLocal(err) + ".", Kind: client.KindLocal}
	if _, ok := errors.AsType[*store.CorruptError](err); ok {
		advice.Next = "“" + name + " queue run”, like the window, sets the damaged file aside and goes on with what can be saved of it."
	}
	if _, ok := errors.AsType[*store.VersionError](err); ok {
		advice.Next = "Use the newer version of Portside, or another file with --queue."
	}
	if _, ok := errors.AsType[*store.HeldError](err); ok {
		advice.Sentence = "The queue is being worked off by another program, which is the window or a “queue run”."
		advice.Next = "Let that go on, or end it first."
	}
	return &adviceError{advice: advice, err: &localError{op: "use the queue", err: err}}
}

// answerWithin is how long a program that has the queue open is given to answer.
const answerWithin = 3 * time.Second

// steer carries out a command: by the program that has the queue open, or here.
// kept says that it will be done later.
func (p *program) steer(ctx context.Context, f *queueFlags, c queue.Command) (answer queue.Answer, kept bool, err error) {
	path, err := f.path()
	if err != nil {
		return answer, false, err
	}
	q, damage, err := queue.Open(ctx, queue.Options{
		Path: path,
		Dial: func(ctx context.Context, _ string) (transfers.RemoteCloser, error) {
			<-ctx.Done() // nothing is started here
			return nil, context.Cause(ctx)
		},
		DialRetries: -1,
	})
	if _, held := errors.AsType[*store.HeldError](err); held {
		return p.ask(ctx, f, c)
	}
	if err != nil {
		return answer, false, queueTrouble(err)
	}
	p.sayDamage(damage)
	answer, err = q.Do(ctx, c)
	cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	cerr := q.Close(cctx)
	if err == nil && cerr != nil {
		err = queueTrouble(cerr)
	}
	return answer, false, refusedAdvice(err)
}

// ask has the program that has the queue open carry out a command.
func (p *program) ask(ctx context.Context, f *queueFlags, c queue.Command) (answer queue.Answer, kept bool, err error) {
	b, err := p.beside(ctx, f)
	if err != nil {
		return answer, false, err
	}
	if b == nil { // it was just made
		return answer, false, &adviceError{advice: client.Advice{
			Sentence: "Another program is just making the queue.", Next: "Try again in a moment.", Kind: client.KindBusy,
		}}
	}
	defer func() { _ = b.Close() }()
	answer, err = b.Ask(ctx, c, answerWithin)
	if errors.Is(err, queue.ErrNoAnswer) {
		if !p.opt.quiet && !p.opt.json {
			p.errText(name + ": the program that has the queue open has not answered yet; the command is kept for it\n")
		}
		return answer, true, nil
	}
	return answer, false, refusedAdvice(err)
}

// refusedAdvice says why a command was not carried out.
func refusedAdvice(err error) error {
	refused, ok := errors.AsType[*queue.RefusedError](err)
	if !ok {
		return err
	}
	text := refused.Why
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	return &adviceError{advice: client.Advice{
		Sentence: endSentence(text), Next: "See: " + name + " queue list", Kind: client.KindOther,
	}, err: err}
}

// sayDamage tells that the file was damaged and set aside.
func (p *program) sayDamage(d *store.Damage) {
	switch {
	case d == nil || p.opt.quiet:
	case p.opt.json:
		p.errJSON(warningJSON{Warning: d.Error()})
	default:
		p.errText(name + ": " + client.Printable(d.Error()) + "\n")
	}
}

// A steeredJSON is the result of a command that changes the queue.
type steeredJSON struct {
	Done string  `json:"done"`
	IDs  []int64 `json:"ids,omitempty"`
	Kept bool    `json:"kept,omitempty"` // the program that has the queue has not answered yet
}

// steered carries out a command and reports it.
func (p *program) steered(ctx context.Context, f *queueFlags, c queue.Command) error {
	answer, kept, err := p.steer(ctx, f, c)
	if err != nil {
		return err
	}
	ids := c.IDs
	if c.Verb == queue.CmdAdd {
		ids = answer.IDs
	}
	if p.opt.json {
		return p.outJSON(steeredJSON{Done: c.Verb, IDs: ids, Kept: kept})
	}
	if c.Verb == queue.CmdAdd {
		for _, id := range ids {
			if _, err = p.out.WriteString(strconv.FormatInt(id, 10) + "\n"); err != nil {
				return err
			}
		}
	}
	return nil
}

// entryIDs reads the numbers of entries.
func entryIDs(args []string) ([]int64, error) {
	ids := make([]int64, len(args))
	for i, s := range args {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 {
			return nil, usagef("%q is no number of an entry; queue list shows them", client.Printable(s))
		}
		ids[i] = n
	}
	return ids, nil
}
