package state

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"portside/client"
	"portside/client/diagnose"
)

// DiagnosisHeadline is the first sentence of a finished diagnosis, with how grave
// it is, and what follows from it, which may be empty.
func DiagnosisHeadline(r *diagnose.Report) (s diagnose.Severity, headline, next string) {
	summary := client.Printable(diagnose.Summary(r))
	if len(r.Verdicts) > 0 && r.Verdicts[0].Severity >= diagnose.Warning {
		headline = client.Printable(r.Verdicts[0].Sentence)
		if summary != headline {
			next = summary
		}
		return r.Verdicts[0].Severity, headline, next
	}
	switch {
	case r.Error != "":
		return diagnose.Failure, summary, client.Printable(r.Error)
	case r.Stopped != "" || !anyWorks(r):
		return diagnose.Note, summary, ""
	case len(r.Verdicts) > 0 && r.Verdicts[0].Severity == diagnose.Note:
		return diagnose.OK, summary, client.Printable(r.Verdicts[0].Sentence)
	}
	return diagnose.OK, "Everything works.", summary
}

func anyWorks(r *diagnose.Report) bool {
	return slices.ContainsFunc(r.Methods, func(a diagnose.Attempt) bool { return a.Result == diagnose.Works })
}

// DiagnosisFacts says from where to where and when the diagnosis was made.
func DiagnosisFacts(r *diagnose.Report, zone *time.Location) string {
	parts := []string{}
	if !r.Started.IsZero() {
		parts = append(parts, "Checked on "+r.Started.In(zone).Format("2006-01-02 at 15:04:05"))
	}
	if t := time.Duration(r.Took); t > 0 {
		parts = append(parts, "in "+shortTime(t))
	}
	s := strings.Join(parts, " ")
	if r.Stopped != "" {
		s += " · stopped early: " + client.Printable(r.Stopped)
	}
	if r.TLS != nil {
		s += " · " + client.Printable(r.TLS.Version)
	}
	if r.Server.Software != "" {
		s += " · " + client.Printable(r.Server.Software)
	}
	return strings.TrimPrefix(s, " · ")
}

// ActorText says who has to act on a verdict.
func ActorText(actor string) string {
	switch actor {
	case "", diagnose.ActNobody:
		return "Nobody has to act"
	case diagnose.ActYou:
		return "You can act"
	case diagnose.ActNetwork:
		return "For the administrator of your network"
	case diagnose.ActProvider:
		return "For the hosting provider"
	}
	return "For the " + client.Printable(actor)
}

// ConfidenceText says how sure a verdict is, nothing where it is certain.
func ConfidenceText(confidence string) string {
	switch confidence {
	case "", "certain":
		return ""
	}
	return client.Printable(confidence)
}

// ModeButton is what the button says that takes a verdict's mode over.
func ModeButton(mode string) string {
	m, err := client.ParseMode(mode)
	if mode == "" || err != nil {
		return ""
	}
	switch m {
	case client.Auto:
		return "Find the way automatically for this site"
	case client.Passive:
		return "Use passive mode for this site"
	case client.Active:
		return "Use active mode for this site"
	case client.EPSV, client.PASV, client.EPRT, client.PORT:
	}
	return "Use " + strings.ToUpper(m.String()) + " for this site"
}

// ProbeTime writes how long a step took, nothing where it did not run.
func ProbeTime(p diagnose.Probe) string {
	if p.State != "done" || p.Took <= 0 {
		return ""
	}
	return shortTime(time.Duration(p.Took))
}

// DiagnosisProgress sums up steps: how many are over, and the one that runs.
func DiagnosisProgress(probes []diagnose.Probe) (done int, running string) {
	for _, p := range probes {
		switch p.State {
		case "done", "skipped":
			done++
		case "running":
			running = client.Printable(p.Title)
		}
	}
	return done, running
}

// StepsText sums up the steps of a finished diagnosis: "14 steps, 2 failed".
func StepsText(probes []diagnose.Probe) string {
	failed, skipped := 0, 0
	for _, p := range probes {
		switch {
		case p.State == "skipped":
			skipped++
		case p.Result == diagnose.Fails:
			failed++
		}
	}
	s := Counted(len(probes), "step", "steps")
	if failed > 0 {
		s += fmt.Sprintf(", %d failed", failed)
	}
	if skipped > 0 {
		s += fmt.Sprintf(", %d left out", skipped)
	}
	return s
}

// MergeProbe puts a step's newest state into the list, in place of the older.
func MergeProbe(probes []diagnose.Probe, p diagnose.Probe) []diagnose.Probe {
	for i := range probes {
		if probes[i].ID == p.ID {
			probes[i] = p
			return probes
		}
	}
	return append(probes, p)
}
