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

// feat asks for the features. A server without FEAT has none.
func (s *Session) feat(ctx context.Context) (Features, error) {
	rep, err := s.ctl.Cmd(ctx, "FEAT", "")
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
		_, err = s.ctl.Cmd(ctx, "CLNT", "Portside")
	}
	return err
}

// loginFeatures asks again after the login: servers answer then what they did
// not before (RFC 2389, 3). It says whether OPTS UTF8 is to be sent.
func (s *Session) loginFeatures(ctx context.Context) (utf8 bool, err error) {
	f, err := s.feat(ctx)
	if err != nil {
		return false, err
	}
	if len(f.lines) == 0 {
		f = s.early
	}
	s.mu.Lock()
	s.features = f
	s.mu.Unlock()
	if f.Has("CLNT") && !s.early.Has("CLNT") {
		if _, err = s.ctl.Cmd(ctx, "CLNT", "Portside"); err != nil {
			return false, err
		}
	}
	if err = s.chooseFacts(ctx, f); err != nil {
		return false, err
	}
	return f.Has("UTF8") && s.charset.enc == nil, nil
}

// wantedFacts are the facts of MLSD that Portside shows.
var wantedFacts = []string{"type", "size", "modify", "unix.mode", "unix.owner", "unix.group", "unix.ownername", "unix.groupname"}

// chooseFacts switches on the facts that the server has and does not send of
// its own accord (RFC 3659, 7.9).
func (s *Session) chooseFacts(ctx context.Context, f Features) error {
	have := f.Param("MLST")
	if have == "" {
		return nil
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
		return nil
	}
	_, err := s.ctl.Cmd(ctx, "OPTS", "MLST "+strings.Join(on, ";")+";")
	return err
}
