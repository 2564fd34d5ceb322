package client

import (
	"context"
	"slices"
	"strings"
)

// Features are the lines of the reply to FEAT (RFC 2389, 3.2), by verb.
type Features struct {
	lines []string
	param map[string]string
}

// parseFeatures reads the lines between the first and the last of a 211 reply.
// Servers that forget the blank before a feature, or give all in one line, are
// understood.
func parseFeatures(rep Reply) Features {
	f := Features{param: map[string]string{}}
	lines := rep.Lines
	if len(lines) > 2 {
		lines = lines[1 : len(lines)-1]
	} else if len(lines) == 2 {
		lines = lines[:1]
	}
	for _, l := range lines {
		l = strings.TrimSpace(l)
		if l == "" || len(l) > 512 {
			continue
		}
		verb, param, _ := strings.Cut(l, " ")
		verb = strings.ToUpper(verb)
		if _, again := f.param[verb]; again {
			f.param[verb] += ";" + param
		} else {
			f.param[verb] = param
		}
		f.lines = append(f.lines, l)
	}
	return f
}

// Has reports whether the server lists verb.
func (f Features) Has(verb string) bool {
	_, ok := f.param[strings.ToUpper(verb)]
	return ok
}

// Param returns what follows verb on its line.
func (f Features) Param(verb string) string { return f.param[strings.ToUpper(verb)] }

// Lines returns the features as the server wrote them.
func (f Features) Lines() []string { return slices.Clone(f.lines) }

// clientName is what the server is told of the client where it lists CLNT.
const clientName = "Portside"

// feat asks for the features. A server without FEAT has none.
func (s *Session) feat(ctx context.Context) (Features, error) {
	rep, err := s.gate.Ask(ctx, "FEAT", "")
	if err != nil {
		return Features{}, err
	}
	if rep.Class() != 2 {
		return Features{}, nil
	}
	return parseFeatures(rep), nil
}

// earlyFeatures asks before the login, when the server may say what it wants to
// hear then, and names the client where that is offered.
func (s *Session) earlyFeatures(ctx context.Context) error {
	f, err := s.feat(ctx)
	if err != nil {
		return err
	}
	s.early = f
	if s.info.FellBackToPlain && strings.Contains(f.Param("AUTH"), "TLS") {
		s.note("the server lists AUTH TLS and refused it all the same")
	}
	if f.Has("CLNT") {
		_, err = s.ctl.Cmd(ctx, "CLNT", clientName)
	}
	return err
}

// loginFeatures asks again after the login, where the answer is not known: servers
// answer then what they did not before (RFC 2389, 3). It says whether OPTS UTF8 is to
// be sent.
func (s *Session) loginFeatures(ctx context.Context, w *welcome) (utf8 bool, err error) {
	if err = s.sayAfterLogin(ctx); err != nil {
		return false, err
	}
	if w.ahead {
		if err = s.together(ctx, w); err != nil {
			return false, err
		}
	}
	f := featuresOf(w.Features)
	if !w.known {
		if f, err = s.feat(ctx); err != nil {
			return false, err
		}
	}
	if len(f.lines) == 0 {
		f = s.early
	}
	s.mu.Lock()
	s.features = f
	s.info.OffersTLS = s.offersTLS(f)
	s.mu.Unlock()
	if f.Has("CLNT") && !s.early.Has("CLNT") {
		rep, err := s.gate.Ask(ctx, "CLNT", clientName)
		if err != nil {
			return false, err
		}
		w.judge(rep)
	}
	if facts := factsToChoose(f); facts != "" {
		rep, err := s.gate.Ask(ctx, "OPTS", facts)
		if err != nil {
			return false, err
		}
		w.judge(rep)
	}
	return s.wantsUTF8(f), nil
}

// offersTLS reports whether a plain session could be a protected one: the server lists
// AUTH TLS (RFC 4217, 6), and has not refused it. What an FTP proxy has in its own name
// is not known after the login.
func (s *Session) offersTLS(f Features) bool {
	return s.ctl.TLS() == nil && !s.info.FellBackToPlain && s.opt.Proxy.Kind != ProxyFTP && strings.Contains(strings.ToUpper(f.Param("AUTH")), "TLS")
}

// wantsUTF8 reports whether OPTS UTF8 is to be sent.
func (s *Session) wantsUTF8(f Features) bool { return f.Has("UTF8") && s.charset.enc == nil }

// wantedFacts are the facts of MLSD that Portside shows.
var wantedFacts = []string{"type", "size", "modify", "unix.mode", "unix.owner", "unix.group", "unix.ownername", "unix.groupname"}

// factsToChoose is the argument of OPTS that switches on the facts which the server has
// and does not send of its own accord (RFC 3659, 7.9); "" where there are none.
func factsToChoose(f Features) string {
	have := f.Param("MLST")
	if have == "" {
		return ""
	}
	var on []string
	missing := false
	for fact := range strings.SplitSeq(have, ";") {
		name, starred := strings.CutSuffix(strings.TrimSpace(fact), "*")
		if name == "" {
			continue
		}
		wanted := slices.Contains(wantedFacts, strings.ToLower(name))
		if starred || wanted {
			on = append(on, name)
		}
		missing = missing || wanted && !starred
	}
	if !missing {
		return ""
	}
	return "MLST " + strings.Join(on, ";") + ";"
}
