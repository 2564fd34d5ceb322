package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portside/client"
	"portside/transfers"
	"portside/transfers/queue"
)

// queueManyCommand makes a command for entries, or with the option all for every
// one.
func (p *program) queueManyCommand(f *queueFlags, word, verb, short, all string) *cobra.Command {
	use, everything, now := word+" ID...", false, false
	if all != "" {
		use += " | --" + all
	}
	cmd := p.command(use, short, cobra.ArbitraryArgs, func(ctx context.Context, args []string) error {
		ids, err := entryIDs(args)
		switch {
		case err != nil:
			return err
		case everything == (len(ids) > 0) && all != "":
			return usagef("name entries, or give --%s", all)
		case len(ids) == 0 && !everything:
			return usagef("missing ID")
		}
		return p.steered(ctx, f, queue.Command{Verb: verb, IDs: ids, All: everything, Now: now})
	})
	if all == "failed" {
		cmd.Flags().BoolVar(&everything, all, false, "every entry that failed")
	} else if all != "" {
		cmd.Flags().BoolVar(&everything, all, false, "everything")
	}
	if verb == queue.CmdPause {
		cmd.Flags().BoolVar(&now, "now", false, "with --all: also stop the files that are under way")
	}
	return cmd
}

func (p *program) queueClearCommand(f *queueFlags) *cobra.Command {
	return p.command("clear", "Take all finished entries off the list", exactly(0, ""), func(ctx context.Context, _ []string) error {
		return p.steered(ctx, f, queue.Command{Verb: queue.CmdClear})
	})
}

// priorities are the words for them, the highest first.
var priorities = []string{"highest", "high", "normal", "low", "lowest"}

func priorityWord(p queue.Priority) string {
	if i := int(queue.Highest - p); i >= 0 && i < len(priorities) {
		return priorities[i]
	}
	return strconv.Itoa(int(p))
}

func parsePriority(s string) (queue.Priority, error) {
	i := slices.Index(priorities, strings.ToLower(s))
	if i < 0 {
		return 0, errors.New("must be " + strings.Join(priorities[:4], ", ") + " or lowest")
	}
	return queue.Highest - queue.Priority(i), nil
}

func (p *program) queuePriorityCommand(f *queueFlags) *cobra.Command {
	cmd := p.command("priority PRIORITY ID...", "Have entries done earlier or later than others", atLeast(2, "PRIORITY or ID"),
		func(ctx context.Context, args []string) error {
			pr, err := parsePriority(args[0])
			if err != nil {
				return usagef("the priority %w", err)
			}
			ids, err := entryIDs(args[1:])
			if err != nil {
				return err
			}
			return p.steered(ctx, f, queue.Command{Verb: queue.CmdPriority, Priority: pr, IDs: ids})
		})
	cmd.Long = "Give entries a priority: highest, high, normal, low or lowest."
	return cmd
}

func (p *program) queueMoveCommand(f *queueFlags) *cobra.Command {
	cmd := p.command("move top|up|down|bottom ID...", "Change the order of entries of one priority", atLeast(2, "WHERE or ID"),
		func(ctx context.Context, args []string) error {
			where := slices.Index([]string{"top", "up", "down", "bottom"}, strings.ToLower(args[0]))
			if where < 0 {
				return usagef("the place must be top, up, down or bottom")
			}
			ids, err := entryIDs(args[1:])
			if err != nil {
				return err
			}
			return p.steered(ctx, f, queue.Command{Verb: queue.CmdMove, Where: queue.Where(where), IDs: ids})
		})
	return cmd
}

func (p *program) queueAnswerCommand(f *queueFlags) *cobra.Command {
	forAll := false
	cmd := p.command("answer ID overwrite|newer|size|resume|rename|skip", "Say what to do with a target that is there already", exactly(2, "ID or ANSWER"),
		func(ctx context.Context, args []string) error {
			ids, err := entryIDs(args[:1])
			if err != nil {
				return err
			}
			rule, err := transfers.ParseExists(args[1])
			if err != nil || rule == transfers.Ask || rule == transfers.Fail {
				return usagef("the answer must be overwrite, newer, size, resume, rename or skip")
			}
			return p.steered(ctx, f, queue.Command{
				Verb: queue.CmdAnswer, IDs: ids, Decision: &transfers.Decision{Action: rule, ForAll: forAll},
			})
		})
	cmd.Long = "Answer an entry that waits since its target is there already: queue list --state asks shows them."
	cmd.Flags().BoolVar(&forAll, "for-all", false, "the answer for every download, or every upload, that asks")
	return cmd
}

// settings reads what is set, or the defaults where there is no queue yet.
func (p *program) settings(ctx context.Context, f *queueFlags) (l queue.Limits, s queue.Schedule, w queue.WhenDone, err error) {
	b, err := p.beside(ctx, f)
	if err != nil || b == nil {
		return l, s, w, err
	}
	defer func() { _ = b.Close() }()
	return b.Limits(), b.Schedule(), b.WhenDone(), nil
}

func (p *program) queueLimitsCommand(f *queueFlags) *cobra.Command {
	var want queue.Limits
	var cmd *cobra.Command
	cmd = p.command("limits", "Show or set how fast and over how many connections", exactly(0, ""),
		func(ctx context.Context, _ []string) error {
			l, _, _, err := p.settings(ctx, f)
			if err != nil {
				return err
			}
			given, changed := cmd.Flags().Changed, false
			for option, set := range map[string]func(){
				"down": func() { l.Down = want.Down }, "up": func() { l.Up = want.Up },
				"jobs": func() { l.Parallel = want.Parallel }, "per-site": func() { l.PerSite = want.PerSite },
			} {
				if given(option) {
					set()
					changed = true
				}
			}
			if l.Parallel < 0 || l.PerSite < 0 || l.Parallel > maxJobs || l.PerSite > maxJobs {
				return usagef("--jobs and --per-site must be from 1 to %d, or 0 for the default", maxJobs)
			}
			if changed {
				return p.steered(ctx, f, queue.Command{Verb: queue.CmdLimits, Limits: &l})
			}
			return p.showLimits(l)
		})
	cmd.Long = "Show the limits, or with options set them, at once and for later."
	cmd.Example = "  portside-cli queue limits --down 2M --up 500k\n  portside-cli queue limits --down 0 --jobs 4"
	fs := cmd.Flags()
	fs.Var(option(&want.Down, parseRate, "RATE"), "down", "bytes a second of all downloads (500k, 2M); 0: no limit")
	fs.Var(option(&want.Up, parseRate, "RATE"), "up", "bytes a second of all uploads; 0: no limit")
	fs.IntVar(&want.Parallel, "jobs", 0, "`N` connections at most; 0: the default")
	fs.IntVar(&want.PerSite, "per-site", 0, "`N` connections a server at most; 0: the default")
	return cmd
}

func (p *program) showLimits(l queue.Limits) error {
	if p.opt.json {
		return p.outJSON(l)
	}
	rate := func(n int64) string {
		if n == 0 {
			return "no limit"
		}
		return bytesText(n) + "/s"
	}
	count := func(n, def int) string {
		if n == 0 {
			return fmt.Sprintf("%d (default)", def)
		}
		return strconv.Itoa(n)
	}
	_, err := fmt.Fprintf(p.out, "down      %s\nup        %s\njobs      %s\nper site  %s\n",
		rate(l.Down), rate(l.Up), count(l.Parallel, queue.DefaultParallel), count(l.PerSite, queue.DefaultPerSite))
	return err
}

// weekdays are the names of the days as time.Weekday counts them.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (p *program) queueScheduleCommand(f *queueFlags) *cobra.Command {
	var from, to time.Duration
	var days []time.Weekday
	var always bool
	var cmd *cobra.Command
	cmd = p.command("schedule", "Show or set when transfers may run", exactly(0, ""), func(ctx context.Context, _ []string) error {
		given := cmd.Flags().Changed
		any := given("from") || given("to") || given("days")
		switch {
		case any && always:
			return usagef("--always excludes the other options")
		case given("from") != given("to"):
			return usagef("--from and --to belong together")
		case any || always:
			s := queue.Schedule{From: from, To: to, Days: days}
			return p.steered(ctx, f, queue.Command{Verb: queue.CmdSchedule, Schedule: &s})
		}
		_, s, _, err := p.settings(ctx, f)
		if err != nil {
			return err
		}
		return p.showSchedule(s)
	})
	cmd.Long = "Show when transfers may be started, or with options set it. What runs at the end of its time comes to its end."
	cmd.Example = "  portside-cli queue schedule --from 22:00 --to 06:00 --days mon,tue,wed,thu\n  portside-cli queue schedule --always"
	fs := cmd.Flags()
	fs.Var(option(&from, parseClock, "TIME"), "from", "start nothing before this time of the day, 22:00")
	fs.Var(option(&to, parseClock, "TIME"), "to", "start nothing after this time; before --from, on the next day")
	fs.Var(option(&days, parseDays, "LIST"), "days", "on these days only: mon,tue,wed,thu,fri,sat,sun")
	fs.BoolVar(&always, "always", false, "at any time")
	return cmd
}

// parseClock reads a time of the day as the time since midnight.
func parseClock(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, errors.New("must be a time of the day such as 22:00")
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

func parseDays(s string) (days []time.Weekday, err error) {
	for word := range strings.SplitSeq(s, ",") {
		i := slices.Index(weekdays, strings.ToLower(strings.TrimSpace(word)))
		if i < 0 {
			return nil, errors.New("must be days such as mon,tue,sat")
		}
		if !slices.Contains(days, time.Weekday(i)) {
			days = append(days, time.Weekday(i))
		}
	}
	return days, nil
}

// A scheduleJSON is the schedule as --json tells it.
type scheduleJSON struct {
	Always bool     `json:"always"`
	From   string   `json:"from,omitempty"`
	To     string   `json:"to,omitempty"`
	Days   []string `json:"days,omitempty"`
}

func (p *program) showSchedule(s queue.Schedule) error {
	clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
	j := scheduleJSON{Always: s.From == s.To && len(s.Days) == 0}
	if s.From != s.To {
		j.From, j.To = clock(s.From), clock(s.To)
	}
	for _, d := range s.Days {
		j.Days = append(j.Days, weekdays[d])
	}
	if p.opt.json {
		return p.outJSON(j)
	}
	text := "at any time"
	if j.From != "" {
		text = "from " + j.From + " to " + j.To
	}
	if len(j.Days) > 0 {
		text += " on " + strings.Join(j.Days, ", ")
	}
	_, err := p.out.WriteString(text + "\n")
	return err
}

func (p *program) queueWhenDoneCommand(f *queueFlags) *cobra.Command {
	cmd := p.command("when-done [none|notify|sound|quit|command PROGRAM [ARG...]]", "Show or set what happens when everything is done", cobra.ArbitraryArgs,
		func(ctx context.Context, args []string) error {
			if len(args) == 0 {
				_, _, w, err := p.settings(ctx, f)
				if err != nil {
					return err
				}
				return p.showWhenDone(w)
			}
			w := queue.WhenDone{Action: strings.ToLower(args[0]), Command: args[1:]}
			switch {
			case w.Action == queue.DoCommand && len(w.Command) == 0:
				return usagef("command needs a program")
			case w.Action != queue.DoCommand && len(w.Command) > 0:
				return usagef("%s takes no arguments", client.Printable(w.Action))
			case w.Action == "none":
				w.Action = queue.DoNothing
			case !slices.Contains([]string{queue.DoNotify, queue.DoSound, queue.DoQuit, queue.DoCommand}, w.Action):
				return usagef("it must be none, notify, sound, quit or command")
			}
			return p.steered(ctx, f, queue.Command{Verb: queue.CmdWhenDone, WhenDone: &w})
		})
	cmd.Long = `Show or set what the window, or "queue run", does when nothing is left to do: none,
notify, sound, quit, or command, which starts a program with its arguments, without
a shell. "queue run" ends in any case; of the others it knows sound and command.
An argument that begins with a dash goes after --.`
	return cmd
}

func (p *program) showWhenDone(w queue.WhenDone) error {
	if w.Action == queue.DoNothing {
		w.Action = "none"
	}
	if p.opt.json {
		return p.outJSON(w)
	}
	_, err := p.out.WriteString(client.Printable(strings.Join(append([]string{w.Action}, w.Command...), " ")) + "\n")
	return err
}
