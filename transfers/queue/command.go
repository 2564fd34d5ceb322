package queue

import (
	"context"
	"errors"
	"fmt"

	"portside/transfers"
	"portside/transfers/queue/store"
)

// What a Command asks for.
const (
	CmdAdd        = "add"
	CmdPause      = "pause"  // IDs, or All
	CmdResume     = "resume" // IDs, or All
	CmdCancel     = "cancel" // IDs, or All
	CmdRetry      = "retry"  // IDs, or All that failed
	CmdSkip       = "skip"
	CmdRemove     = "remove"
	CmdClear      = "clear" // the finished ones
	CmdPriority   = "priority"
	CmdMove       = "move"
	CmdAnswer     = "answer"
	CmdLimits     = "limits"
	CmdSchedule   = "schedule"
	CmdWhenDone   = "when-done"
	CmdResumeSite = "resume-site"
	CmdActive     = "active" // asks what runs
)

// A Command asks a queue for one thing, also from another program.
type Command struct {
	Verb     string              `json:"verb"`
	IDs      []int64             `json:"ids,omitempty"`
	All      bool                `json:"all,omitempty"`
	Now      bool                `json:"now,omitempty"` // CmdPause of All: stop what runs
	Sites    []Site              `json:"sites,omitempty"`
	Jobs     []CommandJob        `json:"jobs,omitempty"`
	Priority Priority            `json:"priority,omitempty"`
	Where    Where               `json:"where,omitempty"`
	Decision *transfers.Decision `json:"decision,omitempty"`
	Limits   *Limits             `json:"limits,omitempty"`
	Schedule *Schedule           `json:"schedule,omitempty"`
	WhenDone *WhenDone           `json:"whenDone,omitempty"`
	Site     string              `json:"site,omitempty"`
}

// A CommandJob is a Job whose raw paths survive JSON.
type CommandJob struct {
	Job         Job    `json:"job"`
	RawRemote   []byte `json:"remote"`
	RawToRemote []byte `json:"toRemote,omitempty"`
}

// CommandJobOf makes job ready for a Command.
func CommandJobOf(job Job) CommandJob {
	c := CommandJob{Job: job, RawRemote: []byte(job.Remote), RawToRemote: []byte(job.ToRemote)}
	c.Job.Remote, c.Job.ToRemote = "", ""
	return c
}

func (c CommandJob) job() Job {
	job := c.Job
	job.Remote, job.ToRemote = string(c.RawRemote), string(c.RawToRemote)
	return job
}

// An Answer is what became of a Command.
type Answer struct {
	IDs     []int64 `json:"ids,omitempty"`     // of CmdAdd
	Running []int64 `json:"running,omitempty"` // of CmdActive
	Refused string  `json:"refused,omitempty"` // why nothing was done; a clause
}

// A RefusedError is a Command that was not carried out.
type RefusedError struct{ Why string }

// Error returns why.
func (e *RefusedError) Error() string { return e.Why }

// Do carries a command out. What was not carried out is an error.
func (q *Queue) Do(ctx context.Context, c Command) (Answer, error) {
	for _, id := range c.IDs {
		rows, err := q.st.Get(ctx, id)
		if err != nil {
			return Answer{}, err
		}
		if len(rows) == 0 {
			return Answer{}, &RefusedError{Why: fmt.Sprintf("there is no entry %d in the queue", id)}
		}
	}
	switch c.Verb {
	case CmdAdd:
		return q.doAdd(ctx, c)
	case CmdActive:
		var a Answer
		for _, it := range q.Active() {
			a.Running = append(a.Running, it.ID)
		}
		return a, nil
	case CmdLimits, CmdSchedule, CmdWhenDone, CmdClear, CmdResumeSite:
		return Answer{}, q.doSetting(ctx, c)
	}
	if c.All {
		return Answer{}, q.doAll(ctx, c)
	}
	if len(c.IDs) == 0 {
		return Answer{}, &RefusedError{Why: "the command names no entry"}
	}
	return Answer{}, q.doEach(ctx, c)
}

func (q *Queue) doAdd(ctx context.Context, c Command) (Answer, error) {
	for _, s := range c.Sites {
		if err := q.AddSite(ctx, s); err != nil {
			return Answer{}, err
		}
	}
	jobs := make([]Job, len(c.Jobs))
	for i, j := range c.Jobs {
		jobs[i] = j.job()
	}
	ids, err := q.Add(ctx, jobs...)
	return Answer{IDs: ids}, err
}

// doSetting carries out what is about no entry.
func (q *Queue) doSetting(ctx context.Context, c Command) error {
	switch {
	case c.Verb == CmdLimits && c.Limits != nil:
		return q.SetLimits(ctx, *c.Limits)
	case c.Verb == CmdSchedule && c.Schedule != nil:
		return q.SetSchedule(ctx, *c.Schedule)
	case c.Verb == CmdWhenDone && c.WhenDone != nil:
		return q.SetWhenDone(ctx, *c.WhenDone)
	case c.Verb == CmdClear:
		return q.Clear(ctx)
	case c.Verb == CmdResumeSite:
		q.ResumeSite(c.Site)
		return nil
	default:
		return &RefusedError{Why: "the command says nothing"}
	}
}

// doAll carries out what is about all entries.
func (q *Queue) doAll(ctx context.Context, c Command) error {
	switch c.Verb {
	case CmdPause:
		return q.PauseAll(ctx, c.Now)
	case CmdResume:
		return q.ResumeAll(ctx)
	case CmdCancel:
		return q.CancelAll(ctx)
	case CmdRetry:
		return q.RetryFailed(ctx)
	default:
		return &RefusedError{Why: "it cannot be done to all entries at once"}
	}
}

// doEach carries out what is about some entries.
func (q *Queue) doEach(ctx context.Context, c Command) error {
	switch c.Verb {
	case CmdPause:
		return q.Pause(ctx, c.IDs...)
	case CmdResume:
		return q.Resume(ctx, c.IDs...)
	case CmdCancel:
		return q.Cancel(ctx, c.IDs...)
	case CmdRetry:
		return q.Retry(ctx, c.IDs...)
	case CmdSkip:
		return q.Skip(ctx, c.IDs...)
	case CmdRemove:
		return q.Remove(ctx, c.IDs...)
	case CmdPriority:
		return q.SetPriority(ctx, c.Priority, c.IDs...)
	case CmdMove:
		return q.Move(ctx, c.Where, c.IDs...)
	case CmdAnswer:
		return q.doAnswer(ctx, c)
	default:
		return &RefusedError{Why: "this program does not know the command"}
	}
}

func (q *Queue) doAnswer(ctx context.Context, c Command) error {
	if c.Decision == nil {
		return &RefusedError{Why: "the command says nothing"}
	}
	for _, id := range c.IDs {
		asked, err := q.Answer(ctx, id, *c.Decision)
		if err != nil {
			return err
		}
		if !asked {
			return &RefusedError{Why: fmt.Sprintf("entry %d does not ask for an answer", id)}
		}
	}
	return nil
}

// refusal is the clause that tells another program why a command failed.
func refusal(err error) string {
	if je, ok := errors.AsType[*JobError](err); ok {
		return je.Error()
	}
	if fe, ok := errors.AsType[*store.FullError](err); ok {
		return fe.Error()
	}
	return err.Error()
}
