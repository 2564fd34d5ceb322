package state

import (
	"strings"

	"portside/client"
	"portside/client/diagnose"
)

// Known is what is known about the two directions of data connections, beside
// the method in use.
type Known struct {
	Passive, Active diagnose.Result
}

// KnownMethods sums up what a diagnosis found about the directions.
func KnownMethods(r *diagnose.Report) Known {
	var k Known
	for _, a := range r.Methods {
		to := &k.Passive
		if a.Method == "EPRT" || a.Method == "PORT" {
			to = &k.Active
		}
		if *to != diagnose.Works && a.Result != diagnose.Unknown {
			*to = a.Result
		}
	}
	return k
}

// ChipText says in a few words how a session talks: "TLS 1.3 · passive EPSV ·
// active blocked". known adds what the session itself has not tried.
func ChipText(info client.Info, mode client.ConnMode, known Known) string {
	security := "plain"
	if info.TLS != nil {
		security = info.TLS.Version
	}
	parts := []string{security, MethodText(info.Method, mode)}
	if s := blockedText(info, mode, known); s != "" {
		parts = append(parts, s)
	}
	return strings.Join(parts, " · ")
}

// MethodText names the method of the last data connection, or what will be tried
// where there was none yet.
func MethodText(m client.Method, mode client.ConnMode) string {
	switch m {
	case client.MethodEPSV, client.MethodPASV:
		return "passive " + m.String()
	case client.MethodEPRT, client.MethodPORT:
		return "active " + m.String()
	case client.MethodNone:
	}
	switch mode {
	case client.Active:
		return "active"
	case client.EPRT, client.PORT:
		return "active " + strings.ToUpper(mode.String())
	case client.EPSV, client.PASV:
		return "passive " + strings.ToUpper(mode.String())
	case client.Auto, client.Passive:
	}
	return "passive"
}

// blockedText names what does not work: a direction, or EPSV where PASV passes.
func blockedText(info client.Info, mode client.ConnMode, known Known) string {
	failed := map[client.Method]bool{}
	for _, f := range info.Failed {
		failed[f.Method] = true
	}
	passive := failed[client.MethodEPSV] && failed[client.MethodPASV] || known.Passive == diagnose.Fails
	active := failed[client.MethodEPRT] || failed[client.MethodPORT] || known.Active == diagnose.Fails
	inUse := info.Method
	if inUse == client.MethodNone {
		wanted := mode == client.Active || mode == client.EPRT || mode == client.PORT
		switch {
		case passive && active:
			return "both ways blocked"
		case wanted && active, !wanted && passive:
			return "blocked"
		case active:
			return "active blocked"
		case passive:
			return "passive blocked"
		}
		return ""
	}
	switch {
	case !inUse.Active() && active:
		return "active blocked"
	case inUse.Active() && (passive || failed[client.MethodEPSV] && known.Passive != diagnose.Works):
		return "passive blocked"
	case failed[client.MethodEPSV] && inUse != client.MethodEPSV:
		return "EPSV blocked"
	}
	return ""
}
