package queue

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"portside/transfers"
	"portside/transfers/queue/store"
)

// obeyEvery is how often a queue looks for commands of other programs.
const obeyEvery = 250 * time.Millisecond

// obey carries out what other programs ask for in the queue's file, until ctx
// ends.
func (q *Queue) obey(ctx context.Context) {
	if q.st.PrepareCommands(ctx) != nil {
		return // a full or damaged disk shows elsewhere; the commands stay in the file
	}
	tick := time.NewTicker(obeyEvery)
	defer tick.Stop()
	for {
		q.obeyOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// obeyOnce carries out what is asked at the moment.
func (q *Queue) obeyOnce(ctx context.Context) {
	list, err := q.st.Commands(ctx)
	if err != nil {
		return // shows elsewhere
	}
	for _, posted := range list {
		var c Command
		var a Answer
		if err = json.Unmarshal(posted.Text, &c); err != nil {
			err = &RefusedError{Why: "the command cannot be read"}
		} else {
			a, err = q.Do(ctx, c)
		}
		if ctx.Err() != nil {
			return // it is carried out the next time
		}
		if err != nil {
			a = Answer{Refused: refusal(err)}
		}
		text, err := json.Marshal(a)
		if err == nil {
			err = q.st.AnswerCommand(ctx, posted.ID, text)
		}
		if err != nil {
			return
		}
	}
}

// Beside looks at the file of a queue that may be open in another program, and
// asks that program for changes. Its counts are those of the moment of opening.
type Beside struct {
	file *store.Beside
	view *Queue // without workers
}

// OpenBeside opens the queue's file for looking. Errors are those of
// store.OpenBeside; fs.ErrNotExist where there is no queue yet.
func OpenBeside(ctx context.Context, path string) (*Beside, error) {
	opt := Options{Path: path}.withDefaults()
	file, err := store.OpenBeside(ctx, store.Options{
		Path: path, Pending: []uint8{uint8(Queued), uint8(Waiting)}, Finished: finishedStates(),
		KeepDone: opt.KeepDone, KeepFor: opt.KeepFor, Now: opt.Now,
	})
	if err != nil {
		return nil, err
	}
	q := &Queue{
		opt: opt, st: file.Reader(), down: transfers.NewLimiter(0), up: transfers.NewLimiter(0),
		byKey: make(map[string]*siteRun), byID: make(map[int64]*siteRun), active: make(map[int64]*entry),
	}
	if err = q.load(ctx); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Beside{file: file, view: q}, nil
}

// Held reports whether a program has the queue open at the moment.
func (b *Beside) Held() bool { return b.file.Held() }

// Close ends it.
func (b *Beside) Close() error { return b.file.Close() }

// List is Queue.List; what runs is shown as queued.
func (b *Beside) List(ctx context.Context, f Filter, offset, limit int) ([]Item, int, error) {
	return b.view.List(ctx, f, offset, limit)
}

// Items is Queue.Items.
func (b *Beside) Items(ctx context.Context, ids ...int64) ([]Item, error) {
	return b.view.Items(ctx, ids...)
}

// Counts is Queue.Counts, without speeds.
func (b *Beside) Counts(ctx context.Context) (Counts, error) { return b.view.Counts(ctx) }

// Limits is Queue.Limits.
func (b *Beside) Limits() Limits { return b.view.Limits() }

// Schedule is Queue.Schedule.
func (b *Beside) Schedule() Schedule { return b.view.Schedule() }

// WhenDone is Queue.WhenDone.
func (b *Beside) WhenDone() WhenDone { return b.view.WhenDone() }

// Paused is Queue.Paused.
func (b *Beside) Paused() bool { return b.view.Paused() }

// Sites returns the sites that the queue knows.
func (b *Beside) Sites() []Site {
	list := make([]Site, len(b.view.sites))
	for i, s := range b.view.sites {
		list[i] = s.site
	}
	return list
}

// ErrNoAnswer says that no program has answered a command yet. It is kept, and
// carried out by the next that opens the queue.
var ErrNoAnswer = errors.New("no program has answered yet")

// askEvery is how often Ask looks for the answer.
const askEvery = 50 * time.Millisecond

// Ask has the program that holds the queue carry out a command, and waits for
// its answer, no longer than patience: ErrNoAnswer then. What was refused is a
// *RefusedError. A question, CmdActive, is withdrawn where nobody answers.
func (b *Beside) Ask(ctx context.Context, c Command, patience time.Duration) (Answer, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return Answer{}, err
	}
	id, err := b.file.Post(ctx, text)
	if err != nil {
		return Answer{}, err
	}
	over := time.NewTimer(patience)
	defer over.Stop()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		said, err := b.file.Answer(ctx, id)
		if err != nil {
			return Answer{}, err
		}
		if said != nil {
			return readAnswer(said)
		}
		select {
		case <-tick.C:
		case <-over.C:
			if c.Verb == CmdActive {
				_, err = b.file.Withdraw(ctx, id)
			}
			return Answer{}, errors.Join(ErrNoAnswer, err)
		case <-ctx.Done():
			return Answer{}, context.Cause(ctx)
		}
	}
}

func readAnswer(text []byte) (Answer, error) {
	var a Answer
	if err := json.Unmarshal(text, &a); err != nil {
		return Answer{}, err
	}
	if a.Refused != "" {
		return Answer{}, &RefusedError{Why: a.Refused}
	}
	return a, nil
}
