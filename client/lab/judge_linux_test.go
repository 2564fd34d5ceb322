package lab

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"portside/client/diagnose"
)

// exitData is the exit code of portside-cli where there is no data connection.
const exitData = 8

// wayErrors says what portside-cli did wrong with no option given, and with
// --mode active.
func (r *result) wayErrors(sc *scene) []string {
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if r.Cold.Seconds > sc.truth.cold {
		add("the first listing took %.2f s, want at most %.0f s", r.Cold.Seconds, sc.truth.cold)
	}
	switch {
	case len(sc.truth.finds) == 0:
		if want := cmp.Or(sc.truth.exit, exitData); r.Cold.Exit != want {
			add("ls ends with %d where nothing works, want %d: %s", r.Cold.Exit, want, r.Cold.Err)
		}
	case !r.Cold.ok():
		add("ls failed: exit %d, %s %s", r.Cold.Exit, r.Cold.Wrong, r.Cold.Err)
	default:
		wrong = append(wrong, r.methodErrors(sc)...)
	}
	switch a := r.Active; {
	case a == nil:
	case sc.activeWorks() && !a.ok():
		add("--mode active where it works: exit %d after %.1f s, %s %s", a.Exit, a.Seconds, a.Wrong, a.Err)
	case !sc.activeWorks() && (a.Seconds > activeLimit || a.Exit != exitData || a.Err == ""):
		add("--mode active where it is blocked: exit %d after %.1f s, want %d within %.0f s: %s", a.Exit, a.Seconds, exitData, activeLimit, a.Err)
	}
	if sc.stranger {
		wrong = append(wrong, r.strangerErrors()...)
	}
	return wrong
}

// methodErrors are about what came after a first listing.
func (r *result) methodErrors(sc *scene) []string {
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if !slices.Contains(sc.truth.finds, r.Cold.Method) {
		add("the first listing came by %q, want one of %v", r.Cold.Method, sc.truth.finds)
	}
	for _, c := range r.Warm {
		if !c.ok() || !slices.Contains(sc.truth.finds, c.Method) {
			add("listing from memory: exit %d by %q, want one of %v: %s %s", c.Exit, c.Method, sc.truth.finds, c.Wrong, c.Err)
		}
	}
	if l := r.Later; l != nil && (!l.ok() || !slices.Contains(sc.truth.later, l.Method) || l.Seconds > coldLimit) {
		add("once the network has changed: exit %d by %q after %.1f s, want one of %v within %.0f s: %s",
			l.Exit, l.Method, l.Seconds, sc.truth.later, coldLimit, l.Err)
	}
	if sc.stall {
		return wrong
	}
	for name, c := range map[string]call{"get": r.Get, "put": r.Put} {
		if !c.ok() {
			add("%s failed: exit %d, %s %s", name, c.Exit, c.Wrong, c.Err)
		}
	}
	return wrong
}

// secretErrors says where the password is to be read.
func (r *result) secretErrors() []string {
	var wrong []string
	for _, c := range r.calls() {
		if strings.Contains(c.Transcript, password) || strings.Contains(c.Err, password) {
			wrong = append(wrong, fmt.Sprintf("%q shows the password:\n%s\n%s", c.Args[0], c.Err, c.Transcript))
		}
	}
	report, err := json.Marshal(r.Report)
	if err != nil || bytes.Contains(report, []byte(password)) {
		wrong = append(wrong, fmt.Sprintf("the report shows the password: %s, %v", report, err))
	}
	return wrong
}

// calls lists all runs of portside-cli.
func (r *result) calls() []call {
	all := append([]call{r.Cold, r.Get, r.Put}, r.Warm...)
	for _, c := range []*call{r.Later, r.Active} {
		if c != nil {
			all = append(all, *c)
		}
	}
	return slices.DeleteFunc(append(all, r.Judged), func(c call) bool { return len(c.Args) == 0 })
}

// strangerErrors are about a stranger at our active port: refused, noted in
// the transcript and in the report, and the transfer goes on.
func (r *result) strangerErrors() []string {
	var wrong []string
	if r.Active == nil || !r.Active.ok() {
		return []string{"--mode active with a stranger at the port failed"}
	}
	if !strings.Contains(r.Active.Transcript, strangerAddr) {
		wrong = append(wrong, "the transcript does not name the stranger "+strangerAddr+":\n"+r.Active.Transcript)
	}
	if r.Report == nil {
		return wrong
	}
	for _, a := range r.Report.Methods {
		for _, s := range a.Strangers {
			if s.Addr().String() == strangerAddr {
				return wrong
			}
		}
	}
	return append(wrong, "the report does not name the stranger")
}

// verdictErrors says which verdicts of diagnose are not the truth.
func (r *result) verdictErrors(sc *scene) []string {
	if r.Report == nil {
		return []string{fmt.Sprintf("no report: exit %d, %s %s", r.Judged.Exit, r.Judged.Wrong, r.Judged.Err)}
	}
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, code := range sc.truth.must {
		if !hasVerdict(r.Report, code) {
			add("diagnose does not say %s", code)
		}
	}
	expected := slices.Concat(sc.truth.must, sc.truth.either, sc.truth.may)
	if len(sc.truth.either) > 0 && !slices.ContainsFunc(sc.truth.either, func(code string) bool { return hasVerdict(r.Report, code) }) {
		add("diagnose says none of %v", sc.truth.either)
	}
	for _, v := range r.Report.Verdicts {
		switch {
		case slices.Contains(expected, v.Code):
		case v.Code == diagnose.Inconclusive:
			if sc.truth.unsure == "" {
				add("diagnose says %s: %s %q", v.Code, v.Sentence, v.Evidence)
			}
		case v.Severity >= diagnose.Warning || v.Code == diagnose.PASVOK || v.Code == diagnose.ActiveOK:
			add("diagnose says %s (%s), which is wrong: %s %q", v.Code, v.Severity, v.Sentence, v.Evidence)
		}
	}
	wrong = append(wrong, r.adviceErrors(sc)...)
	most := budget
	if slices.Equal(sc.truth.exits, allWell) {
		most = wellBudget
	}
	if r.Judged.Seconds > most {
		add("diagnose took %.1f s, want %.0f s at most", r.Judged.Seconds, most)
	}
	if !slices.Contains(sc.truth.exits, r.Judged.Exit) {
		add("diagnose ends with %d, want one of %v", r.Judged.Exit, sc.truth.exits)
	}
	return wrong
}

// adviceErrors says where diagnose sends its reader to the wrong person, or
// recommends a mode that does not work.
func (r *result) adviceErrors(sc *scene) []string {
	var wrong []string
	for _, v := range r.Report.Verdicts {
		if want, ok := sc.truth.who[v.Code]; ok && !slices.Contains(want, v.Actor) {
			wrong = append(wrong, fmt.Sprintf("on %s diagnose sends to %q, want one of %q", v.Code, v.Actor, want))
		}
	}
	finds := sc.truth.finds
	if sc.truth.later != nil {
		finds = sc.truth.later
	}
	works := []string{}
	for _, m := range finds {
		works = append(works, strings.ToLower(m), "auto")
	}
	if slices.ContainsFunc(finds, func(m string) bool { return slices.Contains(passiveWay, m) }) {
		works = append(works, "passive")
	}
	if sc.activeWorks() {
		works = append(works, "active", "eprt", "port")
	}
	if len(works) == 0 {
		works = append(works, "")
	}
	if !slices.Contains(works, r.Report.Recommended) {
		wrong = append(wrong, fmt.Sprintf("diagnose recommends mode %q, which does not work; want one of %q", r.Report.Recommended, works))
	}
	return wrong
}

func hasVerdict(r *diagnose.Report, code string) bool {
	return slices.ContainsFunc(r.Verdicts, func(v diagnose.Verdict) bool { return v.Code == code })
}

// warm is the median time of the listings from memory, in seconds; 0 where
// there are none.
func (r *result) warm() float64 {
	if len(r.Warm) == 0 {
		return 0
	}
	times := make([]float64, 0, len(r.Warm))
	for _, c := range r.Warm {
		times = append(times, c.Seconds)
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// openScene is the scene without faults that sc is measured by: with TLS there
// are more exchanges, and some servers are slower than others.
func (sc *scene) openScene() string {
	if sc.like != "" {
		return sc.like
	}
	if sc.tls {
		return "open-tls"
	}
	return "open"
}

// warmTries is how often listings from memory are measured where they took too
// long: first among other scenes, then one scene after the other, when nothing
// else of the lab keeps the computer busy.
const warmTries = 3

// checkWarm compares the listings from memory with those of the open scenes.
func checkWarm(ctx context.Context, t *testing.T, results map[string]*result, cli string) {
	t.Helper()
	for _, sc := range scenes() {
		r, base := results[sc.name], results[sc.openScene()]
		if r == nil || base == nil || base.warm() == 0 || sc.name == sc.openScene() {
			continue
		}
		for try := 2; r.warm() > warmest(base) && try <= warmTries; try++ {
			t.Logf("%s: a listing from memory takes %.3f s, in the open scene %.3f s; measuring both again", sc.name, r.warm(), base.warm())
			base = perform(ctx, t, sceneNamed(sc.openScene()), cli, onlyVar+"="+onlyWarm)
			r.Warm = perform(ctx, t, &sc, cli, onlyVar+"="+onlyWarm).Warm
		}
		if r.warm() > warmest(base) {
			t.Errorf("%s: a listing from memory takes %.3f s, want at most %.3f s (%.1f × the open scene and %.0f ms)",
				sc.name, r.warm(), warmest(base), warmFactor, warmNoise*1000)
		}
	}
}

// warmest is the most that a listing from memory may take, where those of the open
// scene took what is in base.
func warmest(base *result) float64 { return warmFactor*base.warm() + warmNoise }
