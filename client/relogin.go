package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"portside/client/internal/gateway"
	"portside/client/internal/pi"
	"portside/client/modes"
)

// A welcome is what is known of a server when a login to it begins. A server that is
// not known is asked for everything, one command after the other.
type welcome struct {
	modes.Login      // what it said when the user logged in before
	known       bool // Login has been said
	ahead       bool // it takes commands that are sent together
	refused     bool // it does not know a command that it lists
}

// welcome looks up what is known, when it is known whether the connection is protected:
// nothing that was said in plain is believed of a protected connection.
func (s *Session) welcome() *welcome {
	s.settleKey()
	w := &welcome{ahead: s.opt.Memory.LogsInAhead(s.key, s.opt.Now())}
	w.Login, w.known = s.opt.Memory.Login(s.key, s.identity(), s.opt.Now())
	return w
}

// identity is for whom a server says what it says at a login: the user, and all that the
// connection was made with. What another certificate said, or what was said to another
// client certificate or through another proxy, is not believed.
func (s *Session) identity() string {
	parts := []string{s.opt.User, s.opt.Account, strings.Join(s.opt.AfterLogin, "\n"), s.opt.Proxy.User, s.opt.Proxy.Form.String()}
	if st := s.ctl.TLS(); st != nil && leafOf(st) != nil {
		parts = append(parts, Fingerprint(leafOf(st)))
	}
	for _, c := range s.opt.Certificates {
		if len(c.Certificate) > 0 {
			sum := sha256.Sum256(c.Certificate[0])
			parts = append(parts, hex.EncodeToString(sum[:]))
		}
	}
	return strings.Join(parts, "\x00")
}

// together sends what stands between the login and the working directory in one write.
// What the server lists is known, or taken from what it said before the login.
func (s *Session) together(ctx context.Context, w *welcome) error {
	guess := s.early
	var cmds []pi.Command
	if w.known {
		guess = featuresOf(w.Features)
	} else {
		cmds = append(cmds, pi.Command{Verb: "FEAT"})
	}
	if w.known && guess.Has("CLNT") {
		cmds = append(cmds, pi.Command{Verb: "CLNT", Arg: clientName})
	}
	if facts := factsToChoose(guess); facts != "" {
		cmds = append(cmds, pi.Command{Verb: "OPTS", Arg: facts})
	}
	cmds = append(cmds, pi.Command{Verb: "TYPE", Arg: "I"})
	if s.wantsUTF8(guess) {
		cmds = append(cmds, pi.Command{Verb: "OPTS", Arg: "UTF8 ON"})
	}
	if s.ctl.TLS() != nil {
		cmds = append(cmds, pi.Command{Verb: "PBSZ", Arg: "0"}, pi.Command{Verb: "PROT", Arg: "P"})
	}
	if !w.known {
		cmds = append(cmds, pi.Command{Verb: "SYST"})
	}
	// PWD is the last: its reply has a code of its own, and shows whether all came in turn.
	cmds = append(cmds, pi.Command{Verb: "PWD"})
	replies, err := s.gate.Together(ctx, cmds...)
	if err != nil {
		s.wentWrong(ctx, err)
		return err
	}
	for i, rep := range replies {
		if cmds[i].Verb != "SYST" && cmds[i].Verb != "PWD" {
			w.judge(rep)
		}
	}
	return nil
}

// wentWrong sees to it that the next login is plain.
func (s *Session) wentWrong(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	s.opt.Memory.ForgetLogin(s.key, s.identity())
	s.opt.Memory.LogInPlainly(s.key, s.opt.Now())
	var odd *gateway.OddError
	if errors.As(err, &odd) && odd.Turn {
		s.learnedAhead(false, err.Error())
	}
}

// judge notes where a command is unknown to a server that lists it.
func (w *welcome) judge(rep Reply) {
	if rep.Code == 500 || rep.Code == 502 {
		w.refused = true
	}
}

// welcomed keeps what a login has shown for the next one.
func (s *Session) welcomed(w *welcome) {
	s.gate.Unkeep()
	switch {
	case w.refused:
		s.opt.Memory.ForgetLogin(s.key, s.identity())
	case !w.known && len(s.features.lines) > 0:
		s.opt.Memory.LoggedIn(s.key, s.identity(), modes.Login{Features: s.features.lines, System: s.info.System}, s.opt.Now())
	}
}

// featuresOf is Features of the lines that Lines returns.
func featuresOf(lines []string) Features {
	framed := append([]string{""}, lines...)
	return parseFeatures(Reply{Lines: append(framed, "")})
}
