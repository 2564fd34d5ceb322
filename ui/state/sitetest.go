package state

import (
	"slices"
	"strings"

	"portside/client"
	"portside/client/diagnose"
)

// SiteVerdict sums up the short diagnosis of a site: how grave it is, the verdict,
// and below it which methods work and how the session is protected.
func SiteVerdict(r *diagnose.Report) (s diagnose.Severity, headline, more string) {
	s, headline, next := DiagnosisHeadline(r)
	if s == diagnose.OK {
		headline = "The connection works."
		if len(r.Verdicts) == 0 || r.Verdicts[0].Severity < diagnose.Note {
			next = ""
		}
	}
	parts := []string{}
	if next != "" {
		parts = append(parts, next)
	}
	if r.Error == "" {
		parts = append(parts, siteMethods(r), siteTLS(r))
	}
	if r.Server.Software != "" {
		parts = append(parts, "Server: "+client.Printable(r.Server.Software)+".")
	}
	return s, headline, strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
}

// siteMethods says which methods work, and which do not.
func siteMethods(r *diagnose.Report) string {
	var works, fails []string
	for _, m := range []string{"EPSV", "PASV", "EPRT", "PORT"} {
		result := diagnose.Unknown
		for _, a := range r.Methods {
			if a.Method == m && a.At == "" && result != diagnose.Works && a.Result != diagnose.Unknown {
				result = a.Result
			}
		}
		switch result {
		case diagnose.Works:
			works = append(works, m)
		case diagnose.Fails:
			fails = append(fails, m)
		}
	}
	switch {
	case len(works) == 0 && len(fails) == 0:
		return ""
	case len(fails) == 0:
		return "These work: " + strings.Join(works, ", ") + "."
	case len(works) == 0:
		return "None of these works: " + strings.Join(fails, ", ") + "."
	}
	return "These work: " + strings.Join(works, ", ") + "; these do not: " + strings.Join(fails, ", ") + "."
}

func siteTLS(r *diagnose.Report) string {
	if r.TLS == nil {
		return "The connection is not encrypted."
	}
	return "Encrypted with " + client.Printable(r.TLS.Version) + "."
}
