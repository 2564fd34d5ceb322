package client

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"portside/client/internal/pi"
)

// An AfterLoginError says why a command cannot be one of Options.AfterLogin.
type AfterLoginError struct {
	Verb string // printable; never the argument
	What string // a clause
}

// Error names the verb and says what is wrong.
func (e *AfterLoginError) Error() string {
	if e.Verb == "" {
		return "a command after the login " + e.What
	}
	return fmt.Sprintf("the command %s cannot be sent after the login: %s", e.Verb, e.What)
}

// The verbs that cannot be sent after a login, by what they would upset.
var (
	dataVerbs  = []string{"PORT", "EPRT", "LPRT", "PASV", "EPSV", "LPSV", "SPSV", "CPSV", "SSCN", "LIST", "NLST", "MLSD", "RETR", "STOR", "STOU", "APPE", "ABOR"}
	stateVerbs = []string{"TYPE", "MODE", "STRU", "REST"}
	loginVerbs = []string{"USER", "PASS", "ACCT", "REIN", "QUIT", "AUTH", "ADAT", "PBSZ", "PROT", "CCC", "MIC", "CONF", "ENC"}
)

// CheckAfterLogin reports whether line can be one of Options.AfterLogin: a command of its
// own, which opens no data connection and changes neither the login nor its protection. Its
// errors are *AfterLoginError.
func CheckAfterLogin(line string) error {
	if strings.ContainsAny(line, "\r\n\x00") {
		return &AfterLoginError{What: "holds a line break or a NUL"}
	}
	cmd := afterLoginCommand(line)
	bad := func(what string) error { return &AfterLoginError{Verb: Printable(cmd.Verb), What: what} }
	switch {
	case cmd.Verb == "":
		return &AfterLoginError{What: "is empty"}
	case !isVerb(cmd.Verb):
		return &AfterLoginError{What: "does not begin with a word of letters, such as SITE"}
	case slices.Contains(dataVerbs, cmd.Verb):
		return bad("it belongs to a data connection, which nothing waits for there")
	case slices.Contains(stateVerbs, cmd.Verb):
		return bad("how files are sent is chosen for each transfer")
	case slices.Contains(loginVerbs, cmd.Verb):
		return bad("it changes or ends the login or its protection")
	}
	return nil
}

// maxVerb is the longest word that is taken for a verb.
const maxVerb = 16

func isVerb(s string) bool {
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != "" && len(s) <= maxVerb
}

// afterLoginCommand takes a line apart.
func afterLoginCommand(line string) pi.Command {
	verb, arg, _ := strings.Cut(strings.Trim(line, " \t"), " ")
	return pi.Command{Verb: strings.ToUpper(verb), Arg: arg}
}

// sayAfterLogin sends the commands of Options.AfterLogin, right behind the login: what they
// change, such as the working directory, is then found as it is. Only the loss of the
// connection is an error.
func (s *Session) sayAfterLogin(ctx context.Context) error {
	for _, line := range s.opt.AfterLogin {
		raw, err := s.charset.encode(line)
		if err != nil {
			return err
		}
		cmd := afterLoginCommand(raw)
		rep, err := s.ctl.Cmd(ctx, cmd.Verb, cmd.Arg)
		for err == nil && rep.Class() == 1 {
			rep, err = s.ctl.Read(ctx, "the reply to "+cmd.Verb)
		}
		switch {
		case err != nil:
			return err
		case rep.Code == 421:
			return &ReplyError{Verb: cmd.Verb, Reply: rep}
		case rep.Class() < 4:
			continue
		}
		refused := Refused{Command: Printable(s.ctl.Masked(cmd)), Reply: s.ctl.MaskReply(rep)}
		s.note("the server refused %s, which this site sends after the login; going on", refused.Command)
		s.mu.Lock()
		s.info.AfterLogin = append(s.info.AfterLogin, refused)
		s.mu.Unlock()
	}
	return nil
}
