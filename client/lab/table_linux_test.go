package lab

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"portside/client/diagnose"
)

// tableVar names a file for the tables; without it they go to standard output.
const tableVar = "PORTSIDE_LAB_TABLES"

// printTables prints what was found in the scenes and what diagnose made of it.
func printTables(results map[string]*result, took time.Duration) error {
	var b strings.Builder
	if err := wayTable(&b, results); err != nil {
		return err
	}
	if err := verdictTable(&b, results); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\n%d scenes in %.0f s; round trip %d ms; warm is the median of %d listings\n",
		len(results), took.Seconds(), 2*wireDelay.Milliseconds(), warmRuns)
	if name := os.Getenv(tableVar); name != "" {
		return os.WriteFile(name, []byte(b.String()), 0o644)
	}
	_, err := fmt.Print(b.String())
	return err
}

// wayTable prints scene × (method found, seconds cold, seconds warm, ls, get, put).
func wayTable(to io.Writer, results map[string]*result) error {
	fmt.Fprint(to, "\nAuto, no option given\n\n")
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "scene\twhat is in the way\tEPSV PASV EPRT PORT\tfound\tcold s\twarm s\tls\tget\tput\tactive by choice\tnetwork changed")
	for _, sc := range scenes() {
		r := results[sc.name]
		if r == nil {
			continue
		}
		method, warm := r.Cold.Method, fmt.Sprintf("%.3f", r.warm())
		if method == "" {
			method = "none"
		}
		if r.warm() == 0 {
			warm = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.2f\t%s\t%s\t%s\t%s\t%s\t%s\n", sc.name, sc.about, strings.Join(sc.truth.ways[:], " "), method,
			r.Cold.Seconds, warm, went(r.Cold), went(r.Get), went(r.Put), short(r.Active), short(r.Later))
	}
	return w.Flush()
}

func went(c call) string {
	switch {
	case len(c.Args) == 0:
		return "-"
	case c.ok():
		return "ok"
	default:
		return fmt.Sprintf("exit %d", c.Exit)
	}
}

// short says how a listing went that not every scene has.
func short(c *call) string {
	switch {
	case c == nil:
		return "-"
	case c.ok():
		return fmt.Sprintf("%s %.2f s", c.Method, c.Seconds)
	default:
		return fmt.Sprintf("told in %.1f s", c.Seconds)
	}
}

// verdictTable prints scene × (verdicts, truth, right or wrong).
func verdictTable(to io.Writer, results map[string]*result) error {
	fmt.Fprint(to, "\nDiagnosis\n\n")
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "scene\ttruth\tdiagnose says\tseconds\texit\t")
	for _, sc := range scenes() {
		r := results[sc.name]
		if r == nil {
			continue
		}
		judged := "right"
		if len(r.verdictErrors(&sc)) > 0 {
			judged = "WRONG"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.1f\t%d\t%s\n", sc.name, truths(&sc), codes(r.Report), r.Judged.Seconds, r.Judged.Exit, judged)
	}
	return w.Flush()
}

// truths lists the verdicts that have to be said.
func truths(sc *scene) string {
	list := slices.Clone(sc.truth.must)
	if len(sc.truth.either) > 0 {
		list = append(list, strings.Join(sc.truth.either, "|"))
	}
	return strings.Join(list, " ")
}

// codes lists the verdicts of a report, with a letter for their severity.
func codes(r *diagnose.Report) string {
	if r == nil {
		return "no report"
	}
	var list []string
	for _, v := range r.Verdicts {
		list = append(list, v.Code+"("+v.Severity.String()[:1]+")")
	}
	return strings.Join(list, " ")
}
