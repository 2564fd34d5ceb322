package state

import (
	"crypto/tls"
	"strings"
	"time"

	"portside/client"
	"portside/client/modes"
)

// A NetworkRow is what is remembered of one server in one network, for people.
type NetworkRow struct {
	Key     modes.Key
	Server  string // "ftp.example.org:21", with "plain" where nothing is encrypted
	Network string
	Works   string // "passive EPSV, 14 times, last 2 days ago"
	Failed  string // "active EPRT, PORT, 3 hours ago"; "" where nothing is known to fail
}

// NetworkRows puts entries of the memory into words.
func NetworkRows(entries []modes.Entry, now time.Time) []NetworkRow {
	var rows []NetworkRow
	for _, e := range entries {
		r := NetworkRow{
			Key: e.Key, Server: client.Printable(e.Server), Network: NetworkText(e.Network),
			Works: RememberedText(e.Record, now), Failed: FailedText(e.Record, now),
		}
		if !e.TLS {
			r.Server += ", plain"
		}
		rows = append(rows, r)
	}
	return rows
}

// NetworkText names a network by its fingerprint.
func NetworkText(fingerprint string) string {
	switch fingerprint {
	case "loopback":
		return "this computer itself"
	case "", "unknown":
		return "an unknown network"
	}
	return client.Printable(fingerprint)
}

// RememberedText says which methods are remembered to work: "passive EPSV, 14
// times, last 2 days ago".
func RememberedText(rec modes.Record, now time.Time) string {
	var parts []string
	for _, o := range rec.Methods {
		if !o.Works(now) {
			continue
		}
		often := "once, "
		if o.Successes > 1 {
			often = Count(int64(o.Successes)) + " times, last "
		}
		parts = append(parts, MethodText(o.Method, client.Auto)+", "+often+AgeText(o.Worked, now))
	}
	if rec.TLSBound(now) == tls.VersionTLS12 {
		parts = append(parts, "TLS 1.2 only")
	}
	return strings.Join(parts, "; ")
}

// FailedText says which methods are remembered to fail.
func FailedText(rec modes.Record, now time.Time) string {
	var parts []string
	for _, o := range rec.Methods {
		if !o.Fails(now) {
			continue
		}
		s := MethodText(o.Method, client.Auto) + ", " + AgeText(o.Failed, now)
		if o.Reason != "" {
			s += ": " + client.Printable(o.Reason)
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}

// AgeText says how long ago something was: "just now", "5 minutes ago".
func AgeText(then, now time.Time) string {
	age := now.Sub(then)
	ago := func(n int, one, many string) string { return Counted(n, one, many) + " ago" }
	switch {
	case age < time.Minute:
		return "just now"
	case age < time.Hour:
		return ago(int(age.Minutes()), "minute", "minutes")
	case age < 48*time.Hour:
		return ago(int(age.Hours()), "hour", "hours")
	default:
		return ago(int(age.Hours()/24), "day", "days")
	}
}
